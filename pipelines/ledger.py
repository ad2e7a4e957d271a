"""The ledger: who did what to personal data, when, for what. Append only, every line chained to the one before.

A line is canonical JSON (RFC 8785 for integers and strings) in `ledger/AAAA-MM.jsonl`; `hash` is SHA-256 over it
without `hash`, `prev` the hash of the line before. The lines are the leaves of an RFC 6962 tree, whose head is signed
(`ledger_heads.py`) and handed outside the house. `audit.py` recomputes all of it. No values, no names of citizens.
Staff stand in it by name, so it is deleted month by month; what it proves stays in `ledger_evidence.py`'s chain.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import atomic, ledger_evidence
from pipelines.errors import InputError
from pipelines.ledger_lines import FIRST, Line, append_bytes, canonical, last_line, moment, parse, tail, timestamp

if TYPE_CHECKING:
    from pipelines.ledger_heads import Head
    from reports.values import Control

__all__ = [
    "ACTIONS",
    "FIRST",
    "Event",
    "Line",
    "append",
    "append_once",
    "canonical",
    "checkpoint",
    "evidence",
    "folder",
    "parse",
    "read",
    "segments",
    "timestamp",
    "verify",
]

VERSION = 1
ACTIONS = frozenset(
    {"ingest", "read", "search", "validate", "transform", "pseudonymise", "cohort", "split", "analyse", "attempt"}
    | {"export", "release", "package", "report", "object.add", "delete", "config.change", "limits.loosened"}
    | {"verify", "sample", "checkpoint", "alarm", "run.start", "run.end", "run.failed", "ledger.repaired"}
    | {f"release.{step}" for step in ("request", "statement", "approve", "return", "reject", "withdraw", "expire")}
    | {f"reid.{step}" for step in ("request", "approve", "run")}
    | {f"key.{step}" for step in ("create", "unlock", "rotate", "destroy")}
    | {f"person.{step}" for step in ("access", "object", "erase")}
    | {
        "hypothesis.add",
        "hypothesis.replicate",
        "hypothesis.answer",
        "log.delete",
        "study.close",
        "breach.known",
        "breach.closed",
    }
)
# A hash, or the beginning of one that names a log: ten figures in a row are nothing there.
HASHES = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|(?=[0-9]*[a-f])[0-9a-f]{16})(?![0-9a-f])")
CPR_SHAPED = re.compile(r"(?<!\d)\d{6}[-\s]?\d{4}(?!\d)")
CLOCK_TOLERANCE = timedelta(seconds=5)  # two processes that wait for each other are no clock going backwards
LOCK, DAMAGED = ".lock", "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing done to personal data, so that the controller can account for it (GDPR art. 5(2), 30)."""

    at: datetime  # with a time zone, given by the caller: a test can set the clock
    action: str  # one of ACTIONS
    study: str
    purpose: str  # of the study, in words from study.toml
    basis: str  # "GDPR art. 9(2)(j)"
    role: str = "system"
    run: str | None = None
    register: str | None = None
    people: int | None = None  # distinct people, not rows
    rows: int | None = None
    columns: int | None = None
    leads: int | None = None  # of an attempt: how many were tried
    object_sha256: str | None = None  # what was read or written, by its hash
    params_sha256: str | None = None  # with which settings
    outcome: str = "ok"
    subject: str | None = None  # whom it was about, only for acts about one person: a pseudonym of the log's own
    facts: Mapping[str, str | int] | None = None  # what else is to be proved: numbers, hashes and short words, no names
    code: str | None = None  # of an error, or a short word of what it was: never a sentence with data in it

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError("an event's action is one of ledger.ACTIONS")
        if self.at.tzinfo is None:
            raise ValueError("an event's time has a time zone")


def append(workspace: Path, event: Event, *, actor: str) -> Line:
    """Put an event at the end of the ledger; when this returns, it survives a power cut.

    A last line that a power cut left unfinished is moved aside first, and an event says so.
    Raises: InputError `ledger_damaged` when the last line is not one of ours, `disk_full` (nothing is then written).
    """
    return _append(workspace, event, actor=actor, once=None)


def append_once(workspace: Path, event: Event, once: str, *, actor: str) -> Line:
    """Put an event in the ledger unless one of this name is there: a resumed run tells each thing once.

    `once` names it: "RUN/step/what". Returns the line that stands.
    """
    return _append(workspace, event, actor=actor, once=once)


def read(workspace: Path) -> Iterator[Line]:
    """Return the ledger's lines, oldest first. Raises: InputError `ledger_damaged` at the first broken one."""
    number = 0
    for path in segments(workspace):
        with path.open("rb") as file:
            for row, raw in enumerate(file, 1):
                number += 1
                body = parse(raw.removesuffix(b"\n"))
                if body is None or not raw.endswith(b"\n"):
                    raise InputError("ledger_damaged", file=path, row=row)
                yield Line(int(body["seq"]), path.stem, raw[:-1], body)


def evidence(workspace: Path) -> Iterator[Line]:
    """Return the lines of the evidence chain, oldest first: they outlive the log. A log from before it is read itself.

    A twin that a kill left unwritten is told too: the log has it. It bears the number that it is written under next.
    """
    number = known = 0
    for line in ledger_evidence.read(workspace):
        number, known = line.number, int(line.body["log"]["seq"])
        yield line
    last = _last(workspace)
    if last is not None and ledger_evidence.expected_lines(last) != ledger_evidence.witness(workspace)["lines"]:
        for line in read(workspace):
            if line.number > known and ledger_evidence.is_kept(str(line.body["action"])):
                number += 1
                yield replace(line, number=number)


def verify(workspace: Path, *, head: Path | None = None) -> tuple[Control, ...]:
    """Return the nine controls, recomputed: see `audit.verify`."""
    from pipelines import audit  # it reads this module

    return audit.verify(workspace, head=head)


def checkpoint(workspace: Path) -> Head:
    """Sign the ledger's head and return it, to be handed outside: see `ledger_heads.checkpoint`."""
    from pipelines import ledger_heads

    return ledger_heads.checkpoint(workspace)


def segments(workspace: Path) -> list[Path]:
    """Return the ledger's monthly files, oldest first."""
    return sorted(folder(workspace).glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))


def folder(workspace: Path) -> Path:
    """Return where a workspace's ledger lies."""
    return workspace / "ledger"


def body_of(event: Event, *, actor: str) -> dict[str, Any]:
    """Return an event as a line's object, without its place in the chain; what is not there is left out."""
    thing = {"sha256": event.object_sha256, "rows": event.rows, "columns": event.columns}
    body: dict[str, Any] = {
        "v": VERSION,
        "ts": timestamp(event.at),
        "actor": actor,
        "role": event.role,
        "action": event.action,
        "purpose": event.purpose,
        "basis": event.basis,
        "study": event.study,
        "run": event.run,
        "object": {name: value for name, value in thing.items() if value is not None} or None,
        "register": event.register,
        "people": event.people,
        "leads": event.leads,
        "params_sha256": event.params_sha256,
        "subject": event.subject,
        "facts": dict(event.facts) if event.facts else None,
        "outcome": event.outcome,
        "code": event.code,
    }
    body = {name: value for name, value in body.items() if value is not None}
    told = (*body.values(), *(event.facts or {}).values())
    words = [HASHES.sub("", value) for value in told if isinstance(value, str)]
    if any(CPR_SHAPED.search(value) for value in words):  # ten figures in a row stand in every fifteenth hash
        raise ValueError("an event holds something shaped like a CPR number")  # the last net: callers never come here
    return body


def _append(workspace: Path, event: Event, *, actor: str, once: str | None) -> Line:
    body = body_of(event, actor=actor)
    with locked(workspace):
        _repair(workspace, event, actor)
        if once is not None:
            body["once"] = once
            standing = _find_once(workspace, once)
            if standing is not None:
                return standing
        return _write(workspace, body)


@contextmanager
def locked(workspace: Path) -> Iterator[None]:
    """Hold the ledger: a second writer waits its turn."""
    atomic.make_private(folder(workspace))
    with atomic.waiting_lock(folder(workspace) / LOCK):
        yield


def _write(workspace: Path, body: dict[str, Any]) -> Line:
    last = _last(workspace)
    month = str(body["ts"])[:7]
    if last is not None:
        back = moment(last.body["ts"]) - moment(body["ts"])
        if back > CLOCK_TOLERANCE:
            body["clock_back_s"] = int(back.total_seconds())
        month = max(month, last.segment)  # a clock that went back over a month's end opens no older segment
    body["seq"] = 1 if last is None else last.number + 1
    body["prev"] = FIRST if last is None else last.hash
    body["witness"] = ledger_evidence.witness(workspace)
    body["salt"] = secrets.token_hex(16)  # its hash outlives it in the evidence, and must not tell a name by guessing
    body["hash"] = sha256(canonical(body)).hexdigest()
    line = Line(body["seq"], month, canonical(body), body)
    path = folder(workspace) / f"{month}.jsonl"
    size = path.stat().st_size if path.exists() else 0
    append_bytes(path, line.raw + b"\n")
    if ledger_evidence.is_kept(body["action"]):
        try:
            ledger_evidence.append_twin(workspace, line)
        except InputError:  # no room: the event is in both chains or in neither
            os.truncate(path, size)
            raise
    return line


def _last(workspace: Path) -> Line | None:
    """Return the last line, or None in an empty ledger. Segments without a line (a full disk's) are passed over."""
    for path in reversed(segments(workspace)):
        line = last_line(path)
        if line is not None:
            return line
    return None


def _find_once(workspace: Path, once: str) -> Line | None:
    needle = b'"once":' + json.dumps(once, ensure_ascii=False).encode("utf-8")
    for path in reversed(segments(workspace)):
        data = path.read_bytes()
        place = data.rfind(needle)
        while place >= 0:
            start, end = data.rfind(b"\n", 0, place) + 1, data.find(b"\n", place)
            body = parse(data[start:end])
            if body is not None and body.get("once") == once:
                return Line(body["seq"], path.stem, data[start:end], body)
            place = data.rfind(needle, 0, start)
    return None


def _repair(workspace: Path, event: Event, actor: str) -> None:
    """Move a line that a power cut left unfinished aside, and say so in an event; also when killed in between."""
    for path in (*segments(workspace)[-1:], ledger_evidence.file_of(workspace)):
        end = tail(path) if path.exists() else b""
        if end and not end.endswith(b"\n"):
            _set_aside(path, end.rsplit(b"\n", 1)[-1])
    ledger_evidence.catch_up(workspace, _last(workspace), read(workspace))
    for part in sorted((folder(workspace) / DAMAGED).glob("*.part")):
        name = f"repair/{part.name}"
        if _find_once(workspace, name) is None:
            about = Event(
                at=event.at,
                action="ledger.repaired",
                study=event.study,
                purpose=event.purpose,
                basis=event.basis,
                object_sha256=sha256(part.read_bytes()).hexdigest(),
                code="cut_line",
            )
            _write(workspace, {**body_of(about, actor=actor), "once": name})
        os.replace(part, part.with_suffix(".noted"))


def _set_aside(path: Path, partial: bytes) -> None:
    size = path.stat().st_size
    if parse(partial) is not None:  # only its line break is missing: the event is whole, and stays
        append_bytes(path, b"\n")
        return
    aside = (
        atomic.make_private(path.parent / DAMAGED)
        / f"{path.stem}.{size - len(partial)}.{sha256(partial).hexdigest()[:8]}.part"
    )
    atomic.write_bytes(aside, partial)
    with path.open("r+b") as file:
        file.truncate(size - len(partial))
        file.flush()
        os.fsync(file.fileno())
