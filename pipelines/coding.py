"""A column's cells as numbers of its distinct texts: what comes again and again is made a text once, and typed once.

A column in which nearly every text is new (people's numbers, running numbers) is left as the texts it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines import splitting

MOST = 1 << 17  # distinct texts of a column that are numbered
BYTES = 8 << 20  # of them
FULL = 20  # columns that may have so many; where there are more, each may have fewer: memory is that of these
Numbers = NDArray[np.uint32]
Places = NDArray[np.int64]
Kind = TypeVar("Kind", bound=np.generic)


def share(most: int, columns: int) -> int:
    """Return how much of what a column may have at most it may have where there are so many columns."""
    return most * FULL // max(columns, FULL)


@dataclass(frozen=True, slots=True)
class Codes:
    """A column's cells in some rows of a file: of each row the number of its text."""

    numbers: Numbers
    before: int  # how many texts the rows before these brought to light: 0 in a file's first
    new: pl.Series  # those that these brought, in the order of their numbers

    def taken(self, rows: pl.Series) -> Codes:
        """Return the cells of the rows for which something holds; the texts stay known."""
        return Codes(self.numbers[rows.to_numpy()], self.before, self.new)


class Column:
    """One column of a file, block by block; `columns`: how many the file has."""

    def __init__(self, columns: int = 1) -> None:
        self.columns = columns
        self.known, self.told = 0, 0
        self.table: NDArray[np.int32] = np.zeros(1 << 8, dtype=np.int32)
        self.hashes: NDArray[np.uint64] = np.empty(1 << 7, dtype=np.uint64)
        self.bounds: Places = np.zeros((1 << 7) + 1, dtype=np.int64)
        self.letters: splitting.Bytes = np.empty(1 << 10, dtype=np.uint8)
        self.numbered = True
        self._numbers: list[Numbers] = []
        self._texts: list[pl.Series] = []
        self._all = pl.Series(dtype=pl.String)

    def add(self, data: splitting.Bytes, cells: NDArray[np.uint32], place: int, rows: Places, size: int) -> None:
        """Take a block's cells: `rows` of `cells` at a place; `size` bytes are enough for them all."""
        if self.numbered and self._is_full():
            self._texts.append(self._decoded())
            self._numbers, self.numbered = [], False
            self.known, fresh = 0, Column()  # what it knew of them is asked for no more
            self.table, self.hashes, self.bounds = fresh.table, fresh.hashes, fresh.bounds
            self.letters, self._all = fresh.letters, fresh._all
        if not self.numbered:
            bounds = np.empty(len(rows) + 1, dtype=np.int64)
            letters = np.empty(size, dtype=np.uint8)
            splitting.copy_cells(data, cells, place, rows, bounds, letters)
            self._texts.append(_texts(bounds, letters))
            return
        self._make_room(len(rows), size)
        numbers = np.empty(len(rows), dtype=np.uint32)
        self.known = splitting.code_cells(
            data, cells, place, rows, self.table, self.hashes, self.bounds, self.letters, self.known, numbers
        )
        self._numbers.append(numbers)

    def _is_full(self) -> bool:
        most, size = share(MOST, self.columns), share(BYTES, self.columns)
        return self.known > most or int(self.bounds[self.known]) > size

    def taken(self) -> Codes | pl.Series:
        """Return the cells of all blocks since the last time."""
        if not self.numbered:
            texts, self._texts = self._texts, []
            return pl.concat(texts, rechunk=True) if texts else pl.Series(dtype=pl.String)
        numbers = np.concatenate(self._numbers) if self._numbers else np.empty(0, dtype=np.uint32)
        before, self.told, self._numbers = self.told, self.known, []
        return Codes(numbers, before, self._known(before))

    def decoded(self, codes: Codes) -> pl.Series:
        """Return codes as the texts they stand for."""
        return self.every().gather(codes.numbers)

    def every(self) -> pl.Series:
        """Return the texts that are numbered, by their numbers."""
        if len(self._all) < self.known:
            self._all = pl.concat([self._all, self._known(len(self._all))], rechunk=True)
        return self._all

    def _decoded(self) -> pl.Series:
        numbers = np.concatenate(self._numbers) if self._numbers else np.empty(0, dtype=np.uint32)
        return self.every().gather(numbers)

    def _known(self, first: int) -> pl.Series:
        bounds = self.bounds[first : self.known + 1]
        return _texts(bounds - bounds[0], self.letters[bounds[0] : bounds[-1]].copy())

    def _make_room(self, rows: int, size: int) -> None:
        most = self.known + rows
        if 2 * most > len(self.table):
            self.table = np.zeros(1 << (2 * most).bit_length(), dtype=np.int32)
            splitting.fill_table(self.table, self.hashes, self.bounds, self.known)
        if most > len(self.hashes):
            self.hashes = _longer(self.hashes, self.known, 2 * most)
            self.bounds = _longer(self.bounds, self.known + 1, 2 * most + 1)
        used = int(self.bounds[self.known])
        if used + size + splitting.PAD > len(self.letters):
            self.letters = _longer(self.letters, used, 2 * (used + size + splitting.PAD))


def _longer(held: NDArray[Kind], used: int, length: int) -> NDArray[Kind]:
    longer = np.empty(length, dtype=held.dtype)
    longer[:used] = held[:used]
    return longer


def _texts(bounds: Places, letters: splitting.Bytes) -> pl.Series:
    """Return texts from where each ends in their letters."""
    import pyarrow as pa

    array = pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(letters))
    made = pl.from_arrow(array)
    assert isinstance(made, pl.Series)
    return made
