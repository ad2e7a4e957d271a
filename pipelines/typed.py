"""Text to values, a column at a time, by the contract: what it cannot be is a fault of the row, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from pipelines.contracts import Contract, Property
from pipelines.formats import (
    DEFAULT_BOOLEANS,
    DEFAULT_DATES,
    ISO_DATES,
    OFFSET,
    PERIODS,
    SERIAL,
    SHORT,
    date_format,
    with_century,
)  # fmt: skip
from pipelines.measures import measured
from pseudonymisation import cpr

# Reasons that a row is refused; the words stand in the catalogue as `row.REASON`.
REASONS = (
    "", "fields_few", "fields_many", "quotes", "record_unknown", "required", "cpr", "cpr_rounded", "cpr_in_text",
    "date", "date_year", "number", "number_unclear", "integer", "boolean", "code", "pattern", "too_small", "too_large",
    "too_long",
)  # fmt: skip
FIRST_DAY, LAST_DAY = (
    date(1850, 1, 1),
    date(2199, 12, 31),
)  # outside is a slip of the keyboard, or a sentinel nobody declared
FEW_ROWS = 1_000
LONGEST = 20_000  # letters in one cell
BLANK = " \t\r\n\u00a0\u2007\u202f\u200b\ufeff"
SEPARATOR = r"[. \x{00a0}\x{202f}']"
ROUNDED = r"^'?[0-9](?:[.,][0-9]+)?[eE]\+?0?[89]$"  # a CPR number that a workbook wrote short: its digits are gone
IN_TEXT = r"\b[0-9]{6}[-\x{2010}-\x{2015} .]{0,3}[0-9]{4}\b"
FROM_GREENWICH = r"^(.*?) ?(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)$"
EXCEL_ZERO = date(1899, 12, 30)

DTYPES: dict[str, pl.DataType] = {
    "string": pl.String(), "integer": pl.Int64(), "number": pl.Float64(), "date": pl.Date(), "boolean": pl.Boolean(),
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """A column as values; where `fault` is not "", the value is null and the row is refused."""

    values: pl.Series
    fault: pl.Series  # text: a reason, "" where there is none
    repaired_at: pl.Series  # whether the value got back a zero that a spreadsheet ate

    @property
    def repaired(self) -> int:
        """How many values got back a zero."""
        return int(self.repaired_at.sum() or 0)


def typed_column(text: pl.Series, column: Property, contract: Contract, *, number_cells: bool, today: date) -> Typed:
    """Return a column's values and each row's fault.

    Shape: (rows,) of text or null -> (rows,) of the contract's type. `number_cells`: the text was numbers in the file.
    """
    rows = text.len()
    plain = column.logical_type == "string" and column.shape != "cpr" and not column.codes and not column.pattern
    if rows > FEW_ROWS and not plain and _about_distinct(text) < rows // 3:
        # Codes, words and dates come again and again: each is read once, and the answer given to all its rows.
        firsts, place = _distinct(text)
        each = _Column(text.gather(firsts), column, contract, number_cells, today).typed()
        fault = each.fault.gather(place) if (each.fault != "").any() else _no_fault(rows)
        repaired = each.repaired_at.gather(place) if each.repaired else _never(rows)
        return Typed(each.values.gather(place), fault, repaired)
    return _Column(text, column, contract, number_cells, today).typed()


def cpr_in_text(text: pl.Series) -> pl.Series:
    """Return the one CPR number that stands in each text; null where there is none, or two: whose would the row be?"""
    found = text.str.extract_all(IN_TEXT)
    return pl.select(pl.when(found.list.len() == 1).then(found.list.first())).to_series().alias("text")


def _about_distinct(text: pl.Series) -> int:
    return int(text.to_frame().select(pl.all().approx_n_unique()).item())


def _distinct(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the rows in which each distinct text stands first, and of each row which of these it is alike."""
    codes = text.cast(pl.Categorical(pl.Categories.random())).to_physical()
    missing = 1 + int(codes.fill_null(0).to_numpy().max())  # a missing text is one of them
    codes = codes.fill_null(missing)
    firsts = codes.arg_unique()
    place = np.empty(missing + 1, dtype=np.uint32)
    place[codes.gather(firsts).to_numpy()] = np.arange(len(firsts), dtype=np.uint32)
    return firsts, pl.Series(place[codes.to_numpy()])


class _Column:
    def __init__(self, text: pl.Series, column: Property, contract: Contract, number_cells: bool, today: date) -> None:
        self.column, self.contract, self.number_cells, self.today = column, contract, number_cells, today
        stripped = text.alias("text").str.strip_chars(BLANK)
        missing = sorted({"", *(word.strip(BLANK) for word in (*contract.missing, *column.missing))})
        frame = stripped.to_frame()
        self.text = frame.select(pl.when(~pl.col("text").is_in(missing)).then(pl.col("text"))).to_series()

    def typed(self) -> Typed:
        kind = self.column.logical_type
        repaired = _never(self.text.len())
        if kind == "date":
            values, fault = self._dates()
        elif kind in ("integer", "number"):
            values, fault = self._numbers()
        elif kind == "boolean":
            values, fault = self._booleans()
        elif self.column.shape == "cpr":
            values, fault, repaired = self._cpr()
        else:
            values, fault, repaired = self._texts()
        for column, reason in self.contract.released:
            if column == self.column.name:
                values = _where(fault != reason, values)
                fault = pl.select(pl.when(fault == reason).then(pl.lit("")).otherwise(fault)).to_series()
        if self.column.required:
            fault = _first(fault, values.is_null() & (fault == ""), "required")
        return Typed(values.alias(self.column.name), fault, repaired)

    @cached_property
    def given(self) -> pl.Series:
        return self.text.is_not_null()

    def _unreadable(self, values: pl.Series, reason: str) -> pl.Series:
        return _first(_no_fault(self.text.len()), self.given & values.is_null(), reason)

    def _cpr(self) -> tuple[pl.Series, pl.Series, pl.Series]:
        text = self.text
        if self.column.in_text:
            text = cpr_in_text(text)
        usual = cpr.usual_column(text)
        digits = cpr.normalise_column(text, usual=usual)
        plausible = cpr.plausible_digits(digits).fill_null(False)
        values = _where(plausible, digits)
        lost = _never(len(values))
        if not usual.all():
            lost = self.text.str.contains(r"^'?[0-9]{9}(?:[.,]0+)?$").fill_null(False) & plausible
        fault = self._unreadable(values, "cpr_in_text" if self.column.in_text else "cpr")
        if (fault != "").any():
            rounded = (fault != "") & self.text.str.contains(ROUNDED).fill_null(False)
            fault = pl.select(pl.when(rounded).then(pl.lit("cpr_rounded")).otherwise(fault)).to_series()
        return values, fault, lost

    def _texts(self) -> tuple[pl.Series, pl.Series, pl.Series]:
        values, repaired = self.text, _never(self.text.len())
        fault = _no_fault(values.len())
        codes = self.column.codes
        if codes:
            known = values.is_in(list(codes))
            width = len(codes[0])
            if all(len(code) == width and code.isdigit() for code in codes):
                # A workbook keeps 01 as the number 1: the list says how wide it was.
                wide = _where(values.str.contains("^[0-9]+$"), values).str.zfill(width)
                found = repaired = (~known & wide.is_in(list(codes))).fill_null(False)
                values = pl.select(pl.when(found).then(wide).otherwise(values)).to_series()
                known = values.is_in(list(codes))
            fault = _first(fault, self.given & ~known.fill_null(True), "code")
        if self.column.pattern:
            fits = values.str.contains(f"^(?:{self.column.pattern})$").fill_null(True)
            fault = _first(fault, self.given & ~fits, "pattern")
        fault = _first(fault, (values.str.len_bytes() > LONGEST).fill_null(False), "too_long")
        return _where(fault == "", values), fault, repaired

    def _dates(self) -> tuple[pl.Series, pl.Series]:
        typed_cells = self.contract.format != "csv"
        formats = [*(self.column.formats or DEFAULT_DATES), *(ISO_DATES if typed_cells else ())]
        values = parsed_dates(self.text, formats)
        words = [word for word in self.contract.missing if any(letter.isdigit() for letter in word)]
        never = parsed_dates(pl.Series(words, dtype=pl.String), [*formats, *ISO_DATES]).drop_nulls()
        text = self.text
        if len(never):  # 31-12-9999, also where the cell was a date
            gone = values.is_in(never.implode()).fill_null(False)
            text, values = _where(~gone, text), _where(~gone, values)
        self.text = text
        fault = self._unreadable(values, "date")
        fault = _first(fault, ((values < FIRST_DAY) | (values > LAST_DAY)).fill_null(False), "date_year")
        latest = self.today if self.column.not_after_today else self.column.maximum
        return self._within(values, fault, self.column.minimum, latest)

    def _numbers(self) -> tuple[pl.Series, pl.Series]:
        text, point = self.text, self.contract.decimal == "."
        unclear = _never(text.len())
        if self.column.logical_type == "integer" and not self.column.formats:
            values = text.cast(pl.Int64, strict=False)
            if values.null_count() == text.null_count():  # digits alone are a whole number in every writing
                return self._within(values, _no_fault(text.len()), self.column.minimum, self.column.maximum)
        if self.number_cells:
            plain = text
        elif point:
            plain = _where(
                text.str.contains(r"^[+-]?(?:[0-9]{1,3}(?:[, \x{00a0}'][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?$"), text
            )
            plain = plain.str.replace_all(r"[, \x{00a0}']", "")
        else:
            comma = text.str.contains(rf"^[+-]?(?:[0-9]{{1,3}}(?:{SEPARATOR}[0-9]{{3}})+|[0-9]+)(?:,[0-9]+)?$")
            plain = _where(comma, text).str.replace_all(SEPARATOR, "").str.replace(",", ".", literal=True)
            if self.contract.format == "xlsx":
                # Numbers and typed text in one column: 12.5 can only be a cell's number, 1.234 can be either.
                dotted = text.str.contains(r"^-?[0-9]+\.[0-9]+$").fill_null(False)
                unclear = dotted & text.str.contains(r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$").fill_null(False)
                plain = pl.select(pl.when(dotted).then(text).otherwise(plain)).to_series()
        if self.column.formats:
            values = measured(text, plain.cast(pl.Float64, strict=False), self.column.formats)
            fault = self._unreadable(values, "number")
        elif self.column.logical_type == "integer":
            plain = plain.str.replace(r"\.0+$", "")
            values = plain.cast(pl.Int64, strict=False)
            fault = self._unreadable(values, "integer")
        else:
            values = plain.cast(pl.Float64, strict=False)
            values = _where(values.is_finite().fill_null(False), values)
            fault = self._unreadable(values, "number")
        fault = pl.select(pl.when(unclear).then(pl.lit("number_unclear")).otherwise(fault)).to_series()
        return self._within(values, fault, self.column.minimum, self.column.maximum)

    def _booleans(self) -> tuple[pl.Series, pl.Series]:
        words: dict[str, bool] = {}
        blank_is_no = False
        for written in self.column.formats or DEFAULT_BOOLEANS:
            yes, _, no = written.partition("/")
            words.setdefault(yes.strip().lower(), True)
            if no.strip():
                words.setdefault(no.strip().lower(), False)
            blank_is_no = blank_is_no or (bool(self.column.formats) and not no.strip())
        if self.contract.format != "csv":
            words |= {"true": True, "false": False}
        values = self.text.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
        fault = self._unreadable(values, "boolean")
        if blank_is_no:
            values = pl.select(pl.when(self.given).then(values).otherwise(pl.lit(False))).to_series()
        return values, fault

    def _within(self, values: pl.Series, fault: pl.Series, low: object, high: object) -> tuple[pl.Series, pl.Series]:
        if low is not None:
            fault = _first(fault, (values < low).fill_null(False), "too_small")
        if high is not None:
            fault = _first(fault, (values > high).fill_null(False), "too_large")
        return _where(fault == "", values), fault


def parsed_dates(text: pl.Series, formats: Sequence[str]) -> pl.Series:
    """Return dates by the first format that fits each text, null where none does; a time of day is cut off."""
    text = text.alias("text")
    values = pl.repeat(None, text.len(), dtype=pl.Date, eager=True).alias("values")
    special = [name for name in formats if _is_special(name)]
    for name in special:
        values = pl.select(pl.coalesce(values, _special(_where(values.is_null(), text), name))).to_series()
    for written in dict.fromkeys(date_format(name) for name in formats if name not in special):
        waiting = values.is_null() & text.is_not_null()
        if not waiting.any():
            break
        left = _where(waiting, text)
        if "%H" in written:
            found = left.str.to_datetime(written, strict=False, time_unit="us").dt.date()
        else:
            found = left.str.to_date(written, strict=False)
        values = pl.select(pl.coalesce(values, found)).to_series()
    return values


def _is_special(name: str) -> bool:
    low = name.lower()
    return low in PERIODS or low == SERIAL or low.endswith(OFFSET) or with_century(name) is not None


def _special(text: pl.Series, name: str) -> pl.Series:
    """Return dates by a format that strftime has no letters for."""
    low, century = name.lower(), with_century(name)
    if low in PERIODS:
        shape, day, written = PERIODS[low]
        if low in SHORT:
            text = text.str.replace(r"^([0-9]{3})$", "0$1")
        return _where(text.str.contains(shape), text).str.replace(shape, day).str.to_date(written, strict=False)
    if low == SERIAL:
        days = text.str.extract(r"^([1-9][0-9]{3,4})(?:[.,][0-9]+)?$").cast(pl.Int32, strict=False)
        return days.to_frame("days").select(pl.lit(EXCEL_ZERO) + pl.duration(days=pl.col("days"))).to_series()
    if century is not None:
        shape, filled, rest = century
        return parsed_dates(_where(text.str.contains(shape), text).str.replace(shape, filled), [rest])
    parts = text.str.extract_groups(FROM_GREENWICH).struct.unnest()
    moment = pl.col("1").str.to_datetime(date_format(name[: -len(OFFSET)]), strict=False, time_unit="us")
    hours, minutes = (pl.col(place).cast(pl.Int32, strict=False).fill_null(0) for place in ("3", "4"))
    ahead = pl.duration(hours=hours, minutes=minutes)
    utc = parts.select(pl.when(pl.col("2") == "-").then(moment + ahead).otherwise(moment - ahead)).to_series()
    return utc.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Copenhagen").dt.date()


def _no_fault(rows: int) -> pl.Series:
    return pl.repeat("", rows, dtype=pl.String, eager=True)


def _never(rows: int) -> pl.Series:
    return pl.repeat(False, rows, dtype=pl.Boolean, eager=True)


def _first(fault: pl.Series, holds: pl.Series, reason: str) -> pl.Series:
    """Return faults with a reason where it holds and none was found before."""
    if not holds.any():
        return fault
    return pl.select(pl.when(holds & (fault == "")).then(pl.lit(reason)).otherwise(fault)).to_series()


def _where(holds: pl.Series, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(holds).then(values)).to_series()
