"""Tails for the few that survive: the conditional mid-P of a contrast, and a saddlepoint of any sum of outcomes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtri

Counts = NDArray[np.int64] | NDArray[np.float64]


def contrast_mid_p(
    people: Counts,
    observed: Counts,
    expected: NDArray[np.float64],
    signs: NDArray[np.float64],
    *,
    rates: bool = False,
) -> tuple[float, float]:
    """Return the (upper, lower) mid-P of the k-way contrast, given every lower-order margin.

    Shape: all (2^k,). Given the margins one shift t is free, and a table has probability proportional to
    prod C(N, O + s t) theta^(O + s t), theta = E / (N - E): Fisher's test with an offset. With `signs` +1 in the
    cell where all hold, a small upper p says more outcomes there than expected. Counts need not be whole: divided by
    a design effect, they are what the clusters are worth.
    `rates`: Poisson counts. Given the margins, everything in log(mean / E) but the contrast drops out, and a table has
    probability proportional to prod E^(O + s t) / (O + s t)!; `people` bound nothing.
    """
    up = signs > 0
    lowest, highest = int(np.max(-observed[up])), int(np.min(observed[~up]))
    if not rates:
        lowest = max(lowest, int(np.max(observed[~up] - people[~up])))
        highest = min(highest, int(np.min(people[up] - observed[up])))
    shifts = np.arange(lowest, highest + 1, dtype=np.float64)
    counts = observed[:, None] + signs[:, None] * shifts
    if rates:
        weights = counts * np.log(expected)[:, None] - gammaln(counts + 1)
    else:
        log_theta = np.log(expected / (people - expected))
        weights = -gammaln(counts + 1) - gammaln(people[:, None] - counts + 1) + counts * log_theta[:, None]
    mass = np.exp((total := weights.sum(axis=0)) - total.max())
    mass /= mass.sum()
    here = -lowest
    half = 0.5 * mass[here]
    return float(mass[here + 1 :].sum() + half), float(mass[:here].sum() + half)


def sum_tail(
    observed: float,
    slopes: NDArray[np.float64],
    expected: NDArray[np.float64],
    trials: NDArray[np.float64] | None,
    *,
    worth: float = 1.0,
) -> float:
    """Return the normal deviate of P(sum of a (Y - E) >= observed), Y independent.

    Where effects add no margin helps, and of a combination as a whole none is fixed.
    Y is binomial with `trials`, or Poisson where there are none; `slopes` are a. A saddlepoint: accurate far out in
    either tail, also where few are expected. At a whole number it lies between "at least" and "more than", as a mid-P
    does. `worth`: a design effect that all is divided by.
    Source: O. Barndorff-Nielsen (1986), Biometrika 73, 307-322 (r*); R. Lugannani, S. Rice (1980).
    """
    share = None if trials is None else expected / trials
    size = float(np.sqrt((slopes**2 * (expected if share is None else expected * (1.0 - share))).sum()))
    if not size > 0.0:
        return 0.0
    a = slopes / size
    goal = observed / size

    def cumulants(t: float) -> tuple[float, float, float]:
        lifted = np.exp(np.clip(a * t, -200.0, 200.0))
        if trials is None or share is None:
            mean = expected * lifted
            level, spread = mean.sum() - expected.sum(), mean
        else:
            whole = 1.0 - share + share * lifted
            mean = trials * share * lifted / whole
            level, spread = (trials * np.log(whole)).sum(), mean * (1.0 - mean / trials)
        middle = float(a @ expected)
        return float(level) - t * middle, float(a @ mean) - middle, float((a * a) @ spread)

    low, high, t = -1.0, 1.0, 0.0
    while cumulants(high)[1] < goal and high < 1e4:
        high *= 2.0
    while cumulants(low)[1] > goal and low > -1e4:
        low *= 2.0
    level, slope, spread = cumulants(t)
    for _ in range(80):
        if abs(slope - goal) < 1e-10 * (1.0 + abs(goal)):
            break
        low, high = (t, high) if slope < goal else (low, t)
        t = t + (goal - slope) / spread if spread > 0.0 else low - 1.0
        if not low < t < high:
            t = 0.5 * (low + high)
        level, slope, spread = cumulants(t)
    w = float(np.sign(t) * np.sqrt(max(2.0 * (t * goal - level), 0.0) / worth))
    v = float(t * np.sqrt(max(spread, 1e-300) / worth))
    if abs(w) < 1e-2:
        return w
    if v / w < 0.4:  # next to the edge, as nobody where some were expected: half the chance that the edge has at most
        return float(np.copysign(-ndtri(0.5 * np.exp(-0.5 * w * w)), w))
    return w + float(np.log(v / w)) / w
