"""How the values of a column are told ever more coarsely, step by step, up to `*`.

Numbers become nested bands of about as many people each, dates months and years, categories all or nothing; or the
caller gives the steps. A missing value stays missing until the last step, where it is `*` as everybody is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

EVERYTHING = "*"
MOST_BANDS = 16
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """A column's steps. Each step has a code for every row, and for every code its text and the certainty lost.

    Codes of one step decide those of the next: two rows that are told alike stay alike.
    """

    codes: tuple[Ints, ...]  # (rows,) a step each
    texts: tuple[tuple[str | None, ...], ...]  # (codes,) a step each
    losses: tuple[Floats, ...]  # (codes,) a step each: 0 for one value, 1 for the whole column

    @property
    def steps(self) -> int:
        """How many ways there are to tell the column."""
        return len(self.codes)


def hierarchy(values: pl.Series) -> Hierarchy:
    """Return the steps that suit a column's type: numbers, dates, or categories."""
    if values.dtype.is_numeric():
        return number_hierarchy(values)
    if values.dtype in (pl.Date, pl.Datetime):
        return date_hierarchy(values.cast(pl.Date))
    return category_hierarchy(values)


def number_hierarchy(values: pl.Series) -> Hierarchy:
    """Return each number, then 16, 8, 4 and 2 bands of about as many people each, then `*`.

    A band is written by the least and the greatest number in it: 65-74.
    """
    finite = values.cast(pl.Float64).is_finite() if values.dtype.is_float() else values.is_not_null()
    plain = pl.select(pl.when(finite).then(values).alias("v")).to_series()  # nan is a missing value
    distinct = plain.drop_nulls().unique().sort()
    if distinct.len() == 0:
        return category_hierarchy(values.cast(pl.String))
    ranks = plain.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1  # -1 is missing
    people = np.bincount(ranks[ranks >= 0], minlength=distinct.len())
    before = np.concatenate([[0], np.cumsum(people)[:-1]])
    finest = (before + people / 2) * MOST_BANDS // people.sum()  # the band that a value's middle lies in
    numbers = distinct.cast(pl.Float64).to_numpy()
    names = [_written(value) for value in distinct.to_list()]
    groups: list[Ints] = [np.arange(distinct.len())]
    bands = MOST_BANDS
    while bands > 1:
        coarse = np.unique(finest.astype(np.int64) * bands // MOST_BANDS, return_inverse=True)[1]
        if 1 < coarse.max() + 1 < groups[-1].max() + 1:
            groups.append(coarse.astype(np.int64))
        bands //= 2
    return _nested(ranks, groups, names, numbers, [None] * len(groups))


def date_hierarchy(values: pl.Series) -> Hierarchy:
    """Return the month of each date, then its year, then `*`: a day is never told."""
    distinct = values.drop_nulls().unique().sort()
    if distinct.len() == 0:
        return category_hierarchy(values.cast(pl.String))
    ranks = values.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
    days = distinct.to_physical().cast(pl.Float64).to_numpy()
    groups: list[Ints] = []
    told: list[list[str] | None] = []
    for form in ("%Y-%m", "%Y"):
        texts = distinct.dt.strftime(form)
        codes = (texts.rank("dense") - 1).cast(pl.Int64).to_numpy()
        if not groups or codes.max() < groups[-1].max():
            groups.append(codes)
            told.append(texts.unique().sort().to_list())
    return _nested(ranks, groups, [str(day) for day in distinct.to_list()], days, told)


def category_hierarchy(values: pl.Series) -> Hierarchy:
    """Return each category as it is, then `*`."""
    text = values.cast(pl.String)
    distinct = text.drop_nulls().unique().sort()
    return given_hierarchy(values, dict.fromkeys(distinct.to_list(), (EVERYTHING,)))


def given_hierarchy(values: pl.Series, steps: Mapping[str, Sequence[str]]) -> Hierarchy:
    """Return the steps that the caller gives for each value; a step that tells all alike ends them, or is added.

    Raises: ValueError if a value has no steps, they are not equally many, or two values part after having met.
    """
    if bad := not_nested(steps):
        raise ValueError(f"steps of value number {bad} do not nest")
    leaves = list(steps)
    place = {leaf: number for number, leaf in enumerate(leaves)}
    coded = values.cast(pl.String).replace_strict(place, default=-2, return_dtype=pl.Int64)
    ranks = pl.select(pl.when(values.is_not_null()).then(coded).otherwise(-1)).to_series().to_numpy()
    if (ranks == -2).any():
        raise ValueError("a value has no steps")
    rows = [leaves, *zip(*steps.values(), strict=True)] if leaves else []
    while rows and len(set(rows[-1])) == 1 and len(rows) > 1:
        rows.pop()  # all alike: the last step, which is always there
    codes, texts, losses = [], [], []
    for row in rows:
        known = sorted(set(row))
        number = {text: code for code, text in enumerate(known)}
        of_leaf = np.array([number[text] for text in row], dtype=np.int64)
        members = np.bincount(of_leaf, minlength=len(known))
        codes.append(np.where(ranks < 0, len(known), of_leaf[np.maximum(ranks, 0)]))
        texts.append((*known, None))
        losses.append(np.append(np.where(members > 1, members / max(len(leaves), 1), 0.0), 0.0))
    return _topped(len(values), codes, texts, losses)


def not_nested(steps: Mapping[str, Sequence[str]]) -> int:
    """Return the number (from 1) of the first value whose steps are too few, too many or part from others', else 0."""
    above: dict[tuple[int, str], str] = {}
    expected = len(next(iter(steps.values()), ()))
    for number, (leaf, row) in enumerate(steps.items(), 1):
        if len(row) != expected:
            return number
        for step, (low, high) in enumerate(zip((leaf, *row), row, strict=False)):
            if above.setdefault((step, low), high) != high:
                return number
    return 0


def _nested(
    ranks: Ints, groups: Sequence[Ints], names: Sequence[str], places: Floats, told: Sequence[Sequence[str] | None]
) -> Hierarchy:
    """Return the steps of ordered values from each step's group of every distinct value."""
    width = float(places[-1] - places[0]) or 1.0
    codes, texts, losses = [], [], []
    for group, given in zip(groups, told, strict=True):
        size = int(group.max()) + 1
        first, last = np.searchsorted(group, np.arange(size)), np.searchsorted(group, np.arange(size), side="right") - 1
        codes.append(np.where(ranks < 0, size, group[np.maximum(ranks, 0)]))
        written = given or [
            names[a] if a == b else _range(names[a], names[b]) for a, b in zip(first, last, strict=True)
        ]
        texts.append((*written, None))
        losses.append(np.append((places[last] - places[first]) / width, 0.0))
    return _topped(len(ranks), codes, texts, losses)


def _topped(
    rows: int, codes: Sequence[Ints], texts: Sequence[tuple[str | None, ...]], losses: Sequence[Floats]
) -> Hierarchy:
    everybody = np.zeros(rows, dtype=np.int64)
    return Hierarchy(
        codes=(*(step.astype(np.int64) for step in codes), everybody),
        texts=(*texts, (EVERYTHING,)),
        losses=(*losses, np.array([1.0])),
    )


def _range(low: str, high: str) -> str:
    return f"{low}-{high}" if "-" not in low else f"{low}..{high}"


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
