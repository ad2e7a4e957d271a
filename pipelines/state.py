"""What one step hands the next: a value as a JSON file in the run's folder, read back as the same value."""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from pipelines import atomic

T = TypeVar("T")


def write(path: Path, value: object) -> None:
    """Write a dataclass value whole or not at all, 0600."""
    plain = _adapter(cast(Hashable, type(value))).dump_python(value)
    # json, not pydantic's own writer: that one turns an infinite end of an interval into null
    atomic.write_bytes(path, json.dumps(plain, ensure_ascii=False, indent=1, default=_text).encode(), mode=0o600)


def read(path: Path, kind: type[T]) -> T:
    """Return the value that `write` wrote; floats are equal to the bit, types are checked."""
    value: T = _adapter(cast(Hashable, kind)).validate_python(json.loads(path.read_text(encoding="utf-8")))
    return value


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def _text(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} has no place in a step's state")
