"""The self-test's plan beside the clock: seconds foreseen and taken, on tables of several sizes.

    python -m benchmarks.self_test [SECONDS]

The plan must not depend on a clock, so its three constants (analysis/self_test.py) are measured here.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import polars as pl

from analysis import Settings, define, search, self_test

TABLES = ((1_000, 20), (5_000, 60), (20_000, 60), (75_000, 60), (20_000, 200))


def table(people: int, characteristics: int) -> pl.DataFrame:
    """Characteristics that go together through three factors, 15 % each, and an outcome of 10 % with main effects."""
    draw = np.random.default_rng(1)
    factors = draw.standard_normal((people, 3))
    loads = draw.normal(0.0, 0.4, (3, characteristics))
    holds = (factors @ loads + draw.standard_normal((people, characteristics))) > 1.1
    outcome = draw.random(people) < 1 / (1 + np.exp(2.6 - holds[:, :5].sum(axis=1) * 0.4))
    return pl.DataFrame({f"c{one:03d}": holds[:, one] for one in range(characteristics)} | {"y": outcome})


def main(seconds: float = 10.0) -> None:
    """Print a line a table."""
    settings = Settings()
    for people, characteristics in TABLES:
        frame = table(people, characteristics)
        definitions = define(frame, exclude=["y"], settings=settings)
        found = search(frame, definitions, outcome="y", settings=settings)
        began = time.perf_counter()
        told = self_test(frame, definitions, found, settings=settings, seconds=seconds)
        took = time.perf_counter() - began
        runs = told.placebo_runs + told.control_runs
        right = ", ".join(f"x{one.odds:g}: {one.found}/{one.planted}" for one in told.planted)
        print(
            f"{people:>7} x {characteristics:<4} {runs:>3} runs in {took:5.1f} s (asked {seconds:g}; "
            f"{took / max(runs, 1):.2f} s a run); placebos with a finding {told.placebo_discovered} of "
            f"{told.placebo_runs}; planted found {right}",
            flush=True,
        )


if __name__ == "__main__":
    main(*(float(one) for one in sys.argv[1:2]))
