"""Delimited text: decoded whole, then split record by record, so that one bad record costs itself only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import normal_header, places_of
from pipelines.reading import FEW, FIELDS, MANY, QUOTES, ROW, Chunk, whole_rows

LINES = 100_000
LONGEST_FIELD = 131_072
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAMPLE = 1 << 20


def csv_chunks(contract: Contract, data: bytes, file: str) -> Iterator[Chunk]:
    """Return a delimited file's rows. Raises: InputError `encoding_wrong`, `header_missing`, `quote_open` ..."""
    lines = _Lines(io.StringIO(decoded(contract, data, file), newline=None))  # \r\n and \r are line ends too
    records = _Records(lines, contract, file)
    headers: list[str] | None = []
    for _ in range(contract.header_row):
        headers = records.next()
    if not headers:
        raise InputError("file_empty", file=file)
    places = places_of(contract, headers, file)
    width = len(headers)
    while lines.refill():
        plain, plain_rows, split, split_rows = records.block()
        endless = [number for line, number in zip(plain, plain_rows, strict=True) if len(line) > LONGEST_FIELD * 4]
        if endless:
            raise InputError("field_endless", file=file, row=endless[0])
        parts = [_plain_rows(plain, plain_rows, contract.delimiter, width)]
        if split:
            parts.append(_split_rows(split, split_rows, width))
        yield _chunk(pl.concat(parts).sort(ROW) if split else parts[0], headers, places, width)


def decoded(contract: Contract, data: bytes, file: str) -> str:
    """Return the text by the contract's encoding, without a byte-order mark."""
    encoding = contract.encoding
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if encoding != "utf-16":
        if marked or len(_CONTROL.findall(data[:_SAMPLE])) > 0:
            raise InputError("encoding_utf16" if marked else "file_binary", file=file, encoding=encoding)
    elif not marked:
        encoding = "utf-16-le"
    if encoding in ("cp1252", "iso-8859-1", "cp850") and not data.isascii() and _is_utf8(data):
        raise InputError(
            "encoding_is_utf8", file=file, encoding=encoding
        )  # read on, every æ would be two wrong letters
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError("encoding_wrong", file=file, row=row, encoding=encoding) from None
    if encoding.startswith("utf-16") and "\x00" in text[:_SAMPLE]:
        raise InputError("file_binary", file=file, encoding=encoding)
    return text


class _Lines:
    """Lines in blocks, read one by one or from any place of the block on."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream
        self.block: list[str] = []
        self.at = 0

    def refill(self) -> bool:
        """Take the next block. Returns whether there was one."""
        self.block, self.at = list(islice(self.stream, LINES)), 0
        return bool(self.block)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.block[self.at] if self.at < len(self.block) else next(self.stream)
        self.at += 1
        return line


class _Records:
    """Records: a line without quotation marks is one as it stands; from one with a mark on, Python's csv decides."""

    def __init__(self, lines: _Lines, contract: Contract, file: str) -> None:
        self.lines, self.quote, self.file = lines, contract.quote, file
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

    def block(self) -> tuple[list[str], list[int], list[list[str] | None], list[int]]:
        """Return the block's lines that are records, and the records that were split, each with their rows."""
        lines, block = self.lines, self.lines.block
        marked = [place for place, line in enumerate(block) if self.quote in line] if self.quote else []
        plain: list[str] = []
        plain_rows: list[int] = []
        split: list[list[str] | None] = []
        split_rows: list[int] = []
        at = 0
        for place in [*marked, len(block)]:
            if place < at:
                continue  # inside a record that was read
            plain += block[at:place]
            plain_rows += range(self.done + 1, self.done + 1 + place - at)
            self.done += place - at
            at = place
            if place < len(block):
                lines.at = place
                split_rows.append(self.done + 1)
                split.append(self.next())
                at = lines.at
        return plain, plain_rows, split, split_rows


def _plain_rows(lines: list[str], rows: list[int], delimiter: str, width: int) -> pl.DataFrame:
    marks, line = pl.col("marks"), pl.col("line")
    wrong = pl.when(marks < width - 1).then(pl.lit(FEW)).when(marks >= width).then(pl.lit(MANY)).otherwise(pl.lit(""))
    # An empty line has too few fields, and is no row at all.
    wrong = pl.when((marks == 0) & (line.str.strip_chars() == "")).then(pl.lit("")).otherwise(wrong)
    stripped = line.str.strip_chars_end("\n")
    frame = pl.DataFrame({ROW: rows, "line": lines}, schema={ROW: pl.UInt32, "line": pl.String})
    frame = frame.with_columns(line.str.count_matches(delimiter, literal=True).alias("marks"))
    frame = frame.select(ROW, wrong.alias(FIELDS), stripped.str.splitn(delimiter, width + 1).alias("part"))
    return frame.unnest("part").drop(f"field_{width}")


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
            wrong.append(FEW if any(record) else "")
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


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
