"""Days on which a mass of rows is dated: a road got a new code, a law closed every grant and opened it again.

Nobody moved and nobody was granted anything that day. The day is found by its size alone, while the rows go by; what
becomes of its rows is for the contract to say (`mass_day`), and both are told.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipelines.contracts import Contract, Property

__all__ = ["MassDay", "dated", "found", "treated"]

LEAST = 20  # rows: fewer are no mass in any register
TIMES = 20  # as many as the days around it that have any: a first of the month has five to ten times as many moves
AROUND = 182  # days before and after


@dataclass(frozen=True, slots=True, kw_only=True)
class MassDay:
    """A day on which so many rows are dated that something technical happened: a road re-coded, a law that changed."""

    column: str
    day: date
    rows: int
    rule: str  # the contract's answer: leave_out, unknown, keep, or "" where nobody has said
    usual: int = 0  # rows of a day like it: so many of its own may well have happened


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
    return tuple(
        MassDay(
            column=column.name, day=day, rows=counted[day], rule=column.mass_day, usual=_usual(day, counted, mass)
        )
        for day in sorted(mass)
    )  # fmt: skip


def treated(frame: pl.DataFrame, days: tuple[MassDay, ...]) -> pl.DataFrame:
    """Return a register's rows as its contract wants those of mass days: left out, without their date, or as they are.

    A row without its date may or may not count: of whoever has only that one, the answer is unknown, not no.
    """
    for one in days:
        that_day = (pl.col(one.column) == one.day).fill_null(False)
        if one.rule == "leave_out":
            frame = frame.filter(~that_day)
        elif one.rule == "unknown":
            frame = frame.with_columns(pl.when(~that_day).then(pl.col(one.column)).alias(one.column))
    return frame


def _usual(day: date, counted: Mapping[date, int], mass: AbstractSet[date]) -> int:
    """How many rows a day like it has, days without any among them: a first of a month is like other firsts."""
    first, last = min(counted), max(counted)
    span = (day + timedelta(days=ahead) for ahead in range(-AROUND, AROUND + 1))
    like = [one for one in span if first <= one <= last and (one.day == 1) == (day.day == 1) and one not in mass]
    return round(sum(counted.get(one, 0) for one in like) / len(like)) if like else 0
