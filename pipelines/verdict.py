"""The last verdict of the nine controls, with its time and the head it was computed for: pages show it, runs renew it.

It is a note of what was computed, for reading: nothing opens on it. What decides (`release_door.py`) computes anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines import atomic, audit, ledger, state
from reports.values import Control

__all__ = ["Verdict", "compute", "last", "note"]

FILE = "verdict.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `audit verify` said, and when, over which ledger."""

    at: datetime
    lines: int
    head: str  # hash of the ledger's last line
    controls: tuple[Control, ...]

    @property
    def failed(self) -> tuple[Control, ...]:
        return tuple(control for control in self.controls if control.passed is False)


def compute(workspace: Path, *, now: datetime | None = None) -> Verdict:
    """Compute the nine controls, keep the verdict beside the runs, and return it."""
    return note(workspace, audit.verify(workspace, now=now), now=now)


def note(workspace: Path, controls: tuple[Control, ...], *, now: datetime | None = None) -> Verdict:
    """Keep a verdict that was just computed."""
    newest = audit.show(workspace, 1)
    made = Verdict(
        at=now or datetime.now(UTC),
        lines=newest[0].number if newest else 0,
        head=newest[0].hash if newest else ledger.FIRST,
        controls=controls,
    )
    atomic.make_private(workspace / "runs")
    state.write(workspace / "runs" / FILE, made)
    return made


def last(workspace: Path) -> Verdict | None:
    """Return the last verdict, or None when there is none that can be read."""
    try:
        return state.read(workspace / "runs" / FILE, Verdict)
    except (OSError, ValueError):
        return None
