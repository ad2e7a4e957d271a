"""Text read block by block, against its slow plain twin: a line at a time, in Python."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest
from contract_builders import HEADERS, contract
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.errors import InputError
from pipelines.reading import FEW, FIELDS, MANY, QUOTES, ROW, Chunk
from pipelines.reading_csv import chunks_of
from pipelines.reading_text import ONE_BYTE, Text

WIDTH = len(HEADERS)
CELLS = st.sampled_from(
    ["", "a", "æø", " ", '"q"', '"a;b"', '""', '"x""y"', '"l\nm"', '"', 'x"y', "\ufeff", '"a"b', ";", "eightlet"]
)
LONG = st.sampled_from(["eightletters", "eightletterz", "twice eightletters", '"eight;letters"'])
LINES = st.one_of(
    st.lists(CELLS | LONG, min_size=WIDTH, max_size=WIDTH).map(";".join),
    st.lists(st.sampled_from(["", "1", "å"]), min_size=WIDTH, max_size=WIDTH).map(";".join),
    st.lists(CELLS, max_size=WIDTH + 2).map("".join),
)


@pytest.fixture(scope="module")
def agreed(tmp_path_factory):
    return contract(tmp_path_factory.mktemp("workspace"), encoding="utf-8")


def plain_rows(text: str, quote: str) -> list[tuple[int, str, list[str]]]:
    """Return (row, what is wrong, cells) of each record that is not blank. Raises ValueError: a quote never closes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = lines[:-1] if not lines[-1] else lines
    style = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    rows, at, row = [], 1, 2
    while at < len(lines):
        record: list[str] | None = lines[at].split(";")
        used = 1
        if (quote and quote in lines[at]) or len(record) != WIDTH:
            reader = csv.reader((line + "\n" for line in lines[at:]), delimiter=";", strict=True, **style)
            try:
                record = next(reader)
            except csv.Error as error:
                if str(error) == "unexpected end of data":
                    raise ValueError from None
                record = None
            used = reader.line_num
        wrong = QUOTES if record is None else ""
        cells = record or []
        if record is not None and len(cells) < WIDTH and any(cell.strip() for cell in cells):
            wrong = FEW
        if len(cells) > WIDTH and any(cells[WIDTH:]):
            wrong = MANY
        cells = [*cells[:WIDTH], *[""] * (WIDTH - len(cells))]
        if wrong or any(cell.strip() for cell in cells):
            rows.append((row, wrong, cells))
        at, row = at + used, row + 1
    return rows


def rows_of(chunks: Iterator[Chunk], names: list[str]) -> list[tuple[object, ...]]:
    """Return all rows, where a column is numbers of texts too: a text is told in the chunk that brings it to light."""
    texts: dict[str, list[str]] = {name: [] for name in names}
    rows: list[tuple[object, ...]] = []
    for chunk in chunks:
        cells = {name: chunk.frame[name].to_list() for name in chunk.frame.columns}
        for name, codes in chunk.coded.items():
            assert len(texts[name]) == codes.before
            texts[name] += codes.new.to_list()
            assert len(set(texts[name])) == len(texts[name])
            cells[name] = [texts[name][number] for number in codes.numbers]
        rows += zip(*(cells[name] for name in (ROW, FIELDS, *names)), strict=True)
    return rows


@given(
    lines=st.lists(LINES, max_size=12),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    closed=st.booleans(),
    quote=st.sampled_from(['"', '"', ""]),
    encoding=st.sampled_from(["utf-8", "utf-16-le"]),
    block=st.sampled_from([1, 2, 3, 100]),
    read=st.sampled_from([8, 50, 100_000]),
    chunk=st.sampled_from([1, 4, 100_000]),
    most=st.sampled_from([0, 2, 1 << 17]),
    coded=st.booleans(),
)
@settings(deadline=None, max_examples=250)
def test_blocks_give_the_records_that_reading_line_by_line_gives(
    agreed, lines, end, closed, quote, encoding, block, read, chunk, most, coded
):
    text = end.join([";".join(HEADERS), *lines]) + (end if closed else "")
    try:
        wanted = plain_rows(text, quote)
    except ValueError:
        wanted = None
    stream = Text(io.BytesIO(text.encode(encoding)), encoding, "besoeg.csv")
    module = "pipelines.reading_"
    with (
        patch(f"{module}text.LINES", block),
        patch(f"{module}text.BYTES", read),
        patch(f"{module}csv.CHUNK", chunk),
        patch("pipelines.coding.MOST", most),
    ):
        rows = chunks_of(replace(agreed, quote=quote), stream, "besoeg.csv", coded=coded)
        if wanted is None:
            with pytest.raises(InputError, match="quote_open"):
                list(rows)
            return
        found = rows_of(rows, [column.name for column in agreed.properties])
    assert [(row, wrong, list(cells)) for row, wrong, *cells in found] == wanted


def test_a_line_is_endless_by_its_letters_and_the_row_is_told(agreed):
    text = "\n".join([";".join(HEADERS), "a" * 90, "æ" * 120, ""])
    for longest, row in ((120, None), (119, 3), (89, 2)):
        stream = Text(io.BytesIO(text.encode()), "utf-8", "besoeg.csv")
        with patch("pipelines.reading_text.LONGEST_LINE", longest):
            if row is None:
                list(chunks_of(agreed, stream, "besoeg.csv"))
                continue
            with pytest.raises(InputError) as caught:
                list(chunks_of(agreed, stream, "besoeg.csv"))
        assert (caught.value.key, caught.value.facts["row"]) == ("field_endless", row)


@given(
    data=st.binary(max_size=60),
    encoding=st.sampled_from(ONE_BYTE),
    read=st.sampled_from([1, 7, 100]),
)
@example(data=b"a\rb\r\n\r\x81", encoding="cp1252", read=1)
@example(data=b"a\rb\r\n\r\x81", encoding="cp1252", read=100)
def test_letters_of_one_byte_become_the_text_that_python_reads(data, encoding, read):
    stream = Text(io.BytesIO(data), encoding, "besoeg.csv")
    try:
        wanted = data.decode(encoding).replace("\r\n", "\n").encode()
    except UnicodeDecodeError as error:
        with pytest.raises(InputError) as caught:
            b"".join(iter(lambda: stream.read(read), b""))
        ends = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert caught.value.facts["row"] == 1 + ends.count(b"\n")
        return
    found = b"".join(iter(lambda: stream.read(read), b"")).replace(b"\r\n", b"\n")
    assert found.replace(b"\r", b"\n") == wanted.replace(b"\r", b"\n")


@pytest.mark.parametrize(
    ("encoding", "broken"), [("utf-8", b"\xff"), ("utf-16-le", b"\x00\xdc\x00\x00"), ("utf-16", b"\x00\xdc\x00\x00")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("read", [2, 10, 1000])
def test_a_letter_that_is_none_is_told_with_its_row_whatever_ends_a_line(encoding, broken, end, read):
    stream = Text(io.BytesIO(f"a{end}b{end}{end}ø".encode(encoding) + broken), encoding, "besoeg.csv")
    with pytest.raises(InputError) as caught:
        b"".join(iter(lambda: stream.read(read), b""))
    assert (caught.value.key, caught.value.facts["row"]) == ("encoding_wrong", 4)
