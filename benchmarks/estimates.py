"""What `undring check` foretells beside what a run takes, and the rates that it foretells by.

`python -m benchmarks.estimates [PEOPLE ...]`   the demo of 20,000 people by default: seconds, peak memory and disk
`python -m benchmarks.estimates rates`          the way in by MiB, the search by people and characteristics

Seconds are of processor time: the clock depends on what else the machine does, and a run uses little more than a core.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.command import measured
from benchmarks.ingest import _apart, _measured
from benchmarks.worlds import planted_world

GIB, MIB = 2**30, 2**20
SEARCHES = ((5_000, 20), (20_000, 30), (20_000, 60), (75_000, 60), (75_000, 120))
WAYS_IN = (100_000, 400_000)
MEMORY_WITHIN, TIME_WITHIN = 2.0, 3.0


def demo(people: int) -> None:
    """Print a demo's estimate, what it took, and whether the one is near enough to the other."""
    from pipelines.contracts import read_contracts
    from pipelines.demo import make_municipality
    from pipelines.estimate import estimate
    from pipelines.study import read_study

    with tempfile.TemporaryDirectory() as place:
        os.environ["UNDRING_HOME"] = str(Path(place) / "home")
        workspace = Path(place) / "demo"
        make_municipality(workspace, people=people, seed=1)
        told = estimate(workspace, read_contracts(workspace), workspace / "inbox", read_study(workspace))
        before = _bytes(workspace)
        took = measured([str(Path(sys.executable).with_name("undring")), "run", str(workspace)])
        taken = _bytes(workspace) - before
    print(
        f"demo of {people:,} people: {took.cpu:.0f} s of processor time, foretold {told.seconds:.0f}: "
        f"{_times(told.seconds, took.cpu, TIME_WITHIN)}; peak {took.peak / GIB:.2f} GiB, "
        f"foretold {told.memory / GIB:.2f}: {_times(told.memory, took.peak, MEMORY_WITHIN)}; "
        f"left on disk {taken / MIB:.0f} MiB, foretold at most {told.disk / MIB:.0f}"
    )


def rates() -> None:
    """Print what a MiB takes on its way in, and what a person's characteristic takes in a search."""
    with tempfile.TemporaryDirectory() as place:
        for rows in WAYS_IN:
            took = _measured(Path(place), rows, rows // 10)
            size = took["bytes"] / MIB
            print(
                f"way in, {rows:,} rows, {size:.0f} MiB: {(took['cpu'] - took['loading']) / size:.3f} s a MiB, "
                f"peak {took['peak'] / GIB:.2f} GiB"
            )
    for people, count in SEARCHES:
        took = _apart(_searched, people, count)
        cells = people * count
        print(
            f"search, {people:,} people x {count} characteristics: {took['seconds']:.1f} s, "
            f"{1e6 * took['seconds'] / cells:.2f} millionths of a second and {took['grown'] / cells:.0f} bytes a cell"
        )


def _searched(people: int, count: int) -> dict[str, float]:
    from analysis import Settings, define, search

    table, _ = planted_world(np.random.default_rng(people), people, count)
    columns = [name for name in table.columns if name.startswith("c")]
    settings = Settings()
    small, _ = planted_world(np.random.default_rng(1), 1_000, 5)
    ready = [name for name in columns if name in small.columns]  # kernels are compiled before the clock starts
    search(small, define(small.select(ready), columns=ready, settings=settings), outcome="outcome", settings=settings)
    before, began = _peak(), time.process_time()
    made = define(table.select(columns), columns=columns, settings=settings)
    search(table, made, outcome="outcome", adjust=["age"], settings=settings)
    return {"seconds": time.process_time() - began, "grown": _peak() - before}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _times(foretold: float, took: float, within: float) -> str:
    times = foretold / took
    near = "within" if 1 / within <= times <= within else "NOT within"
    return f"{times:.1f} times, {near} {within:g}"


def main(arguments: list[str]) -> None:
    """Print what was asked for."""
    if arguments[:1] == ["rates"]:
        rates()
        return
    for people in [int(argument) for argument in arguments] or [20_000]:
        demo(people)


if __name__ == "__main__":
    main(sys.argv[1:])
