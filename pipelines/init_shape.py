"""What a column's cells look like, all of them: shares and formats, never a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipelines.init_words import NO_DATES, NOTHING, ROADS
from pipelines.measures import ON_A_CLOCK
from pipelines.typed import BLANK, FIRST_DAY, IN_TEXT, LAST_DAY, ROUNDED, cpr_in_text, parsed_dates
from pseudonymisation import cpr
from pseudonymisation.name_words import FIRST_NAMES, SURE_ENDINGS, SURNAMES

_DAYS = ("dd-mm-yyyy", "yyyy-mm-dd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd", "yyyymmdd", "ddmmyyyy")
_TIMES = ("", " hh:mm", " hh:mm:ss")
DATE_FORMATS = (
    *(day + time for time in _TIMES for day in _DAYS[:6]),
    *_DAYS[6:],
    "yyyy-mm-ddThh:mm:ss",
    "yyyy-mm-dd hh:mm:ss.fff",
    "yyyy-mm-ddThh:mm:ss.fff",
    "yyyymmddhhmm",
    "yyyymm00",
    "yyyy0000",
    "yyyy-mm-dd hh:mm:sszz",
    "yyyy-mm-dd hh:mm:ss.fffzz",
    "yyyy-mm-ddThh:mm:sszz",
    "yyyy-mm-ddThh:mm:ss.fffzz",
)
PROBED = 200  # texts that a format must read one of, before it is tried on every one
_DATE_SHAPE = r"^(?:\d{1,4}[-./]\d{1,2}[-./]\d{2,4}(?:\b|T).*|\d{8}|\d{12})$"
_SHORT_YEAR = r"^\d{1,2}[-./]\d{1,2}[-./]\d{2}(?: .*)?$"
_MAIL = r"^\S+@\S+\.\S+$"
_PHONE = (
    r"^(?:(?:\+|00)45[ -]?[2-9]\d(?:[ -]?\d\d){3}|[2-9]\d(?:[ .-]\d\d){3}|[2-9]\d{3} \d{4}|(?:\+|00)\d[\d -]{7,15})$"
)
_CAPITALS = r"^\p{Lu}[\p{L}'’.-]*(?:,? +(?:\p{Lu}[\p{L}'’.-]*|de|van|von|der|den|al|af|la))*$"
_NAMES = sorted(FIRST_NAMES | SURNAMES)
_YES_NO = (("ja", "nej"), ("j", "n"), ("yes", "no"), ("y", "n"), ("true", "false"), ("sand", "falsk"))


@dataclass(frozen=True)
class Shape:
    """A column's cells, distinct and counted; every share is of the rows in which something stands."""

    text: pl.Series  # rows; null where nothing stands
    rows: int
    marks: tuple[str, ...]  # of the known words for nothing, those that stand here
    number_cells: bool
    typed_dates: bool

    @cached_property
    def _counted(self) -> pl.DataFrame:
        return self.text.drop_nulls().alias("text").value_counts(name="times")

    @property
    def values(self) -> pl.Series:
        """The distinct texts: to be looked at, never shown."""
        return self._counted["text"]

    @property
    def times(self) -> pl.Series:
        return self._counted["times"]

    @cached_property
    def given(self) -> int:
        return self.rows - self.text.null_count()

    @cached_property
    def distinct(self) -> int:
        return self._counted.height

    def share(self, holds: pl.Series) -> float:
        """Return the share of rows of the distinct texts for which something holds."""
        return float(self.times.filter(holds.fill_null(False)).sum()) / self.given if self.given else 0.0

    def like(self, pattern: str) -> float:
        """Return the share of rows that a pattern fits."""
        return self.share(self.values.str.contains(pattern)) if self.given else 0.0

    @cached_property
    def cpr(self) -> float:
        """The share that are CPR numbers in any writing, the lost zero included."""
        near = self._counted.filter(pl.col("text").str.count_matches("[0-9OoQlIi|]") >= 9)
        if not near.height:
            return 0.0
        holds = cpr.plausible_column(cpr.normalise_column(near["text"])).fill_null(False)
        return float(near["times"].filter(holds).sum()) / self.given

    @cached_property
    def cpr_in_text(self) -> float:
        """The share that hold one CPR number among other words: `Navn (ddmmåå-xxxx)`."""
        some = self.values.str.contains(IN_TEXT)
        if not some.any():
            return 0.0
        holds = cpr.plausible_column(cpr.normalise_column(cpr_in_text(self.values.filter(some)))).fill_null(False)
        return float(self.times.filter(some).filter(holds).sum()) / self.given

    @cached_property
    def cpr_rounded(self) -> float:
        """The share that are CPR numbers as a narrow column of a workbook shows them: 1,01E+09."""
        return self.like(ROUNDED)

    @cached_property
    def holds_cpr(self) -> bool:
        """Whether a CPR number stands in some cell, alone or in a text."""
        if self.cpr:
            return True
        near = self.values.filter(self.values.str.count_matches(r"\d") >= 9)
        return any(cpr.find(text) for text in near if len(text) > 12 or not text.isdigit())

    @cached_property
    def mail(self) -> float:
        return self.like(_MAIL)

    @cached_property
    def phone(self) -> float:
        return self.like(_PHONE)

    @cached_property
    def bare_phone(self) -> float:
        return self.like(r"^[2-9]\d{7}$")

    @cached_property
    def address(self) -> float:
        return self.like(ROADS)

    @cached_property
    def town(self) -> float:
        """The share written as a post code and a town."""
        return self.like(r"^[1-9]\d{3} \p{Lu}\p{L}+")

    @cached_property
    def names(self) -> float:
        """The share that are written as names are, most of their words being names on the lists."""
        found = self.values.filter(self.values.str.contains(_CAPITALS) & ~self.values.str.contains(r"\d"))
        if not len(found):
            return 0.0
        words = pl.col("words")
        low = words.str.to_lowercase().str.strip_chars(",.")
        known = low.is_in(_NAMES) | low.str.contains(f"(?:{'|'.join(SURE_ENDINGS)})$")
        judged = (
            pl.DataFrame({"text": found, "words": found.str.split(" ")})
            .explode("words")
            .filter(words.str.strip_chars(",.").str.len_chars() > 1)
            .group_by("text")
            .agg(known.mean().alias("known"))
            .filter(pl.col("known") >= 0.5)
        )
        return self.share(self.values.is_in(judged["text"].implode()))

    @cached_property
    def capitals(self) -> float:
        """The share of two or more words that all begin with a capital: names of somebody or something."""
        return self.share(self.values.str.contains(_CAPITALS) & self.values.str.contains(" "))

    @cached_property
    def words(self) -> float:
        """Words a cell, on average."""
        if not self.given:
            return 0.0
        return float(((self.values.str.count_matches(r"\S+")) * self.times).sum()) / self.given

    @cached_property
    def longest(self) -> int:
        longest = self.values.str.len_chars().max()
        return int(longest) if isinstance(longest, int) else 0

    @cached_property
    def dates(self) -> tuple[tuple[str, ...], float]:
        """The formats that read the cells as dates, the commonest first, and the share that they read."""
        if self.typed_dates:
            return (), 1.0
        if not self.given or self.like(_DATE_SHAPE) < 0.5:
            return (), 0.0
        left = pl.Series(range(self.distinct), dtype=pl.UInt32)
        formats: list[str] = []
        read = 0.0
        while len(left):
            values, times = self.values.gather(left), self.times.gather(left)
            best, most, waiting = "", 0, left
            some = values.gather_every(max(1, len(values) // PROBED))
            for written in DATE_FORMATS:
                if len(some) < len(values) and not _days(some, written).any():
                    continue
                found = _days(values, written)
                often = int(times.filter(found).sum())
                if often > most:
                    best, most, waiting = written, often, left.filter(~found)
                if often == times.sum():
                    break
            if most < max(3, 0.002 * self.given):
                break
            formats.append(best)
            read += most / self.given
            left = waiting
        return tuple(formats), read

    @cached_property
    def day_or_month_first(self) -> bool:
        """Whether dd/mm and mm/dd read every cell alike well: no cell tells which."""
        written = self.dates[0][:1]
        if written not in (("dd/mm/yyyy",), ("mm/dd/yyyy",)):
            return False
        return bool((_days(self.values, "dd/mm/yyyy") == _days(self.values, "mm/dd/yyyy")).all())

    @cached_property
    def short_days(self) -> float:
        """The share of six digits that are a day, a month and two of a year's digits."""
        return self.like(r"^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d$")

    @cached_property
    def period(self) -> str:
        """How a week or a month is written, "" where it is none of them; four digits are told by the heading only."""
        for pattern, month, week in (
            (r"^(?:19|20)\d\d-?[UuWw](?:0[1-9]|[1-4]\d|5[0-3])$", "", "yyyy-uww"),
            (r"^(?:19|20)\d\d(?:0[1-9]|[1-4]\d|5[0-3])$", "yyyymm", "yyyyww"),
            (r"^(?:19|20)\d\d-(?:0[1-9]|[1-4]\d|5[0-3])$", "yyyy-mm", "yyyy-ww"),
            (r"^(?:0[1-9]|1[0-2])-(?:19|20)\d\d$", "mm-yyyy", ""),
            (r"^\d{1,2}(?:0[1-9]|[1-4]\d|5[0-3])$", "yymm", "yyww"),
        ):
            if self.like(pattern) >= 0.95:
                late = self.share(self.values.str.slice(-2).cast(pl.Int32, strict=False) > 12) if month else 1.0
                return (week or month) if late > 0.05 or not month else month
        return ""

    @cached_property
    def serials(self) -> float:
        """The share that may be days as a workbook counts them: 20,000 is in 1954, 60,000 in 2064."""
        return self.like(r"^[2-5]\d{4}$")

    @cached_property
    def clock(self) -> float:
        """The share written as hours and minutes."""
        return self.like(ON_A_CLOCK)

    @cached_property
    def nines(self) -> str:
        """A number of nines only that many rows have, and far above all others: it may stand for nothing."""
        number = self.values.cast(pl.Float64, strict=False)
        found = self.values.filter(self.values.is_in(["99", "999", "9999", "99999"]))
        for text in found:
            rest = number.filter(self.values != text).drop_nulls().max()
            often = int(self.times.filter(self.values == text).sum())
            if isinstance(rest, float) and rest < float(text) / 2 and often >= 10:
                return str(text)
        return ""

    @cached_property
    def short_years(self) -> float:
        return self.like(_SHORT_YEAR)

    @cached_property
    def integers(self) -> float:
        return self.like(r"^[+-]?(?:\d+|\d{1,3}(?:[ \x{00a0}]\d{3})+)(?:\.0+)?$")

    @cached_property
    def thousands(self) -> float:
        """The share that may be 1,234 or 1.234: a point before three digits tells nothing alone."""
        return 0.0 if self.number_cells else self.like(r"^[+-]?[1-9]\d{0,2}(?:\.\d{3})+$")

    @cached_property
    def commas(self) -> float:
        """The share written with a decimal comma."""
        return self.like(r"^[+-]?(?:\d+|\d{1,3}(?:[. ]\d{3})+),\d+$")

    @cached_property
    def points(self) -> float:
        """The share written with a decimal point."""
        found = self.values.str.contains(r"^[+-]?(?:\d+|\d{1,3}(?:[, ]\d{3})+)\.\d+(?:[eE][+-]?\d+)?$")
        return self.share(found & ~self.values.str.contains(r"\.0+$")) if self.given else 0.0

    @cached_property
    def digits(self) -> float:
        return self.like(r"^\d+$")

    @cached_property
    def leading_zeros(self) -> bool:
        """Whether the cells are digits, some with a 0 in front: a code, for no number is written so."""
        return self.digits >= 0.9 and self.like(r"^0\d+$") >= 0.005

    @cached_property
    def width(self) -> int:
        """How many letters every cell has, 0 where they differ."""
        widths = self.values.str.len_chars().unique()
        return int(widths[0]) if len(widths) == 1 else 0

    @cached_property
    def one_word(self) -> float:
        """The share of cells without a space, with a digit in them: numbers and codes."""
        return self.like(r"^[^\s]*\d[^\s]*$")

    @cached_property
    def yes_no(self) -> str:
        """How yes and no are written, as a contract says it; "" where it is something else."""
        found = {text.lower(): text for text in self.values} if 1 <= self.distinct <= 2 else {}
        if self.distinct == 2 and set(found) == {"0", "1"}:
            return "1/0"
        if self.distinct == 2 and set(found) == {"1", "2"}:
            return "1/2"
        if set(found) == {"x"} and self.given < self.rows:
            return f"{found['x']}/"
        return next((f"{found[yes]}/{found[no]}" for yes, no in _YES_NO if set(found) == {yes, no}), "")

    def common(self, least: int) -> list[str]:
        """Return the texts that stand in at least so many rows, the commonest first."""
        kept = self._counted.filter(pl.col("times") >= least).sort(["times", "text"], descending=[True, False])
        return list(kept["text"])

    def rare_rows(self, least: int) -> int:
        return int(self.times.filter(self.times < least).sum())


def shape_of(text: pl.Series, *, number_cells: bool = False, typed_dates: bool = False) -> Shape:
    """Return a column's shape. Shape: (rows,) of text or null."""
    stripped = text.str.strip_chars(BLANK)
    marks = [mark for mark in (*NOTHING, *NO_DATES) if (stripped == mark).any()]
    blank = stripped.is_null() | (stripped == "")
    nothing = blank | stripped.is_in(marks).fill_null(False)
    values = pl.select(pl.when(~nothing).then(stripped)).to_series()
    return Shape(values, len(text), tuple(marks), number_cells, typed_dates)


def missing_marks(shapes: Sequence[Shape]) -> tuple[str, ...]:
    """Return the words for nothing that a table's columns hold, the empty cell first."""
    found = {mark for shape in shapes for mark in shape.marks}
    return ("", *(mark for mark in (*NOTHING, *NO_DATES) if mark in found))


def _days(values: pl.Series, written: str) -> pl.Series:
    """Return whether each text is a day of our time in one format: the year 24 is none."""
    days = parsed_dates(values, [written])
    return ((days >= FIRST_DAY) & (days <= LAST_DAY)).fill_null(False)
