"""What a release is made of: an exact set of files, and the manifest that names each by its hash."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines import atomic, state
from pipelines.errors import InputError
from pipelines.ledger import canonical, timestamp
from pipelines.study import Study, read_study

if TYPE_CHECKING:
    from reports.values import Report

__all__ = [
    "ACTS",
    "FILES",
    "MANIFEST",
    "Kind",
    "Manifest",
    "changed",
    "read_manifest",
    "write_exchanged",
    "write_files",
    "write_manifest",
]

Kind = Literal["report", "package", "recipe", "answer"]
KINDS: tuple[Kind, ...] = ("report", "package")  # of the last run; the others are about one finding
MANIFEST, FILES, ACTS = "manifest.json", "files", "acts"
FORMAT = "undring/release/1"
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A release's manifest, as everybody signs it: one changed byte in a file or in here voids all signatures."""

    release: str  # U-2026-01
    study: str
    kind: str  # report, package, recipe or answer
    receiver: str
    purpose: str
    basis: str
    run: str
    made: str
    statement_required: bool
    corrects: str  # an earlier release, or nothing
    follows: str  # the release that was sent back with questions, or nothing
    previous: str  # the hash of the manifest before this one
    files: tuple[tuple[str, str, int], ...]  # name, SHA-256, bytes
    sha256: str


def write_files(workspace: Path, folder: Path, kind: Kind, *, receiver: str, study_passphrase: str | None) -> str:
    """Write the files of a release into an empty folder, and return the run they come from.

    A report is rendered anew without the word draft, from the numbers that the last run released; a package is made
    anew with pseudonyms for this receiver alone, which takes the study's key.
    Raises: InputError `no_findings` before the first run, `no_package` for a study without one, `too_few_placebos`
    for a report that has been held against too few.
    """
    from pipelines.run import last_done

    run_id = last_done(workspace)
    atomic.make_private(folder)
    if kind == "report":
        _write_report(workspace, run_id, folder)
    else:
        _write_package(workspace, run_id, folder, receiver=receiver, passphrase=study_passphrase)
    return run_id


def write_exchanged(workspace: Path, folder: Path, kind: Kind, finding: str) -> str:
    """Write the recipe or the answer of one finding, as it was signed, into an empty folder; return the last run.

    It is held against what this workspace says now: figures of an older run, or another's words, do not go out.
    Raises: InputError `exchange_missing`, `exchange_old`, and what reading it raises.
    """
    from pipelines.exchanged import current_file
    from pipelines.run import last_done

    data = current_file(workspace, kind, finding)
    atomic.make_private(folder)
    atomic.write_bytes(folder / data.name, data.content)
    for name, text in data.pages.items():
        atomic.write_text(folder / name, text)
    return last_done(workspace)


def _write_report(workspace: Path, run_id: str, folder: Path) -> None:
    from pipelines.printing import print_pages, write_pages
    from pipelines.release_record import notices
    from pipelines.self_tests import refuse_too_few
    from reports.values import Report

    drafted = state.read(workspace / "runs" / run_id / "report.json", Report)
    refuse_too_few(drafted, file=workspace / "study.toml")
    refuse_without_yes(drafted, file=workspace / "fund")
    report = replace(drafted, draft=False, withdrawn=notices(workspace))
    print_pages(folder, write_pages(folder, report))


def refuse_without_yes(report: Report, *, file: Path) -> None:
    """Refuse to release a report with a group that is easily judged before somebody has vouched for naming it.

    Raises: InputError `needs_named_yes`.
    """
    unnamed = [card.id for card in report.cards if card.needs_yes and card.notes.yes is None]
    if unnamed:
        raise InputError("needs_named_yes", file=file, findings=", ".join(unnamed))


def _write_package(workspace: Path, run_id: str, folder: Path, *, receiver: str, passphrase: str | None) -> None:
    from pipelines.package import write_package
    from pipelines.run import reopen_at

    run = reopen_at(workspace, run_id, passphrase=passphrase)
    if run.study.package is None:
        raise InputError("no_package", file=workspace / "study.toml")
    write_package(run, folder, recipient=receiver)
    (folder / MANIFEST).unlink()  # the release's own takes its place


def write_manifest(
    workspace: Path,
    folder: Path,
    *,
    kind: Kind,
    receiver: str,
    run_id: str,
    at: datetime,
    corrects: str,
    follows: str,
    previous: str,
) -> Manifest:
    """Write the manifest of the files that lie in a release's folder, and return it."""
    study: Study = read_study(workspace)
    files = {
        path.name: {"sha256": sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        for path in sorted((folder / FILES).iterdir())
    }
    body: dict[str, Any] = {
        "format": FORMAT,
        "release": folder.name,
        "study": study.id,
        "kind": kind,
        "receiver": receiver,
        "purpose": study.purpose.da,
        "basis": study.legal_basis,
        "run": run_id,
        "made": timestamp(at),
        "made_with": version("undring"),
        "statement_required": int(study.statement_required),
        "study_sha256": study.sha256,
        "corrects": corrects,
        "follows": follows,
        "previous": previous,
        "files": files,
    }
    atomic.write_bytes(folder / MANIFEST, canonical(body) + b"\n")
    return read_manifest(folder / MANIFEST)


def read_manifest(path: Path) -> Manifest:
    """Return a release's manifest. Raises: InputError `manifest_damaged` when it is not written as we write it."""
    try:
        data = path.read_bytes()[:LARGEST]
        return parse_manifest(data)
    except (OSError, ValueError):
        raise InputError("manifest_damaged", file=path) from None


def parse_manifest(data: bytes) -> Manifest:
    """Return the manifest in some bytes. Raises: ValueError."""
    try:
        told = json.loads(data.decode("utf-8"))
        if told["format"] != FORMAT or canonical(told) + b"\n" != data:
            raise ValueError("another format")
        files = tuple((str(name), str(one["sha256"]), int(one["bytes"])) for name, one in told["files"].items())
        if not files or any("/" in name or name.startswith(".") for name, _, _ in files):
            raise ValueError("a file's name is a path")
        return Manifest(
            **{
                name: str(told[name])
                for name in ("release", "study", "kind", "receiver", "purpose", "basis", "run", "made")
            },
            corrects=str(told["corrects"]),
            follows=str(told["follows"]),
            previous=str(told["previous"]),
            statement_required=bool(told["statement_required"]),
            files=files,
            sha256=sha256(data).hexdigest(),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no manifest") from error


def changed(manifest: Manifest, folder: Path, *, may_lack: bool = False) -> str | None:
    """Return the first file that is not as the manifest says, is missing, or is one too many; None: all is exact.

    `may_lack`: missing ones are passed over, for a package whose time is out.
    """
    named = {name: digest for name, digest, _ in manifest.files}
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted(there - named.keys() if may_lack else there ^ named.keys()):
        return name
    for name, digest in sorted(named.items()):
        path = folder / name
        if may_lack and name not in there:
            continue
        if path.is_symlink() or not path.is_file() or sha256(path.read_bytes()).hexdigest() != digest:
            return name
    return None


def remove(folder: Path) -> None:
    """Remove a release that was never finished."""
    shutil.rmtree(folder, ignore_errors=True)
