"""The account of attempts on the locked people: what a batch may use, and what earlier batches used.

A study declares `attempts` and alpha for the life of one split. A batch of m leads is decided by Holm at level
alpha x m / attempts; what it does not use is not paid back. The ledger holds each batch, written before any outcome
of the locked people is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.values import Finding
from pipelines import ledger
from pipelines.errors import InputError
from pipelines.findings import condition_key
from pipelines.study import Study

ACTION = "attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A list of leads that is to be tried, and the level at which Holm decides over it."""

    leads: int
    level: float
    sha256: str  # of the list: what was to be tried is fixed before the lock opens


def used(workspace: Path, *, but_run: str = "") -> int:
    """Return how many attempts the ledger says are spent; a resumed run does not count its own batch twice."""
    spent = 0
    for line in ledger.read(workspace):
        if line.body["action"] == ACTION and line.body.get("run") != but_run:
            spent += int(line.body["object"]["rows"])
    return spent


def batch(
    leads: Sequence[Finding], *, alpha: float, attempts: int, spent: int, whole_account: bool, file: Path
) -> Batch:
    """Return the batch for these leads. Raises: InputError `attempts_spent` when the account cannot carry them."""
    count, left = len(leads), max(attempts - spent, 0)
    if left == 0 or (not whole_account and count > left):
        raise InputError("attempts_spent", file=file, leads=count, left=left, attempts=attempts)
    text = "\n".join(sorted(f"{lead.direction} {condition_key(lead.conditions)}" for lead in leads))
    share = left if whole_account else count
    return Batch(leads=count, level=alpha * share / attempts, sha256=hashlib.sha256(text.encode()).hexdigest())


def refuse_if_spent(workspace: Path, study: Study) -> None:
    """Raise InputError `attempts_spent` before anything is done, where no attempt is left."""
    if used(workspace) >= study.attempts:
        raise InputError("attempts_spent", file=workspace / "study.toml", leads=1, left=0, attempts=study.attempts)
