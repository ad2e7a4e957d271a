"""The closed schema of what is ours in a contract: which custom properties there are, and what each may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final

# role -> the treatments it may have, the default first
TREATMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "person_identifier": ("pseudonym",),
    "linking_identifier": ("pseudonym", "drop"),
    "direct_identifier": ("drop", "district"),
    "quasi_identifier": ("keep", "age_band", "offset", "district", "band", "drop"),
    "date": ("offset", "age_band", "drop"),
    "free_text": ("drop", "concepts", "redact"),
    "sensitive": ("keep", "offset", "band", "drop"),
    "plain": ("keep", "offset", "band", "drop"),
}
# treatment -> the types it works on
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "pseudonym": ("string",),
    "drop": ("string", "integer", "number", "date", "boolean"),
    "redact": ("string",),
    "concepts": ("string",),
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
FORMATS: Final = (
    "csv", "fixed", "xlsx", "xls", "xlsb", "ods", "parquet", "sas", "stata", "spss", "duckdb", "postgres",
)  # fmt: skip
DATABASES: Final = ("duckdb", "postgres")
IN_TEXT: Final = "cpr_in_text"  # one CPR number among other words: "Navn (ddmmåå-xxxx)"
SHAPES: Final = ("cpr", IN_TEXT, "text")
DEPARTED: Final = ("held", "gone")  # whether those who died or moved are still in the file
DELIVERIES: Final = ("full", "changes")
MASS_DAYS: Final = (
    "leave_out",
    "unknown",
    "keep",
)  # rows of one day on which something technical happened to many at once
FILE_NAME: Final = "file_name"  # the day of extraction stands in the file's name
EVERYBODY: Final = "everybody"
HEADING: Final = "{heading}"  # physicalName of the two columns that wide ones become
CELL: Final = "{cell}"
# What a code looks like. Shape only: whether the code exists is not for a contract to say.
CODE_LISTS: Final[Mapping[str, str]] = {
    "sks": r"[A-ZÆØÅ][A-Z0-9ÆØÅ]{1,9}",
    "icd10": r"D?[A-Z][0-9]{2}\.?[0-9A-Z]{0,4}",
    "atc": r"[A-Z](?:[0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?)?",
    "icpc2": r"[ABDFHKLNPRSTUWXYZ][0-9]{2}",
    "municipality": r"0?(?:1[0-9]{2}|[2-8][0-9]{2})",
    "post_code": r"[0-9]{4}",
}
CONCEPT: Final = re.compile(r"[a-zæøå][a-zæøå0-9_]{0,39}")
CONCEPT_WORDS: Final = re.compile(r"[^\W\d_]{2,}(?:[ -][^\W\d_]+)*\*?")  # words, the last perhaps begun only: falde*
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


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError
        return value

    return read


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A day on which what a register says changed meaning: a law, a scale, a system."""

    date: date
    what: str
    columns: tuple[str, ...] = ()  # () is the register as a whole
    mapping: tuple[tuple[str, str], ...] = ()  # old code, new code: with it a window may straddle the day

    def touches(self, columns: set[str]) -> bool:
        """Whether the break changed one of these columns, or the rows themselves."""
        return not self.columns or not columns.isdisjoint(self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Who can have a row at all: outside it a characteristic is undefined, never "no"."""

    min_age: int | None = None
    max_age: int | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()  # of the population's columns


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFor:
    """For whom an event can be seen: people with an earlier row in this register. None: for everybody."""

    register: str
    date: str


def _concepts(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    named = _object(value, set(), set(value) if isinstance(value, dict) else set())
    made = tuple((_text(name), _texts(words)) for name, words in named.items())
    for name, words in made:
        if not CONCEPT.fullmatch(name) or not words or not all(CONCEPT_WORDS.fullmatch(one) for one in words):
            raise ValueError
    if not made:
        raise ValueError
    return made


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        raise ValueError
    return value if isinstance(value, date) else date.fromisoformat(_text(value))


def _extracted(value: Any) -> date | str:
    return FILE_NAME if value == FILE_NAME else _day(value)


def _object(value: Any, needed: set[str], allowed: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or not needed <= set(value) <= allowed:
        raise ValueError
    return value


def _seen_for(value: Any) -> SeenFor | str:
    if value == EVERYBODY:
        return EVERYBODY
    named = _object(value, {"register", "date"}, {"register", "date"})
    return SeenFor(register=_filled(named["register"]), date=_filled(named["date"]))


def _filled(value: Any) -> str:
    if not _text(value).strip():
        raise ValueError
    return str(value)


def _breaks(value: Any) -> tuple[Break, ...]:
    if not isinstance(value, list):
        raise ValueError
    made = []
    for one in value:
        item = _object(one, {"date", "what"}, {"date", "what", "columns", "mapping"})
        mapping = item.get("mapping", "none")
        codes = {} if mapping == "none" else _object(mapping, set(), set(mapping))
        if mapping != "none" and (not codes or not item.get("columns")):
            raise ValueError  # codes of which column?
        made.append(
            Break(
                date=_day(item["date"]),
                what=_filled(item["what"]),
                columns=_texts(item.get("columns", [])),
                mapping=tuple((_text(old), _text(new)) for old, new in codes.items()),
            )
        )
    return tuple(sorted(made, key=lambda one: one.date))


def _eligibility(value: Any) -> Eligibility:
    item = _object(value, set(), {"min_age", "max_age", "where"})
    where = _object(item.get("where", {}), set(), set(item.get("where", {})))
    if not item:
        raise ValueError
    ages = [_age(item.get(name)) for name in ("min_age", "max_age")]
    return Eligibility(
        min_age=ages[0], max_age=ages[1], where=tuple((_text(name), _texts(codes)) for name, codes in where.items())
    )


def _answer(rule: Rule) -> Rule:
    """Return a rule for a question of a draft: an empty text is one that nobody has answered yet."""
    return Rule(lambda value: rule.default if value == "" else rule.read(value), rule.expected, rule.default)


def _age(value: Any) -> int | None:
    return None if value is None else _whole(0, 120)(value)


_TEXT = Rule(_text, '"…"', "")
_TEXTS = Rule(_texts, '["…", "…"]', ())
_BOUND = Rule(_bound, "1.5 | 2024-12-31 | today", None)

OF_A_CONTRACT: Final[Mapping[str, Rule]] = {
    "format": one_of(*FORMATS, default="csv"),
    "encoding": one_of(*ENCODINGS, default="utf-8"),
    "delimiter": Rule(_mark, '";" | "," | "\\t"', ";"),
    "quote": Rule(_mark, '\'"\' | ""', '"'),
    "decimal": one_of(",", ".", default=","),
    "sheet": Rule(_text, '"…" | "*"', ""),
    "header_row": Rule(_whole(1, 1000), "1 … 1000", 1),
    "header_rows": Rule(_whole(1, 1000), "1 … 1000", 1),
    "skip_rows": _TEXTS,
    "fill_down": _TEXTS,
    "wide": _TEXT,
    "record": _TEXT,
    "records": _TEXTS,
    "end_record": _TEXT,
    "key": _TEXTS,
    "max_rejected_share": Rule(_share, "0 … 1", 0.05),
    "min_known_share": Rule(_share, "0 … 1", 0.5),
    "legal_basis": _TEXT,
    "missing": _TEXTS,
    "time": one_of(*TIMES),  # nothing said is a snapshot: a column that may have been overwritten looks ahead
    "extracted": Rule(_extracted, "2025-01-31 | file_name", None),
    "dead_and_moved": _answer(one_of(*DEPARTED)),
    "whole_from": _answer(Rule(_day, "2015-01-01", None)),
    "seen_for": _answer(Rule(_seen_for, "everybody | {register: …, date: …}", None)),
    "delivery": _answer(one_of(*DELIVERIES)),
    "maturity": Rule(_whole(0, 3650), "0 … 3650", 0),
    "breaks": Rule(_breaks, "[{date: 2024-01-01, what: …, columns: […], mapping: none | {old: new}}]", ()),
    "eligibility": Rule(_eligibility, "{min_age: 75, max_age: …, where: {column: […]}}", None),
    "label_da": _TEXT,
    "label_en": _TEXT,
    "population": Rule(_flag, "true | false", False),
    "part_of": _TEXT,
    "unlinked": Rule(_flag, "true | false", False),
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
    "missing": _TEXTS,
    "minimum": _BOUND,
    "maximum": _BOUND,
    "pattern": _TEXT,
    "concepts": Rule(_concepts, '{fald: ["fald", "faldt", "falde*"]}', ()),
    "cuts": Rule(_rising, "[10, 20]", ()),
    "not_before": _TEXT,
    "service": Rule(_flag, "true | false", False),
    "empty": one_of("unknown", "never"),
    "code_list": one_of(*CODE_LISTS),
    "eligibility": Rule(_eligibility, "{min_age: 75, max_age: …, where: {column: […]}}", None),
    "former": Rule(_flag, "true | false", False),
    "optional": Rule(_flag, "true | false", False),
    "mass_day": one_of(*MASS_DAYS),
    "arrival": Rule(_flag, "true | false", False),
    "start": Rule(_whole(1, 100_000), "1 … 100000", 0),
    "width": Rule(_whole(1, 100_000), "1 … 100000", 0),
}
