"""The findings as data: released numbers only, in DESIGN.md's schema, and a table Excel opens."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

from reports import fund_csv, fund_json
from tests.reports import builders

FIELDS = [
    "id",
    "conditions",
    "order",
    "above_parts",
    "direction",
    "status",
    "people",
    "observed",
    "expected",
    "expected_crude",
    "ratio",
    "ratio_low",
    "ratio_high",
    "p_search",
    "p_confirm",
]


def rows(report, language="da"):
    return list(csv.DictReader(fund_csv(report, language).decode("utf-8-sig").splitlines(), delimiter=";"))


def test_fund_json_has_the_schema_of_findings_json_and_says_it_is_rounded():
    data = json.loads(json.dumps(fund_json(builders.example_report())))
    assert data["schema"] == "undring/findings/1"
    assert data["rounded"] is True
    assert data["outcome"] == {"column": "akut_indlagt_90d", "positive": True}
    assert [finding["status"] for finding in data["findings"]] == [
        "confirmed",
        "confirmed",
        "refuted",
        "undecided",
        "lead",
    ]
    for finding in data["findings"]:
        assert list(finding) == FIELDS
        assert all(list(one) == ["column", "operator", "value", "also"] for one in finding["conditions"])
    held_back = data["findings"][3]
    assert held_back["observed"] is None
    assert held_back["expected"] is None


def test_fund_csv_opens_in_danish_excel():
    raw = fund_csv(builders.example_report(), "da")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 6
    first = rows(builders.example_report())[0]
    assert first["fund"] == "F-2026-014"
    assert first["set_over_forventet"] == "1,5710"
    assert first["set_pr"] == "172"
    assert first["saetning"].startswith("Ældre, der både er flyttet")
    assert rows(builders.example_report(), "en")[0]["ratio"] == "1.5710"


def test_a_cell_that_looks_like_a_formula_is_only_text():
    report = replace(builders.example_report(), population=builders.words("=cmd()", "=cmd()"))
    assert rows(report)[0]["saetning"].startswith("'=cmd()")


def test_a_gap_below_zero_is_a_number_to_a_spreadsheet():
    assert rows(builders.example_report())[1]["forskel_pr"] == "-75"


def test_a_small_p_value_is_the_same_number_in_both_files():
    card = replace(builders.pair_card(), p_search=1e-9, p_confirm=0.00002)
    report = replace(builders.example_report(), cards=(card,))
    for language, mark in (("da", ","), ("en", ".")):
        told = fund_csv(report, language).decode("utf-8-sig").splitlines()[1]
        assert f"0{mark}000000001" in told
        assert f"0{mark}00002" in told
