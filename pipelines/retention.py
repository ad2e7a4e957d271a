"""How long things are kept: what is overdue, and its deletion, each a line in the ledger.

A vault, quarantine and package are counted from the day they were written. The ledger's own months are named, never
deleted here: what must be provable for ever stands in them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines import ledger
from pipelines.audit_places import overdue_month
from pipelines.study import Study
from pipelines.upkeep_log import log_upkeep

__all__ = ["Overdue", "delete", "overdue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """One thing that has been kept longer than the study says."""

    kind: str  # vault, quarantine, run, package, log
    place: str  # in the workspace
    written: datetime
    days: int  # the limit

    @property
    def deletable(self) -> bool:
        return self.kind != "log"


def overdue(workspace: Path, study: Study, *, now: datetime) -> tuple[Overdue, ...]:
    """Return all that has been kept too long, in the order in which it is deleted."""
    limits = study.retention
    found = [
        *_old(workspace, "vault", _folders(workspace / "vault"), limits.vault_days, now),
        *_old(workspace, "quarantine", _folders(workspace / "quarantine"), limits.quarantine_days, now),
        *_old(workspace, "run", _folders(workspace / "runs"), limits.run_days, now),
        *_old(workspace, "package", [workspace / "draft" / "package"], limits.package_days, now),
    ]
    for path in ledger.segments(workspace):
        if overdue_month(path.stem, now, limits.log_days):
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            found.append(Overdue(kind="log", place=f"ledger/{path.name}", written=written, days=limits.log_days))
    return tuple(found)


def delete(workspace: Path, study: Study, things: tuple[Overdue, ...], *, by_person: bool) -> int:
    """Delete what is overdue; return how many. Each deletion is told before it happens, and survives a power cut."""
    gone = 0
    for thing in things:
        if thing.deletable:
            role = "analyst" if by_person else "system"
            run = thing.place.rpartition("/")[2] if thing.kind in ("quarantine", "run") else None
            log_upkeep(workspace, study, "delete", role=role, run=run, code=f"retention.{thing.kind}")
            shutil.rmtree(workspace / thing.place, ignore_errors=True)
            gone += 1
    return gone


def _old(workspace: Path, kind: str, folders: list[Path], days: int, now: datetime) -> Iterator[Overdue]:
    for folder in folders:
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        if not files:
            continue
        newest = max(datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in files)
        if now - newest > timedelta(days=days):
            yield Overdue(kind=kind, place=folder.relative_to(workspace).as_posix(), written=newest, days=days)


def _folders(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.is_dir() and not path.is_symlink()) if place.is_dir() else []
