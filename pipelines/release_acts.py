"""One signed act on a release: who may, with which words, and how it is kept, beside a line in the ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import accounts, atomic, ledger, release_files, signatures
from pipelines.accounts import Signer
from pipelines.errors import InputError
from pipelines.log import study_event
from pipelines.release_files import ACTS, MANIFEST
from pipelines.release_record import Release, acts_of, reread
from pipelines.release_rules import NOTHING, ROLE_OF
from pipelines.shown import names_somebody
from pipelines.signatures import Act, Signed
from pipelines.study import read_study

__all__ = ["check_reason", "check_receiver", "keep", "log", "may", "sign", "statement_word"]

LONGEST_REASON, LONGEST_RECEIVER = 2_000, 120


def may(signer: Signer, act: Act, found: Release | None) -> None:
    """Raise the InputError of a person who may not do this: another role, or the same person twice."""
    accounts.usable(signer.account, demo=signer.account.demo)
    role = signer.account.role
    if act == "withdraw" and found is not None:
        own = signer.account.id == found.requested.by
        if not (own if found.state == "requested" else role == "decider"):
            raise InputError("release_withdraw_who", file=found.id)
        return
    if role != ROLE_OF[act]:
        raise InputError(f"release_role_{ROLE_OF[act]}", file=found.id if found is not None else "releases")
    if found is not None:
        before = [one for one in found.acts if one.act == "request" or (act != "statement" and one.act == "statement")]
        if any(one.by == signer.account.id or one.public_key == signer.account.public_key for one in before):
            raise InputError("release_same_person", file=found.id)


def sign(
    workspace: Path,
    folder: Path,
    signer: Signer,
    act: Act,
    *,
    at: datetime,
    reason: str = "",
    says: str = "",
    dictionary_seen: int = 0,
) -> Release:
    study = read_study(workspace)
    accounts.usable(signer.account, demo=study.demo)
    manifest = release_files.read_manifest(folder / MANIFEST)
    before = acts_of(folder)
    signed = signatures.sign(
        signer,
        act=act,
        study=study.id,
        release=folder.name,
        manifest_sha256=manifest.sha256,
        previous=before[-1].sha256 if before else NOTHING,
        at=ledger.timestamp(at),
        reason=reason.strip(),
        statement=says,
        dictionary_seen=dictionary_seen,
    )
    return keep(workspace, folder, signed, at=at)


def keep(workspace: Path, folder: Path, act: Signed, *, at: datetime) -> Release:
    """Write a signed act and its line in the ledger: the line first stands for what is then on disk."""
    place = atomic.make_private(folder / ACTS)
    atomic.write_bytes(place / f"{len(list(place.iterdir())) + 1:03d}-{act.act}.json", act.document)
    log(workspace, f"release.{act.act}", folder.name, act, at=at)
    return reread(workspace, folder)


def log(workspace: Path, action: str, release_id: str, act: Signed, *, at: datetime, **facts: Any) -> None:
    """Put an act on a release in the ledger, once: which release, on which manifest, by which signed act."""
    event, _ = study_event(
        read_study(workspace),
        action,
        role=act.role,
        now=at,
        object_sha256=facts.pop("object_sha256", act.manifest_sha256),
        params_sha256=act.sha256,
        code=release_id,
        **facts,
    )
    once = f"{release_id}/{action}/{event.object_sha256}/{act.sha256}"
    ledger.append_once(workspace, event, once, actor=act.by)


def statement_word(text: str) -> signatures.Statement:
    """Return one of the three statements. Raises: InputError `release_statement` for anything else."""
    if text not in signatures.STATEMENTS:
        raise InputError("release_statement", file="releases")
    return text


def check_reason(reason: str, *, needed: bool) -> None:
    """Raise the InputError of a reason that is missing, too long, or that names somebody."""
    _check_text(reason, LONGEST_REASON, "release_reason", needed=needed)


def check_receiver(receiver: str) -> None:
    """Raise the InputError of a receiver that is missing, too long, or that names somebody."""
    _check_text(receiver, LONGEST_RECEIVER, "release_receiver", needed=True)


def _check_text(text: str, longest: int, key: str, *, needed: bool = False) -> None:
    """Raise the InputError of words that are missing, too long, or that name somebody: they leave the house."""
    if needed and not text.strip():
        raise InputError(f"{key}_missing", file="releases")
    if len(text) > longest:
        raise InputError(f"{key}_long", file="releases", longest=longest)
    if names_somebody(text):
        raise InputError("release_names_somebody", file="releases")
