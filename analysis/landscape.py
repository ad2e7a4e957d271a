"""All combinations by expected and observed, and what plain methods would have pointed at: for one picture and a table.

Searched people only. Plain methods: each characteristic's crude rate, a regression with that characteristic alone, and
combinations ranked by their crude rates. The background (all main effects and the adjustment) is what they lack.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from analysis.characteristics import Definitions
from analysis.families import known_of, read_response
from analysis.scan import may_combine
from analysis.settings import Settings
from analysis.table import Table, make_table, workers
from analysis.values import Condition, Discovery

Floats = NDArray[np.float64]
Answer = Literal["holds", "gone", "turned", "adjusted_for"]
TOP = 20  # of each plain method
HALF = 0.5  # bins are half a doubling wide
LOWEST = 10  # counts below stand in one bin
BUDGET = 6e10  # multiplications: a few seconds; where triples need more, only some first members are drawn
SEEN = 0.05  # a regression's usual level


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Combinations of about the same expected and observed count: log2 of each, in half steps, rounded down."""

    expected: int
    observed: int
    combinations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """One characteristic, regressed on alone. True numbers."""

    condition: Condition
    people: int
    observed: int
    people_without: int
    observed_without: int
    answer: Answer  # of the regression with everything in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Landscape:
    """Everything that was large enough to be searched, up to order 3, and the plain methods' first 20."""

    bins: tuple[Bin, ...] = ()
    combinations: int = 0
    share: float = 1.0  # of the first members of triples, where not all were read
    alone: tuple[Alone, ...] = ()  # strongest first
    together: tuple[tuple[Condition, ...], ...] = ()  # combinations with the most striking crude rates


def landscapes(
    frame: pl.DataFrame, definitions: Definitions, discovery: Discovery, *, cluster: str | None, settings: Settings
) -> tuple[Landscape, ...]:
    """Return the landscape of each outcome of a run, in the run's order: see `landscape`."""
    usable = definitions.without(discovery.outcome_columns)
    return tuple(landscape(frame, usable, one, cluster=cluster, settings=settings) for one in discovery.each)


def landscape(
    frame: pl.DataFrame, definitions: Definitions, discovery: Discovery, *, cluster: str | None, settings: Settings
) -> Landscape:
    """Read every combination once, as the search's first scan did. Yes/no outcomes; empty for other kinds.

    Shape: `frame` holds the searched people of `discovery`, one row each. Of several outcomes, the first.
    """
    usable = definitions.without(discovery.outcome_columns).used_by(discovery)
    frame = known_of(frame, discovery.asked)
    if discovery.kind != "yes_no" or discovery.tested == 0 or not usable.conditions:
        return Landscape()
    response = read_response(frame, discovery.outcome_column, discovery.outcome_positive, kind="yes_no")
    settings = replace(settings, scale=discovery.scale)
    with workers(settings) as pool:
        table = make_table(
            frame, usable, response, adjust=discovery.adjusted_for, cluster=cluster, settings=settings, terms=1,
            pool=pool, taken=discovery.known,
        )  # fmt: skip
        mu = table.fit(table.base).mu
        counts: dict[tuple[int, int], int] = {}
        striking: list[tuple[float, tuple[int, ...]]] = []
        allowed = may_combine(usable.conditions)
        stride = _stride(table.held, settings)
        for members, people, observed, expected in _all(table.held, table.outcome, mu, allowed, settings, stride):
            _count(counts, expected, observed)
            striking = _most_striking(striking, members, people, observed, table.outcome)
        alone = _alone(table, usable.conditions, settings)
    bins = (Bin(expected=e, observed=o, combinations=count) for (e, o), count in sorted(counts.items()))
    return Landscape(
        bins=tuple(bins),
        combinations=sum(counts.values()),
        share=1.0 / stride,
        alone=alone,
        together=tuple(
            tuple(sorted((usable.conditions[one] for one in members), key=lambda one: one.column))
            for _, members in striking
        ),
    )


def bin_of(counts: ArrayLike) -> NDArray[np.int64]:
    """Return each count's bin: half doublings, everything below 10 in the first."""
    return np.floor(np.log2(np.maximum(counts, LOWEST - 1e-9)) / HALF + 1e-9).astype(np.int64)


def _stride(held: NDArray[np.bool_], settings: Settings) -> int:
    """Return how many first members of triples there are to each that is read: 1, unless the table is very large."""
    if settings.max_order < 3:
        return 1
    after = np.arange(len(held))[::-1].astype(np.float64)
    work = 3.0 * float((held.sum(axis=1) * after * after).sum())
    return max(1, int(np.ceil(work / BUDGET)))


def _all(
    held: NDArray[np.bool_], y: Floats, mu: Floats, allowed: NDArray[np.bool_], settings: Settings, stride: int
) -> Iterator[tuple[NDArray[np.int64], Floats, Floats, Floats]]:
    """Yield the pairs and triples of one first member at a time: members, people, observed, expected.

    Only those whose group is above the search's floors.
    """
    for first in range(len(held) - 1):
        who = np.flatnonzero(held[first])
        beside = np.flatnonzero(allowed[first, first + 1 :]) + first + 1
        if len(who) < settings.floor_people or not len(beside):
            continue
        rest = held[np.ix_(beside, who)].astype(np.float32)
        mine, risk = y[who].astype(np.float32), mu[who].astype(np.float32)
        people, observed, expected = rest.sum(axis=1), rest @ mine, rest @ risk
        large = np.flatnonzero((people >= settings.floor_people) & (expected >= settings.floor_expected))
        pairs = np.column_stack([np.full(len(large), first), beside[large]])
        yield pairs, people[large].astype(float), observed[large].astype(float), expected[large].astype(float)
        if settings.max_order < 3 or first % stride or len(large) < 2:
            continue
        rest, names = rest[large], beside[large]
        sums = [(rest * weight) @ rest.T for weight in (np.float32(1.0), mine, risk)]
        open_ = np.triu(allowed[np.ix_(names, names)], 1)
        open_ &= (sums[0] >= settings.floor_people) & (sums[2] >= settings.floor_expected)
        one, other = np.nonzero(open_)
        triples = np.column_stack([np.full(len(one), first), names[one], names[other]])
        found = [part[one, other].astype(np.float64) for part in sums]
        yield triples, found[0], found[1], found[2]


def _count(counts: dict[tuple[int, int], int], expected: Floats, observed: Floats) -> None:
    places = np.column_stack([bin_of(expected), bin_of(observed)])
    found, times = np.unique(places, axis=0, return_counts=True)
    for (one, other), many in zip(found.tolist(), times.tolist(), strict=True):
        counts[one, other] = counts.get((one, other), 0) + many


def _most_striking(
    so_far: list[tuple[float, tuple[int, ...]]],
    members: NDArray[np.int64],
    people: Floats,
    observed: Floats,
    y: Floats,
) -> list[tuple[float, tuple[int, ...]]]:
    """Return the combinations furthest from the average, in standard errors: what a plain ranking shows first."""
    if not len(members):
        return so_far
    average = float(y.mean())
    error = np.sqrt(people * average * (1 - average) * np.maximum(1 - people / len(y), 1e-9))
    far = -np.round(np.abs(observed - people * average) / np.maximum(error, 1e-9), 6)
    first = np.argsort(far, kind="stable")[:TOP]
    new = [(float(far[place]), tuple(int(one) for one in members[place])) for place in first]
    return nsmallest(TOP, [*so_far, *new])


def _alone(table: Table, conditions: Sequence[Condition], settings: Settings) -> tuple[Alone, ...]:
    y, held = table.outcome, table.held
    total, with_it = len(y), int(y.sum())
    people, observed = held.sum(axis=1), np.rint(held @ y).astype(np.int64)
    a, b = observed + 0.5, people - observed + 0.5
    c, d = with_it - observed + 0.5, total - people - with_it + observed + 0.5
    z = np.log(a * d / (b * c)) / np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    fit = (people >= settings.floor_people) & (total - people >= settings.floor_people)
    order = [int(one) for one in np.lexsort((np.arange(len(z)), -np.abs(z))) if fit[one]][:TOP]
    return tuple(
        Alone(
            condition=conditions[one],
            people=int(people[one]),
            observed=int(observed[one]),
            people_without=total - int(people[one]),
            observed_without=with_it - int(observed[one]),
            answer=_with_everything(table, held[one], more=bool(z[one] > 0)),
        )
        for one in order
    )


def _with_everything(table: Table, held: NDArray[np.bool_], *, more: bool) -> Answer:
    """Say whether a characteristic's own effect stands in the regression with all of them: likelihood ratio."""
    matrix = table.design.matrix
    same = next((one for one in table.base[1:] if np.array_equal(matrix[:, one], held)), None)
    turned = next((one for one in table.base[1:] if np.array_equal(matrix[:, one], ~held)), None)
    place = same if same is not None else turned
    if place is None:  # part of a curve or of a set of levels: what is adjusted for
        return "adjusted_for"
    whole = table.fit(table.base)
    without = table.design.fit(table.outcome, tuple(one for one in table.base if one != place), whole)
    if chi2.sf(max(without.deviance - whole.deviance, 0.0), 1) > SEEN:
        return "gone"
    upward = bool(whole.beta[table.base.index(place)] > 0) == (same is not None)
    return "holds" if upward == more else "turned"
