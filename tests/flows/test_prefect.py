"""A real Prefect server and worker: two deployments, a night that goes well, one that does not, and what is stored."""

from __future__ import annotations

import csv
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.nightly import ROOT, LocalPrefect, local_prefect

PLANTED = "6101" + "50-4321"  # a synthetic number that a step's exception quotes
FAULT = f'''
"""Loaded at start of every Python here: the step `discover` of the study `uheld` fails, and quotes a citizen."""
import importlib.machinery, sys

class Hook:
    def find_spec(self, name, path=None, target=None):
        if name != "pipelines.run":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def execute_and_break(module):
            execute(module)
            sound = dict(module.STEPS)

            def discover(run, tell):
                if run.study.id == "uheld":
                    citizen = "{PLANTED}"
                    raise ValueError("could not read " + citizen)
                return sound["discover"](run, tell)

            module.STEPS = {{**sound, "discover": discover}}

        spec.loader.exec_module = execute_and_break
        return spec

sys.meta_path.insert(0, Hook())
'''


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A machine with two studies that both had a good yesterday, a server, both deployments and a worker."""
    place = tmp_path_factory.mktemp("house")
    (place / "fault").mkdir()
    (place / "fault" / "sitecustomize.py").write_text(FAULT, encoding="utf-8")
    patch = pytest.MonkeyPatch()
    patch.setenv("UNDRING_HOME", str(place / "home"))
    from pipelines import run, workspaces

    run.demo(place / "demo", people=1_000, seed=1)
    study = place / "uheld"
    made = ("ledger", "vault", "runs", "draft", "quarantine", "findings.json")  # its own: a forked ledger is refused
    shutil.copytree(place / "demo", study, ignore=shutil.ignore_patterns(*made))
    text = (study / "study.toml").read_text(encoding="utf-8")
    for name in ("id", "key"):
        text = re.sub(rf'(?m)^{name} = "demo(-1)?"$', f'{name} = "uheld"', text)
    (study / "study.toml").write_text(text, encoding="utf-8")
    workspaces.register("uheld", study)
    run.run(study)
    more = {"UNDRING_HOME": str(place / "home"), "PYTHONPATH": f"{place / 'fault'}:{ROOT}"}
    with local_prefect(place / "prefect", more) as prefect:
        yield SimpleNamespace(place=place, prefect=prefect, demo=place / "demo", uheld=study)
    patch.undo()


def everything_of(prefect: LocalPrefect) -> bytes:
    """All that Prefect has kept: its database with what is not yet folded into it, results, logs."""
    sqlite3.connect(prefect.home / "prefect.db").execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    return b"\n".join(path.read_bytes() for path in sorted(prefect.home.rglob("*")) if path.is_file())


def outputs(workspace: Path) -> dict[str, bytes]:
    files = [workspace / "findings.json", *(workspace / "draft").rglob("*")]
    return {str(path.relative_to(workspace)): path.read_bytes() for path in files if path.is_file()}


def people_of(workspace: Path) -> set[str]:
    """The CPR numbers, in both spellings, and the full names of the demo's people, as the inbox has them."""
    found: set[str] = set()
    for path in sorted((workspace / "inbox").rglob("*.csv")):
        text = path.read_bytes().decode("cp1252", errors="replace")
        for number in re.findall(r"(?<!\d)\d{6}-?\d{4}(?!\d)", text):
            found |= {number.replace("-", ""), f"{number.replace('-', '')[:6]}-{number[-4:]}"}
        rows = csv.reader(text.splitlines(), delimiter=";")
        header = [name.lower() for name in next(rows, [])]
        wanted = [place for place, name in enumerate(header) if "navn" in name or "adresse" in name]
        found |= {row[place] for row in rows for place in wanted if len(row) > place and len(row[place]) > 8}
    for path in (workspace / "inbox").glob("D*.L431101"):  # names in record 008, addresses in 003
        lines = path.read_text("iso-8859-1").splitlines()
        found |= {
            line[13:53].strip() for line in lines if line.startswith(("003", "008")) and len(line[13:].strip()) > 8
        }
    return found


@pytest.mark.slow
def test_both_deployments_are_made_and_the_night_is_at_two_in_copenhagen(house):
    night = house.prefect.ask("GET", "/deployments/name/nat/nat")
    wish = house.prefect.ask("GET", "/deployments/name/analyse/analyse")
    (schedule,) = night["schedules"]
    assert schedule["schedule"]["cron"] == "0 2 * * *"
    assert schedule["schedule"]["timezone"] == "Europe/Copenhagen"
    assert night["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert night["global_concurrency_limit"]["limit"] == 1
    choices = {name: part["enum"] for name, part in wish["parameter_openapi_schema"]["definitions"].items()}
    assert choices["StudyId"] == ["demo", "uheld"]
    assert wish["enforce_parameter_schema"]


@pytest.mark.slow
def test_a_night_goes_well_and_the_draft_is_new(house):
    before = (house.demo / "draft" / "dpo.html").stat().st_mtime_ns
    night = house.prefect.run("nat/nat", {"studies": ["demo"]}, within=300)
    assert night["state_type"] == "COMPLETED", night["state"]
    assert (house.demo / "draft" / "dpo.html").stat().st_mtime_ns > before
    names = [task["name"] for task in house.prefect.task_runs(night["id"])]
    assert names[0] == "demo begin"
    assert names[-2:] == ["demo finish", "demo retention"]  # what is kept too long goes last
    assert "demo discover" in names
    assert not (house.demo / "runs" / "ALARM.txt").exists()


@pytest.mark.slow
def test_a_night_that_fails_leaves_yesterday_standing_lets_the_others_go_on_and_raises_the_alarm(house):
    yesterday = outputs(house.uheld)
    assert "draft/rapport.UDKAST.html" in yesterday
    before = (house.demo / "draft" / "dpo.html").stat().st_mtime_ns
    night = house.prefect.run("nat/nat", {"studies": ["uheld", "demo"]}, within=300)
    assert night["state_type"] == "FAILED"
    assert outputs(house.uheld) == yesterday
    assert (house.demo / "draft" / "dpo.html").stat().st_mtime_ns > before  # the other study went on
    alarm = (house.uheld / "runs" / "ALARM.txt").read_text(encoding="utf-8")
    assert "discover" in alarm
    assert "ValueError" in alarm
    assert PLANTED not in alarm
    (described,) = (house.uheld / "runs").rglob("fejl-*.txt")
    assert PLANTED not in described.read_text(encoding="utf-8")


@pytest.mark.slow
def test_prefect_refuses_what_is_not_a_choice(house):
    with pytest.raises(Exception, match="HTTP Error 4"):
        house.prefect.run("analyse/analyse", {"study": "noget andet"}, within=60)


@pytest.mark.slow
def test_prefect_has_kept_nothing_about_anybody(house):
    kept = everything_of(house.prefect)
    assert b"ValueError" in kept  # it did keep that the night failed
    assert b"uheld discover" in kept
    people = people_of(house.demo) | people_of(house.uheld)
    assert len(people) > 1_000
    assert PLANTED.encode() not in kept
    assert [os.fsencode(one) in kept for one in people].count(True) == 0
