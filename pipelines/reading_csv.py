"""Delimited text in a stream: decoded block by block, split record by record, so that one bad record costs itself only.

Lines without quotation marks and with the right number of fields, nearly all of them, are split by polars; the rest by
Python's csv, one by one.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Protocol

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import headings, normal_header, places_of
from pipelines.letters import Mended
from pipelines.reading import CHUNK, FEW, FIELDS, MANY, QUOTES, ROW, Chunk, whole_rows
from pipelines.sources import Source

LINES = CHUNK
CHARACTERS = 32 << 20  # of a block
LONGEST_FIELD = 131_072
LONGEST_LINE = 4 * LONGEST_FIELD
ONE_BYTE = ("cp1252", "iso-8859-1", "cp850")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAMPLE = 1 << 20


def csv_chunks(contract: Contract, source: Source) -> Iterator[Chunk]:
    """Return a delimited file's rows. Raises: InputError `encoding_wrong`, `header_missing`, `quote_open` ..."""
    with opened_text(contract.encoding, source) as stream:
        yield from chunks_of(contract, stream, source.name)


def chunks_of(contract: Contract, stream: Text, file: str) -> Iterator[Chunk]:
    """Return a stream's rows, the headings among them."""
    lines = Lines(stream, file)
    records = _Records(lines, contract, file)
    top: list[list[str]] = []
    for _ in range(contract.header_row + contract.header_rows - 1):
        top.append(records.next() or [])
    headers = headings(top[contract.header_row - 1 :])
    if not headers:
        raise InputError("file_empty", file=file)
    places = places_of(contract, headers, file)
    width = len(headers)
    while lines.refill():
        plain, plain_rows, split, split_rows = records.block(width)
        parts = [_plain_rows(plain, plain_rows, contract.delimiter, width)]
        if split:
            parts.append(_split_rows(split, split_rows, width))
        yield _chunk(pl.concat(parts).sort(ROW) if split else parts[0], headers, places, width)


@contextmanager
def opened_text(encoding: str, source: Source) -> Iterator[Text]:
    """Open a file's text by an encoding, without a byte-order mark; \\r\\n and \\r are line ends too.

    Raises: InputError where the bytes are no text of this encoding, with the row; also from within, while it is read.
    """
    with source.open() as raw:
        head = raw.peek(_SAMPLE)[:_SAMPLE]  # type: ignore[attr-defined]
        if not head:
            raise InputError("file_empty", file=source.name)
        _check_head(head, encoding, source.name)
        name = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
        if encoding == "utf-16" and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            name = "utf-16-le"
        watched = _Watched(raw, encoding, source.name)
        yield Text(Mended(watched) if encoding.startswith("utf-8") else watched, name, source.name)
        watched.finish()


def _check_head(head: bytes, encoding: str, file: str) -> None:
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if encoding == "utf-16":
        even = head[: len(head) // 2 * 2]
        if "\x00" in even.decode("utf-16" if marked else "utf-16-le", errors="replace"):
            raise InputError("file_binary", file=file, encoding=encoding)
    elif marked or _CONTROL.search(head):
        raise InputError("encoding_utf16" if marked else "file_binary", file=file, encoding=encoding)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Watched:
    """Bytes that pass by: is what is said to be cp1252 in truth UTF-8? Read on, every æ would be two wrong letters."""

    def __init__(self, raw: IO[bytes], encoding: str, file: str) -> None:
        self.raw, self.encoding, self.file = raw, encoding, file
        self.ascii = True
        self.utf8 = codecs.getincrementaldecoder("utf-8")() if encoding in ONE_BYTE else None

    def read(self, size: int) -> bytes:
        data = self.raw.read(size)
        if self.utf8 is not None:
            self.ascii = self.ascii and data.isascii()
            try:
                if not self.ascii:
                    self.utf8.decode(data)
            except UnicodeDecodeError:
                self.utf8 = None  # it is not: nothing more to look for
        return data

    def finish(self) -> None:
        """Raise InputError when all of it was UTF-8, and not plain ASCII."""
        if self.utf8 is not None and not self.ascii:
            raise InputError("encoding_is_utf8", file=self.file, encoding=self.encoding)


class Text:
    """A stream's text by an encoding; a byte that the encoding does not have is an InputError with its row."""

    def __init__(self, raw: _Readable, encoding: str, file: str) -> None:
        self.raw, self.encoding, self.file = raw, encoding, file
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.rows, self.ended, self.held = 1, False, ""

    def read(self, size: int) -> str:
        """Return about so many letters, "" at the end."""
        while not self.ended:
            data = self.raw.read(size)
            self.ended = not data
            try:
                text = self.decoder.decode(data, final=self.ended)
            except UnicodeDecodeError as error:
                row = self.rows + bytes(error.object[: error.start]).count(b"\n")
                shown = self.encoding.removesuffix("-sig").removesuffix("-le")
                raise InputError("encoding_wrong", file=self.file, row=row, encoding=shown) from None
            if "\r" in text or self.held:  # \r\n and \r alone end a line too; half of one waits for its other half
                text = self.held + text
                self.held = "\r" if text.endswith("\r") and not self.ended else ""
                text = (text[:-1] if self.held else text).replace("\r\n", "\n").replace("\r", "\n")
            self.rows += text.count("\n")
            if text:
                return text
        return ""


class Lines:
    """Lines in blocks, without their ends; read one by one from any place of the block on, as csv does."""

    def __init__(self, stream: Text, file: str) -> None:
        self.stream, self.file = stream, file
        self.block: list[str] = []
        self.at = 0
        self.read_rows = 0
        self._waiting: list[str] = []  # from `_next` on
        self._next = 0
        self._rest = ""

    def refill(self) -> bool:
        """Take the next block. Returns whether there was one."""
        self._fetch()
        self.block = self._waiting[self._next : self._next + LINES]
        self._next += len(self.block)
        self.at = 0
        return bool(self.block)

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if self.at < len(self.block):
            line = self.block[self.at]
        else:
            self._fetch()
            if self._next >= len(self._waiting):
                raise StopIteration
            line = self._waiting[self._next]
            self._next += 1
        self.at += 1
        return line + "\n"

    def _fetch(self) -> None:
        if self._next < len(self._waiting):
            return
        text = self.stream.read(CHARACTERS)
        self._next = 0
        if not text:
            self._waiting, self._rest = [self._rest] if self._rest else [], ""
            return
        lines = (self._rest + text).split("\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_LINE or any(len(line) > LONGEST_LINE for line in lines):
            raise InputError("field_endless", file=self.file, row=self.read_rows + self._endless(lines) + 1)
        self.read_rows += len(lines)
        self._waiting = lines
        if not lines:
            self._fetch()

    @staticmethod
    def _endless(lines: list[str]) -> int:
        return next((place for place, line in enumerate(lines) if len(line) > LONGEST_LINE), len(lines))


class _Records:
    """Records: a line without quotation marks is one as it stands; from one with a mark on, Python's csv decides."""

    def __init__(self, lines: Lines, contract: Contract, file: str) -> None:
        self.lines, self.quote, self.file, self.delimiter = lines, contract.quote, file, contract.delimiter
        style = {"quotechar": contract.quote} if contract.quote else {"quoting": csv.QUOTE_NONE}
        self.reader = csv.reader(lines, delimiter=contract.delimiter, strict=True, **style)
        self.done = 0

    def next(self) -> list[str] | None:
        """Return a record; None for one whose marks make no sense: the next line is a new record. [] at the end."""
        try:
            record = next(self.reader)
        except StopIteration:
            return []
        except csv.Error as error:
            # Only the kind of the error is looked at: a mark that never closes swallows the rest of the file.
            if str(error) == "unexpected end of data" or "field limit" in str(error):
                raise InputError("quote_open", file=self.file, row=self.done + 1) from None
            record = None
        self.done += 1
        return record

    def block(self, width: int) -> tuple[list[str], list[int], list[list[str] | None], list[int]]:
        """Return the block's lines that are records, and the records that were split, each with their rows."""
        lines, block, mark = self.lines, self.lines.block, self.delimiter
        apart = [place for place, line in enumerate(block) if line.count(mark) != width - 1 and line]
        if self.quote:
            quote = self.quote
            apart = sorted({*apart, *(place for place, line in enumerate(block) if quote in line)})
        plain: list[str] = []
        plain_rows: list[int] = []
        split: list[list[str] | None] = []
        split_rows: list[int] = []
        at = 0
        for place in [*apart, len(block)]:
            if place < at:
                continue  # inside a record that was read
            plain += block[at:place]
            plain_rows += range(self.done + 1, self.done + 1 + place - at)  # empty lines too: they are counted
            self.done += place - at
            at = place
            if place < len(block):
                lines.at = place
                split_rows.append(self.done + 1)
                split.append(self.next())
                at = lines.at
        return plain, plain_rows, split, split_rows


def _plain_rows(lines: list[str], rows: list[int], delimiter: str, width: int) -> pl.DataFrame:
    """Split lines of which each has exactly the fields there are, or is empty and no row."""
    names = [f"field_{place}" for place in range(width)]
    if "" in lines:
        rows = [row for row, line in zip(rows, lines, strict=True) if line]
        lines = [line for line in lines if line]
    numbers = pl.Series(ROW, rows, dtype=pl.UInt32)
    if not lines:
        return pl.DataFrame(schema={ROW: pl.UInt32, FIELDS: pl.String, **dict.fromkeys(names, pl.String)})
    if width == 1:
        frame = pl.DataFrame({names[0]: lines}, schema={names[0]: pl.String})
    else:
        frame = pl.read_csv(
            "\n".join(lines).encode(),
            has_header=False,
            separator=delimiter,
            quote_char=None,
            infer_schema=False,
            empty_string_is_null=False,
            new_columns=names,
        )
    if frame.shape != (len(lines), width):
        raise AssertionError("polars split another number of rows or fields than there are")
    return frame.select(numbers, pl.lit("").alias(FIELDS), pl.all())


def _split_rows(records: list[list[str] | None], rows: list[int], width: int) -> pl.DataFrame:
    wrong = []
    whole: list[list[str]] = []
    for record in records:
        if record is not None and len(record) == width:
            wrong.append("")
            whole.append(record)
            continue
        if record is None:
            wrong.append(QUOTES)
        elif len(record) < width:
            wrong.append(FEW if any(cell.strip() for cell in record) else "")
        else:
            wrong.append(MANY if any(record[width:]) else "")
        whole.append([*(record or [])[:width], *[""] * (width - len(record or []))])
    columns = {f"field_{place}": values for place, values in enumerate(zip(*whole, strict=True))}
    return pl.DataFrame(
        {ROW: rows, FIELDS: wrong, **columns}, schema={ROW: pl.UInt32, **dict.fromkeys([FIELDS, *columns], pl.String)}
    )


def _chunk(frame: pl.DataFrame, headers: Sequence[str], places: dict[str, int], width: int) -> Chunk:
    nameless = [place for place in range(width) if not normal_header(headers[place])]
    if nameless:  # a stray delimiter at the line's end is no column; something in it is
        filled = pl.any_horizontal(pl.col(f"field_{place}").str.strip_chars().fill_null("") != "" for place in nameless)
        frame = frame.with_columns(
            pl.when(filled & (pl.col(FIELDS) == "")).then(pl.lit(MANY)).otherwise(pl.col(FIELDS)).alias(FIELDS)
        )
    chosen = frame.select(ROW, FIELDS, *(pl.col(f"field_{place}").alias(name) for name, place in places.items()))
    return Chunk(frame=whole_rows(chosen, list(places)))
