"""A table of counts as somebody has it in a CSV file: a crosstab, or one line a cell.

Sums that stand in the file are held against the cells and left out: they are worked out again from what is there. A
sum by another name is refused: taken for a category, it would give away what is hidden in those that it sums.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.direct_identifiers import identifier_kind
from pipelines.errors import InputError
from pipelines.table import csv_text, table_content

__all__ = ["Axis", "Counted", "merged", "read_counts"]

SUMS = frozenset(
    {"i alt", "ialt", "total", "totalt", "sum", "hovedtotal", "grand total", "tilsammen", "samlet", "alle", "all"}
)
MOST_CELLS = 4_000
MOST_AXES = 4
LARGEST = 10**9
ROWS, COLUMNS = "rows", "columns"  # what the axes of a crosstab are called


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One way in which people are divided: its name, and its categories in the file's order."""

    name: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A table of counts. Shape of `people`: one entry a category of each axis."""

    axes: tuple[Axis, ...]
    people: NDArray[np.int64]
    crosstab: bool  # else one line a cell
    head: str  # a crosstab's upper left corner; else the column of the counts
    delimiter: str
    empty: int  # cells that were blank or not there: counted as 0


def read_counts(table: Path, *, by: Sequence[str], count: str) -> Counted:
    """Return the counts of a file: of a crosstab where `count` is empty, else of lines.

    Raises: InputError of what is no table, `counts_columns`, `counts_value`, `counts_twice`, `counts_sum` (a sum that
    the cells do not have), `counts_sum_unnamed`, `counts_identifier`, `counts_large`. None quotes a value.
    """
    text, delimiter = csv_text(table_content(table), table)
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:  # a quote that nobody closed
        raise InputError("table_unreadable", file=table) from None
    numbered = [(number, line) for number, line in enumerate(lines, 1) if any(cell.strip() for cell in line)]
    width = len(numbered[0][1])
    for number, line in numbered:
        if len(line) != width:
            raise InputError("counts_width", file=table, row=number, columns=len(line), expected=width)
    head, rows = [cell.strip() for cell in numbered[0][1]], numbered[1:]
    if not rows or width < 2:
        raise InputError("counts_columns", file=table, columns=width)
    if len(set(head)) < len(head):
        raise InputError("table_duplicate_column", file=table, row=1)
    if count:
        made = _of_lines(table, head, rows, by, count, delimiter)
    elif by:
        raise InputError("counts_no_count", file=table)
    else:
        made = _of_crosstab(table, head, rows, delimiter)
    for axis in made.axes:
        kind = _identifier(axis)
        if kind is not None:
            raise InputError("counts_identifier", file=table, column=axis.name, kind=kind)
    for place, axis in enumerate(made.axes):
        if _unnamed_sum(made.people, place):
            raise InputError("counts_sum_unnamed", file=table, column=axis.name)
    return made


def merged(counted: Counted, name: str, together: int) -> Counted:
    """Return the table with neighbouring categories of one axis put together, so many at a time.

    Raises: InputError `counts_together` where there is no such axis, or too few categories.
    """
    names = [axis.name for axis in counted.axes]
    if name not in names or not 2 <= together <= len(counted.axes[names.index(name)].categories):
        raise InputError("counts_together", file="--together", axes=", ".join(names))
    place = names.index(name)
    axis, starts = counted.axes[place], range(0, len(counted.axes[place].categories), together)
    groups = [axis.categories[start : start + together] for start in starts]
    told = tuple(
        one[0] if len(one) == 1 else f"{one[0]} – {one[-1]}" if len(one) > 2 else " + ".join(one) for one in groups
    )
    axes = tuple(replace(one, categories=told) if one is axis else one for one in counted.axes)
    return replace(counted, axes=axes, people=np.add.reduceat(counted.people, list(starts), axis=place))


def _of_crosstab(table: Path, head: list[str], rows: list[tuple[int, list[str]]], delimiter: str) -> Counted:
    """Return a crosstab: the first column names the rows, the first line the columns."""
    names = [line[0].strip() for _, line in rows]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InputError("counts_twice", file=table, row=rows[place][0], column=head[0])
    sum_rows = [place for place, name in enumerate(names) if name.casefold() in SUMS]
    sum_columns = [place for place, name in enumerate(head[1:]) if name.casefold() in SUMS]
    cells = [
        [_number(table, cell, row, column) for column, cell in zip(head[1:], line[1:], strict=True)]
        for row, line in rows
    ]
    own_rows = [place for place in range(len(names)) if place not in sum_rows]
    own_columns = [place for place in range(len(head) - 1) if place not in sum_columns]
    body = [[cells[row][column] for column in own_columns] for row in own_rows]
    _check_size(table, len(own_rows) * len(own_columns))
    people = np.array([[cell or 0 for cell in line] for line in body], dtype=np.int64)
    full = np.zeros((len(names), len(head) - 1), dtype=np.int64)  # as the file should have it
    full[np.ix_(own_rows, own_columns)] = people
    full[:, sum_columns] = full.sum(axis=1, keepdims=True)
    full[sum_rows] = full[own_rows].sum(axis=0)
    for row, column in ((row, column) for row in range(len(names)) for column in range(len(head) - 1)):
        if row in sum_rows or column in sum_columns:
            _check_sum(table, cells[row][column], int(full[row, column]), rows[row][0], head[1 + column])
    axes = (
        Axis(name=ROWS, categories=tuple(names[place] for place in own_rows)),
        Axis(name=COLUMNS, categories=tuple(head[1 + place] for place in own_columns)),
    )
    return Counted(axes=axes, people=people, crosstab=True, head=head[0], delimiter=delimiter,
                   empty=sum(cell is None for line in body for cell in line))  # fmt: skip


def _of_lines(
    table: Path, head: list[str], rows: list[tuple[int, list[str]]], by: Sequence[str], count: str, delimiter: str
) -> Counted:
    """Return a table with one line a cell: the columns named are its axes."""
    for name in (*by, count):
        if name not in head:
            raise InputError("table_column", file=table, column=name, columns=len(head))
    if not 1 <= len(set(by)) == len(by) <= MOST_AXES or count in by:
        raise InputError("counts_by", file=table, most=MOST_AXES)
    places = [head.index(name) for name in by]
    cells: dict[tuple[str, ...], tuple[int, int]] = {}  # the count, and its line
    for number, line in rows:
        key = tuple(line[place].strip() for place in places)
        if key in cells:
            raise InputError("counts_twice", file=table, row=number, column=", ".join(by))
        cells[key] = (_number(table, line[head.index(count)], number, count) or 0, number)
    sums = {key: told for key, told in cells.items() if any(part.casefold() in SUMS for part in key)}
    inner = {key: told for key, told in cells.items() if key not in sums}
    axes = tuple(
        Axis(name=name, categories=tuple(dict.fromkeys(key[place] for key in inner))) for place, name in enumerate(by)
    )
    shape = [len(axis.categories) for axis in axes]
    _check_size(table, int(np.prod(shape)))
    people = np.zeros(shape, dtype=np.int64)
    for key, (told, _) in inner.items():
        people[tuple(axis.categories.index(part) for axis, part in zip(axes, key, strict=True))] = told
    for key, (told, number) in sums.items():
        where = tuple(
            slice(None) if part.casefold() in SUMS else axis.categories.index(part) if part in axis.categories else None
            for axis, part in zip(axes, key, strict=True)
        )
        _check_sum(table, told, 0 if None in where else int(people[where].sum()), number, count)
    return Counted(axes=axes, people=people, crosstab=False, head=count, delimiter=delimiter,
                   empty=people.size - len(inner))  # fmt: skip


def _identifier(axis: Axis) -> str | None:
    """Return what kind of direct identifier the categories look like. That all differ is no sign: they always do."""
    each = pl.Series(axis.name, list(axis.categories))
    kind = identifier_kind(each, may_be_unique=True)
    return identifier_kind(pl.concat([each, each]), may_be_unique=True) if kind == "nummer" else kind


def _unnamed_sum(people: NDArray[np.int64], axis: int) -> bool:
    """Return whether a category is the sum of all others, or, in a crosstab, of some that stand right beside it.

    In each of its cells. A single cell is the sum of its neighbours by chance too often for that to say anything.
    """
    lines = np.moveaxis(people, axis, 0).reshape(people.shape[axis], -1)
    lines = lines[lines.any(axis=1)]
    if len(lines) < 3:
        return False
    whole = lines.sum(axis=0)
    for place, line in enumerate(lines):
        if (2 * line == whole).all():
            return True
        if (line > 0).sum() > 1 and (_sums_begin(line, lines[place + 1 :]) or _sums_begin(line, lines[:place][::-1])):
            return True
    return False


def _sums_begin(line: NDArray[np.int64], others: NDArray[np.int64]) -> bool:
    """Return whether a line is the sum of the first two or more of the others."""
    return bool((others.cumsum(axis=0)[1:] == line).all(axis=1).any())


def _number(table: Path, cell: str, row: int, column: str) -> int | None:
    """Return a cell's count, None where it is blank."""
    plain = cell.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and int(plain[:12]) <= LARGEST and len(plain) <= 12):
        raise InputError("counts_value", file=table, row=row, column=column)
    return int(plain)


def _check_sum(table: Path, given: int | None, wanted: int, row: int, column: str) -> None:
    if given is not None and given != wanted:
        raise InputError("counts_sum", file=table, row=row, column=column)


def _check_size(table: Path, cells: int) -> None:
    if not cells:
        raise InputError("counts_columns", file=table, columns=0)
    if cells > MOST_CELLS:
        raise InputError("counts_large", file=table, cells=cells, most=MOST_CELLS)
