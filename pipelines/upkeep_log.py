"""A person's, or the night's, lines in the ledger that belong to no run: decisions, approvals, deletions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines import ledger
from pipelines.log import who
from pipelines.study import Study


def log_upkeep(
    workspace: Path, study: Study, action: str, *, once: str = "", role: str = "analyst", **facts: Any
) -> None:
    """Put one event in the ledger; `once` names one that is told a single time."""
    event = ledger.Event(
        at=datetime.now(UTC), action=action, study=study.id, purpose=study.purpose.da, basis=study.legal_basis,
        role=role, **facts,
    )  # fmt: skip
    if once:
        ledger.append_once(workspace, event, once, actor=who())
    else:
        ledger.append(workspace, event, actor=who())
