"""One citizen and the study: left out is out, erased is gone, and a code stays a code unless two people ask."""

from __future__ import annotations

import stat
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from pipelines import (
    accounts,
    aliases,
    audit,
    closing,
    ingest,
    key_files,
    ledger,
    objections,
    package_history,
    persons,
    quarantine,
    receipts,
    reidentify,
    rights,
    vault,
)
from pipelines.context import INTERNAL_EPOCH, Run
from pipelines.contracts import read_contracts
from pipelines.errors import InputError
from pipelines.log import log_event
from pipelines.study import read_study
from pseudonymisation import keys, pseudonyms
from reports.catalogue import Language

DEMO = Path(__file__).resolve().parents[2] / "pipelines" / "demo"
NUMBERS = [f"6101{50 + n % 40}{n:04d}" for n in range(60)]  # day + 60: nobody's own
ME, WRITTEN = NUMBERS[7], f"{NUMBERS[7][:6]}-{NUMBERS[7][6:]}"
READ = {"cpr", "indsatser"}


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(keys, "_stretched", lambda passphrase, salt: sha256(passphrase.encode() + salt).digest())
    work = tmp_path / "ws"
    work.mkdir()
    (work / "study.toml").write_text((DEMO / "study.toml").read_text(encoding="utf-8"), encoding="utf-8")
    study = read_study(work)
    key_files.create(study.key, study=study.id, passphrase="demo", secret=b"s" * 32, demo=True)
    contracts = {name: one for name, one in read_contracts(DEMO).items() if name in READ}
    made = Run(
        workspace=work, study=study, contracts=contracts, id="K-0001", try_leads=False,
        key=key_files.open_key(study.key, "demo", allow_demo=True),
    )  # fmt: skip
    for name, contract in contracts.items():
        coded = persons.codes(made, pl.Series(NUMBERS * 2), contract.person, recipient="internal", epoch=INTERNAL_EPOCH)
        frame = pl.DataFrame({"person": coded, "visits": range(120)})
        vault.write_register(work / "vault" / "registers", name, frame, made.subkey("vault"))
    rejected = pl.DataFrame(
        {"file": ["a"] * 3, "row": [2, 3, 4], "column": ["x"] * 3, "reason": ["code"] * 3,
         "text.a": [WRITTEN, NUMBERS[8], f"ringede om {ME} i dag"]}
    )  # fmt: skip
    quarantine.keep(work, "K-0001", "cpr", rejected, key=made.subkey("quarantine"))
    log_event(made, "ingest/cpr", "ingest", register="cpr", rows=120)
    log_event(made, "ingest/other", "ingest", register="advis", rows=120)
    return made


def person(person_id: str, role: accounts.Role) -> accounts.Signer:
    accounts.add(person_id, name=person_id, role=role, passphrase=f"{person_id} har fire ord")
    return accounts.unlock(person_id, f"{person_id} har fire ord", demo=True)


def rows_in_vault(run: Run, name: str) -> int:
    return vault.read_register(run.vault / "registers", name, run.subkey("vault")).height


def identified(run: Run) -> pl.DataFrame:
    column = run.contracts["cpr"].person
    assert column is not None
    return pl.DataFrame({column.name: NUMBERS, "visits": range(len(NUMBERS))})


def test_the_effect_is_told_before_anything_is_changed(run):
    found = rights.effect(run, persons.the_person(WRITTEN))
    assert (dict(found.rows), found.quarantined, found.objected_before) == ({"cpr": 2, "indsatser": 2}, 2, False)
    assert rows_in_vault(run, "cpr") == 120
    assert not objections.listed(run).height
    for language in Language:
        told = "\n".join(rights.effect_lines(found, "erase", language))
        assert ME not in told
        assert "cpr: 2" in told


@pytest.mark.parametrize("typed", [ME, WRITTEN, f" {ME[:6]} {ME[6:]} ", f"{ME[:2]}.{ME[2:4]}.{ME[4:6]}-{ME[6:]}"])
def test_who_objected_is_in_no_row_of_the_next_ingest(attack_row, run, typed):
    before = objections.without_objectors(run, run.contracts["cpr"], identified(run))
    assert before.height == len(NUMBERS)  # without a list, everybody comes in
    rights.decide(run, persons.the_person(typed), "object", person("ann", "analyst"), decision="granted", reason="ja")
    after = objections.without_objectors(run, run.contracts["cpr"], identified(run))
    attack_row.case(
        "17",
        works=ME in before.to_series(0).to_list(),
        through=ME in after.to_series(0).to_list(),
        what="objections, each in another writing",
    )
    assert after.height == len(NUMBERS) - 1
    rotated = replace(run, key=replace(run.key, epoch=5))
    assert objections.without_objectors(rotated, run.contracts["cpr"], identified(run)).equals(after)
    listed = set(objections.listed(run)["code"])
    for recipient in ("internal", "vendor", "audit"):  # the list joins with nothing
        column = run.contracts["cpr"].person
        assert column is not None
        assert not listed & set(persons.codes(run, pl.Series(NUMBERS), column, recipient=recipient, epoch=1))


def test_a_refused_objection_changes_nothing_and_is_told(run):
    path = rights.decide(
        run, persons.the_person(ME), "object", person("ann", "analyst"), decision="refused", reason="vægtige grunde"
    )
    assert not objections.listed(run).height
    told = receipts.verified(path.read_bytes())
    assert told is not None
    assert (told["decision"], told["reason"]) == ("refused", "vægtige grunde")
    assert [line["code"] for line in ledger.read(run.workspace) if line["action"] == "person.object"] == ["refused"]


def test_who_was_erased_is_in_no_draft_of_a_package_and_a_waiting_one_is_told(run, monkeypatch):
    package = run.workspace / "draft" / "package"
    package.mkdir(parents=True)
    codes = persons.recoded(run, persons.rows_of(run, persons.the_person(ME))["cpr"]["person"], "draft/K-0001")
    (package / "data.csv").write_text(f"person;alder\n{codes[0]};80-90\n", encoding="utf-8")
    asked = [
        SimpleNamespace(id=f"R-{place}", state=state, manifest=SimpleNamespace(kind="package"))
        for place, state in enumerate(("requested", "approved", "returned"))
    ]
    monkeypatch.setattr("pipelines.release_record.read_releases", lambda workspace: asked)
    found = rights.effect(run, persons.the_person(ME))
    assert (found.waiting, found.packages) == (("R-0",), ("R-1",))
    lines = rights.effect_lines(found, "erase", "en")
    assert any("R-0" in line and "send it back" in line for line in lines)
    assert any("the draft's package" in line for line in lines)
    rights.decide(run, persons.the_person(ME), "object", person("ann", "analyst"), decision="granted", reason="ja")
    assert package.is_dir()  # who objects is left out from the next run on
    rights.decide(run, persons.the_person(ME), "erase", person("bo", "analyst"), decision="granted", reason="ja")
    assert not package.exists()


def test_who_a_newer_delivery_knows_nothing_of_is_erased_from_what_earlier_runs_keep(run):
    key, column = run.subkey("vault"), run.contracts["cpr"].person
    former = f"6102{50}9999"
    codes = persons.codes(run, pl.Series([*NUMBERS, former]), column, recipient="internal", epoch=INTERNAL_EPOCH)
    earlier = run.workspace / "runs" / "K-0000" / "split.vault"
    earlier.parent.mkdir(parents=True)
    vault.write_frame(earlier, pl.DataFrame({"person": codes, "alder": range(61)}), key)
    aliases.keep(run, iter([(former, ME)]))
    registers = run.workspace / "vault" / "registers"
    mine = codes[NUMBERS.index(ME)]
    for name in READ:
        rows = vault.read_register(registers, name, key)
        vault.write_register(registers, name, rows.filter(pl.col("person") != mine), key)
    (run.workspace / "draft" / "package").mkdir(parents=True)
    told = rights.effect_lines(rights.effect(run, persons.the_person(ME)), "erase", "en")
    assert any(line.endswith("earlier runs: 2") for line in told)
    rights.decide(run, persons.the_person(ME), "erase", person("ann", "analyst"), decision="granted", reason="ja")
    left = vault.read_frame(earlier, key)
    assert (left.height, left["person"].is_in([mine, codes[60]]).any()) == (59, False)
    assert not (run.workspace / "draft" / "package").exists()
    assert aliases.known_as(run, mine) == {mine}
    assert rights.effect(run, persons.the_person(ME)).in_runs == 0


def test_who_was_erased_is_in_no_file_and_the_others_are_as_they_were(run):
    others = vault.read_register(run.vault / "registers", "cpr", run.subkey("vault"))
    mine = persons.rows_of(run, persons.the_person(ME))["cpr"]["person"][0]
    path = rights.decide(
        run, persons.the_person(ME), "erase", person("ann", "analyst"), decision="granted", reason="ja", journal="7"
    )
    for name in READ:
        assert rows_in_vault(run, name) == 118
    left = vault.read_register(run.vault / "registers", "cpr", run.subkey("vault"))
    assert left.sort("visits").equals(others.filter(pl.col("person") != mine).sort("visits"))
    kept = quarantine.read(run.workspace, "K-0001", "cpr", key=run.subkey("quarantine"))
    assert kept["text.a"].to_list() == [NUMBERS[8]]
    assert not persons.rows_of(run, persons.the_person(ME))
    everything = b"".join(one.read_bytes() for one in run.workspace.rglob("*") if one.is_file())
    for spelled in (ME, WRITTEN, mine):
        assert spelled.encode() not in everything
    assert receipts.verified(path.read_bytes())["journal"] == "7"
    assert audit.verify(run.workspace)[0].passed


def test_access_tells_the_rows_and_the_log_and_no_name_of_staff(run, tmp_path):
    out = rights.access(run, persons.the_person(ME), tmp_path / "svar.txt", person("ann", "analyst"), Language.DA)
    text = out.read_text()
    assert text.count("ingest\tcpr") == 1
    assert "advis" not in text  # a register without them is not about them
    assert "7\n" in text
    assert ME not in text
    actors = {str(line["actor"]) for line in ledger.read(run.workspace)}
    assert not any(actor in text for actor in actors if actor != "ann")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = rights.access(run, persons.the_person(ME), tmp_path / "2.txt", accounts.unlock("ann", "ann har fire ord", demo=True), Language.EN)  # noqa: E501  # fmt: skip
    assert "person.access" in again.read_text()  # that somebody looked is a line about them too


def test_nothing_is_looked_up_where_the_rights_do_not_apply_and_a_dpo_decides_nothing(run):
    ann, dpo = person("ann", "analyst"), person("dora", "dpo")
    exempt = replace(run, study=replace(run.study, legal=replace(run.study.legal, rights="do_not_apply")))
    with pytest.raises(InputError, match="rights_exempt"):
        rights.effect(exempt, persons.the_person(ME))
    with pytest.raises(InputError, match="rights_role"):
        rights.decide(run, persons.the_person(ME), "erase", dpo, decision="granted", reason="ja")
    with pytest.raises(InputError, match="reason_missing"):
        rights.decide(run, persons.the_person(ME), "erase", ann, decision="granted", reason="")
    assert rows_in_vault(run, "cpr") == 120


@pytest.mark.parametrize("typed", ["", "12345", "abcdefghij", "61015012345", "x" * 5000])
def test_what_is_no_number_is_refused_and_not_repeated(typed):
    with pytest.raises(InputError) as refused:
        persons.the_person(typed)
    assert refused.value.key == "person_number"
    assert not typed or typed not in str(refused.value)
    assert ME not in repr(persons.the_person(ME))


def operation(run: Run) -> Run:
    basis = dict.fromkeys(run.study.registers, "operation")
    return replace(run, study=replace(run.study, legal=replace(run.study.legal, basis=basis)))


def asked(run: Run, tmp_path: Path, codes, signers, **more):
    facts = {"receiver": "internal", "reason": "fejl i behandling", "out": tmp_path / "match.csv", **more}
    return reidentify.reidentify(run, codes, signers, **facts)


@pytest.fixture
def register(monkeypatch):
    def read(contract, *_, **__):
        frame = pl.DataFrame({contract.person.name: NUMBERS})
        return type("Read", (), {"frame": frame})()

    monkeypatch.setattr(ingest, "ingest_register", read)


@pytest.mark.parametrize("receiver", ["internal", "Leverandør A/S"])
def test_two_people_find_who_is_behind_a_code_and_leave_a_trace(run, tmp_path, register, receiver):
    column = run.contracts["cpr"].person
    inner = persons.codes(run, pl.Series([ME]), column, recipient="internal", epoch=INTERNAL_EPOCH)
    code = inner[0] if receiver == "internal" else persons.recoded(run, inner, receiver)[0]
    ann, bo = person("ann", "analyst"), person("bo", "decider")
    assert asked(operation(run), tmp_path, [code], (ann, bo), receiver=receiver) == 1
    assert (tmp_path / "match.csv").read_text() == f"code;number\n{code};{ME}\n"
    assert stat.S_IMODE((tmp_path / "match.csv").stat().st_mode) == 0o600
    lines = [line for line in ledger.read(run.workspace) if line["action"].startswith("reid.")]
    assert [(line["action"], line["actor"]) for line in lines] == [
        ("reid.request", "ann"), ("reid.approve", "bo"), ("reid.run", "ann"),
    ]  # fmt: skip
    whole = b"".join(path.read_bytes() for path in run.workspace.rglob("*") if path.is_file())
    assert code.encode() not in whole
    assert ME.encode() not in whole
    # the receiver's own code is not found among the vault's, nor another receiver's
    assert asked(operation(run), tmp_path, [code], (ann, bo), receiver="en anden") == 0


def test_a_study_for_statistics_finds_nobody_whoever_asks_and_that_they_asked_is_told(run, tmp_path, register):
    column = run.contracts["cpr"].person
    code = persons.codes(run, pl.Series([ME]), column, recipient="internal", epoch=INTERNAL_EPOCH)[0]
    ann, bo = person("ann", "analyst"), person("bo", "decider")
    with pytest.raises(InputError, match="reid_statistics"):
        asked(run, tmp_path, [code], (ann, bo))
    basis = {**operation(run).study.legal.basis, "cpr": "research"}
    mixed = replace(run, study=replace(run.study, legal=replace(run.study.legal, basis=basis)))
    with pytest.raises(InputError, match="reid_statistics"):
        asked(mixed, tmp_path, [code], (ann, bo))
    assert not (tmp_path / "match.csv").exists()
    assert [line["outcome"] for line in ledger.read(run.workspace) if line["action"] == "reid.request"] == [
        "refused"
    ] * 2
    for pair in ((ann, ann), (bo, bo), (bo, ann)):
        with pytest.raises(InputError, match="two_people"):
            asked(operation(run), tmp_path, [code], pair)
    for codes in ([], [code] * 11, [ME], [code[:-1]]):
        with pytest.raises(InputError, match="reid_codes"):
            asked(operation(run), tmp_path, codes, (ann, bo))


def test_a_closed_study_holds_nobody_and_still_proves_what_it_did(run):
    ann, bo = person("ann", "analyst"), person("bo", "decider")
    work = run.workspace
    (work / "outbox").mkdir()
    (work / "outbox" / "report.pdf").write_bytes(b"r")
    (work / "findings.json").write_text("{}")
    attempt = ledger.Event(
        at=run.clock(), action="attempt", study=run.study.id, purpose="p", basis="b", leads=3, role="analyst"
    )
    ledger.append(work, attempt, actor="ole")
    path = closing.close(work, (ann, bo), reason="slut")
    told = receipts.verified(path.read_bytes())
    assert told is not None
    assert told["registers"] == {"1": "cpr", "2": "indsatser"}
    assert not any((work / name).exists() for name in ("vault", "quarantine", "draft", "runs", "findings.json"))
    assert (work / "outbox" / "report.pdf").read_bytes() == b"r"
    with pytest.raises(InputError, match="key_missing"):
        key_files.open_key(run.study.key, "demo", allow_demo=True)
    assert audit.verify(work)[0].passed
    assert [line["leads"] for line in ledger.evidence(work) if line["action"] == "attempt"] == [3]
    assert closing.close(work, (ann, bo), reason="slut").exists()  # done twice, it is done


BROKEN = [WRITTEN, NUMBERS[8], f"ringede om {ME[:2]}.{ME[2:4]}.{ME[4:6]} {ME[6:]} i dag", "999", f"{ME[:5]}", "O. K."]


def refused_of(run: Run, folder: Path) -> list[str]:
    """What lies in quarantine of a register of which every other row is refused, for a code that is on no list."""
    cpr = run.contracts["cpr"].person
    assert cpr is not None
    other = replace(
        cpr, name="note", header="NOTE", role="plain", treatment="keep", kind="", shape="text", required=False,
        codes=("ja",),
    )  # fmt: skip
    contract = replace(
        run.contracts["cpr"],
        properties=(cpr, other),
        key=(),
        files="cpr*.csv",
        format="csv",
        end_record="",
        max_rejected_share=1.0,
        population=False,
    )
    lines = ["PNR;NOTE", *(f"{NUMBERS[20 + n]};{text}" for n, text in enumerate(BROKEN)), f"{ME};nej", f"{ME};ja"]
    folder.mkdir()
    (folder / "cpr.csv").write_text("\n".join([*lines, ""]), encoding=contract.encoding)
    taken = ingest.ingest_register(
        contract, folder, only=partial(objections.without_objectors, run, contract),
        only_refused=partial(objections.refused_without_objectors, run),
        keep_rejected=lambda rows: quarantine.keep(
            run.workspace, "K-0002", "cpr", list(rows), key=run.subkey("quarantine")
        ),
    )  # fmt: skip
    kept = quarantine.read(run.workspace, "K-0002", "cpr", key=run.subkey("quarantine"))
    told = quarantine.counts(run.workspace, "K-0002")[0]
    assert taken.rows_rejected == kept.height == told["rows"]  # no count tells that somebody is missing
    return ["|".join(map(str, row)) for row in kept.select("text.person", "text.note").iter_rows()]


def names_me(rows: list[str]) -> int:
    return sum(ME in "".join(filter(str.isdigit, row)) for row in rows)


@pytest.mark.parametrize("right", ["object", "erase"])
def test_refused_rows_of_who_objected_leave_the_quarantine_and_none_come_in(attack_row, run, right, tmp_path):
    before = refused_of(run, tmp_path / "a")
    assert names_me(before) == 3  # the attack works: whoever opens the quarantine reads of them
    rights.decide(run, persons.the_person(ME), right, person("ann", "analyst"), decision="granted", reason="ja")
    held = persons.quarantined(run, persons.the_person(ME))
    after = refused_of(run, tmp_path / "b")
    attack_row.case(
        "17",
        works=bool(names_me(before)),
        through=bool(held or names_me(after)),
        what="objections, each in another writing",
    )
    assert sorted(after) == sorted(row for row in before if not names_me([row]))  # nobody else's row went


def test_who_was_erased_is_in_no_earlier_runs_people_either(run):
    mine = persons.rows_of(run, persons.the_person(ME))["cpr"]["person"][0]
    everybody = vault.read_register(run.vault / "registers", "cpr", run.subkey("vault"))["person"].unique()
    for name in ("cohort.vault", "split.vault"):
        run.folder.mkdir(parents=True, exist_ok=True)
        vault.write_frame(run.folder / name, pl.DataFrame({"person": everybody, "x": 1}), run.subkey("vault"))
    vault.write_frame(run.folder / "published.vault", pl.DataFrame({"cell": ["a"]}), run.subkey("vault"))
    rights.decide(run, persons.the_person(ME), "erase", person("ann", "analyst"), decision="granted", reason="ja")
    for name in ("cohort.vault", "split.vault"):
        left = vault.read_frame(run.folder / name, run.subkey("vault"))["person"].to_list()
        assert mine not in left
        assert len(left) == len(everybody) - 1


def former_of(contract):
    """The register, with a column for the number that its people had before."""
    cpr = contract.person
    return replace(
        contract, key=(), properties=(cpr, replace(cpr, name="before", role="linking_identifier", former=True)),
    )  # fmt: skip


def test_who_got_a_new_number_is_one_person_under_both_and_is_found_and_left_out_by_either(attack_row, run):
    """The twin hashes each number as it stands: one person is two, and the old number leads nowhere."""
    old, mid, new, other = (f"6101{70 + n}{8_000 + n}" for n in range(4))
    contract, visits = former_of(run.contracts["cpr"]), run.contracts["indsatser"]
    population = pl.DataFrame({contract.person.name: [mid, new, other], "before": [old, mid, None]})
    rows = pl.DataFrame({visits.person.name: [old, mid, new, other]})
    key = run.subkey("person", epoch=INTERNAL_EPOCH)
    twin = pseudonyms.pseudonym_column(rows.to_series(), key=key)
    assert twin.n_unique() == 4
    newest = aliases.keep(run, aliases.newest_numbers(contract, population))
    assert newest == {old: new, mid: new}
    coded = pseudonyms.pseudonym_column(aliases.under_newest(visits, rows, newest).to_series(), key=key)
    assert coded.to_list() == [coded[2]] * 3 + [coded[3]]
    assert coded[2] == twin[2]  # the newest number's own code
    vault.write_register(run.vault / "registers", "cpr", pl.DataFrame({"person": coded}), run.subkey("vault"))
    for number in (old, mid, new):
        assert persons.rows_of(run, persons.the_person(number))["cpr"].height == 3
    objections.add(run, persons.the_person(old), today=run.clock().date())
    unfollowed = objections.without_objectors(run, visits, aliases.under_newest(visits, rows, newest))
    objections.follow(run, newest)
    left = objections.without_objectors(run, visits, aliases.under_newest(visits, rows, newest))
    attack_row.case(
        "17", works=unfollowed.height == 4, through=left.height != 1, what="objections, each in another writing"
    )
    held = objections.listed(run).height
    objections.follow(run, newest)  # twice is once
    assert objections.listed(run).height == held == 3
    stored = b"".join(path.read_bytes() for path in run.workspace.rglob("*") if path.is_file())
    assert not any(number.encode() in stored for number in (old, mid, new))


def test_a_former_number_that_two_people_claim_makes_nobody_one_with_another(run):
    contract = former_of(run.contracts["cpr"])
    claimed = pl.DataFrame({contract.person.name: [NUMBERS[1], NUMBERS[2]], "before": [NUMBERS[3]] * 2})
    assert aliases.keep(run, aliases.newest_numbers(contract, claimed)) == {}


def test_who_was_erased_is_nobody_in_what_the_guard_keeps_of_packages_and_it_still_counts_them(attack_row, run):
    column = run.contracts["cpr"].person
    assert column is not None
    former = f"6102{50}9999"  # ME's number before, known only after the first package went out
    mine, before = persons.codes(run, pl.Series([ME, former]), column, recipient="internal", epoch=INTERNAL_EPOCH)
    everybody = persons.codes(run, pl.Series(NUMBERS), column, recipient="internal", epoch=INTERNAL_EPOCH).to_list()
    told = pl.DataFrame({"person": everybody, "age": [str(n % 3) for n in range(60)]})
    for night, code in (("K-0001", before), ("K-0002", mine)):
        given = told.with_columns(pl.col("person").replace({mine: code}))
        package_history.remember(replace(run, id=night), "Leverandør A/S", given, ["age"])
    package_history.remember(replace(run, id="K-0001"), "en anden", told, ["age"])
    aliases.keep(run, iter([(former, ME)]))
    next_night = replace(run, id="K-0003")

    def named() -> set[str]:
        """Whom an attacker finds who has the vault's key, the study's key and the number."""
        rows = vault.read_frame(run.vault / package_history.FILE, run.subkey("vault"))
        return {mine, before} & set(rows["person"])

    def seen_together() -> list[list[int]]:
        """The sizes of all groups that the receivers see, by classes alone."""
        given = [package_history.earlier_of(next_night, receiver) for receiver in ("Leverandør A/S", "en anden")]
        return [sorted(package_history._together(one)["class"].value_counts()["count"]) for one in given]

    works, sizes = named(), seen_together()
    rights.decide(run, persons.the_person(WRITTEN), "erase", person("ann", "analyst"), decision="granted", reason="ja")
    rows = vault.read_frame(run.vault / package_history.FILE, run.subkey("vault"))
    what = "erased people in the packages' record"
    attack_row.case("17", works=works == {mine, before}, through=bool(named()), what=what)
    assert rows.height == 180
    new = set(rows["person"]) - set(everybody)
    assert len(new) == 2  # one a receiver: two receivers' records do not join on it
    assert {len(code) for code in new} == {len(mine)}
    assert rows.equals(rows.sort(rows.columns))  # its place tells nothing of the old code
    after = seen_together()
    assert sum(sizes[0]) == sum(after[0]) + 1  # her two numbers are known as one person now
    assert sizes[1] == after[1]  # elsewhere every group is as large as it was
    assert package_history.forget(run, {mine, before}) == 0
