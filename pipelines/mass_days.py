"""Days on which a mass of rows is dated: a road got a new code, a law closed every grant and opened it again.

Nobody moved and nobody was granted anything that day. The day is found by its size alone, while the rows go by; what
becomes of its rows is for the contract to say (`mass_day`), and both are told.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipelines.contracts import Contract, Property

__all__ = ["MassDay", "dated", "found", "left_out", "without"]

LEAST = 20  # rows: fewer are no mass in any register
TIMES = 20  # as many as the days around it that have any: a first of the month has five to ten times as many moves
AROUND = 182  # days before and after


@dataclass(frozen=True, slots=True, kw_only=True)
class MassDay:
    """A day on which so many rows are dated that something technical happened: a road re-coded, a law that changed."""

    column: str
    day: date
    rows: int
    rule: str  # the contract's answer: leave_out, keep, or "" where nobody has said


def dated(contract: Contract) -> tuple[Property, ...]:
    """Return the columns whose days are counted: dates of events that are kept."""
    return tuple(
        column
        for column in contract.properties
        if column.logical_type == "date" and column.time == "event" and not column.dropped and not contract.population
    )


def found(column: Property, days: Mapping[date, int]) -> tuple[MassDay, ...]:
    """Return the days with `LEAST` rows or more, and more than `TIMES` as many as a day around them that has any.

    Days without rows are not counted among those around: a register of weeks or months has few days, each with many.
    """
    counted = Counter({day: rows for day, rows in days.items() if rows})
    large = sorted((day for day, rows in counted.items() if rows >= LEAST), key=lambda day: (-counted[day], day))
    every, around = sorted(counted), timedelta(days=AROUND)
    mass: set[date] = set()
    for day in large:
        near = every[bisect_left(every, day - around) : bisect_right(every, day + around)]
        others = [counted[other] for other in near if other != day and other not in mass]
        if others and counted[day] > TIMES * sum(others) / len(others):
            mass.add(day)
    return tuple(MassDay(column=column.name, day=day, rows=counted[day], rule=column.mass_day) for day in sorted(mass))


def left_out(days: tuple[MassDay, ...]) -> dict[str, list[date]]:
    """Return the days whose rows the contract leaves out, by column."""
    chosen: dict[str, list[date]] = {}
    for one in days:
        if one.rule == "leave_out":
            chosen.setdefault(one.column, []).append(one.day)
    return chosen


def without(frame: pl.DataFrame, days: Mapping[str, list[date]]) -> pl.DataFrame:
    """Return the rows that are not dated on one of these days."""
    for column, gone in days.items():
        frame = frame.filter(~pl.col(column).is_in(gone).fill_null(False))
    return frame
