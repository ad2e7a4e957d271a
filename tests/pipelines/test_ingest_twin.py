"""Ingest against its slow plain twin: one row at a time, with the standard library's own readers."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

import polars as pl
from contract_builders import COLUMNS, HEADERS, contract, inbox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest import ingest_register

NAMES = [column["name"] for column in COLUMNS]
MISSING = ["", "Uoplyst", "31-12-9999"]

NUMBERS = st.integers(0, 9999).map(lambda serial: f"610150{serial:04d}")
CPRS = st.one_of(
    NUMBERS,
    NUMBERS.map(lambda digits: f"{digits[:6]}-{digits[6:]}"),
    NUMBERS.map(lambda digits: f" '{digits[:6]} {digits[6:]}"),
    st.sampled_from(["", "610150-12", "99", "abc", "611350-1234", "Uoplyst"]),
)
DATES = st.one_of(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(lambda day: f"{day:%d-%m-%Y}"),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(lambda day: f"{day.isoformat()} 07:05:01"),
    st.sampled_from(["", "31-12-9999", "30-02-2024", "01-01-0202", "i går", "01-13-2024", "5-1-2024"]),
)
DECIMALS = st.one_of(
    st.integers(-999_999_999, 999_999_999).map(
        lambda cents: f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    ),
    st.sampled_from(
        ["", "12", "1,5", "1.5", "1.234", "12.34,5", "+3,0", "1 234,5", "1,2,3", "-", "1e3", "½", "Uoplyst"]
    ),
)
WHOLE = st.one_of(st.integers(-(10**6), 10**6).map(str), st.sampled_from(["", "1.234", "1,0", "1,5", "0x1", "9" * 30]))
WORDS = st.sampled_from(["Ja", "nej", "J", "n", "1", "0", "x", "true", "FALSE", "", "måske", "Uoplyst"])
CODES = st.sampled_from(["01", "1", "3", "90", "9", "", "91", "001", "Uoplyst", " 03 "])
NOTES = st.sampled_from(["", "Karen", "Holm; Karen", 'den "gode"', "to\nlinjer", "ærø", "31-12-9999"])
ROWS = st.lists(st.tuples(CPRS, DATES, DECIMALS, WHOLE, WORDS, CODES, NOTES), max_size=25)


def plain_cell(name: str, text: str):
    """Return a value, or raise ValueError: the contract of `contract_builders.COLUMNS`, spelt out."""
    text = text.strip(" \t\r\n\u00a0")
    if text in MISSING:
        if name == "cpr":
            raise ValueError
        return None
    if name == "cpr":
        digits = re.sub(r"[ '\-]", "", text)
        if len(digits) != 10 or not digits.isdigit():
            raise ValueError
        datetime(1950, int(digits[2:4]), int(digits[:2]) - 60)
        return digits
    if name == "start":
        for form in ("%d-%m-%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
            try:
                found = datetime.strptime(text, form).date()
            except ValueError:
                continue
            if not 1850 <= found.year <= 2199:
                raise ValueError
            return found
        raise ValueError
    if name in ("minutter", "antal"):
        if not re.fullmatch(r"[+-]?(\d{1,3}([. ]\d{3})+|\d+)(,\d+)?", text):
            raise ValueError
        number = float(text.replace(".", "").replace(" ", "").replace(",", "."))
        if name == "minutter":
            if number < 0:
                raise ValueError
            return number
        if number != int(number) or abs(number) > 2**63:
            raise ValueError
        return int(number)
    if name == "modtaget":
        words = {"ja": True, "nej": False, "j": True, "n": False, "1": True, "0": False, "true": True, "false": False}
        if text.lower() != "x" and text.lower() not in words:
            raise ValueError
        return words.get(text.lower(), True)
    if name == "status":
        wide = text if text in ("01", "03", "90") else text.zfill(2)
        if wide not in ("01", "03", "90"):
            raise ValueError
        return wide
    return text


def plain_ingest(data: bytes):
    """Return (kept rows, refused (row, column) pairs, duplicates), a row at a time."""
    kept, refused, duplicates, seen = [], [], 0, set()
    for number, record in enumerate(
        list(csv.reader(io.StringIO(data.decode("cp1252"), newline=""), delimiter=";"))[1:], 2
    ):
        if not any(cell.strip() for cell in record):
            continue
        values, wrong = [], None
        for name, text in zip(NAMES, record, strict=True):
            try:
                values.append(plain_cell(name, text))
            except ValueError:
                wrong = wrong or name
        if wrong:
            refused.append((number, wrong))
        elif tuple(values) in seen:
            duplicates += 1
        else:
            seen.add(tuple(values))
            kept.append(tuple(values[:-1]))  # the name is dropped
    return kept, refused, duplicates


@given(rows=ROWS, block=st.sampled_from([1, 2, 3, 5, 100_000]))
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_ingest_gives_what_reading_row_by_row_gives(rows, block):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows([HEADERS, *rows])
    data = buffer.getvalue().encode("cp1252")
    kept, refused, duplicates = plain_ingest(data)
    if not kept and not refused:
        return
    # Blocks of a few lines: records with a line break in them lie across the borders.
    with tempfile.TemporaryDirectory() as name, patch("pipelines.reading_text.LINES", block):
        folder = Path(name)
        agreed = contract(folder, encoding="cp1252", missing=MISSING[1:], max_rejected_share=1)
        taken = ingest_register(agreed, inbox(folder, besoeg_csv=data))
    assert taken.frame.rows() == kept
    assert list(taken.rejected.select("row", "column").iter_rows()) == refused
    assert taken.duplicates == duplicates
    assert taken.frame.height + taken.rows_rejected + taken.duplicates == taken.rows_read


TYPED = st.lists(
    st.tuples(
        NUMBERS,
        st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        st.none() | st.integers(0, 10**9).map(lambda cents: cents / 100),
        st.none() | st.integers(-(10**9), 10**9),
        st.none() | st.booleans(),
        st.sampled_from(["01", "03", "90", None]),
    ),
    min_size=1,
    max_size=20,
    unique=True,
)


@given(rows=TYPED, encoding=st.sampled_from(["utf-8", "cp1252", "utf-16"]), quoted=st.booleans(), data=st.data())
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_messily_is_read_as_it_was(rows, encoding, quoted, data):
    lines = []
    for cpr, start, minutes, whole, yes, status in rows:
        day = data.draw(st.sampled_from(["%d-%m-%Y", "%Y-%m-%d", "%d-%m-%Y 23:30"]))
        number = f"{minutes:,.2f}".translate(str.maketrans(",.", ".,")) if minutes is not None else ""
        lines.append(
            [
                data.draw(st.sampled_from([cpr, f"{cpr[:6]}-{cpr[6:]}", f"{cpr[:6]} {cpr[6:]}"])),
                start.strftime(day) if start else data.draw(st.sampled_from(["", "31-12-9999", "Uoplyst"])),
                data.draw(st.sampled_from([number, number.replace(".", "")])),
                "" if whole is None else str(whole),
                "" if yes is None else data.draw(st.sampled_from(["Ja", "J", "1"] if yes else ["Nej", "n", "0"])),
                status or "",
                data.draw(st.sampled_from(["Åse", "", "Ærø; Ø"] if quoted else ["Åse", ""])),
            ]
        )
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(
        [HEADERS, *lines]
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        agreed = contract(folder, encoding=encoding, missing=MISSING[1:])
        taken = ingest_register(agreed, inbox(folder, besoeg_csv=buffer.getvalue().encode(encoding)))
    assert taken.frame.rows() == rows
    assert taken.frame.schema["start"] == pl.Date
