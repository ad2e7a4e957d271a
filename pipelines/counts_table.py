"""A table of counts as somebody has it in a CSV file: a crosstab, or one line a cell.

Sums that stand in the file are held against the cells and left out: they are worked out again from what is there.
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

SUMS = frozenset({"i alt", "ialt", "total", "totalt", "sum"})
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
    the cells do not have), `counts_identifier`, `counts_large`. None quotes a value.
    """
    text, delimiter = csv_text(table_content(table), table)
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    numbered = [(number, line) for number, line in enumerate(lines, 1) if any(cell.strip() for cell in line)]
    width = len(numbered[0][1])
    for number, line in numbered:
        if len(line) != width:
            raise InputError("counts_width", file=table, row=number, columns=len(line), expected=width)
    head, rows = [cell.strip() for cell in numbered[0][1]], numbered[1:]
    if not rows or width < 2:
        raise InputError("counts_columns", file=table, columns=width)
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
    sum_row = names[-1].casefold() in SUMS and len(names) > 1
    sum_column = head[-1].casefold() in SUMS and len(head) > 2
    cells = [
        [_number(table, cell, row, column) for column, cell in zip(head[1:], line[1:], strict=True)]
        for row, line in rows
    ]
    body = [line[: -1 if sum_column else None] for line in cells[: -1 if sum_row else None]]
    people = np.array([[cell or 0 for cell in line] for line in body], dtype=np.int64)
    if sum_column:
        for (number, _), line, wanted in zip(rows, cells, people.sum(axis=1), strict=False):
            _check_sum(table, line[-1], int(wanted), number, head[-1])
    if sum_row:
        for column, given, wanted in zip(head[1:], cells[-1], people.sum(axis=0), strict=False):
            _check_sum(table, given, int(wanted), rows[-1][0], column)
        if sum_column:
            _check_sum(table, cells[-1][-1], int(people.sum()), rows[-1][0], head[-1])
    axes = (
        Axis(name=ROWS, categories=tuple(names[: -1 if sum_row else None])),
        Axis(name=COLUMNS, categories=tuple(head[1 : -1 if sum_column else None])),
    )
    _check_size(table, people.size)
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
