"""A stage's texts that come again and again: its rows hold their numbers, which is less to sort and to seal."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines import coding


class Words:
    """A column's distinct texts by number, in the order in which they came; `columns`: how many the register has."""

    def __init__(self, texts: Sequence[str] = (), *, columns: int = 1) -> None:
        self.texts, self.columns = list(texts), columns
        self._numbers = {text: number for number, text in enumerate(self.texts)}
        self.always = True  # all rows came as numbers
        self._series = pl.Series(dtype=pl.String)
        self._ordered: tuple[pl.Enum, pl.Series] | None = None

    @property
    def full(self) -> bool:
        """Whether there are so many that the rows are better texts."""
        return len(self.texts) > coding.share(coding.MOST, self.columns)

    def numbers(self, texts: pl.Series) -> pl.Series:
        """Return the number of each text, null for none; a new text gets the next."""
        found: list[int | None] = []
        for text in texts.to_list():
            number = None if text is None else self._numbers.setdefault(text, len(self.texts))
            if number == len(self.texts):
                self.texts.append(text)
            found.append(number)
        return pl.Series(texts.name, found, dtype=pl.UInt32)

    def decoded(self, numbers: pl.Series) -> pl.Series:
        """Return numbers as texts. Texts stay as they are."""
        if numbers.dtype == pl.String:
            return numbers
        if len(self._series) < len(self.texts):
            self._series = pl.Series(self.texts, dtype=pl.String)
        return self._series.gather(numbers.cast(pl.UInt32)).alias(numbers.name)

    def ordered(self, numbers: pl.Series) -> pl.Series:
        """Return numbers as an Enum whose categories stand in the order of texts: sorted alike, for less."""
        if self._ordered is None or len(self._ordered[1]) < len(self.texts):
            texts = pl.Series(self.texts, dtype=pl.String)
            order = texts.arg_sort()
            place = pl.Series(range(len(texts)), dtype=pl.UInt32).gather(order.arg_sort())
            self._ordered = pl.Enum(texts.gather(order)), place
        kind, place = self._ordered
        return place.gather(numbers.cast(pl.UInt32)).cat.to(kind).alias(numbers.name)
