"""Registers held against each other and against their last delivery; files delivered again; changes merged by key."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from contract_builders import GOOD, contract, csv_bytes, document, inbox
from contract_builders import written as contract_written
from study_builders import POPULATION, study_text, written

from pipelines.contracts import read_contract
from pipelines.cross_file import Crossed, cross, departures_of, refuse_survivors
from pipelines.drift import comparable, drift, last_month, profile
from pipelines.errors import InputErrors
from pipelines.ingest import ingest_register
from pipelines.validate import Fact, held
from reports.catalogue import Language

PERSON = {"name": "person", "physicalName": "cpr", "role": "person_identifier"}
STATUS = {"name": "status", "role": "plain", "time": "snapshot", "codes": ["01", "80", "90"]}
SINCE = {"name": "status_siden", "logicalType": "date", "role": "date"}
VISIT = [
    PERSON,
    {"name": "dag", "logicalType": "date", "role": "date"},
    {"name": "kode", "role": "plain", "time": "event"},
]


def two(folder, **own):
    cpr = {**document([PERSON, STATUS, SINCE], files="cpr*.csv", population=True), "id": "cpr"}
    return {
        "besoeg": read_contract(contract_written(folder, document(VISIT, **own))),
        "cpr": read_contract(contract_written(folder, cpr, "cpr.yaml")),
    }


def people(count, *, gone_every, day=30):
    """Everybody `gone_every` died on a day."""
    gone = [number % gone_every == 0 for number in range(count)]
    return pl.DataFrame(
        {
            "person": [f"p{number}" for number in range(count)],
            "status": ["90" if one else "01" for one in gone],
            "status_siden": [day if one else -500 for one in gone],
        },
        schema_overrides={"status_siden": pl.Int32},
    )


def visits(names, day=-10):
    return pl.DataFrame({"person": names, "dag": day, "kode": "a"}, schema_overrides={"dag": pl.Int32})


def crossed(folder, cpr, besoeg, **own):
    made = two(folder, **own)
    study = written(folder, study_text())
    told = departures_of(study, made["cpr"])
    frames = {"cpr": cpr, "besoeg": besoeg}
    [one] = cross(
        made, study, lambda name, _, columns: frames[name].select(columns), shards=dict.fromkeys(frames, 1), told=told
    )
    return one, made


def test_a_register_that_the_dead_have_left_stops_the_run_until_somebody_answers(tmp_path):
    cpr = people(1000, gone_every=20)
    alive = cpr.filter(pl.col("status") == "01")["person"].to_list()
    whole, made = crossed(tmp_path, cpr, visits(cpr["person"].to_list()))
    assert not whole.survivors_only
    refuse_survivors((whole,), made)  # those who died are in it: nothing is refused
    left, made = crossed(tmp_path, cpr, visits(alive))
    assert left == Crossed(
        register="besoeg", stayed=950, stayed_here=950, departed=50, departed_here=0, after_death=(("dag", 0),)
    )
    with pytest.raises(InputErrors) as refused:
        refuse_survivors((left,), made)
    [error] = refused.value.errors
    assert (error.key, error.facts["file"]) == ("meaning_dead_missing", "contracts/besoeg.yaml")
    assert "50" in error.text(Language.DA)
    _, answered = crossed(tmp_path, cpr, visits(alive), dead_and_moved="held")
    refuse_survivors((left,), answered)


def test_who_died_before_the_index_date_or_only_a_few_are_no_sign(tmp_path):
    before = people(1000, gone_every=20, day=-30)
    alive = before.filter(pl.col("status") == "01")["person"].to_list()
    assert not crossed(tmp_path, before, visits(alive))[0].survivors_only
    few = people(1000, gone_every=200)
    assert not crossed(tmp_path, few, visits([f"p{number}" for number in range(1, 200)]))[0].survivors_only


def test_visits_after_a_death_are_counted(tmp_path):
    cpr = people(40, gone_every=20)
    rows = pl.concat([visits(["p0", "p1", "p20"], day=31), visits(["p0"], day=30)])
    assert crossed(tmp_path, cpr, rows)[0].after_death == (("dag", 2),)


def test_the_study_says_who_left_where_its_codes_are_others(tmp_path):
    left = 'left = {where = {status = ["D", "F"]}, date = "siden", died = {status = ["D"]}}\n'
    told = departures_of(written(tmp_path, study_text(population=POPULATION + left)), two(tmp_path)["cpr"])
    assert (told.status, told.date, told.gone, told.died) == ("status", "siden", ("D", "F"), ("D",))


def test_facts_across_registers_reach_great_expectations_as_counts():
    facts = [
        Fact(id="after_death", column="dag", number=2, low=None, high=0, failed_rows=2),
        Fact(id="drift_rows", column="", number=1.1, low=0.5, high=2.0, failed_rows=0),
    ]
    assert [(check.id, check.passed, check.raised) for check in held(facts)] == [
        ("after_death", False, False),
        ("drift_rows", True, False),
    ]


# --- drift ---


def delivered(folder, codes, days=(-10,)):
    made = two(folder)["besoeg"]
    rows = [
        {"person": f"p{number}", "dag": days[number % len(days)], "kode": code} for number, code in enumerate(codes)
    ]
    frame = pl.DataFrame(rows, schema={"person": pl.String, "dag": pl.Int32, "kode": pl.String})
    return profile(made, [frame.head(40), frame.slice(40)], reference="2025-01-01")


def failed(before, now, full=True):
    return [
        (one.id, one.column)
        for one in drift(before, now, full=full)
        if (one.low is not None and one.number < one.low) or (one.high is not None and one.number > one.high)
    ]


def test_a_delivery_like_the_last_has_no_drift_and_others_have_their_own_kind(tmp_path):
    usual = delivered(tmp_path, ["a"] * 50 + ["b"] * 50)
    assert list(drift(usual.clear(), usual, full=True)) == []  # the first delivery
    assert failed(usual, delivered(tmp_path, ["a"] * 55 + ["b"] * 50)) == []
    assert failed(usual, delivered(tmp_path, ["a"] * 20 + ["b"] * 20)) == [("drift_rows", "")]
    assert failed(usual, delivered(tmp_path, ["a"] * 20 + ["b"] * 20), full=False) == []
    assert failed(usual, delivered(tmp_path, ["a"] * 70 + ["b"] * 30)) == [("drift_codes", "kode")]
    assert failed(usual, delivered(tmp_path, ["a"] * 40 + ["b"] * 40 + [None] * 20)) == [("drift_missing", "kode")]


def test_deliveries_are_compared_row_by_row_only_under_one_contract_and_one_index_date(tmp_path):
    before = delivered(tmp_path, ["a"] * 60, days=(-95, -65, -35))
    now = delivered(tmp_path, ["a"] * 100, days=(-95, -65, -35, -5))
    assert comparable(before, now)
    assert (last_month(before, "dag"), last_month(now, "dag"), last_month(now, "kode")) == (-2, -1, None)
    for kind in ("reference", "contract"):
        other = now.with_columns(pl.when(pl.col("kind") == kind).then(pl.lit("x")).otherwise("value").alias("value"))
        assert not comparable(before, other)
    assert not comparable(before.clear(), now)  # the first delivery
    assert not comparable(before.filter(pl.col("kind") != "contract"), now)  # of an older version


# --- files ---


def test_a_file_delivered_again_under_another_name_is_not_read_twice(tmp_path):
    rows = [["620150-1234", *GOOD[1:]], ["630150-1234", *GOOD[1:]]]
    made, data = contract(tmp_path), csv_bytes(rows)
    once = ingest_register(made, inbox(tmp_path, besoeg_csv=data))
    (tmp_path / "inbox" / "besoeg_igen.csv").write_bytes(data)
    twice = ingest_register(made, tmp_path / "inbox")
    assert twice.frame.equals(once.frame)
    assert (twice.again, twice.rows_read, twice.duplicates) == (1, 2, 0)


def test_of_a_delivery_of_changes_the_later_files_row_stands(tmp_path):
    def delivery(status, number="620150-1234"):
        return csv_bytes([[number, *GOOD[1:5], status, GOOD[6]]])

    folder = inbox(tmp_path)
    for name, data in {"1": delivery("01"), "2": delivery("90"), "3": delivery("03", "630150-1234")}.items():
        (folder / f"besoeg{name}.csv").write_bytes(data)
    changes = contract(tmp_path, key=["cpr"], delivery="changes")
    assert sorted(ingest_register(changes, folder).frame["status"]) == ["03", "90"]
    full = replace(changes, delivery="full")
    assert sorted(ingest_register(full, folder).frame["status"]) == ["01", "03"]
