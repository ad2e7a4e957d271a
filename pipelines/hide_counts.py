"""`undring table`: a table of counts that may be handed out, its sums beside it, or a refusal that says what would do.

Small cells are hidden, then the further cells without which subtraction would give them away. An attacker with a
linear program, who knows the rule, has been played on what is written.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines import atomic
from pipelines.counts_table import Counted, merged, read_counts
from pipelines.errors import InputError
from pipelines.table import refuse_onto_itself
from reports import catalogue
from reports.catalogue import Language

__all__ = ["Protected", "protect_table"]

HIDDEN = ".."  # as Danmarks Statistik writes it
TABLE, AUDIT = "table.csv", "audit.json"
WIDEST, LONGEST = 100, 40  # of a table that is shown in the terminal


@dataclass(frozen=True, slots=True)
class Protected:
    """Where the two files are, what was measured, and what to say."""

    table: Path
    audit: Path
    figures: dict[str, object]
    lines: list[str]


def protect_table(
    table: Path,
    *,
    out: Path,
    by: tuple[str, ...] = (),
    count: str = "",
    together: str = "",
    smallest_group: int = 10,
    smallest_difference: int = 5,
    language: Language = Language.DA,
) -> Protected:
    """Write `out/table.csv` and `out/audit.json`, or nothing.

    Raises: InputError as `read_counts`; `counts_onto_itself` where it would take the place of the table that it is
    made of, `counts_few` where all people together are too few, `counts_unsafe` with the
    coarsening that would do, `counts_unsafe_all` where none does.
    """
    from pseudonymisation.suppression import hide_cells, with_margins

    counted = read_counts(table, by=by, count=count)
    refuse_onto_itself(table, out / TABLE, out / AUDIT)
    if together:
        name, _, many = together.rpartition("=")
        counted = merged(counted, name.strip(), int(many) if many.strip().isdecimal() else 0)
    if counted.people.sum() < smallest_group:
        raise InputError("counts_few", file=table, smallest=smallest_group)
    made = hide_cells(counted.people, smallest_group=smallest_group, smallest_difference=smallest_difference)
    if made.unsafe:
        raise _refused(table, counted, smallest_group, smallest_difference)
    full = with_margins(counted.people)
    word = catalogue.text(language, "counts.all")
    rows = list(_written(counted, full, made.mask, word))
    figures: dict[str, object] = {
        "schema": "undring/table/1",
        "axes": {axis.name: len(axis.categories) for axis in counted.axes},
        "cells": int(full.size),
        "hidden_small": made.primary,
        "hidden_to_protect": made.secondary,
        "unsafe": made.unsafe,
        "smallest_group": smallest_group,
        "smallest_difference": smallest_difference,
        "together": together,
        "read_as_zero": counted.empty,
        "all_in_one": _all_in_one(counted.people),
    }
    paths = _files(out, rows, figures, counted.delimiter)
    lines = [
        *_shown(rows),
        *_lines(figures, language),
        catalogue.text(language, "counts.files", table=str(paths[0]), audit=str(paths[1])),
    ]
    return Protected(table=paths[0], audit=paths[1], figures=figures, lines=lines)


def _refused(table: Path, counted: Counted, group: int, difference: int) -> InputError:
    """Return the refusal, with the least coarsening that would do."""
    from pseudonymisation.suppression import coarser

    found = coarser(counted.people, smallest_group=group, smallest_difference=difference)
    if found is None:
        return InputError("counts_unsafe_all", file=table)
    axis, many, _ = found
    return InputError("counts_unsafe", file=table, axis=counted.axes[axis].name, together=many)


def _written(counted: Counted, full: NDArray[np.int64], hidden: NDArray[np.bool_], word: str) -> Iterator[list[str]]:
    """Yield the lines of the file, sums last, in the form that the counts came in."""
    told = np.where(hidden, HIDDEN, full.astype(str))
    if counted.crosstab:
        rows, columns = counted.axes
        yield [counted.head, *columns.categories, word]
        for name, line in zip((*rows.categories, word), told, strict=True):
            yield [name, *map(str, line)]
        return
    yield [*(axis.name for axis in counted.axes), counted.head]
    for place in product(*(range(len(axis.categories) + 1) for axis in counted.axes)):
        names = [(*axis.categories, word)[at] for axis, at in zip(counted.axes, place, strict=True)]
        yield [*names, str(told[place])]


def _all_in_one(people: NDArray[np.int64]) -> int:
    """Return how many lines of the table have all their people in one category: it tells of each of them."""
    found = 0
    for axis in range(people.ndim):
        if people.shape[axis] > 1:
            found += int(((people > 0).sum(axis=axis) == 1).sum())
    return found


def _files(out: Path, rows: list[list[str]], figures: dict[str, object], delimiter: str) -> tuple[Path, Path]:
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    atomic.make_private(out)
    table, audit = out / TABLE, out / AUDIT
    # with a mark of its encoding, where a spreadsheet is to open it by itself
    atomic.write_bytes(table, made.getvalue().encode("utf-8-sig" if delimiter == ";" else "utf-8"))
    atomic.write_text(audit, json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    return table, audit


def _shown(rows: list[list[str]]) -> list[str]:
    """Return the table as it is written, aligned, where it has room."""
    wide = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    if sum(wide) + 2 * len(wide) > WIDEST or len(rows) > LONGEST:
        return []
    return [
        "  ".join([row[0].ljust(wide[0]), *(cell.rjust(room) for cell, room in zip(row[1:], wide[1:], strict=True))])
        for row in rows
    ] + [""]


def _lines(figures: dict[str, object], language: Language) -> list[str]:
    facts = {name: value for name, value in figures.items() if isinstance(value, int)}
    lines = [catalogue.text(language, "counts.hidden" if facts["hidden_small"] else "counts.nothing_hidden", facts)]
    if facts["hidden_small"]:
        lines.append(catalogue.text(language, "counts.audit", facts))
    if facts["read_as_zero"]:
        lines.append(catalogue.text(language, "counts.zero", facts))
    if facts["all_in_one"]:
        lines.append(catalogue.text(language, "counts.all_in_one", facts))
    return [*lines, catalogue.text(language, "counts.alone")]
