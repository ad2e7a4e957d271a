"""Saying less about a person: ages for birth dates, days for dates, districts for addresses, bands for numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TypeVar

import polars as pl

OLDEST = 95  # ages above are told as this
TOP_BAND = 90
OTHER_DISTRICT = "øvrige"
Column = TypeVar("Column", pl.Series, pl.Expr)


def age_years(birth: Column, at: date) -> Column:
    """Return whole years on the day `at`, at most 95, Int16; null for someone not yet born."""

    def years(born: pl.Expr) -> pl.Expr:
        not_yet = (born.dt.month().cast(pl.Int32) * 100 + born.dt.day() > at.month * 100 + at.day).cast(pl.Int32)
        age = at.year - born.dt.year() - not_yet
        return pl.when(born <= at).then(pl.min_horizontal(age, pl.lit(OLDEST))).cast(pl.Int16)

    return _applied(birth, years)


def age_band(age: Column) -> Column:
    """Return the band of five years that an age lies in, as text: 65-69, 90+ at the top."""

    def band(years: pl.Expr) -> pl.Expr:
        low = years.cast(pl.Int32) // 5 * 5
        return pl.when(years >= TOP_BAND).then(pl.lit(f"{TOP_BAND}+")).otherwise(pl.format("{}-{}", low, low + 4))

    return _applied(age, band)


def offset_days(dates: Column, reference: date) -> Column:
    """Return days from `reference` (negative before it), Int32."""
    return _applied(dates, lambda day: (day.cast(pl.Date) - pl.lit(reference)).dt.total_days().cast(pl.Int32))


def months(dates: Column) -> Column:
    """Return the month of a date as text: 2024-03."""
    return _applied(dates, lambda day: day.dt.strftime("%Y-%m"))


def whole_weeks(days: Column) -> Column:
    """Return a span of days in whole weeks, rounded down, Int32."""
    return _applied(days, lambda span: span.cast(pl.Int32) // 7)


def normal_address(values: pl.Series) -> pl.Series:
    """Return addresses in one writing, so that two hands' typing of one door meet.

    Lower case, marks and double spaces gone, `1. sal` as `1`, `stuen` as `st`, `12 B` as `12b`; æøå kept.
    Two writings of one address give one text: "Nygade 12 B, St.Th." and "nygade 12b st th".
    """
    name = values.name
    text = pl.col(name).str.normalize("NFC").str.to_lowercase()
    text = text.str.replace_all("[.,;:/()\"'´`]+", " ").str.replace_all(r"\s+", " ").str.strip_chars()
    text = text.str.replace_all(r"\b(?:stuen|stue)\b", "st").str.replace_all(r"\b([0-9]+) sal\b", "$1")
    text = text.str.replace_all(r"\b(?:kælder|kld)\b", "kl")
    text = text.str.replace(r"^([^0-9]* [0-9]+) ([a-zæøå])(?: |$)", "${1}${2} ").str.strip_chars()
    return values.to_frame().select(pl.when(text != "").then(text).alias(name)).to_series()


def district(road_codes: pl.Series, districts: Mapping[str, str]) -> pl.Series:
    """Return the district of each road code, null where it is unknown. Codes are compared with four digits."""
    table = {_road(code): name for code, name in districts.items()}
    codes = road_codes.cast(pl.String).str.strip_chars().str.zfill(4)
    return codes.replace_strict(table, default=None, return_dtype=pl.String)


def merge_small_districts(districts: pl.Series, households: pl.Series, *, smallest: int = 150) -> pl.Series:
    """Return districts, those with fewer than `smallest` households merged into one called øvrige.

    Where that one would still be too small, it takes in the smallest of the others (by size, then name).
    """
    name = districts.name
    frame = pl.DataFrame({"district": districts, "household": households})
    sizes = frame.drop_nulls("district").group_by("district").agg(pl.col("household").n_unique().alias("size"))
    merged: list[str] = []
    held = 0
    for row in sizes.sort("size", "district").iter_rows(named=True):
        if row["size"] >= smallest and (held == 0 or held >= smallest):
            break
        merged.append(row["district"])
        held += row["size"]
    text = pl.col("district")
    return frame.select(
        pl.when(text.is_in(merged)).then(pl.lit(OTHER_DISTRICT)).otherwise(text).alias(name)
    ).to_series()


def bands(values: Column, cuts: Sequence[float]) -> Column:
    """Return the half-open band that a number lies in, as text: `<10`, `10-<20`, `20+` for the cuts 10 and 20.

    Raises: ValueError if there is no cut, or they do not rise.
    """
    if not cuts or any(low >= high for low, high in pairwise(cuts)):
        raise ValueError("cuts are one or more rising numbers")
    names = [f"{cut:g}" for cut in cuts]

    def band(number: pl.Expr) -> pl.Expr:
        told = pl.when(number < cuts[0]).then(pl.lit(f"<{names[0]}")).otherwise(pl.lit(f"{names[-1]}+"))
        for place in range(1, len(cuts)):
            inside = (number >= cuts[place - 1]) & (number < cuts[place])
            told = pl.when(inside).then(pl.lit(f"{names[place - 1]}-<{names[place]}")).otherwise(told)
        # nan compares as the largest number in polars: it is a missing value here
        missing = number.is_null() | number.cast(pl.Float64).is_nan()
        return pl.when(missing).then(None).otherwise(told)

    return _applied(values, band)


def _applied(values: Column, rule: Callable[[pl.Expr], pl.Expr]) -> Column:
    """Apply a rule on expressions to a series or an expression, whichever came in; the name is kept."""
    if isinstance(values, pl.Expr):
        return rule(values).alias(values.meta.output_name())
    return values.to_frame().select(rule(pl.col(values.name)).alias(values.name)).to_series()


def _road(code: str) -> str:
    return code.strip().zfill(4)
