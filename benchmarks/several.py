"""Several outcomes in one run: the error promise over all of them, and what the second outcome costs.

    python -m benchmarks.several [SETS] [--first SET] [--cost]

Three outcomes that go together are searched in one run: how many runs have any finding where nothing is there, how many
confirm one in a lock of 30 %, and where a pattern of the second outcome is found. Beside it: each outcome searched at
the whole alpha, as if it were alone. `--cost`: processor seconds of two and three outcomes beside those of one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis import Asked, Discovery, Settings, confirm, define, search, search_outcomes
from analysis.values import Condition
from benchmarks.told import bounded
from benchmarks.worlds import several_world

SETTINGS = Settings(threads=1)
OUTCOMES = tuple(f"y{place}" for place in range(3))
ASKED = [Asked(column=one) for one in OUTCOMES]
PLANTED = {frozenset({"c000", "c001"}): 1.2}
LOCK = 0.3


@dataclass
class Seen:
    """What so many runs came to."""

    runs: int = 0
    stray: int = 0  # runs with a discovered finding that shares fewer than two members with a true one of its outcome
    confirmed: int = 0  # runs with such a finding confirmed in the lock
    apart: int = 0  # runs with such a finding when each outcome is searched at the whole alpha
    planted: int = 0
    found: int = 0

    def text(self, name: str) -> str:
        """Return a line."""
        line = (
            f"{name}: {self.runs} runs of {len(OUTCOMES)} outcomes; any stray {bounded(self.stray, self.runs)}; "
            f"confirmed {bounded(self.confirmed, self.runs)}"
        )
        if self.apart:
            line += f"; each at the whole alpha {bounded(self.apart, self.runs)}"
        return line + (f"; planted in the second found there {self.found} of {self.planted}" if self.planted else "")


def runs(sets: int, *, first: int = 0, seed: int = 17, planted: bool = False, apart: bool = True) -> Seen:
    """Search `sets` draws, with and without sharing alpha, and try all leads in the lock."""
    seen = Seen()
    for place in range(first, first + sets):
        rng = np.random.default_rng([seed, place])
        people = 10_000 if planted else 3_000
        frame = several_world(rng, people, truth=PLANTED if planted else None)
        locked = pl.Series(rng.uniform(size=people) < LOCK)
        open_part = frame.filter(~locked)
        definitions = define(frame, exclude=OUTCOMES, settings=SETTINGS)
        found = search_outcomes(open_part, definitions, ASKED, settings=SETTINGS)
        seen.runs += 1
        seen.stray += _stray(found, planted)
        if found.all_findings:
            answered = confirm(found, frame.filter(locked), definitions, settings=SETTINGS)
            seen.confirmed += _stray(answered, planted, "confirmed")
        if planted:
            seen.planted += len(PLANTED)
            seen.found += sum(
                one.status == "discovered" and one.outcome == "y1" and _members(one.conditions) in PLANTED
                for one in found.all_findings
            )
        if apart:
            each = [search(open_part, definitions, outcome=one, settings=SETTINGS) for one in OUTCOMES]
            seen.apart += any(one.status == "discovered" for alone in each for one in alone.findings)
    return seen


def _members(conditions: Sequence[Condition]) -> frozenset[str]:
    return frozenset(one.column for one in conditions)


def _stray(found: Discovery, planted: bool, status: str = "discovered") -> bool:
    truth = PLANTED if planted else {}
    for one in found.all_findings:
        true = truth if one.outcome == "y1" else {}
        shares = max((len(_members(one.conditions) & members) for members in true), default=0)
        if one.status == status and shares < 2:
            return True
    return False


def cost(people: int, count: int, turns: int = 5) -> list[float]:
    """Return processor seconds of a run with the first outcome alone, the first two, and all: the best of turns."""
    frame = several_world(np.random.default_rng(1), people, count)
    taken = [float("inf")] * len(ASKED)
    for _ in range(turns):
        for place in range(len(ASKED)):
            begun = time.process_time()
            definitions = define(frame, exclude=OUTCOMES, settings=SETTINGS)
            search_outcomes(frame, definitions, ASKED[: place + 1], settings=SETTINGS)
            taken[place] = min(taken[place], time.process_time() - begun)
    return taken


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=int, nargs="?", default=500, help="runs")
    parser.add_argument("--first", type=int, default=0, help="the first set's number")
    parser.add_argument("--cost", action="store_true", help="only what further outcomes cost")
    chosen = parser.parse_args()
    if not chosen.cost:
        print(runs(chosen.sets, first=chosen.first).text("nothing there"), flush=True)
        some = runs(max(chosen.sets // 10, 1), first=chosen.first, planted=True, apart=False)
        print(some.text("a pair in the second"), flush=True)
    for people, count in ((20_000, 60), (75_000, 60), (75_000, 200)):
        one, *more = cost(people, count)
        told = ", ".join(f"{of} outcomes {each:.2f} s ({each / one:.2f} times)" for of, each in enumerate(more, 2))
        print(f"{people:,} x {count}: one outcome {one:.2f} s, {told}", flush=True)


if __name__ == "__main__":
    main()
