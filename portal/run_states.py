"""What runs have come to, read from `runs/`: the same states as the command and Prefect show."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipelines.run import step_names

__all__ = ["RunState", "is_running", "run_states"]

LOCK = ".undring.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """One run: how far it is, and what its steps counted."""

    id: str
    begun: datetime
    state: Literal["done", "running", "interrupted"]
    steps: tuple[tuple[str, bool, dict[str, int]], ...]  # name, taken, counts

    @property
    def taken(self) -> int:
        return sum(done for _, done, _ in self.steps)


def run_states(workspace: Path) -> list[RunState]:
    """Return every run that has a folder, newest first."""
    running = is_running(workspace)
    folders = sorted((workspace / "runs").glob("K-[0-9]*"), reverse=True)
    return [_state(folder, running=running and place == 0) for place, folder in enumerate(folders)]


def is_running(workspace: Path) -> bool:
    """Return whether somebody holds the workspace: a lock that dies with its process."""
    try:
        descriptor = os.open(workspace / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _state(folder: Path, *, running: bool) -> RunState:
    steps = []
    for name in step_names():
        marker = folder / f"{name}.step.json"
        counts: dict[str, int] = {}
        if marker.exists():
            told = json.loads(marker.read_text(encoding="utf-8"))
            counts = {key: value for key, value in told.items() if type(value) is int}
        steps.append((name, marker.exists(), counts))
    done = (folder / "done.json").exists()
    return RunState(
        id=folder.name,
        begun=datetime.fromtimestamp((folder / "run.json").stat().st_mtime, UTC)
        if (folder / "run.json").exists()
        else datetime.fromtimestamp(folder.stat().st_mtime, UTC),
        state="done" if done else "running" if running else "interrupted",
        steps=tuple(steps),
    )
