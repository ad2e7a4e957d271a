from __future__ import annotations

import gzip
import io
import re
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from contract_builders import COLUMNS, GOOD, HEADERS, contract, csv_bytes, inbox

from pipelines.errors import InputError, InputErrors
from pipelines.ingest import TooManyRejected, bad_row_lines, ingest_register, missing_files
from reports.catalogue import Language

PLANTED = "Zebraskind"  # stands in every bad cell: in no error, place or line of words


def changed(**cells):
    """A good row with other cells: changed(status="99")."""
    names = [column["name"] for column in COLUMNS]
    return [cells.get(name, value) for name, value in zip(names, GOOD, strict=True)]


def read(tmp_path, data: bytes, *, name="besoeg_csv", **own):
    return ingest_register(contract(tmp_path, **own), inbox(tmp_path, **{name: data}))


def fault(tmp_path, data: bytes, *, name="besoeg_csv", files="besoeg*.csv*", **own) -> InputError:
    """The error that a file ends in, after a look at its words: clear in both languages, and no value in them."""
    with pytest.raises(InputError) as caught:
        read(tmp_path, data, name=name, files=files, **own)
    error = caught.value
    for text in [*(error.text(language) for language in Language), str(error), repr(error.__cause__)]:
        assert PLANTED not in text
        assert "610150" not in text
    assert error.__cause__ is None
    assert error.text(Language.DA).startswith("FEJL besoeg")
    assert "gør sådan:" in error.text(Language.DA)
    return error


def test_reads_a_row_as_the_contract_says(tmp_path):
    taken = read(tmp_path, csv_bytes([GOOD]))
    assert taken.frame.row(0, named=True) == {
        "cpr": "6101501234", "start": date(2024, 1, 5), "minutter": 1234.5, "antal": 3, "modtaget": True,
        "status": "01",
    }  # fmt: skip
    assert taken.frame.dtypes == [pl.String, pl.Date, pl.Float64, pl.Int64, pl.Boolean, pl.String]
    assert (taken.rows_read, taken.rows_rejected, taken.duplicates) == (1, 0, 0)
    assert [(file.name, file.rows) for file in taken.files] == [("besoeg.csv", 1)]


@pytest.mark.parametrize("written", ["610150-1234", "6101501234", "610150 1234", " '610150-1234 ", "61.01.50-1234"])
def test_a_number_is_ten_digits_however_it_is_written(tmp_path, written):
    assert read(tmp_path, csv_bytes([changed(cpr=written)])).frame["cpr"].to_list() == ["6101501234"]


def test_a_zero_that_a_spreadsheet_ate_is_put_back_and_counted(tmp_path):
    digits = f"{1:02d}{99 - 87:02d}501234"  # computed: the numbers in these files are nobody's
    taken = read(tmp_path, csv_bytes([changed(cpr=digits[1:]), GOOD, changed(status="3")]))
    assert taken.frame["cpr"].to_list() == [digits, "6101501234", "6101501234"]
    assert taken.frame["status"].to_list() == ["01", "01", "03"]
    assert taken.repaired == {"cpr": 1, "status": 1}


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"cpr": PLANTED}, "cpr", "cpr"),
        ({"cpr": "610150-123"}, "cpr", "cpr"),
        ({"cpr": "611350-1234"}, "cpr", "cpr"),
        ({"cpr": ""}, "cpr", "required"),
        ({"start": PLANTED}, "start", "date"),
        ({"start": "31-02-2024"}, "start", "date"),
        ({"start": "05-01-24"}, "start", "date_year"),
        ({"start": "05-01-0202"}, "start", "date_year"),
        ({"minutter": PLANTED}, "minutter", "number"),
        ({"minutter": "1,234.50"}, "minutter", "number"),
        ({"minutter": "NaN"}, "minutter", "number"),
        ({"minutter": "-1"}, "minutter", "too_small"),
        ({"antal": "1,5"}, "antal", "integer"),
        ({"antal": "99999999999999999999"}, "antal", "integer"),
        ({"modtaget": PLANTED}, "modtaget", "boolean"),
        ({"status": PLANTED}, "status", "code"),
        ({"navn": PLANTED * 3000}, "navn", "too_long"),
    ],
)
def test_a_bad_value_refuses_its_row_and_nothing_else(tmp_path, cells, column, reason):
    taken = read(tmp_path, csv_bytes([GOOD, changed(**cells), changed(antal="4")]), max_rejected_share=0.5)
    assert taken.frame.height == 2
    [place] = taken.places
    assert (place.file, place.row, place.column, place.reason) == ("besoeg.csv", 3, column, reason)
    kept = taken.rejected.row(0, named=True)
    assert (kept["row"], kept["column"], kept["reason"]) == (3, column, reason)
    assert kept[f"text.{column}"] == cells[column]  # as it stood, for the quarantine
    for language in Language:
        words = "\n".join(bad_row_lines(language, [taken]))
        assert PLANTED not in words
        assert "besoeg.csv" in words


def test_missing_words_are_null_and_a_sentinel_date_too(tmp_path):
    row = changed(start="31-12-9999", minutter="Uoplyst", status=" ", modtaget="Uoplyst", antal="\u00a0")
    taken = read(tmp_path, csv_bytes([row]), missing=["Uoplyst", "31-12-9999"])
    assert taken.frame.row(0)[1:] == (None,) * 5


@pytest.mark.parametrize(
    ("formats", "word", "value"),
    [
        (None, "J", True), (None, "nej", False), (None, "1", True), (None, "0", False), (None, "x", True),
        (None, "", None), (["X/"], "", False), (["X/"], "X", True), (["1/2"], "2", False),
    ],
)  # fmt: skip
def test_yes_and_no_are_read_as_they_are_written(tmp_path, formats, word, value):
    own = {} if formats is None else {"formats": formats}
    columns = [COLUMNS[0], {**COLUMNS[4], **own}]
    data = csv_bytes([["610150-1234", word]], headers=["CPR-nr.", "Modtaget"])
    assert read(tmp_path, data, columns=columns).frame["modtaget"].to_list() == [value]


@pytest.mark.parametrize(
    ("formats", "text"),
    [
        (None, "05-01-2024"), (None, "2024-01-05"), (None, "05-01-2024 23:59"), (None, "5-1-2024"),
        (["dd.mm.yyyy"], "05.01.2024"), (["yyyymmdd"], "20240105"), (["%d/%m/%Y"], "05/01/2024"),
        (["yyyy-mm-dd hh:mm:ss.000"], "2024-01-05 02:30:00.123"), (["dd-mm-yyyy", "yyyy/mm/dd"], "2024/01/05"),
    ],
)  # fmt: skip
def test_dates_are_read_by_the_formats_of_the_contract(tmp_path, formats, text):
    own = {} if formats is None else {"formats": formats}
    columns = [COLUMNS[0], {**COLUMNS[1], **own}]
    data = csv_bytes([["610150-1234", text]], headers=["CPR-nr.", "Start"])
    assert read(tmp_path, data, columns=columns).frame["start"].to_list() == [date(2024, 1, 5)]


def test_today_is_the_largest_date_where_the_contract_says_so(tmp_path):
    columns = [COLUMNS[0], {**COLUMNS[1], "maximum": "today"}]
    data = csv_bytes([["610150-1234", day] for day in ("05-01-2024", "06-01-2024")], headers=["CPR-nr.", "Start"])
    agreed = contract(tmp_path, columns, max_rejected_share=1)
    taken = ingest_register(agreed, inbox(tmp_path, besoeg_csv=data), today=date(2024, 1, 5))
    assert [(place.row, place.reason) for place in taken.places] == [(3, "too_large")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "utf-16", "cp850"])
def test_encodings_as_municipalities_have_them(tmp_path, encoding):
    data = csv_bytes([changed(navn="Ærø Ørsted Åse")], encoding=encoding)
    columns = [*COLUMNS[:6], {**COLUMNS[6], "role": "quasi_identifier"}]
    taken = read(tmp_path, data, columns=columns, encoding="utf-8" if encoding == "utf-8-sig" else encoding)
    assert taken.frame["navn"].to_list() == ["Ærø Ørsted Åse"]


def test_a_gzipped_file_is_read_as_the_file_in_it(tmp_path):
    taken = read(tmp_path, gzip.compress(csv_bytes([GOOD])), name="besoeg_csv_gz", files="besoeg*.csv.gz")
    assert taken.frame.height == 1


def test_quoted_fields_may_hold_delimiters_and_line_breaks_and_rows_stay_excels(tmp_path):
    rows = [
        changed(navn='"Holm; Karen"'),
        changed(navn='"to\nlinjer"', antal="4"),
        changed(status="77", antal="5"),
        GOOD,
    ]
    taken = read(tmp_path, csv_bytes(rows), max_rejected_share=1)
    assert [place.row for place in taken.places] == [4]  # Excel shows the broken line in one row
    assert taken.rejected["text.navn"].to_list() == ["Karen Holm"]
    assert taken.rows_read == 4


def test_a_row_of_too_many_or_few_fields_costs_itself_only(tmp_path):
    rows = [[*GOOD, PLANTED], GOOD[:-1], GOOD, changed(navn='"a"b'), changed(antal="9")]
    taken = read(tmp_path, csv_bytes(rows), max_rejected_share=1)
    assert [(place.row, place.reason) for place in taken.places] == [
        (2, "fields_many"),
        (3, "fields_few"),
        (5, "quotes"),
    ]
    assert taken.frame["antal"].to_list() == [3, 9]


def test_rows_are_numbered_as_excel_shows_them(tmp_path):
    data = csv_bytes([GOOD, [""], changed(status="77"), [""] * 7, changed(status="78")])
    data = b"Udtr\xc3\xa6k fra EOJ\r\n\r\n" + data
    taken = read(tmp_path, data, header_row=3, max_rejected_share=1)
    assert [place.row for place in taken.places] == [6, 8]
    assert taken.rows_read == 3  # an empty line is no row


def test_a_stray_delimiter_at_the_lines_end_is_no_column(tmp_path):
    rows = [[*GOOD, ""], [*changed(antal="4"), PLANTED]]
    taken = read(tmp_path, csv_bytes(rows, headers=[*HEADERS, ""]), max_rejected_share=1)
    assert taken.frame.height == 1
    assert taken.places[0].reason == "fields_many"


def test_duplicates_are_dropped_and_counted_by_the_whole_row_or_by_the_key(tmp_path):
    rows = [GOOD, changed(cpr="6101501234"), changed(navn="Karen H."), changed(antal="7")]
    whole = read(tmp_path, csv_bytes(rows))
    assert (whole.frame.height, whole.duplicates) == (3, 1)  # another name is another row, though the name is dropped
    by_key = read(tmp_path, csv_bytes(rows), key=["cpr", "start"])
    assert (by_key.frame.height, by_key.duplicates) == (1, 3)


def test_a_file_delivered_twice_under_two_names_changes_nothing(tmp_path):
    once = read(tmp_path, csv_bytes([GOOD]))
    twice = ingest_register(contract(tmp_path), inbox(tmp_path, besoeg2_csv=csv_bytes([GOOD])))
    assert twice.frame.equals(once.frame)
    assert (twice.duplicates, len(twice.files), twice.again) == (0, 1, 1)


def test_too_many_bad_rows_end_in_the_first_five_places_and_the_total_and_the_rows_are_kept(tmp_path):
    kept = []
    data = csv_bytes([GOOD] * 10 + [changed(status=PLANTED)] * 7)
    with pytest.raises(TooManyRejected) as caught:
        ingest_register(contract(tmp_path), inbox(tmp_path, besoeg_csv=data), keep_rejected=kept.extend)
    danish, english = (caught.value.text(language) for language in Language)
    assert danish.count("besoeg.csv, række") == 5
    assert "7 af 17 rækker bryder kontrakten (41,2 %)" in danish
    assert "7 of 17 rows break the contract (41.2 %)" in english
    assert PLANTED not in danish + english + str(caught.value)
    assert kept[0].height == 7


def test_bad_rows_within_the_limit_reach_the_quarantine_too(tmp_path):
    kept = []
    data = csv_bytes([GOOD] * 30 + [changed(status=PLANTED)])
    ingest_register(contract(tmp_path), inbox(tmp_path, besoeg_csv=data), keep_rejected=kept.extend)
    assert kept[0]["text.status"].to_list() == [PLANTED]


def test_the_last_lines_name_five_places_of_all_registers_and_the_total(tmp_path):
    taken = read(tmp_path, csv_bytes([GOOD] + [changed(status=PLANTED)] * 4), max_rejected_share=1)
    lines = bad_row_lines("da", [taken, taken])
    assert lines[0].startswith("8 rækker")
    assert [line for line in lines if "kolonne status" in line] == lines[1:6]
    assert lines[6] == "  og 3 til"
    assert bad_row_lines("en", [read(tmp_path, csv_bytes([GOOD]))]) == []


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "file_empty"),
        (csv_bytes([]), "file_header_only"),
        (b"\r\n\r\n", "file_empty"),
        (csv_bytes([GOOD] * 3, headers=GOOD), "header_missing"),
        (f"{PLANTED};610150-1234\n".encode() * 9, "header_missing"),
        (bytes(range(256)) * 20, "file_binary"),
        (csv_bytes([changed(navn=f"Bærø {PLANTED}")], encoding="cp1252"), "encoding_wrong"),
        (csv_bytes([GOOD], encoding="utf-16"), "encoding_utf16"),
        (csv_bytes([[*GOOD, PLANTED]], headers=[*HEADERS, "Ny kolonne"]), "unknown_column"),
        (csv_bytes([GOOD[:-1]], headers=HEADERS[:-1]), "missing_column"),
        (csv_bytes([[*GOOD, PLANTED]], headers=[*HEADERS, "Borger"]), "duplicate_column"),
        (csv_bytes([changed(navn=f'"{PLANTED}'), *[GOOD] * 9]), "quote_open"),
        (csv_bytes([changed(navn=f'"{PLANTED}'), *[GOOD] * 9000]), "quote_open"),
        (csv_bytes([changed(navn=PLANTED * 100_000), GOOD]), "field_endless"),
    ],
)
def test_a_file_that_breaks_the_contract_as_a_whole_is_worded(tmp_path, data, key):
    assert fault(tmp_path, data).key == key


def test_a_wrong_encoding_names_the_row(tmp_path):
    data = csv_bytes([GOOD] * 40_000) + csv_bytes([changed(navn="Bærø")], encoding="cp1252").split(b"\r\n", 1)[1]
    assert fault(tmp_path, data).facts["row"] == 40_002


def test_utf8_read_as_cp1252_is_refused_and_not_read_as_two_wrong_letters(tmp_path):
    assert fault(tmp_path, csv_bytes([changed(navn="Bærø")]), encoding="cp1252").key == "encoding_is_utf8"


@pytest.mark.parametrize("letter", ["å", "æ"])  # the first byte of a letter, were it UTF-8
def test_one_danish_letter_as_the_last_byte_of_all_is_no_utf8(tmp_path, letter):
    agreed = contract(tmp_path, encoding="cp1252")
    data = csv_bytes([GOOD, changed(navn=f"Holm {letter}")], encoding="cp1252").removesuffix(b"\r\n")
    assert ingest_register(agreed, inbox(tmp_path, besoeg_csv=data)).rows == 2


def test_all_columns_that_are_wrong_are_told_at_once_and_no_citizen_as_a_columns_name(tmp_path):
    strange = ["Ny", "610150-1234", "karen@holm.dk", *[f"x{number}" for number in range(10_000)]]
    data = csv_bytes([GOOD], headers=[*HEADERS[:-1], *strange])
    error = fault(tmp_path, data)
    assert isinstance(error, InputErrors)
    shown = [one.facts.get("column") for one in error.errors]
    assert shown[:3] == ["Ny", "nr. 8", "nr. 9"]
    assert [one.key for one in error.errors[-2:]] == ["unknown_columns_more", "missing_column"]
    assert "holm" not in error.text(Language.DA)


def test_a_damaged_or_endless_gzip_is_refused(tmp_path):
    packed = gzip.compress(csv_bytes([GOOD] * 50))
    for data in (packed[:-20], b"\x1f\x8b" + b"x" * 50, b"no gzip"):
        assert fault(tmp_path, data, name="besoeg_csv_gz").key == "gzip_damaged"
    bomb = gzip.compress(csv_bytes([GOOD]) + b"\n" * 70_000_000)
    assert fault(tmp_path, bomb, name="besoeg_csv_gz").key == "archive_too_large"


def test_a_missing_file_or_inbox_is_said_before_anything_is_read(tmp_path):
    agreed = contract(tmp_path)
    assert [error.key for error in missing_files({"besoeg": agreed}, tmp_path / "inbox")] == ["inbox_missing"]
    assert [error.key for error in missing_files({"besoeg": agreed}, inbox(tmp_path))] == ["file_missing"]
    with pytest.raises(InputError, match="file_missing"):
        ingest_register(agreed, inbox(tmp_path))
    assert missing_files({"besoeg": agreed}, inbox(tmp_path, besoeg_csv=csv_bytes([GOOD]))) == []


def test_a_link_out_of_the_inbox_is_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_bytes(csv_bytes([GOOD]))
    box = inbox(tmp_path)
    (box / "besoeg.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(InputError) as caught:
        ingest_register(contract(tmp_path), box)
    assert caught.value.key == "file_outside"
    (box / "besoeg.csv").unlink()
    (box / "besoeg.csv").symlink_to(tmp_path / "not there")
    with pytest.raises(InputError):
        ingest_register(contract(tmp_path), box)


def test_a_citizens_number_in_a_files_name_is_refused_and_not_repeated(tmp_path):
    (inbox(tmp_path) / "besoeg_610150-1234.csv").write_bytes(csv_bytes([GOOD]))
    with pytest.raises(InputError) as caught:
        ingest_register(contract(tmp_path), inbox(tmp_path))
    assert caught.value.key == "file_name_person"
    for language in Language:
        assert "besoeg_[CPR].csv" in caught.value.text(language)
    assert "610150" not in str(caught.value)


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    day = book.add_format({"num_format": "dd-mm-yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, place, datetime(cell.year, cell.month, cell.day), day)
                elif cell is not None:
                    sheet.write(at, place, cell)
    book.close()
    return buffer.getvalue()


CELLS = [6101501234, date(2024, 1, 5), 1234.5, 3, "Ja", 1, "Karen Holm"]
XLSX = {"name": "besoeg_xlsx", "format": "xlsx", "files": "besoeg*.xlsx"}


def test_a_workbook_is_read_with_its_eaten_zeros_and_its_rows_by_their_numbers(tmp_path):
    zero = int(f"{1:02d}{99 - 87:02d}501234")
    rows = [["Titel"], [], [], HEADERS, CELLS, [], [zero, *CELLS[1:]], [PLANTED, *CELLS[1:]]]
    taken = read(tmp_path, workbook({"Ark1": rows}), **XLSX, header_row=4, max_rejected_share=1)
    assert taken.frame["cpr"].to_list() == ["6101501234", f"{zero:010d}"]
    assert taken.frame["status"].to_list() == ["01", "01"]
    assert taken.frame["start"].to_list() == [date(2024, 1, 5)] * 2
    assert taken.repaired == {"cpr": 1, "status": 2 + 1}
    assert [place.row for place in taken.places] == [8]


def test_rows_above_the_header_that_are_empty_count(tmp_path):
    taken = read(
        tmp_path, workbook({"A": [[], [], [], HEADERS, [PLANTED], CELLS]}), **XLSX, header_row=4, max_rejected_share=1
    )
    assert [place.row for place in taken.places] == [5]


def test_every_sheet_is_read_where_the_contract_says_so(tmp_path):
    book = workbook({"2023": [HEADERS, CELLS], "tom": [], "2024": [HEADERS, [*CELLS[:3], 4, *CELLS[4:]], [PLANTED]]})
    taken = read(tmp_path, book, **XLSX, sheet="*", max_rejected_share=1)
    assert taken.frame["antal"].to_list() == [3, 4]
    assert [(place.file, place.row) for place in taken.places] == [("besoeg.xlsx [2024]", 3)]
    assert read(tmp_path, book, **XLSX).rows_read == 1


def test_a_number_in_a_cell_is_no_typed_number_and_one_that_may_be_either_is_refused(tmp_path):
    numbers = workbook({"A": [HEADERS, [*CELLS[:2], 1.234, *CELLS[3:]]]})
    assert read(tmp_path, numbers, **XLSX).frame["minutter"].to_list() == [1.234]
    mixed = [[*CELLS[:2], cell, *CELLS[3:]] for cell in (1.234, "1.234,50", 12.5, "7,25")]
    taken = read(tmp_path, workbook({"A": [HEADERS, *mixed]}), **XLSX, max_rejected_share=1)
    assert taken.frame["minutter"].to_list() == [1234.5, 12.5, 7.25]
    assert [(place.row, place.reason) for place in taken.places] == [(2, "number_unclear")]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"PK\x03\x04 no workbook", "workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600 + "EncryptedPackage".encode("utf-16-le"), "workbook_password"),
        (csv_bytes([GOOD]), "workbook_unreadable"),
        (workbook({"A": []}), "file_empty"),
        (workbook({"A": [HEADERS]}), "file_header_only"),
        (workbook({"A": [CELLS, CELLS]}), "header_missing"),
        (workbook({"A": [[*HEADERS, "Ny"], [*CELLS, PLANTED]]}), "unknown_column"),
    ],
)
def test_a_workbook_that_breaks_the_contract_is_worded(tmp_path, data, key):
    assert fault(tmp_path, data, **XLSX).key == key


def test_a_sheet_that_is_not_there_is_named(tmp_path):
    assert fault(tmp_path, workbook({"A": [HEADERS, CELLS]}), **XLSX, sheet="Ark 2").facts["sheet"] == "Ark 2"


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


PARQUET = {"name": "besoeg_parquet", "format": "parquet", "files": "besoeg*.parquet"}


def test_a_parquet_file_is_read_whatever_its_types(tmp_path):
    frame = pl.DataFrame(
        {
            "CPR-nr.": [6101501234, 6101501235],
            "Start": [datetime(2024, 1, 5, 8, 30), None],
            "Visiteret tid": [1.234, None],
            "Antal": [3.0, None],
            "Modtaget": [True, None],
            "Status": ["01", PLANTED],
            "Borger": ["Karen", None],
        }
    )
    taken = read(tmp_path, parquet(frame), **PARQUET, max_rejected_share=1)
    assert taken.frame.row(0) == ("6101501234", date(2024, 1, 5), 1.234, 3, True, "01")
    assert [(place.row, place.column) for place in taken.places] == [(3, "status")]


def test_a_parquet_file_that_breaks_the_contract_is_worded(tmp_path):
    assert fault(tmp_path, b"PAR1 rubbish PAR1", **PARQUET).key == "parquet_unreadable"
    lists = pl.DataFrame({header: [[PLANTED]] for header in HEADERS})
    assert fault(tmp_path, parquet(lists), **PARQUET).key == "column_type"
    assert (
        fault(tmp_path, parquet(pl.DataFrame({header: [] for header in HEADERS})), **PARQUET).key == "file_header_only"
    )


def test_the_words_of_every_reason_and_fault_are_in_both_languages():
    import pipelines
    from pipelines.typed import REASONS
    from reports import catalogue

    used = set()
    for path in Path(pipelines.__file__).parent.glob("*.py"):
        used |= set(re.findall(r'InputError\(\s*"(\w+)"', path.read_text(encoding="utf-8")))
    mine = {
        key for key in used if key.split("_")[0] in ("file", "header", "workbook", "contract", "encoding", "parquet")
    }
    assert len(mine) > 20
    assert [
        key for key in sorted(mine) if not catalogue.has(f"error.{key}.found") or not catalogue.has(f"error.{key}.cure")
    ] == []
    assert [reason for reason in REASONS if reason and not catalogue.has(f"row.{reason}")] == []
