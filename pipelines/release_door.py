"""The door: the only place that writes to `outbox/`, and it looks at everything again before it opens.

Whoever calls it: command, portal or a crash that is mended. It trusts no state that somebody else worked out: manifest,
files, signatures, roles, policy and the nine controls are read and computed here.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pipelines import atomic
from pipelines.errors import InputError
from pipelines.release_acts import log
from pipelines.release_files import ACTS, FILES, MANIFEST, changed
from pipelines.release_record import Release, people_by_id, read_release
from pipelines.release_rules import statement_required, why_closed
from pipelines.signatures import Signed
from pipelines.study import read_study

__all__ = ["OUTBOX", "deliver", "is_noticed", "is_out", "refuse_if_a_control_fails", "take_back"]

OUTBOX = "outbox"
DECISION = {"da": "AFGOERELSE.txt", "en": "DECISION.txt"}
NOTICE = {"da": "TRUKKET_TILBAGE.txt", "en": "WITHDRAWN.txt"}
CORRECTED = {"da": "RETTET.txt", "en": "CORRECTED.txt"}


def deliver(workspace: Path, release_id: str, *, at: datetime) -> Path:
    """Put an approved release in the outbox, whole, and return where. Raises: InputError `release_closed`.

    With the files go the manifest, every signed act, and statement and decision in words.
    """
    study = read_study(workspace)
    found = read_release(workspace, release_id)
    why = found.problem or why_closed(
        found.manifest,
        found.acts,
        people_by_id(),
        statement_required=statement_required(found.manifest, study),
        demo=study.demo,
    )
    if why is None and found.manifest.study != study.id:
        why = "other_bytes"
    if why is None and changed(found.manifest, found.folder / FILES) is not None:
        why = "files_changed"
    if why is not None:
        raise InputError("release_closed", file=release_id, why=why)
    approved = next(act for act in found.acts if act.act == "approve")
    log(workspace, "release.approve", found.id, approved, at=at)  # there already, but after a crash
    _carry_out(workspace, found, approved, at=at)
    if found.manifest.corrects:
        _mark_corrected(workspace, found, approved, at=at)
    return workspace / OUTBOX / found.id


def is_out(workspace: Path, found: Release) -> bool:
    """Return whether a release lies whole in the outbox."""
    place = workspace / OUTBOX / found.id
    if found.expired:
        return True
    return all((place / name).is_file() for name, _, _ in found.manifest.files) and (place / MANIFEST).is_file()


def is_noticed(workspace: Path, found: Release) -> bool:
    """Return whether a withdrawn release has left the outbox: if it ever was there, a notice stands in its place."""
    return not found.went_out or (workspace / OUTBOX / found.id / NOTICE["da"]).is_file()


def take_back(workspace: Path, found: Release, *, at: datetime) -> None:
    """Replace what went out with a notice to its receivers. Its files stay in `releases/`, as evidence."""
    from pipelines.release_words import notice_text

    act = found.withdrawal
    if act is None or found.state != "withdrawn" or is_noticed(workspace, found):
        return
    texts = {NOTICE[language]: notice_text(found, language) for language in NOTICE}
    _swap_in(workspace, found, {}, texts, act, at=at)


def refuse_if_a_control_fails(workspace: Path) -> None:
    """Compute the nine controls anew. Raises: InputError `release_control` with the first that fails."""
    from pipelines import verdict

    for control in verdict.compute(workspace).controls:
        if control.passed is False:
            raise InputError("release_control", file="audit verify", control=control.key.rpartition(".")[2])


def _carry_out(workspace: Path, found: Release, act: Signed, *, at: datetime) -> None:
    from pipelines.release_words import decision_text

    files = {name: (found.folder / FILES / name).read_bytes() for name, _, _ in found.manifest.files}
    for name, digest, _ in found.manifest.files:  # of the bytes in hand, not of what stood there a moment ago
        if sha256(files[name]).hexdigest() != digest:
            raise InputError("release_closed", file=found.id, why="files_changed")
    texts = {DECISION[language]: decision_text(found, language) for language in DECISION}
    _swap_in(workspace, found, files, texts, act, at=at)


def _mark_corrected(workspace: Path, found: Release, act: Signed, *, at: datetime) -> None:
    from pipelines.release_words import corrected_text

    place = workspace / OUTBOX / found.manifest.corrects
    if place.is_dir():
        for language, name in CORRECTED.items():
            data = corrected_text(found, language).encode()
            _note(workspace, found, data, act, at=at)
            atomic.write_bytes(place / name, data)


def _swap_in(
    workspace: Path, found: Release, files: dict[str, bytes], texts: dict[str, str], act: Signed, *, at: datetime
) -> None:
    """Write a release's folder beside its place, note its texts in the ledger, and move it in whole."""
    new = atomic.make_private(workspace / OUTBOX) / f".{found.id}.new"
    shutil.rmtree(new, ignore_errors=True)
    atomic.make_private(new / ACTS)
    for name, data in files.items():
        atomic.write_bytes(new / name, data)
    for name, text in texts.items():
        _note(workspace, found, text.encode(), act, at=at)
        atomic.write_bytes(new / name, text.encode())
    atomic.write_bytes(new / MANIFEST, (found.folder / MANIFEST).read_bytes())
    for path in sorted((found.folder / ACTS).iterdir()):
        atomic.write_bytes(new / ACTS / path.name, path.read_bytes())
    atomic.swap_folder(new, workspace / OUTBOX / found.id)


def _note(workspace: Path, found: Release, data: bytes, act: Signed, *, at: datetime) -> None:
    log(workspace, "release", found.id, act, at=at, object_sha256=sha256(data).hexdigest())
