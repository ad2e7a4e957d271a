"""What a finding is redone in: which columns there are, what stands in them, and what of it reaches a card."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from contract_builders import document
from contract_builders import written as contract_written
from study_builders import OUTCOME, POPULATION, characteristic, study_text, written

from analysis.values import Redone, Robustness
from pipelines.checks import printed_checks
from pipelines.cohort import build_cohort
from pipelines.contracts import read_contract
from pipelines.errors import InputErrors
from pipelines.gate import Gate
from pipelines.meaning import carried
from pipelines.redone import again_columns, with_either

PERSON = {"name": "person", "physicalName": "cpr", "role": "person_identifier"}
DAY = {"logicalType": "date", "role": "date"}
LEFT = POPULATION + 'left = {where = {status = ["80", "90"]}, date = "siden", died = {status = ["90"]}}\n'
HAD = characteristic("faldt", 'rule = "any"\ndate = "dag"\nwindow = [-180, 0]\n')
SINCE_LAW = {"date": date(2025, 2, 1), "what": "advis", "columns": ["kode"], "mapping": {"a": "b"}}


def made(folder, *, population=LEFT, head="", **own):
    study = written(folder, head + study_text(HAD, population=population, outcome=OUTCOME))
    cpr = document(
        [PERSON, {"name": "status", "role": "plain"}, {"name": "siden", **DAY}], files="cpr*.csv", population=True
    )
    visits = document([PERSON, {"name": "dag", **DAY}, {"name": "kode", "role": "plain"}], time="event", **own)
    return carried(
        study,
        {
            "besoeg": read_contract(contract_written(folder, visits)),
            "cpr": read_contract(contract_written(folder, {**cpr, "id": "cpr"}, "cpr.yaml")),
        },
    )


def test_what_the_registers_do_not_allow_is_not_redone(tmp_path):
    none, plain = made(tmp_path / "a", population=POPULATION), made(tmp_path / "b")
    assert again_columns(none, none.outcome) == ()
    assert again_columns(plain, plain.outcome) == ("indlagt died", "indlagt either")
    late = made(tmp_path / "c", extracted=date(2025, 7, 1))
    assert again_columns(late, late.outcome) == ("indlagt died", "indlagt either", "indlagt gap")
    for number, own in enumerate(({"maturity": 30}, {"breaks": [{**SINCE_LAW, "date": date(2025, 5, 1)}]})):
        study = made(tmp_path / f"d{number}", extracted=date(2025, 7, 1), **own)
        assert "indlagt gap" not in again_columns(study, study.outcome)  # not whole so far on; a break lies there
    sides = made(tmp_path / "e", breaks=[SINCE_LAW])
    assert again_columns(sides, sides.outcome)[2:] == ("indlagt before 2025-02-01", "indlagt after 2025-02-01")


def test_each_column_says_what_happened_in_its_days_and_chooses_nobody(tmp_path):
    study = made(tmp_path, extracted=date(2025, 7, 1), breaks=[SINCE_LAW])
    plain = made(tmp_path / "plain", population=POPULATION)
    people = pl.DataFrame(
        [("p", "90", 40), ("q", "80", 40), ("r", "01", -900), ("s", "90", 120)],
        schema={"person": pl.String, "status": pl.String, "siden": pl.Int32}, orient="row",
    )  # fmt: skip
    visits = pl.DataFrame(
        [("p", 5, "a"), ("q", 60, "b"), ("r", 100, "b")],
        schema={"person": pl.String, "dag": pl.Int32, "kode": pl.String}, orient="row",
    )  # fmt: skip
    frame = with_either(study.outcome, build_cohort(study, {"cpr": people, "besoeg": visits}.__getitem__).frame)
    told = {name: dict(zip(frame["person"], frame[name], strict=True)) for name in again_columns(study, study.outcome)}
    assert [name for name, has in told["indlagt died"].items() if has] == ["p"]
    assert [name for name, has in told["indlagt either"].items() if has] == ["p", "q"]
    assert [name for name, has in told["indlagt gap"].items() if has] == ["r"]
    assert [name for name, has in told["indlagt before 2025-02-01"].items() if has] == ["p"]
    assert [name for name, has in told["indlagt after 2025-02-01"].items() if has] == ["q"]
    before = build_cohort(plain, {"cpr": people, "besoeg": visits}.__getitem__).frame
    assert frame.select(before.columns).equals(before)


def test_where_the_date_is_a_deaths_who_has_none_did_not_die(tmp_path):
    study = made(tmp_path, population=POPULATION + 'left = {date = "siden", died = true}\n')
    people = pl.DataFrame(
        [("p", "90", 40), ("q", "01", None)],
        schema={"person": pl.String, "status": pl.String, "siden": pl.Int32}, orient="row",
    )  # fmt: skip
    visits = pl.DataFrame(schema={"person": pl.String, "dag": pl.Int32, "kode": pl.String})
    frame = with_either(study.outcome, build_cohort(study, {"cpr": people, "besoeg": visits}.__getitem__).frame)
    assert frame["indlagt died"].to_list() == [True, False]
    assert frame["indlagt either"].to_list() == [True, False]


def test_a_care_home_must_be_a_yes_no_characteristic(tmp_path):
    assert made(tmp_path / "a", head='care_home = "faldt"\n').care_home == "faldt"
    with pytest.raises(InputErrors, match="study_care_home"):
        made(tmp_path / "b", head='care_home = "plejebolig"\n')


@pytest.mark.parametrize(
    ("one", "more", "answer"),
    [
        (Redone(name="x died", people=400, observed=60, size=-0.8, p=1e-5), False, ("died", "hidden")),
        (Redone(name="x died", people=400, observed=60, size=0.8, p=1e-5), True, ("died", "more")),
        (Redone(name="x died", people=400, observed=60, size=0.8, p=0.3), True, ("died", "none")),
        (Redone(name="x died", people=400, observed=60, size=0.8, p=1e-5), False, ("died", "fewer")),
        (Redone(name="x died", people=400, observed=4, size=-0.8, p=1e-5), False, ("died", "few")),
        (Redone(name="x gap", people=400, observed=60, size=0.6, p=0.2), True, ("gap", "same")),
        (Redone(name="x gap", people=400, observed=60, size=0.2, p=0.2), True, ("gap", "weaker")),
        (Redone(name="plejebolig", people=300, observed=60, size=-0.1), True, ("care_home", "other")),
        (Redone(name="plejebolig", people=300, observed=297, size=1.0), True, ("care_home", "few")),
    ],
)
def test_a_card_is_told_a_word_and_of_a_small_group_nothing(one, more, answer):
    told = Robustness(resamples=400, same_sign=1.0, half_size=1.0, redone=(one,))
    gate = Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5)
    checks = printed_checks(told, gate, name="n", columns={}, outcomes={}, more=more)
    assert checks.redone == (answer,)
    assert ("redone" in checks.failed) == (answer[1] in ("hidden", "other"))
