"""Exact tails for the few that survive: the conditional mid-P of a contrast, the Poisson mid-P of one cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaln

Counts = NDArray[np.int64] | NDArray[np.float64]


def contrast_mid_p(
    people: Counts, observed: Counts, expected: NDArray[np.float64], signs: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the (upper, lower) mid-P of the k-way contrast, given every lower-order margin.

    Shape: all (2^k,). Given the margins one shift t is free, and a table has probability proportional to
    prod C(N, O + s t) theta^(O + s t), theta = E / (N - E): Fisher's test with an offset. With `signs` +1 in the
    cell where all hold, a small upper p says more outcomes there than expected. Counts need not be whole: divided by
    a design effect, they are what the clusters are worth.
    """
    up = signs > 0
    lowest = int(max(np.max(-observed[up]), np.max(observed[~up] - people[~up])))
    highest = int(min(np.min(people[up] - observed[up]), np.min(observed[~up])))
    shifts = np.arange(lowest, highest + 1, dtype=np.float64)
    log_theta = np.log(expected / (people - expected))
    counts = observed[:, None] + signs[:, None] * shifts
    weights = -gammaln(counts + 1) - gammaln(people[:, None] - counts + 1) + counts * log_theta[:, None]
    mass = np.exp((total := weights.sum(axis=0)) - total.max())
    mass /= mass.sum()
    here = -lowest
    half = 0.5 * mass[here]
    return float(mass[here + 1 :].sum() + half), float(mass[:here].sum() + half)


def poisson_mid_p(observed: float, expected: float) -> tuple[float, float]:
    """Return the (upper, lower) mid-P of a Poisson count. Counts need not be whole: see `clusters`."""
    at_most = float(gammaincc(observed + 1, expected))  # P(X <= observed)
    below = float(gammaincc(observed, expected)) if observed > 0 else 0.0
    at_least = float(gammainc(observed, expected)) if observed > 0 else 1.0
    above = float(gammainc(observed + 1, expected))
    return 0.5 * (at_least + above), 0.5 * (at_most + below)
