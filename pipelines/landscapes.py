"""Where a run keeps the landscape of each outcome: the first one's under the name that earlier versions gave it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.landscape import Landscape
from pipelines import state

__all__ = ["read_landscapes", "write_landscapes"]


def write_landscapes(folder: Path, seen: Sequence[Landscape]) -> None:
    """Write one file an outcome, in the run's order."""
    for number, one in enumerate(seen, start=1):
        state.write(folder / _name(number), one)


def read_landscapes(folder: Path, outcomes: int) -> tuple[Landscape, ...]:
    """Return them; an empty one where a run of an earlier version wrote none."""
    files = [folder / _name(number) for number in range(1, outcomes + 1)]
    return tuple(state.read(file, Landscape) if file.exists() else Landscape() for file in files)


def _name(number: int) -> str:
    return "landscape.json" if number == 1 else f"landscape-{number}.json"
