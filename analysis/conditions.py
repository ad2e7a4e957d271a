"""Evaluate conditions: which people does a statement hold for?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.values import Condition


def expression(condition: Condition) -> pl.Expr:
    """Return the condition as a polars expression that is never null: a missing value holds only for `==` None."""
    column = pl.col(condition.column)
    value = condition.value
    match condition.operator:
        case "==":
            return column.is_null() if value is None else column.eq(pl.lit(value)).fill_null(False)
        case "in":
            values = value if isinstance(value, tuple) else (value,)
            named = [one for one in values if one is not None]
            inside = column.is_in(named).fill_null(False)
            return inside | column.is_null() if len(named) < len(values) else inside
        case ">=":
            return column.ge(pl.lit(value)).fill_null(False)
        case "<":
            return column.lt(pl.lit(value)).fill_null(False)
        case "between":
            if not isinstance(value, tuple) or len(value) != 2:
                raise ValueError("between takes a low and a high value")
            return (column.ge(pl.lit(value[0])) & column.lt(pl.lit(value[1]))).fill_null(False)
    raise ValueError("unknown operator")


def known(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with "not a number" as missing: polars would order it above every number."""
    return frame.with_columns(pl.selectors.float().fill_nan(None))


def extents(conditions: Sequence[Condition], frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Return for whom each condition holds. Shape: (conditions, people), C order."""
    held = np.zeros((len(conditions), frame.height), dtype=np.bool_)
    if conditions and frame.height:
        columns = known(frame.select(list(dict.fromkeys(one.column for one in conditions)))).select(
            expression(one).cast(pl.UInt8).alias(str(index))  # a byte each: handed over without a copy
            for index, one in enumerate(conditions)
        )
        for index in range(len(conditions)):
            held[index] = columns[str(index)].to_numpy()
    return held


def columns_of(condition: Condition) -> frozenset[str]:
    """Return the columns a condition speaks of, those of its merged near-duplicates included."""
    return frozenset({condition.column, *(other.column for other in condition.also)})
