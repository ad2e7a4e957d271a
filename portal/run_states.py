"""What runs have come to, read from `runs/`: the same states as the command and Prefect show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipelines import atomic
from pipelines.run import step_names

__all__ = ["RunState", "run_states"]


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
    running = atomic.is_locked(workspace)
    folders = sorted((workspace / "runs").glob("K-[0-9]*"), reverse=True)
    return [_state(folder, running=running and place == 0) for place, folder in enumerate(folders)]


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
