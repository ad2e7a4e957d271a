"""The night (`nat`): every study, a task a step; one that fails does not stop the rest, and fails the night."""

from __future__ import annotations

from contextlib import suppress

from flows import quiet  # noqa: F401 - before Prefect is imported

# isort: split
from prefect import flow

from flows.choices import StudyId, studies_now
from flows.keeping import delete_overdue
from flows.scrubbed import Stopped
from flows.steps import take_the_way


@flow(name="nat", persist_result=False)
def nightly(studies: list[StudyId] | None = None) -> None:
    """Take every study (or those chosen) from inbox to draft. The lock stays closed, and nothing is released."""
    chosen = [str(study) for study in studies] if studies else studies_now()
    stopped = [study for study in chosen if not _went_well(study)]
    for study in chosen:
        with suppress(Stopped):  # told in the run's folder; what is kept too long is there the next night too
            delete_overdue(study)
    if stopped:
        raise Stopped(f"{len(stopped)} of {len(chosen)} studies stopped: {', '.join(stopped)}")


def _went_well(study: str) -> bool:
    try:
        take_the_way(study)
    except Stopped:
        return False
    return True
