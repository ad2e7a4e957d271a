"""What a run says of its delivery: a whole one unchanged, and numbers outside modulus 11, which refuse nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from contract_builders import document, written

from pipelines import state
from pipelines.account import RegisterAccount, RunAccount
from pipelines.contracts import read_contract
from pipelines.delivery_told import delivery_lines
from pipelines.ingest import ingest_register
from reports.catalogue import Language


def account(*files, modulus=0):
    one = RegisterAccount(
        register="cpr", files=tuple(files), rows=10, refused=0, reasons=(), duplicates=0, modulus=modulus
    )
    return RunAccount(registers=(one,))


def run_of(folder, number, told, *, done=True, invented=False):
    place = folder / "runs" / f"K-{number:04d}"
    place.mkdir(parents=True)
    state.write(place / "account.json", told)
    if done:
        (place / "done.json").write_text("{}")
    return SimpleNamespace(folder=place, study=SimpleNamespace(invented=invented))


def lines(run):
    return list(delivery_lines(run, Language.EN))


def test_a_whole_delivery_unchanged_is_said_whatever_its_files_are_called(tmp_path):
    assert lines(run_of(tmp_path, 1, account(("cpr.csv", "a" * 64)))) == []  # the first has none before it
    same = run_of(tmp_path, 2, account(("cpr_2.csv", "a" * 64)))
    assert lines(same) == ["All files are the same as in the last run."]
    run_of(tmp_path, 3, account(("cpr.csv", "b" * 64)), done=False)  # never finished: no last run
    assert lines(run_of(tmp_path, 4, account(("cpr.csv", "b" * 64)))) == []
    assert lines(run_of(tmp_path, 5, account(("cpr.csv", "b" * 64), ("ny.csv", "c" * 64)))) == []


@pytest.mark.parametrize(("invented", "said"), [(False, 1), (True, 0)])
def test_numbers_outside_modulus_11_are_a_warning(tmp_path, invented, said):
    told = lines(run_of(tmp_path, 1, account(("cpr.csv", "a" * 64), modulus=7), invented=invented))
    assert len(told) == said
    assert not said or "cpr: 7 CPR numbers do not fit modulus 11" in told[0]


def test_the_populations_numbers_are_counted_and_none_is_refused(tmp_path):
    columns = [{"name": "person", "physicalName": "cpr", "role": "person_identifier"}]
    columns += [{"name": "kode", "role": "plain", "time": "event"}]
    days = [f"{day:02d}" for day in range(1, 21)]
    rows = [f"{day}0150{serial:04d};x" for day in days for serial in (1000, 1001, 1002, 1003, 1004)]
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "cpr.csv").write_text("\n".join(["cpr;kode", *rows, ""]))
    counted = []
    for population in (True, False):
        made = {**document(columns, files="cpr*.csv", population=population), "id": "cpr"}
        taken = ingest_register(read_contract(written(tmp_path, made, "cpr.yaml")), tmp_path / "inbox")
        assert (taken.rows, taken.rows_rejected) == (100, 0)
        counted.append(taken.modulus)
    assert 80 <= counted[0] <= 100  # one number in eleven fits by chance
    assert counted[1] == 0  # each number once, where people stand
