"""That accounts were changed stands in the ledger of every study here: an added decider is a thing the DPO must see."""

from __future__ import annotations

from pipelines import ledger, workspaces
from pipelines.errors import InputError
from pipelines.log import study_event
from pipelines.study import read_study

__all__ = ["noted"]


def noted(what: str) -> None:
    """Put `config.change` in each study's ledger; `what` is user.add, user.role or user.disable, and no name."""
    for place in workspaces.known().values():
        if not (place / "study.toml").is_file() or not ledger.segments(place):
            continue
        try:
            study = read_study(place)
        except InputError:
            continue  # a study that does not pass `check` has no words for its purpose
        event, actor = study_event(study, "config.change", role="operator", code=what)
        ledger.append(place, event, actor=actor)
