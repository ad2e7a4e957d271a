"""A run's own test of itself, kept beside its findings: see analysis/self_test.py for what a placebo is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.values import Discovery, SelfTest
from pipelines import state
from pipelines.errors import InputError

if TYPE_CHECKING:
    from pipelines.context import Run, Tell
    from reports.values import Report

FILE = "self_test.json"
ENOUGH = 20  # placebos that a report must have before it is released
TRIAL = 5.0  # seconds: a study that gives less is only being tried out, and may make fewer


def test_itself(run: Run, tell: Tell) -> SelfTest:
    """Run the study's procedure on drawn outcomes, for about as long as the study says; write and return the answer.

    Leads go into the locked part as `run --confirm` sends them: each once, Holm at alpha x leads / attempts.
    """
    from analysis import self_test
    from pipelines import steps

    study = run.study
    found = state.read(run.folder / "discovery.json", Discovery)
    frame = steps.parts(run)
    told = self_test(
        frame,
        steps.definitions(run, frame),
        found,
        locked=frame["locked"].to_numpy() if found.people_locked else None,
        try_statuses=("discovered",) if run.whole_account else ("discovered", "lead"),
        level=lambda leads: study.alpha * (1.0 if run.whole_account else min(leads / study.attempts, 1.0)),
        cluster="cluster",
        settings=steps.settings(run),
        seconds=study.self_test_seconds,
        least=ENOUGH if study.self_test_seconds >= TRIAL else 0,
        progress=tell,
    )
    state.write(run.folder / FILE, told)
    tell(1.0)
    return told


def answer_of(run: Run) -> SelfTest:
    """Return what a run's test of itself said; an empty answer where it made none."""
    path = run.folder / FILE
    return state.read(path, SelfTest) if path.exists() else SelfTest()


def printed(told: SelfTest) -> dict[str, Any]:
    """Return the report's fields: how often drawn outcomes gave a finding, and how much that was planted came out.

    The numbers say something of the method on a table of this size, and nothing of anybody in it: no outcome in them
    is a person's own.
    """
    from reports.values import PlantedStrength

    return {
        "placebo_runs": told.placebo_runs,
        "placebo_false": told.placebo_discovered,
        "placebo_confirmed": told.placebo_confirmed,
        "planted": sum(one.planted for one in told.planted),
        "planted_found": sum(one.found for one in told.planted),
        "planted_by": tuple(
            PlantedStrength(odds=one.odds, planted=one.planted, found=one.found, confirmed=one.confirmed)
            for one in told.planted
        ),
    }


def refuse_too_few(report: Report, *, file: Path) -> None:
    """Refuse to release a report that has not been tested on enough placebos. Raises: InputError `too_few_placebos`.

    A demo is invented, and no search was made where nothing was large enough.
    """
    if report.demo or not report.funnel.tested:
        return
    if report.placebo_runs < ENOUGH:
        raise InputError("too_few_placebos", file=file, placebos=report.placebo_runs, enough=ENOUGH)


def told_of(workspace: Path) -> SelfTest:
    """Return what the newest run that tested itself said: for the DPO's page."""
    files = sorted((workspace / "runs").glob(f"*/{FILE}"))
    return state.read(files[-1], SelfTest) if files else SelfTest()
