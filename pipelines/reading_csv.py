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
    """Return a delimited file's rows. Raises: InputError `encoding_wrong`, `file_binary`, `header_missing`, `quote_open` ..."""
    text = decoded(contract, data, file)
    quoted = bool(contract.quote) and contract.quote in text
    stream = io.StringIO(text, newline=None)  # \r\n and \r are line ends too
    del text
    if not quoted:
        yield from _plain_chunks(contract, stream, file)
    else:
        yield from _quoted_chunks(contract, stream, file)


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
        raise InputError("encoding_is_utf8", file=file, encoding=encoding)  # read on, every æ would be two wrong letters
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError("encoding_wrong", file=file, row=row, encoding=encoding) from None
    if encoding.startswith("utf-16") and "\x00" in text[:_SAMPLE]:
        raise InputError("file_binary", file=file, encoding=encoding)
    return text


def _plain_chunks(contract: Contract, stream: io.StringIO, file: str) -> Iterator[Chunk]:
    """Split lines without quotation marks, all of a chunk at once."""
    lines = list(islice(stream, contract.header_row))
    if len(lines) < contract.header_row:
        raise InputError("file_empty", file=file)
    headers = lines[-1].rstrip("\n").split(contract.delimiter)
    places = places_of(contract, headers, file)
    width, row = len(headers), contract.header_row
    while lines := list(islice(stream, LINES)):
        if max(map(len, lines)) > LONGEST_FIELD * width:
            raise InputError("field_endless", file=file, row=row + 1 + [len(line) > LONGEST_FIELD * width for line in lines].index(True))
        whole = pl.Series("line", lines, dtype=pl.String).str.strip_chars_end("\n").to_frame()
        parts = whole.select(
            (pl.int_range(pl.len(), dtype=pl.UInt32) + row + 1).alias(ROW),
            pl.col("line").str.count_matches(contract.delimiter, literal=True).alias("marks"),
            pl.col("line").str.splitn(contract.delimiter, width + 1).alias("part"),
        ).unnest("part")
        row += len(lines)
        wrong = pl.when(pl.col("marks") < width - 1).then(pl.lit(FEW)).when(pl.col("marks") >= width).then(pl.lit(MANY)).otherwise(pl.lit(""))
        # An empty line has too few fields, and is no row at all.
        wrong = pl.when((pl.col("marks") == 0) & (pl.col("field_0").str.strip_chars() == "")).then(pl.lit("")).otherwise(wrong)
        frame = parts.with_columns(wrong.alias(FIELDS))
        yield _chunk(frame, headers, places, width)


def _quoted_chunks(contract: Contract, stream: io.StringIO, file: str) -> Iterator[Chunk]:
    """Read records with quotation marks, in which a line may break."""
    reader = csv.reader(stream, delimiter=contract.delimiter, quotechar=contract.quote, strict=True)
    records = _records(reader, file)
    head = list(islice(records, contract.header_row))
    if len(head) < contract.header_row or not head[-1]:
        raise InputError("file_empty", file=file)
    headers = head[-1]
    places = places_of(contract, headers, file)
    width, row = len(headers), contract.header_row
    while block := list(islice(records, LINES)):
        wrong = []
        for place, record in enumerate(block):
            if record is None:
                block[place] = [""] * width
                wrong.append(QUOTES)
            elif len(record) == width:
                wrong.append("")
            elif len(record) < width:
                wrong.append(FEW if any(record) else "")
                block[place] = record + [""] * (width - len(record))
            else:
                wrong.append(MANY if any(record[width:]) else "")
                block[place] = record[:width]
        columns = {f"field_{place}": values for place, values in enumerate(zip(*block, strict=True))}  # type: ignore[arg-type]
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
            pl.Series(FIELDS, wrong, dtype=pl.String),
            (pl.int_range(len(block), dtype=pl.UInt32, eager=True) + row + 1).alias(ROW),
        )
        row += len(block)
        yield _chunk(frame, headers, places, width)


def _records(reader: object, file: str) -> Iterator[list[str] | None]:
    """Return records, None for one whose quotation marks make no sense: the next line is a new record."""
    rows = 0
    while True:
        try:
            record = next(reader)  # type: ignore[call-overload]
        except StopIteration:
            return
        except csv.Error as error:
            # Only the kind of the error is looked at: a mark that never closes swallows the rest of the file.
            if str(error) == "unexpected end of data" or "field limit" in str(error):
                raise InputError("quote_open", file=file, row=rows + 1) from None
            record = None
        rows += 1
        yield record


def _chunk(frame: pl.DataFrame, headers: Sequence[str], places: dict[str, int], width: int) -> Chunk:
    nameless = [place for place in range(width) if not normal_header(headers[place])]
    if nameless:  # a stray delimiter at the line's end is no column; something in it is
        filled = pl.any_horizontal(pl.col(f"field_{place}").str.strip_chars().fill_null("") != "" for place in nameless)
        frame = frame.with_columns(pl.when(filled & (pl.col(FIELDS) == "")).then(pl.lit(MANY)).otherwise(pl.col(FIELDS)).alias(FIELDS))
    chosen = frame.select(ROW, FIELDS, *(pl.col(f"field_{place}").alias(name) for name, place in places.items()))
    return Chunk(frame=whole_rows(chosen, list(places)))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
