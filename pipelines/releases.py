"""A release's life: asked for by one person, seen by the DPO, decided by another, each act signed on the same bytes.

`releases/U-YYYY-NN/` holds `files/`, `manifest.json` and `acts/NNN-ACT.json`. What a release is follows from its
signed acts alone: there is no state file to change. `release_door.py` alone moves files to `outbox/`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipelines import accounts, atomic, release_door, release_files, signatures
from pipelines.accounts import Signer
from pipelines.errors import InputError
from pipelines.release_acts import check_reason, check_receiver, keep, may, sign
from pipelines.release_files import ACTS, FILES, MANIFEST, Kind
from pipelines.release_record import Release, folders, next_id, people_by_id, read_release, read_releases
from pipelines.release_rules import NOTHING, state, statement_required
from pipelines.signatures import Act, Signed
from pipelines.study import read_study

__all__ = [
    "approve",
    "read_release",
    "read_releases",
    "reject",
    "request",
    "return_",
    "statement",
    "take_statement",
    "withdraw",
]


def request(
    workspace: Path,
    signer: Signer,
    *,
    kind: Kind,
    receiver: str,
    reason: str = "",
    corrects: str = "",
    follows: str = "",
    study_passphrase: str | None = None,
    finding: str = "",
    now: datetime | None = None,
) -> Release:
    """Make a release of the last run's report or package, or of one finding's recipe or answer, and ask for it.

    Raises: InputError.
    """
    may(signer, "request", None)
    check_receiver(receiver)
    check_reason(reason, needed=False)
    at = now or datetime.now(UTC)
    with atomic.folder_lock(workspace):
        if corrects and read_release(workspace, corrects).state not in ("approved", "withdrawn"):
            raise InputError("release_corrects", file=corrects)
        if follows and read_release(workspace, follows).state != "returned":
            raise InputError("release_follows", file=follows)
        earlier = folders(workspace)
        folder = workspace / "releases" / next_id(earlier, at)
        try:
            if kind in ("recipe", "answer"):
                run_id = release_files.write_exchanged(workspace, folder / FILES, kind, finding)
            else:
                run_id = release_files.write_files(
                    workspace, folder / FILES, kind, receiver=receiver, study_passphrase=study_passphrase
                )
            release_files.write_manifest(
                workspace,
                folder,
                kind=kind,
                receiver=receiver,
                run_id=run_id,
                at=at,
                corrects=corrects,
                follows=follows,
                previous=release_files.read_manifest(earlier[-1] / MANIFEST).sha256 if earlier else NOTHING,
            )
            return sign(workspace, folder, signer, "request", reason=reason, at=at)
        except BaseException:
            if not (folder / ACTS).exists():  # nobody has signed it: it never was
                release_files.remove(folder)
            raise


def statement(
    workspace: Path,
    release_id: str,
    signer: Signer,
    *,
    says: signatures.Statement,
    reason: str = "",
    dictionary_seen: bool = False,
    now: datetime | None = None,
) -> Release:
    """Give the DPO's statement. It decides nothing. Remarks and advice against need their words."""
    if says not in signatures.STATEMENTS:
        raise InputError("release_statement", file=release_id)
    check_reason(reason, needed=says != "none")
    with atomic.folder_lock(workspace):
        found = _open(workspace, release_id)
        may(signer, "statement", found)
        if found.manifest.kind == "package" and not dictionary_seen:
            raise InputError("release_dictionary", file=release_id)
        return sign(
            workspace,
            found.folder,
            signer,
            "statement",
            reason=reason,
            says=says,
            dictionary_seen=int(dictionary_seen),
            at=now or datetime.now(UTC),
        )


def take_statement(workspace: Path, release_id: str, act: Signed, *, now: datetime | None = None) -> Release:
    """Take in a statement that was signed on another machine, on the same bytes. Raises: InputError."""
    with atomic.folder_lock(workspace):
        found = _open(workspace, release_id)
        account = accounts.find(act.by)
        accounts.usable(account, demo=read_study(workspace).demo)
        _, problem = state(found.manifest, (*found.acts, act), people_by_id())
        fits = act.act == "statement" and account.role == "dpo" and problem in ("", "same_person")
        if not fits or (found.manifest.kind == "package" and not act.dictionary_seen):
            raise InputError("release_foreign_statement", file=release_id)
        check_reason(act.reason, needed=act.statement != "none")
        if problem:
            raise InputError("release_same_person", file=release_id)
        return keep(workspace, found.folder, act, at=now or datetime.now(UTC))


def approve(
    workspace: Path, release_id: str, signer: Signer, *, reason: str = "", now: datetime | None = None
) -> Release:
    """Decide for a release and move it to the outbox. Against *advised against* the answer must be written.

    All nine controls are computed anew first: when one fails, nothing is approved. Called again after a crash, it
    finishes what was signed.
    """
    check_reason(reason, needed=False)
    at = now or datetime.now(UTC)
    with atomic.folder_lock(workspace):
        found = read_release(workspace, release_id)
        if found.state == "approved" and not release_door.is_out(workspace, found):
            release_door.deliver(workspace, found.id, at=at)
            return read_release(workspace, release_id)
        _check_open(found)
        may(signer, "approve", found)
        given = found.statement
        if statement_required(found.manifest, read_study(workspace)) and given is None:
            raise InputError("release_no_statement", file=release_id)
        if given is not None and given.statement == "advised_against" and not reason.strip():
            raise InputError("release_no_answer", file=release_id)
        release_door.refuse_if_a_control_fails(workspace)
        sign(workspace, found.folder, signer, "approve", reason=reason, at=at)
        release_door.deliver(workspace, found.id, at=at)
        return read_release(workspace, release_id)


def return_(workspace: Path, release_id: str, signer: Signer, *, reason: str, now: datetime | None = None) -> Release:
    """Send a release back with questions: a new one may be asked for that follows it."""
    return _against(workspace, release_id, signer, "return", reason, now)


def reject(workspace: Path, release_id: str, signer: Signer, *, reason: str, now: datetime | None = None) -> Release:
    """Decide against a release."""
    return _against(workspace, release_id, signer, "reject", reason, now)


def withdraw(workspace: Path, release_id: str, signer: Signer, *, reason: str, now: datetime | None = None) -> Release:
    """Take a release back: the one who asked before it is decided, a decider after it went out.

    What went out leaves the outbox; a notice for its receivers takes its place, and every later report says so.
    """
    check_reason(reason, needed=True)
    at = now or datetime.now(UTC)
    with atomic.folder_lock(workspace):
        found = read_release(workspace, release_id)
        if found.state == "withdrawn" and not release_door.is_noticed(workspace, found):
            release_door.take_back(workspace, found, at=at)
            return found
        if found.state not in ("requested", "approved"):
            raise InputError("release_decided", file=release_id)
        may(signer, "withdraw", found)
        done = sign(workspace, found.folder, signer, "withdraw", reason=reason, at=at)
        release_door.take_back(workspace, done, at=at)
        return done


def _against(workspace: Path, release_id: str, signer: Signer, act: Act, reason: str, now: datetime | None) -> Release:
    check_reason(reason, needed=True)
    with atomic.folder_lock(workspace):
        found = _open(workspace, release_id)
        may(signer, act, found)
        return sign(workspace, found.folder, signer, act, reason=reason, at=now or datetime.now(UTC))


def _open(workspace: Path, release_id: str) -> Release:
    """Return a release that still waits for its decision, with every byte as it was asked for."""
    found = read_release(workspace, release_id)
    _check_open(found)
    return found


def _check_open(found: Release) -> None:
    if found.state == "void":
        raise InputError("release_void", file=found.id)
    if found.state != "requested":
        raise InputError("release_decided", file=found.id)
