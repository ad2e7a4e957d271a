"""People with several rows: all that is known of one is a vector, and k must hold for the whole of it.

A column that varies within people stands for each by its least and greatest value (or its set of values) while classes
are cut. Afterwards every row of a class is told the range, or the set, of all rows of all its people: no row and no
number of rows then tells two of them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

EVERYTHING = "*"
_MARK = "\x1f"  # between the values of a set, and between a column's name and what a feature is of it


def varying(rows: pl.DataFrame, *, person: str, columns: Sequence[str]) -> list[str]:
    """Return the columns in which some person has two different values; a missing value is a value."""
    if rows[person].n_unique() == rows.height:
        return []
    values = rows.group_by(person).agg(pl.col(name).n_unique() for name in columns)
    return [name for name in columns if int((values[name] > 1).sum())]


def features(rows: pl.DataFrame, *, person: str, columns: Sequence[str], vary: Sequence[str]) -> pl.DataFrame:
    """Return one row a person, sorted by `person`: constant columns as they are, the others as what they span."""
    made: list[pl.Expr] = []
    for name in columns:
        value = pl.col(name)
        if name not in vary:
            made.append(value.first())
        elif _ordered(rows[name]):
            made += [value.min(), value.max().alias(f"{name}{_MARK}max"), value.has_nulls().alias(f"{name}{_MARK}gap")]
        else:
            made.append(value.cast(pl.String).fill_null(EVERYTHING).unique().sort().str.join(_MARK))
    return rows.group_by(person).agg(made).sort(person)


def told(rows: pl.DataFrame, *, classes: str, vary: Sequence[str]) -> pl.DataFrame:
    """Return for each class how it tells the columns that vary: 60-74, {Nord, Syd}, * where some are missing."""
    asked: list[pl.Expr] = []
    for name in vary:
        value = pl.col(name)
        if _ordered(rows[name]):
            low, high = value.min(), value.max()
            dashed = low.cast(pl.String).str.contains("-", literal=True)
            between = pl.when(dashed).then(pl.lit("..")).otherwise(pl.lit("-"))
            span = pl.when(low == high).then(low.cast(pl.String)).otherwise(
                pl.concat_str(low.cast(pl.String), between, high.cast(pl.String))
            )  # fmt: skip
        else:
            distinct, everything = value.drop_nulls().unique().sort(), rows[name].drop_nulls().n_unique()
            listed = pl.concat_str(pl.lit("{"), distinct.cast(pl.String).str.join(", "), pl.lit("}"))
            number = value.drop_nulls().n_unique()
            span = (
                pl.when(number == 1).then(distinct.cast(pl.String).first())
                .when(number == everything).then(pl.lit(EVERYTHING))
                .otherwise(listed)
            )  # fmt: skip
        missing = pl.when(value.is_null().all()).then(None).when(value.has_nulls()).then(pl.lit(EVERYTHING))
        asked.append(missing.otherwise(span).cast(pl.String).alias(name))
    return rows.group_by(classes).agg(asked)


def certainty_lost(rows: pl.DataFrame, *, person: str, classes: str, columns: Sequence[str]) -> float:
    """Return the global certainty penalty: 0 where every class has one value of each column, 1 where each has all."""
    people = rows.group_by(classes).agg(pl.col(person).n_unique().alias("_people"))
    lost = 0.0
    for name in columns:
        value, known = pl.col(name), rows[name].drop_nulls()
        if _ordered(known):
            numbers = known.to_physical().cast(pl.Float64)
            width = float(numbers.max() or 0) - float(numbers.min() or 0)  # type: ignore[arg-type]
            physical = value.to_physical().cast(pl.Float64)
            share = (physical.max() - physical.min()).fill_null(0) / (width or 1.0)
        else:
            number = value.drop_nulls().n_unique()
            share = pl.when(number > 1).then(number / max(known.n_unique(), 1)).otherwise(0.0)
        mixed = value.has_nulls() & ~value.is_null().all()
        by_class = rows.group_by(classes).agg(pl.when(mixed).then(1.0).otherwise(share).alias("_lost"))
        joined = by_class.join(people, on=classes)
        lost += float((joined["_lost"] * joined["_people"]).sum())
    total = int(people["_people"].sum())
    return lost / (total * len(columns)) if total else 0.0


def _ordered(values: pl.Series) -> bool:
    return values.dtype.is_numeric() or values.dtype.is_temporal()
