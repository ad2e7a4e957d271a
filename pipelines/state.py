"""What one step hands the next: a value as a JSON file in the run's folder, read back as the same value."""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from pipelines import atomic
from pipelines.errors import InputError

T = TypeVar("T")
FORMAT = 3  # of all that one step hands the next: raise it when an earlier version's can no longer be read


class OtherVersion(InputError, ValueError):  # noqa: N818
    """A step's output that another version wrote, or somebody changed. Names the file, no more."""

    def __init__(self, file: str) -> None:
        super().__init__("state_other_version", file=file)


def write(path: Path, value: object) -> None:
    """Write a dataclass value whole or not at all, 0600."""
    plain = _adapter(cast(Hashable, type(value))).dump_python(value)
    # json, not pydantic's own writer: that one turns an infinite end of an interval into null
    atomic.write_bytes(path, json.dumps(plain, ensure_ascii=False, indent=1, default=_text).encode(), mode=0o600)


def read(path: Path, kind: type[T]) -> T:
    """Return the value that `write` wrote; floats are equal to the bit, types are checked.

    Raises: OtherVersion, where it is not of this kind: the library's own words would quote what stands there.
    """
    try:
        value: T = _adapter(cast(Hashable, kind)).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, ValueError):
        raise OtherVersion(path.name) from None
    return value


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def _text(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} has no place in a step's state")
