from __future__ import annotations

import json
import logging
import os
import tempfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from contract_builders import COLUMNS, contract
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.validate import Check, Verdict, validate_register
from reports import catalogue

PLANTED = "6101509999"


@pytest.fixture(scope="module")
def agreed(tmp_path_factory):
    columns = [
        *COLUMNS[:3],
        {**COLUMNS[3], "minimum": 0, "maximum": 10, "required": True},
        *COLUMNS[4:],
        {"name": "kode", "physicalName": "Kode", "role": "plain", "pattern": "H[0-9]"},
        {"name": "slut", "physicalName": "Slut", "role": "date", "logicalType": "date", "not_before": "start"},
    ]
    return contract(tmp_path_factory.mktemp("workspace"), columns, key=["cpr", "antal"])


def frame(**columns) -> pl.DataFrame:
    """Two good rows, with other columns where they are given."""
    good = {
        "cpr": ["6101501234", "6101501235"],
        "start": [date(2024, 1, 5), None],
        "minutter": [1.5, None],
        "antal": [3, 4],
        "modtaget": [True, None],
        "status": ["01", None],
        "kode": ["H1", None],
        "slut": [date(2024, 1, 5), date(2024, 2, 1)],
    }
    schema = {"cpr": pl.String, "start": pl.Date, "minutter": pl.Float64, "antal": pl.Int64, "modtaget": pl.Boolean}
    schema |= {"status": pl.String, "kode": pl.String, "slut": pl.Date}
    return pl.DataFrame({**good, **columns}, schema=schema)


def failures(verdict: Verdict) -> list[tuple[str, str, int]]:
    return [(check.id, check.column, check.failed_rows) for check in verdict.checks if not check.passed]


def test_a_good_register_passes_every_check(agreed):
    verdict = validate_register(agreed, frame())
    assert verdict.passed
    assert verdict.exceptions == 0
    assert {check.id for check in verdict.checks} == {
        "not_null",
        "in_set",
        "regex",
        "between",
        "unique_key",
        "in_order",
    }
    assert all(catalogue.has(f"check.expectation.{check.id}") for check in verdict.checks)


@pytest.mark.parametrize(
    ("columns", "failed"),
    [
        ({"cpr": ["6101501234", None]}, ("not_null", "cpr", 1)),
        ({"cpr": ["610150123", "x"]}, ("regex", "cpr", 2)),
        ({"status": ["01", PLANTED]}, ("in_set", "status", 1)),
        ({"antal": [3, 11]}, ("between", "antal", 1)),
        ({"minutter": [-0.5, 3.0]}, ("between", "minutter", 1)),
        ({"kode": ["H1", "xH12"]}, ("regex", "kode", 1)),
        ({"slut": [date(2024, 1, 4), None]}, ("in_order", "slut", 1)),
        ({"cpr": ["6101501234"] * 2, "antal": [3, 3]}, ("unique_key", "", 1)),
    ],
)
def test_a_bad_register_fails_the_check_it_breaks(agreed, columns, failed):
    assert failures(validate_register(agreed, frame(**columns))) == [failed]


def test_people_are_held_against_the_population(agreed):
    known = pl.Series(["6101501234"])
    half = validate_register(agreed, frame(), population=known)  # the contract asks for half of them
    [check] = [check for check in half.checks if check.id == "known_people"]
    assert (check.passed, check.failed_rows) == (True, 1)
    nobody = validate_register(agreed, frame(), population=pl.Series(["6101500000"]))
    assert failures(nobody) == [("known_people", "cpr", 2)]


def test_an_expectation_that_breaks_is_counted_apart_from_failures(agreed):
    text = frame().with_columns(antal=pl.Series(["a", "b"]))
    with pytest.raises(pl.exceptions.PolarsError):  # our own count cannot be made of letters either: a bug is loud
        validate_register(agreed, text)
    check = Check(id="between", column="antal", passed=False, failed_rows=0, rows=2, raised=True)
    assert Verdict(register="x", checks=(check,)).exceptions == 1


def test_a_register_without_rules_has_nothing_to_fail(tmp_path):
    bare = contract(tmp_path, [{"name": "x", "physicalName": "X", "role": "plain"}])
    assert validate_register(bare, pl.DataFrame({"x": ["a"]})).checks == ()


def test_an_empty_register_passes_its_rows(agreed):
    assert validate_register(agreed, frame().clear()).passed


@given(
    antal=st.lists(st.none() | st.integers(-3, 13), min_size=1, max_size=30),
    codes=st.lists(st.sampled_from(["01", "03", "90", "91", None]), min_size=30, max_size=30),
)
@settings(deadline=None, max_examples=25)
def test_great_expectations_and_our_own_counts_agree(agreed, antal, codes):
    rows = len(antal)
    register = pl.DataFrame({"antal": antal, "status": codes[:rows]}, schema={"antal": pl.Int64, "status": pl.String})
    verdict = validate_register(agreed, register)
    expected = {
        ("not_null", "antal"): sum(value is None for value in antal),
        ("between", "antal"): sum(value is not None and not 0 <= value <= 10 for value in antal),
        ("in_set", "status"): sum(value == "91" for value in codes[:rows]),
    }
    assert {(check.id, check.column): check.failed_rows for check in verdict.checks} == expected
    assert {(check.id, check.column): not check.passed for check in verdict.checks} == {
        name: count > 0 for name, count in expected.items()
    }


def test_nothing_that_great_expectations_returns_prints_logs_or_keeps_holds_a_value(agreed, monkeypatch, caplog, capfd):
    import great_expectations as gx
    import great_expectations.expectations as expectations
    from great_expectations.datasource.fluent.interfaces import Batch

    kept = []
    plain = Batch.validate

    def watched(self, *arguments, **options):
        result = plain(self, *arguments, **options)
        kept.append(json.dumps(result.to_json_dict(), default=str))
        return result

    monkeypatch.setattr(Batch, "validate", watched)
    folder = Path(tempfile.mkdtemp())
    monkeypatch.chdir(folder)
    bad = frame(status=[PLANTED, "01"], kode=[PLANTED, PLANTED], cpr=["6101501234", PLANTED + "9"])
    with caplog.at_level(logging.DEBUG):
        verdict = validate_register(agreed, bad)
    assert len(failures(verdict)) == 3
    seen = [*kept, caplog.text, *capfd.readouterr(), repr(verdict)]
    assert kept
    assert not [text for text in seen if PLANTED in text]
    assert list(folder.rglob("*")) == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"

    # the attack can succeed: by its own default, Great Expectations keeps the value
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("open").add_dataframe_asset("a")
    batch = source.add_batch_definition_whole_dataframe("a").get_batch({"dataframe": bad.select("status").to_pandas()})
    rule = expectations.ExpectColumnValuesToBeInSet(column="status", value_set=["01"])
    batch.validate(gx.ExpectationSuite(name="open", expectations=[rule]))
    assert PLANTED in kept[-1]
