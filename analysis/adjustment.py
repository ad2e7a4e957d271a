"""Columns of the background: main effects, splines of numbers, indicators of categories and of missing values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from analysis.conditions import columns_of, known
from analysis.counting import shared_by_pairs
from analysis.eights import cross_by_blocks, no_bytes, write
from analysis.lists import packed_words
from analysis.values import Condition

Floats = NDArray[np.float64]
Column = Floats | NDArray[np.bool_]
RARE = 10  # a level of fewer people joins the commonest one


def natural_spline(values: Floats, knots: Floats) -> list[Floats]:
    """Return the natural cubic spline basis (without intercept): linear, then one column a inner knot.

    Source: T. Hastie, R. Tibshirani, J. Friedman (2009), The Elements of Statistical Learning, 2nd ed., eq. 5.4-5.5.
    """

    def rise(knot: float) -> Floats:
        last = knots[-1]
        cubes = np.maximum(values - knot, 0.0) ** 3 - np.maximum(values - last, 0.0) ** 3
        return np.asarray(cubes / (last - knot), dtype=np.float64)

    end = rise(float(knots[-2])) if len(knots) > 2 else np.zeros_like(values)
    return [values, *(rise(float(knot)) - end for knot in knots[:-2])]


def adjustment_columns(series: pl.Series) -> list[Floats]:
    """Return one adjustment column's part of the background, each standardised to mean 0 and spread 1 or 0/1."""
    missing = series.is_null() | (series.is_nan().fill_null(False) if series.dtype.is_float() else False)
    columns: list[Floats] = []
    if missing.any() and not missing.all():
        columns.append(missing.cast(pl.Float64).to_numpy())
    if series.dtype.is_numeric() and series.drop_nulls().n_unique() > 6:
        return columns + _spline_columns(series.cast(pl.Float64).fill_nan(None))
    levels = series.cast(pl.String).drop_nulls().value_counts().sort(["count", series.name], descending=[True, False])
    text = series.cast(pl.String)
    for level, people in levels.iter_rows():
        if level != levels[series.name][0] and people >= RARE:
            columns.append(text.eq(level).fill_null(False).cast(pl.Float64).to_numpy())
    return columns


def _spline_columns(series: pl.Series) -> list[Floats]:
    values = series.fill_null(series.median()).to_numpy().astype(np.float64)
    spread = values.std()
    if not spread > 0:
        return []
    values = np.clip((values - values.mean()) / spread, -8.0, 8.0)
    knots = np.unique(np.quantile(values, [0.02, 0.2, 0.4, 0.6, 0.8, 0.98]))
    columns = natural_spline(values, knots) if len(knots) > 2 else [values]
    scaled = []
    for column in columns:
        spread = column.std()
        if spread > 1e-8:
            scaled.append(np.asarray((column - column.mean()) / spread, dtype=np.float64))
    return scaled


def background_columns(
    held: NDArray[np.bool_], conditions: Sequence[Condition], frame: pl.DataFrame, adjust: Sequence[str]
) -> tuple[list[Column], tuple[str, ...]]:
    """Return the design's first columns (intercept, main effects, missing indicators, adjustment) and notes.

    Shape: `held` is (conditions, people): who has each. Where some people's value behind a characteristic is missing
    and no characteristic says so, an indicator keeps "unknown" from being read as "no". Columns that the earlier ones
    give exactly are left out, and noted ("collinear") unless they are one of a column's levels, the last of which
    always is.
    """
    frame = known(frame)
    columns: list[Column] = [np.ones(frame.height, dtype=np.bool_), *held]
    told = {one.column for one in conditions if one.operator == "==" and one.value is None}
    for source in sorted({column for one in conditions for column in columns_of(one)} - told):
        if 0 < frame[source].null_count() < frame.height:
            columns.append(frame[source].is_null().to_numpy())
    for column in adjust:
        columns.extend(adjustment_columns(frame[column]))
    kept = independent(gram_of(columns))
    gone = set(range(len(columns))) - set(kept)
    levels = [one.operator == "==" and not isinstance(one.value, bool) for one in conditions]
    quiet = {place + 1 for place, level in enumerate(levels) if level}
    notes = ("collinear",) if gone - quiet else ()
    return [columns[place] for place in kept], notes


def gram_of(columns: Sequence[Column]) -> Floats:
    """Return every product of two columns. Those of noughts and ones are counts of people."""
    gram = np.zeros((len(columns), len(columns)))
    flags = [one.dtype == np.bool_ or bool(((one == 0) | (one == 1)).all()) for one in columns]
    inside, graded = np.flatnonzero(flags), np.flatnonzero(~np.array(flags))
    held = np.array([columns[place] != 0 for place in inside.tolist()], dtype=np.bool_)
    counts = np.zeros((len(inside), len(inside)), dtype=np.int64)
    shared_by_pairs(packed_words(held), counts)
    gram[np.ix_(inside, inside)] = counts
    codes = no_bytes(len(held), held.shape[1])
    for place, one in enumerate(held):
        write(codes, place, one)
    for place in graded.tolist():
        column, sums = columns[place].astype(np.float64), np.zeros((1, 8 * len(codes)))
        cross_by_blocks(codes, column, len(column), 0, sums)
        gram[place, inside] = gram[inside, place] = sums[0, : len(inside)]
        for other in graded.tolist():
            gram[place, other] = float(column @ columns[other])
    return gram


def independent(gram: Floats) -> list[int]:
    """Return the places of columns that no earlier columns give (by Cholesky of the correlation, in order)."""
    size = np.sqrt(gram.diagonal())
    scaled = gram / np.outer(np.maximum(size, 1e-100), np.maximum(size, 1e-100))
    kept: list[int] = []
    factor = np.zeros_like(scaled)  # of those kept
    for place in np.flatnonzero(size > 0).tolist():
        had = len(kept)
        row = solve_triangular(factor[:had, :had], scaled[place, kept], lower=True, check_finite=False)
        left = 1.0 - row @ row
        if left > 1e-8:
            factor[had, :had], factor[had, had] = row, np.sqrt(left)
            kept.append(place)
    return kept
