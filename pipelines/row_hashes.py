"""Two hashes of 64 bits for each row: rows are alike when both are. The cells themselves are not compared.

Both are made of one hash of 64 bits of each cell. Two rows that differ in one cell are taken for one with a chance of
one in 2^64, those that differ in more with far less: of n rows that differ in the same one cell, two are with a chance
of n^2 / 2^65, which is 3 in a million million for ten thousand, and 3 in a million for ten million.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines import splitting
from pipelines.stage import HASHES


class RowHashes:
    """Hashes of some rows, to which cells are added column by column, always in one order."""

    def __init__(self, rows: int) -> None:
        self.first, self.second = np.zeros(rows, dtype=np.uint64), np.zeros(rows, dtype=np.uint64)

    def add(self, cells: pl.Series) -> None:
        """Add the hashes of a column's cells."""
        if len(cells):  # an array of none is of another kind, for which nothing was compiled
            splitting.mix_in(cells.to_numpy(), self.first, self.second)

    def series(self) -> list[pl.Series]:
        """Return the rows' hashes, each under its name."""
        return [pl.Series(name, hashes) for name, hashes in zip(HASHES, (self.first, self.second), strict=True)]
