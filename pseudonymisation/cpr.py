"""What a CPR number is: its writings, the century table, and where one hides in a text.

Modulus 11 is counted, never asked for: numbers without it have been issued since 2007. A replacement number has 60
added to its day, and is treated as any other.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

DASHES = "-‐‑‒–—―−"
SPACES = " \t\u00a0\u2007\u2009\u202f"
# What people put between the digits, and what programs put around them.
_BETWEEN = re.escape(DASHES + SPACES) + "./_"
_AROUND = "'’´`\"\ufeff\u200b\u00ad"
_LOOKALIKES = str.maketrans("OoQlIi|", "0001111")
_NUMBER_CELL = r"^([0-9]{9,10})[.,]0+$"  # a spreadsheet's number: 610150123.0
_WHOLE_POWER = r"^([0-9])[.,](?:([0-9]{9})[eE]\+?0?9|([0-9]{8})[eE]\+?0?8)$"  # 6,101501234E+09: no digit is lost

# A day, a month and a year as typed, O for 0 and l for 1 included; then four digits, or an electronic number's letters.
# The first sign is consumed before what must not stand before it is asked for: so `re` leaps over all other signs.
_DAY = r"[0-36-9OolI](?<![0-9].)(?:(?<=[0Oo6])[1-9lI]|(?<=[127lI8])[0-9OolI]|(?<=[39])[01OolI])"
_MONTH = r"(?:[0Oo][1-9lI]|[1lI][0-2OolI])"
_GAP = rf"[{_BETWEEN}]{{0,3}}"
_WIDE = re.compile(
    rf"{_DAY}{_GAP}{_MONTH}{_GAP}[0-9OolI]{{2}}{_GAP}"
    r"(?:[0-9OolI]{4}(?![0-9])|[0-9][A-ZÆØÅ]{2,3}[0-9](?![0-9A-Za-zÆØÅæøå])|[0-9][A-ZÆØÅ]{3}(?![0-9A-Za-zÆØÅæøå]))"
)
MODULUS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
REPLACEMENT = 6_000_000_000  # ten digits from here on have 60 added to the day
_TEN = re.compile(r"(?<![0-9])[0-9]{10}(?![0-9])")


def normalise(text: str, *, zero_pad: bool = True) -> str | None:
    """Return the ten digits of a CPR number in any writing, None where there are not ten.

    Accepts dashes of every kind, dots, slashes, spaces (no-break ones too), a leading apostrophe, O for 0, l for 1.
    With `zero_pad`, nine bare digits get back the zero that a spreadsheet ate; nine digits with a hyphen are a slip.
    """
    value = text.strip().strip(_AROUND).strip()
    if cell := re.match(_NUMBER_CELL, value):
        value = cell[1]
    elif power := re.match(_WHOLE_POWER, value):
        value = power[1] + (power[2] or power[3])
    value = value.translate(_LOOKALIKES)
    digits = re.sub(f"[{_BETWEEN}{_AROUND}]", "", value)
    if zero_pad and len(digits) == 9 and value == digits:
        digits = "0" + digits
    return digits if re.fullmatch("[0-9]{10}", digits) else None


def usual_column(values: pl.Series) -> pl.Series:
    """Return whether each value is written DDMMYY-SSSS or DDMMYYSSSS, null where it is null: nearly all of them are."""
    return values.cast(pl.String).str.contains("^[0-9]{6}-?[0-9]{4}$")


def normalise_column(values: pl.Series, *, zero_pad: bool = True, usual: pl.Series | None = None) -> pl.Series:
    """Return `normalise` of every value, null where a value is null or holds no ten digits.

    Shape: (rows,) of text or whole numbers -> (rows,) of text; name kept. `usual`: what `usual_column` says of them.
    """
    written = values.cast(pl.String)
    usual = usual_column(written) if usual is None else usual  # where it holds, no other writing need be tried
    if usual.all() and (written.str.len_bytes() == 10).all():
        return written
    plain = written.str.replace("-", "", literal=True)
    if usual.all():
        return plain
    rest = pl.select(pl.when(~usual).then(written).alias(values.name)).to_series()
    mended = _any_writing(rest.filter(~usual.fill_null(True)), zero_pad=zero_pad)
    places = (~usual.fill_null(True)).arg_true()
    return plain.scatter(places, mended)


def _any_writing(values: pl.Series, *, zero_pad: bool) -> pl.Series:
    text = pl.col(values.name)
    edge = rf"^[\s{_AROUND}]+|[\s{_AROUND}]+$"
    written = text.str.replace_all(edge, "").str.replace(_NUMBER_CELL, "$1").str.replace(_WHOLE_POWER, "$1$2$3")
    written = written.str.replace_all("[OoQ]", "0").str.replace_all("[lIi|]", "1")
    digits = pl.col("_written").str.replace_all(f"[{_BETWEEN}{_AROUND}]", "")
    padded = pl.lit("0") + pl.col("_digits")
    lost_zero = (pl.col("_digits").str.len_bytes() == 9) & (pl.col("_digits") == pl.col("_written")) & zero_pad
    return (
        values.to_frame()
        .with_columns(written.alias("_written"))
        .with_columns(digits.alias("_digits"))
        .with_columns(pl.when(lost_zero).then(padded).otherwise(pl.col("_digits")).alias("_digits"))
        .select(pl.when(pl.col("_digits").str.contains("^[0-9]{10}$")).then(pl.col("_digits")).alias(values.name))
        .to_series()
    )


def birth_date(cpr: str) -> date | None:
    """Return the date of birth in ten digits (a replacement number's day less 60), None where there is no such day."""
    if not re.fullmatch("[0-9]{10}", cpr):
        return None
    day, month, year, seventh = int(cpr[:2]), int(cpr[2:4]), int(cpr[4:6]), int(cpr[6])
    try:
        return date(_century(year, seventh) + year, month, day - 60 if day > 60 else day)
    except ValueError:
        return None


def birth_date_column(digits: pl.Series) -> pl.Series:
    """Return `birth_date` of every value. Shape: (rows,) of ten digits or null -> (rows,) of dates or null."""
    text = pl.col(digits.name)
    day, month, year, seventh = (
        text.str.slice(start, length).cast(pl.Int32, strict=False) for start, length in ((0, 2), (2, 2), (4, 2), (6, 1))
    )
    century = (
        pl.when(seventh <= 3)
        .then(1900)
        .when(seventh.is_in([4, 9]))
        .then(pl.when(year <= 36).then(2000).otherwise(1900))
        .otherwise(pl.when(year <= 57).then(2000).otherwise(1800))
    )
    whole = text.str.contains("^[0-9]{10}$")
    day = pl.when(day > 60).then(day - 60).otherwise(day)
    written = pl.format("{}-{}-{}", century + year, month, day)
    born = pl.when(whole).then(written).str.to_date("%Y-%m-%d", strict=False)
    return digits.to_frame().select(born.alias(digits.name)).to_series()


def is_plausible(digits: str) -> bool:
    """Return whether ten digits begin with a real day by the century table. Modulus 11 is never asked for."""
    return birth_date(digits) is not None


def plausible_column(digits: pl.Series) -> pl.Series:
    """Return `is_plausible` of every value, null where it is null."""
    ten = digits.str.contains("^[0-9]{10}$")
    real = plausible_digits(pl.select(pl.when(ten).then(digits)).to_series())
    return pl.select(pl.when(digits.is_not_null()).then(real.fill_null(False)).alias(digits.name)).to_series()


def plausible_digits(digits: pl.Series) -> pl.Series:
    """Return `is_plausible` of values that are ten digits or null; null where they are."""
    # From a table: a date made of each of ten million numbers takes longer than reading them.
    number = digits.cast(pl.Int64).fill_null(0).to_numpy()
    first = number // 10_000
    # 1900 alone of the years 1858-2057 can be divided by four and has no leap day; its numbers have a seventh digit
    # of 0 to 3. 1800 is no year of birth: in that century the table begins with 1858.
    no_leap_day = ((first == 290_200) | (first == 890_200)) & (number // 1000 % 10 <= 3)
    real = pl.Series(digits.name, _days()[first] & ~no_leap_day)
    return pl.select(pl.when(digits.is_not_null()).then(real).alias(digits.name)).to_series()


@lru_cache(maxsize=1)
def _days() -> NDArray[np.bool_]:
    """Return of each DDMMYY whether there is such a day, in one century or another."""
    first = np.arange(1_000_000)
    day, month, year = first // 10_000, first // 100 % 100, first % 100
    day = np.where(day > 60, day - 60, day)
    days = np.where(month == 2, 28 + (year % 4 == 0), np.where(np.isin(month, (4, 6, 9, 11)), 30, 31))
    found: NDArray[np.bool_] = (month >= 1) & (month <= 12) & (day >= 1) & (day <= days)
    return found


def modulus_11_column(digits: pl.Series) -> pl.Series:
    """Return whether each ten digits pass modulus 11, null where it is null: a sign of typing errors, never a refusal.

    Numbers that fail have been issued since 2007. Replacement numbers (day + 60) were never made to pass, and do.
    """
    number = digits.cast(pl.Int64, strict=False)
    total = number * 0
    for place, weight in enumerate(MODULUS):
        total += number // 10 ** (9 - place) % 10 * weight
    return ((total % 11 == 0) | (number >= REPLACEMENT)).alias(digits.name)


def sex(cpr: str) -> Literal["F", "M"]:
    """Return F for an even last digit, M for an odd one."""
    return "F" if int(cpr[-1]) % 2 == 0 else "M"


def spellings(cpr: str) -> tuple[str, ...]:
    """Return every writing of a number that a search of the outputs must look for, the plain one first."""
    day, month, year, serial = cpr[:2], cpr[2:4], cpr[4:6], cpr[6:]
    first = day + month + year
    found = [cpr]
    found += [first + mark + serial for mark in (*DASHES, *SPACES, ".", "/", "_", " - ", " – ", "  ")]
    for inner in ("-", ".", " ", "/", "\u00a0"):
        for outer in ("-", " ", ".", "–", "\u00a0"):
            found.append(inner.join((day, month, year)) + outer + serial)
    plain = (cpr, f"{first}-{serial}", f"{first} {serial}")
    found += [text.replace("0", "O") for text in plain] + [text.replace("0", "o") for text in plain]
    found += [text.replace("1", "l") for text in plain] + [text.replace("0", "O").replace("1", "l") for text in plain]
    if cpr.startswith("0"):
        found += [cpr[1:], f"{first[1:]}-{serial}"]  # the zero that a spreadsheet ate
    return tuple(dict.fromkeys(found))


def find(text: str) -> tuple[tuple[int, int], ...]:
    """Return where a text holds something like a CPR number: (start, end) pairs, in order.

    Wide on purpose: any dash, dots, spaces, O and l, replacement numbers, electronic numbers, glued to a word.
    """
    return tuple(match.span() for match in _WIDE.finditer(text) if sum(c.isdigit() for c in match[0]) >= 3)


def find_any_ten(text: str) -> tuple[tuple[int, int], ...]:
    """Return where ten digits stand that `find` does not know: to be replaced, and counted for a person to look at."""
    spans = [match.span() for match in _TEN.finditer(text)]
    known = find(text) if spans else ()
    return tuple(span for span in spans if all(span[1] <= start or end <= span[0] for start, end in known))


def _century(year: int, seventh: int) -> int:
    """Return 1800, 1900 or 2000 by the seventh digit (da.wikipedia.org, CPR-nummer)."""
    if seventh <= 3:
        return 1900
    if seventh in (4, 9):
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800
