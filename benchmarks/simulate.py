"""The statistical promises at length: `python -m benchmarks.simulate [SETS] [--only WORD] [--first SET]`.

For each shape of null or true people: in how many searches there is any false finding, with the exact one-sided upper
95 % bound and the p-value against 5 %; shadows a list; true combinations found; and how many of the intervals of what
was discovered hold the true ratio (`covered`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import binomtest

from analysis import Definitions, Discovery, Settings, define, search
from analysis.readings import NOTHING
from analysis.table import Term, make_table, workers
from benchmarks.worlds import Shape, household_world, null_world, planted_world

SETTINGS = Settings(threads=1)
BESIDE = ("outcome", "age", "household", "risk")
STRONG = 1e-4  # adjusted p of a finding that selection hardly touched
World = tuple[pl.DataFrame, Mapping[frozenset[str], float]]


def _true(shape: Shape, correlation: float = 0.4) -> Callable[[np.random.Generator], World]:
    return lambda rng: planted_world(rng, people=20_000, count=60, shape=shape, correlation=correlation, with_risk=True)


SHAPES: dict[str, Callable[[np.random.Generator], World]] = {
    "null, independent": lambda rng: (null_world(rng, correlation=0.0), {}),
    "null, correlated": lambda rng: (null_world(rng), {}),
    "null, strong main effects": lambda rng: (null_world(rng, correlation=0.9, main=0.6), {}),
    "null, curved age": lambda rng: (null_world(rng, curved=True), {}),
    "null, 1 % outcome": lambda rng: (null_world(rng, people=20_000, rate=0.01), {}),
    "null, households alike": lambda rng: (household_world(rng), {}),
    "true conjunctions": _true("conjunctions"),
    "true, hard correlation": _true("conjunctions", 0.9),
    "true, pairs sharing a member": _true("shared"),
    "true, exclusive or": _true("odd"),
}


@dataclass
class Tally:
    """What a shape's searches came to."""

    sets: int = 0
    tested: int = 0
    with_stray: int = 0  # a discovered finding that shares fewer than two members with a true one
    shadows: int = 0  # shares two or more, but is not the true one
    true: int = 0
    found: int = 0
    above: int = 0
    above_wrong: int = 0
    intervals: int = 0
    covered: int = 0
    strong: int = 0
    strong_covered: int = 0
    seconds: float = 0.0

    def text(self, name: str) -> str:
        test = binomtest(self.with_stray, self.sets, 0.05, alternative="greater")
        bound = binomtest(self.with_stray, self.sets, alternative="less").proportion_ci(0.95, method="exact").high
        line = (
            f"{name:<29} {self.sets} sets: any stray in {self.with_stray} ({self.with_stray / self.sets:.3f}, at most "
            f"{bound:.3f} with 95 % certainty, p against 0.05: {test.pvalue:.2f})"
        )
        if self.true:
            line += (
                f"; true found {self.found} of {self.true}; shadows a list {self.shadows / self.sets:.2f}; "
                f"called above their pairs wrongly {self.above_wrong} of {self.above}; "
                f"intervals that cover {self.covered} of {self.intervals}, strong ones {self.strong_covered} "
                f"of {self.strong}"
            )
        return line + f"; {self.tested / self.sets:,.0f} tested, {self.seconds / self.sets:.2f} s a set"


def tally(shape: Callable[[np.random.Generator], World], sets: int, *, first: int = 0, seed: int = 1) -> Tally:
    result = Tally()
    for place in range(first, first + sets):
        frame, truth = shape(np.random.default_rng([seed, place]))
        definitions = define(frame, exclude=BESIDE, settings=SETTINGS)
        begun = time.process_time()
        found = search(
            frame,
            definitions,
            outcome="outcome",
            adjust=_adjust(frame),
            cluster="household" if "household" in frame.columns else None,
            settings=SETTINGS,
        )
        result.seconds += time.process_time() - begun
        result.sets += 1
        result.tested += found.tested
        result.true += len(truth)
        _judge(result, found, truth)
        if "risk" in frame.columns:
            _cover(result, frame, definitions, found)
    return result


def _adjust(frame: pl.DataFrame) -> list[str]:
    return [name for name in ("age",) if name in frame.columns]


def _judge(result: Tally, found: Discovery, truth: Mapping[frozenset[str], float]) -> None:
    """Count findings that are true, shadows of true ones, or neither."""
    stray = False
    for one in found.findings:
        if one.status != "discovered":
            continue
        members = frozenset(condition.column for condition in one.conditions)
        exact = members in truth
        shares = max((len(members & true) for true in truth), default=0)
        result.found += exact
        result.shadows += not exact and shares >= 2
        stray |= shares < 2
        result.above += one.order == 3 and one.above_parts
        result.above_wrong += one.order == 3 and one.above_parts and not exact
    result.with_stray += stray


def _cover(result: Tally, frame: pl.DataFrame, definitions: Definitions, found: Discovery) -> None:
    """Count the intervals that hold the true ratio: what the same background expects of outcomes at their true risk.

    True or not as a combination: a shadow's ratio, too, is what its interval says.
    """
    listed = [one for one in found.findings if one.status == "discovered"]
    if not listed:
        return
    places = {condition.column: place for place, condition in enumerate(definitions.conditions)}
    terms = [
        Term(tuple(sorted(places[one.column] for one in finding.conditions)), finding.reading, NOTHING)
        for finding in listed
    ]
    risk = frame["risk"].to_numpy()
    with workers(SETTINGS) as pool:
        table = make_table(
            frame, definitions, risk, adjust=_adjust(frame), cluster=None, settings=SETTINGS, terms=4 * len(terms),
            pool=pool,
        )  # fmt: skip
        for finding, term in zip(listed, terms, strict=True):
            without = table.fit(table.columns(terms, but=term.members, pairs=True))
            held = table.conjunction(term.members)
            ratio = float(risk[held].sum() / without.mu[held].sum())
            covers = finding.search.ratio_low <= ratio <= finding.search.ratio_high
            result.intervals += 1
            result.covered += covers
            result.strong += finding.p_search < STRONG
            result.strong_covered += covers and finding.p_search < STRONG


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=int, nargs="?", default=200, help="data sets of each shape")
    parser.add_argument("--only", default="", help="only the shapes whose name holds this")
    parser.add_argument("--first", type=int, default=0, help="the first set's number: go on where a run stopped")
    chosen = parser.parse_args()
    for name, shape in SHAPES.items():
        if chosen.only in name:
            print(tally(shape, chosen.sets, first=chosen.first).text(name), flush=True)


if __name__ == "__main__":
    main()
