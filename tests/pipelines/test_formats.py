"""Each format that a contract may name, from a file on disk to typed rows; what `init` drafts for it runs."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyreadstat
import pytest
from contract_builders import COLUMNS, GOOD, HEADERS, contract, csv_bytes, document, inbox, written

from pipelines.contracts import read_contract, read_contracts
from pipelines.errors import InputError, InputErrors
from pipelines.ingest import ingest_register
from pipelines.init import init

PEOPLE = [f"{61 + place % 28}{1 + place // 28:02d}50{1000 + place}" for place in range(60)]
TABLE = pd.DataFrame(
    {
        "cpr": PEOPLE,
        "dato": [date(2024, 1, 1 + place % 28) for place in range(60)],
        "score": [place / 2 if place % 7 else None for place in range(60)],
    }
)
AGREED = [
    {"name": "cpr", "role": "person_identifier"},
    {"name": "dato", "logicalType": "date", "role": "date"},
    {"name": "score", "logicalType": "number", "role": "plain"},
]


def written_as(kind: str, path: Path) -> Path:
    match kind:
        case "sav":
            pyreadstat.write_sav(TABLE, str(path))
        case "dta":
            pyreadstat.write_dta(TABLE, str(path))
        case "xpt":
            pyreadstat.write_xport(TABLE, str(path))
        case "parquet":
            pl.from_pandas(TABLE).write_parquet(path, row_group_size=7)
        case "ods":
            path.write_bytes(ods(["cpr", "dato", "score"], TABLE.astype(object).where(TABLE.notna(), None)))
        case "duckdb":
            with duckdb.connect(str(path)) as connection:
                connection.register("frame", pl.from_pandas(TABLE).to_arrow())
                connection.execute("CREATE TABLE maaling AS SELECT * FROM frame")
    return path


def ods(headers: list[str], rows: pd.DataFrame) -> bytes:
    """Return an OpenDocument workbook as small as one can be."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    lines = [headers, *rows.itertuples(index=False)]
    body = "".join(f"<table:table-row>{''.join(map(cell, line))}</table:table-row>" for line in lines)
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" '
        f'xmlns:text="{space}text:1.0"><office:body><office:spreadsheet><table:table table:name="A">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("sav", "spss"), ("dta", "stata"), ("xpt", "sas"), ("parquet", "parquet"), ("ods", "ods"),
        ("duckdb", "duckdb"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("few", [False, True])
def test_a_file_of_each_format_is_read_as_it_was_written_in_chunks_too(tmp_path, kind, form, few, monkeypatch):
    if few:
        for module in ("reading_parquet", "reading_statistics", "reading_database"):
            monkeypatch.setattr(f"pipelines.{module}.CHUNK", 13)
    written_as(kind, inbox(tmp_path) / f"maaling.{kind}")
    tree = document(AGREED, files=f"maaling.{kind}", format=form)
    if form == "duckdb":
        tree["servers"] = [{"server": "hus", "type": "duckdb", "database": "maaling.duckdb", "schema": "main"}]
        tree["schema"][0]["physicalName"] = "maaling"
    taken = ingest_register(read_contract(written(tmp_path, tree)), inbox(tmp_path))
    score = [None if pd.isna(value) else value for value in TABLE["score"]]
    assert taken.frame.to_dict(as_series=False) == {"cpr": PEOPLE, "dato": list(TABLE["dato"]), "score": score}


def test_a_sas_file_that_sas_wrote_is_read(tmp_path):
    packed = Path(__file__).parent / "data" / "sample.sas7bdat.gz"
    (inbox(tmp_path) / "prove.sas7bdat").write_bytes(gzip.decompress(packed.read_bytes()))
    columns = [
        {"name": "ord", "physicalName": "mychar", "role": "plain"},
        {"name": "tal", "physicalName": "mynum", "logicalType": "number", "role": "plain"},
        {"name": "dag", "physicalName": "mydate", "logicalType": "date", "role": "date"},
        {"name": "tid", "physicalName": "dtime", "logicalType": "date", "role": "date"},
        {"name": "mylabl", "role": "plain"},
        {"name": "myord", "role": "plain"},
        {"name": "mytime", "role": "plain"},
    ]
    agreed = contract(tmp_path, columns, files="prove.sas7bdat", format="sas", max_rejected_share=1)
    taken = ingest_register(agreed, inbox(tmp_path))
    assert [(place.row, place.reason) for place in taken.places] == [(5, "date_year")]  # 1583
    frame = taken.frame
    assert frame["ord"].to_list()[:2] == ["a", "b"]
    assert frame["tal"].to_list()[:2] == [1.1, 1.2]
    assert frame.schema["dag"] == pl.Date


LINES = [
    "00020261101L4311",
    *(f"001{cpr}01{20240101 + place % 28}" for place, cpr in enumerate(PEOPLE)),
    *(f"022{cpr}{PEOPLE[place - 1]}" for place, cpr in enumerate(PEOPLE[:20])),
    "99900000080",
]
FIXED = [
    {"name": "cpr", "role": "person_identifier", "start": 4, "width": 10},
    {"name": "status", "role": "plain", "start": 14, "width": 2},
    {"name": "fra", "logicalType": "date", "role": "date", "start": 16, "width": 8, "formats": ["yyyymmdd"]},
]


def fixed(tmp_path, lines, **own):
    own = {"format": "fixed", "record": "001", "records": ["000", "022"], "end_record": "999", **own}
    data = ("\r\n".join(lines) + "\r\n").encode("iso-8859-1")
    agreed = contract(tmp_path, FIXED, files="D261101.L431101", encoding="iso-8859-1", max_rejected_share=1, **own)
    (inbox(tmp_path) / "D261101.L431101").write_bytes(data)
    return ingest_register(agreed, inbox(tmp_path))


def test_one_record_type_of_several_is_read_and_one_that_nobody_named_is_refused(tmp_path):
    taken = fixed(tmp_path, LINES)
    assert taken.frame["cpr"].to_list() == PEOPLE
    assert (taken.rows_read, taken.rows_rejected) == (60, 0)
    strange = fixed(tmp_path, [*LINES[:5], "777" + "x" * 20, *LINES[5:]])
    assert [(place.row, place.reason) for place in strange.places] == [(6, "record_unknown")]


def test_a_fixed_width_file_without_its_end_record_was_cut(tmp_path):
    with pytest.raises(InputError) as caught:
        fixed(tmp_path, LINES[:-1])
    assert caught.value.key == "file_cut"


def test_a_zip_of_one_file_is_read_and_every_other_is_refused(tmp_path):
    def packed(**members: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name.replace("_", "."), data)
        return out.getvalue()

    def read(data: bytes):
        return ingest_register(contract(tmp_path, files="besoeg.zip"), inbox(tmp_path, besoeg_zip=data))

    assert read(packed(a_csv=csv_bytes([GOOD]))).frame.height == 1
    for data, key in (
        (packed(a_csv=b"x", b_csv=b"y"), "zip_members"),
        (packed(), "zip_members"),
        (packed(a_csv=csv_bytes([GOOD]) + b"\n" * 70_000_000), "archive_too_large"),
        (packed(a_csv=csv_bytes([GOOD] * 90))[:-30], "zip_damaged"),
        (b"no zip", "zip_damaged"),
    ):
        with pytest.raises(InputError) as caught:
            read(data)
        assert caught.value.key == key


def test_a_report_with_title_groups_and_totals_is_rows(tmp_path):
    rows = [["Nord", *GOOD], ["", *GOOD[:3], "4", *GOOD[4:]], ["Syd", *GOOD[:3], "5", *GOOD[4:]], ["I alt", *[""] * 7]]
    data = b"Rapport\r\n\r\n" + csv_bytes([*rows, ["Kilde: EOJ"]], headers=["Distrikt", *HEADERS])
    columns = [{"name": "distrikt", "physicalName": "Distrikt", "role": "quasi_identifier"}, *COLUMNS]
    own = {"header_row": 3, "skip_rows": ["I alt", "Kilde"], "fill_down": ["distrikt"]}
    taken = ingest_register(contract(tmp_path, columns, **own), inbox(tmp_path, besoeg_csv=data))
    assert taken.frame.select("distrikt", "antal").rows() == [("Nord", 3), ("Nord", 4), ("Syd", 5)]
    assert taken.rows_read == 3


def test_headings_in_two_rows_are_joined(tmp_path):
    data = "CPR-nr.;Besøg;\r\n;Start;Antal\r\n610150-1234;05-01-2024;3\r\n".encode()
    columns = [
        COLUMNS[0],
        {**COLUMNS[1], "physicalName": "Besøg Start"},
        {**COLUMNS[3], "physicalName": "Besøg Antal"},
    ]
    taken = ingest_register(contract(tmp_path, columns, header_rows=2), inbox(tmp_path, besoeg_csv=data))
    assert taken.frame.row(0) == ("6101501234", date(2024, 1, 5), 3)


WIDE = [
    COLUMNS[0],
    {"name": "uge", "physicalName": "{heading}", "logicalType": "date", "role": "date", "formats": ["yyww"]},
    {"name": "ydelse", "physicalName": "{cell}", "role": "plain"},
]


@pytest.mark.parametrize("rows_at_a_time", [1, 250_000])
def test_one_column_a_week_becomes_rows_and_next_years_columns_do_too(tmp_path, rows_at_a_time, monkeypatch):
    monkeypatch.setattr("pipelines.reshape.CHUNK", rows_at_a_time)
    data = b"CPR-nr.;y_2401;y_2402;y_2501\n610150-1234;651;;890\n610150-1235;;;\n610150-1236;1;2;3\n"
    taken = ingest_register(contract(tmp_path, WIDE, wide="y_*"), inbox(tmp_path, besoeg_csv=data))
    assert [(row[0][-1], row[1], row[2]) for row in taken.frame.rows()] == [
        ("4", date(2024, 1, 1), "651"), ("4", date(2024, 12, 30), "890"),
        ("6", date(2024, 1, 1), "1"), ("6", date(2024, 1, 8), "2"), ("6", date(2024, 12, 30), "3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("yyww", "2407", date(2024, 2, 12)), ("yyyy-Uww", "2024-U07", date(2024, 2, 12)),
        ("yyyymm", "202403", date(2024, 3, 1)), ("mm-yyyy", "03-2024", date(2024, 3, 1)),
        ("yyyymmddhhmm", "202403051200", date(2024, 3, 5)),
    ],
)  # fmt: skip
def test_weeks_and_months_are_their_first_day(tmp_path, form, text, day):
    columns = [COLUMNS[0], {**COLUMNS[1], "formats": [form]}]
    data = csv_bytes([["610150-1234", text]], headers=["CPR-nr.", "Start"])
    taken = ingest_register(contract(tmp_path, columns), inbox(tmp_path, besoeg_csv=data))
    assert taken.frame["start"].to_list() == [day]


def test_a_column_that_only_newer_files_have_may_be_optional(tmp_path):
    columns = [COLUMNS[0], {**COLUMNS[3], "optional": True}]
    old, new = (
        csv_bytes([["610150-1234"]], headers=["CPR-nr."]),
        csv_bytes([["610150-1235", "3"]], headers=HEADERS[::3][:2]),
    )
    taken = ingest_register(contract(tmp_path, columns), inbox(tmp_path, besoeg1_csv=old, besoeg2_csv=new))
    assert taken.frame["antal"].to_list() == [None, 3]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"columns": [FIXED[0], {"name": "x", "role": "plain"}], "format": "fixed"}, "contract_places"),
        ({"columns": WIDE}, "contract_wide"),
        ({"columns": WIDE[:1], "wide": "y_*"}, "contract_wide"),
    ],
)
def test_a_layout_that_does_not_hold_together_is_told(tmp_path, change, key):
    with pytest.raises(InputErrors) as caught:
        contract(tmp_path, change.pop("columns"), **change)
    assert key in [error.key for error in caught.value.errors]


def test_init_drafts_what_a_run_then_reads(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    box = inbox(tmp_path)
    for kind in ("sav", "dta", "xpt", "ods", "duckdb"):
        written_as(kind, box / f"{kind}_fil.{kind}")
    (box / "D261101.L431101").write_text("\r\n".join(LINES) + "\r\n", encoding="iso-8859-1")
    weeks = [f"y_{year}{week:02d}" for year in (23, 24) for week in (1, 2, 52)]
    wide = [[cpr, *["651", ""] * 3] for cpr in PEOPLE]
    (box / "dream.csv").write_bytes(csv_bytes(wide, headers=["CPR", *weeks]))
    groups = [["Nord" if place % 20 == 0 else "", cpr, "05-01-2024", "3"] for place, cpr in enumerate(PEOPLE)]
    report = csv_bytes([*groups, ["I alt", "", "", "9"]], headers=["Distrikt", "CPR", "Dato", "Antal"])
    (box / "rapport.csv").write_bytes(b"Rapport\r\n\r\n" + report)
    drafted = init(box, tmp_path / "studie")
    assert drafted.open
    text = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "studie" / "contracts").iterdir()}
    assert len(text) == 9
    for name, draft in text.items():  # unanswered questions stop a run: a person says what the unknown columns are
        path = tmp_path / "studie" / "contracts" / f"{name}.yaml"
        path.write_text(draft.replace("value: unknown}", "value: direct_identifier}"), encoding="utf-8")
    rows = {}
    for name, agreed in read_contracts(tmp_path / "studie").items():
        taken = ingest_register(agreed, box)
        assert agreed.person is not None
        assert taken.rows_rejected == 0
        rows[name] = taken.rows_read
    assert rows == {
        "d_001": 60, "d_022": 20, "dream": 180, "rapport": 60, "sav_fil": 60, "dta_fil": 60, "xpt_fil": 60,
        "ods_fil": 60, "duckdb_fil_maaling": 60,
    }  # fmt: skip
