"""Each run tests itself: the whole procedure where nothing is there, and again where we know what is there.

A placebo is one outcome drawn from the fitted background: everybody keeps their own risk, main effects and adjustment
stand, and no combination does anything. (Shuffled labels would take the main effects away, and be too easy.) A
positive control is the same with a few combinations planted. How many runs are made follows from the table's size and
not from a clock, so that a run that is interrupted and goes on prints the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import combinations as combinations_of

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.characteristics import Definitions
from analysis.conditions import columns_of
from analysis.confirm import confirm
from analysis.drawing import Background, background
from analysis.outcomes import search_outcomes
from analysis.settings import CannotSearch, Settings
from analysis.shared import Shared, sharing
from analysis.values import Condition, Discovery, Finding, Planted, SelfTest, Status

Floats = NDArray[np.float64]
Progress = Callable[[float], None]
STRENGTHS = (1.5, 2.0, 3.0)  # odds of the planted combinations, times these
PLACEBOS_A_CONTROL = 5
MOST = 40  # placebos: more would say nothing new
ALWAYS = 4  # positive controls, where the placebos that a release needs are made: one of three plants says little
LARGE = 4  # a planted group is so many times the floors: strength is told, not the luck of a tiny group
DRAWS = 2_000  # combinations drawn in search of one that is large enough to plant

# Seconds of one search on two shared cores, from above: fixed, for each person and pair or triple that holds for them,
# and for each person and two columns of the background. `python -m benchmarks.self_test` measures them again.
FIXED, PER_INCIDENCE, PER_CELL = 0.15, 4.0e-9, 2.0e-9


@dataclass(frozen=True, slots=True)
class Plan:
    """How many runs of each kind."""

    placebos: int
    controls: int


def plan(held: NDArray[np.bool_], *, columns: int, max_order: int, seconds: float, least: int = 0) -> Plan:
    """Return how many runs fit in `seconds`, one positive control to five placebos, by a model of their cost.

    `least`: so many placebos are made first, whatever they take; positive controls have what is left, four at least.
    Shape: `held` (characteristics, people); `columns` of the background. The same table gives the same plan on every
    machine.
    """
    if not held.size or seconds <= 0:
        return Plan(0, 0)
    share = held.mean(axis=1)
    active = np.where(share > 0.5, 1.0 - share, share).sum()  # characteristics a person, commonest turned round
    pairs = active**2 / 2.0
    triples = active**3 / 6.0 if max_order >= 3 else 0.0
    one = FIXED + held.shape[1] * (PER_INCIDENCE * (pairs + triples) + PER_CELL * columns**2)
    runs = max(int(seconds / one), least + ALWAYS if least else 0)
    placebos = max(min(runs * PLACEBOS_A_CONTROL // (PLACEBOS_A_CONTROL + 1), MOST), least)
    return Plan(placebos, min(runs - placebos, -(-placebos // PLACEBOS_A_CONTROL)))


def self_test(
    frame: pl.DataFrame,
    definitions: Definitions,
    discovery: Discovery,
    *,
    locked: NDArray[np.bool_] | None = None,
    try_statuses: Sequence[Status] = ("discovered",),
    level: Callable[[int], float] | None = None,
    cluster: str | None = None,
    settings: Settings,
    seconds: float,
    least: int = 0,
    progress: Progress | None = None,
) -> SelfTest:
    """Run the procedure of `discovery` on outcomes that are drawn, and say how often it was wrong and right.

    Shape: `frame` has one row a person, searched and locked; `locked` says who is locked away (None: nobody). Nobody's
    own outcome in the locked part is read. `try_statuses` are the leads that a run tries there, `level` (leads ->
    level, default alpha) what their batch is decided at. `least` placebos are made whatever they take (see `plan`).
    Where the run searched several outcomes, all are drawn (each by its own background) and searched together.
    """
    tell = progress or (lambda _share: None)
    away = np.zeros(frame.height, dtype=np.bool_) if locked is None else locked
    definitions = definitions.without(discovery.outcome_columns)
    searches = discovery.each
    if seconds <= 0 or not any(one.tested for one in searches):
        return SelfTest()
    settings = replace(settings, scale=discovery.scale)
    drawers = [background(frame, definitions, one, away, cluster=cluster, settings=settings) for one in searches]
    widest = max(drawers, key=lambda one: len(one.conditions))
    planned = plan(
        widest.searched, columns=widest.columns, max_order=settings.max_order, seconds=seconds / len(drawers),
        least=least,
    )  # fmt: skip
    procedure = _Procedure(
        definitions, searches, away, try_statuses=try_statuses, level=level, cluster=cluster, settings=settings
    )
    runs = planned.placebos + planned.controls
    discovered = confirmed = 0
    planted: list[Planted] = []
    with sharing(settings) as shared:
        for run in range(runs):
            control = run >= planned.placebos
            drawn, hidden = frame, []
            for place, one in enumerate(drawers):
                draw = np.random.default_rng([settings.seed, 0x5E1F, run, *([place] if place else [])])
                chosen = _choose(draw, run, one, settings) if control else ()
                drawn = drawn.with_columns(one.drawn(draw, chosen))
                hidden += [(one, odds, members) for odds, members in chosen]
            found = procedure.findings(drawn, shared)
            if control:
                planted += [
                    _answer(odds, [one.conditions[member] for member in members], one.discovery.label, found)
                    for one, odds, members in hidden
                ]
            else:
                discovered += any(one.status != "lead" and one.p_search <= settings.alpha for one in found)
                confirmed += any(one.status == "confirmed" for one in found)
            tell((run + 1) / runs)
    return SelfTest(
        placebo_runs=planned.placebos,
        placebo_discovered=discovered,
        placebo_confirmed=confirmed,
        control_runs=planned.controls,
        planted=tuple(_summed(planted)),
    )


@dataclass(frozen=True, slots=True)
class _Procedure:
    """What the run itself did: search, prune, and try the leads where a part is locked."""

    definitions: Definitions
    searches: Sequence[Discovery]
    away: NDArray[np.bool_]
    _: KW_ONLY
    try_statuses: Sequence[Status]
    level: Callable[[int], float] | None
    cluster: str | None
    settings: Settings

    def findings(self, drawn: pl.DataFrame, shared: Shared) -> tuple[Finding, ...]:
        """Return what is found in drawn outcomes."""
        asked = [replace(one.asked, positive=True) for one in self.searches]
        adjust = dict.fromkeys(name for one in self.searches for name in one.adjusted_for)
        try:
            found = search_outcomes(
                drawn.filter(~self.away), self.definitions, asked, adjust=list(adjust), cluster=self.cluster,
                settings=self.settings, taken=self.searches[0].known, shared=shared,
            )  # fmt: skip
            leads = [one for one in found.all_findings if one.status in self.try_statuses]
            if self.away.any() and leads:
                batch = self.level(len(leads)) if self.level is not None else self.settings.alpha
                found = confirm(
                    found, drawn.filter(self.away), self.definitions, leads, level=batch, cluster=self.cluster,
                    settings=self.settings,
                )  # fmt: skip
        except CannotSearch:  # a rare outcome that nobody was drawn to have: nothing is found
            return ()
        return found.all_findings


def _choose(
    draw: np.random.Generator, run: int, one: Background, settings: Settings
) -> tuple[tuple[float, tuple[int, ...]], ...]:
    """Draw one combination for each strength, of columns of their own, each large enough for the search to test."""
    held, expected, conditions = one.searched, one.expected, one.conditions
    taken: set[str] = set()
    chosen: list[tuple[float, tuple[int, ...]]] = []
    for place, odds in enumerate(STRENGTHS):
        order = 3 if settings.max_order >= 3 and (run + place) % 2 else 2
        if len(conditions) < order:
            continue
        for _ in range(DRAWS):
            members = tuple(sorted(int(one) for one in draw.choice(len(conditions), size=order, replace=False)))
            columns = [columns_of(conditions[one]) for one in members]
            apart = all(not one & other for one, other in combinations_of(columns, 2))
            if apart and not taken & frozenset().union(*columns) and _testable(held[list(members)], expected, settings):
                chosen.append((odds, members))
                taken |= frozenset().union(*columns)
                break
    return tuple(chosen)


def _testable(members: NDArray[np.bool_], risk: Floats, settings: Settings) -> bool:
    """Whether each of the 2^k cells is above the search's floors, and the group well above them."""
    code = sum(held.astype(np.int64) << place for place, held in enumerate(members))
    size = 1 << len(members)
    people = np.bincount(code, minlength=size)
    expected = np.bincount(code, weights=risk, minlength=size)
    floor = settings.floor_expected
    enough = (people >= settings.floor_people) & (expected >= floor) & (people - expected >= floor)
    large = people[-1] >= LARGE * settings.floor_people and expected[-1] >= LARGE * floor
    return bool(enough.all() and large)


def _answer(odds: float, conditions: Sequence[Condition], label: str | None, found: Sequence[Finding]) -> Planted:
    """Whether a planted combination came out, exactly as it was planted, in the outcome it was planted in."""
    wanted = {one.bare for one in conditions}
    found = [one for one in found if one.outcome == label]
    same = [one for one in found if {condition.bare for condition in one.conditions} == wanted]
    return Planted(
        odds=odds,
        planted=1,
        found=int(any(one.status != "lead" for one in same)),
        confirmed=int(any(one.status == "confirmed" for one in same)),
    )


def _summed(answers: Sequence[Planted]) -> list[Planted]:
    """One line a strength."""
    return [
        Planted(
            odds=odds,
            planted=sum(one.planted for one in answers if one.odds == odds),
            found=sum(one.found for one in answers if one.odds == odds),
            confirmed=sum(one.confirmed for one in answers if one.odds == odds),
        )
        for odds in sorted({one.odds for one in answers})
    ]
