"""The ledger in memory, for reading: only what was added since last time is read, and filters have their lists."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines import ledger

__all__ = ["FILTERS", "Entry", "LedgerIndex"]

FILTERS = ("action", "actor", "month")  # what lines are looked up by


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, as pages show it."""

    number: int
    at: str
    actor: str
    role: str
    action: str
    run: str
    register: str
    people: int | None
    outcome: str
    code: str
    purpose: str
    hash: str
    object_sha256: str


@dataclass(slots=True)
class LedgerIndex:
    """Nothing is judged here: `audit verify` does that. A line that cannot be read is left out and counted."""

    workspace: Path
    entries: list[Entry] = field(default_factory=list)
    unread: int = 0
    by: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)  # segment: bytes read, inode
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> None:
        """Read what was added; from the start when a segment was replaced or cut."""
        with self._lock:
            paths = ledger.segments(self.workspace)
            if any(self._replaced(path) for path in paths) or len(self._seen) > len(paths):
                self.entries, self.unread, self._seen = [], 0, {}
                self.by = defaultdict(list)
            for path in paths:
                self._read(path)

    def page(self, filters: dict[str, str], *, page: int, size: int) -> tuple[list[Entry], int]:
        """Return one page of the lines that fit every filter, newest first, and how many fit."""
        asked = [(name, value) for name, value in filters.items() if value]
        if not asked:
            total = len(self.entries)
            end = max(0, total - (page - 1) * size)
            return list(reversed(self.entries[max(0, end - size) : end])), total
        shortest, *others = sorted(asked, key=lambda pair: len(self.by.get(pair, ())))
        places: Sequence[int] = self.by.get(shortest, ())
        if others:
            places = [place for place in places if all(_value(self.entries[place], n) == v for n, v in others)]
        end = max(0, len(places) - (page - 1) * size)
        return [self.entries[place] for place in reversed(places[max(0, end - size) : end])], len(places)

    def choices(self, name: str) -> list[str]:
        """Return the values that a filter may have."""
        return sorted({value for key, value in self.by if key == name})

    def _replaced(self, path: Path) -> bool:
        seen = self._seen.get(path.name)
        if seen is None:
            return False
        status = path.stat()
        return status.st_ino != seen[1] or status.st_size < seen[0]

    def _read(self, path: Path) -> None:
        start = self._seen.get(path.name, (0, 0))[0]
        status = path.stat()
        if status.st_size == start:
            return
        with path.open("rb") as file:
            file.seek(start)
            data = file.read()
        whole = data.rfind(b"\n") + 1  # a line that is being written waits
        for raw in data[:whole].splitlines():
            entry = _entry(raw)
            if entry is None:
                self.unread += 1
                continue
            place = len(self.entries)
            self.entries.append(entry)
            for name in FILTERS:
                self.by[name, _value(entry, name)].append(place)
        self._seen[path.name] = (start + whole, status.st_ino)


def _value(entry: Entry, name: str) -> str:
    return entry.at[:7] if name == "month" else str(getattr(entry, name))


def _entry(raw: bytes) -> Entry | None:
    try:
        body: dict[str, Any] = json.loads(raw)
        people = body.get("people")
        thing = body.get("object") or {}
        return Entry(
            number=int(body["seq"]),
            at=str(body["ts"]),
            actor=str(body.get("actor") or ""),
            role=str(body.get("role") or ""),
            action=str(body["action"]),
            run=str(body.get("run") or ""),
            register=str(body.get("register") or ""),
            people=int(people) if people is not None else None,
            outcome=str(body.get("outcome") or ""),
            code=str(body.get("code") or ""),
            purpose=str(body.get("purpose") or ""),
            hash=str(body["hash"]),
            object_sha256=str(thing.get("sha256") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
