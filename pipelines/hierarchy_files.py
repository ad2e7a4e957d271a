"""How values are grouped, where somebody has said so: files `hierarchy_COLUMN.csv` beside the table, in ARX's form.

Each line is a value and its steps, finest first, with semicolons between; the last is mostly `*`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.errors import InputError
from pseudonymisation.hierarchies import Hierarchy, given_hierarchy, not_nested


def read_hierarchies(
    table: Path, raw: pl.DataFrame, place: pl.Series, quasi: Sequence[str]
) -> tuple[dict[str, Hierarchy], list[str]]:
    """Return the hierarchies that lie beside a table, for its people in their order, and the files' names.

    Raises: InputError for a file that cannot be used, or that misses a value of the table.
    """
    found: dict[str, Hierarchy] = {}
    files: list[str] = []
    first = pl.DataFrame({"place": place}).with_row_index("row").unique("place", keep="first").sort("place")["row"]
    for name in quasi:
        file = table.parent / f"hierarchy_{name}.csv"
        if not file.is_file():
            continue
        steps = _steps(file)
        values = raw[name].str.strip_chars().replace({"": None, "NA": None, "NULL": None})
        unknown = values.is_not_null() & ~values.is_in(list(steps))
        if unknown.any():
            row, rows = int(unknown.arg_true()[0]) + 2, int(unknown.sum())
            raise InputError("hierarchy_value", file=table, row=row, column=name, hierarchy=file.name, rows=rows)
        found[name] = given_hierarchy(values.gather(first), steps)
        files.append(file.name)
    return found, files


def _steps(file: Path) -> dict[str, tuple[str, ...]]:
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=";") if any(row)]
    steps = {row[0]: tuple(row[1:]) for row in rows}
    if not steps or "\0" in text or not rows[0][1:]:
        raise InputError("hierarchy_unreadable", file=file)
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError("hierarchy_ragged", file=file, row=number, steps=len(row) - 1, expected=len(rows[0]) - 1)
    if number := not_nested(steps):
        raise InputError("hierarchy_not_nested", file=file, row=number)
    return steps
