"""The log's names are deleted on time, and all that it proved stays proved: by a second chain that names nobody."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import attempts, audit, ledger, ledger_deletion, ledger_evidence, ledger_heads, witness
from pipelines.audit_bundle import pack, verify_bundle
from pipelines.errors import InputError
from reports.catalogue import Language

START = datetime(2024, 1, 10, 12, tzinfo=UTC)
STAFF = ("anders.and", "bodil.berg", "carl.carlsen", "dorte.dam")
DAYS = 365
ACTIONS = ("read", "attempt", "ingest", "release.approve", "analyse", "run.end")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))


def event(number: int, at: datetime, action: str | None = None) -> ledger.Event:
    chosen = action or ACTIONS[number % len(ACTIONS)]
    return ledger.Event(
        at=at, action=chosen, study="s", purpose="p", basis="b", role="analyst",
        leads=1 if chosen == "attempt" else None,
        object_sha256=sha256(str(number).encode()).hexdigest(), subject="a1" if chosen == "read" else None,
    )  # fmt: skip


def fill(workspace: Path, months: int = 20) -> Path:
    workspace.mkdir(exist_ok=True)
    for number in range(months * 2):
        at = START + timedelta(days=15 * number)
        ledger.append(workspace, event(number, at), actor=STAFF[number % len(STAFF)])
    return workspace


def now() -> datetime:
    return START + timedelta(days=15 * 39 + 1)


def delete(workspace: Path, *, days: int = DAYS) -> tuple[str, ...]:
    return ledger_deletion.delete_due(workspace, event(0, now(), "log.delete"), actor="eva", days=days)


def controls(workspace: Path, head: Path | None = None) -> dict[str, tuple[bool | None, dict[str, str]]]:
    found = audit.verify(workspace, head=head, now=now())
    return {one.key.removeprefix("control."): (one.passed, dict(one.facts)) for one in found}


def everything(workspace: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(workspace.rglob("*")) if path.is_file())


def test_names_are_gone_and_every_attempt_and_approval_is_still_proved(tmp_path):
    work = fill(tmp_path / "ws")
    old = tmp_path / "old.txt"
    old.write_text(ledger.checkpoint(work).text)
    used = attempts.used(work)
    proofs = [line.raw for line in ledger.evidence(work)]
    (work / "outbox").mkdir()
    (work / "outbox" / "r.pdf").write_bytes(b"3")  # what line 3 approved, long before the period was over
    assert controls(work)["approved"][0] is True
    early = next(ledger.read(work))
    assert early["actor"] == "anders.and"

    months = delete(work)
    assert months[0] == "2024-01"
    assert len(months) == 7
    assert next(ledger.read(work))["seq"] > 13
    assert attempts.used(work) == used
    assert [line.raw for line in ledger.evidence(work)][: len(proofs)] == proofs
    told = controls(work, old)
    assert told["chain"] == (True, told["chain"][1])
    assert told["chain"][1]["names_gone"] == "2024-01..2024-07"
    assert told["chain"][1]["deleted"].startswith("2025-08")
    assert (told["witness"][0], told["approved"][0]) == (True, True)
    (work / "outbox" / "r.pdf").write_bytes(b"x")
    assert controls(work)["approved"][0] is False
    assert ledger_heads.origin_of(work) == old.read_text().split("\n")[0]
    for number in range(3):  # and the log goes on
        ledger.append(work, event(number, now()), actor="eva")
    assert controls(work, old)["chain"][0] is True
    ledger.checkpoint(work)


def test_a_second_deletion_goes_on_from_the_first(tmp_path):
    work = fill(tmp_path / "ws")
    heads = []
    for days in (500, 300, 100):
        delete(work, days=days)
        heads.append(tmp_path / f"{days}.txt")
        heads[-1].write_text(ledger.checkpoint(work).text)
        for head in heads:
            told = controls(work, head)
            assert (told["chain"][0], told["witness"][0]) == (True, True), (days, told)
    assert delete(work, days=100) == ()
    assert told["chain"][1]["names_gone"].startswith("2024-01..")


def guess(target: str, body: dict[str, object], *, salted: bool) -> list[str]:
    """Whose name stood in a deleted line: try everyone who works here on all the rest, which the evidence tells."""
    hits = []
    for name in STAFF:
        tried = {key: value for key, value in {**body, "actor": name}.items() if key != "hash"}
        if salted:
            tried["salt"] = "00" * 16  # it is gone with the line: any guess is as good
        if sha256(ledger.canonical(tried)).hexdigest() == target:
            hits.append(name)
    return hits


def test_a_hash_that_stays_tells_no_name_to_one_who_tries_all_the_staff(tmp_path):
    work = fill(tmp_path / "ws", 3)
    for line in ledger.read(work):
        bare = {key: value for key, value in line.body.items() if key not in ("salt", "hash", "actor")}
        unsalted = sha256(ledger.canonical({**bare, "actor": line["actor"]})).hexdigest()
        assert guess(unsalted, bare, salted=False) == [line["actor"]]  # the twin without a salt names him
        assert guess(line.hash, bare, salted=False) == guess(line.hash, bare, salted=True) == []
    assert len({line["salt"] for line in ledger.read(work)}) == 6
    for line in ledger_evidence.read(work):
        assert not {"actor", "subject", "salt", "once"} & line.body.keys()


def test_no_name_of_a_deleted_month_is_left_in_a_file(tmp_path):
    work = fill(tmp_path / "ws")
    path = ledger.segments(work)[0]
    whole = path.read_bytes()
    assert b"anders.and" in everything(work)
    for number in range(40, 48):  # the last ones are by others
        ledger.append(work, event(number, now() + timedelta(days=60)), actor="eva")
    assert whole in everything(work)
    ledger_deletion.delete_due(work, event(0, now() + timedelta(days=900), "log.delete"), actor="eva", days=DAYS)
    assert not any(name.encode() in everything(work) for name in STAFF)


def test_a_deletion_killed_before_the_files_went_is_said_and_finished(tmp_path, monkeypatch):
    work = fill(tmp_path / "ws")
    with monkeypatch.context() as killed:
        real = ledger_deletion.finish
        calls = []
        killed.setattr(ledger_deletion, "finish", lambda place: calls.append(1) or (len(calls) < 2 and real(place)))
        killed.setattr(ledger_heads, "checkpoint", ledger_heads.checkpoint)
        delete_quietly(work)
    assert controls(work)["chain"][1]["reason"] == "gone_is_here"
    assert delete(work) == ()
    assert controls(work)["chain"][0] is True


def delete_quietly(work: Path) -> None:
    try:
        delete(work)
    except InputError:
        return


def cut_the_log(work: Path) -> None:
    ledger.segments(work)[0].unlink()


def cut_the_evidence(work: Path) -> None:
    path = ledger_evidence.file_of(work)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def no_evidence(work: Path) -> None:
    ledger_evidence.file_of(work).unlink()


def change_an_attempt(work: Path) -> None:
    path = ledger_evidence.file_of(work)
    path.write_bytes(path.read_bytes().replace(b'"leads":1', b'"leads":0', 1))


def an_approval_of_his_own(work: Path) -> None:
    """Right in every hash, for one who has read our source: only the log beside it tells."""
    path = ledger_evidence.file_of(work)
    lines, previous = [json.loads(raw) for raw in path.read_bytes().splitlines()], ledger.FIRST
    place = next(i for i, one in enumerate(lines) if one["action"] == "release.approve")
    lines[place]["object"]["sha256"] = "ff" * 32
    out = []
    for one in lines:
        one.pop("hash")
        one["prev"] = previous
        previous = one["hash"] = sha256(ledger.canonical(one)).hexdigest()
        out.append(ledger.canonical(one) + b"\n")
    path.write_bytes(b"".join(out))


@pytest.mark.parametrize(
    "attack", [cut_the_log, cut_the_evidence, no_evidence, change_an_attempt, an_approval_of_his_own]
)
def test_each_chain_gives_the_others_attacker_away(tmp_path, attack):
    work = fill(tmp_path / "ws")
    assert controls(work)["chain"][0] is True
    attack(work)
    assert controls(work)["chain"][0] is False  # with no head at all


def test_both_chains_cut_at_one_place_are_found_by_the_head_outside(tmp_path):
    work = fill(tmp_path / "ws", 5)
    shutil.copytree(work, tmp_path / "before")
    for number in range(10, 14):
        ledger.append(work, event(number, now()), actor="eva")
    head = tmp_path / "head.txt"
    head.write_text(ledger.checkpoint(work).text)
    shutil.rmtree(work / "ledger")
    shutil.copytree(tmp_path / "before" / "ledger", work / "ledger")
    shutil.rmtree(tmp_path / "home" / "heads")
    assert controls(work)["chain"][0] is True  # of one piece, and shorter
    assert controls(work, head)["witness"] == (False, {"reason": "lines_missing", "size": "14"})


def test_months_deleted_before_their_time_are_found(tmp_path):
    work = fill(tmp_path / "ws")
    delete(work)
    path = ledger_evidence.file_of(work)
    text = path.read_bytes()
    lines = text.splitlines(keepends=True)
    body = json.loads(lines[-1])
    body["facts"]["days"] = 3000  # the study had said so, and the line is made anew to hide it
    body.pop("hash")
    body["hash"] = sha256(ledger.canonical(body)).hexdigest()
    path.write_bytes(b"".join(lines[:-1]) + ledger.canonical(body) + b"\n")
    assert controls(work)["chain"][0] is False


def test_a_broken_log_is_not_deleted_from(tmp_path):
    work = fill(tmp_path / "ws")
    path = ledger.segments(work)[2]
    path.write_bytes(path.read_bytes().replace(b'"role":"analyst"', b'"role":"decider"', 1))
    with pytest.raises(InputError, match="ledger_damaged"):
        delete(work)
    assert path.exists()


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_killed_between_the_two_chains_nothing_is_lost_or_doubled(tmp_path_factory, data):
    """The evidence cut anywhere, whole lines or not: the next writer puts back what the log has."""
    work = tmp_path_factory.mktemp("ws")
    for number in range(8):
        ledger.append_once(work, event(number, START), f"r/{number}", actor="ole")
    path = ledger_evidence.file_of(work)
    whole = path.read_bytes()
    last = whole[:-1].rfind(b"\n") + 1
    path.write_bytes(whole[: data.draw(st.integers(last, len(whole)))])
    for number in range(9):
        ledger.append_once(work, event(number, START), f"r/{number}", actor="ole")
    kept = [line for line in ledger.read(work) if ledger_evidence.is_kept(line["action"])]
    assert [line["log"]["seq"] for line in ledger_evidence.read(work)] == [line["seq"] for line in kept]
    assert attempts.used(work) == 2
    assert audit.verify(work)[0].passed


def test_a_full_disk_at_the_second_chain_leaves_neither_with_the_event(tmp_path, monkeypatch):
    work = fill(tmp_path / "ws", 1)
    before = everything(work)
    with monkeypatch.context() as full:

        def no_room(*_):
            raise InputError("disk_full", file="evidence.jsonl")

        full.setattr(ledger_evidence, "append_bytes", no_room)
        with pytest.raises(InputError, match="disk_full"):
            ledger.append(work, event(1, START + timedelta(days=16)), actor="ole")
    assert everything(work) == before
    ledger.append(work, event(1, START + timedelta(days=16)), actor="ole")
    assert attempts.used(work) == 2
    assert audit.verify(work)[0].passed


def test_a_ledger_from_before_the_two_chains_gets_its_evidence_with_the_next_line(tmp_path):
    work = tmp_path / "ws"
    (work / "ledger").mkdir(parents=True)
    previous, lines = ledger.FIRST, []
    for number in range(6):
        body = {**ledger.body_of(event(number, START), actor="ole"), "seq": number + 1, "prev": previous}
        previous = body["hash"] = sha256(ledger.canonical(body)).hexdigest()
        lines.append(ledger.canonical(body) + b"\n")
    (work / "ledger" / "2024-01.jsonl").write_bytes(b"".join(lines))
    assert attempts.used(work) == 1  # read from the log itself until then
    assert audit.verify(work)[0].passed
    ledger.append(work, event(0, START), actor="ole")
    assert len(list(ledger_evidence.read(work))) == 3
    assert attempts.used(work) == 1
    assert audit.verify(work)[0].passed


def test_the_head_is_laid_outside_and_never_written_over(tmp_path):
    work = fill(tmp_path / "ws", 2)
    outside = tmp_path / "witness"
    with pytest.raises(InputError, match="witness_missing"):
        witness.hand_out(ledger.checkpoint(work), outside)
    outside.mkdir()
    path = witness.hand_out(ledger.checkpoint(work), outside)
    assert controls(work, path)["witness"][0] is True
    assert witness.hand_out(ledger.checkpoint(work), outside) == path
    shutil.rmtree(work)
    shutil.rmtree(tmp_path / "home" / "heads")
    fill(work, 2)  # another history of the same length
    origin = ledger_heads.parse_head(path).origin
    forged = ledger.checkpoint(work)
    path.rename(path.with_name(path.name.replace(origin.rpartition("/")[2], forged.origin.rpartition("/")[2])))
    with pytest.raises(InputError, match="ledger_changed"):
        witness.hand_out(forged, outside)


@pytest.mark.parametrize("language", list(Language))
def test_a_head_from_a_mail_or_a_sheet_of_paper_is_one(tmp_path, language):
    work = fill(tmp_path / "ws", 2)
    head = ledger.checkpoint(work)
    mail = witness.mail_text(head, language)
    saved = tmp_path / "head.txt"
    saved.write_text(mail[mail.index("undring/s/") :])
    assert controls(work, saved)["witness"][0] is True
    witness.write_paper(head, tmp_path / "head.html", language)
    page = (tmp_path / "head.html").read_text()
    assert "<svg" in page
    assert head.text in page


def test_a_bundle_is_verified_elsewhere_without_the_data(tmp_path, monkeypatch):
    work = fill(tmp_path / "ws", 4)
    head = tmp_path / "head.txt"
    head.write_text(ledger.checkpoint(work).text)
    (work / "study.toml").write_text('id = "s"\n')
    (work / "vault").mkdir()
    (work / "vault" / "secret.vault").write_bytes(b"sealed")
    (work / "draft" / "package").mkdir(parents=True)
    (work / "draft" / "package" / "data.csv").write_text("person;age\n")
    pack(work, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        names = packed.namelist()
        assert not any("vault" in name or name.endswith("data.csv") for name in names)
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "elsewhere"))
    found = {one.key: one.passed for one in verify_bundle(tmp_path / "b.zip", head=head)}
    assert (found["control.chain"], found["control.witness"]) == (True, True)
    with zipfile.ZipFile(tmp_path / "b.zip") as packed, zipfile.ZipFile(tmp_path / "c.zip", "w") as changed:
        for name in names:
            changed.writestr(name, packed.read(name).replace(b'"leads":1', b'"leads":0'))
    assert not all(one.passed is not False for one in verify_bundle(tmp_path / "c.zip", head=head)[:2])


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "vault/x", "ledger/../../out", "ledger\\..\\x"])
def test_a_bundle_that_would_unpack_elsewhere_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr(name, b"x")
    with pytest.raises(InputError, match="bundle_unreadable"):
        verify_bundle(tmp_path / "b.zip")
    (tmp_path / "n.zip").write_bytes(b"no zip")
    with pytest.raises(InputError, match="bundle_unreadable"):
        verify_bundle(tmp_path / "n.zip")
