"""Runs of a trap, and the table that says what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import numpy as np

from benchmarks.traps.town import Answer, through
from benchmarks.traps.worlds import Trap, World
from pipelines.words import both
from reports.values import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Of so many runs of one trap."""

    trap: Trap
    runs: int
    refused: int  # in which `check` refused the careless study by name (where the guard is a refusal)
    unflagged: int  # with the guard on, in which a confirmed finding stood without the trap's mark
    flagged: int  # with the guard on, in which one stood with it
    twin: int  # with the guard off, in which one stood
    named: int = 0  # in which the leaking column was named

    @property
    def holds(self) -> bool:
        """At most one run in twenty (none of fewer than twenty), and every refusal given."""
        return 20 * self.unflagged <= self.runs and (not self.trap.refusal or self.refused == self.runs)


def told(trap: Trap, runs: int, *, first: int = 0) -> Told:
    """Draw the trap's world so many times, and take its towns through."""
    refused = unflagged = flagged = twin = named = 0
    for seed in range(first, first + runs):
        world = trap.world(np.random.default_rng([trap.number, seed]))
        if world.honest is not None:
            refused += trap.refusal in through(world.honest, seed).refused
        guarded = through(world.guarded, seed)
        assert not guarded.refused, guarded.refused
        marked = [_marked(one, trap.flag) for one in guarded.cards]
        unflagged += not all(marked)
        flagged += bool(marked) and all(marked)
        named += bool(guarded.left_out)
        with _leaks(off=trap.leak_off):
            twin += _twin(world, guarded, leaks_off=trap.leak_off, seed=seed)
    return Told(
        trap=trap, runs=runs, refused=refused, unflagged=unflagged, flagged=flagged, twin=twin, named=named
    )  # fmt: skip


def _twin(world: World, guarded: Answer, *, leaks_off: bool, seed: int) -> bool:
    """Whether anything is confirmed in the careless town; where only a mark differs, that is the guarded town."""
    same = world.careless is world.guarded and not leaks_off
    answer = guarded if same else through(world.careless, seed)
    assert answer.found is not None, answer.refused
    return any(one.status == "confirmed" for one in answer.found.findings)


def _marked(card: Card, flag: str) -> bool:
    if flag == "service":
        return card.contains_service
    if flag == "selection":
        return card.notes.objection == both("objection.selected")
    if flag == "scale":
        return card.scales != "both"
    return False


@contextmanager
def _leaks(*, off: bool) -> Iterator[None]:
    """The search without its leak check, for the twin."""
    if not off:
        yield
        return
    with mock.patch("analysis.search.gives_outcome_away", return_value=False):
        yield


HEADER = (
    "| # | trap | guard | refused by name | guard on: unflagged | flagged | guard off: found |\n"
    "|---|---|---|---|---|---|---|"
)


def row(one: Told) -> str:
    """A line of the table."""
    trap, runs = one.trap, one.runs
    by_name = f"`{trap.refusal}` {one.refused} of {runs}" if trap.refusal else ""
    if trap.leak_off:
        by_name = f"named {one.named} of {runs}"
    flagged = f"{one.flagged} of {runs}" if trap.flag else ""
    return (
        f"| {trap.number} | {trap.name} | {trap.guard} | {by_name} | {one.unflagged} of {runs} | {flagged}"
        f" | {one.twin} of {runs} |"
    )
