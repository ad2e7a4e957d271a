"""`laering.yaml`: what people learned, and what they will do differently. It passes the gate that all words pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, cast

from pipelines.errors import InputError
from pipelines.fund import read_words, words_of
from reports.values import Lesson

FILE = "laering.yaml"
KINDS = {"sundhed": "health", "samarbejde": "together", "databeskyttelse": "data"}
FIELDS = ("laert", "anderledes", "ejer", "dato")


def read_learning(workspace: Path) -> tuple[Lesson, ...]:
    """Return the lessons, in the file's order; none where there is no file.

    Raises: InputError `fund_names_somebody`, `fund_not_read` or `learning_field`; none quotes what stands there.
    """
    file = workspace / FILE
    if not file.exists():
        return ()
    written = read_words(file)
    if not isinstance(written, dict) or any(kind not in KINDS for kind in written):
        raise InputError("learning_field", file=file, fields=", ".join(KINDS))
    return tuple(_lesson(one, kind, file) for kind, lessons in written.items() for one in lessons or ())


def _lesson(one: Any, kind: str, file: Path) -> Lesson:
    if not isinstance(one, dict) or not one.get("laert") or any(name not in FIELDS for name in one):
        raise InputError("learning_field", file=file, fields=", ".join(FIELDS))
    owner, day = (str(one[name]) if one.get(name) else "" for name in ("ejer", "dato"))
    return Lesson(
        kind=cast(Literal["health", "together", "data"], KINDS[kind]),
        learned=words_of(one["laert"]),
        differently=words_of(one.get("anderledes") or ""),
        who=", ".join(part for part in (owner, day) if part),
    )
