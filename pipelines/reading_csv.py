"""Delimited text in a stream, split record by record, so that one bad record costs itself only.

Lines without quotation marks and with the right number of fields, nearly all of them, are split by polars, a block at a
time; so are lines whose quoted cells are each closed on the line. The rest goes through Python's csv, one by one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import headings, normal_header, places_of
from pipelines.reading import CHUNK, FEW, FIELDS, MANY, QUOTES, ROW, Chunk, whole_rows
from pipelines.reading_text import Lines, Text, opened_text
from pipelines.sources import Source

BYTES = 16 << 20  # of a chunk's text
LONGEST_FIELD = 131_072
MANY_QUOTED = 1_000  # lines of a block: fewer are not worth being looked at twice
_MARK = "\ufeff".encode()  # polars passes over one at the head of a block; here it is a letter
Places = NDArray[np.int64]


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
    yield from map(partial(_chunk, headers=headers, places=places, width=width), _joined(lines, records, width))


@dataclass(frozen=True, slots=True)
class _Block:
    """The records that begin in a block of lines: where in `frame` each lies, in order, and its row in the file."""

    frame: pl.DataFrame
    taken: Places
    rows: Places


def _joined(lines: Lines, records: _Records, width: int) -> Iterator[pl.DataFrame]:
    """Return blocks put together: what is done to a column costs as much for few rows as for many."""
    held: list[_Block] = []
    count = size = 0
    while lines.refill():
        if held and (count + len(lines.ends) > CHUNK or size + len(lines.data) > BYTES):
            yield _together(held)
            count = size = 0
        held.append(records.block(width))
        count, size = count + len(lines.ends), size + len(lines.data)
    if held:
        yield _together(held)


def _together(blocks: list[_Block]) -> pl.DataFrame:
    """Return the blocks' records as one frame; the list is emptied, so that nothing of them is in memory twice."""
    starts = np.cumsum([0, *(block.frame.height for block in blocks)])
    taken = np.concatenate([start + block.taken for start, block in zip(starts, blocks, strict=False)])
    rows = pl.Series(ROW, np.concatenate([block.rows for block in blocks]), dtype=pl.UInt32)
    frame = pl.concat([block.frame for block in blocks], rechunk=True)
    blocks.clear()
    if len(taken) < frame.height or (np.diff(taken) != 1).any():
        frame = frame[taken]
    return frame.select(rows, pl.all())


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

    def block(self, width: int) -> _Block:
        """Return the records that begin in the block, each with its row and what is wrong with its fields."""
        lines, before = self.lines, self.done
        plain, closed, odd = self._kinds(width)
        inside, records = self._walk(np.flatnonzero(odd))
        rows: Places = before + np.cumsum(~inside)
        parts: list[pl.DataFrame] = []
        places: list[Places] = []  # the lines at which the records of a part begin
        taken: list[Places] = []
        if (plain := plain & ~inside).any():
            parts.append(self._read(lines.data, len(plain), width, quote=""))
            places.append(np.flatnonzero(plain))
            taken.append(places[-1])
        if len(closed := closed[~inside[closed]]):
            data = "\n".join(_texts(lines.data).gather(closed)).encode()
            parts.append(self._read(data, len(closed), width, quote=self.quote))
            places.append(closed)
            taken.append(sum(part.height for part in parts[:-1]) + np.arange(len(closed)))
        if records or not parts:
            parts.append(_split_rows([record for _, record in records], width))
            places.append(np.array([place for place, _ in records], dtype=np.int64))
            taken.append(sum(part.height for part in parts[:-1]) + np.arange(len(records)))
        begin = np.concatenate(places)
        order = np.argsort(begin)
        return _Block(pl.concat(parts), np.concatenate(taken)[order], rows[begin[order]])

    def _kinds(self, width: int) -> tuple[NDArray[np.bool_], Places, NDArray[np.bool_]]:
        """Return which lines are records as they stand, which are with each quoted cell closed, and which csv reads."""
        data, ends = self.lines.data, self.lines.ends
        letters = np.frombuffer(data, dtype=np.uint8)
        begins = np.append(0, ends[:-1] + 1)
        size = ends - begins
        empty = (size == 0) | ((size == 1) & (letters[begins] == ord("\r")))
        marks = np.searchsorted(np.flatnonzero(letters == ord(self.delimiter)), ends)
        odd = ~empty & (np.diff(marks, prepend=0) != width - 1)
        odd[0] |= data.startswith(_MARK)
        closed: Places = np.empty(0, dtype=np.int64)
        if self.quote:
            quoted = np.unique(np.searchsorted(ends, np.flatnonzero(letters == ord(self.quote))))
            odd[quoted] = True
            if len(quoted) >= MANY_QUOTED:
                closed = quoted[self._are_closed(_texts(data).gather(quoted), width)]
                odd[closed] = False
        plain = ~(empty | odd)
        plain[closed] = False
        return plain, closed, odd

    def _are_closed(self, lines: pl.Series, width: int) -> NDArray[np.bool_]:
        """Return which lines have quoted cells only as polars and csv both read them: whole, and without a mark."""
        quote, mark = re.escape(self.quote), re.escape(self.delimiter)
        cell = f"(?:{quote}[^{quote}]*{quote}|[^{quote}{mark}]*)"
        line = pl.col("line")
        fields = line.str.replace_all(f"{quote}[^{quote}]*{quote}", "").str.count_matches(self.delimiter, literal=True)
        found = (
            lines.alias("line")
            .to_frame()
            .select(
                (line.str.len_bytes() < LONGEST_FIELD)
                & ~line.str.starts_with("\ufeff")
                & line.str.contains(f"^{cell}(?:{mark}{cell})*$")
                & (fields == width - 1)
            )
        )
        return found.to_series().to_numpy()

    def _walk(self, odd: Places) -> tuple[NDArray[np.bool_], list[tuple[int, list[str] | None]]]:
        """Let csv read from each of the lines on. Return which lines lie inside a record, and the records by line."""
        lines, before = self.lines, self.done
        inside = np.zeros(len(lines.ends), dtype=np.bool_)
        records: list[tuple[int, list[str] | None]] = []
        eaten = at = 0
        for place in odd.tolist():
            if place < at:
                continue  # inside a record that was read
            lines.at, self.done = place, before + place - eaten
            records.append((place, self.next()))
            at = lines.at
            inside[place + 1 : at] = True
            eaten += min(at, len(inside)) - place - 1
        self.done = before + len(inside) - eaten
        return inside, records

    def _read(self, data: bytes, rows: int, width: int, *, quote: str) -> pl.DataFrame:
        """Split lines of which each is a record of its own. Lines that are none give rows that mean nothing."""
        names = _names(width)
        frame = pl.read_csv(
            data,
            has_header=False,
            separator=self.delimiter,
            quote_char=quote or None,
            schema=dict.fromkeys(names, pl.String),
            empty_string_is_null=False,
            missing_columns="insert",
            extra_columns="ignore",
        )
        if frame.shape != (rows, width):
            raise AssertionError("polars split another number of rows or fields than there are")
        return frame.select(pl.lit("").alias(FIELDS), pl.all())


def _texts(data: bytes) -> pl.Series:
    return pl.scan_lines(data).collect().to_series()


def _names(width: int) -> list[str]:
    return [f"field_{place}" for place in range(width)]


def _split_rows(records: Sequence[list[str] | None], width: int) -> pl.DataFrame:
    names = [FIELDS, *_names(width)]
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
    columns = [wrong, *zip(*whole, strict=True)] if whole else [[]] * len(names)
    return pl.DataFrame(dict(zip(names, columns, strict=True)), schema=dict.fromkeys(names, pl.String))


def _chunk(frame: pl.DataFrame, *, headers: Sequence[str], places: dict[str, int], width: int) -> Chunk:
    nameless = [place for place in range(width) if not normal_header(headers[place])]
    if nameless:  # a stray delimiter at the line's end is no column; something in it is
        filled = pl.any_horizontal(pl.col(f"field_{place}").str.strip_chars().fill_null("") != "" for place in nameless)
        frame = frame.with_columns(
            pl.when(filled & (pl.col(FIELDS) == "")).then(pl.lit(MANY)).otherwise(pl.col(FIELDS)).alias(FIELDS)
        )
    chosen = frame.select(ROW, FIELDS, *(pl.col(f"field_{place}").alias(name) for name, place in places.items()))
    return Chunk(frame=whole_rows(chosen, list(places)))
