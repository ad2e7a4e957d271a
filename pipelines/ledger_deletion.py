"""Deleting the personal log's months when the study's own period is over: the evidence says what went, and goes on.

GDPR art. 5(1)(e) for the staff who stand in it by name. A deletion is an event of its own, in both chains, before a
byte is removed: one that is killed in between is finished by the next, and until then `verify` says what is still here.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipelines import atomic, ledger, ledger_evidence, ledger_heads
from pipelines.audit_places import overdue_month
from pipelines.errors import InputError
from pipelines.ledger import Event
from pipelines.ledger_tree import Tree, leaf_hash

__all__ = ["delete_due", "due"]


def due(workspace: Path, *, days: int, now: datetime) -> tuple[str, ...]:
    """Return the months that ended more than `days` days ago, oldest first; never the one that is written in."""
    months = [path.stem for path in ledger.segments(workspace)]
    return tuple(month for month in months[:-1] if overdue_month(month, now, days))


def delete_due(workspace: Path, event: Event, *, actor: str, days: int) -> tuple[str, ...]:
    """Delete the log's months that are past the study's period; return them. `event`: its study, purpose and basis.

    Raises: InputError `ledger_damaged` or `ledger_changed` where a chain is broken: what is deleted can never be
    checked again, so it is checked first.
    """
    from dataclasses import replace

    from pipelines import audit

    finish(workspace)
    months = due(workspace, days=days, now=event.at)
    if not months:
        return ()
    controls = {one.key: one for one in audit.verify(workspace, now=event.at, only=("chain", "witness"))}
    if controls["control.chain"].passed is not True or controls["control.witness"].passed is False:
        raise InputError("ledger_damaged", file=ledger.folder(workspace))
    ledger_heads.checkpoint(workspace)  # every closed month's end is signed before it goes
    gone = ledger_evidence.gone(workspace)
    tree, last = (gone.tree, gone.last_hash) if gone is not None else (Tree(), ledger.FIRST)
    first = gone.first if gone is not None else ledger_heads.origin_of(workspace).rpartition("/")[2]
    for line in ledger.read(workspace):
        if line.segment > months[-1]:
            break
        tree.add(leaf_hash(line.raw))
        last = line.hash
    began = gone.months.partition("..")[0] if gone is not None else months[0]
    facts: dict[str, str | int] = {
        "months": f"{began}..{months[-1]}",
        "lines": tree.size,
        "last_hash": last,
        "tree": tree.text(),
        "first": first,
        "days": days,
    }
    ledger.append(workspace, replace(event, action="log.delete", facts=facts), actor=actor)
    finish(workspace)
    ledger_heads.checkpoint(workspace)
    return months


def finish(workspace: Path) -> None:
    """Remove what a recorded deletion was to remove: the months, and the pieces of cut lines of that time."""
    gone = ledger_evidence.gone(workspace)
    if gone is None:
        return
    last = gone.months.rpartition("..")[2]
    for path in ledger.segments(workspace):
        if path.stem <= last:
            path.unlink()
    for path in (ledger.folder(workspace) / ledger.DAMAGED).glob("*.noted"):
        if path.name[:7] <= last or path.name.startswith("evidence"):
            path.unlink()
    atomic.sync_folder(ledger.folder(workspace))
