"""Which counts may be told: thresholds, rounding that cannot be averaged away, and what printed groups give away."""

from __future__ import annotations

import hmac
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from pseudonymisation.suppression import agree, pinned_patterns

Measure = Literal["people", "observed", "not_observed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of people with a printed figure: who has all of `conditions` and none of `absent`, in one `part`.

    True counts. Groups of different parts (searched, locked) share nobody and are never compared. `release` tells
    an earlier printing of the same group from a later one.
    """

    id: str
    conditions: frozenset[str]
    people: int
    observed: int | None = None  # of these, people with the outcome
    absent: frozenset[str] = frozenset()
    part: str = ""
    release: str = ""

    def contains(self, other: Group) -> bool:
        """Return whether everybody in `other` is here, by definition alone."""
        return self.part == other.part and self.conditions <= other.conditions and self.absent <= other.absent

    def counts(self) -> tuple[tuple[Measure, int], ...]:
        """Return the counts that a reader has of this group."""
        if self.observed is None:
            return (("people", self.people),)
        return ("people", self.people), ("observed", self.observed), ("not_observed", self.people - self.observed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A small count that printed figures give away. Holds no count: it may be logged.

    `inner` is the id of the group to hold back; `outer` the one it is compared with ("" where it stands alone).
    """

    kind: Literal["small", "nested", "moved", "derived"]
    measure: Measure
    outer: str
    inner: str


def unsafe_count(count: float, smallest: int) -> bool:
    """Return whether a count is neither 0 nor at least `smallest`."""
    return 0 < count < smallest


def rounded(count: float, *, base: int, key: bytes, cell: str) -> int:
    """Return the printed count: base x floor((count + u) / base), u = HMAC-SHA256(key, cell) mod base.

    Stable for a cell, so that printing it often tells no more than once; unbiased over cells; off by less than base.
    Raises: ValueError if the count is negative or not finite, or the base is below 1.
    """
    if base < 1 or not 0 <= count < math.inf:
        raise ValueError("a count is finite and not negative, and a rounding base at least 1")
    shift = int.from_bytes(hmac.digest(key, cell.encode(), "sha256"), "big") % base
    return base * math.floor((count + shift) / base)


def nested_differences(groups: Sequence[Group], *, smallest_difference: int) -> tuple[Violation, ...]:
    """Return where one printed group less another within it leaves 1 to `smallest_difference` - 1 people.

    Groups nest by definition: whoever has a, b and c is among those who have a and b. People, outcomes and people
    without the outcome are all compared, with every group given, those of earlier releases too. Two releases of one
    group ("moved") are compared likewise.
    """
    found = []
    for one, other in combinations(groups, 2):
        if one.contains(other):
            outer, inner = one, other
        elif other.contains(one):
            outer, inner = other, one
        else:
            continue
        same = inner.contains(outer)
        if same and one.release == other.release:
            continue
        inner_counts = dict(inner.counts())
        for measure, count in outer.counts():
            if measure in inner_counts and unsafe_count(abs(count - inner_counts[measure]), smallest_difference):
                kind: Literal["moved", "nested"] = "moved" if same else "nested"
                found.append(Violation(kind=kind, measure=measure, outer=outer.id, inner=inner.id))
    return tuple(found)


def audit(
    groups: Sequence[Group],
    *,
    smallest_group: int,
    smallest_difference: int,
    earlier: Sequence[Group] = (),
    most_conditions: int = 7,
) -> tuple[Violation, ...]:
    """Return every way in which the printed groups together give a small count away, as if printed unrounded.

    Three looks: each group alone; each pair of nested groups; and, for groups that share conditions, every count
    "has these, has not those" that a linear program can pin down from all of them, two sets of conditions at a time
    (together at most `most_conditions`; larger pairs get the first two looks only). A "derived" violation names the
    group with the most conditions. Each violation is told once.

    `earlier` are groups of earlier releases, with the counts they had then: the linear program looks at all releases
    together. They are out already, so none is named, and what they give away alone is not told again.
    """
    alone = [
        Violation(kind="small", measure=measure, outer="", inner=group.id)
        for group in groups
        for measure, count in group.counts()
        if unsafe_count(count, smallest_group)
    ]
    nested = nested_differences(groups, smallest_difference=smallest_difference)
    derived: list[Violation] = []
    for together, before in _neighbours(groups, earlier, most_conditions):
        for measure in ("people", "observed", "not_observed"):
            counted = [group for group in together if measure in dict(group.counts())]
            known = [group for group in before if measure in dict(group.counts())]
            if not counted or len(counted) + len(known) < 2:
                continue
            if _gives_away(counted, known, measure, smallest_difference):
                largest = max(counted, key=lambda g: (len(g.conditions | g.absent), g.id))
                others = [group for group in (*counted, *known) if group is not largest]
                outer = max(others, key=lambda g: (len(g.conditions | g.absent), g.id)).id if others else ""
                derived.append(Violation(kind="derived", measure=measure, outer=outer, inner=largest.id))
    return tuple(dict.fromkeys((*alone, *nested, *derived)))


def _gives_away(now: Sequence[Group], earlier: Sequence[Group], measure: Measure, below: int) -> bool:
    """Return whether the counts pin a small one down that earlier ones alone do not.

    People come and go between releases. Where no table has all figures, an attacker takes those that agree: each
    earlier figure is then held against the new ones by itself.
    """
    names = sorted(frozenset().union(*(group.conditions | group.absent for group in (*now, *earlier))))

    def told(groups: Sequence[Group]) -> tuple[list[tuple[bool | None, ...]], list[int]]:
        return [_pattern(group, names) for group in groups], [dict(group.counts())[measure] for group in groups]

    def pinned(groups: Sequence[Group]) -> set[tuple[bool | None, ...]]:
        patterns, counts = told(groups)
        return set(pinned_patterns(patterns, counts, conditions=len(names), below=below)) if groups else set()

    if not earlier or agree(*told((*now, *earlier)), conditions=len(names)):
        sets: list[Sequence[Group]] = [earlier]
    else:
        sets = [(), *([one] for one in earlier)]
    return any(pinned((*now, *one)) - (pinned(one) if one else set()) for one in sets)


def _pattern(group: Group, names: Sequence[str]) -> tuple[bool | None, ...]:
    """Return what a group says of each condition: holds, does not hold, or nothing."""
    return tuple(True if name in group.conditions else False if name in group.absent else None for name in names)


def _neighbours(
    groups: Sequence[Group], earlier: Sequence[Group], most_conditions: int
) -> list[tuple[list[Group], list[Group]]]:
    """Return the groups to look at together, and the earlier ones: one part, the conditions of one set or of two."""
    found: dict[tuple[str, frozenset[str]], None] = {}
    by_part: dict[str, set[frozenset[str]]] = defaultdict(set)
    printed: dict[str, set[frozenset[str]]] = defaultdict(set)
    for group in groups:
        printed[group.part].add(group.conditions | group.absent)
    for group in (*groups, *earlier):
        if group.part in printed:
            by_part[group.part].add(group.conditions | group.absent)
    for part, named in by_part.items():
        ordered = sorted(named, key=lambda names: (len(names), sorted(names)))
        # Only the largest sets matter: a smaller one within is looked at with them.
        maximal = [names for names in ordered if not any(names < other for other in ordered)]
        # Where nothing new is, nothing new is given away.
        new = {names for names in maximal if any(one <= names for one in printed[part])}
        found.update({(part, names): None for names in maximal if names in new and len(names) <= most_conditions})
        for one, other in combinations(maximal, 2):
            if one & other and (one in new or other in new) and len(one | other) <= most_conditions:
                found[part, one | other] = None
    found = {key: None for key in found if not any(key[0] == part and key[1] < names for part, names in found)}

    def within(some: Sequence[Group], part: str, names: frozenset[str]) -> list[Group]:
        return [group for group in some if group.part == part and group.conditions | group.absent <= names]

    return [(within(groups, part, names), within(earlier, part, names)) for part, names in found]
