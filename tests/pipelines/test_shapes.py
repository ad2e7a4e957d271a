"""The shapes of files that a municipality has, each as a real file: `init` drafts them, and the values come out."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from contract_builders import inbox
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts import read_contract
from pipelines.ingest import Ingested, TooManyRejected, ingest_register
from pipelines.init import init
from pipelines.letters import Mended, _twice
from reports.catalogue import Language

COUNT = 60
PEOPLE = [f"{61 + place % 28}{1 + place // 28:02d}50{1000 + place}" for place in range(COUNT)]
ZERO = [f"6{1 + place % 9}01{50 + place // 9:02d}{1000 + place}" for place in range(COUNT)]


def dashed(cpr: str) -> str:
    return f"{cpr[:6]}-{cpr[6:]}"


def text(
    headers: list[str], rows: list[list[Any]], *, encoding: str = "utf-8", end: str = "\r\n", mark: str = ";"
) -> bytes:
    return (end.join(mark.join(map(str, row)) for row in [headers, *rows]) + end).encode(encoding)


def people(column: str, cells: list[Any], **own: Any) -> bytes:
    """A file with a person and one column, its cells coming again and again."""
    return text(["CPR", column], [[cpr, cells[place % len(cells)]] for place, cpr in enumerate(PEOPLE)], **own)


def book(sheets: Mapping[str, list[list[Any]]], *, merged: tuple[str, ...] = (), day: str = "dd-mm-yyyy") -> bytes:
    """A workbook: numbers as numbers, dates as dates; `merged` are ranges of the first sheet, with their text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        dates, hours = (made.add_format({"num_format": form}) for form in (day, "[h]:mm"))
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, (date, datetime)):
                        sheet.write_datetime(number, place, datetime(*cell.timetuple()[:6]), dates)
                    elif isinstance(cell, timedelta):
                        sheet.write_datetime(number, place, cell, hours)
                    elif cell is not None:
                        sheet.write(number, place, cell)
            for span in merged:
                where, _, words = span.partition("=")
                sheet.merge_range(where, words)
    return out.getvalue()


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A file, what comes out of its columns for the first people, and what a person changed in the draft."""

    data: bytes | Mapping[str, bytes]
    values: Mapping[str, list[Any]]  # the draft's name of a column -> the cells, coming again and again
    ending: str = "csv"
    says: tuple[str, ...] = ()  # that stand in the draft
    answers: Mapping[str, str] = field(default_factory=dict)  # in the draft -> what a person writes instead
    rows: int = COUNT
    refused: Mapping[str, int] = field(default_factory=dict)
    people: tuple[str, ...] = tuple(PEOPLE)


def taken(tmp_path: Path, shape: Shape) -> tuple[Ingested, str]:
    box = inbox(tmp_path)
    files = shape.data if isinstance(shape.data, Mapping) else {f"fil.{shape.ending}": shape.data}
    for name, data in files.items():
        (box / name).write_bytes(data)
    init(box, tmp_path / "studie")
    (path,) = (tmp_path / "studie" / "contracts").glob("*.yaml")
    draft = path.read_text(encoding="utf-8")
    changed = draft
    for before, after in shape.answers.items():
        assert before in draft
        changed = changed.replace(before, after)
    path.write_text(changed.replace("value: unknown}", "value: direct_identifier}"), encoding="utf-8")
    return ingest_register(read_contract(path), box), draft


WEEKS = [date(2024, 2, 12), date(2024, 12, 30)]
NAMED = [[f"Karen Holm ({dashed(cpr)})", place % 7] for place, cpr in enumerate(PEOPLE)]
BIG = [["CPR", "Besøg", None, "Note"], [None, "Start", "Minutter", None]]
GROUPED = [
    [f"{'Nord' if place < 30 else 'Syd'}" if place % 30 == 0 else "", cpr, place % 9]
    for place, cpr in enumerate(PEOPLE)
]


HOURS = [timedelta(hours=1.5), timedelta(minutes=45), timedelta(hours=25.5)]


def year(first: int, last: int, *more: str) -> list[list[Any]]:
    rows = [["Cpr", "Sagsart", "Uger", *more]]
    return [
        *rows,
        *([int(cpr), "ax"[n % 2], n % 50, *["JN"[n % 2]] * len(more)] for n, cpr in enumerate(ZERO[first:last])),
    ]


SHAPES: dict[str, Callable[[], Shape]] = {
    "minutes on a clock": lambda: Shape(
        data=people("Visiteret tid", ["1:30", "0:45", "12:05"]), values={"visiteret_tid": [90, 45, 725]}, says=("h:mm",)
    ),
    "minutes in three writings": lambda: Shape(
        data=people("Minutter", ["1:30", "1,5", "90"]), values={"minutter": [90, 90, 90]},
        says=('["h:mm", "hours", "minutes"]', "SPØRGSMÅL: Kolonnen er skrevet på flere måder"),
    ),
    "minutes as a workbook's times": lambda: Shape(
        ending="xlsx", values={"minutter": [90.0, 45.0, 1530.0]},
        data=book(
            {"A": [["CPR", "Minutter"], *([cpr, HOURS[place % 3]] for place, cpr in enumerate(PEOPLE))]}
        ),
    ),
    "CPR among other words": lambda: Shape(
        data=text(["Borger", "Antal"], NAMED), values={"antal": [0, 1, 2, 3, 4, 5, 6]}, says=("cpr_in_text",)
    ),
    "CPR as a number": lambda: Shape(
        ending="xlsx", data=book({"A": [["Cpr", "Antal"], *([int(cpr), 3.0] for cpr in PEOPLE)]}), values={"antal": [3]}
    ),
    "CPR with an apostrophe": lambda: Shape(
        data=text(["CPR", "Antal"], [[f"'{cpr}", 3] for cpr in PEOPLE]), values={"antal": [3]}
    ),
    "CPR in powers of ten with every digit": lambda: Shape(
        data=text(["CPR", "Antal"], [[f"{cpr[0]},{cpr[1:]}E+09", 3] for cpr in PEOPLE]), values={"antal": [3]}
    ),
    "CPR written short": lambda: Shape(
        data=text(["CPR", "Antal"], [[cpr if place > 1 else "6,1E+09", 3] for place, cpr in enumerate(PEOPLE)]),
        values={"antal": [3]}, refused={"cpr_rounded": 2}, people=tuple(PEOPLE[2:]),
    ),
    "letters written twice": lambda: Shape(
        data=people("Ydelse", ["RengÃ¸ring", "MÃ¥ltid", "PÃ¦dagog"]),
        values={"ydelse": ["Rengøring", "Måltid", "Pædagog"]},
        says=("Ã¦ for æ",),
    ),
    "uncertain dates": lambda: Shape(
        data=people("Fra dato", ["20240105", "20240000", "20240300", "00000000"]),
        values={"fra_dato": [date(2024, 1, 5), date(2024, 1, 1), date(2024, 3, 1), None]},
        says=('"yyyymmdd"', '"yyyy0000"', '"yyyymm00"'),
    ),
    "uncertain moments of the CPR": lambda: Shape(
        data=people("Fra dato", ["202401051200", "202400000000", "202403000000", "000000000000"]),
        values={"fra_dato": [date(2024, 1, 5), date(2024, 1, 1), date(2024, 3, 1), None]},
    ),
    "months in six digits": lambda: Shape(
        data=people("Periode", ["202403", "202412", "202501"]), says=('["yyyymm"]',),
        values={"periode": [date(2024, 3, 1), date(2024, 12, 1), date(2025, 1, 1)]},
    ),
    "six digits that may be months": lambda: Shape(
        data=people("Afregnet", ["202403", "202412", "202501"]), says=("SPØRGSMÅL: Seks cifre",),
        values={"afregnet": [date(2024, 3, 1), date(2024, 12, 1), date(2025, 1, 1)]},
    ),
    "weeks with a U": lambda: Shape(data=people("Afregnet", ["2024-U07", "2025-U01"]), values={"afregnet": WEEKS}),
    "weeks in four digits": lambda: Shape(data=people("HONUGE", ["2407", "2501"]), values={"honuge": WEEKS}),
    "weeks that lost their zero": lambda: Shape(
        data=people("HONUGE", ["407", "1252"]), values={"honuge": [date(2004, 2, 9), date(2012, 12, 24)]}
    ),
    "days as a workbook counts them": lambda: Shape(
        data=people("Startdato", ["45296", "45658"]), values={"startdato": [date(2024, 1, 5), date(2025, 1, 1)]}
    ),
    "days with two digits of the year": lambda: Shape(
        data=people("Startdato", ["050124", "010125"]), values={"startdato": [date(2024, 1, 5), date(2025, 1, 1)]},
        says=("har to cifre i årstallet", "dd-mm-20yy"),
        answers={
            "logicalType: string\n        required: false\n        customProperties:\n          # 100 % er datoer":
            "logicalType: date\n        required: false\n        customProperties:\n"
            "          - {property: formats, value: [ddmm20yy]}\n          # 100 % er datoer",
            "{property: role, value: unknown}": "{property: role, value: date}",
        },
    ),
    "moments with milliseconds": lambda: Shape(
        data=people("Start", ["2024-10-27 02:30:00.000", "2024-10-28 00:00:00.000"]),
        values={"start": [date(2024, 10, 27), date(2024, 10, 28)]},
    ),
    "an hour that comes twice in October, and one that is none in March": lambda: Shape(
        data=people("Start", ["2024-10-27 02:30:00+02:00", "2024-10-27 02:30:00+01:00", "2024-10-26 22:30:00+00:00"]),
        values={"start": [date(2024, 10, 27)]},
    ),
    "an hour that no clock showed": lambda: Shape(
        data=people("Start", ["31-03-2024 02:30", "01-04-2024 02:30"]),
        values={"start": [date(2024, 3, 31), date(2024, 4, 1)]},
    ),
    "amounts in øre": lambda: Shape(
        data=people("brutto_oere", ["12345", "100"]), values={"brutto_oere": [123.45, 1.0]}, says=('["øre"]',)
    ),
    "J and N": lambda: Shape(data=people("Modtaget", ["J", "N"]), values={"modtaget": [True, False]}),
    "1 and 2": lambda: Shape(
        data=people("Modtaget", ["1", "2"]), values={"modtaget": [True, False]}, says=("SPØRGSMÅL: Er 1 ja og 2 nej",)
    ),
    "1 and 2 that are counts": lambda: Shape(data=people("Antal besøg", ["1", "2"]), values={"antal_besoeg": [1, 2]}),
    "X and blank": lambda: Shape(data=people("Modtaget", ["X", ""]), values={"modtaget": [True, False]}),
    "99 for nothing": lambda: Shape(
        data=people("Score", ["3", "12", "99", "7"]), values={"score": [3, 12, None, 7]}, says=("lutter nitaller",)
    ),
    "a mark in a remark that nobody quoted": lambda: Shape(
        data=text(
            ["CPR", "Bemærkning", "Antal"],
            [[cpr, "ringet; aftalt" if n == 7 else "ok", 3] for n, cpr in enumerate(PEOPLE)],
        ),
        values={"antal": [3]}, refused={"fields_many": 1}, people=tuple(PEOPLE[:7] + PEOPLE[8:]),
    ),
    "a line break in a remark": lambda: Shape(
        data=text(
            ["CPR", "Bemærkning", "Antal"],
            [[cpr, '"ringet\r\naftalt; ""ny"" dag"', n % 5] for n, cpr in enumerate(PEOPLE)],
        ),
        values={"antal": [0, 1, 2, 3, 4]},
    ),
    "headings in two merged rows": lambda: Shape(
        ending="xlsx", values={"besoeg_start": [date(2024, 1, 5)], "besoeg_minutter": [30.0]},
        says=("header_rows, value: 2",),
        data=book(
            {"A": [*BIG, *([cpr, date(2024, 1, 5), 30, None] for cpr in PEOPLE)]}, merged=("B1:C1=Besøg", "A1:A2=CPR")
        ),
    ),
    "headings in two rows below a title": lambda: Shape(
        data=b"Visiterede timer\r\nPeriode: 2024\r\n\r\nCPR;Planlagt;;Leveret;\r\n;Start;Timer;Start;Timer\r\n"
        + text(["x"], [[cpr, "05-01-2024", "2,5", "06-01-2024", "2,0"] for cpr in PEOPLE]).partition(b"\n")[2],
        values={
            "planlagt_start": [date(2024, 1, 5)], "leveret_start": [date(2024, 1, 6)], "planlagt_timer": [2.5],
            "leveret_timer": [2.0],
        },
        says=("header_row, value: 4", "header_rows, value: 2"),
    ),
    "groups, totals and a footnote": lambda: Shape(
        data=text(
            ["Distrikt", "CPR", "Antal"],
            [*GROUPED[:30], ["Nord i alt", "", 120], *GROUPED[30:], ["Syd i alt", "", 99], ["Hovedtotal", "", 219],
             ["* Foreløbige tal; opgjort 1. marts"]],
        ),
        values={"distrikt": ["Nord"] * 30 + ["Syd"] * 30, "antal": [place % 9 for place in range(60)]},
        says=("skip_rows", "fill_down"),
    ),
    "a sheet a year, each with a column more": lambda: Shape(
        ending="xlsx", rows=60, people=tuple(ZERO),
        data=book({"2022": year(0, 20), "2023": year(20, 40, "Delvis"), "2024": year(40, 60, "Delvis", "Fleks")}),
        values={"delvis": [None] * 20 + [True, False] * 20, "fleks": [None] * 40 + [True, False] * 10},
        says=('sheet, value: "*"', "optional, value: true"),
    ),
    "a file a year, each with a column more": lambda: Shape(
        data={
            "fil_2023.csv": text(["CPR", "Antal", "Uger"], [[cpr, 1, 2] for cpr in PEOPLE[:30]]),
            "fil_2024.csv": text(["CPR", "Antal", "Uger", "Ny"], [[cpr, 1, 2, "Ja"] for cpr in PEOPLE[30:]]),
        },
        values={"antal": [1]}, says=("optional, value: true",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_drafted_and_its_values_come_out(name, tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    shape = SHAPES[name]()
    came, draft = taken(tmp_path, shape)
    assert [words for words in shape.says if words not in draft] == []
    assert came.reasons == dict(shape.refused)
    frame = came.frame.sort("person")
    assert frame["person"].to_list() == sorted(shape.people)
    place = {cpr: number for number, cpr in enumerate(PEOPLE if set(shape.people) <= set(PEOPLE) else ZERO)}
    for column, cells in shape.values.items():
        found = dict(zip(frame["person"], frame[column], strict=True))
        assert {one: found[one] for one in found} == {one: cells[place[one] % len(cells)] for one in found}, column


def test_cpr_numbers_that_a_workbook_wrote_short_are_a_question_where_they_are_many(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    rows = [[cpr if place % 4 else "6,1E+09", 3] for place, cpr in enumerate(PEOPLE)]
    answers = {"role, value: unknown}": "role, value: person_identifier}"}
    with pytest.raises(TooManyRejected) as caught:
        taken(tmp_path, Shape(data=text(["CPR", "Antal"], rows), values={}, answers=answers))
    assert {place.reason for place in caught.value.places} == {"cpr_rounded"}
    for language, words in ((Language.DA, "cifrene er væk"), (Language.EN, "its digits are gone")):
        assert words in caught.value.text(language)
    draft = (tmp_path / "studie" / "contracts" / "fil.yaml").read_text(encoding="utf-8")
    assert "25 % af CPR-numrene er skrevet kort af et regneark" in draft


@given(
    st.lists(st.sampled_from([*"aæøåÆØÅéß–§\n;", " "]), max_size=60), st.lists(st.booleans(), max_size=60), st.data()
)
def test_letters_written_twice_are_themselves_again_however_the_bytes_come(letters, twice, data):
    wrong = "".join(
        _twice(letter) if double else letter for letter, double in zip_longest(letters, twice, fillvalue="")
    ).encode("utf-8")
    stream, out = Mended(io.BytesIO(wrong)), b""
    while part := stream.read(data.draw(st.integers(1, 9))):
        out += part
    assert out.decode("utf-8") == "".join(letters)
