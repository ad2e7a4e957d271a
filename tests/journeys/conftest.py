"""One demo municipality for all journeys, made once: by the command, as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PEOPLE, SEED = 4_000, 3  # few, and with a finding


@dataclass(frozen=True)
class Demo:
    workspace: Path
    home: Path
    stdout: str
    stderr: str


def undring(*arguments: str, home: Path, cwd: Path, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does; CI is unset, so that nothing behaves better there than at home."""
    command = [str(Path(sys.executable).with_name("undring")), *arguments]
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    env["UNDRING_HOME"] = str(home)
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    place = tmp_path_factory.mktemp("demo")
    home, workspace = place / "home", place / "kommune"
    done = undring("demo", "--people", str(PEOPLE), "--seed", str(SEED), "--dir", str(workspace), home=home, cwd=place)
    assert done.returncode == 0, done.stderr
    return Demo(workspace=workspace, home=home, stdout=done.stdout, stderr=done.stderr)
