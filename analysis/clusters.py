"""Households and care homes: how much less a pattern weighs when the people in it are alike."""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from analysis.families import Family

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
DOUBT = 1.645


def cluster_codes(series: pl.Series | None) -> Codes | None:
    """Return a running number per cluster; a person without one is a cluster alone. None where nobody shares one."""
    if series is None:
        return None
    known = series.cast(pl.String)
    alone = pl.Series([f"\0{row}" for row in range(len(known))], dtype=pl.String)
    codes = known.zip_with(known.is_not_null(), alone).rank("dense").to_numpy().astype(np.int64) - 1
    return codes if len(codes) and codes.max() + 1 < len(codes) else None


def design_effect(contributions: Floats, codes: Codes | None) -> float:
    """Return the variance of a score, its clusters' sums taken, over the variance if people were independent.

    `contributions` are each person's part of the score, with the residuals of the model that holds the term: a true
    effect must not look like likeness. A z is divided by the effect's root, so that a household of four who fare
    alike weighs as one. Never below 1.
    Small samples: the likeness within clusters is estimated from few pairs, so the upper 95 % bound is used (standard
    error under independence), and G / (G - 1) with G the effective number of clusters. People who live alone add
    nothing to either.
    """
    if codes is None:
        return 1.0
    sums, squares, fourths = np.zeros((3, int(codes.max(initial=-1)) + 1))
    _by_cluster(contributions, codes, sums, squares, fourths)
    alone = squares.sum()
    if not alone > 0:
        return 1.0
    likeness = float((sums**2).sum() - alone)
    doubt = float(np.sqrt(max(2.0 * (squares**2 - fourths).sum(), 0.0)))
    effective = float(alone**2 / (squares**2).sum())
    extra = max(0.0, likeness + DOUBT * doubt) / alone
    return float(1.0 + extra * effective / max(effective - 1.0, 0.5))


@njit(cache=True, nogil=True)
def _by_cluster(contributions, codes, sums, squares, fourths) -> None:  # type: ignore[no-untyped-def]  # numba
    """Add each person's contribution, its square and fourth power to the cluster's. Shape of the last: (clusters,)."""
    for person in range(len(codes)):
        one, cluster = contributions[person], codes[person]
        sums[cluster] += one
        squares[cluster] += one * one
        fourths[cluster] += (one * one) * (one * one)


def spread_of(contributions: Floats, direction: Floats, mu: Floats, family: Family, codes: Codes | None) -> float:
    """Return the variance of a score over what the family's law alone says: over-dispersed counts, and clusters.

    Counts: the larger of the whole table's over-dispersion and that around this pattern (its own squared residuals).
    """
    effect = 1.0
    if family.kind == "count":
        expected = float((direction**2) @ family.variance(mu))
        own = float((contributions**2).sum()) / expected if expected > 0 else 1.0
        effect = max(family.dispersion, own)
    return effect * design_effect(contributions, codes)
