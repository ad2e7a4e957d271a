"""Each run tests itself: the whole procedure where nothing is there, and again where we know what is there.

A placebo is one outcome drawn from the fitted background: everybody keeps their own risk, main effects and adjustment
stand, and no combination does anything. (Shuffled labels would take the main effects away, and be too easy.) A
positive control is the same with a few combinations planted. How many runs are made follows from the table's size and
not from a clock, so that a run that is interrupted and goes on prints the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations as combinations_of

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit

from analysis.characteristics import Definitions
from analysis.conditions import columns_of
from analysis.confirm import confirm
from analysis.expected import Design
from analysis.families import read_response
from analysis.search import search
from analysis.settings import CannotSearch, Settings
from analysis.table import make_table, workers
from analysis.values import Condition, Discovery, Finding, Planted, SelfTest, Status

Floats = NDArray[np.float64]
Progress = Callable[[float], None]
STRENGTHS = (1.5, 2.0, 3.0)  # odds of the planted combinations, times these
PLACEBOS_A_CONTROL = 5
MOST = 40  # placebos: more would say nothing new
ALWAYS = 1  # positive controls, where any placebo is made
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

    `least`: so many placebos are made first, whatever they take; positive controls have what is left, one at least.
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
    """
    tell = progress or (lambda _share: None)
    away = np.zeros(frame.height, dtype=np.bool_) if locked is None else locked
    usable = definitions.used_by(discovery)
    if not usable.conditions or seconds <= 0 or discovery.tested == 0 or discovery.kind == "time":
        return SelfTest()  # drawing times needs a model of when people leave the study: not built
    held, risk, columns = _background(frame, usable, discovery, away, cluster=cluster, settings=settings)
    planned = plan(held[:, ~away], columns=columns, max_order=settings.max_order, seconds=seconds, least=least)
    runs = planned.placebos + planned.controls
    discovered = confirmed = 0
    planted: list[Planted] = []
    for run in range(runs):
        draw = np.random.default_rng([settings.seed, 0x5E1F, run])
        control = run >= planned.placebos
        hidden = _choose(draw, run, held[:, ~away], risk[~away], usable.conditions, settings) if control else ()
        here = risk
        for odds, members in hidden:
            more = odds * here if discovery.kind == "count" else expit(logit(here) + np.log(odds))
            here = np.where(held[list(members)].all(axis=0), more, here)
        drawn = frame.with_columns(pl.Series(discovery.outcome_column, _drawn(draw, here, discovery)))
        found = _procedure(
            drawn, usable, discovery, away, try_statuses=try_statuses, level=level, cluster=cluster, settings=settings
        )
        if control:
            planted += [_answer(odds, [usable.conditions[one] for one in members], found) for odds, members in hidden]
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


def _background(
    frame: pl.DataFrame,
    usable: Definitions,
    discovery: Discovery,
    away: NDArray[np.bool_],
    *,
    cluster: str | None,
    settings: Settings,
) -> tuple[NDArray[np.bool_], Floats, int]:
    """Fit main effects and adjustment on the searched people; return who has what, everybody's risk, and columns."""
    response = read_response(
        frame, discovery.outcome_column, discovery.outcome_positive, kind=discovery.kind,
        follow_up=discovery.follow_up_column,
    )  # fmt: skip
    response = replace(response, y=np.where(away, 0.0, response.y))
    settings = replace(settings, scale=discovery.scale)
    exposure = None if response.follow_up is None else response.follow_up[~away]
    with workers(settings) as pool:
        everybody = make_table(
            frame, usable, response, adjust=discovery.adjusted_for, cluster=cluster, settings=settings, terms=1,
            pool=pool, taken=discovery.known,
        )  # fmt: skip
        whole = everybody.design
        seen = Design(
            [whole.matrix[~away, place] for place in everybody.base], terms=1, ridge=settings.ridge, pool=pool,
            family=replace(whole.family, exposure=exposure),
        )  # fmt: skip
        fit = seen.fit(response.y[~away], everybody.base)
        risk = whole.family.mean(whole.predict(everybody.base, fit.beta))
    high = np.inf if discovery.kind == "count" else 1 - 1e-6
    return everybody.held, np.clip(risk, 1e-6, high), len(everybody.base)


def _drawn(draw: np.random.Generator, risk: Floats, discovery: Discovery) -> NDArray[np.bool_] | NDArray[np.int64]:
    """Draw everybody's outcome: yes or no, or a count that spreads as the study's counts do."""
    if discovery.kind != "count":
        return np.asarray(draw.random(len(risk)) < risk, dtype=np.bool_)
    over = discovery.dispersion - 1.0
    rate = draw.gamma(risk / over, over) if over > 1e-3 else risk
    return np.asarray(draw.poisson(rate), dtype=np.int64)


def _procedure(
    drawn: pl.DataFrame,
    usable: Definitions,
    discovery: Discovery,
    away: NDArray[np.bool_],
    *,
    try_statuses: Sequence[Status],
    level: Callable[[int], float] | None,
    cluster: str | None,
    settings: Settings,
) -> tuple[Finding, ...]:
    """Search, prune, and try the leads where a part is locked: as the run itself did."""
    try:
        found = search(
            drawn.filter(~away), usable, outcome=discovery.outcome_column, positive=True,
            adjust=discovery.adjusted_for, cluster=cluster, settings=replace(settings, scale=discovery.scale),
            kind=discovery.kind, follow_up=discovery.follow_up_column, taken=discovery.known,
        )  # fmt: skip
        leads = [one for one in found.findings if one.status in try_statuses]
        if away.any() and leads:
            batch = level(len(leads)) if level is not None else settings.alpha
            found = confirm(found, drawn.filter(away), usable, leads, level=batch, cluster=cluster, settings=settings)
    except CannotSearch:  # a rare outcome that nobody was drawn to have: nothing is found
        return ()
    return found.findings


def _choose(
    draw: np.random.Generator,
    run: int,
    held: NDArray[np.bool_],
    risk: Floats,
    conditions: Sequence[Condition],
    settings: Settings,
) -> tuple[tuple[float, tuple[int, ...]], ...]:
    """Draw one combination for each strength, of columns of their own, each large enough for the search to test."""
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
            if apart and not taken & frozenset().union(*columns) and _testable(held[list(members)], risk, settings):
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


def _answer(odds: float, conditions: Sequence[Condition], found: Sequence[Finding]) -> Planted:
    """Whether a planted combination came out, exactly as it was planted."""
    wanted = {one.bare for one in conditions}
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
