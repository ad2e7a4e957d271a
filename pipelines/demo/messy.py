"""Makes clean rows as messy as the field makes them, and writes them: duplicates, gaps, rows that break the contract.

A row that breaks the contract is an extra one: a copy of a good row with one field spoilt. Losing it loses nothing.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.demo.identities import Ints
from pipelines.demo.people import INDEX_DAY, Floats, Residents

Spoil = Callable[[pl.Series], pl.Series]
OPEN_END = "31-12-9999"
LEAST_FOR_A_FAULT = 40  # rows for each kind of fault: then one of each is half of the 5 % that a contract bears
REMARKS = (
    "Datter {name} ringer på tlf. {phone}, træffes bedst om formiddagen.",
    "Aftalt med {name} (cpr {cpr}), at nøglen hentes hos naboen.",
    "Pårørende: {name}, {address}; mobil {phone}.",
    "Borger ønsker ikke besøg før kl. 9. Ring til {name}.",
    "Obs. hund. Nøgleboks ved bagdør.",
    "Se notat fra {name}, cpr. {hyphen}.",
    "Tlf. +45 {spaced} (søn, {name})",
    "Revisitation om 3 mdr.",
)


def spelled(cpr: NDArray[np.str_], rng: np.random.Generator, hyphens: float) -> pl.Series:
    """Return the numbers as text, a share of them with a hyphen before the last four digits."""
    text = pl.Series("cpr", cpr)
    hyphen = pl.Series(rng.random(len(cpr)) < hyphens)
    return pl.select(pl.when(hyphen).then(text.str.slice(0, 6) + "-" + text.str.slice(6)).otherwise(text).alias("cpr"))[
        "cpr"
    ]


def days(offsets: Ints) -> pl.Series:
    """Return the dates that lie so many days from the index date."""
    return pl.Series("day", (INDEX_DAY + offsets).astype("datetime64[D]")).cast(pl.Date)


def danish(offsets: Ints) -> pl.Series:
    """Return the dates as dd-mm-yyyy."""
    return days(offsets).dt.strftime("%d-%m-%Y")


def between(rng: np.random.Generator, people: int, first: int, last: int) -> Ints:
    """Return a day for each, from `first` up to and with `last`, counted from the index date."""
    return rng.integers(first, last + 1, people)


def decimal_comma(values: Floats) -> pl.Series:
    """Return the numbers as Danes write them: 1.234,50."""
    return pl.Series("number", [f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in values.tolist()])


def remarks(residents: Residents, rows: int, share: float, rng: np.random.Generator) -> pl.Series:
    """Return free text for a share of the rows, with relatives' names, numbers and addresses in it."""
    written = np.flatnonzero(rng.random(rows) < share)
    kind = rng.integers(0, len(REMARKS), len(written))
    whom = rng.integers(0, len(residents.cpr), len(written))
    address = residents.addresses["address"].gather(residents.household[whom]).to_list()
    text: list[str | None] = [None] * rows
    for place, template, person, home in zip(written.tolist(), kind.tolist(), whom.tolist(), address, strict=True):
        cpr, phone = str(residents.cpr[person]), str(residents.phone[person])
        text[place] = REMARKS[template].format(
            name=f"{residents.first_name[person]} {residents.last_name[person]}",
            cpr=cpr,
            hyphen=f"{cpr[:6]}-{cpr[6:]}",
            phone=phone,
            spaced=" ".join(phone[i : i + 2] for i in range(0, 8, 2)),
            address=home,
        )
    return pl.Series("remarks", text, dtype=pl.String)


def messed_up(
    frame: pl.DataFrame,
    rng: np.random.Generator,
    *,
    broken: Mapping[str, Spoil],
    share: float = 0.006,
    twice: float = 0.004,
) -> pl.DataFrame:
    """Return the rows in another order, some of them twice, and beside them rows that break the contract.

    Of a kind of fault there is at least one row, but none in a file so small that it would break the contract's limit.
    """
    small = len(frame) < LEAST_FOR_A_FAULT * len(broken)
    parts = [frame, frame[rng.integers(0, len(frame), round(twice * len(frame)))]]
    for column, spoil in broken.items() if not small else ():
        picked = frame[rng.integers(0, len(frame), max(1, round(share * len(frame) / len(broken))))]
        parts.append(picked.with_columns(spoil(picked[column]).alias(column)))
    whole = pl.concat(parts)
    return whole[rng.permutation(len(whole))]


def short_cpr(values: pl.Series) -> pl.Series:
    """Return numbers that lack a digit or two, and are no date even with a zero put in front."""
    digits = values.cast(pl.String).str.replace("-", "", literal=True)
    nine = digits.str.slice(1, 1).cast(pl.Int8) >= 2  # 75...: 0|75 would be day 07 of a month above 12
    return pl.select(pl.when(nine).then(digits.str.slice(0, 9)).otherwise(digits.str.slice(0, 8)))[:, 0].cast(
        values.dtype
    )


def no_date(values: pl.Series) -> pl.Series:
    """Return dates that no calendar has."""
    return pl.Series(values.name, ["31-02-2024" if row % 2 else "24-13-2024" for row in range(len(values))])


def no_code(values: pl.Series) -> pl.Series:
    """Return a code that stands in no list."""
    return pl.Series(values.name, ["ZZ9"] * len(values))


def write_csv(frame: pl.DataFrame, path: Path, *, encoding: str, separator: str = ";") -> None:
    """Write delimited text in `encoding` (utf-8-sig: with a byte order mark); gzip where the name says so."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, separator=separator, line_terminator="\r\n")
    content = buffer.getvalue()
    if encoding != "utf-8":
        content = content.decode("utf-8").encode(encoding)
    path.write_bytes(gzip.compress(content, 1, mtime=0) if path.suffix == ".gz" else content)


def write_fixed(records: Mapping[str, tuple[pl.DataFrame, Mapping[str, int]]], path: Path, *, made: str) -> int:
    """Write a fixed-width file in ISO-8859-1: each record type's columns so wide, a person's records one after another.

    The first line is the start record with the day of production, the last the end record with the number of records.
    Returns how many lines there are.
    """
    lines = []
    for kind, (frame, widths) in records.items():
        cells = [
            pl.col(name).cast(pl.String).fill_null("").str.slice(0, width).str.pad_end(width)
            for name, width in widths.items()
        ]
        first = next(iter(widths))
        lines.append(
            frame.select(
                pl.concat_str(pl.lit(kind), *cells).alias("line"),
                pl.col(first).cast(pl.String).alias("by"),
                pl.lit(kind).alias("kind"),
            )
        )
    whole = pl.concat(lines).sort("by", "kind", maintain_order=True)["line"].to_list()
    text = "\r\n".join([f"000{made}L431101", *whole, f"999{len(whole):08d}", ""])
    path.write_bytes(text.encode("iso-8859-1"))
    return len(whole) + 2


def write_workbook(path: Path, sheets: Mapping[str, pl.DataFrame], above: tuple[str, ...] = ()) -> None:
    """Write a workbook, a frame a sheet, with lines of text above the header; same frames, same bytes."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2025, 10, 2, 8, 0), "author": "Eksempel Kommune"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            for row, line in enumerate(above):
                sheet.write_string(row, 0, line)
            sheet.write_row(len(above), 0, frame.columns)
            for row, values in enumerate(frame.iter_rows(), start=len(above) + 1):
                for column, value in enumerate(values):
                    if value is None:
                        continue
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    else:
                        sheet.write_number(row, column, value)
