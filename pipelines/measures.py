"""Numbers that are written as something else: minutes on a clock, hours with a decimal, amounts in øre.

A contract's `formats` of a number column say which. Each becomes one number: minutes, or kroner.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

CLOCK, HOURS, MINUTES, OERE = "h:mm", "hours", "minutes", "øre"
MEASURES = (CLOCK, HOURS, MINUTES, OERE)
# A workbook's cell of a time comes out with seconds, and as if it were on the first days of its calendar.
ON_A_CLOCK = r"^(1899-12-31 |1900-0[1-3]-[0-9]{2} )?([0-9]{1,4}):([0-5][0-9])(?::[0-5][0-9](?:\.0+)?)?$"
_ZERO = date(1899, 12, 31)


def is_number_format(text: str) -> bool:
    """Return whether a text says how a number is written: `h:mm`, `hours`, `minutes`, `øre`."""
    return text.lower() in MEASURES


def measured(text: pl.Series, numbers: pl.Series, formats: Sequence[str]) -> pl.Series:
    """Return minutes (or kroner) by the formats, null where a text is none of them.

    Shape: (rows,) of text, (rows,) of the number each text is, null where it is none -> (rows,). With `hours` and
    `minutes` both, a number that is not whole is hours: 1,5 is ninety minutes, and so is 90.
    """
    written = {name.lower() for name in formats}
    number = pl.col("number")
    plain: pl.Expr = pl.lit(None, dtype=pl.Float64)
    if OERE in written:
        plain = number / 100
    elif {HOURS, MINUTES} <= written:
        plain = pl.when(number == number.floor()).then(number).otherwise(number * 60)
    elif HOURS in written:
        plain = number * 60
    elif MINUTES in written:
        plain = number
    if CLOCK in written:
        parts = pl.col("text").str.extract_groups(ON_A_CLOCK)
        hours, minutes = (parts.struct[place].cast(pl.Float64, strict=False) for place in (1, 2))
        days = (parts.struct[0].str.strip_chars().str.to_date("%Y-%m-%d", strict=False) - _ZERO).dt.total_days()
        plain = pl.coalesce(days.fill_null(0) * 1440 + hours * 60 + minutes, plain)
    return pl.DataFrame({"text": text, "number": numbers}).select(plain).to_series()
