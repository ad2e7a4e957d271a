"""What searches of the same people share: who has what, the background's columns, the lists that the kernels walk."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.characteristics import Definitions
from analysis.scan import Scanner
from analysis.settings import Settings
from analysis.table import Layout, lay_out, places_of, workers
from analysis.threads import Threads
from analysis.values import Condition


@contextmanager
def sharing(settings: Settings) -> Iterator[Shared]:
    """Threads, and what searches of the same people share, for one search or several."""
    with workers(settings) as pool:
        yield Shared(pool)


class Shared:
    """Keeps what the last search made ready, for the next one that asks the same people of another outcome.

    One search after the other: all use the same room for terms. Made by `sharing`.
    """

    def __init__(self, pool: Threads) -> None:
        self.pool = pool
        self._asked: Hashable = None
        self._layout: Layout | None = None
        self._scanner: Scanner | None = None

    def layout(
        self,
        frame: pl.DataFrame,
        definitions: Definitions,
        adjust: Sequence[str],
        cluster: str | None,
        settings: Settings,
        taken: Sequence[tuple[Condition, ...]],
        who: bytes,
    ) -> Layout:
        """Return the people laid out: from memory where the last search asked the same of the same people.

        `who`: two frames with the same `who` hold the same people in the same order, outcomes aside.
        """
        asked = (who, frame.height, definitions.conditions, tuple(adjust), cluster, settings, tuple(taken))
        if self._layout is None or self._asked != asked:
            self._layout = self._scanner = None  # before the next is made: memory for one
            terms = places_of(settings.max_order) * settings.max_findings + settings.max_leads
            self._layout = lay_out(
                frame, definitions, adjust=adjust, cluster=cluster, settings=settings, terms=terms, pool=self.pool,
                taken=taken,
            )  # fmt: skip
            self._asked = asked
        return self._layout

    def scanner(self, held: NDArray[np.bool_], allowed: NDArray[np.bool_], settings: Settings, family: int) -> Scanner:
        """Return a scanner of the people last laid out, with the lists of the one before."""
        self._scanner = Scanner(held, allowed, settings, self.pool, family, like=self._scanner)
        return self._scanner
