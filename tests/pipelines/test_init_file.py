"""How an unknown file is written, found by looking: encoding, delimiter, marks, header row, sheets, dates."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.errors import InputError
from pipelines.init import _decimal, _pattern, _register
from pipelines.init_file import Table, encoding_of, format_of, read_tables
from pipelines.init_shape import shape_of
from pipelines.init_words import told

ROWS = [["Navn", "Ydelse", "Beløb"], *([f"Æble {n}", "Øl, gær og så", f"{n},50"] for n in range(40))]


def csv_text(delimiter: str) -> str:
    return "\n".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in ROWS)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16"])
def test_a_text_file_is_read_as_it_was_written(tmp_path, delimiter, encoding):
    path = tmp_path / "fil.csv"
    path.write_bytes(csv_text(delimiter).encode(encoding))
    [table] = read_tables(path)
    assert (table.layout.delimiter, table.layout.encoding) == (delimiter, encoding)
    assert [list(row) for row in table.frame.rows()] == ROWS[1:]
    assert _decimal(_register("fil", "fil.csv", [table], 1)) == ","


def test_an_encoding_without_danish_letters_is_utf_8():
    assert encoding_of(b"plain;text\n") == "utf-8"


def test_the_header_is_found_below_a_title(tmp_path):
    path = tmp_path / "fil.csv"
    path.write_text("Udtræk af alt\n\n" + csv_text(";"), encoding="utf-8")
    [table] = read_tables(path)
    assert (table.layout.header_row, table.frame.height) == (3, 40)


def test_a_lone_quotation_mark_is_a_letter(tmp_path):
    path = tmp_path / "fil.csv"
    path.write_text("Mål;Antal\n" + '5" rør;1\n' * 3 + '"6 rør;2\n' * 3, encoding="utf-8")
    [table] = read_tables(path)
    assert (table.layout.quote, table.frame.height) == ("", 6)


def workbook(path, sheets: dict[str, list[list[object]]]) -> list[Table]:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return read_tables(path)


def test_sheets_of_one_form_are_one_table_and_others_are_their_own(tmp_path):
    rows = [["Cpr", "Antal"], ["a", 1.5], ["b", 2]]
    [both] = workbook(tmp_path / "to.xlsx", {"2023": rows, "2024": rows})
    assert (both.layout.sheet, both.frame.height, both.number_cells) == ("*", 4, frozenset({"Antal"}))
    tables = workbook(tmp_path / "tre.xlsx", {"A": rows, "B": [["Kode", "Tekst"], ["1", "x"]]})
    assert [table.layout.sheet for table in tables] == ["A", "B"]


def test_a_sheet_named_by_a_citizen_is_refused(tmp_path):
    rows = [["Cpr", "Antal"], ["a", 1.5]]
    with pytest.raises(InputError) as refused:
        workbook(tmp_path / "ark.xlsx", {"610150-" + "1234": rows})
    assert refused.value.key == "file_name_person"
    assert "1234" not in refused.value.text("da")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("cpr_udtraek_20250101.csv", "cpr_udtraek_*.csv"),
        ("levering_202410.csv.gz", "levering_*.csv.gz"),
        ("FHB 2022-25.xlsx", "FHB *.xlsx"),
        ("diabetes130.parquet", "diabetes130.parquet"),
        ("2024.csv", "2024.csv"),
        ("udtræk 01.02.2024.csv", "udtræk *.csv"),
    ],
)
def test_a_files_date_is_no_part_of_its_registers_name(name, pattern):
    assert _pattern(name) == pattern


def test_a_format_is_known_by_the_name():
    names = ("a.CSV", "a.tsv", "a.csv.gz", "a.xlsx", "a.parquet", "a.xls", "a.docx", "a.gz", "a")
    assert [format_of(Path(name)) for name in names] == ["csv", "csv", "csv", "xlsx", "parquet", "xls", "", "", ""]


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["24-12-2024", "01-02-1950"], ("dd-mm-yyyy",)),
        (["2024-12-24", "1950-02-01"], ("yyyy-mm-dd",)),
        (["24.12.2024 13:45"], ("dd.mm.yyyy hh:mm",)),
        (["24/12/2024", "31-12-9999"], ("dd/mm/yyyy",)),
        (["12/24/2024"], ("mm/dd/yyyy",)),
        (["20241224", "19500201"], ("yyyymmdd",)),
        (["24-12-2024", "24-12-2023", "2024-12-24"], ("dd-mm-yyyy", "yyyy-mm-dd")),
        (["24-12-24"], ()),
        (["1", "2"], ()),
    ],
)
def test_a_dates_formats_are_found_by_reading_every_cell(values, formats):
    assert shape_of(pl.Series("x", values * 20)).dates[0] == formats


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Borgerens navn", "name"), ("ADRESSE", "address"), ("Tlf.", "phone"), ("E-mail", "email"), ("PostNr", "town"),
        ("BorgerID", "person_id"), ("Sagsbeh.", "staff"), ("FOED_DT", "birth"), ("Køn", "sex"),
        ("Kommunenavn", "no_name"),
        ("Bemærkning", "text"), ("Dato", ""), ("Sagsnr", "case"), ("Alder", "age"), ("Antal lejemål", ""),
    ],
)  # fmt: skip
def test_a_heading_tells(heading, kind):
    assert told(heading) == kind
