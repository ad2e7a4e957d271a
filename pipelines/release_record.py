"""Releases as they stand on disk: read whole, with their signatures and every byte held against the manifest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pipelines import accounts, ledger, release_files, signatures
from pipelines.accounts import Account
from pipelines.errors import InputError
from pipelines.ledger import Line
from pipelines.release_files import ACTS, FILES, MANIFEST, Manifest
from pipelines.release_rules import State, state
from pipelines.signatures import Signed
from reports.values import Words

__all__ = [
    "Release",
    "acts_of",
    "folders",
    "next_id",
    "notices",
    "people_by_id",
    "read_release",
    "read_releases",
    "reread",
]

RELEASE_ID = re.compile(r"U-[0-9]{4}-[0-9]{2,4}")
EXPIRED = "retention.released"  # of the log line that told of a package whose time was out, before `release.expire`


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release as it stands on disk."""

    id: str
    folder: Path
    manifest: Manifest
    acts: tuple[Signed, ...]
    state: State
    problem: str  # why it is void: a catalogue word; else empty
    corrected_by: str = ""  # a later, approved release that corrects this one
    expired: bool = False  # a package whose rows `undring retention` deleted: manifest and acts are kept

    @property
    def statement(self) -> Signed | None:
        """The DPO's newest statement."""
        return next((act for act in reversed(self.acts) if act.act == "statement"), None)

    @property
    def decision(self) -> Signed | None:
        """The decider's approval, return or rejection."""
        return next((act for act in self.acts if act.act in ("approve", "return", "reject")), None)

    @property
    def requested(self) -> Signed:
        return self.acts[0]

    @property
    def went_out(self) -> bool:
        """Whether it was decided that it may leave the house, also where it was taken back since."""
        return self.decision is not None and self.decision.act == "approve"

    @property
    def withdrawal(self) -> Signed | None:
        return next((act for act in self.acts if act.act == "withdraw"), None)


def read_release(workspace: Path, release_id: str) -> Release:
    """Return one release. Raises: InputError `release_unknown`."""
    folder = workspace / "releases" / release_id
    if not RELEASE_ID.fullmatch(release_id) or not (folder / ACTS).is_dir():
        raise InputError("release_unknown", file="releases")
    return reread(workspace, folder)


def read_releases(workspace: Path) -> tuple[Release, ...]:
    """Return every release of a workspace, oldest first."""
    found = [reread(workspace, folder) for folder in folders(workspace)]
    corrected = {one.manifest.corrects: one.id for one in found if one.manifest.corrects and one.state == "approved"}
    return tuple(replace(one, corrected_by=corrected.get(one.id, "")) for one in found)


def notices(workspace: Path) -> tuple[Words, ...]:
    """Return a line for every release that was withdrawn after it went out, or corrected: later reports print them."""
    from pipelines.release_words import notice_line

    out = [one for one in read_releases(workspace) if one.went_out]
    return tuple(notice_line(one) for one in out if one.state == "withdrawn" or one.corrected_by)


def people_by_id() -> dict[str, Account]:
    """Return all accounts by id."""
    return {one.id: one for one in accounts.everyone()}


def reread(workspace: Path, folder: Path) -> Release:
    manifest = release_files.read_manifest(folder / MANIFEST)
    people = people_by_id()
    try:
        acts = acts_of(folder)
    except InputError:
        acts, now, problem = (), "void", "act_damaged"
    else:
        now, problem = state(manifest, acts, people)
    if now != "void" and manifest.release != folder.name:
        now, problem = "void", "other_bytes"
    expired = False
    if now != "void" and release_files.changed(manifest, folder / FILES) is not None:
        lacks = release_files.changed(manifest, folder / FILES, may_lack=True) is None
        expired = lacks and _expired(workspace, manifest)
        if not expired:
            now, problem = "void", "files_changed"
    return Release(
        id=folder.name,
        folder=folder,
        manifest=manifest,
        acts=tuple(acts),
        state=now,  # type: ignore[arg-type]
        problem=problem,
        expired=expired,
    )


def _expired(workspace: Path, manifest: Manifest) -> bool:
    """Return whether the ledger tells that a package's rows were deleted when their time was out."""

    def speaks_of_it(line: Line) -> bool:
        return isinstance(line["object"], dict) and line["object"].get("sha256") == manifest.sha256

    if any(line["action"] == "release.expire" and speaks_of_it(line) for line in ledger.evidence(workspace)):
        return True
    old = (line for line in ledger.read(workspace) if (line["action"], line["code"]) == ("delete", EXPIRED))
    return any(speaks_of_it(line) for line in old)


def acts_of(folder: Path) -> tuple[Signed, ...]:
    found = []
    for path in sorted((folder / ACTS).iterdir()) if (folder / ACTS).is_dir() else ():
        act = signatures.parse(path.read_bytes()[: signatures.LARGEST + 1])
        if act is None:
            raise InputError("release_void", file=folder.name)
        found.append(act)
    return tuple(found)


def folders(workspace: Path) -> list[Path]:
    """The releases that somebody asked for; a folder without a signed act was never one."""
    return sorted(
        (
            path
            for path in (workspace / "releases").glob("U-*")
            if RELEASE_ID.fullmatch(path.name) and (path / ACTS).is_dir()
        ),
        key=lambda path: (path.name[2:6], int(path.name[7:])),
    )


def next_id(earlier: Sequence[Path], at: datetime) -> str:
    numbers = [int(path.name[7:]) for path in earlier if path.name[2:6] == f"{at.year}"]
    return f"U-{at.year}-{max(numbers, default=0) + 1:02d}"
