"""What is kept too long is deleted (`opbevaring`): by itself, and at the end of every night."""

from __future__ import annotations

from flows import quiet  # noqa: F401 - before Prefect is imported

# isort: split
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.choices import StudyId, studies_now
from flows.scrubbed import scrubbed

__all__ = ["delete_overdue", "keeping"]


@task(name="delete_overdue", task_run_name="{study} retention", cache_policy=NO_CACHE, persist_result=False)
@scrubbed
def delete_overdue(study: str) -> dict[str, int]:
    """Delete what a study has kept too long; return how many things."""
    from datetime import UTC, datetime

    from pipelines import retention, workspaces
    from pipelines.atomic import folder_lock
    from pipelines.study import read_study

    workspace = workspaces.find(study)
    with folder_lock(workspace):
        told = read_study(workspace)
        things = retention.overdue(workspace, told, now=datetime.now(UTC))
        return {"deleted": retention.delete(workspace, told, things, by_person=False), "overdue": len(things)}


@flow(name="opbevaring", persist_result=False)
def keeping(studies: list[StudyId] | None = None) -> None:
    """Delete what has been kept longer than each study's retention says."""
    for study in [str(one) for one in studies] if studies else studies_now():
        delete_overdue(study)
