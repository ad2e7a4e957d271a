"""The evidence chain: what must be provable as long as the study lives, with roles and hashes, and no names.

The personal log (`AAAA-MM.jsonl`) says who did what, and is deleted month by month when the study's own period is
over. Each of its lines that proves something (an attempt, a release, a published cell, a key) has a twin here, in
`ledger/evidence.jsonl`, written in the same breath. The two chains witness each other: a twin holds its log line's
number and hash, and every log line holds the number and hash of the evidence line before it. A log line has a random
`salt`, so that its hash, which stays here, cannot be used to guess whose name stood in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines.errors import InputError
from pipelines.ledger_lines import FIRST, Line, append_bytes, canonical, last_line, parse
from pipelines.ledger_tree import Tree

__all__ = ["KEPT", "Gone", "append_twin", "catch_up", "expected_lines", "file_of", "gone", "read", "twin", "witness"]

FILE = "evidence.jsonl"
KEPT_PREFIXES = (
    *("attempt", "hypothesis.", "split", "release", "package", "report"),
    *("key.", "reid.", "object.", "person.", "run.", "breach."),
)
KEPT = frozenset({"limits.loosened", "config.change", "ledger.repaired", "log.delete", "study.close"})
# What of a log line has no place beside it: who (a name, or whose number), and the log's own order.
PERSONAL = frozenset({"actor", "subject", "salt", "once", "witness", "clock_back_s", "seq", "prev", "hash"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The part of the personal log that was deleted on time: what is needed to go on from its end, and no more."""

    months: str  # "2020-01..2021-03": everything until then
    lines: int
    last_hash: str
    tree: Tree  # as it stood at that line
    first: str  # the beginning of the log's first hash: the log's name
    deleted: str  # when
    days: int  # the period that was over


def file_of(workspace: Path) -> Path:
    """Return where the evidence chain lies."""
    return workspace / "ledger" / FILE


def is_kept(action: str) -> bool:
    """Return whether an action proves something beyond the personal log's life."""
    return action in KEPT or action.startswith(KEPT_PREFIXES)


def read(workspace: Path) -> Iterator[Line]:
    """Return the evidence lines, oldest first. Raises: InputError `ledger_damaged` at the first broken one."""
    path = file_of(workspace)
    if not path.exists():
        return
    with path.open("rb") as file:
        for row, raw in enumerate(file, 1):
            body = parse(raw.removesuffix(b"\n"))
            if body is None or not raw.endswith(b"\n"):
                raise InputError("ledger_damaged", file=path, row=row)
            yield Line(int(body["seq"]), path.stem, raw[:-1], body)


def witness(workspace: Path) -> dict[str, Any]:
    """Return what a log line says of the evidence chain: how long it is, and its last hash."""
    last = last_line(file_of(workspace))
    return {"lines": 0, "hash": FIRST} if last is None else {"lines": last.number, "hash": last.hash}


def twin(line: Line) -> dict[str, Any]:
    """Return a log line's evidence, without its place in the chain."""
    kept = {name: value for name, value in line.body.items() if name not in PERSONAL}
    return {**kept, "log": {"seq": line.number, "hash": line.hash}}


def append_twin(workspace: Path, line: Line) -> None:
    """Put a log line's twin at the end of the evidence chain. Raises: InputError `disk_full`."""
    made = _chained(line, last_line(file_of(workspace)))
    append_bytes(file_of(workspace), made.raw + b"\n")


def _chained(line: Line, before: Line | None) -> Line:
    """Return a log line's twin as it stands after the evidence line before it."""
    number, previous = (0, FIRST) if before is None else (before.number, before.hash)
    body = {**twin(line), "seq": number + 1, "prev": previous}
    body["hash"] = sha256(canonical(body)).hexdigest()
    return Line(number + 1, "evidence", canonical(body), body)


def expected_lines(line: Line) -> int | None:
    """Return how long the evidence chain is when a log line is the last; None for a line from before there was one."""
    told = line.body.get("witness")
    return int(told["lines"]) + is_kept(str(line.body["action"])) if isinstance(told, dict) else None


def catch_up(workspace: Path, last: Line | None, lines: Iterable[Line]) -> None:
    """Write the twins that a kill or a power cut left out. `last` is the log's last line, `lines` all of them.

    Raises: InputError `ledger_changed` where the evidence knows of more than the log does: lines were cut from it.
    """
    standing = last_line(file_of(workspace))
    told = 0 if standing is None else standing.number
    expected = expected_lines(last) if last is not None else 0
    if expected is not None and told == expected:
        return
    known = 0 if standing is None else int(standing.body["log"]["seq"])
    if (expected is not None and told > expected) or (last is not None and known > last.number):
        raise InputError("ledger_changed", file=file_of(workspace))
    parts = []
    for line in lines:
        if line.number > known and is_kept(str(line.body["action"])):
            standing = _chained(line, standing)
            parts.append(standing.raw + b"\n")
    if parts:
        append_bytes(file_of(workspace), b"".join(parts))


def gone(workspace: Path) -> Gone | None:
    """Return what was deleted of the personal log, by its last deletion; None where nothing was."""
    found = None
    path = file_of(workspace)
    for raw in path.read_bytes().split(b"\n") if path.exists() else ():
        body = parse(raw) if b'"log.delete"' in raw else None
        if body is not None and body["action"] == "log.delete":
            found = body
    if found is None:
        return None
    facts = found["facts"]
    return Gone(
        months=str(facts["months"]),
        lines=int(facts["lines"]),
        last_hash=str(facts["last_hash"]),
        tree=Tree.resumed(int(facts["lines"]), str(facts["tree"])),
        first=str(facts["first"]),
        deleted=str(found["ts"]),
        days=int(facts["days"]),
    )
