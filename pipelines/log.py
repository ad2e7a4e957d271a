"""A run's lines in the ledger: each told once, however often a run is resumed."""

from __future__ import annotations

import getpass
from typing import Any

from pipelines import ledger
from pipelines.context import Run


def log_event(run: Run, once: str, action: str, **facts: Any) -> None:
    """Put one event of a run in the ledger; `once` names it within the run, so a resumed run does not tell it twice."""
    event = ledger.Event(
        at=run.clock(),
        action=action,
        study=run.study.id,
        purpose=run.study.purpose.da,
        basis=run.study.legal_basis,
        role="analyst" if run.by_person else "system",
        run=run.id,
        **facts,
    )
    ledger.append_once(run.workspace, event, f"{run.id}/{once}", actor=_who())


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a service without a name
        return "system"
