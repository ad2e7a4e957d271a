"""The account of attempts on the locked people: what a batch may use, and what earlier batches used.

A study declares `attempts` and alpha for the life of one split. A batch of m leads is decided by Holm at level
alpha x m / attempts; what it does not use is not paid back. The ledger holds each batch, written before any outcome
of the locked people is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.values import Finding
from pipelines import ledger
from pipelines.errors import InputError
from pipelines.findings import finding_key
from pipelines.study import Study

ACTION = "attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A list of leads that is to be tried, and the level at which Holm decides over it."""

    keys: tuple[str, ...]  # the leads, as condition keys
    level: float
    spends: int  # attempts: one a lead, or all that is left
    sha256: str  # of the list: what was to be tried is fixed before the lock opens

    @property
    def leads(self) -> int:
        return len(self.keys)


def used(workspace: Path) -> int:
    """Return how many attempts the ledger says are spent."""
    lines = ledger.evidence(workspace)  # which outlives the log
    return sum(int(line["leads"] or 0) for line in lines if line["action"] == ACTION)


def terms(study: Study) -> str:
    """Return what a study declared for the life of its split, as a hash: it stands in the ledger with each attempt."""
    declared: list[Any] = [study.id, study.key, study.alpha, study.attempts, study.lock]
    asked: list[Any] = []
    for outcome in study.searched:
        asked += [outcome.name, outcome.register, outcome.rule, outcome.where, outcome.date, outcome.window]
        asked += [outcome.column, outcome.at_least, outcome.is_]
        if outcome.kind != "yes_no" or study.scale != "ratio":
            asked += [outcome.kind, study.scale]
    return hashlib.sha256(json.dumps([*declared, *asked]).encode()).hexdigest()


def refuse_if_changed(workspace: Path, study: Study) -> None:
    """Raise InputError `attempts_terms` where attempts were spent on other terms: another question, or more alpha.

    A larger share would lock people away who were searched, more attempts would pay out alpha twice, and answers on
    one outcome would stand as another's.
    """
    now = terms(study)
    if any(
        line["action"] == ACTION and line["params_sha256"] not in (None, now) for line in ledger.evidence(workspace)
    ):
        raise InputError("attempts_terms", file=workspace / "study.toml")


def batch(
    leads: Sequence[Finding], *, alpha: float, attempts: int, spent: int, whole_account: bool, file: Path
) -> Batch:
    """Return the batch for these leads, the strongest first where the account cannot carry them all.

    `whole_account` spends all that is left on one batch, whatever its size (a demo does).
    Raises: InputError `attempts_spent` when nothing is left.
    """
    left = max(attempts - spent, 0)
    if left == 0:
        raise InputError("attempts_spent", file=file, leads=len(leads), left=0, attempts=attempts)
    chosen = leads if whole_account else sorted(leads, key=lambda one: one.p_search)[:left]
    return Batch(
        keys=tuple(finding_key(one) for one in chosen),
        level=alpha * (left if whole_account else len(chosen)) / attempts,
        spends=left if whole_account else len(chosen),
        sha256=list_hash(chosen),
    )


def list_hash(leads: Sequence[Finding]) -> str:
    """Return a list of leads as a hash: what stands in the ledger before the lock opens."""
    text = "\n".join(sorted(f"{one.direction} {finding_key(one)}" for one in leads))
    return hashlib.sha256(text.encode()).hexdigest()


def refuse_if_spent(workspace: Path, study: Study) -> None:
    """Raise InputError `attempts_spent` before anything is done, where no attempt is left."""
    if used(workspace) >= study.attempts:
        raise InputError("attempts_spent", file=workspace / "study.toml", leads=1, left=0, attempts=study.attempts)
