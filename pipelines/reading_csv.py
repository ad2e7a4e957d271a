"""Delimited text in a stream, split record by record, so that one bad record costs itself only.

Lines with the right number of cells, each without a quotation mark or whole between two, nearly all of them, are split
as bytes, a block at a time. The rest goes through Python's csv, one by one.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines import splitting
from pipelines.coding import Codes, Column
from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import headings, normal_header, places_of
from pipelines.reading import CHUNK, FEW, FIELDS, MANY, QUOTES, ROW, Chunk, is_blank
from pipelines.reading_text import Lines, Text, opened_text
from pipelines.sources import Source

BYTES = 16 << 20  # of a chunk's text
LONGEST_FIELD = 131_072
Places = NDArray[np.int64]
Cells = NDArray[np.uint32]


def csv_chunks(contract: Contract, source: Source, *, coded: bool = False) -> Iterator[Chunk]:
    """Return a delimited file's rows. Raises: InputError `encoding_wrong`, `header_missing`, `quote_open` ..."""
    with opened_text(contract.encoding, source) as stream:
        yield from chunks_of(contract, stream, source.name, coded=coded)


def chunks_of(contract: Contract, stream: Text, file: str, *, coded: bool = False) -> Iterator[Chunk]:
    """Return a stream's rows, the headings among them. `coded`: columns may be numbers of their texts."""
    lines = Lines(stream, file)
    records = _Records(lines, contract, file)
    top: list[list[str]] = []
    for _ in range(contract.header_row + contract.header_rows - 1):
        top.append(records.next() or [])
    headers = headings(top[contract.header_row - 1 :])
    if not headers:
        raise InputError("file_empty", file=file)
    places = places_of(contract, headers, file)
    nameless = [place for place, header in enumerate(headers) if not normal_header(header)]
    table = _Table(len(headers), places, nameless, coded=coded)
    count = size = 0
    while lines.refill():
        if count and (count + len(lines.ends) > CHUNK or size + len(lines.data) > BYTES):
            yield table.chunk()
            count = size = 0
        table.add(records.block(len(headers)))
        count, size = count + len(lines.ends), size + len(lines.data)
    if count:
        yield table.chunk()


@dataclass(frozen=True, slots=True)
class _Block:
    """The records that begin in a block of lines, in order: which of `cells` are theirs, and their rows in the file.

    Good until the next block is asked for.
    """

    data: splitting.Bytes
    cells: Cells  # (lines, width, 2): where each begins and ends in `data`
    taken: Places
    rows: Places
    wrong: dict[int, str]  # by place in `taken`


class _Table:
    """Blocks put together column by column: what is done to a column costs as much for few rows as for many."""

    def __init__(self, width: int, places: dict[str, int], nameless: Sequence[int], *, coded: bool) -> None:
        self.places, self.nameless, self.coded = places, nameless, coded
        asked = (*places.values(), *nameless)
        self.columns = {place: Column(len(asked)) for place in asked}
        self.rows: list[Places] = []
        self.wrong: dict[int, str] = {}
        self.height = 0

    def add(self, block: _Block) -> None:
        """Take a block's records."""
        cells = block.cells
        sizes = (cells[:, :, 1] - cells[:, :, 0]).sum(axis=0, dtype=np.int64).tolist()
        for place, column in self.columns.items():
            column.add(block.data, cells, place, block.taken, sizes[place])
        self.rows.append(block.rows)
        self.wrong |= {self.height + place: reason for place, reason in block.wrong.items()}
        self.height += len(block.rows)

    def chunk(self) -> Chunk:
        """Return the rows since the last time in which something stands."""
        rows = pl.Series(ROW, np.concatenate(self.rows), dtype=pl.UInt32)
        cells = {place: column.taken() for place, column in self.columns.items()}
        wrong = pl.repeat("", self.height, dtype=pl.String, eager=True).alias(FIELDS)
        if self.wrong:
            wrong = wrong.scatter(list(self.wrong), list(self.wrong.values()))
        for place in self.nameless:  # a stray delimiter at the line's end is no column; something in it is
            filled = self._of_each(place, cells[place], lambda texts: texts.str.strip_chars() != "")
            wrong = pl.select(pl.when(filled & (wrong == "")).then(pl.lit(MANY)).otherwise(wrong)).to_series()
        empty = pl.Series([True]).new_from_index(0, self.height)
        for place in self.places.values():  # in most files the first column settles it
            empty = empty & self._of_each(place, cells[place], is_blank)
            if not empty.any():
                break
        chosen = {name: cells[place] for name, place in self.places.items()}
        coded = {name: found for name, found in chosen.items() if isinstance(found, Codes)}
        if not self.coded:
            chosen |= {name: self.columns[self.places[name]].decoded(codes) for name, codes in coded.items()}
            coded = {}
        texts = [found.alias(name) for name, found in chosen.items() if isinstance(found, pl.Series)]
        frame = pl.DataFrame([rows, wrong.alias(FIELDS), *texts])
        self.rows, self.wrong, self.height = [], {}, 0
        if empty.any():
            kept = ~empty | (wrong != "")
            frame, coded = frame.filter(kept), {name: codes.taken(kept) for name, codes in coded.items()}
        return Chunk(frame=frame, coded=coded)

    def _of_each(self, place: int, cells: Codes | pl.Series, holds: Callable[[pl.Series], pl.Series]) -> pl.Series:
        """Return what holds of each cell, asked once of each text that is numbered."""
        if isinstance(cells, pl.Series):
            return holds(cells)
        return holds(self.columns[place].every()).gather(cells.numbers)


class _Records:
    """Records: a line without quotation marks is one as it stands; from one with a mark on, Python's csv decides."""

    def __init__(self, lines: Lines, contract: Contract, file: str) -> None:
        self.lines, self.quote, self.file, self.delimiter = lines, contract.quote, file, contract.delimiter
        style = {"quotechar": contract.quote} if contract.quote else {"quoting": csv.QUOTE_NONE}
        self.reader = csv.reader(lines, delimiter=contract.delimiter, strict=True, **style)
        self.cells: Cells = np.empty((0, 0, 2), dtype=np.uint32)
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
        """Return the records that begin in the block, each with its row and what is wrong with its cells."""
        lines, before = self.lines, self.done
        data = np.frombuffer(lines.data, dtype=np.uint8)
        padded = np.concatenate((data, np.zeros(splitting.PAD, dtype=np.uint8)))
        kinds = np.empty(len(lines.ends), dtype=np.int32)
        most = min(len(kinds), len(data) // width) + 1
        if len(self.cells) < most:  # made anew for each block, the room costs as much as what is done in it
            self.cells = np.empty((most, width, 2), dtype=np.uint32)
        cells = self.cells
        quote = ord(self.quote) if self.quote else splitting.NO_QUOTE
        plain = splitting.find_cells(padded, lines.ends, ord(self.delimiter), quote, width, LONGEST_FIELD, kinds, cells)
        inside, records = self._walk(np.flatnonzero(kinds == splitting.ODD))
        rows: Places = before + np.cumsum(~inside)
        begin = np.flatnonzero((kinds >= 0) & ~inside)
        if not records:
            return _Block(padded, cells[:plain], kinds[begin].astype(np.int64), rows[begin], {})
        letters, odd, wrong = _odd_cells([record for _, record in records], width)
        places = np.array([place for place, _ in records])
        before_them = np.searchsorted(begin, places)
        return _Block(
            np.concatenate((data, letters)),
            np.concatenate((cells[:plain], len(data) + odd)),
            np.insert(kinds[begin].astype(np.int64), before_them, plain + np.arange(len(records))),
            rows[np.insert(begin, before_them, places)],
            {int(before_them[record]) + record: reason for record, reason in wrong.items()},
        )

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


def _odd_cells(records: Sequence[list[str] | None], width: int) -> tuple[splitting.Bytes, Cells, dict[int, str]]:
    """Return the letters of records that csv read, where in them each cell lies, and what is wrong with a record."""
    wrong: dict[int, str] = {}
    cells: list[bytes] = []
    for place, record in enumerate(records):
        found = record or []
        if record is None:
            wrong[place] = QUOTES
        elif len(record) < width and any(cell.strip() for cell in record):
            wrong[place] = FEW
        elif any(record[width:]):
            wrong[place] = MANY
        cells += [cell.encode() for cell in found[:width]]
        cells += [b""] * (width - len(found))
    ends = np.cumsum([0, *map(len, cells)])
    letters = np.frombuffer(b"".join(cells) + bytes(splitting.PAD), dtype=np.uint8)
    between = np.stack((ends[:-1], ends[1:]), axis=1).astype(np.uint32)
    return letters, between.reshape(len(records), width, 2), wrong
