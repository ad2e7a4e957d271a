"""Every sentence a person reads, in Danish and English, from one place: reports/locale/{da,en}/*.toml.

A message is found by its dotted key; `{name}` in it is filled from the facts given. Whole numbers are written with
the language's thousands mark, so that no caller formats a number itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from reports.numbers import Language, whole

__all__ = ["Language", "error_text", "has", "keys", "text"]

PLACES = ("row", "column")  # where in a file an error is, in this order
WRITTEN = (".toml", ".yaml", ".yml")  # files that people write: they have lines, no rows


def text(language: Language | str, key: str, facts: Mapping[str, str | int] | None = None, **more: str | int) -> str:
    """Return a message in a language, its fields filled. Raises KeyError for an unknown key or a missing field."""
    language = Language(language)
    written = {
        name: value if isinstance(value, str) else whole(value, language)
        for name, value in {**(facts or {}), **more}.items()
    }
    return _messages(language)[key].format_map(written)


def has(key: str) -> bool:
    """Return whether the catalogue has a message of this key."""
    return key in _messages(Language.DA)


def keys(language: Language | str) -> frozenset[str]:
    """Return every key of a language: a test holds the two languages to the same ones."""
    return frozenset(_messages(Language(language)))


def error_text(language: Language | str, key: str, facts: Mapping[str, str | int]) -> str:
    """Return an error in its one form: where, what was found, what was expected, what to do.

    The place is made of `file`, `row` and `column`, those that are there. An error's messages are
    `error.KEY.found`, `.expected` (may be absent) and `.cure`.
    """
    place = ", ".join(
        [str(facts["file"])]
        + [
            text(language, f"error.place.{_place(name, facts)}", {name: facts[name]})
            for name in PLACES
            if name in facts
        ]
    )
    lines = [f"{text(language, 'error.place.error')} {place}"]
    for part in ("found", "expected", "cure"):
        if has(f"error.{key}.{part}"):
            label = text(language, f"error.place.{part}")
            lines.append(f"  {label:<10} {text(language, f'error.{key}.{part}', facts)}")
    return "\n".join(lines)


def _place(name: str, facts: Mapping[str, str | int]) -> str:
    """Return what a place is called: a file that people write has lines, a register's has rows."""
    return "line" if name == "row" and str(facts["file"]).endswith(WRITTEN) else name


@cache
def _messages(language: Language) -> dict[str, str]:
    flat: dict[str, str] = {}
    folder = files("reports") / "locale" / language.value
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            _flatten(tomllib.loads(file.read_text(encoding="utf-8")), "", flat)
    return flat


def _flatten(tree: Mapping[str, Any], prefix: str, into: dict[str, str]) -> None:
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            _flatten(value, key + ".", into)
        elif key in into:
            raise ValueError(f"message {key} stands twice in the catalogue")
        else:
            into[key] = str(value)
