"""A ledger's line: its one way of being written, its hash, and how it comes to the disk. Both chains have such."""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines import atomic
from pipelines.errors import InputError

__all__ = ["FIRST", "Line", "append_bytes", "canonical", "last_line", "moment", "parse", "tail", "timestamp"]

FIRST = "0" * 64  # what the first line is chained to
SAFE = 2**53 - 1  # the largest integer that every JSON reader keeps
TAIL = 65_536
ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger as it stands on disk."""

    number: int  # from 1
    segment: str  # "2026-11"
    raw: bytes  # without the line break
    body: dict[str, Any]

    @property
    def hash(self) -> str:
        return str(self.body["hash"])

    def __getitem__(self, field: str) -> Any:
        """Return a field of the line, None where it is left out."""
        return self.body.get(field)


def canonical(body: dict[str, Any]) -> bytes:
    """Return the one way to write an object of strings and integers: RFC 8785's, since no other type is let in."""
    _check_types(body)
    # Sorted by code point, as our ASCII names are also by UTF-16 unit.
    return ENCODE(body).encode("utf-8")


def _check_types(body: dict[str, Any]) -> None:
    for name, value in body.items():
        kind = type(value)
        if kind is dict:
            _check_types(value)
        elif kind is not str and not (kind is int and -SAFE <= value <= SAFE):
            raise ValueError(f"a ledger line holds strings and whole numbers only: {name}")


def parse(raw: bytes) -> dict[str, Any] | None:
    """Return a line's object when it is written as we write it and its hash is its own, else None."""
    try:
        body = json.loads(raw.decode("utf-8"))
        if not isinstance(body, dict) or canonical(body) != raw:
            return None
        # Cut its own hash out of the bytes: a quote inside a string is escaped, so the words stand there only once.
        rest = raw.replace(b'"hash":"%s",' % body["hash"].encode(), b"", 1)
        whole = sha256(rest).hexdigest() == body["hash"]
        return body if whole and type(body["seq"]) is int and type(body["prev"]) is str else None
    except (ValueError, KeyError, AttributeError, RecursionError):
        return None


def timestamp(at: datetime) -> str:
    """Return a time as the ledger writes it: UTC, milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def moment(text: str) -> datetime:
    """Return the time that a line tells."""
    return datetime.fromisoformat(text)


def append_bytes(path: Path, data: bytes) -> None:
    """Put bytes at the end of a file, on the disk when this returns, or leave it as it was (InputError `disk_full`)."""
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        before = os.fstat(descriptor).st_size
        try:
            written = os.write(descriptor, data)
            if written != len(data):
                raise OSError(errno.ENOSPC, "short write")
            os.fsync(descriptor)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(descriptor, before)  # an event is there whole or not at all
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise InputError("disk_full", file=path) from None
            raise
    finally:
        os.close(descriptor)
    if new:
        atomic.sync_folder(path.parent)


def tail(path: Path) -> bytes:
    """Return the end of a file: enough to hold its last line."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        return file.read()


def last_line(path: Path) -> Line | None:
    """Return a file's last line, None where it has none. Raises: InputError `ledger_damaged` where it is broken."""
    raw = tail(path).removesuffix(b"\n").rsplit(b"\n", 1)[-1] if path.exists() else b""
    if not raw:
        return None
    body = parse(raw)
    if body is None:
        raise InputError("ledger_damaged", file=path)
    return Line(body["seq"], path.stem, raw, body)
