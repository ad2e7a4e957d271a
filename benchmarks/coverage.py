"""Coverage of the intervals of discovered findings: `python -m benchmarks.coverage [SETS] [--only WORD] [--first SET]`.

Counts that are more uneven than chance, and times to an event: a pair and a triple are planted, weak and strong, and
each discovered one's 95 % interval of observed over expected is held against the truth. The truth is what the same
background gives of the same people when their outcomes are drawn anew `AGAIN` times and put together: it has no
luck of the one draw in it. Strong: adjusted p below 0.0001.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import binomtest

from analysis import Definitions, Finding, Settings, define, search
from analysis.families import read_response
from analysis.readings import NOTHING
from analysis.table import Term, make_table, workers
from analysis.values import Kind
from benchmarks.told import at_most
from benchmarks.worlds import Flags, Floats, counted, people_and_rates, timed

SETTINGS = Settings(threads=1)
BESIDE = ("outcome", "age", "time")
AGAIN = 30
STRONG = 1e-4
ASKED = 0.93
Drawn = Callable[[np.random.Generator, Flags, Floats, Floats], pl.DataFrame]
PAIR, TRIPLE = frozenset({"c000", "c001"}), frozenset({"c002", "c003", "c004"})
WEAK: Mapping[frozenset[str], float] = {PAIR: 0.45, TRIPLE: 0.7}
LARGE: Mapping[frozenset[str], float] = {PAIR: 0.8, TRIPLE: 1.2}


@dataclass(frozen=True)
class Scene:
    """A shape of people."""

    kind: Kind
    drawn: Drawn
    truth: Mapping[frozenset[str], float]


SCENES: dict[str, Scene] = {
    "uneven counts, weak": Scene("count", counted, WEAK),
    "uneven counts, strong": Scene("count", counted, LARGE),
    "very uneven counts, strong": Scene("count", lambda *one: counted(*one, frailty=4.0), LARGE),
    "times, weak": Scene("time", timed, WEAK),
    "times, strong": Scene("time", timed, LARGE),
}


@dataclass
class Tally:
    """How many intervals hold the truth."""

    sets: int = 0
    intervals: int = 0
    held: int = 0
    strong: int = 0
    strong_held: int = 0
    above: int = 0  # of those that do not, intervals that lie above the truth: the finding is read too large
    seconds: float = 0.0

    def text(self, name: str) -> str:
        """Return a line."""
        if not self.intervals:
            return f"{name:<28} {self.sets} sets: nothing found"
        test = binomtest(self.held, self.intervals, ASKED, alternative="less")
        line = (
            f"{name:<28} {self.sets} sets: {self.held} of {self.intervals} intervals hold the truth "
            f"({self.held / self.intervals:.3f}, p against {ASKED}: {test.pvalue:.2g}; misses at most "
            f"{at_most(self.intervals - self.held, self.intervals):.3f}), {self.above} lie too far from 1"
        )
        if self.strong:
            line += f"; strong {self.strong_held} of {self.strong} ({self.strong_held / self.strong:.3f})"
        return line + f"; {self.seconds / self.sets:.1f} s a set"


def tally(scene: Scene, sets: int, *, first: int = 0, seed: int = 23) -> Tally:
    """Search `sets` draws of a scene."""
    result = Tally()
    for place in range(first, first + sets):
        rng = np.random.default_rng([seed, place])
        begun = time.process_time()
        people = people_and_rates(rng, 8_000, 20, 0.2, scene.truth)
        frame = scene.drawn(rng, *people)
        definitions = define(frame, exclude=BESIDE, settings=SETTINGS)
        found = search(
            frame, definitions, outcome="outcome", kind=scene.kind, follow_up="time", adjust=["age"], settings=SETTINGS
        )
        listed = [one for one in found.findings if one.status == "discovered"]
        for one, ratio in _true_ratios(scene, rng, people, definitions, listed):
            held = one.search.ratio_low <= ratio <= one.search.ratio_high
            further = ratio < one.search.ratio_low if one.direction == "more" else ratio > one.search.ratio_high
            result.intervals += 1
            result.held += held
            result.above += not held and further
            result.strong += one.p_search < STRONG
            result.strong_held += held and one.p_search < STRONG
        result.sets += 1
        result.seconds += time.process_time() - begun
    return result


def _true_ratios(
    scene: Scene,
    rng: np.random.Generator,
    people: tuple[Flags, Floats, Floats],
    definitions: Definitions,
    listed: Sequence[Finding],
) -> Iterator[tuple[Finding, float]]:
    """For each finding, observed over expected in the same people, drawn `AGAIN` times and put together."""
    if not listed:
        return
    flags, log_rate, years = (np.concatenate([one] * AGAIN) for one in people)
    many = scene.drawn(rng, flags, log_rate, years)
    response = read_response(many, "outcome", True, kind=scene.kind, follow_up="time")
    terms = [Term(definitions.members(one), one.reading, NOTHING) for one in listed]
    with workers(SETTINGS) as pool:
        table = make_table(
            many, definitions, response, adjust=["age"], cluster=None, settings=SETTINGS, terms=60, pool=pool
        )
        for one, term in zip(listed, terms, strict=True):
            without = table.fit(table.columns(terms, but=term.members, pairs=True))
            held = table.conjunction(term.members)
            yield one, float(table.outcome[held].sum() / without.mu[held].sum())


def main() -> None:
    """Print a line a scene."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=int, nargs="?", default=200, help="data sets of each shape")
    parser.add_argument("--only", default="", help="only the shapes whose name holds this")
    parser.add_argument("--first", type=int, default=0, help="the first set's number")
    chosen = parser.parse_args()
    for name, scene in SCENES.items():
        if chosen.only in name:
            print(tally(scene, chosen.sets, first=chosen.first).text(name), flush=True)


if __name__ == "__main__":
    main()
