"""How long things are kept: what is overdue, and its deletion, each a line in the ledger.

A vault, quarantine and draft package are counted from the day they were written, a package that was asked released from
its last signed act: its files go from `releases/` and `outbox/`; its manifest, its acts and the decision's words stay,
for they are what the ledger's lines prove. Reports are kept. The ledger's own months are named, never deleted here:
what must be provable for ever stands in them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines import ledger
from pipelines.audit_places import overdue_month
from pipelines.release_door import OUTBOX
from pipelines.release_files import FILES
from pipelines.release_record import Release, read_releases
from pipelines.study import Study
from pipelines.upkeep_log import log_upkeep

__all__ = ["Kept", "delete", "judged", "kept", "overdue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing that a clock of the study's runs for."""

    kind: str  # vault, quarantine, run, package, released, log
    place: str  # in the workspace
    written: datetime
    days: int  # the limit
    release: Release | None = None

    @property
    def deletable(self) -> bool:
        return self.kind != "log"

    @property
    def due(self) -> datetime:
        """When it has been kept as long as it may."""
        return self.written + timedelta(days=self.days)


def kept(workspace: Path, study: Study) -> tuple[Kept, ...]:
    """Return all that is to be deleted once, in the order in which that is done; the log apart."""
    limits = study.retention
    return (
        *_of("vault", workspace, _folders(workspace / "vault"), limits.vault_days),
        *_of("quarantine", workspace, _folders(workspace / "quarantine"), limits.quarantine_days),
        *_of("run", workspace, _folders(workspace / "runs"), limits.run_days),
        *_of("package", workspace, [workspace / "draft" / "package"], limits.package_days),
        *_released(workspace, limits.package_days),
    )


def overdue(workspace: Path, study: Study, *, now: datetime) -> tuple[Kept, ...]:
    """Return all that has been kept too long, in the order in which it is deleted."""
    return judged(workspace, study, now=now)[0]


def judged(workspace: Path, study: Study, *, now: datetime) -> tuple[tuple[Kept, ...], tuple[Kept, ...]]:
    """Return what is overdue, in the order in which it is deleted, and what may be kept for now."""
    every = kept(workspace, study)
    late = [one for one in every if now > one.due]
    for path in ledger.segments(workspace):
        if overdue_month(path.stem, now, study.retention.log_days):
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            late.append(Kept(kind="log", place=f"ledger/{path.name}", written=written, days=study.retention.log_days))
    return tuple(late), tuple(one for one in every if now <= one.due)


def delete(workspace: Path, study: Study, things: tuple[Kept, ...], *, by_person: bool) -> int:
    """Delete what is overdue; return how many. Each deletion is told before it happens, and survives a power cut."""
    gone = 0
    for thing in things:
        if thing.deletable:
            role = "analyst" if by_person else "system"
            run = thing.place.rpartition("/")[2] if thing.kind in ("quarantine", "run") else None
            code = f"retention.{thing.kind}"
            if thing.release is None:
                log_upkeep(workspace, study, "delete", role=role, run=run, code=code)
                shutil.rmtree(workspace / thing.place, ignore_errors=True)
            else:  # an action that the evidence keeps: the release is sound as long as the study lives
                manifest = thing.release.manifest.sha256
                log_upkeep(workspace, study, "release.expire", role=role, code=code, object_sha256=manifest)
                for path in _files(workspace, thing.release):
                    path.unlink(missing_ok=True)
            gone += 1
    return gone


def _of(kind: str, workspace: Path, folders: list[Path], days: int) -> Iterator[Kept]:
    for folder in folders:
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        if files:
            newest = max(datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in files)
            yield Kept(kind=kind, place=folder.relative_to(workspace).as_posix(), written=newest, days=days)


def _released(workspace: Path, days: int) -> Iterator[Kept]:
    """The packages that were decided on and still have their rows; one that waits for an answer waits."""
    for one in read_releases(workspace):
        if one.manifest.kind == "package" and one.state not in ("requested", "void") and _files(workspace, one):
            place = (one.folder / FILES).relative_to(workspace).as_posix()
            last = datetime.fromisoformat(one.acts[-1].at)
            yield Kept(kind="released", place=place, written=last, days=days, release=one)


def _files(workspace: Path, release: Release) -> list[Path]:
    """The manifest's own files, where they lie: never manifest, acts or words."""
    names = [name for name, _, _ in release.manifest.files]
    places = (release.folder / FILES, workspace / OUTBOX / release.id)
    return [place / name for place in places for name in names if (place / name).is_file()]


def _folders(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.is_dir() and not path.is_symlink()) if place.is_dir() else []
