"""A combination as people write it, "flyttet_180d=ja & ny_hjemmepleje=ja": read, and told wrong part by part."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.values import Condition, Operator, Scalar
from pipelines.errors import InputError
from pipelines.shown import shown_name

YES, NO = ("ja", "yes", "true", "sand", "1"), ("nej", "no", "false", "falsk", "0")
UNKNOWN = ("?",)
MOST = 3  # parts
_PART = re.compile(r"\s*([^\s=<>&]+)\s*(>=|<|=)\s*([^&]*?)\s*")


@dataclass(frozen=True, slots=True)
class Written:
    """One part as it was written: a column, a comparison, and a value still in text."""

    column: str
    operator: Operator
    value: str


def parse(text: str, *, file: Path | str, field: str = "known") -> tuple[Written, ...]:
    """Return the parts of a combination. Raises: InputError `pattern_shape` or `pattern_parts`; neither quotes it."""
    parts = []
    for piece in text.split("&"):
        match = _PART.fullmatch(piece)
        if match is None or not match[3]:
            raise InputError("pattern_shape", file=file, field=field)
        operator: Operator = "==" if match[2] == "=" else ">=" if match[2] == ">=" else "<"
        parts.append(Written(match[1], operator, match[3]))
    if not 2 <= len(parts) <= MOST or len({part.column for part in parts}) < len(parts):
        raise InputError("pattern_parts", file=file, field=field, most=MOST)
    return tuple(parts)


def conditions(
    parts: Sequence[Written], columns: Mapping[str, pl.DataType], *, file: Path | str, field: str = "known"
) -> tuple[Condition, ...]:
    """Return the parts as conditions on these columns, sorted by column.

    Raises: InputError `pattern_column` for a column that is no characteristic, `pattern_value` for a value that its
    kind of column cannot have.
    """
    made = []
    for part in parts:
        if part.column not in columns:
            raise InputError("pattern_column", file=file, field=field, part=shown_name(part.column))
        value = _value(part, columns[part.column])
        if value is _WRONG:
            raise InputError("pattern_value", file=file, field=field, part=shown_name(part.column))
        made.append(Condition(column=part.column, operator=part.operator, value=value))  # type: ignore[arg-type]
    return tuple(sorted(made, key=lambda one: one.column))


_WRONG = object()


def _value(part: Written, kind: pl.DataType) -> Scalar | object:
    text = part.value.strip().strip("\"'")
    if part.operator == "==" and text in UNKNOWN:
        return None
    if kind == pl.Boolean:
        low = text.lower()
        return _WRONG if part.operator != "==" or low not in (*YES, *NO) else low in YES
    if kind.is_numeric():
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return _WRONG
        return int(number) if kind.is_integer() and number.is_integer() and part.operator == "==" else number
    return text if part.operator == "==" else _WRONG
