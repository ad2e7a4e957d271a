"""The statistical promises at length: `python -m benchmarks.simulate [SETS]` (default 200 of each shape).

Prints, for each shape of null or planted people, the share of searches with any false finding and its 95 % interval.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.stats import binomtest

from analysis import Settings, define, search
from benchmarks.worlds import household_world, null_world, planted_world

SETTINGS = Settings()
World = tuple[pl.DataFrame, Mapping[frozenset[str], float]]
SHAPES: dict[str, Callable[[np.random.Generator], World]] = {
    "null, independent": lambda rng: (null_world(rng, correlation=0.0), {}),
    "null, correlated": lambda rng: (null_world(rng), {}),
    "null, strong main effects": lambda rng: (null_world(rng, correlation=0.9, main=0.6), {}),
    "null, curved age": lambda rng: (null_world(rng, curved=True), {}),
    "null, 1 % outcome": lambda rng: (null_world(rng, people=20_000, rate=0.01), {}),
    "null, households alike": lambda rng: (household_world(rng), {}),
    "planted": lambda rng: planted_world(rng, people=10_000),
    "planted, hard": lambda rng: planted_world(rng, people=10_000, correlation=0.9),
}


@dataclass
class Tally:
    """What a shape's searches came to."""

    sets: int = 0
    with_stray: int = 0  # a discovered finding that shares fewer than two members with a true one
    shadows: int = 0  # shares two or more, but is not the true one
    true: int = 0
    found: int = 0
    above: int = field(default=0)
    above_wrong: int = field(default=0)

    def text(self, name: str) -> str:
        interval = binomtest(self.with_stray, self.sets).proportion_ci(method="exact")
        line = (
            f"{name:<28} {self.sets} sets: any stray {self.with_stray / self.sets:.3f} "
            f"({interval.low:.3f}-{interval.high:.3f})"
        )
        if self.true:
            line += f", true found {self.found} of {self.true}, shadows a list {self.shadows / self.sets:.2f}"
            line += f", called above their pairs wrongly {self.above_wrong} of {self.above}"
        return line


def tally(shape: Callable[[np.random.Generator], World], sets: int, *, seed: int = 1) -> Tally:
    result = Tally()
    for place in range(sets):
        frame, truth = shape(np.random.default_rng([seed, place]))
        definitions = define(frame, exclude=("outcome", "age", "household"), settings=SETTINGS)
        found = search(
            frame,
            definitions,
            outcome="outcome",
            adjust=[name for name in ("age",) if name in frame.columns],
            cluster="household" if "household" in frame.columns else None,
            settings=SETTINGS,
        )
        result.sets += 1
        result.true += len(truth)
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
    return result


def main() -> None:
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for name, shape in SHAPES.items():
        print(tally(shape, sets).text(name), flush=True)


if __name__ == "__main__":
    main()
