"""Runs: what they came to, one that is on its way, and a form to start one (choices only, never free text)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

from pipelines import atomic
from pipelines.errors import InputError
from portal.asking import NOT_FOUND, Ask, Reply, page, to
from portal.run_states import run_states
from portal.site import Site
from reports import catalogue
from reports.catalogue import Language

__all__ = ["HANDLERS"]

EVERY_S = 2
MOST_SAID = 20_000  # bytes of what a run says when it stops


def runs(ask: Ask) -> Reply:
    """List the runs; while one is on its way the page comes anew by itself."""
    running = _on_its_way(ask)
    return page(
        ask,
        "runs",
        runs=run_states(ask.site.workspace),
        running=running,
        stopped=(ask.site.stopped or {}).get(ask.language.value, "") if not running and ask.may("analyst") else "",
        refresh=EVERY_S if running else 0,
    )


def one_run(ask: Ask) -> Reply:
    """Show one run's steps. Counts of people are for the analyst; others see how far it is."""
    found = next((one for one in run_states(ask.site.workspace) if one.id == ask.path["run"]), None)
    if found is None:
        raise NOT_FOUND
    lines = []
    for name, taken, counts in found.steps:
        said = ""
        if taken and ask.may("analyst"):
            try:
                said = catalogue.text(ask.language, f"progress.{name}.done", counts)
            except KeyError:
                said = ""
        lines.append((catalogue.text(ask.language, f"progress.{name}.name"), taken, said))
    return page(ask, "run", run=found, lines=lines, refresh=EVERY_S if found.state == "running" else 0)


def start(ask: Ask) -> Reply:
    """Start a run in a process of its own; the lock of the locked part stays closed."""
    if ask.form.get("language") not in ("da", "en"):
        raise InputError("portal_choice", file="portal")
    if _on_its_way(ask):
        raise InputError("busy", file=ask.site.workspace)
    _launch(ask, Language(ask.form["language"]), ask.study_passphrase())
    return to("/runs")


def _on_its_way(ask: Ask) -> bool:
    """Return whether a run goes on, or was started here and has not come to its lock yet."""
    worker = ask.site.worker
    return atomic.is_locked(ask.site.workspace) or (worker is not None and worker.poll() is None)


def _launch(ask: Ask, language: Language, passphrase: str) -> None:
    """The passphrase goes through a pipe: not an argument, not the environment, not a file."""
    read, write = os.pipe()
    try:
        command = [sys.executable, "-P", "-m", "portal.worker", str(ask.site.workspace), language.value, str(read)]
        ask.site.stopped = None
        ask.site.worker = process = subprocess.Popen(
            command, pass_fds=(read,), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        os.write(write, passphrase.encode() + b"\n")
    finally:
        os.close(read)
        os.close(write)
    threading.Thread(target=_heard, args=(ask.site, process), daemon=True).start()  # so that it leaves no zombie


def _heard(site: Site, process: subprocess.Popen[bytes]) -> None:
    """Wait for the run, and keep what it says of why it stopped."""
    said = process.communicate()[0][-MOST_SAID:]
    if process.returncode in (0, 3) or site.worker is not process:  # 3: whole, and something waits for a person
        return
    try:
        told = json.loads(said)
        site.stopped = {one.value: str(told[one.value]) for one in Language}
    except (ValueError, KeyError, TypeError):
        site.stopped = {one.value: catalogue.text(one, "portal.runs.stopped_ours") for one in Language}


HANDLERS = {("GET", "/runs"): runs, ("POST", "/runs"): start, ("GET", "/runs/{run}"): one_run}
