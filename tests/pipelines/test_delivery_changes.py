"""What a delivery says anew, late, no more or in other words: held against a plain count of rows."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import polars as pl
import pytest
from contract_builders import document
from contract_builders import written as contract_written
from hypothesis import given, settings
from hypothesis import strategies as st
from test_deliveries import STATUS, VISIT

from pipelines import delivery_checks, vault
from pipelines.account import RegisterAccount, RunAccount
from pipelines.contracts import read_contract
from pipelines.delivery_changes import Changes, changed_rows, changes_between, dated, known_by
from pipelines.delivery_told import delivery_lines
from pipelines.drift import profile
from pipelines.state import write
from reports.catalogue import Language

KEY = b"k" * 32
SCHEMA = {"person": pl.String, "dag": pl.Int32, "kode": pl.String}
ROW = st.tuples(st.sampled_from("pqr"), st.one_of(st.none(), st.integers(-70, 10)), st.sampled_from(["a", "b", None]))
SOME = st.lists(ROW, max_size=12)


def frame(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def visits(folder, columns=VISIT, **own):
    return read_contract(contract_written(folder, document(columns, **own)))


def plainly(before, now, key, last):
    """The same by counting rows, and by pairing those of one key that are left over on both sides."""
    old, new = Counter(before), Counter(now)
    added, missing = list((new - old).elements()), list((old - new).elements())
    left = Counter(key(row) for row in missing)
    keys = Counter(key(row) for row in added)
    changed = sum(min(count, left[one]) for one, count in keys.items())
    return len(added) - changed, len(missing) - changed, changed


@settings(deadline=None, max_examples=150)
@given(SOME, SOME, st.sampled_from([["person", "dag"], ["person"], []]))
def test_new_gone_and_changed_rows_are_those_of_a_plain_count(before, now, key):
    found = changed_rows(frame(before), frame(now), key, None, None)
    names = list(SCHEMA)
    new, gone, changed = plainly(
        before, now, (lambda row: tuple(row[names.index(name)] for name in key)) if key else (lambda row: row), None
    )
    assert (found.new, found.gone, found.changed) == (new, gone, changed)
    assert len(now) - len(before) == found.new - found.gone  # nothing is counted twice
    assert changed_rows(frame(now), frame(before), key, None, None) == Changes(new=gone, gone=new, changed=changed)


def test_a_row_is_late_where_it_is_new_in_a_month_that_was_delivered(tmp_path):
    before = [("p", -65, "a"), ("q", -35, "a"), ("r", -5, "a")]
    now = [*before, ("r", -64, "a"), ("p", -36, "b"), ("q", -3, "a"), ("p", 20, "a"), ("r", None, "a")]
    found = changed_rows(frame(before), frame(now), ["person", "dag"], "dag", -1)
    assert found == Changes(new=5, late=2)
    corrected = [("p", -65, "b"), *before[1:]]  # an old row in other words is not late
    assert changed_rows(frame(before), frame(corrected), ["person", "dag"], "dag", -1) == Changes(changed=1)


@pytest.mark.parametrize(("own", "known"), [({}, ["person", "dag"]), ({"key": ["person", "kode"]}, ["person", "kode"])])
def test_a_changed_row_is_known_by_the_contracts_key_or_by_person_and_date(tmp_path, own, known):
    contract = visits(tmp_path, **own)
    assert known_by(contract, list(SCHEMA)) == known
    assert dated(contract, list(SCHEMA)) == "dag"
    home = visits(
        tmp_path, [VISIT[0], STATUS, {"name": "siden", "logicalType": "date", "role": "date"}], population=True
    )
    assert known_by(home, ["person", "status", "siden"]) == ["person"]
    assert known_by(home, ["status"]) == []  # a register without people: rows are new or gone


@pytest.mark.parametrize("shards", [8, 3])
def test_vaults_are_compared_shard_by_shard_also_where_they_are_cut_in_another_way(tmp_path, shards):
    people = [f"p1-{number:02d}" for number in range(60)]
    before = frame([(one, -40, "a") for one in people])
    now = frame([(one, -40, "b" if place < 5 else "a") for place, one in enumerate(people[3:])] + [("p1-zz", -50, "a")])
    vault.write_register(tmp_path / "old", "besoeg", before, KEY)
    vault.write_register(tmp_path / "new", "besoeg", now, KEY, shards=shards)
    contract = visits(tmp_path)
    found = changes_between(tmp_path / "old", tmp_path / "new", contract, KEY, last=-1)
    assert found == Changes(new=1, late=1, gone=3, changed=5)
    assert changes_between(tmp_path / "old", tmp_path / "old", contract, KEY, last=-1) == Changes()


def test_a_step_that_is_taken_again_after_the_vault_was_moved_in_says_the_same(tmp_path):
    contract = visits(tmp_path)
    old, new = frame([("p", -40, "a"), ("q", -40, "a")]), frame([("p", -40, "a"), ("r", -4, "a")])
    run = SimpleNamespace(
        folder=tmp_path / "run", vault=tmp_path / "vault", contracts={"besoeg": contract}, subkey=lambda name: KEY
    )
    for place, rows in ((run.vault / "registers", old), (tmp_path / "new", new)):
        vault.write_register(place, "besoeg", rows, KEY)
    run.folder.mkdir()
    pair = {"besoeg": tuple(profile(contract, [rows], reference="x") for rows in (old, new))}
    first = delivery_checks._compared(run, tmp_path / "new", pair)  # type: ignore[arg-type]
    assert first == {"besoeg": Changes(new=1, gone=1)}
    vault.write_register(run.vault / "registers", "besoeg", new, KEY)
    assert delivery_checks._compared(run, tmp_path / "new", pair) == first  # type: ignore[arg-type]
    (run.folder / delivery_checks.COMPARED).unlink()  # the twin: asked anew, it sees nothing
    assert delivery_checks._compared(run, tmp_path / "new", pair) != first  # type: ignore[arg-type]


def test_the_run_tells_each_register_that_differs(tmp_path):
    quiet = RegisterAccount(register="cpr", files=(), rows=10, refused=0, reasons=(), duplicates=0)
    other = RegisterAccount(
        register="besoeg", files=(), rows=10, refused=0, reasons=(), duplicates=0,
        changes=Changes(new=7, late=3, gone=2, changed=1),
    )  # fmt: skip
    place = tmp_path / "runs" / "K-0001"
    place.mkdir(parents=True)
    write(place / "account.json", RunAccount(registers=(quiet, other)))
    run = SimpleNamespace(folder=place, study=SimpleNamespace(invented=True))
    [danish] = delivery_lines(run, Language.DA)  # type: ignore[arg-type]
    [english] = delivery_lines(run, Language.EN)  # type: ignore[arg-type]
    assert "7 rækker er nye, heraf 3 kommet sent" in danish
    assert "2 are gone; 1 were changed" in english
