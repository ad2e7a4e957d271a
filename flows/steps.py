"""A study's way as Prefect sees it: a task a step, ids in, counts out. Nothing of it is stored."""

from __future__ import annotations

from flows import quiet  # noqa: F401 - before Prefect is imported

# isort: split
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.scrubbed import Stopped, scrubbed
from reports.catalogue import Language

__all__ = ["take_the_way"]


@task(name="begin", task_run_name="{study} begin", cache_policy=NO_CACHE, persist_result=False)
@scrubbed
def begin(study: str) -> str:
    """Begin a run of a study; return the run's id. The lock stays closed: only a person opens it."""
    from pipelines import run, workspaces

    return run.begin(workspaces.find(study), confirm=False, by_person=False).id


@task(name="step", task_run_name="{study} {name}", cache_policy=NO_CACHE, persist_result=False)
@scrubbed
def step(study: str, run_id: str, name: str) -> dict[str, int]:
    """Take one step of a run; return its counts."""
    from pipelines.run import run_step

    return run_step(study, run_id, name)


@task(name="finish", task_run_name="{study} finish", cache_policy=NO_CACHE, persist_result=False)
@scrubbed
def finish(study: str, run_id: str, language: str) -> None:
    """Move a run's outputs in, whole; until here yesterday's stand."""
    from pipelines import run

    run.finish(run.reopen(study, run_id), Language(language))


@scrubbed
def take_the_way(study: str, language: Language = Language.DA) -> None:
    """Take the whole way of a study, one run at a time. A failure raises the alarm, and `Stopped`."""
    from pipelines import workspaces
    from pipelines.alarm import raise_alarm
    from pipelines.atomic import folder_lock
    from pipelines.run import step_names

    workspace, run_id, at = None, "", "begin"
    try:
        workspace = workspaces.find(study)
        with folder_lock(workspace):
            run_id = begin(study)
            for at in step_names():
                step(study, run_id, at)
            at = "finish"
            finish(study, run_id, language.value)
            return
    except Stopped as stopped:
        code = stopped.code
    except Exception as error:
        code = f"{type(error).__name__} {getattr(error, 'key', '')}".strip()
    if workspace is not None:
        raise_alarm(workspace, run_id or "K", at, code.rpartition(" ")[2])
    raise Stopped(code)
