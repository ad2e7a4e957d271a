"""How an unknown file's rows lie: fixed places, one column a week, total rows, cells filled once a group.

Each is a guess that stands in the draft as a property of the contract, for a person to look at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from pipelines.reshape import begins, first_cell
from pseudonymisation import cpr

TOTALS = (
    "I alt", "Ialt", "Total", "Hovedtotal", "Sum", "Kilde", "Note", "Noter", "Opgjort", "Udtrukket", "*", "Obs",
    "Anvendte filtre", "Applied filters",
)  # fmt: skip
FEWEST_PERIODS = 4
GROUPED = 0.3  # of a column's cells are empty, where a group's name stands once
_PERIOD = re.compile(r"^(\D*)((?:19|20)\d{2}[-_]?\d{2}|\d{4})(\D*)$")
_FIELDS = (("%Y%m%d%H%M", 12), ("%Y%m%d", 8))
SURE = 0.9
MOST_MUNICIPALITIES = 98


def wide_pattern(headers: Sequence[str]) -> str:
    """Return the pattern of headings of one column a week or a month, `y_*`; "" where there are none."""
    found = Counter(
        f"{match[1]}*{match[3]}" for header in headers if (match := _PERIOD.fullmatch(header)) and _in_a_year(match[2])
    )
    best, often = found.most_common(1)[0] if found else ("", 0)
    return best if often >= FEWEST_PERIODS and (best != "*" or often >= 3 * FEWEST_PERIODS) else ""


def period_format(parts: Sequence[str]) -> str:
    """Return how the periods of wide headings are written: a number above 12 can be no month."""
    digits = [re.sub(r"\D", "", part) for part in parts]
    weeks = max((int(text[-2:]) for text in digits if len(text) >= 4), default=0) > 12
    if all(len(text) == 4 for text in digits):
        return "yyww"
    dash = "-" if any("-" in part for part in parts) else ""
    return f"yyyy{dash}ww" if weeks else f"yyyy{dash}mm"


def total_words(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return the words that totals and footnotes begin with, where a row's first filled cell does."""
    if not frame.width or not frame.height:
        return ()
    first = frame.select(first=first_cell(frame.columns))
    rows = first.select(begins(pl.col("first"), word).sum().alias(word) for word in TOTALS).row(0, named=True)
    return tuple(word for word in TOTALS if 0 < rows[word] <= max(3, 0.1 * frame.height))


def group_columns(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return the first columns whose cells are filled once a group: the first row is, many below are not."""
    found: list[str] = []
    for name in frame.columns[:3]:
        cells = frame[name].str.strip_chars().fill_null("")
        empty = float((cells == "").mean() or 0)  # type: ignore[arg-type]
        if frame.height < 6 or empty < GROUPED or empty > 0.99 or cells[0] == "":
            break
        found.append(name)
    rest = [name for name in frame.columns if name not in found]
    full = [float((frame[name].str.strip_chars().fill_null("") != "").mean() or 0) for name in rest]  # type: ignore[arg-type]
    return tuple(found) if found and full and max(full) > 0.99 else ()


def record_types(lines: Sequence[str]) -> dict[str, list[str]]:
    """Return lines by their first three digits, where nearly all begin so and there are few kinds; else {}."""
    filled = [line for line in lines if line.strip("\x1a \t")]
    kinds: dict[str, list[str]] = {}
    for line in filled:
        if re.match(r"\d{3}", line):
            kinds.setdefault(line[:3], []).append(line)
    known = sum(map(len, kinds.values()))
    several = 1 < len(kinds) <= 40 and known >= 0.95 * len(filled)
    return dict(sorted(kinds.items())) if several else {}


def same_width(lines: Sequence[str]) -> bool:
    """Return whether lines may be fixed width: alike in length, but for blanks that somebody cut off."""
    lengths = Counter(len(line) for line in lines if line.strip())
    return bool(lengths) and lengths.most_common(1)[0][1] >= 0.9 * sum(lengths.values()) and max(lengths) >= 12


def places(lines: Sequence[str], *, first: int) -> list[tuple[int, int]]:
    """Return where the columns seem to lie, as start (1 the first) and width, from a place of the line on.

    A column of blanks divides; so does a change between digits and letters; in digits, CPR numbers and dates do.
    """
    width = max(map(len, lines))
    table = [line.ljust(width) for line in lines]
    kinds = [_kind("".join(line[place] for line in table)) for place in range(width)]
    found: list[tuple[int, int]] = []
    at = first - 1
    while at < width:
        if kinds[at] == " ":
            at += 1
            continue
        end = at + 1
        while end < width and kinds[end] == kinds[at]:
            end += 1
        if kinds[at] == "a":  # words have blanks in them: a column ends where two of them are always blank
            while end < width and (kinds[end] == "a" or (end + 1 < width and kinds[end + 1] == "a")):
                end += 1
            found.append((at + 1, end - at))
        else:
            found += _in_digits([line[at:end] for line in table], at)
        at = end
    return found


def place_names(lines: Sequence[str], found: Sequence[tuple[int, int]]) -> list[str]:
    """Return a heading of each place: where it lies, and what its neighbours say that it is.

    Four digits that are a municipality's code, right before other digits, stand before a road's code; four digits of a
    post code stand right before a town's name.
    """
    said = ["" for _ in found]
    for here, ((start, width), (after, wide)) in enumerate(pairwise(found)):
        if width != 4 or after != start + 4:
            continue
        codes = [line[start - 1 : start + 3] for line in lines if line[start - 1 : start + 3].strip()]
        nexts = [line[after - 1 : after - 1 + wide].strip() for line in lines]
        letters = sum(text[:1].isalpha() for text in nexts) > 0.5 * len(nexts)
        if (
            codes
            and sum(bool(re.fullmatch(r"0[1-8]\d\d", code)) for code in codes) >= SURE * len(codes)
            and not letters
        ):
            said[here : here + 2] = ["kommunekode", "vejkode"]
        elif codes and letters and sum(bool(re.fullmatch(r"[1-9]\d{3}", code)) for code in codes) >= SURE * len(codes):
            said[here : here + 2] = ["postnr", "by"]
    return [
        f"{word} plads {start}-{start + width - 1}".strip() for word, (start, width) in zip(said, found, strict=True)
    ]


def _kind(cells: str) -> str:
    used = set(cells)
    if used <= {" "}:
        return " "
    return "9" if all(letter.isdigit() or letter == " " for letter in used) else "a"


def _in_digits(texts: Sequence[str], offset: int) -> list[tuple[int, int]]:
    whole = len(texts[0])
    found: list[tuple[int, int]] = []
    at = begun = 0
    while at < whole:
        size = next((size for size in (10, 12, 8) if at + size <= whole and _is(texts, at, size)), 0)
        if size == 12 and at + 16 <= whole and _is(texts, at, 8) and _is(texts, at + 8, 8):
            size = 8  # two dates: the second's year also reads as a time of day
        if size:
            found += _rest(texts, begun, at, offset)
            found.append((offset + at + 1, size))
            at = begun = at + size
        else:
            at += 1
    return found + _rest(texts, begun, whole, offset)


def _rest(texts: Sequence[str], begun: int, end: int, offset: int) -> list[tuple[int, int]]:
    """Return the column of digits that are nothing known, [] for none; a municipality's code before a road's is one."""
    if begun >= end:
        return []
    if end - begun >= 8:
        first = Counter(text[begun : begun + 4] for text in texts if text[begun:end].strip())
        road = {text[begun + 4 : begun + 8] for text in texts}
        known = sum(many for code, many in first.items() if re.fullmatch(r"0[1-8]\d\d", code))
        if 0 < known >= SURE * sum(first.values()) and len(first) <= MOST_MUNICIPALITIES and len(road) > len(first):
            return [(offset + begun + 1, 4), (offset + begun + 5, end - begun - 4)]
    return [(offset + begun + 1, end - begun)]


def _is(texts: Sequence[str], at: int, size: int) -> bool:
    """Return whether so many digits from a place on are CPR numbers, moments or dates, where they are anything."""
    cut = pl.Series([text[at : at + size] for text in texts])
    cut = cut.filter(~cut.str.contains(r"^[0 ]*$"))
    if len(cut) < 3:
        return False
    if size == 10 and at and cut.str.slice(0, 2).n_unique() < 8:
        return False  # a municipality's code before a road's begins as a day and a month do
    if size == 10:
        return float(cpr.plausible_column(cut).fill_null(False).mean() or 0) >= SURE  # type: ignore[arg-type]
    written = next(form for form, length in _FIELDS if length == size)
    days = cut.str.to_datetime(written, strict=False) if size == 12 else cut.str.to_date(written, strict=False)
    return float(days.dt.year().is_between(1850, 2199).fill_null(False).mean() or 0) >= SURE  # type: ignore[arg-type]


def _in_a_year(part: str) -> bool:
    digits = re.sub(r"\D", "", part)
    return 1 <= int(digits[-2:]) <= 53
