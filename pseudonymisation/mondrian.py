"""Mondrian's cuts: the table is halved along its widest quasi-identifier as long as both halves keep the promise."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

EVERYTHING = "*"
# The bands that `generalise` makes: 65-69, 90+, <10, 10-<20. Neighbouring ones are told as one: 65-74.
_BAND = re.compile(r"(?P<low>\d+(?:\.\d+)?)?(?P<high>-<?\d+(?:\.\d+)?|\+|<\d+(?:\.\d+)?)")
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """The classes found. `kept` and the texts follow the table's rows; the texts are of kept rows only."""

    kept: pl.Series  # Boolean, a row of the table each
    texts: Mapping[str, list[str | None]]
    classes: int
    smallest: int
    gcp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A quasi-identifier as ranks of its distinct values: 0 is missing where `gaps`, the rest rise."""

    codes: Ints  # (rows,)
    places: Floats  # (ranks,) where each rank lies between 0 and 1
    names: list[str]  # (ranks,) how each value is written
    numeric: bool
    gaps: bool
    bands: list[tuple[str, str]] | None = None  # (ranks,) where the values are bands: their two ends, as written


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """The classes of some of a table's rows, as the span of each column's ranks, and everybody's ranks."""

    low: Ints  # (classes, columns)
    high: Ints  # (classes, columns)
    people: Ints  # (classes,)
    codes: Ints  # (rows of the whole table, columns)

    def fits(self) -> NDArray[np.bool_]:
        """Return which class each row of the whole table fits. Shape: (rows, classes)."""
        found = np.ones((len(self.codes), len(self.people)), dtype=np.bool_)
        for number in range(self.codes.shape[1]):  # a column at a time: a third axis would not fit in memory
            code = self.codes[:, number, None]
            found &= (code >= self.low[:, number]) & (code <= self.high[:, number])
        return found


def boxes(
    frame: pl.DataFrame,
    rows: Ints,
    *,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    k: int,
    l: int,  # noqa: E741
    max_share: float,
) -> Boxes:
    """Return the classes that `rows` of a table would be cut into, where the other rows are known but left out."""
    columns, codes = _coded(frame, quasi)
    promise = _promise(frame, sensitive, k=k, l=l, max_share=max_share)
    leaves = _cut(codes, columns, promise, k, rows) if promise(rows) else []
    ends = [(codes[leaf].min(axis=0), codes[leaf].max(axis=0)) for leaf in leaves]
    shape = (len(leaves), len(columns))
    return Boxes(
        low=np.array([low for low, _ in ends], dtype=np.int64).reshape(shape),
        high=np.array([high for _, high in ends], dtype=np.int64).reshape(shape),
        people=np.array([len(leaf) for leaf in leaves], dtype=np.int64),
        codes=codes,
    )


def partition(
    frame: pl.DataFrame,
    *,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    k: int,
    l: int,  # noqa: E741
    max_share: float,
) -> Classes:
    """Return the classes of strict Mondrian: median cuts, the widest column first, ties by the columns' order."""
    columns, codes = _coded(frame, quasi)
    promise = _promise(frame, sensitive, k=k, l=l, max_share=max_share)
    everybody = np.arange(frame.height)
    leaves = _cut(codes, columns, promise, k, everybody) if promise(everybody) else []
    texts: dict[str, list[str | None]] = {}
    penalty = 0.0
    class_of = np.zeros(frame.height, dtype=np.int64)
    for number, rows in enumerate(leaves):
        class_of[rows] = number
    for name, column in zip(quasi, columns, strict=True):
        told: list[str | None] = []
        for rows in leaves:
            text, lost = _told(column, column.codes[rows])
            told.append(text)
            penalty += lost * len(rows)
        texts[name] = [told[number] for number in class_of.tolist()] if leaves else []
    return Classes(
        kept=pl.Series("kept", np.full(frame.height, bool(leaves))),
        texts=texts,
        classes=len(leaves),
        smallest=min(map(len, leaves), default=0),
        gcp=penalty / (frame.height * len(columns)) if leaves else 0.0,
    )


def _coded(frame: pl.DataFrame, quasi: Sequence[str]) -> tuple[list[_Column], Ints]:
    columns = [_column(frame[name]) for name in quasi]
    if not frame.height:
        return columns, np.empty((0, len(columns)), dtype=np.int64)
    return columns, np.column_stack([column.codes for column in columns]).astype(np.int64)


def _promise(
    frame: pl.DataFrame,
    sensitive: Sequence[str],
    *,
    k: int,
    l: int,  # noqa: E741
    max_share: float,
) -> Callable[[Ints], bool]:
    """Return what says whether a class of these rows keeps k, l and the share."""
    values = [_ranks(frame[name])[0] for name in sensitive]
    levels = [int(value.max()) + 1 if len(value) else 0 for value in values]

    def promise(rows: Ints) -> bool:
        if len(rows) < k:
            return False
        for value, level in zip(values, levels, strict=True):
            held = np.bincount(value[rows], minlength=level)
            if np.count_nonzero(held) < l or held.max() > max_share * len(rows) + 1e-9:
                return False
        return True

    return promise


def _cut(
    codes: Ints, columns: Sequence[_Column], promise: Callable[[Ints], bool], k: int, everybody: Ints
) -> list[Ints]:
    leaves: list[Ints] = []
    waiting = [everybody]
    places = [column.places for column in columns]
    while waiting:
        rows = waiting.pop()
        halves = None
        if len(rows) >= 2 * k:
            part = codes[rows]
            low, high = part.min(axis=0), part.max(axis=0)
            width = np.array([place[b] - place[a] for place, a, b in zip(places, low, high, strict=True)])
            for number in np.argsort(-width, kind="stable"):
                if low[number] == high[number]:
                    continue
                halves = _halves(rows, part[:, number], columns[number].gaps and low[number] == 0, promise, k)
                if halves:
                    break
        if halves:
            waiting.extend(reversed(halves))
        else:
            leaves.append(rows)
    return leaves


def _halves(rows: Ints, codes: Ints, gap: bool, promise: Callable[[Ints], bool], k: int) -> tuple[Ints, Ints] | None:
    """Return the rows on either side of a cut that keeps the promise: missing or not first, then by the median."""
    middle = int(np.partition(codes, (len(codes) - 1) // 2)[(len(codes) - 1) // 2])
    ends = [0] if gap else []
    at, before = np.count_nonzero(codes <= middle), np.count_nonzero(codes < middle)
    # The two cuts beside the median value, the more even one first.
    ends += [middle, middle - 1] if abs(2 * at - len(codes)) <= abs(2 * before - len(codes)) else [middle - 1, middle]
    for end in dict.fromkeys(ends):
        left = codes <= end
        size = np.count_nonzero(left)
        if size < k or len(codes) - size < k:
            continue
        one, other = rows[left], rows[~left]
        if promise(one) and promise(other):
            return one, other
    return None


def _told(column: _Column, codes: Ints) -> tuple[str | None, float]:
    """Return how a class's values are told, and the certainty lost: 0 for one value, 1 for the whole column."""
    low, high = int(codes.min()), int(codes.max())
    if low == high:
        return (None if column.gaps and low == 0 else column.names[low]), 0.0
    if column.gaps and low == 0:
        return EVERYTHING, 1.0
    first = 1 if column.gaps else 0
    if column.bands is not None:
        lost = (high - low) / (len(column.names) - first - 1)
        return _one_band(column.bands[low][0], column.bands[high][1]), lost
    if column.numeric:
        lost = float(column.places[high] - column.places[low])
        if low == first and high == len(column.names) - 1:
            lost = 1.0
        mark = "-" if not column.names[low].startswith("-") and column.names[low].count("-") == 0 else ".."
        return f"{column.names[low]}{mark}{column.names[high]}", lost
    present = np.unique(codes)
    if len(present) == len(column.names) - first:
        return EVERYTHING, 1.0
    return "{" + ", ".join(column.names[code] for code in present) + "}", len(present) / (len(column.names) - first)


def _one_band(low: str, high: str) -> str:
    if low:
        return low + high
    if high == "+":
        return EVERYTHING
    return high if high.startswith("<") else f"<={high[1:]}" if high[1] != "<" else high[1:]


def _bands(distinct: pl.Series) -> list[tuple[str, str]] | None:
    """Return the two ends of each band, None where a value is no band."""
    if distinct.dtype != pl.String or len(distinct) < 2:
        return None
    matches = [_BAND.fullmatch(text) for text in distinct.to_list()]
    ends = [(match["low"] or "", match["high"]) for match in matches if match is not None]
    return ends if len(ends) == len(distinct) and all(low or high[0] == "<" for low, high in ends) else None


def _column(values: pl.Series) -> _Column:
    gaps = values.has_nulls()
    codes, distinct = _ranks(values)
    bands = _bands(distinct)
    if bands is not None:  # sorted by their lower ends, 5-9 before 40-44
        lowest = [float(low or "-inf") for low, _ in bands]
        order = sorted(range(len(lowest)), key=lowest.__getitem__)
        rank = np.argsort(order)
        codes = np.where(codes < gaps, 0, rank[np.maximum(codes - gaps, 0)] + gaps)
        distinct, bands = distinct.gather(order), [bands[place] for place in order]
        bands = [("", ""), *bands] if gaps else bands
    numeric = values.dtype.is_numeric() or values.dtype.is_temporal()
    span = np.linspace(0.0, 1.0, max(len(distinct), 2))[: len(distinct)]
    if numeric and len(distinct) > 1:
        there = distinct.to_physical().cast(pl.Float64).to_numpy()
        low, high = float(np.nanmin(there)), float(np.nanmax(there))
        span = np.nan_to_num((there - low) / (high - low), nan=1.0)
    names = [f"{value:g}" if isinstance(value, float) else str(value) for value in distinct.to_list()]
    if gaps:  # a missing value lies at the low end
        span, names = np.concatenate([[0.0], span]), ["", *names]
    return _Column(codes=codes, places=span, names=names, numeric=numeric, gaps=gaps, bands=bands)


def _ranks(values: pl.Series) -> tuple[Ints, pl.Series]:
    """Return each value's rank among the distinct ones (missing: 0, the others from 1), and those, sorted."""
    plain = values.cast(pl.String) if values.dtype in (pl.Categorical, pl.Enum) else values
    distinct = plain.drop_nulls().unique().sort()
    start = 1 if values.has_nulls() else 0
    ranks = plain.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
    return np.asarray(ranks, dtype=np.int64) - (0 if start else 1), distinct
