"""A key's life: made, turned to a new epoch, destroyed. Each is told in the ledger; the secret never is.

*Rotation* is a new epoch under a new wrapping: no receiver's id of the one is an id of the other. What must outlast it
does: the split, the rounding, the vault and the vault's own ids are derived with an epoch of their own, for ever, so
nobody moves between the searched and the locked part. It does not help against one who has the secret itself: then
destroy the key and begin a new study.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines import atomic, key_files, ledger, receipts
from pipelines.accounts import Signer
from pipelines.errors import InputError
from pipelines.log import study_event
from pipelines.study import Study
from reports import catalogue
from reports.catalogue import Language

__all__ = ["KeyState", "create", "destroy", "rotate", "state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """What can be said of a key without its passphrase."""

    key_id: str
    epoch: int
    created: str
    rotated: str
    path: Path


def create(workspace: Path, study: Study, *, passphrase: str) -> Path:
    """Make a study's key and tell the ledger."""
    path = key_files.create(study.key, study=study.id, passphrase=passphrase)
    _told(workspace, study, "key.create", epoch=1)
    return path


def state(study: Study) -> KeyState:
    """Return a key's state. Raises: InputError where it is missing, open to others, misplaced, changed or another's."""
    document = key_files.read_document(study.key)
    if document.get("project") != study.id:
        raise InputError("key_other_study", file=key_files.path_of(study.key))
    return KeyState(
        key_id=study.key,
        epoch=int(document["epoch"]),
        created=str(document.get("created", "")),
        rotated=str(document.get("rotated", "")),
        path=key_files.path_of(study.key),
    )


def rotate(workspace: Path, study: Study, *, passphrase: str, new_passphrase: str) -> int:
    """Turn a study's key to its next epoch, under a new passphrase; return the epoch."""
    epoch = key_files.rotate(study.key, passphrase, new_passphrase, allow_demo=study.demo, study=study.id)
    _told(workspace, study, "key.rotate", epoch=epoch)
    return epoch


def destroy(
    workspace: Path, study: Study, signers: Sequence[Signer], *, reason: str, now: datetime | None = None
) -> Path:
    """Overwrite and remove a study's key, and return the receipt that two people signed. There is no way back.

    The receipt is written first and told in the ledger last: killed in between, doing it again ends it.
    """
    first, second = signers
    receipts.check_two(first, second)
    if not reason.strip():
        raise InputError("reason_missing", file="key destroy")
    told = state(study)
    at = now or datetime.now(UTC)
    words = {
        language.value: {
            "achieves": catalogue.text(language, "receipt.key.achieves"),
            "does_not": catalogue.text(language, "receipt.key.does_not"),
            "remains": catalogue.text(language, "receipt.key.remains"),
        }
        for language in Language
    }
    facts = {
        "act": "key.destroy",
        "study": study.id,
        "key": study.key,
        "epoch": told.epoch,
        "at": ledger.timestamp(at),
        "reason": reason.strip(),
        "words": words,
    }
    path, digest = receipts.write(workspace, f"key-{study.key}-destroyed", facts, signers)
    shred(told.path)
    for role, signer in (("request", first), ("approve", second)):
        event, _ = study_event(
            study, "key.destroy", role=signer.account.role, now=at, object_sha256=digest, code=role,
            facts={"epoch": told.epoch},
        )  # fmt: skip
        ledger.append(workspace, event, actor=signer.account.id)
    return path


def shred(path: Path) -> None:
    """Overwrite a file and remove it: what a disk or a backup keeps of its own is beyond a program's reach."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with open(descriptor, "wb", closefd=True) as file:
        file.write(secrets.token_bytes(max(os.fstat(descriptor).st_size, 4_096)))
        file.flush()
        os.fsync(descriptor)
    path.unlink()
    atomic.sync_folder(path.parent)


def _told(workspace: Path, study: Study, action: str, *, epoch: int) -> None:
    event, actor = study_event(study, action, role="analyst", facts={"epoch": epoch})
    ledger.append(workspace, event, actor=actor)
