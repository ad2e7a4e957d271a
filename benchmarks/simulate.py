"""The statistical promises at length: `python -m benchmarks.simulate [SETS] [--only WORD] [--into FOLDER]`.

For each shape of null or true people: in how many searches there is any false finding, with the exact one-sided upper
95 % bound and the p-value against 5 %; shadows a list; true combinations found, beside a naive list and an oracle; and
how many of the intervals of what was discovered hold the true ratio.

`--into`: a line a set is written to a file of its shape as it comes, and a run that was stopped goes on where it was.
`--lock SHARE`: that share of the people is searched by nobody, and every finding and lead is then tried in it.
`--compare`: beside a naive list and an oracle, on the same sets. `--curve`: what is found, and what holds, by the share
that is locked.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analysis import Definitions, Discovery, Finding, Settings, confirm, define, search
from analysis.readings import NOTHING
from analysis.table import Table, Term, make_table, workers
from benchmarks.compared import naive_list, oracle_list
from benchmarks.told import told, told_of_lock
from benchmarks.worlds import Shape, household_world, null_world, planted_world

SETTINGS = Settings(threads=1)
CURVE = (0.0, 0.1, 0.2, 0.3, 0.5)  # shares of people that the search does not see
CURVED = "true conjunctions"
BESIDE = ("outcome", "age", "household", "risk")
World = tuple[pl.DataFrame, Mapping[frozenset[str], float]]
Record = dict[str, Any]  # one set, as a line of a file


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done to each set."""

    lock: float = 0.0  # share of people (or households) that the search does not see
    compare: bool = False  # beside a naive list and an oracle
    settings: Settings = field(default=SETTINGS)
    seed: int = 1


def simulate(name: str, place: int, plan: Plan) -> Record:
    """Draw set number `place` of a shape, search it, and say what came of it."""
    frame, truth = SHAPES[name](np.random.default_rng([plan.seed, place]))
    definitions = define(frame, exclude=BESIDE, settings=plan.settings)
    adjust = [one for one in ("age",) if one in frame.columns]
    cluster = "household" if "household" in frame.columns else None
    locked = _lock(frame, cluster, plan, place)
    begun = time.process_time()
    found = search(
        frame.filter(~locked), definitions, outcome="outcome", adjust=adjust, cluster=cluster, settings=plan.settings
    )
    seconds = time.process_time() - begun
    if plan.lock:
        found = confirm(found, frame.filter(locked), definitions, cluster=cluster, settings=plan.settings)
    record: Record = {
        "set": place,
        "tested": found.tested,
        "seconds": round(seconds, 3),
        "truth": [[sorted(members), round(effect, 4)] for members, effect in truth.items()],
        "findings": [_said(one) for one in found.findings],
    }
    if not truth:
        return record
    with _Truth(frame.filter(~locked), definitions, adjust, plan.settings) as people:
        for one, ratio in people.ratios(found):
            record["findings"][one]["true_ratio"] = ratio
        if plan.compare:
            names = [condition.column for condition in definitions.conditions]
            wanted = [tuple(sorted(names.index(one) for one in members)) for members in truth]
            table, definite = people.table(frame.filter(~locked)["outcome"].to_numpy()), plan.settings
            rng = np.random.default_rng([plan.seed, place, 2])
            listed = naive_list(table, definitions, definite, rng)
            record["naive"] = [sorted(names[one] for one in members) for members in listed]
            heard = oracle_list(table, wanted, definite.alpha)
            record["oracle"] = [sorted(names[one] for one in members) for members in heard]
    return record


def _lock(frame: pl.DataFrame, cluster: str | None, plan: Plan, place: int) -> pl.Series:
    rng = np.random.default_rng([plan.seed, place, 1])
    if cluster is None:
        return pl.Series(rng.uniform(size=frame.height) < plan.lock)
    drawn = rng.uniform(size=int(frame[cluster].cast(pl.Int64).to_numpy().max()) + 1) < plan.lock
    return pl.Series(drawn[frame[cluster].to_numpy()])


def _said(one: Finding) -> Record:
    return {
        "members": sorted(condition.column for condition in one.conditions),
        "status": one.status,
        "reading": one.reading,
        "above": one.above_parts,
        "p": one.p_search,
        "ratio": one.search.ratio,
        "low": one.search.ratio_low,
        "high": one.search.ratio_high,
        "people": one.search.people,
        "p_confirm": one.p_confirm,
    }


class _Truth:
    """The same people with their true risk for an outcome: what an interval should hold."""

    def __init__(self, frame: pl.DataFrame, definitions: Definitions, adjust: list[str], settings: Settings) -> None:
        self.frame, self.definitions, self.adjust, self.settings = frame, definitions, adjust, settings

    def __enter__(self) -> _Truth:
        self.room = workers(self.settings)
        self.pool = self.room.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.room.__exit__(None, None, None)

    def table(self, outcome: np.ndarray[Any, Any]) -> Table:
        return make_table(
            self.frame, self.definitions, outcome, adjust=self.adjust, cluster=None, settings=self.settings,
            terms=200, pool=self.pool,
        )  # fmt: skip

    def ratios(self, found: Discovery) -> Iterator[tuple[int, float]]:
        """For each discovered finding, the outcomes at true risk over those that the same background expects."""
        listed = [(place, one) for place, one in enumerate(found.findings) if one.p_search <= found.alpha]
        if not listed:
            return
        terms = [Term(self.definitions.members(one), one.reading, NOTHING) for _, one in listed]
        risk = self.frame["risk"].to_numpy()
        table = self.table(risk)
        for (place, _), term in zip(listed, terms, strict=True):
            without = table.fit(table.columns(terms, but=term.members, pairs=True))
            held = table.conjunction(term.members)
            yield place, float(risk[held].sum() / without.mu[held].sum())


def records(name: str, sets: int, plan: Plan, *, first: int = 0, into: Path | None = None) -> list[Record]:
    """Simulate sets `first`, `first` + 1, ... of a shape; those already in the shape's file are not done again."""
    done: dict[int, Record] = {}
    file = None if into is None else into / f"{_slug(name)}{f'-lock-{plan.lock:g}' if plan.lock else ''}.jsonl"
    if file is not None and file.exists():
        done = {one["set"]: one for one in map(json.loads, file.read_text().splitlines())}
    for place in range(first, first + sets):
        if place not in done:
            done[place] = simulate(name, place, plan)
            if file is not None:
                with file.open("a") as out:
                    out.write(json.dumps(done[place]) + "\n")
    return [done[place] for place in range(first, first + sets)]


def _slug(name: str) -> str:
    return name.replace(" %", "-percent").replace(",", "").replace(" ", "-")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=int, nargs="?", default=200, help="data sets of each shape")
    parser.add_argument("--only", default="", help="only the shapes whose name holds this")
    parser.add_argument("--first", type=int, default=0, help="the first set's number")
    parser.add_argument("--lock", type=float, default=0.0, help="the share of people that the search does not see")
    parser.add_argument("--compare", action="store_true", help="beside a naive list and an oracle")
    parser.add_argument("--curve", action="store_true", help="true conjunctions found, by the share that is locked")
    parser.add_argument("--max-order", type=int, default=3, choices=(2, 3, 4, 5), help="members of a combination")
    parser.add_argument("--into", type=Path, help="a folder of records, to go on from")
    chosen = parser.parse_args()
    settings = replace(SETTINGS, max_order=chosen.max_order)
    plan = Plan(lock=chosen.lock, compare=chosen.compare, settings=settings)
    if chosen.into is not None:
        chosen.into.mkdir(parents=True, exist_ok=True)
    if chosen.curve:
        for share in CURVE:
            some = records(CURVED, chosen.sets, Plan(lock=share), first=chosen.first, into=chosen.into)
            print(told_of_lock(share, some), flush=True)
        return
    for name in SHAPES:
        if chosen.only in name:
            print(told(name, records(name, chosen.sets, plan, first=chosen.first, into=chosen.into)), flush=True)


if __name__ == "__main__":
    main()
