"""`findings.json`: the search's true numbers, 0600, in the schema that DESIGN.md fixes; and the way back from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.values import Condition, Discovery, Finding
from pipelines import atomic
from pipelines.errors import InputError

SCHEMA = "undring/findings/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A finding with its id in this workspace."""

    id: str  # F-2026-014
    finding: Finding


def numbered(
    findings: Sequence[Finding], *, prefix: str = "F-", known: dict[str, str] | None = None
) -> tuple[Numbered, ...]:
    """Give each finding its id: the one it had before (`known`: condition key -> id), else the next free number."""
    known = dict(known or {})
    taken = [int(name.rsplit("-", 1)[1]) for name in known.values() if name.startswith(prefix)]
    following = max(taken, default=0) + 1
    result = []
    for finding in findings:
        key = finding_key(finding)
        if key not in known:
            known[key] = f"{prefix}{following:03d}"
            following += 1
        result.append(Numbered(id=known[key], finding=finding))
    return tuple(result)


def condition_key(conditions: Sequence[Condition]) -> str:
    """Return what a combination is, as text: the same for the same conditions whatever their order."""
    return _key([(condition.column, condition.operator, _plain(condition.value)) for condition in conditions])


def finding_key(finding: Finding) -> str:
    """Return what a finding is, as text: its combination, and its outcome where that is not the run's first."""
    return _of_outcome(finding.outcome, condition_key(finding.conditions))


def as_json(
    discovery: Discovery, findings: Sequence[Numbered], *, rounded: bool, finding_json: Any = None
) -> dict[str, Any]:
    """Return the file's content. `finding_json` replaces the numbers of a finding by released ones."""
    write = finding_json or (lambda item: true_numbers(item, discovery))
    several = {"outcomes": [_outcome_json(one) for one in discovery.each]} if discovery.others else {}
    return {
        "schema": SCHEMA,
        "outcome": {"column": discovery.outcome_column, "positive": discovery.outcome_positive},
        **several,
        "people": discovery.people,
        "people_searched": discovery.people_searched,
        "people_locked": discovery.people_locked,
        "searched": discovery.searched_in_all,
        "tested": discovery.tested_in_all,
        "alpha": discovery.alpha,
        "kind": discovery.kind,
        "scale": discovery.scale,
        "follow_up": discovery.follow_up_column,
        "dispersion": round(discovery.dispersion, 3),
        "rounded": rounded,
        "findings": [write(item) for item in findings],
    }


def true_numbers(item: Numbered, discovery: Discovery) -> dict[str, Any]:
    """Return one finding with its true numbers."""
    finding, shown = item.finding, item.finding.shown
    return {
        **identity(item, discovery),
        "people": shown.people,
        "observed": shown.observed,
        "expected": _number(shown.expected, 4),
        "expected_crude": _number(shown.expected_crude, 4),
        "ratio": _number(shown.ratio, 4),
        "ratio_low": _number(shown.ratio_low, 4),
        "ratio_high": _number(shown.ratio_high, 4),
        "p_search": finding.p_search,
        "p_confirm": finding.p_confirm,
    }


def _outcome_json(search: Discovery) -> dict[str, Any]:
    """Return one outcome of a run that searched several: what it was, and how much of it there was."""
    return {
        "column": search.outcome_column,
        "positive": search.outcome_positive,
        "kind": search.kind,
        "follow_up": search.follow_up_column,
        "dispersion": round(search.dispersion, 3),
        "people_searched": search.people_searched,
        "people_locked": search.people_locked,
        "searched": search.searched,
        "tested": search.tested,
    }


def identity(item: Numbered, discovery: Discovery) -> dict[str, Any]:
    """Return what a finding is, before any count; of which outcome, where the run searched several."""
    finding = item.finding
    mine = discovery.of(finding.outcome) if discovery.others else None
    return {
        "id": item.id,
        **({} if mine is None else {"outcome": {"column": mine.outcome_column, "positive": mine.outcome_positive}}),
        "conditions": [condition_json(condition) for condition in finding.conditions],
        "order": finding.order,
        "above_parts": finding.above_parts,
        "direction": finding.direction,
        "status": finding.status,
        "scales": finding.scales if finding.same_sign_on_both_scales else "opposite",
        **({"unfit": finding.unfit} if finding.unfit else {}),
    }


def condition_json(condition: Condition) -> dict[str, Any]:
    """Return a condition as the file writes it."""
    return {
        "column": condition.column,
        "operator": condition.operator,
        "value": _plain(condition.value),
        "also": [condition_json(other) for other in condition.also],
    }


def read_json(workspace: Path) -> dict[str, Any]:
    """Return a workspace's findings.json. Raises InputError where no run has written one."""
    path = workspace / "findings.json"
    if not path.exists():
        raise InputError("no_findings", file=path)
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if content.get("schema") != SCHEMA:
        raise InputError("findings_schema", file=path)
    return content


def entry(workspace: Path, finding_id: str) -> dict[str, Any]:
    """Return one finding of a workspace's findings.json, and its `key`. Raises InputError `finding_unknown`."""
    content = read_json(workspace)
    for one in content["findings"]:
        if one["id"] == finding_id:
            return {**one, "key": entry_key(one, content)}
    raise InputError("finding_unknown", file=workspace / "findings.json", finding=finding_id)


def entry_key(written: dict[str, Any], content: dict[str, Any]) -> str:
    """Return `finding_key` of a finding as findings.json (`content`) writes it."""
    column = written.get("outcome", content["outcome"])["column"]
    key = _key([(c["column"], c["operator"], c["value"]) for c in written["conditions"]])
    return _of_outcome(None if column == content["outcome"]["column"] else column, key)


def known_ids(workspace: Path) -> dict[str, str]:
    """Return the ids that combinations already have in this workspace, by condition key."""
    path = workspace / "findings.json"
    if not path.exists():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return {entry_key(one, content): one["id"] for one in content["findings"]}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a findings file whole or not at all, for the owner's eyes only."""
    atomic.write_bytes(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode(), mode=0o600)


def _of_outcome(outcome: str | None, key: str) -> str:
    return key if outcome is None else f"{outcome}: {key}"


def _key(conditions: Sequence[tuple[str, str, Any]]) -> str:
    texts = sorted(json.dumps(condition, ensure_ascii=False, default=str) for condition in conditions)
    return "[" + ", ".join(texts) + "]"


def _plain(value: Any) -> Any:
    return [_plain(part) for part in value] if isinstance(value, tuple | list) else value


def _number(value: float | None, digits: int) -> float | None:
    return None if value is None or value != value else round(float(value), digits)
