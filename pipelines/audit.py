"""`undring audit verify`: nine controls, recomputed from the files as they stand, never read from a stored verdict.

Needs no key and no access to the data. A control is True, False, or None: there is nothing to judge yet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines import audit_outputs, audit_places, audit_releases, ledger, ledger_evidence, ledger_heads
from pipelines.audit_evidence import Evidence, judged, unequal
from pipelines.ledger import Line
from pipelines.ledger_evidence import Gone
from pipelines.ledger_heads import Head
from pipelines.ledger_tree import Tree, leaf_hash
from reports.values import Control

__all__ = ["CONTROLS", "sample", "show", "verify"]

CONTROLS = ("chain", "witness", "approved", "identifiers", "groups", "comparing", "key", "retention", "logs")


@dataclass(slots=True)
class Chain:
    """What reading the whole ledger showed."""

    lines: int = 0
    broken: str = ""  # the first thing that is wrong: a catalogue word, never a value
    place: str = ""  # where: segment and row
    root: bytes = b""
    origin: str = ""
    clock_back: int = 0
    roots: dict[int, bytes] = field(default_factory=dict)  # at the sizes that a head speaks of
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def gone(self) -> Gone | None:
        """What was deleted of the log, and when."""
        return self.evidence.gone


def verify(
    workspace: Path, *, head: Path | None = None, now: datetime | None = None, only: Collection[str] = CONTROLS
) -> tuple[Control, ...]:
    """Return the nine controls of a workspace, or `only` some, in the order of the DPO's page.

    `head` is a checkpoint that was handed outside earlier: only with it are a cut log with cut checkpoints, and a
    log rewritten with a stolen key, found.
    """
    now = now or datetime.now(UTC)
    given = ledger_heads.parse_head(head) if head is not None else None
    signed = ledger_heads.checkpoints(workspace)
    origin = _origin(workspace)
    kept = ledger_heads.kept_head(origin) if origin else None
    chain = _read_chain(workspace, origin, [one for one in (given, kept, *signed) if one is not None])
    settings = _settings(workspace)
    checks: dict[str, Callable[[], tuple[bool | None, dict[str, str | int]]]] = {
        "chain": lambda: _chain(chain, expected=bool(signed) or head is not None or _something_ran(workspace)),
        "witness": lambda: _witness(workspace, chain, signed, kept, given, asked=head is not None),
        "approved": lambda: audit_releases.approved(workspace, chain.evidence.approved),
        "identifiers": lambda: audit_outputs.identifiers(workspace, settings),
        "groups": lambda: audit_outputs.groups(workspace, settings),
        "comparing": lambda: audit_outputs.comparing(workspace, settings),
        "key": lambda: audit_places.key_apart(workspace, settings),
        "retention": lambda: audit_places.retention(workspace, settings, now),
        "logs": lambda: audit_places.logs(workspace, settings),
    }
    return tuple(_control(name, checks[name]) for name in CONTROLS if name in only)


def show(workspace: Path, lines: int = 20) -> tuple[Line, ...]:
    """Return the ledger's last lines, newest first."""
    found: list[Line] = []
    for path in reversed(ledger.segments(workspace)):
        for raw in reversed(path.read_bytes().split(b"\n")):
            body = ledger.parse(raw) if raw else None
            if body is not None:
                found.append(Line(body["seq"], path.stem, raw, body))
            if len(found) == lines:
                return tuple(found)
    return tuple(found)


def sample(workspace: Path, lines: int = 20, *, month: str | None = None) -> tuple[Line, ...]:
    """Return random lines of what people did in a closed month, drawn with a seed from the head at its end.

    Nobody can know the draw before the month closes, and anyone can repeat it. Without `month`: the last one that
    is closed, or while the first is still open, that one.
    """
    names = [path.stem for path in ledger.segments(workspace)]
    if not names:
        return ()
    chosen = month or (names[-2] if len(names) > 1 else names[-1])
    gone, human = ledger_evidence.gone(workspace), []
    tree = gone.tree if gone is not None else Tree()
    for line in ledger.read(workspace):
        if line.segment > chosen:
            break
        tree.add(leaf_hash(line.raw))
        if line.segment == chosen and line["role"] != "system":
            human.append(line)
    seed = tree.root()
    drawn = sorted(human, key=lambda line: sha256(seed + line.number.to_bytes(8, "big")).digest())[:lines]
    return tuple(sorted(drawn, key=lambda line: line.number))


def _control(name: str, check: Callable[[], tuple[bool | None, dict[str, str | int]]]) -> Control:
    try:
        passed, facts = check()
    except Exception as error:  # a control that cannot be computed has not passed; the rest still speak
        passed, facts = False, {"reason": "not_computed", "type": type(error).__name__}
    return Control(key=f"control.{name}", passed=passed, facts=tuple((key, str(value)) for key, value in facts.items()))


def _read_chain(workspace: Path, origin: str, heads: list[Head]) -> Chain:
    """Read every line of both chains; go on after a broken one, so that the heads are judged by what stands."""
    chain = Chain(origin=origin)
    chain.evidence = judged(workspace, {head.evidence[0] for head in heads if head.evidence is not None})
    tree, previous = (chain.gone.tree, chain.gone.last_hash) if chain.gone else (Tree(), ledger.FIRST)
    sizes = {head.size for head in heads}
    if tree.size in sizes:
        chain.roots[tree.size] = tree.root()
    deleted = chain.gone.months.rpartition("..")[2] if chain.gone else ""
    for path in ledger.segments(workspace):
        if path.stem <= deleted:
            _note(chain, "gone_is_here", path, 1)
            continue
        data = path.read_bytes()
        rows, month = data.split(b"\n"), path.stem
        if rows.pop():
            _note(chain, "cut_line", path, len(rows) + 1)
        for row, raw in enumerate(rows, 1):
            tree.add(leaf_hash(raw))
            if tree.size in sizes:
                chain.roots[tree.size] = tree.root()
            body = ledger.parse(raw)
            if body is None:
                _note(chain, "line_changed", path, row)
                continue
            if body["seq"] != tree.size or body["prev"] != previous:
                _note(chain, "line_moved", path, row)
            if str(body["ts"])[:7] > month:
                _note(chain, "line_misplaced", path, row)
            if unequal(Line(tree.size, month, raw, body), chain.evidence):
                _note(chain, "evidence_differs", path, row)
            chain.clock_back += "clock_back_s" in body
            previous = body["hash"]
    told = tree.size
    if chain.evidence.broken:
        _note(chain, chain.evidence.broken, ledger_evidence.file_of(workspace), chain.evidence.row)
    elif chain.evidence.twins and max(chain.evidence.twins) > told:
        _note(chain, "log_shorter", ledger_evidence.file_of(workspace), len(chain.evidence.twins))
    chain.lines, chain.root = tree.size, tree.root()
    return chain


def _note(chain: Chain, word: str, path: Path, row: int) -> None:
    if not chain.broken:
        chain.broken, chain.place = word, f"{path.name}:{row}"


def _chain(chain: Chain, *, expected: bool) -> tuple[bool | None, dict[str, str | int]]:
    if chain.broken:
        return False, {"reason": chain.broken, "place": chain.place, "lines": chain.lines}
    if not chain.lines:
        return (False if expected else None), {"reason": "no_lines"}
    facts: dict[str, str | int] = {"lines": chain.lines, "head": chain.root.hex(), "evidence": chain.evidence.lines}
    if chain.gone is not None:
        facts |= {"names_gone": chain.gone.months, "names_gone_lines": chain.gone.lines, "deleted": chain.gone.deleted}
    return True, {**facts, **({"clock_back": chain.clock_back} if chain.clock_back else {})}


def _something_ran(workspace: Path) -> bool:
    """Return whether a run left something: then there was a ledger, whoever took it and its signed heads away."""
    left = ("findings.json", "draft", "vault/registers", "quarantine/K-*", "runs/K-*", "releases/*", "outbox/*")
    return any(next(workspace.glob(name), None) is not None for name in left)


def _witness(
    workspace: Path, chain: Chain, signed: list[Head | None], kept: Head | None, given: Head | None, *, asked: bool
) -> tuple[bool | None, dict[str, str | int]]:
    keys = ledger_heads.vkeys(workspace)
    own = ledger_heads.own_key(chain.origin) if chain.origin else None
    if asked and given is None:
        return False, {"reason": "head_unreadable"}
    for head in signed:
        wrong = "checkpoint_unreadable" if head is None else _wrong(head, chain, keys)
        if wrong:
            return False, {"reason": wrong}
    newest = max((head for head in signed if head is not None), key=lambda head: head.size, default=None)
    if newest is not None and own is not None and ledger_heads.signed_by(newest, [own]) is None:
        return False, {"reason": "foreign_key"}  # signed, but not by this machine
    for outside in (kept, given):
        wrong = _wrong(outside, chain, keys) if outside is not None else None
        if wrong:
            return False, {"reason": wrong, "size": outside.size if outside is not None else 0}
    if given is not None and _speaks_of_nothing_left(given, chain):
        return None, {"reason": "head_of_gone", "size": given.size}
    if given is not None:
        return True, {"size": given.size, "checkpoints": len(signed)}
    return None, {"reason": "no_head" if signed else "no_checkpoint", "checkpoints": len(signed)}


def _wrong(head: Head, chain: Chain, keys: list[str]) -> str | None:
    """Return why a head does not speak for this ledger, or None."""
    if head.origin != chain.origin:
        return "other_log"
    if head.size > chain.lines:
        return "lines_missing"
    if not _of_gone(head, chain) and chain.roots.get(head.size) != head.root:
        return "lines_changed"
    if head.evidence is not None and head.evidence[0] > chain.evidence.lines:
        return "lines_missing"
    if head.evidence is not None and chain.evidence.roots.get(head.evidence[0]) != head.evidence[1]:
        return "lines_changed"
    if ledger_heads.signed_by(head, keys) is None:
        return "signature_wrong"
    return None


def _of_gone(head: Head, chain: Chain) -> bool:
    """Return whether the log lines that a head speaks of were deleted on time: it then proves the evidence alone."""
    return chain.gone is not None and head.size < chain.gone.lines


def _speaks_of_nothing_left(head: Head, chain: Chain) -> bool:
    return _of_gone(head, chain) and head.evidence is None


def _origin(workspace: Path) -> str:
    """Return the log's name, or nothing when its first line is not one: then no head fits."""
    gone = _gone(workspace)
    for path in ledger.segments(workspace)[:1]:
        with path.open("rb") as file:
            body = ledger.parse(file.readline().removesuffix(b"\n"))
        if body is not None:
            return f"undring/{body.get('study')}/{gone.first if gone else str(body['hash'])[:16]}"
    return ""


def _gone(workspace: Path) -> Gone | None:
    try:
        return ledger_evidence.gone(workspace)
    except (KeyError, ValueError, OSError):  # it was tampered with: the chain says so
        return None


def _settings(workspace: Path) -> dict[str, Any]:
    """Return study.toml as it is: the controls also judge a workspace whose study no longer passes `check`."""
    try:
        return tomllib.loads((workspace / "study.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
