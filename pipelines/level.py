"""A register that can be joined with nobody, as a check of level: how many has it in the outcome's own window?"""

from __future__ import annotations

from fnmatch import fnmatchcase

import polars as pl

from pipelines.study import Level
from pipelines.study_toml import Scalar

__all__ = ["how_many"]


def how_many(level: Level, frame: pl.DataFrame, index_day: int) -> int:
    """Return how many different numbers of the register's own have a row that counts, in the level's window."""
    start, end = level.window
    day = pl.col(level.date)
    rows = frame.filter((day >= start + index_day) & (day < end + index_day))
    for column, values in level.where:
        rows = rows.filter(pl.col(column).is_in(_those(frame[column], values)))
    return int(rows[level.count].drop_nulls().n_unique())


def _those(column: pl.Series, values: tuple[Scalar, ...]) -> list[object]:
    """The column's values that are meant: `*` stands for any letters and `?` for one, as in a study's other rules."""
    found = column.drop_nulls().unique().to_list()
    return [one for one in found if any(one == value or _like(one, value) for value in values)]


def _like(one: object, value: Scalar) -> bool:
    return isinstance(one, str) and isinstance(value, str) and fnmatchcase(one, value.replace("[", "[[]"))
