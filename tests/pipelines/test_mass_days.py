"""A day on which a mass of rows is dated is found by its size alone, and the contract says what becomes of it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import polars as pl
import pytest
from contract_builders import document, written
from hypothesis import given
from hypothesis import strategies as st
from study_builders import OUTCOME, characteristic, study_text
from study_builders import written as study_written
from test_cohort import cohort_of

from pipelines import mass_days, registers_told
from pipelines.account import RegisterAccount
from pipelines.contracts import Contract, read_contract
from pipelines.errors import InputErrors
from pipelines.gate import Gate
from pipelines.ingest import ingest_register

DAY = date(2025, 6, 10)
PERSON = {"name": "person", "physicalName": "cpr", "role": "person_identifier"}


def moved(**own: object) -> dict[str, object]:
    return {"name": "dag", "logicalType": "date", "role": "date", "time": "event", "formats": ["yyyy-mm-dd"], **own}


def contract(folder, **own: object) -> Contract:
    return read_contract(written(folder, document([PERSON, moved(**own)], files="f*.csv")))


def days(usual: int = 3, mass: int = 0) -> Counter[date]:
    found = Counter({date(2025, 1, 1) + timedelta(days=place): usual for place in range(300)})
    found[DAY] += mass
    return found


def found(tmp_path, counted: Counter[date]) -> list[tuple[date, int]]:
    made = mass_days.found(contract(tmp_path).column("dag"), counted)
    return [(one.day, one.rows) for one in made]


def test_a_mass_of_rows_on_one_day_is_found(tmp_path):
    assert found(tmp_path, days(mass=200)) == [(DAY, 203)]


def test_the_first_of_each_month_and_a_small_register_are_no_mass(tmp_path):
    firsts = days(usual=10)
    for month in range(1, 10):
        firsts[date(2025, month, 1)] += 90
    assert found(tmp_path, firsts) == []
    assert found(tmp_path, Counter({DAY: 19, date(2025, 6, 1): 1})) == []


def test_weeks_and_months_have_few_days_with_many_rows_each(tmp_path):
    assert found(tmp_path, Counter({date(2025, month, 1): 5_000 for month in range(1, 13)})) == []


def test_two_such_days_do_not_hide_one_another(tmp_path):
    counted = days(mass=900)
    counted[date(2025, 7, 1)] += 400
    assert [day for day, _ in found(tmp_path, counted)] == [DAY, date(2025, 7, 1)]


@given(st.lists(st.integers(0, 9), min_size=30, max_size=200))
def test_days_alike_are_never_a_mass(counts):
    column = type("Column", (), {"name": "dag", "mass_day": ""})()
    counted = {date(2025, 1, 1) + timedelta(days=place): rows for place, rows in enumerate(counts)}
    assert mass_days.found(column, counted) == ()


def test_what_a_day_like_it_has_is_counted_with_days_that_have_none_and_firsts_by_themselves():
    column = type("Column", (), {"name": "dag", "mass_day": "leave_out"})()
    every_second = Counter({date(2025, 1, 2) + timedelta(days=2 * place): 6 for place in range(150)})
    every_second.subtract({one: rows for one, rows in every_second.items() if one.day == 1})
    every_second.update({date(2025, month, 1): 40 for month in range(1, 11)})
    for day, usual in ((DAY, 3), (date(2025, 7, 1), 40)):
        [one] = mass_days.found(column, every_second + Counter({day: 900}))
        assert (one.day, one.usual) == (day, usual)


def test_a_mass_day_without_its_dates_makes_nobody_a_no(tmp_path):
    """Who has only such a row is unknown; who has another is known; the twin that leaves it out says no of her."""
    body, outcome = 'rule = "any"\ndate = "dag"\nwindow = [-365, 0]\n', OUTCOME.replace('"besoeg"', '"advis"')
    study = study_written(tmp_path, study_text(characteristic("x", body), outcome=outcome))
    advis = pl.DataFrame({"person": ["p"], "dag": [5]}, schema_overrides={"dag": pl.Int32})
    rows = pl.DataFrame(
        {"person": ["p", "q", "q"], "dag": [DAY, DAY, date(2025, 3, 1)]}, schema_overrides={"person": pl.String}
    )
    answers = {}
    for rule in ("leave_out", "unknown", "keep"):
        mass = mass_days.MassDay(column="dag", day=DAY, rows=900, rule=rule, usual=3)
        made = mass_days.treated(rows, (mass,))
        besoeg = made.with_columns(
            dag=(pl.col("dag") - date(2026, 1, 1)).dt.total_days().cast(pl.Int32), kode=pl.lit("a")
        )
        answers[rule] = cohort_of(study, besoeg=besoeg, advis=advis).frame["x"].to_list()
    assert answers == {"leave_out": [False, True, False], "unknown": [None, True, False], "keep": [True, True, False]}


@pytest.mark.parametrize(("rule", "words"), [("leave_out", "er nok gået med"), ("unknown", "ukendt og ikke nej")])
def test_report_and_run_say_what_may_have_gone_with_them(tmp_path, rule, words):
    made, gate = contract(tmp_path, mass_day=rule), Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5)
    said = {}
    for usual in (3, 44):
        mass = mass_days.MassDay(column="dag", day=DAY, rows=912, rule=rule, usual=usual)
        one = RegisterAccount(
            register="besoeg", files=(), rows=5000, refused=0, reasons=(), duplicates=0, mass_days=(mass,)
        )
        [said[usual]] = registers_told._mass_days(made, one, gate)
    assert "færre end ti" in said[3].da
    assert "fewer than ten" in said[3].en
    assert "40" in said[44].da
    assert "44" not in said[44].da + said[44].en
    assert "912" not in said[44].da
    assert words in said[44].da


@pytest.mark.parametrize("rule", ["leave_out", "unknown", "keep", ""])
def test_ingest_counts_the_days_and_the_contract_decides(tmp_path, rule):
    read = contract(tmp_path, **({"mass_day": rule} if rule else {}))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    usual = [date(2025, 1, 1) + timedelta(days=place) for place in range(100)]
    rows = [f"{61 + place % 30}0150{place:04d};{day}" for place, day in enumerate([*usual, *[DAY] * 150])]
    (inbox / "f.csv").write_text("cpr;dag\n" + "\n".join(rows) + "\n", encoding="utf-8")
    taken = ingest_register(read, inbox)
    [mass] = taken.mass_days
    assert (mass.column, mass.day, mass.rows, mass.rule) == ("dag", DAY, 150, rule)
    left = mass_days.treated(taken.frame, taken.mass_days)
    assert left.height == (100 if rule == "leave_out" else 250)
    assert left.filter(pl.col("dag") == DAY).height == (0 if rule in ("leave_out", "unknown") else 150)
    assert left["dag"].null_count() == (150 if rule == "unknown" else 0)


def test_a_rule_needs_a_date_that_is_kept(tmp_path):
    never = moved(mass_day="unknown", empty="never")  # without its date, such a row would say no
    for column in (
        never,
        moved(mass_day="keep", treatment="drop"),
        {"name": "dag", "role": "plain", "mass_day": "keep"},
    ):
        with pytest.raises(InputErrors) as caught:
            read_contract(written(tmp_path, document([PERSON, column])))
        assert "contract_mass_day" in {error.key for error in caught.value.errors}
