"""The evidence chain as `verify` judges it: whole, of one piece with the log, and deleted from only when it was due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines import audit_releases, ledger_evidence
from pipelines.ledger_evidence import Gone
from pipelines.ledger_lines import FIRST, Line, parse
from pipelines.ledger_tree import Tree, leaf_hash

__all__ = ["Evidence", "judged", "unequal"]


@dataclass(slots=True)
class Evidence:
    """What reading the evidence chain showed."""

    lines: int = 0
    broken: str = ""  # the first thing that is wrong
    row: int = 0
    roots: dict[int, bytes] = field(default_factory=dict)
    twins: dict[int, Line] = field(default_factory=dict)  # by the number of the log line that each speaks of
    hashes: list[str] = field(default_factory=list)  # of each line, the start first
    approved: set[str] = field(default_factory=set)  # hashes of what was approved for release
    gone: Gone | None = None


def judged(workspace: Path, sizes: set[int]) -> Evidence:
    """Read the whole evidence chain, on past a broken line; heads are wanted at `sizes`."""
    from pipelines.audit_places import overdue_month

    found, tree = Evidence(hashes=[FIRST]), Tree()
    path = ledger_evidence.file_of(workspace)
    if 0 in sizes:
        found.roots[0] = tree.root()
    rows = path.read_bytes().split(b"\n") if path.exists() else [b""]
    if rows.pop():
        _note(found, "cut_line", len(rows) + 1)
    log = 0
    for row, raw in enumerate(rows, 1):
        tree.add(leaf_hash(raw))
        if tree.size in sizes:
            found.roots[tree.size] = tree.root()
        body = parse(raw)
        told = body.get("log") if body is not None else None
        if body is None or not isinstance(told, dict) or not isinstance(told.get("seq"), int):
            _note(found, "evidence_changed", row)
            found.hashes.append("")
            continue
        if body["seq"] != row or body["prev"] != found.hashes[-1] or told["seq"] <= log:
            _note(found, "evidence_moved", row)
        log = told["seq"]
        found.hashes.append(str(body["hash"]))
        found.twins[log] = Line(row, path.stem, raw, body)
        if str(body["action"]).startswith("release"):
            audit_releases.take(found.approved, body)
        if body["action"] == "log.delete":
            facts = body.get("facts", {})
            last = str(facts.get("months", "")).rpartition("..")[2]
            if not overdue_month(last, datetime.fromisoformat(str(body["ts"])), int(facts["days"])):
                _note(found, "deleted_early", row)
    found.lines = tree.size
    found.gone = ledger_evidence.gone(workspace)
    return found


def unequal(line: Line, evidence: Evidence) -> bool:
    """Return whether a log line and the evidence chain do not say the same of one another."""
    told = line.body.get("witness")
    if isinstance(told, dict):
        place = told.get("lines")
        if not isinstance(place, int) or not 0 <= place < len(evidence.hashes):
            return True
        if evidence.hashes[place] != told.get("hash"):
            return True
    twin = evidence.twins.get(line.number)
    if twin is None:  # a line from before there were two chains may still wait for its twin
        return isinstance(told, dict) and ledger_evidence.is_kept(str(line.body["action"]))
    plain = {name: value for name, value in twin.body.items() if name not in ("seq", "prev", "hash")}
    return plain != ledger_evidence.twin(line)


def _note(found: Evidence, word: str, row: int) -> None:
    if not found.broken:
        found.broken, found.row = word, row
