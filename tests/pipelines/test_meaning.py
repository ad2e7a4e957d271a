"""What a contract says of a register's rows is held against the study, with contract, column and dates."""

from __future__ import annotations

import re
from datetime import date

import pytest
from contract_builders import document
from contract_builders import written as contract_written
from study_builders import CHARACTERISTIC, OUTCOME, POPULATION, characteristic, study_text, written

from pipelines.contracts import read_contract
from pipelines.errors import InputErrors
from pipelines.meaning import carried, check_answers, extraction_days
from pipelines.study_check import check_contracts
from reports.catalogue import Language

PERSON = {"name": "person", "physicalName": "cpr", "role": "person_identifier"}
VISITS = [
    PERSON,
    {"name": "dag", "logicalType": "date", "role": "date"},
    {"name": "kode", "role": "plain", "codes": ["a", "b", "c"]},
]
PEOPLE = [
    PERSON,
    {"name": "alder", "logicalType": "integer", "role": "quasi_identifier", "time": "historic"},
    {"name": "status", "role": "plain", "time": "snapshot"},
    {"name": "vej", "role": "quasi_identifier", "treatment": "district", "time": "historic"},
]
WINDOW = 'date = "dag"\nwindow = [-100, 0]\n'


def contracts(folder, *, columns=None, people=None, home=None, **own):
    """The two registers of study_builders: besoeg, with these properties of the whole contract, and cpr."""
    cpr = {**document(people or PEOPLE, files="cpr*.csv", **{"population": True, **(home or {})}), "id": "cpr"}
    visits = document(columns or VISITS, **{"time": "event", **own})
    return {
        "besoeg": read_contract(contract_written(folder, visits)),
        "cpr": read_contract(contract_written(folder, cpr, "cpr.yaml")),
    }


def faults(folder, *bodies, days=None, outcome=OUTCOME, population=POPULATION, **own):
    study = written(folder, study_text(*(bodies or (CHARACTERISTIC,)), outcome=outcome, population=population))
    made = contracts(folder, **own)
    return check_contracts(study, made, days or extraction_days(made, None))


def keys(found):
    return sorted(error.key for error in found)


def test_a_study_that_fits_its_contracts_has_no_fault(tmp_path):
    assert faults(tmp_path) == []


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ['rule = "any"\nwhere = {kode = ["a"]}\n', 'rule = "latest"\ncolumn = "kode"\n'])
def test_a_snapshot_is_refused_before_its_extraction_with_file_and_column_also_where_the_row_is_dated(tmp_path, rule):
    columns = [*VISITS[:2], {**VISITS[2], "time": "snapshot"}]
    [error] = faults(tmp_path, characteristic("x", rule + WINDOW), columns=columns, days={"besoeg": date(2025, 3, 1)})
    assert (error.key, error.facts["file"], error.facts["column"]) == (
        "meaning_snapshot", "contracts/besoeg.yaml", "kode",
    )  # fmt: skip
    assert "2025-03-01" in error.text(Language.DA)
    assert "2025-01-01" in error.text(Language.DA)
    on_the_day = {"besoeg": date(2025, 1, 1)}
    assert faults(tmp_path, characteristic("x", rule + WINDOW), columns=columns, days=on_the_day) == []


def test_nothing_said_of_time_is_a_snapshot_and_says_so(tmp_path):
    body = characteristic("x", 'rule = "any"\nwhere = {kode = ["a"]}\n' + WINDOW)
    made = contracts(tmp_path)
    silent = document([VISITS[0], VISITS[1], VISITS[2]])
    made["besoeg"] = read_contract(contract_written(tmp_path, silent))
    assert made["besoeg"].column("kode").time == "snapshot"
    assert made["besoeg"].column("dag").time == "event"
    study = written(tmp_path, study_text(body))
    assert keys(check_contracts(study, made)) == ["meaning_time_not_said"]


def test_a_population_chosen_by_its_status_of_a_later_day_is_refused(tmp_path):
    chosen = POPULATION + 'where = {status = ["01"]}\n'
    assert keys(faults(tmp_path, population=chosen, days={"cpr": date(2025, 6, 1)})) == ["meaning_snapshot"]
    assert faults(tmp_path, population=chosen, days={"cpr": date(2025, 1, 1)}) == []


def test_the_day_of_extraction_is_read_from_the_newest_files_name(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("besoeg_2024-12-31.csv", "besoeg_20250301.csv", "besoeg_99999999.csv"):
        (inbox / name).write_text("x")
    made = contracts(tmp_path, extracted="file_name")
    assert extraction_days({"besoeg": made["besoeg"]}, inbox) == {"besoeg": date(2025, 3, 1)}


# --- breaks, maturity, wholeness -------------------------------------------------------------------------------------

LAW = {"date": date(2024, 11, 1), "what": "ældreloven"}


def test_a_window_over_a_break_is_refused_with_contract_column_and_dates(tmp_path):
    broken = [{**LAW, "columns": ["kode"]}]
    body = characteristic("x", 'rule = "any"\nwhere = {kode = ["a"]}\n' + WINDOW)
    [error] = faults(tmp_path, body, breaks=broken)
    assert (error.key, error.facts["column"], error.facts["day"]) == ("meaning_break", "kode", "2024-11-01")
    text = error.text(Language.EN)
    assert "contracts/besoeg.yaml" in text
    assert "2024-09-23" in text
    assert "2024-12-31" in text
    assert "ældreloven" in text
    assert faults(tmp_path, breaks=broken) == []  # a window on the same days, of another column
    assert keys(faults(tmp_path, breaks=[LAW])) == ["meaning_break"]  # the rows themselves


@pytest.mark.parametrize(
    ("day", "straddles"), [("2024-09-23", False), ("2024-09-24", True), ("2024-12-31", True), ("2025-01-01", False)]
)
def test_a_break_on_a_windows_first_day_or_after_its_last_is_no_matter(tmp_path, day, straddles):
    body = characteristic("x", 'rule = "any"\n' + WINDOW)
    found = faults(tmp_path, body, breaks=[{"date": date.fromisoformat(day), "what": "x"}])
    assert bool(found) is straddles


def test_a_break_in_the_outcomes_window_is_refused_too(tmp_path):
    assert keys(faults(tmp_path, breaks=[{"date": date(2025, 2, 1), "what": "x"}])) == ["meaning_break"]


def test_a_mapping_lets_a_window_straddle_and_the_variable_carries_it(tmp_path):
    broken = [{**LAW, "columns": ["kode"], "mapping": {"a": "c"}}]
    body = characteristic("x", 'rule = "any"\nwhere = {kode = ["c"]}\n' + WINDOW)
    assert faults(tmp_path, body, breaks=broken) == []
    study = written(tmp_path, study_text(body))
    [mapped] = carried(study, contracts(tmp_path, breaks=broken)).characteristics[0].mapped
    assert (mapped.column, mapped.day, mapped.codes) == ("kode", -61, (("a", "c"),))


def test_a_window_that_ends_before_the_register_is_mature_is_refused(tmp_path):
    late = {"besoeg": date(2025, 5, 1)}
    assert faults(tmp_path, maturity=30, days=late) == []  # the outcome's last day is 1 April
    [error] = faults(tmp_path, maturity=31, days=late)
    assert (error.key, error.facts["last"], error.facts["whole"]) == ("meaning_not_mature", "2025-04-01", "2025-03-31")
    assert set(keys(faults(tmp_path, maturity=31))) == {"meaning_extracted_missing"}


def test_no_row_before_the_register_was_whole_is_no_no(tmp_path):
    assert keys(faults(tmp_path, whole_from=date(2024, 10, 1))) == ["meaning_before_whole"]
    assert faults(tmp_path, whole_from=date(2024, 7, 5)) == []
    latest = characteristic("x", 'rule = "latest"\ncolumn = "kode"\ndate = "dag"\nwindow = [-9000, 0]')
    assert faults(tmp_path, latest, whole_from=date(2024, 7, 5)) == []  # without a row: unknown


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_register_without_the_dead_makes_no_characteristic_after_the_index_date(tmp_path):
    gone = {"dead_and_moved": "gone", "extracted": date(2025, 6, 1)}
    assert keys(faults(tmp_path, **gone)) == ["meaning_survivors"]
    assert faults(tmp_path, dead_and_moved="gone", extracted=date(2025, 1, 1)) == []
    assert keys(faults(tmp_path, home=gone)) == ["meaning_population_survivors"]


def test_need_coverage_and_eligibility_are_carried_into_the_studys_variables(tmp_path):
    columns = [VISITS[0], VISITS[1], {**VISITS[2], "service": True}]
    body = characteristic("x", 'rule = "any"\nwhere = {kode = ["a"]}\n' + WINDOW)
    made = contracts(
        tmp_path, columns=columns, eligibility={"min_age": 75}, seen_for={"register": "besoeg", "date": "dag"}
    )
    x = carried(written(tmp_path, study_text(body)), made).characteristics[0]
    assert x.service
    assert x.eligible[0].min_age == 75
    assert x.unknown_unless.register == "besoeg"
    assert keys(faults(tmp_path, seen_for={"register": "klienter", "date": "fra"})) == ["meaning_seen_for"] * 2


def test_the_four_questions_are_asked_until_all_are_answered(tmp_path):
    [error, _] = check_answers(contracts(tmp_path, dead_and_moved="held", delivery=""), ("besoeg", "cpr"))
    assert error.facts["properties"] == "whole_from, seen_for, delivery"
    answers = {"dead_and_moved": "held", "whole_from": "2015-01-01", "seen_for": "everybody", "delivery": "full"}
    assert check_answers(contracts(tmp_path, **answers, home=answers), ("besoeg", "cpr")) == []


# --- the closed schema -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "key"),
    [
        ({"extracted": "i går"}, "contract_value"),
        ({"dead_and_moved": "måske"}, "contract_value"),
        ({"seen_for": {"register": "x"}}, "contract_value"),
        ({"delivery": "part"}, "contract_value"),
        ({"maturity": -1}, "contract_value"),
        ({"maturity": True}, "contract_value"),
        ({"breaks": {"date": "2024-01-01"}}, "contract_value"),
        ({"breaks": [{"date": "2024-01-01"}]}, "contract_value"),
        ({"breaks": [{"date": "2024-01-01", "what": "x", "hvem": "y"}]}, "contract_value"),
        ({"breaks": [{"date": "2024-01-01", "what": "x", "mapping": {"a": "b"}}]}, "contract_value"),
        ({"breaks": [{"date": "2024-01-01", "what": "x", "columns": ["nej"]}]}, "contract_break_column"),
        ({"breaks": [{**LAW, "columns": ["dag"], "mapping": {"a": "b"}}]}, "contract_break_column"),
        ({"eligibility": {}}, "contract_value"),
        ({"eligibility": {"min_age": 200}}, "contract_value"),
        ({"delivery": "changes"}, "contract_changes_key"),
    ],
)  # fmt: skip
def test_the_schema_is_closed(tmp_path, own, key):
    with pytest.raises(InputErrors) as refused:
        contracts(tmp_path, **own)
    assert keys(refused.value.errors) == [key]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("sks", "DJ449", "J-44"), ("icd10", "DJ44.9", "449"), ("atc", "N05BA01", "N5BA01"), ("icpc2", "K86", "I86"),
        ("municipality", "0461", "0061"), ("post_code", "5000", "500"),
    ],
)  # fmt: skip
def test_a_code_list_is_a_shape(tmp_path, name, good, bad):
    columns = [*VISITS[:2], {"name": "kode", "role": "plain", "code_list": name}]
    pattern = contracts(tmp_path, columns=columns)["besoeg"].column("kode").pattern
    assert re.fullmatch(pattern, good)
    assert not re.fullmatch(pattern, bad)


# --- a text that is told by its concepts ------------------------------------------------------------------------------


def noted(**own):
    note = {"name": "note", "role": "free_text", "treatment": "concepts", "concepts": {"fald": ["faldt"]}, **own}
    return [*VISITS, note]


TOLD = characteristic("faldet", 'rule = "any"\nwhere = {note_fald = [true]}\n' + WINDOW)


def test_a_concept_is_held_to_what_its_text_is_held_to(tmp_path):
    assert faults(tmp_path, TOLD, columns=noted(time="historic")) == []
    (found,) = faults(tmp_path, TOLD, columns=noted(time="snapshot"), days={"besoeg": date(2030, 1, 1)})
    assert (found.key, found.facts["column"]) == ("meaning_snapshot", "note")
    service = contracts(tmp_path, columns=noted(time="historic", service=True))
    study = written(tmp_path, study_text(TOLD))
    assert carried(study, service).characteristics[0].service
