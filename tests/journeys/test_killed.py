"""Promise 7: a run killed anywhere is resumed and ends in the same findings, printed numbers, package and ledger."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.run import step_names
from tests.journeys.conftest import undring

PEOPLE = 1_000
# The step does all its work, and dies before its marker is written: nothing may be done twice.
KILL = """
import os, signal, sys
from pathlib import Path
import pipelines.run as run
name, folder = sys.argv[1], Path(sys.argv[2])
steps = dict(run.STEPS)
taken = steps[name]
def dies(begun, tell):
    taken(begun, tell)
    os.kill(os.getpid(), signal.SIGKILL)
steps[name] = dies
run.STEPS = steps
run.demo(folder, people=int(sys.argv[3]), seed=3)
"""


def _kept(workspace: Path) -> dict[str, object]:
    report = (workspace / "draft" / "rapport.UDKAST.html").read_text(encoding="utf-8")
    events = [
        (line["action"], line.get("register"), line.get("people"), line.get("outcome"))
        for path in sorted((workspace / "ledger").glob("*.jsonl"))
        for line in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]
    return {
        "findings": (workspace / "findings.json").read_bytes(),
        "released": (workspace / "draft" / "fund.json").read_bytes(),
        "package": (workspace / "draft" / "package" / "data.csv").read_bytes(),
        "printed": re.findall(r"\d[\d.,]*", re.sub(r"<style>.*?</style>", "", report, flags=re.S)),
        "events": events,
    }


def _plain_outside(workspace: Path) -> set[str]:
    """The files outside the inbox that hold a number of the inbox's."""
    inbox = workspace / "inbox"
    numbers = {one for file in inbox.glob("*.csv") for one in re.findall(rb"\b\d{6}-?\d{4}\b", file.read_bytes())}
    assert numbers  # the grep finds them where they are
    outside = [path for path in workspace.rglob("*") if path.is_file() and inbox not in path.parents]
    return {path.name for path in outside if numbers & set(re.findall(rb"\b\d{6}-?\d{4}\b", path.read_bytes()))}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    place = tmp_path_factory.mktemp("whole")
    done = undring(
        "demo", "--people", str(PEOPLE), "--seed", "3", "--dir", str(place / "k"), home=place / "home", cwd=place
    )
    assert done.returncode == 0, done.stderr
    return _kept(place / "k")


@pytest.mark.slow
@pytest.mark.parametrize("name", step_names())
def test_a_run_killed_in_any_step_ends_the_same(
    attack_row, name: str, whole: dict[str, object], tmp_path: Path
) -> None:
    home, workspace = tmp_path / "home", tmp_path / "k"
    env = {**os.environ, "UNDRING_HOME": str(home)}
    killed = subprocess.run(
        [sys.executable, "-c", KILL, name, str(workspace), str(PEOPLE)], env=env, check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    half = (workspace / "draft").exists() or bool(_plain_outside(workspace))
    attack_row.case(
        "16", works=bool(whole["released"]), through=half, what="steps"
    )  # nothing half-written, nothing plain
    done = undring("run", str(workspace), "--resume", "--confirm", "--yes", home=home, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert _kept(workspace) == whole
