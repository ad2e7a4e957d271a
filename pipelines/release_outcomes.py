"""Several outcomes in one report: which figures they share, and what they give away when they are laid side by side.

For one outcome at a time, groups of different outcomes are of different parts (`part_of`) and never compared. Then
all are compared once more with the outcomes as conditions like any other: whoever has both, whoever has one and not
the other, and those of whom one is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from urllib.parse import quote, unquote

import polars as pl

from analysis.values import Discovery, Finding
from pseudonymisation import disclosure

Pair = tuple[str, str]  # everybody with the first outcome has the second as well


def part_of(finding: Finding) -> str:
    """Return which people's figures a finding shows: searched or locked, and of which outcome where not the first."""
    return part_named("locked" if finding.locked is not None else "searched", finding.outcome)


def part_named(people: str, outcome: str | None) -> str:
    """Return the part of searched or locked people's figures of one outcome; None is the first, or only, one."""
    return people if outcome is None else f"{people} {quote(outcome, safe='')}"


def is_part(part: str) -> bool:
    """Tell whether a cell's first word is one that `part_of` gives."""
    return part.partition(" ")[0] in ("searched", "locked")


def within(frame: pl.DataFrame, columns: Sequence[str]) -> tuple[Pair, ...]:
    """Return which outcomes lie within others, in everybody of whom both are known: readmitted within admitted."""
    happened = {one: frame[one].cast(pl.Int64) > 0 for one in columns}
    return tuple(
        (one, other)
        for one, other in permutations(columns, 2)
        if (happened[one] & ~happened[other]).sum() == 0 and happened[one].any()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """The outcomes of a run, as the gate sees them."""

    first: str
    partly_known: frozenset[str] = frozenset()  # those that are not known of everybody in the run
    within: frozenset[Pair] = frozenset()
    several: bool = False

    @classmethod
    def of(cls, discovery: Discovery, within: Collection[Pair] = ()) -> Outcomes:
        """Return those of a run."""
        return cls(
            first=discovery.outcome_column,
            partly_known=frozenset(one.outcome_column for one in discovery.each if one.unknown or one.unknown_locked),
            within=frozenset(within),
            several=bool(discovery.others),
        )

    def group_name(self, name: str) -> str:
        """Return the cell under which a group's people are rounded: one for all outcomes known of everybody."""
        part, _, rest = name.partition("|")
        people, _, outcome = part.partition(" ")
        return name if not outcome or unquote(outcome) in self.partly_known else f"{people}|{rest}"

    def side_by_side(self, groups: Sequence[disclosure.Group]) -> list[disclosure.Group]:
        """Return the groups with outcomes as conditions: of each figure, who is counted in it."""
        return [one for group in groups for one in self._counted(group)] if self.several else list(groups)

    def _counted(self, group: disclosure.Group) -> list[disclosure.Group]:
        part, _, named = group.part.partition(" ")
        outcome = unquote(named) or self.first
        known = frozenset({f"known {outcome}"}) if outcome in self.partly_known else frozenset()
        whole = replace(group, part=part, observed=None, conditions=group.conditions | known)
        if group.observed is None:
            return [whole]
        yes = {outcome, *(wider for narrower, wider in self.within if narrower == outcome)}
        no = {outcome, *(narrower for narrower, wider in self.within if wider == outcome)}
        return [
            whole,
            replace(whole, conditions=whole.conditions | {f"outcome {one}" for one in yes}, people=group.observed),
            replace(
                whole, absent=whole.absent | {f"outcome {one}" for one in no}, people=group.people - group.observed
            ),
        ]  # fmt: skip
