"""Workbooks of every kind: .xls and .xlsb too, formulas, passwords, the Macintosh's calendar.

In `data/`: people.xls (made by xlwt), locked.xlsx (by msoffcrypto-tool; nobody needs its password), dates.xlsb and
dates_1904.xlsb (written by Excel; from calamine's tests, MIT licence, Johann Tuffe and others).
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from contract_builders import contract, inbox

from pipelines.contracts import read_contract
from pipelines.errors import InputError
from pipelines.ingest import ingest_register
from pipelines.init import init
from reports.catalogue import Language

DATA = Path(__file__).parent / "data"
PEOPLE = [f"{61 + place % 28}{1 + place // 28:02d}50{1000 + place}" for place in range(40)]
COLUMNS = [
    {"name": "person", "physicalName": "Cpr", "role": "person_identifier"},
    {"name": "dato", "physicalName": "Dato", "logicalType": "date", "role": "date"},
    {"name": "timer", "physicalName": "Timer", "logicalType": "number", "role": "plain"},
    {"name": "ydelse", "physicalName": "Ydelse", "role": "plain"},
]
ROWS = [
    [cpr, date(2023 + place // 20, 1, 2 + place % 20), (1 + place % 20) / 4, ["Måltid", "Rengøring"][place % 2]]
    for place, cpr in enumerate(PEOPLE)
]


def unpacked(name: str) -> bytes:
    return gzip.decompress((DATA / f"{name}.gz").read_bytes())


def xlsb(sheets: dict[str, list[list[object]]]) -> bytes:
    """Return a binary workbook as small as one can be: numbers as doubles, all else as text in its cell."""

    def varint(number: int) -> bytes:
        low, rest = number & 0x7F, number >> 7
        return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])

    def record(kind: int, data: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 0xFF, kind >> 8])
        return number + varint(len(data)) + data

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def cell(place: int, value: object) -> bytes:
        head = struct.pack("<II", place, 0)
        if isinstance(value, (int, float)):
            return record(5, head + struct.pack("<d", value))
        return record(6, head + wide(str(value)))

    def sheet(rows: list[list[object]]) -> bytes:
        size = struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)
        body = record(0x0181) + record(0x0194, size) + record(0x0191)
        for number, row in enumerate(rows):
            body += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
            body += b"".join(cell(place, value) for place, value in enumerate(row))
        return body + record(0x0192) + record(0x0182)

    out, kinds = io.BytesIO(), "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        book, links = record(0x0183) + record(0x018F), ""
        for number, (name, rows) in enumerate(sheets.items(), 1):
            book += record(0x019C, struct.pack("<II", 0, number) + wide(f"rId{number}") + wide(name))
            links += f'<Relationship Id="rId{number}" Type="{kinds}/worksheet" Target="worksheets/sheet{number}.bin"/>'
            archive.writestr(f"xl/worksheets/sheet{number}.bin", sheet(rows))
        archive.writestr("xl/workbook.bin", book + record(0x0190) + record(0x0184))
        space = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{space}">{links}</Relationships>')
    return out.getvalue()


def serial(day: date) -> int:
    return (day - date(1899, 12, 30)).days


def formulas(*, value: float | None) -> bytes:
    """Return a workbook whose hours are formulas: worked out, or with the 0 that a program writes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet, day = made.add_worksheet("A"), made.add_format({"num_format": "dd-mm-yyyy"})
        sheet.write_row(0, 0, ["Cpr", "Dato", "Timer", "Ydelse"])
        for number, (cpr, dato, _, ydelse) in enumerate(ROWS, 1):
            sheet.write(number, 0, cpr)
            sheet.write_datetime(number, 1, dato, day)
            sheet.write_formula(number, 2, f"=ROW(A{number})/4", None, 0 if value is None else value * number)
            sheet.write(number, 3, ydelse)
    return out.getvalue()


def drafted(tmp_path, name: str, data: bytes):
    """What comes of a workbook by the contract that `init` drafts."""
    box = inbox(tmp_path)
    (box / name).write_bytes(data)
    init(box, tmp_path / "studie")
    (path,) = (tmp_path / "studie" / "contracts").glob("*.yaml")
    path.write_text(path.read_text("utf-8").replace("value: unknown}", "value: direct_identifier}"), encoding="utf-8")
    return ingest_register(read_contract(path), box).frame.sort("person").select("person", "dato", "timer", "ydelse")


NUMBERED = [[int(cpr), serial(dato), timer, ydelse] for cpr, dato, timer, ydelse in ROWS]
HEADINGS: list[object] = ["Cpr", "Dato", "Timer", "Ydelse"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("besoeg.xls", lambda: unpacked("people.xls")),
        ("besoeg.xlsb", lambda: xlsb({"2023": [HEADINGS, *NUMBERED[:20]], "2024": [HEADINGS, *NUMBERED[20:]]})),
        ("besoeg.xlsx", lambda: formulas(value=0.25)),
    ],
)
def test_a_workbook_of_each_kind_gives_its_values_by_the_draft(name, data, tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    found = drafted(tmp_path, name, data())
    expected = sorted(ROWS)
    if name == "besoeg.xlsx":
        expected = sorted([cpr, dato, place / 4, ydelse] for place, (cpr, dato, _, ydelse) in enumerate(ROWS, 1))
    assert [list(row) for row in found.rows()] == expected


@pytest.mark.parametrize("name", ["dates.xlsb", "dates_1904.xlsb"])
def test_a_binary_workbook_that_excel_wrote_has_its_days_in_either_calendar(name, tmp_path):
    from pipelines.reading_xlsx import cells, opened_book
    from pipelines.sources import source_of

    path = tmp_path / name
    path.write_bytes(unpacked(name))
    rows = cells(opened_book(source_of(path)), "Sheet1", name, skip=0, text=True).rows()
    assert rows[:2] == [("2021-01-01 00:00:00", "15"), ("2021-01-02 00:00:00", "16")]


def old_and_locked() -> bytes:
    """people.xls with the record that says a password follows, in the place of another of its size."""
    return unpacked("people.xls").replace(b"\xe1\x00\x02\x00", b"\x2f\x00\x02\x00", 1)


def waiting() -> bytes:
    """A workbook whose formulas have no result at all, as programs leave them."""
    plain = io.BytesIO(formulas(value=0.25))
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as read, zipfile.ZipFile(out, "w") as write:
        for entry in read.namelist():
            data = read.read(entry)
            write.writestr(entry, data.replace(b"<v>0.25</v>", b"<v></v>") if "sheet1" in entry else data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("besoeg.xlsx", lambda: unpacked("locked.xlsx"), "workbook_password"),
        ("besoeg.xls", old_and_locked, "workbook_password"),
        ("besoeg.xlsx", lambda: formulas(value=None), "workbook_formula"),
        ("besoeg.xlsx", waiting, "workbook_formula"),
        ("besoeg.xls", lambda: unpacked("people.xls")[:700], "workbook_unreadable"),
        ("besoeg.xlsb", lambda: xlsb({"A": [HEADINGS, *NUMBERED]})[:900], "workbook_unreadable"),
    ],
)
def test_a_workbook_that_is_shut_or_not_worked_out_is_worded_by_init_and_by_a_run(name, data, key, tmp_path):
    box = inbox(tmp_path)
    (box / name).write_bytes(data())
    with pytest.raises(InputError) as drafting:
        init(box, tmp_path / "studie")
    assert not (tmp_path / "studie").exists()
    agreed = contract(tmp_path, COLUMNS, files=name, format=Path(name).suffix[1:])
    with pytest.raises(InputError) as running:
        ingest_register(agreed, box)
    for error in (*getattr(drafting.value, "errors", [drafting.value]), running.value):
        assert error.key == key
        assert all(name in error.text(language) for language in Language)
