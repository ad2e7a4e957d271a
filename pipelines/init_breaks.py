"""Breaks that a file shows by itself: a month from which there are many more rows, or fewer, or other codes.

What leaves this module is a column's heading and the first day of a month, never a code and never a count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import log
from statistics import median

import polars as pl

from pipelines.formats import DEFAULT_DATES
from pipelines.init_guess import Guess, Note
from pipelines.init_register import Register
from pipelines.shown import shown_name
from pipelines.typed import parsed_dates

__all__ = ["Seen", "breaks_seen"]

SIDE, LONGEST = 6, 12  # months that must lie on each side, and that are looked at
FEWEST = 30  # rows a month: fewer jump by chance
JUMP = 1.6  # times as many rows, or as few
MANY_CODES, CODE_ROWS, CODE_SHARE = 200, 50, 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """A day that looks like a break, and the question about it."""

    day: date
    note: Note


def breaks_seen(register: Register) -> tuple[Seen, ...]:
    """Return the breaks that a register's first date shows, by date; at most one of its rows and one a column."""
    months = _months(register)
    if months is None:
        return ()
    counts = months.drop_nulls().value_counts().sort(months.name)
    days, rows = counts[months.name].to_list(), counts["count"].to_list()
    seen = [Seen(day, Note("ask.break_rows", {"day": day.isoformat()})) for day in _jump(days[1:-1], rows[1:-1])]
    for guess in register.guesses.values():
        shape = register.shapes[guess.header]
        if guess.kept and guess.type == "string" and guess.role != "date" and 2 <= shape.distinct <= MANY_CODES:
            for day in _codes_change(months, shape.text):
                column = shown_name(guess.header)
                seen.append(Seen(day, Note("ask.break_codes", {"day": day.isoformat(), "column": column})))
    return tuple(sorted(seen, key=lambda one: one.day))


def _months(register: Register) -> pl.Series | None:
    """Return the first day of each row's month, by the register's first date."""
    dated = [guess for guess in register.dates if guess.role == "date"]
    if not dated or register.population:
        return None
    guess: Guess = dated[0]
    text = register.shapes[guess.header].text
    days = parsed_dates(text, guess.formats or DEFAULT_DATES)
    return days.dt.truncate("1mo").alias("month")


def _jump(days: list[date], rows: list[int]) -> Iterator[date]:
    """The month at which the count jumps most, if it jumps: medians of the months on each side, and of three."""
    best, at = 0.0, None
    for cut in range(SIDE, len(days) - SIDE + 1):
        before, after = rows[max(0, cut - LONGEST) : cut], rows[cut : cut + LONGEST]
        far = log(median(after) / max(median(before), 0.5))
        near = log(median(after[:3]) / max(median(before[-3:]), 0.5))
        if max(median(before), median(after)) >= FEWEST and far * near > 0 and min(abs(far), abs(near)) >= log(JUMP):
            step = abs(log(max(after[0], 0.5) / max(before[-1], 0.5)))  # of cuts beside each other, the one at the step
            if abs(far) + step > best:
                best, at = abs(far) + step, days[cut]
    if at is not None:
        yield at


def _codes_change(months: pl.Series, text: pl.Series) -> Iterator[date]:
    """The month from which a code that was never there before makes up much of what comes."""
    frame = pl.DataFrame({"month": months, "code": text}).drop_nulls()
    if frame.is_empty():
        return
    known = frame["month"].unique().sort().to_list()
    if len(known) < 2 * SIDE:
        return
    codes = frame.group_by("code").agg(pl.len().alias("rows"), pl.col("month").min().alias("first"))
    new = codes.filter((pl.col("rows") >= CODE_ROWS) & pl.col("first").is_between(known[SIDE], known[-SIDE]))
    for (day,), group in new.sort("first").group_by("first", maintain_order=True):
        after = frame.filter(pl.col("month") >= day).height
        if group["rows"].sum() >= CODE_SHARE * after:
            assert isinstance(day, date)
            yield day
            return
