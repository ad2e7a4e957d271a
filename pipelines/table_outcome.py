"""The outcome of a table: yes or no, a count with its exposure, or a time to an event. Refused by row, not by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analysis.values import Kind, Scalar
from pipelines.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOutcome:
    """One outcome as it was asked for."""

    column: str
    positive: str | None = None
    kind: Kind = "yes_no"
    follow_up: str | None = None


def read_outcomes(
    frame: pl.DataFrame, outcomes: Sequence[TableOutcome], table: Path
) -> tuple[pl.DataFrame, list[Scalar]]:
    """Return the rows of which some outcome is known, with every outcome (unknown ones null) as the search reads it.

    And what stands for yes in each (True for counts). Raises: InputError, with the first row that is wrong.
    """
    whole = frame.with_row_index("\0row", offset=2)  # the header is row 1
    whole = whole.filter(pl.any_horizontal(pl.col(one.column).is_not_null() for one in outcomes))
    levels: list[Scalar] = []
    times: dict[str, pl.Series] = {}
    for one in outcomes:
        part, level = _read(whole.filter(pl.col(one.column).is_not_null()), one, table)
        levels.append(level)
        told = part.select("\0row", one.column, *([one.follow_up] if one.follow_up is not None else []))
        read = whole.select("\0row").join(told, on="\0row", how="left", maintain_order="left")
        if one.follow_up is not None:
            time = read[one.follow_up]
            times[one.follow_up] = (
                times[one.follow_up].zip_with(time.is_null(), time) if one.follow_up in times else time
            )
        whole = whole.with_columns(read[one.column])
    return whole.with_columns(times.values()).drop("\0row"), levels


def _read(frame: pl.DataFrame, one: TableOutcome, table: Path) -> tuple[pl.DataFrame, Scalar]:
    """Read one outcome in rows (numbered `\0row`) that have it."""
    if one.kind == "time" and one.follow_up is None:
        raise InputError("table_time_missing", file=table)
    if one.kind == "yes_no" and one.follow_up is not None:
        raise InputError("table_follow_up_unused", file=table, column=one.follow_up)
    if frame.height == 0:
        raise InputError("table_outcome_missing", file=table, column=one.column)
    level: Scalar = True
    if one.kind == "count":
        frame = _count(frame, one.column, table)
    else:
        frame, level = _yes_no(frame, one.column, one.positive, table)
    if one.follow_up is not None:
        frame = _follow_up(frame, one.follow_up, table)
    return frame, level


def _count(frame: pl.DataFrame, outcome: str, table: Path) -> pl.DataFrame:
    number = _numbers(frame, outcome, table, "table_count_text")
    _refuse(frame, ~number.is_finite() | number.lt(0) | number.ne(number.round()), outcome, table, "table_count")
    return frame.with_columns(number.cast(pl.Int64).alias(outcome))


def _follow_up(frame: pl.DataFrame, column: str, table: Path) -> pl.DataFrame:
    _refuse(frame, frame[column].is_null(), column, table, "table_follow_up_missing")
    number = _numbers(frame, column, table, "table_follow_up_text")
    _refuse(frame, ~(number.is_finite() & number.gt(0)), column, table, "table_follow_up")
    return frame.with_columns(number.alias(column))


def _numbers(frame: pl.DataFrame, column: str, table: Path, error: str) -> pl.Series:
    """The column as numbers; a file's text column may hold one word among its numbers."""
    values = frame[column]
    if values.dtype == pl.Boolean or values.dtype.is_numeric():
        return values.cast(pl.Float64)
    number = values.cast(pl.String).str.strip_chars().str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    _refuse(frame, number.is_null(), column, table, error)
    return number


def _refuse(frame: pl.DataFrame, wrong: pl.Series, column: str, table: Path, error: str) -> None:
    if wrong.any():
        first = int(frame["\0row"].filter(wrong.fill_null(True))[0])
        raise InputError(error, file=table, row=first, column=column, rows=int(wrong.sum()))


def _yes_no(frame: pl.DataFrame, outcome: str, positive: str | None, table: Path) -> tuple[pl.DataFrame, Scalar]:
    """The outcome as a Boolean column, and the value that stands for yes."""
    values = frame[outcome]
    levels = values.unique().sort().to_list()
    if positive is None:
        if len(levels) > 2:
            raise InputError("table_outcome_levels", file=table, column=outcome, levels=len(levels))
        chosen = natural(levels)
    else:
        matching = [level for level in levels if _same(level, positive)]
        if not matching:
            raise InputError("table_positive", file=table, column=outcome)
        chosen = matching[0]
    return frame.with_columns((values == chosen).alias(outcome)), chosen


def natural(levels: list[Any]) -> Any:
    """Return the value that means yes: the larger of two numbers, a word for yes, else the last in the alphabet."""
    for level in levels:
        if str(level).lower() in ("1", "ja", "yes", "true", "j", "y", "case"):
            return level
    return levels[-1]


def _same(level: Any, written: str) -> bool:
    if isinstance(level, bool):
        return written.lower() in (("true", "1", "ja") if level else ("false", "0", "nej"))
    if isinstance(level, int | float):
        try:
            return float(written.replace(",", ".")) == float(level)
        except ValueError:
            return False
    return str(level) == written
