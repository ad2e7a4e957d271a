"""The closed schema of what is ours in a contract: which custom properties there are, and what each may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

# role -> the treatments it may have, the default first
TREATMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "person_identifier": ("pseudonym",),
    "linking_identifier": ("pseudonym", "drop"),
    "direct_identifier": ("drop", "district"),
    "quasi_identifier": ("keep", "age_band", "offset", "district", "band", "drop"),
    "date": ("offset", "age_band", "drop"),
    "free_text": ("drop", "redact"),
    "sensitive": ("keep", "offset", "band", "drop"),
    "plain": ("keep", "offset", "band", "drop"),
}
# treatment -> the types it works on
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "pseudonym": ("string",),
    "drop": ("string", "integer", "number", "date", "boolean"),
    "redact": ("string",),
    "age_band": ("date",),
    "offset": ("date",),
    "district": ("string",),
    "band": ("integer", "number"),
    "keep": ("string", "integer", "number", "boolean"),  # a date as it is would be a date of a person
}
ROLES: Final = (*TREATMENTS, "unknown")
LOGICAL_TYPES: Final = ("string", "integer", "number", "date", "boolean")
TIMES: Final = ("historic", "event", "snapshot")
KINDS: Final = ("person", "household", "dwelling", "care_home", "staff", "clinic", "case", "employer", "other")
SHAPES: Final = ("cpr", "text")
ENCODINGS: Final = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "utf-16", "cp850")


@dataclass(frozen=True, slots=True)
class Rule:
    """What one custom property may hold: a reader that raises ValueError, and words for what is right."""

    read: Callable[[Any], Any]
    expected: str
    default: Any


def one_of(*choices: str, default: str = "") -> Rule:
    """Return a rule for one of some words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError
        return value

    return Rule(read, " | ".join(choices), default)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\n" in value.strip():
        raise ValueError
    return value


def _mark(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 1 or not value.isascii():
        raise ValueError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value) or len(set(value)) < len(value):
        raise ValueError
    return tuple(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _row(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
        raise ValueError
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def _bound(value: Any) -> float | date | str:
    if isinstance(value, date) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if value == "today":
        return "today"
    if not isinstance(value, str):
        raise ValueError
    return date.fromisoformat(value)


def _rising(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in value):
        raise ValueError
    if any(low >= high for low, high in pairwise(value)):
        raise ValueError
    return tuple(float(item) for item in value)


_TEXT = Rule(_text, '"…"', "")
_TEXTS = Rule(_texts, '["…", "…"]', ())
_BOUND = Rule(_bound, "1.5 | 2024-12-31 | today", None)

OF_A_CONTRACT: Final[Mapping[str, Rule]] = {
    "format": one_of("csv", "xlsx", "parquet", default="csv"),
    "encoding": one_of(*ENCODINGS, default="utf-8"),
    "delimiter": Rule(_mark, '";" | "," | "\\t"', ";"),
    "quote": Rule(_mark, '\'"\' | ""', '"'),
    "decimal": one_of(",", ".", default=","),
    "sheet": Rule(_text, '"…" | "*"', ""),
    "header_row": Rule(_row, "1 … 1000", 1),
    "key": _TEXTS,
    "max_rejected_share": Rule(_share, "0 … 1", 0.05),
    "min_known_share": Rule(_share, "0 … 1", 0.5),
    "legal_basis": _TEXT,
    "missing": _TEXTS,
    "time": one_of(*TIMES, default="event"),
    "label_da": _TEXT,
    "label_en": _TEXT,
    "population": Rule(_flag, "true | false", False),
}
OF_A_COLUMN: Final[Mapping[str, Rule]] = {
    "role": one_of(*ROLES),
    "treatment": one_of(*TYPES),
    "time": one_of(*TIMES),
    "kind": one_of(*KINDS),
    "shape": one_of(*SHAPES),
    "purpose": _TEXT,
    "label_da": _TEXT,
    "label_en": _TEXT,
    "codes": _TEXTS,
    "formats": _TEXTS,
    "minimum": _BOUND,
    "maximum": _BOUND,
    "pattern": _TEXT,
    "cuts": Rule(_rising, "[10, 20]", ()),
    "not_before": _TEXT,
}
