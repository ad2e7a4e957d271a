"""A column whose cells are numbers of its distinct texts: each is typed once in a file, for all its rows."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.coding import Codes
from pipelines.contracts import Contract, Property
from pipelines.stage_words import Words
from pipelines.typed import DTYPES, typed_column

SEED = 11  # of a cell's hash


class TypedTexts:
    """What a column's distinct texts are, as they come to light: `staged` is how they wait in the stage."""

    def __init__(self, column: Property, contract: Contract, today: date, words: Words | None) -> None:
        self.column, self.contract, self.today, self.words = column, contract, today, words
        self._forget()

    def _forget(self) -> None:
        self.texts = pl.Series(dtype=pl.String)
        self.values = pl.Series(self.column.name, dtype=DTYPES[self.column.logical_type])
        self.staged = pl.Series(self.column.name, dtype=pl.UInt32 if self.words is not None else self.values.dtype)
        self.hashes = pl.Series(dtype=pl.UInt64)
        self.fault = pl.Series(dtype=pl.String)
        self.repaired = pl.Series(dtype=pl.Boolean)
        self.faulty = self.mended = False  # whether any of them is

    def learn(self, codes: Codes) -> None:
        """Type the texts that some rows brought to light. Chunks come in the order in which they were read."""
        if not codes.before:
            self._forget()  # another file
        if not len(codes.new):
            return
        new = typed_column(codes.new, self.column, self.contract, number_cells=False, today=self.today)
        self.texts = pl.concat([self.texts, codes.new], rechunk=True)
        self.values = pl.concat([self.values, new.values], rechunk=True)
        self.hashes = pl.concat([self.hashes, new.values.hash(SEED)], rechunk=True)
        if self.words is not None and not self.words.full:
            self.staged = pl.concat([self.staged, self.words.numbers(new.values)], rechunk=True)
        else:
            self.words, self.staged = None, self.values
        self.fault = pl.concat([self.fault, new.fault], rechunk=True)
        self.repaired = pl.concat([self.repaired, new.repaired_at], rechunk=True)
        self.faulty = bool((self.fault != "").any())
        self.mended = bool(self.repaired.any())
