"""A run's lines in the ledger: each told once, however often a run is resumed."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines import ledger
from pipelines.ledger import Event
from pipelines.study import Study

if TYPE_CHECKING:
    from pipelines.context import Run


def log_event(run: Run, once: str, action: str, **facts: Any) -> None:
    """Put one event of a run in the ledger; `once` names it within the run, so a resumed run does not tell it twice."""
    role = "analyst" if run.by_person else "system"
    event, actor = study_event(run.study, action, role=role, now=run.clock(), run=run.id, **facts)
    ledger.append_once(run.workspace, event, f"{run.id}/{once}", actor=actor)


def study_event(
    study: Study, action: str, *, role: str, now: datetime | None = None, **facts: Any
) -> tuple[Event, str]:
    """Return an event of a study and who does it, as the machine knows them."""
    event = Event(
        at=now or datetime.now(UTC),
        action=action,
        study=study.id,
        purpose=study.purpose.da,
        basis=study.legal_basis,
        role=role,
        **facts,
    )
    return event, who()


def who() -> str:
    """Return the name that the machine knows the user by."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a service without a name
        return "system"
