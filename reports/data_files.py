"""The findings as data: `fund.json` (DESIGN.md's findings schema) and `fund.csv`; released numbers only."""

from __future__ import annotations

import csv
from io import StringIO
from math import ceil, log10
from typing import Any

from reports.cards import numbers
from reports.catalogue import Language
from reports.numbers import decimal
from reports.values import AlsoSearched, Card, Fallen, PrintedCondition, Report
from reports.wording import Speaker, sentence

STATUS = {1: "discovered", 2: "confirmed", 3: "replicated", 4: "replicated"}
COLUMNS = [
    "id",
    "status",
    "direction",
    "sentence",
    "people",
    "observed",
    "expected",
    "expected_low",
    "expected_high",
    "per",
    "observed_rate",
    "expected_rate",
    "gap",
    "gap_low",
    "gap_high",
    "ratio",
    "ratio_low",
    "ratio_high",
    "p_search",
    "p_confirm",
]


def fund_json(report: Report) -> dict[str, Any]:
    """Return the findings as `undring/findings/1` says, `rounded` true; a number held back is None, never absent."""
    findings: list[dict[str, Any]] = []
    for finding in _all(report):
        findings.append(
            {
                "id": finding.id,
                **({"outcome": _outcome(report.of(finding))} if report.others else {}),
                "conditions": [_condition(condition) for condition in finding.conditions],
                "order": len(finding.parts),
                "above_parts": finding.above_parts,
                "direction": finding.direction,
                "status": _status(finding),
                "people": finding.people,
                "observed": finding.observed,
                "expected": finding.expected,
                "expected_crude": finding.expected_crude,
                "ratio": finding.ratio,
                "ratio_low": finding.ratio_low,
                "ratio_high": finding.ratio_high,
                "p_search": finding.p_search,
                "p_confirm": finding.p_confirm,
                **({"unfit": finding.unfit} if isinstance(finding, Fallen) and finding.unfit else {}),
            }
        )
    return {
        "schema": "undring/findings/1",
        "outcome": _outcome(report),
        **(
            {"outcomes": [{**_outcome(report), "kind": report.kind}, *(_other(one) for one in report.others)]}
            if report.others
            else {}
        ),
        "people": report.people,
        "people_searched": report.people_searched,
        "people_locked": report.people_locked,
        "searched": report.funnel.searched,
        "tested": report.funnel.tested,
        "alpha": report.technical.alpha,
        "kind": report.kind,
        "scale": report.scale,
        "rounded": True,
        "findings": findings,
    }


def fund_csv(report: Report, language: Language | str = Language.DA) -> bytes:
    """Return the findings as a table: UTF-8 with BOM, semicolons, the language's decimal mark, a heading per column."""
    say = Speaker(Language(language))
    written = StringIO()
    table = csv.writer(written, delimiter=";", lineterminator="\r\n")
    columns = [*COLUMNS, *(["outcome"] if report.others else [])]
    table.writerow([say(f"report.csv.{column}" if column in COLUMNS else "outcomes.csv") for column in columns])
    for finding in _all(report):
        row = _row(finding, report.of(finding), say)
        table.writerow([_cell(row.get(column), say.language) for column in columns])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def _outcome(report: Report) -> dict[str, Any]:
    return {"column": report.outcome_column, "positive": report.outcome_positive}


def _other(one: AlsoSearched) -> dict[str, Any]:
    return {"column": one.column, "positive": one.positive, "kind": one.kind}


def _all(report: Report) -> tuple[Card | Fallen, ...]:
    return (*report.cards, *report.fallen)


def _row(finding: Card | Fallen, report: Report, say: Speaker) -> dict[str, Any]:
    row: dict[str, Any] = {column: getattr(finding, column, None) for column in COLUMNS}
    row |= {"status": say(f"report.csv_status.{_status(finding)}"), "sentence": sentence(finding, report, say)}
    row |= {"direction": say(f"chart.{finding.direction}"), "outcome": say.words(report.outcome.label)}
    if isinstance(finding, Card):
        figures = numbers(finding, report)
        row |= {"per": figures.per, "observed_rate": figures.observed.value}
        if figures.expected is not None and figures.gap is not None:
            row |= {"expected_rate": figures.expected.value, "gap": figures.gap.value}
            row |= {"gap_low": figures.gap.low, "gap_high": figures.gap.high}
    return row


def _status(finding: Card | Fallen) -> str:
    return STATUS[finding.step] if isinstance(finding, Card) else finding.status


def _condition(condition: PrintedCondition) -> dict[str, Any]:
    value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
    also = [_condition(other) for other in condition.also]
    return {"column": condition.column, "operator": condition.operator, "value": value, "also": also}


def _cell(value: Any, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        # No thousands mark: a spreadsheet must read it as a number.
        # A p-value near 0 keeps its first digit: 0.0000 would be another number than fund.json's.
        digits = 4 if value == 0 or abs(value) >= 0.0001 else ceil(-log10(abs(value)))
        return decimal(value, language, digits=digits).replace("−", "-")
    text = str(value)
    # A text that begins like a formula is made plain, so that a spreadsheet never runs it.
    return "'" + text if isinstance(value, str) and text[:1] in "=+-@\t" else text
