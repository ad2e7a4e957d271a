"""Discovery beside pysubgroup, in one process on one table: time, and how many of the planted sets each lists.

`python -m benchmarks.discovery` (`--large`: also 75,000 people x 200 characteristics, 29 and 65 of them a person).
`compare` takes any table.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis import Discovery, Settings, define, holds, search
from analysis.values import Scalar
from benchmarks.worlds import planted_world

SETTINGS = Settings()
LISTED = 20
Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds, and planted sets among the first 20 of each list. A set counts when its columns are exactly there."""

    people: int
    characteristics: int
    seconds: float  # define, leak check, search, decision, evidence
    peer_seconds: float | None
    cpu_seconds: float  # of all threads; on a busy machine the fairer figure
    peer_cpu_seconds: float | None
    planted: int
    discovered: int  # with status discovered
    listed: int  # among our first 20, leads included
    peer_listed: int | None
    stray: int  # discovered, but sharing fewer than two columns with any planted set
    peak_mib: float

    @property
    def ratio(self) -> float | None:
        return None if self.peer_seconds is None else self.peer_seconds / self.seconds

    @property
    def cpu_ratio(self) -> float:
        return float("nan") if self.peer_cpu_seconds is None else self.peer_cpu_seconds / self.cpu_seconds

    def text(self) -> str:
        line = (
            f"{self.people:>7,} people x {self.characteristics:>3}: undring {self.seconds:6.1f} s "
            f"({self.cpu_seconds:.1f} cpu), "
            f"{self.discovered} of {self.planted} planted discovered ({self.listed} in its first {LISTED}), "
            f"{self.stray} stray; peak {self.peak_mib:,.0f} MiB"
        )
        if self.peer_seconds is None:
            return line
        return line + (
            f"; pysubgroup {self.peer_seconds:6.1f} s ({self.peer_cpu_seconds:.1f} cpu), "
            f"{self.peer_listed} of {self.planted} in its top {LISTED}; "
            f"undring is {self.ratio:.1f} times as fast, by processor time {self.cpu_ratio:.1f} times"
        )


def compare(
    frame: pl.DataFrame,
    outcome: str,
    truth: Collection[Names],
    *,
    positive: Scalar = True,
    adjust: Collection[str] = (),
    exclude: Collection[str] = (),
    cluster: str | None = None,
    peer: bool = True,
) -> Comparison:
    """Search one table both ways. `truth`: the planted sets, each by its columns' names."""
    beside = tuple({outcome, *adjust, *exclude, *([cluster] if cluster else [])})
    begun, cpu = time.perf_counter(), time.process_time()
    definitions = define(frame, exclude=beside, settings=SETTINGS)
    found = search(
        frame, definitions, outcome=outcome, positive=positive, adjust=tuple(adjust), cluster=cluster,
        settings=SETTINGS,
    )  # fmt: skip
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lists = _columns(found)
    discovered = {one for one, status in lists if status == "discovered"}
    peer_seconds = peer_cpu_seconds = peer_listed = None
    if peer:
        held = holds(definitions, frame)
        names = [f"{place}" for place in range(len(held))]
        columns = {name: frozenset({one.column}) for name, one in zip(names, definitions.conditions, strict=True)}
        yes = frame.select(pl.col(outcome) == pl.lit(positive)).to_series().to_numpy()
        cpu = time.process_time()
        peer_seconds, sets = _pysubgroup(held, names, yes)
        peer_cpu_seconds = time.process_time() - cpu
        peer_listed = len({frozenset().union(*(columns[name] for name in one)) for one in sets} & set(truth))
    return Comparison(
        people=frame.height,
        characteristics=len(definitions.conditions),
        seconds=seconds,
        peer_seconds=peer_seconds,
        cpu_seconds=cpu_seconds,
        peer_cpu_seconds=peer_cpu_seconds,
        planted=len(truth),
        discovered=len(discovered & set(truth)),
        listed=len({one for one, _ in lists[:LISTED]} & set(truth)),
        peer_listed=peer_listed,
        stray=sum(all(len(one & true) < 2 for true in truth) for one in discovered),
        peak_mib=peak,
    )


def _columns(found: Discovery) -> list[tuple[Names, str]]:
    return [(frozenset(one.column for one in finding.conditions), finding.status) for finding in found.findings]


def _pysubgroup(held: np.ndarray, names: list[str], yes: np.ndarray) -> tuple[float, list[list[str]]]:
    """Top 20 by weighted relative accuracy at depth 3, depth-first on bitsets: its quickest exhaustive way."""
    import pandas as pd
    import pysubgroup as ps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pd.DataFrame(dict(zip(names, held, strict=True)))
        table["outcome"] = yes
        begun = time.perf_counter()
        task = ps.SubgroupDiscoveryTask(
            table,
            ps.BinaryTarget("outcome", True),
            [ps.EqualitySelector(name, True) for name in names],
            result_set_size=LISTED,
            depth=3,
            qf=ps.WRAccQF(),
        )
        result = ps.DFS(ps.BitSetRepresentation).execute(task)
        seconds = time.perf_counter() - begun
    return seconds, [[one.attribute_name for one in rule.selectors] for _, rule, *_ in result.results]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 75,000 people x 200 characteristics")
    chosen = parser.parse_args()
    warm = planted_world(np.random.default_rng(0), people=2_000, count=8)[0]
    begun = time.perf_counter()
    compare(warm, "outcome", (), adjust=["age"], peer=False)
    print(f"first search in a process, compiling or reading compiled kernels: {time.perf_counter() - begun:.1f} s")
    large = [(75_000, 200, 0.6, 0.1), (75_000, 200, 0.0, 0.15)] if chosen.large else []
    for people, count, rarity, rate in [(20_000, 60, 0.0, 0.15), (75_000, 60, 0.0, 0.15), *large]:
        rng = np.random.default_rng(people + count)
        frame, truth = planted_world(rng, people=people, count=count, rarity=rarity, rate=rate)
        print(compare(frame, "outcome", set(truth), adjust=["age"]).text(), flush=True)


if __name__ == "__main__":
    main()
