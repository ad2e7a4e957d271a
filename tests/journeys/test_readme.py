"""Every command of the README is run, in a copy of the tree, as it stands there. (`make test` is what runs this.)"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    line.strip()
    for block in re.findall(r"```\n(.*?)```", README, flags=re.S)
    for line in block.splitlines()
    if line.strip()
]
INLINE = re.findall(r"`(make [a-z0-9-]+)`", README)
# These run other tests or measure for many minutes: that the target is there is shown here, their content elsewhere
# (tests/simulation and tests/attacks run in `make test`; `make bench` prints the closing note's figures).
ONLY_PLANNED = {"make bench", "make simulate", "make attack"}
NOT_RUN = {"make test"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tracked files beside the environment that runs this test."""
    place = tmp_path_factory.mktemp("readme") / "undring"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        source = ROOT / name
        if source.exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place / name)
            shutil.copymode(source, place / name)
    (place / ".venv").symlink_to(ROOT / ".venv")
    return place


def run(command: str, tree: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    if words[0] == "make":
        words[1:1] = ["-o", "setup"]  # the environment is the one that runs this test
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "MAKEFLAGS", "MAKELEVEL")}
    env["UNDRING_HOME"] = str(tree.parent / "home")
    return subprocess.run(words, cwd=tree, env=env, capture_output=True, text=True, timeout=580, check=False)


def test_the_readme_has_its_two_commands_first() -> None:
    assert BLOCKS[:2] == ["make demo", "make test"]


def test_every_command_in_a_block_works_in_the_order_it_stands(tree: Path) -> None:
    for command in BLOCKS:
        if command not in NOT_RUN:
            done = run(command, tree)
            assert done.returncode == 0, f"{command}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    assert (tree / "demo" / "draft" / "rapport.UDKAST.html").exists()
    assert (tree / "build" / "discover" / "findings.json").exists()


@pytest.mark.parametrize("command", sorted(ONLY_PLANNED & set(INLINE)))
def test_a_long_command_is_there(command: str, tree: Path) -> None:
    done = run(command.replace("make ", "make -n "), tree)
    assert done.returncode == 0
    assert "python" in done.stdout


def test_the_example_runs_on_data_nobody_here_made(tree: Path) -> None:
    if "UNDRING_DATA" not in os.environ:
        pytest.skip("UNDRING_DATA is not set: no real data here. `make data` fetches them; the example is NOT tried.")
    done = run("make example-nafld", tree)
    assert done.returncode == 0, done.stderr[-1500:]
    assert (tree / "examples" / "nafld" / "draft" / "fund.json").exists()


@pytest.mark.slow
def test_a_night_is_shown_by_one_command(tree: Path) -> None:
    done = run("make nightly", tree)
    assert done.returncode == 0, f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    assert re.search(r"Completed", done.stdout)


def test_no_command_was_forgotten() -> None:
    tried = {*BLOCKS, *NOT_RUN, *ONLY_PLANNED, "make example-nafld", "make nightly"}
    # `make data` needs a Debian archive; tests/pipelines/test_study_fetch_data.py reads what it fetches
    assert set(INLINE) <= tried | {"make data"}
