"""Two hashes of 64 bits for each row: rows are alike when both are."""

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
        splitting.mix_in(cells.to_numpy(), self.first, self.second)

    def series(self) -> list[pl.Series]:
        """Return the rows' hashes, each under its name."""
        return [pl.Series(name, hashes) for name, hashes in zip(HASHES, (self.first, self.second), strict=True)]
