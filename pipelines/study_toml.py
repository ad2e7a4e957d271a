"""A closed schema over a TOML file: each wrong or unknown key is noted with its path, and all are told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pipelines.errors import InputError
from reports.values import Words

Scalar = str | int | float | bool
NAME_SHAPE: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
REQUIRED: Final = object()
NO_WORDS: Final = Words(da="", en="")


class Table:
    """One TOML table while it is read. A getter notes an error and returns a harmless value of its type."""

    def __init__(self, values: Mapping[str, Any], *, file: Path, errors: list[InputError], path: str = "") -> None:
        self.values, self.file, self.errors, self.path = values, file, errors, path
        self.known: list[str] = []

    def note(self, key: str, name: str, **facts: str | int) -> None:
        """Note an error at a key of this table."""
        self.errors.append(InputError(key, file=self.file, field=self._at(name), **facts))

    def text(self, name: str, default: Any = REQUIRED) -> str:
        value = self._get(name, default, (str,), "text")
        if default is REQUIRED and isinstance(value, str) and not value.strip() and name in self.values:
            self.note("study_empty", name)
        return value if isinstance(value, str) else ""

    def name(self, name: str) -> str:
        """A name of ours: small ASCII letters, digits and underscores. It becomes a column, a file or a folder."""
        value = self.text(name)
        if value and not NAME_SHAPE.fullmatch(value):
            self.note("study_name_shape", name)
        return value

    def skip(self, name: str) -> str:
        """An empty text, for a key that may be there and stand empty."""
        self.known.append(name)
        return ""

    def maybe_text(self, name: str) -> str | None:
        self.known.append(name)
        return self.text(name) if name in self.values else None

    def choice(self, name: str, choices: tuple[str, ...], default: Any = REQUIRED) -> str:
        value = self.text(name, default)
        if name in self.values and value not in choices:
            self.note("study_choice", name, choices=", ".join(choices))
            return choices[0]
        return value or choices[0]

    def whole(self, name: str, default: Any = REQUIRED, *, low: int | None = None, high: int | None = None) -> int:
        value = self._get(name, default, (int,), "whole")
        self._between(name, value, low, high)
        return value if isinstance(value, int) else 0

    def maybe_whole(self, name: str, *, low: int | None = None, high: int | None = None) -> int | None:
        self.known.append(name)
        return self.whole(name, low=low, high=high) if name in self.values else None

    def number(
        self, name: str, default: Any = REQUIRED, *, low: float | None = None, high: float | None = None
    ) -> float:
        value = self._get(name, default, (int, float), "number")
        self._between(name, value, low, high)
        return float(value) if isinstance(value, int | float) else 0.0

    def maybe_number(self, name: str) -> float | None:
        self.known.append(name)
        return self.number(name) if name in self.values else None

    def flag(self, name: str, default: Any = REQUIRED) -> bool:
        return self._get(name, default, (bool,), "flag") is True

    def maybe_day(self, name: str) -> date | None:
        value = self._get(name, None, (date,), "date")
        return value if isinstance(value, date) else None

    def words(self, name: str, default: Any = REQUIRED) -> Words:
        """`{da = "…", en = "…"}`, both filled."""
        value = self._get(name, default, (dict,), "words")
        return self._as_words(name, value) if isinstance(value, dict) else NO_WORDS

    def maybe_words(self, name: str) -> Words | None:
        self.known.append(name)
        return self.words(name) if name in self.values else None

    def list_of_words(self, name: str) -> tuple[Words, ...]:
        value = self._get(name, [], (list,), "list")
        found = value if isinstance(value, list) else []
        return tuple(self._as_words(f"{name}[{place}]", item) for place, item in enumerate(found, 1))

    def scalars(self, name: str) -> tuple[Scalar, ...]:
        """A list of texts, numbers or yes/no; one alone stands for a list of one."""
        value = self._get(name, [], (list, str, int, float, bool), "scalars")
        found = tuple(value) if isinstance(value, list) else (value,)
        if name in self.values and (not found or not all(isinstance(item, str | int | float | bool) for item in found)):
            self.note("study_type_scalars", name)
            return ()
        return tuple(item for item in found if isinstance(item, str | int | float | bool))

    def window(self, name: str) -> tuple[int, int] | None:
        """`[from, to)` in days from the index date."""
        value = self._get(name, None, (list,), "window")
        if value is None:
            return None
        if not (isinstance(value, list) and len(value) == 2 and all(type(day) is int for day in value)):
            self.note("study_type_window", name)
            return None
        if value[0] >= value[1]:
            self.note("study_window_empty", name)
            return None
        return (value[0], value[1])

    def table(self, name: str, *, required: bool = False) -> Table:
        value = self._get(name, REQUIRED if required else {}, (dict,), "table")
        return self._below(name, value if isinstance(value, dict) else {})

    def tables(self, name: str, *, at_least_one: bool = False) -> tuple[Table, ...]:
        """`[[name]]`, in order; an entry is called by its own name in errors where it has one."""
        value = self._get(name, REQUIRED if at_least_one else [], (list,), "tables")
        found = value if isinstance(value, list) else []
        if not all(isinstance(item, dict) for item in found) or (at_least_one and name in self.values and not found):
            self.note("study_type_tables", name)
            return ()
        return tuple(self._below(f"{name}[{item.get('name', place)}]", item) for place, item in enumerate(found, 1))

    def done(self) -> None:
        """Note every key that no getter asked for."""
        for name in self.values:
            if name not in self.known:
                near = get_close_matches(name, self.known, n=1)
                facts = {"near": near[0]} if near else {}
                self.note("study_unknown_key_near" if near else "study_unknown_key", name, **facts)

    def _get(self, name: str, default: Any, kinds: tuple[type, ...], words: str) -> object:
        self.known.append(name)
        if name not in self.values:
            if default is REQUIRED:
                self.note("study_missing_key", name)
                return None
            return default
        value = self.values[name]
        # A yes/no is an int to Python and a timestamp a date: neither is what was asked for.
        wrong = (isinstance(value, bool) and bool not in kinds) or isinstance(value, datetime)
        if wrong or not isinstance(value, kinds):
            self.note(f"study_type_{words}", name)
            return None if default is REQUIRED else default
        return value

    def _between(self, name: str, value: object, low: float | None, high: float | None) -> None:
        if name in self.values and isinstance(value, int | float):
            if low is not None and value < low:
                self.note("study_too_low", name, low=str(low))
            elif high is not None and value > high:
                self.note("study_too_high", name, high=str(high))

    def _as_words(self, name: str, value: object) -> Words:
        if isinstance(value, dict) and value.keys() == {"da", "en"}:
            da, en = value["da"], value["en"]
            if isinstance(da, str) and isinstance(en, str) and da.strip() and en.strip():
                return Words(da=da, en=en)
        self.note("study_type_words", name)
        return NO_WORDS

    def _below(self, name: str, values: Mapping[str, Any]) -> Table:
        return Table(values, file=self.file, errors=self.errors, path=self._at(name))

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name
