"""A person's, or the night's, lines in the ledger that belong to no run: decisions, approvals, deletions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines import ledger
from pipelines.accounts import Account
from pipelines.log import study_event
from pipelines.study import Study


def log_upkeep(
    workspace: Path,
    study: Study,
    action: str,
    *,
    once: str = "",
    role: str = "analyst",
    by: Account | None = None,
    **facts: Any,
) -> None:
    """Put one event in the ledger; `once` names one that is told a single time, `by` an account that did it.

    Without one it is told of whoever sits at the machine.
    """
    event, actor = study_event(study, action, role=by.role if by is not None else role, **facts)
    actor = by.id if by is not None else actor
    if once:
        ledger.append_once(workspace, event, once, actor=actor)
    else:
        ledger.append(workspace, event, actor=actor)
