"""The analyst's list of findings and one card in the terminal: released numbers, and what it was held against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.values import Condition
from pipelines.errors import InputError
from pipelines.findings import entry_key
from pipelines.robust_told import robustness_lines
from pipelines.study import Outcome, Study, read_study
from pipelines.unfit_told import unfit_sentence
from pipelines.words import parts, study_words
from reports import catalogue
from reports.catalogue import Language
from reports.numbers import decimal, whole
from reports.values import Words


def list_findings(workspace: Path, language: Language) -> list[str]:
    """Return a line a finding, confirmed ones first: id, status, gap per 1,000, and what it is."""
    study = read_study(workspace)
    lines = []
    released = _released(workspace)
    for one in released["findings"]:
        status = catalogue.text(language, f"status.{one['status']}")
        lines.append(f"{one['id']}  {status:<24} {_gap(one, language):>22}  {_of(one, study, language)}")
    return lines


def show(workspace: Path, finding_id: str, language: Language) -> str:
    """Return one finding's card in words; what it was held against has true numbers, for whoever owns the workspace.

    Raises: InputError `finding_unknown`.
    """
    study = read_study(workspace)
    released = _released(workspace)
    one = next((entry for entry in released["findings"] if entry["id"] == finding_id), None)
    if one is None:
        raise InputError("finding_unknown", file=workspace / "findings.json", finding=finding_id)
    said = [f"{one['id']}: {_what(one, study, language)}"]
    if "outcome" in one:
        said.append(catalogue.text(language, "outcomes.of", outcome=_pick(_outcome(one, study).label, language)))
    said.append(catalogue.text(language, "listing.status", status=catalogue.text(language, f"status.{one['status']}")))
    if "unfit" in one:
        said.append(unfit_sentence(one["unfit"], language))
    if one["people"] is None or one["observed"] is None:
        said.append(catalogue.text(language, "listing.too_few"))
    else:
        key = "listing.numbers" if one["expected"] is not None else "listing.numbers_in_words"
        facts = {
            "people": one["people"],
            "observed": one["observed"],
            "outcome": _pick(_outcome(one, study).past, language),
        }
        if one["expected"] is not None:
            facts["expected"] = one["expected"]
        said.append(catalogue.text(language, key, facts))
        said.append(catalogue.text(language, "listing.gap", gap=_gap(one, language)))
    if not one["above_parts"]:
        said.append(catalogue.text(language, "listing.not_above_parts"))
    said.append(catalogue.text(language, "listing.p", name="p_search", p=_p(one["p_search"], language)))
    if one["p_confirm"] is not None:
        said.append(catalogue.text(language, "listing.p", name="p_confirm", p=_p(one["p_confirm"], language)))
    for condition, part in zip(_conditions(one), parts(_conditions(one), study_words(study)), strict=True):
        said.append(f"  {condition.column}: {_pick(part.definition, language)}")
    said += robustness_lines(workspace, entry_key(one, released), language)
    said.append(catalogue.text(language, "listing.not_cause"))
    return "\n".join(said)


def _released(workspace: Path) -> dict[str, Any]:
    file = workspace / "draft" / "fund.json"
    if not file.exists():
        raise InputError("no_findings", file=workspace / "findings.json")
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _p(value: float, language: Language) -> str:
    return "< " + decimal(0.0001, language, digits=4) if value < 0.0001 else decimal(value, language, digits=4)


def _what(one: dict[str, Any], study: Study, language: Language) -> str:
    labels = [_pick(part.label, language) for part in parts(_conditions(one), study_words(study))]
    return " + ".join(labels)


def _of(one: dict[str, Any], study: Study, language: Language) -> str:
    """Say what a finding is; of which outcome, where the run searched several."""
    what = _what(one, study, language)
    if "outcome" not in one:
        return what
    facts = {"outcome": _pick(_outcome(one, study).label, language), "what": what}
    return catalogue.text(language, "outcomes.line", facts)


def _outcome(one: dict[str, Any], study: Study) -> Outcome:
    named = one.get("outcome", {"column": study.outcome.name})["column"]
    return next((outcome for outcome in study.outcomes if outcome.name == named), study.outcome)


def _gap(one: dict[str, Any], language: Language) -> str:
    if not one["people"] or one["observed"] is None or one["expected"] is None:
        return catalogue.text(language, f"listing.no_gap_{one['direction']}")
    gap = round(1000 * (one["observed"] - one["expected"]) / one["people"])
    key = "listing.more" if gap >= 0 else "listing.fewer"
    return catalogue.text(language, key, gap=whole(abs(gap), language))


def _conditions(one: dict[str, Any]) -> tuple[Condition, ...]:
    return tuple(_condition(written) for written in one["conditions"])


def _condition(written: dict[str, Any]) -> Condition:
    value = written["value"]
    return Condition(
        column=written["column"],
        operator=written["operator"],
        value=tuple(value) if isinstance(value, list) else value,
        also=tuple(_condition(other) for other in written["also"]),
    )


def _pick(words: Words | None, language: Language) -> str:
    return "" if words is None else words.said(language)
