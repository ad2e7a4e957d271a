"""Redacting a file of notes: line for line, as it streams by, with nothing changed but the traces of people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pipelines.errors import InputError
from pseudonymisation.free_text import Redactor, replaced
from reports import catalogue
from reports.catalogue import Language

STREAM = "-"
# Every mark that some program takes for the end of a line: none may be swallowed by a trace.
_BREAKS = re.compile("(\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029])")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BOM = "\ufeff"


@dataclass(slots=True)
class Seen:
    """What went by: lines, and how many traces of each type were replaced."""

    lines: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def redactor(*, names: Path | None = None, closed: bool = False) -> Redactor:
    """Return the redactor that is asked for. `names` is a file with a full name, or a part of one, on each line.

    Raises: InputError if the file is missing, is no text, or names nobody.
    """
    return Redactor(names=_names(names) if names is not None else frozenset(), closed=closed)


def redact_lines(lines: BinaryIO, made: Redactor, *, source: str, seen: Seen | None = None) -> Iterator[bytes]:
    """Yield each line redacted, in its own encoding (UTF-8, else Windows-1252) and with its own line ending.

    Raises: InputError before anything is yielded if what comes is no text.
    """
    told = seen if seen is not None else Seen()
    for number, line in enumerate(lines):
        if number == 0 and (line.startswith(_BYTE_ORDER_MARKS) or b"\0" in line):
            raise InputError("redact_no_text", file=source)
        told.lines = number + 1
        yield _redacted(line, made, told.counts)


def open_notes(file: Path) -> BinaryIO:
    """Open a file of notes. Raises: InputError if it is missing or may not be read."""
    try:
        return file.open("rb")
    except OSError:
        raise InputError("redact_missing", file=file) from None


def summary(seen: Seen, language: Language) -> str:
    """Return one line on what was replaced: counts only."""
    counts: Mapping[str, int] = dict(sorted(seen.counts.items()))
    if not counts:
        return catalogue.text(language, "redact.nothing", lines=seen.lines)
    listed = ", ".join(
        catalogue.text(language, "redact.type", type=kind, count=often) for kind, often in counts.items()
    )
    return catalogue.text(language, "redact.done", lines=seen.lines, types=listed)


def _redacted(line: bytes, made: Redactor, counts: Counter[str]) -> bytes:
    text, encoding = _decoded(line)
    start = _BOM if text.startswith(_BOM) else ""
    parts = _BREAKS.split(text.removeprefix(_BOM))
    for place in range(0, len(parts), 2):  # the breaks stand between
        traces = made.traces(parts[place]) if parts[place] else []
        counts.update(trace.type for trace in traces)
        parts[place] = replaced(parts[place], traces)
    return (start + "".join(parts)).encode(encoding)


def _decoded(line: bytes) -> tuple[str, str]:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1"), "latin-1"  # five bytes mean nothing in Windows-1252: they are kept as they are


def _names(file: Path) -> frozenset[str]:
    try:
        data = file.read_bytes()
    except OSError:
        raise InputError("redact_missing", file=file) from None
    if data.startswith(_BYTE_ORDER_MARKS) or b"\0" in data:
        raise InputError("redact_no_text", file=file)
    text = _decoded(data)[0].removeprefix(_BOM)
    found = frozenset(line.strip().strip('"') for line in text.splitlines())
    found = frozenset(name for name in found if any(letter.isalpha() for letter in name))
    if not found:
        raise InputError("redact_no_names", file=file)
    return found
