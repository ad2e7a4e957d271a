"""What one part of the people says of a combination: counts, expectation, intervals, both scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from analysis.clusters import spread_of
from analysis.expected import Fit
from analysis.families import Family
from analysis.readings import NOTHING, Cells, Verdict, cells_of, joint_verdict
from analysis.table import Members, Table, Term
from analysis.values import Cell, Direction, Evidence, Reading

Floats = NDArray[np.float64]
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Weighed:
    """Evidence, and what only the decision's scale can say."""

    evidence: Evidence
    direction: Direction
    same_sign: bool
    other: Verdict  # the same reading on the scale that does not decide, all other terms in its background


def weigh(
    table: Table,
    terms: Sequence[Term],
    members: Members,
    reading: Reading,
    *,
    start: Fit,
    selected_at: float | None,
    sure: bool = False,
) -> Weighed:
    """Refit without the combination's own term (its pairs stay where its contrast was read), and compare.

    `selected_at`: the size of root that the search asked for; intervals are then conditional on having passed it.
    `sure`: the search decided its direction at family-wise alpha.
    """
    own = table.place(members)
    kept = [term for term in terms if term.members != members]
    kept.append(Term(members, reading, NOTHING))
    without = table.fit(table.columns(kept, but=members, pairs=True), start)
    full = table.fit((*without.columns, own), without)
    held = table.conjunction(members)
    cells = cells_of(table.held[list(members)], table.outcome, without.mu, without.weight)
    follow_up = table.response.follow_up
    times: Floats | None = None
    if follow_up is not None:
        times = np.bincount(cells.code, weights=follow_up, minlength=len(cells.people)).astype(np.float64)
    with_it = None
    if table.family.rates:
        with_it = np.bincount(cells.code, weights=table.outcome > 0, minlength=len(cells.people)).astype(np.int64)
    expected = float(without.mu[held].sum())
    observed = int(cells.observed[-1])
    low = high = 0.0
    ratio_low = ratio_high = float("nan")
    if expected > 0:
        slope = table.design.cross(without.columns, without.weight * held)
        pull = table.design.solve(without, slope)
        along = table.design.predict(without.columns, pull)  # what one more outcome of each person does to `expected`
        low, high = _expected_interval(table, without, expected, along, float(slope @ pull))
        root = joint_verdict(table.design, table.outcome, without, full, held, table.codes).root
        ratio_low, ratio_high = _ratio_interval(
            table, full, held, observed, expected, along, root, selected_at=selected_at, sure=sure
        )
    evidence = Evidence(
        people=int(cells.people[-1]),
        observed=observed,
        expected=expected,
        expected_low=low,
        expected_high=high,
        expected_crude=crude(cells, table.family, times),
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        cells=_listed(cells, len(members), times, with_it),
        follow_up=None if times is None else float(times[-1]),
        happened=None if with_it is None else int(with_it[-1]),
    )
    more = observed >= expected
    sign, verdict = _elsewhere(table, without.columns, members, reading, own)
    return Weighed(evidence, "more" if more else "fewer", bool((sign > 0) == more), verdict)


def crude(cells: Cells, family: Family, times: Floats | None) -> float:
    """Return the outcomes that the other cells lead to expect where all hold: no k-way contrast on the family's scale.

    An empty numerator (or, of yes/no, complement) anywhere adds half a person to both, in every cell (Haldane,
    Anscombe); where effects add nothing is added. Never below 0, nor of yes/no above the people.
    """
    observed, people = cells.observed.astype(np.float64), cells.people.astype(np.float64)
    time = people if times is None else times
    if (time[:-1] <= 0).any():
        return float("nan")
    if family.scale == "additive":
        rate = -float((cells.signs[:-1] * observed[:-1] / time[:-1]).sum())
        most = np.inf if family.rates else float(people[-1])
        return float(np.clip(rate * time[-1], 0.0, most))
    if family.rates:
        seen = observed + 0.5 * (observed == 0).any()
        return float(time[-1] * np.exp(-float((cells.signs[:-1] * np.log(seen[:-1] / time[:-1])).sum())))
    if ((observed == 0) | (observed == people))[:-1].any():
        observed, people = observed + 0.5, people + 1.0
    others = float((cells.signs[:-1] * logit(observed[:-1] / people[:-1])).sum())
    return float(cells.people[-1] * expit(-others))


def _listed(cells: Cells, order: int, times: Floats | None, with_it: NDArray[np.int64] | None) -> tuple[Cell, ...]:
    listed = []
    for holding in product((False, True), repeat=order):
        code = sum(1 << place for place, holds in enumerate(holding) if holds)
        listed.append(
            Cell(
                holds=holding,
                people=int(cells.people[code]),
                observed=int(cells.observed[code]),
                expected=float(cells.expected[code]),
                follow_up=None if times is None else float(times[code]),
                happened=None if with_it is None else int(with_it[code]),
            )
        )
    return tuple(listed)


def _expected_interval(table: Table, fit: Fit, expected: float, along: Floats, variance: float) -> tuple[float, float]:
    """95 % by the delta method on the log scale, from the background's covariance, spread and clusters allowed for.

    `variance`: by that covariance; where effects add it is taken from each person's own.
    """
    family = table.family
    if family.scale == "additive":
        variance = float((along**2) @ family.variance(fit.mu))
    variance *= spread_of(along * (table.outcome - fit.mu), along, fit.mu, family, table.codes)
    wide = Z95 * np.sqrt(max(variance, 0.0)) / expected
    return float(expected * np.exp(-wide)), float(expected * np.exp(wide))


def _ratio_interval(
    table: Table,
    full: Fit,
    held: NDArray[np.bool_],
    observed: int,
    expected: float,
    along: Floats,
    root: float,
    *,
    selected_at: float | None,
    sure: bool,
) -> tuple[float, float]:
    """95 % interval of observed / expected: the ends of the likelihood-ratio root's own interval, put on the ratio.

    A root of 0 is a ratio of 1 and the root at hand is O / E, so that interval and decision agree; the slope at
    O / E is the ratio's standard error (`_error_of_log_ratio`). Where the search has already decided the direction
    (`sure`), an end beyond 1 is set to 1.
    """
    low, high = conditional_interval(root, selected_at)
    if observed == 0:
        ends = (0.0, _ratio_where_none_was_seen(table, full, held, expected, root, high))
    else:
        error = _error_of_log_ratio(table, full, held, observed, expected, along)
        size = float(np.log(observed / expected))
        ends = (float(np.exp(_moved(low, root, size, error))), float(np.exp(_moved(high, root, size, error))))
    if sure:
        return (max(1.0, ends[0]), ends[1]) if observed > expected else (ends[0], min(1.0, ends[1]))
    return ends


def _error_of_log_ratio(
    table: Table, full: Fit, held: NDArray[np.bool_], observed: int, expected: float, along: Floats
) -> float:
    """Return the standard error of log(O / E), E refitted on the same people.

    A person's outcome moves O by 1 where all hold, and E by what the refitted background makes of it; the delta
    method adds up their variances, at the risks of the model that holds the term, clusters allowed for.
    """
    moves = held / observed - along / expected
    family = table.family
    variance = float((moves * moves) @ family.variance(full.mu))
    variance *= spread_of(moves * (table.outcome - full.mu), moves, full.mu, family, table.codes)
    return float(np.sqrt(variance))


def _moved(end: float, root: float, size: float, error: float) -> float:
    """Put an end of the root's interval on the log ratio: 0 stays 0, `root` becomes `size`, there with slope `error`.

    Between them the slope changes evenly; beyond them it stays.
    """
    mean = size / root if abs(root) > 0.05 and size * root > 0 else error
    if abs(root) <= 0.05 or mean == error:
        return size + (end - root) * error
    error = min(max(error, mean / 2.0), mean * 1.8)
    share = end / root
    at_none = 2.0 * mean - error
    if share <= 0:
        return at_none * end
    if share >= 1:
        return size + (end - root) * error
    return at_none * end + (error - mean) * share * end


def _ratio_where_none_was_seen(
    table: Table, full: Fit, held: NDArray[np.bool_], expected: float, root: float, high: float
) -> float:
    """The upper end where nobody had the outcome: the own term at that end of the root, as outcomes over expected."""
    if abs(root) <= 0.05:
        return 1.0
    family, theta = table.family, float(full.beta[-1])
    end = theta * high / root
    if family.scale == "additive":
        return max(0.0, 1.0 - high / root)
    if family.rates:
        return float(np.exp(min(end, 50.0)))
    eta = logit(np.clip(full.mu[held], 1e-12, 1 - 1e-12)) - theta
    return float(expit(eta + end).sum()) / expected


def conditional_interval(z: float, selected_at: float | None) -> tuple[float, float]:
    """Return the 95 % interval of the mean of z ~ N(mean, 1), given that |z| reached `selected_at`.

    Without selection: z -/+ 1.96. With it the ends solve P(Z <= z | |Z| >= c; mean) = 0.975 and 0.025.
    """
    if selected_at is None:
        return z - Z95, z + Z95
    cut = min(selected_at, abs(z) - 1e-3)

    def below(mean: float) -> float:
        inside = ndtr(mean - cut) + ndtr(-cut - mean)
        part = ndtr(-cut - mean) + max(0.0, ndtr(mean - cut) - ndtr(mean - z)) if z > 0 else ndtr(z - mean)
        return float(part / inside)

    ends = []
    for target in (0.975, 0.025):
        low, high = z - 25.0, z + 25.0
        for _ in range(60):  # `below` falls as the mean rises
            mean = (low + high) / 2.0
            low, high = (mean, high) if below(mean) > target else (low, mean)
        ends.append((low + high) / 2.0)
    return ends[0], ends[1]


def _elsewhere(
    table: Table, columns: Sequence[int], members: Members, reading: Reading, own: int
) -> tuple[float, Verdict]:
    """Return the own term's coefficient on the other scale, and what its reading comes to there. Same columns."""
    other = table.other
    without = other.fit(columns, other.fit(other.base))
    full = other.fit((*without.columns, own), without)
    if reading == "joint":
        held = other.conjunction(members)
        verdict = joint_verdict(other.design, other.outcome, without, full, held, other.codes)
    else:
        verdict = other.contrast(members, without)
    return float(full.beta[-1]), verdict
