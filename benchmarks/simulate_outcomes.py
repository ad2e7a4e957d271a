"""Counts, times, scales, clusters: `python -m benchmarks.simulate_outcomes [SETS] [--only WORD] [--first SET]`.

For each shape of people: in how many searches there is any false finding, with the exact one-sided upper 95 % bound and
the p-value against 5 %, and true combinations found. With clusters also what is confirmed in a lock of 30 %, drawn by
cluster, and what a search that takes people as strangers finds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from analysis import Discovery, Settings, confirm, define, search
from analysis.values import Kind
from benchmarks.told import bounded
from benchmarks.worlds import additive_world, care_home_world, count_world, household_world, time_world

SETTINGS = Settings(threads=1)
ADDED = replace(SETTINGS, scale="additive")
BESIDE = ("outcome", "age", "household", "time")
PLANTED = {frozenset({"c000", "c001"}): 0.8, frozenset({"c002", "c003", "c004"}): 1.2}
PLANTED_RISK = {frozenset({"c000", "c001"}): 0.12}
LOCK = 0.3


@dataclass(frozen=True)
class Scene:
    """A shape of people and how it is searched."""

    world: Callable[[np.random.Generator], pl.DataFrame]
    truth: Mapping[frozenset[str], float] = field(default_factory=dict)
    kind: Kind = "yes_no"
    settings: Settings = SETTINGS
    cluster: str | None = None
    unmarked_only: bool = False  # count findings that are not marked as of one scale only


SCENES: dict[str, Scene] = {
    "uneven counts": Scene(count_world, kind="count"),
    "very uneven counts": Scene(lambda rng: count_world(rng, frailty=4.0), kind="count"),
    "rare counts": Scene(lambda rng: count_world(rng, people=10_000, rate=0.03), kind="count"),
    "times": Scene(time_world, kind="time"),
    "planted counts": Scene(lambda rng: count_world(rng, people=10_000, truth=PLANTED), PLANTED, "count"),
    "planted times": Scene(lambda rng: time_world(rng, people=10_000, truth=PLANTED), PLANTED, "time"),
    "scale: risks that add, decided on odds": Scene(additive_world, unmarked_only=True),
    "scale: strong risks that add, on odds": Scene(
        lambda rng: additive_world(rng, base=0.02, strong=0.2, weak=0.0025, many=2), unmarked_only=True
    ),
    "scale: risks that add, decided so": Scene(additive_world, settings=ADDED),
    "scale: rates that add, decided so": Scene(lambda rng: count_world(rng, main=0.0), kind="count", settings=ADDED),
    "scale: hazards that add, decided so": Scene(lambda rng: time_world(rng, main=0.0), kind="time", settings=ADDED),
    "scale: planted risk": Scene(lambda rng: additive_world(rng, truth=PLANTED_RISK), PLANTED_RISK, settings=ADDED),
    "clusters: care homes": Scene(care_home_world, cluster="household"),
    "clusters: households": Scene(household_world, cluster="household"),
    "strangers: care homes": Scene(care_home_world),
    "strangers: households": Scene(household_world),
}


@dataclass
class Tally:
    """What a scene's searches came to."""

    sets: int = 0
    stray: int = 0  # searches with a discovered finding that shares fewer than two members with a true one
    listed: int = 0  # searches with any discovered finding, marked ones too
    confirmed: int = 0  # searches with a finding confirmed in the lock
    true: int = 0
    found: int = 0
    tested: int = 0
    seconds: float = 0.0

    def text(self, name: str, scene: Scene) -> str:
        what = "any stray" if scene.truth else "any finding"
        line = f"{name:<40} {self.sets} sets: {what} {bounded(self.stray, self.sets)}"
        if scene.unmarked_only:
            line += f" not marked as of one scale only ({self.listed} with any)"
        if scene.cluster:
            line += f"; with one confirmed {bounded(self.confirmed, self.sets)}"
        if self.true:
            line += f"; true found {self.found} of {self.true}"
        return line + f"; {self.tested / self.sets:,.0f} tested, {self.seconds / self.sets:.2f} s a set"


def tally(scene: Scene, sets: int, *, first: int = 0, seed: int = 11) -> Tally:
    """Search `sets` draws of a scene."""
    result = Tally()
    for place in range(first, first + sets):
        rng = np.random.default_rng([seed, place])
        frame = scene.world(rng)
        begun = time.process_time()
        found = searched(scene, frame)
        result.seconds += time.process_time() - begun
        result.sets += 1
        result.tested += found.tested
        result.true += len(scene.truth)
        _judge(result, scene, found)
        if scene.cluster:
            result.confirmed += _confirms(scene, frame, rng)
    return result


def searched(scene: Scene, frame: pl.DataFrame) -> Discovery:
    """Search one draw."""
    return search(
        frame,
        define(frame, exclude=BESIDE, settings=scene.settings),
        outcome="outcome",
        kind=scene.kind,
        follow_up=None if scene.kind == "yes_no" else "time",
        adjust=[name for name in ("age",) if name in frame.columns],
        cluster=scene.cluster,
        settings=scene.settings,
    )


def _judge(result: Tally, scene: Scene, found: Discovery) -> None:
    discovered = [one for one in found.findings if one.status == "discovered"]
    result.listed += bool(discovered)
    stray = False
    for one in discovered:
        members = frozenset(condition.column for condition in one.conditions)
        result.found += members in scene.truth
        shares = max((len(members & true) for true in scene.truth), default=0)
        stray |= shares < 2 and not (scene.unmarked_only and one.scales != "both")
    result.stray += stray


def _confirms(scene: Scene, frame: pl.DataFrame, rng: np.random.Generator) -> bool:
    """Search 70 % of the clusters, try whatever stands out there (leads too) in the others."""
    clusters = frame[scene.cluster or ""].to_numpy()
    drawn = rng.permutation(np.unique(clusters))
    locked = pl.Series(np.isin(clusters, drawn[: int(LOCK * len(drawn))]))
    open_part = frame.filter(~locked)
    found = searched(scene, open_part)
    if not found.findings:
        return False
    definitions = define(open_part, exclude=BESIDE, settings=scene.settings)
    answered = confirm(
        found, frame.filter(locked), definitions, cluster=scene.cluster, settings=scene.settings
    )  # fmt: skip
    return any(one.status == "confirmed" for one in answered.findings)


def print_scenes(sets: int, *, only: str = "", first: int = 0) -> None:
    """Print a line for each scene whose name holds `only`."""
    for name, scene in SCENES.items():
        if only in name:
            print(tally(scene, sets, first=first).text(name, scene), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=int, nargs="?", default=500, help="data sets of each shape")
    parser.add_argument("--only", default="", help="only the shapes whose name holds this")
    parser.add_argument("--first", type=int, default=0, help="the first set's number: go on where a run stopped")
    chosen = parser.parse_args()
    print_scenes(chosen.sets, only=chosen.only, first=chosen.first)


if __name__ == "__main__":
    main()
