"""A release: asked for, advised on, decided by three people; what went out is taken back with a notice."""

from __future__ import annotations

import json

import pytest

from pipelines import accounts, ledger, release_bundle, release_door, release_record, releases, signatures
from pipelines.errors import InputError
from tests.pipelines.release_builders import PASSPHRASE, cheap_argon2, everybody, two_files, workspace


@pytest.fixture
def people(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    cheap_argon2(monkeypatch)
    two_files(monkeypatch)
    return everybody()


@pytest.fixture
def here(tmp_path, people):
    return workspace(tmp_path / "ws")


def asked(here, people, **more):
    return releases.request(here, people["anna"], kind="report", receiver="Alle", **more)


def refused(key, call, *arguments, **named):
    with pytest.raises(InputError) as error:
        call(*arguments, **named)
    assert error.value.key == key


def test_the_whole_way_of_a_release(here, people):
    made = asked(here, people, reason="Til udvalget")
    assert (made.id, made.state) == ("U-" + made.manifest.made[:4] + "-01", "requested")
    assert not (here / "outbox").exists()
    releases.statement(here, made.id, people["dorte"], says="remarks", reason="Skriv datoen")
    done = releases.approve(here, made.id, people["britt"])
    assert done.state == "approved"
    out = here / "outbox" / made.id
    for name, _, _ in done.manifest.files:
        assert (out / name).read_bytes() == (done.folder / "files" / name).read_bytes()
    assert "Skriv datoen" in (out / "AFGOERELSE.txt").read_text()
    assert "Dorte" in (out / "DECISION.txt").read_text()
    lines = [line.body for line in ledger.read(here) if line.body["action"].startswith("release.")]
    assert [(line["action"], line["role"]) for line in lines] == [
        ("release.request", "analyst"),
        ("release.statement", "dpo"),
        ("release.approve", "decider"),
    ]
    assert {line["object"]["sha256"] for line in lines} == {done.manifest.sha256}


def test_against_advice_the_answer_is_written_printed_and_kept(here, people):
    made = asked(here, people)
    releases.statement(here, made.id, people["dorte"], says="advised_against", reason="For tidligt")
    refused("release_no_answer", releases.approve, here, made.id, people["britt"])
    refused("release_no_answer", releases.approve, here, made.id, people["britt"], reason="   ")
    releases.approve(here, made.id, people["britt"], reason="Høringen er slut")
    for name in ("AFGOERELSE.txt", "DECISION.txt"):
        text = (here / "outbox" / made.id / name).read_text()
        assert "For tidligt" in text
        assert "Høringen er slut" in text


def test_a_statement_with_something_to_say_says_it(here, people):
    made = asked(here, people)
    for says in ("remarks", "advised_against"):
        refused("release_reason_missing", releases.statement, here, made.id, people["dorte"], says=says)
    refused("release_statement", releases.statement, here, made.id, people["dorte"], says="fine")


def test_without_a_statement_only_where_the_study_says_so(tmp_path, here, people):
    made = asked(here, people)
    refused("release_no_statement", releases.approve, here, made.id, people["britt"])
    loose = workspace(tmp_path / "loose", more="statement_required = false\n")
    free = releases.request(loose, people["anna"], kind="report", receiver="Alle")
    assert releases.approve(loose, free.id, people["britt"]).state == "approved"


def test_a_study_loosened_after_the_request_opens_nothing(here, people):
    made = asked(here, people)
    workspace(here, more="statement_required = false\n")
    refused("release_no_statement", releases.approve, here, made.id, people["britt"])


@pytest.mark.parametrize("act", [releases.return_, releases.reject])
def test_a_decision_against_needs_its_reason_and_ends_it(here, people, act):
    made = asked(here, people)
    refused("release_reason_missing", act, here, made.id, people["britt"], reason="")
    act(here, made.id, people["britt"], reason="Hvem er modtageren?")
    refused("release_decided", releases.approve, here, made.id, people["bo"])
    assert not (here / "outbox").exists()


def test_a_returned_release_is_followed_by_a_new_one(here, people):
    made = asked(here, people)
    refused("release_follows", asked, here, people, follows=made.id)
    releases.return_(here, made.id, people["britt"], reason="Hvem?")
    again = asked(here, people, follows=made.id)
    assert again.manifest.follows == made.id
    assert again.manifest.previous == made.manifest.sha256


def test_withdrawn_after_it_went_out_leaves_a_notice_and_a_line(here, people):
    made = _out(here, people)
    refused("release_withdraw_who", releases.withdraw, here, made.id, people["anna"], reason="x")
    refused("release_withdraw_who", releases.withdraw, here, made.id, people["dorte"], reason="x")
    releases.withdraw(here, made.id, people["bo"], reason="En fil var forkert")
    left = {path.name for path in (here / "outbox" / made.id).iterdir()}
    assert left == {"TRUKKET_TILBAGE.txt", "WITHDRAWN.txt", "manifest.json", "acts"}
    line = release_record.notices(here)[0]
    assert made.id in line.da
    assert "En fil var forkert" in line.da
    assert made.id in line.en


def test_withdrawn_by_the_one_who_asked_while_nobody_has_decided(here, people):
    made = asked(here, people)
    refused("release_withdraw_who", releases.withdraw, here, made.id, people["asger"], reason="x")
    refused("release_withdraw_who", releases.withdraw, here, made.id, people["britt"], reason="x")
    assert releases.withdraw(here, made.id, people["anna"], reason="Fejl").state == "withdrawn"
    assert not (here / "outbox").exists()
    assert release_record.notices(here) == ()


def test_a_correction_gives_the_old_one_a_notice_and_a_line(here, people):
    made = _out(here, people)
    newer = asked(here, people, corrects=made.id, reason="Tallet i tabel 2")
    assert release_record.notices(here) == ()  # not before it is approved
    releases.statement(here, newer.id, people["dorte"], says="none")
    releases.approve(here, newer.id, people["britt"])
    assert newer.id in (here / "outbox" / made.id / "RETTET.txt").read_text()
    assert newer.id in release_record.notices(here)[0].en


def test_a_crash_between_signature_and_outbox_is_mended_by_asking_again(here, people, monkeypatch):
    made = asked(here, people)
    releases.statement(here, made.id, people["dorte"], says="none")
    with monkeypatch.context() as broken:
        broken.setattr(release_door, "_swap_in", lambda *a, **b: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            releases.approve(here, made.id, people["britt"])
    assert not (here / "outbox" / made.id).exists()
    releases.approve(here, made.id, people["britt"])
    assert (here / "outbox" / made.id / "rapport.html").is_file()
    acts = [line.body["action"] for line in ledger.read(here)]
    assert acts.count("release.approve") == 1


def test_a_failed_control_stops_every_approval(here, people):
    made = asked(here, people)
    releases.statement(here, made.id, people["dorte"], says="none")
    (here / "outbox").mkdir()
    (here / "outbox" / "stray.csv").write_text("a")
    refused("release_control", releases.approve, here, made.id, people["britt"])


def test_words_that_name_a_citizen_are_refused(here, people):
    living = "0101" + "50" + "1234"
    refused("release_names_somebody", asked, here, people, reason=f"om {living}")
    made = asked(here, people)
    refused("release_names_somebody", releases.statement, here, made.id, people["dorte"], says="remarks", reason=living)


def test_a_dpo_elsewhere_states_on_a_bundle_and_it_is_taken_in(here, people, tmp_path, monkeypatch):
    made = asked(here, people)
    bundle = release_bundle.pack(here, made.id, tmp_path / "u.zip")
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "elsewhere"))
    accounts.add("ekstern", name="Ekstern DPO", role="dpo", passphrase=PASSPHRASE)
    public = accounts.public_document("ekstern")
    signer = accounts.unlock("ekstern", PASSPHRASE, demo=False)
    answer = release_bundle.state_on_bundle(
        bundle, signer, release_id=made.id, says="remarks", reason="Godt", dictionary_seen=False
    )
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    act = release_bundle.read_statement(answer)
    refused("user_unknown", releases.take_statement, here, made.id, act)
    accounts.add_public(public, role="reader")
    refused("release_foreign_statement", releases.take_statement, here, made.id, act)
    accounts.set_role("ekstern", "dpo")
    assert releases.take_statement(here, made.id, act).state == "requested"
    refused("release_foreign_statement", releases.take_statement, here, made.id, act)  # not twice
    assert releases.approve(here, made.id, people["britt"]).state == "approved"


@pytest.mark.parametrize("study", ["another", ""])
def test_a_statement_on_another_study_is_not_taken_in(here, people, study):
    made = asked(here, people)
    facts = {
        "act": "statement", "release": made.id, "manifest_sha256": made.manifest.sha256, "dictionary_seen": 1,
        "previous": made.acts[-1].sha256, "at": made.acts[-1].at, "reason": "", "statement": "none",
    }  # fmt: skip
    foreign = signatures.sign(people["dorte"], study=study, **facts)
    refused("release_foreign_statement", releases.take_statement, here, made.id, foreign)
    assert releases.read_release(here, made.id).state == "requested"
    right = signatures.sign(people["dorte"], study=made.manifest.study, **facts)
    assert releases.take_statement(here, made.id, right).statement == right


def test_who_asked_cannot_state_as_a_dpo_afterwards(here, people):
    made = asked(here, people)
    accounts.set_role("anna", "dpo")
    turned = accounts.unlock("anna", PASSPHRASE, demo=False)
    own = signatures.sign(
        turned, act="statement", study=made.manifest.study, release=made.id, manifest_sha256=made.manifest.sha256,
        previous=made.acts[-1].sha256, at=made.acts[-1].at, reason="", statement="none", dictionary_seen=1,
    )  # fmt: skip
    refused("release_same_person", releases.take_statement, here, made.id, own)


def test_a_bundle_with_a_changed_file_is_not_signed(here, people, tmp_path):
    made = asked(here, people)
    bundle = release_bundle.pack(here, made.id, tmp_path / "u.zip")
    import zipfile

    other = tmp_path / "other.zip"
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data + b" " if name.endswith("fund.json") else data)
    for path in (other, here / "study.toml"):
        with pytest.raises(InputError) as error:
            release_bundle.unpack(path)
        assert error.value.key == "release_bundle"


def test_a_package_needs_a_dictionary_that_was_seen(here, people):
    made = releases.request(here, people["anna"], kind="package", receiver="Leverandør A")
    refused("release_dictionary", releases.statement, here, made.id, people["dorte"], says="none")
    releases.statement(here, made.id, people["dorte"], says="none", dictionary_seen=True)
    assert releases.approve(here, made.id, people["britt"]).state == "approved"


def test_the_names_of_people_stand_in_no_manifest(here, people):
    made = asked(here, people)
    text = json.dumps(json.loads((made.folder / "manifest.json").read_text()))
    assert "Anna" not in text
    assert "anna" not in text


def _out(here, people):
    made = asked(here, people)
    releases.statement(here, made.id, people["dorte"], says="none")
    return releases.approve(here, made.id, people["britt"])
