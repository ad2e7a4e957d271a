"""The end of a study: the key destroyed, what held people gone, ledger and released reports kept; a receipt of it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipelines import key_files, key_life, ledger, ledger_heads, receipts
from pipelines.accounts import Signer
from pipelines.audit_text import files_below
from pipelines.errors import InputError
from pipelines.log import study_event
from pipelines.release_record import read_releases
from pipelines.study import read_study
from pipelines.vault import registers

__all__ = ["close"]

GONE = ("vault", "quarantine", "draft", "exchange", "runs")  # what holds rows, true numbers or drafts of people
GONE_FILES = ("findings.json",)


def close(workspace: Path, signers: Sequence[Signer], *, reason: str, packages: str = "") -> Path:
    """End a study and return the receipt. `packages`: how each released package is accounted for, in words.

    Doing it again after a kill ends what was begun. Raises: InputError `close_packages` where packages went out and
    nobody says what became of them.
    """
    first, second = signers
    receipts.check_two(first, second)
    study = read_study(workspace)
    released = [
        one.id for one in read_releases(workspace) if one.manifest.kind == "package" and one.state == "approved"
    ]
    if released and not packages.strip():
        raise InputError("close_packages", file=workspace / "outbox", packages=", ".join(released))
    held = {name: sum(1 for _ in files_below(workspace / name)) for name in GONE}
    names = registers(workspace / "vault" / "registers") if (workspace / "vault" / "registers").is_dir() else ()
    if key_files.path_of(study.key).exists():
        key_life.destroy(workspace, study, signers, reason=reason)
    for name in GONE:
        shutil.rmtree(workspace / name, ignore_errors=True)
    for name in GONE_FILES:
        (workspace / name).unlink(missing_ok=True)
    now = datetime.now(UTC)
    facts = {
        "act": "study.close",
        "study": study.id,
        "at": ledger.timestamp(now),
        "reason": reason.strip(),
        "files_removed": held,
        "registers": {str(number): name for number, name in enumerate(names, 1)},
        "packages": {str(number): name for number, name in enumerate(released, 1)},
        "packages_accounted": packages.strip(),
        "archive": study.legal.archive,
        "kept": {"1": "ledger", "2": "releases", "3": "outbox", "4": "receipts", "5": "contracts", "6": "study.toml"},
    }
    path, digest = receipts.write(workspace, "study-closed", facts, signers)
    told, _ = study_event(study, "study.close", role=second.account.role, now=now, object_sha256=digest)
    ledger.append(workspace, told, actor=second.account.id)
    ledger_heads.checkpoint(workspace)
    return path
