"""The population in several records: columns that stand in another, one row a person, become the population's own.

The CPR extract has a person's status in record 001, the address in 003, protection in 004 (`part_of` in a contract).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from pipelines.contracts import Property

__all__ = ["joined", "one_row_each"]

PERSON = "person"


def one_row_each(frames: Iterable[pl.DataFrame], *, latest: Iterable[str] = ()) -> pl.DataFrame:
    """Return a part's rows, one a person. Where somebody's rows do not agree on a value, nothing is known of it.

    Of the columns `latest` the last day counts: who came, left and came again has lived here since the second time.
    """
    last = set(latest)
    whole = pl.concat(frames).filter(pl.col(PERSON).is_not_null()).unique(maintain_order=True)
    twice = whole.filter(pl.col(PERSON).is_duplicated())
    if twice.is_empty():
        return whole
    values = [name for name in whole.columns if name != PERSON]
    agreed = twice.group_by(PERSON, maintain_order=True).agg(
        pl.col(name).max()
        if name in last
        else pl.when(pl.col(name).drop_nulls().n_unique() == 1).then(pl.col(name).drop_nulls().first())
        for name in values
    )
    return pl.concat([whole.filter(~pl.col(PERSON).is_duplicated()), agreed.select(whole.columns)])


def joined(population: pl.DataFrame, part: pl.DataFrame, columns: Iterable[Property]) -> pl.DataFrame:
    """Return the population with a part's columns: empty where somebody has no row there."""
    names = [PERSON, *(name for column in columns for name in column.told if name in part.columns)]
    return population.join(part.select(names), on=PERSON, how="left", maintain_order="left")
