"""The gate that every count passes before it may be printed: small groups, rounding, and what was printed before.

DESIGN.md's limits, in its order: thresholds on true counts first, then keyed stable rounding. A count that was
printed earlier stays as it was until the true one has moved by the rounding base, so that two nights' figures do
not subtract to a person; what was printed, beside the true count at that time, lies encrypted in the vault.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pseudonymisation import disclosure

GROUP_BASE = 10
NUMERATOR_BASE = 5
TOTAL_BASE = 100
SHARE_BASE = 5
P_STEPS = (*(10.0**-power for power in range(12, 2, -1)), 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
BARE_SHARE_NEEDS = 20  # no 0 % and no 100 % in a group smaller than this


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A printed figure and the true one behind it when it was printed. Never leaves the vault."""

    printed: int
    true: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCell:
    """A group as it may be printed; None is "too few to show"."""

    people: int | None
    observed: int | None
    follow_up: int | None = None  # of counts and times, rounded to 10 in the study's unit


@dataclass(slots=True, kw_only=True)
class Gate:
    """Lets counts through, or not, and remembers what it let through.

    `key` is the study's rounding key; `published` is what earlier runs printed, by cell.
    """

    key: bytes
    smallest_group: int
    smallest_difference: int
    published: Mapping[str, Published] = field(default_factory=dict)
    now: dict[str, Published] = field(default_factory=dict)
    held_back: int = 0

    def cell(
        self,
        definition: str,
        *,
        people: int,
        observed: int,
        happened: int | None = None,
        follow_up: float | None = None,
        group: str | None = None,
    ) -> PrintedCell:
        """Return a group and its numerator as they may be printed.

        Group, numerator and complement must each be 0 or at least `smallest_group` people, on true counts. A bare
        0 % or 100 % needs a group of 20. A numerator that rounding would lift above its group is withheld.
        Where `observed` are events, `happened` is who had any: they must be as many, or nobody's own events would be
        safe. `follow_up` is rounded like a group. `group`: the cell of the people, where other figures are of the same.
        """
        allowed = self.allows(people=people, observed=observed if happened is None else happened)
        if allowed is None:
            self.held_back += 1
            return PrintedCell(people=None, observed=None)
        size = self._rounded(f"{group or definition}|people", people, GROUP_BASE)
        if allowed == "people":
            self.held_back += 1
            return PrintedCell(people=size, observed=None)
        numerator = self._rounded(f"{definition}|observed", observed, NUMERATOR_BASE)
        time = None if follow_up is None else self._rounded(f"{definition}|follow_up", follow_up, GROUP_BASE)
        if (numerator > size and happened is None) or time == 0:
            self.held_back += 1
            return PrintedCell(people=size, observed=None)
        return PrintedCell(people=size, observed=numerator, follow_up=time)

    def allows(self, *, people: int, observed: int) -> Literal["both", "people"] | None:
        """Return what of a group its true counts allow to be printed: both figures, the group alone, or nothing."""
        if disclosure.unsafe_count(people, self.smallest_group):
            return None
        parts = (observed, people - observed)
        small = any(disclosure.unsafe_count(part, self.smallest_group) for part in parts)
        bare = 0 in parts and people < BARE_SHARE_NEEDS
        return "people" if small or bare else "both"

    def expected(
        self, definition: str, what: str, count: float, *, observed: int, printed: int, base: int = NUMERATOR_BASE
    ) -> int | None:
        """Return an expected count, or an end of its interval (`what`), as it may be printed; None if not finite.

        One of the two multiples of `base` around it, so off by less than that, like any numerator: the one whose
        difference from the printed numerator is nearest to the true difference. The gap is what a reader acts on; two
        independent roundings would blur it twice. `observed` and `printed`: the group's numerator, true and as printed.
        """
        if not 0 <= count < float("inf"):
            return None
        cell = f"{definition}|{what}"
        before = self.published.get(cell)
        if before is not None and abs(count - before.true) < base and before.printed % base == 0:
            self.now[cell] = before
            return before.printed
        below = base * math.floor(count / base)
        around = (below, below + base) if below < count else (below,)
        chosen = min(around, key=lambda one: (abs((printed - one) - (observed - count)), one))
        self.now[cell] = Published(printed=chosen, true=count)
        return chosen

    def group(self, definition: str, people: int) -> int | None:
        """Return a number of people by itself, rounded to 10; None where they are too few to show."""
        if disclosure.unsafe_count(people, self.smallest_group):
            return None
        return self._rounded(f"{definition}|people", people, GROUP_BASE)

    def total(self, definition: str, count: int) -> int:
        """Return a total of the whole population (or of rows), rounded to 100."""
        return self._rounded(f"{definition}|total", count, TOTAL_BASE)

    def rows(self, definition: str, count: int) -> int:
        """Return a count of rows of one kind, rounded to 10."""
        return self._rounded(f"{definition}|rows", count, GROUP_BASE)

    def share(self, definition: str, share: float, *, of: int) -> float | None:
        """Return a share of rows, computed from printed counts; None where it, or the rest, is too few to show."""
        part = round(share * of)
        if any(disclosure.unsafe_count(count, self.smallest_group) for count in (part, of - part)):
            return None
        whole = self.rows(f"{definition}|of", of)
        return min(self.rows(f"{definition}|part", part) / whole, 1.0) if whole else None

    def p_value(self, definition: str, p: float | None, *, alpha: float) -> float | None:
        """Return a p-value as it may be printed: the step at or above it, on its own side of alpha.

        It moves with every single person, so all its digits would tell two nights apart where every count stands. A
        printed step stands until the true value lies two steps away.
        """
        if p is None:
            return None
        steps = sorted({*P_STEPS, alpha})
        step = bisect_left(steps, p) if p < 1 else len(steps) - 1
        cell = f"{definition}|p"
        before = self.published.get(cell)
        if before is not None and 0 <= before.printed < len(steps):
            stands = (steps[before.printed] <= alpha) == (p <= alpha)
            if stands and abs(step - bisect_left(steps, min(before.true, 1.0))) <= 1:
                self.now[cell] = before
                return steps[before.printed]
        self.now[cell] = Published(printed=step, true=p)
        return steps[step]

    def classed(self, definition: str, count: int, classes: Sequence[int]) -> int:
        """Return a count's class, 0 below the first: a printed one stands until the true one lies two classes away."""
        cell = f"{definition}|class"
        true = bisect_right(classes, count)
        before = self.published.get(cell)
        if before is not None and abs(true - bisect_right(classes, before.true)) <= 1:
            self.now[cell] = before
            return before.printed
        self.now[cell] = Published(printed=true, true=count)
        return true

    def percent(self, definition: str, share: float) -> int:
        """Return a share as it may be printed: whole percent, down to a multiple of 5.

        A printed one stands until the true share lies 5 points away: no single person tells two nights apart by it.
        """
        cell = f"{definition}|percent"
        before = self.published.get(cell)
        if before is not None and abs(100 * (share - before.true)) < SHARE_BASE:
            self.now[cell] = before
            return before.printed
        printed = SHARE_BASE * math.floor(100 * share / SHARE_BASE + 1e-9)
        self.now[cell] = Published(printed=printed, true=share)
        return printed

    def few(self, definition: str, count: int) -> int:
        """Return a count of people that is no group of theirs, rounded like a numerator; 0 below the smallest group."""
        if count < self.smallest_group:
            return 0
        return self._rounded(f"{definition}|few", count, NUMERATOR_BASE)

    def _rounded(self, cell: str, count: float, base: int) -> int:
        before = self.published.get(cell)
        if before is not None and abs(count - before.true) < base:
            self.now[cell] = before
            return before.printed
        printed = disclosure.rounded(count, base=base, key=self.key, cell=cell)
        self.now[cell] = Published(printed=printed, true=count)
        return printed
