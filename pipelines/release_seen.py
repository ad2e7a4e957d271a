"""Two lines of a card's back: how many of the group live in a care home, and for whom the outcome can be seen."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.values import Finding
from pipelines.contract_schema import EVERYBODY, SeenFor
from pipelines.contracts import Contract
from pipelines.gate import SHARE_BASE, Gate
from pipelines.study import Outcome
from pipelines.words import both
from reports.values import CareHome, Words

__all__ = ["in_care_home", "seen_words"]

LAST = 100 - SHARE_BASE  # of the steps: everybody is in it


def in_care_home(finding: Finding, column: str | None, gate: Gate, *, name: str) -> CareHome | None:
    """Return the share of a finding's group that lives in a care home, as it may be printed.

    `column` is the study's characteristic that says so, `name` the group's cell. None where there is none, the finding
    was not redone without those people, or its own conditions say who lives there. Of few people, or of all but few,
    it is too few to show; and so it is where a step of the share would hold fewer people than a difference may.
    """
    told = finding.shown.robustness
    redone = next((one for one in told.redone if one.name == column), None) if told is not None else None
    if redone is None or any(one.column == column for one in finding.conditions):
        return None
    people = finding.shown.people
    there = people - redone.people
    # The share alone is told, not who of them has the outcome.
    if not _may_stand(there, people, gate):
        gate.held_back += 1
        return CareHome()
    return CareHome(percent=min(gate.percent(f"{name}|care_home", there / people), LAST))


def _may_stand(there: int, people: int, gate: Gate) -> bool:
    """Tell whether a share hides its count among enough others; that nobody, or everybody, is there hides nobody."""
    if gate.allows(people=people, observed=there) != "both":
        return False
    mine = _step(there, people)
    around = range(mine * people // 100, min((mine + 2 * SHARE_BASE) * people // 100, people) + 1)
    fits = [one for one in around if _step(one, people) == mine and gate.allows(people=people, observed=one) == "both"]
    return there in (0, people) or len(fits) >= gate.smallest_difference


def _step(there: int, people: int) -> int:
    return min(SHARE_BASE * (100 * there // (SHARE_BASE * people)), LAST)


def seen_words(outcome: Outcome, contracts: Mapping[str, Contract]) -> Words:
    """Return for whom an outcome can be seen: as the study or its register's contract says, or that neither does."""
    contract = contracts.get(outcome.register)
    said = None if contract is None else contract.seen_for
    where = outcome.unknown_unless.register if outcome.unknown_unless is not None else None
    if where is None and isinstance(said, SeenFor):
        where = said.register
    if where is not None:
        other = contracts.get(where)
        named = Words(da=where, en=where)
        if other is not None:
            named = Words(da=other.label_da or where, en=other.label_en or where)
        return both("seen.register", register=named)
    return both("seen.everybody" if said == EVERYBODY else "seen.untold")
