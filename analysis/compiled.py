"""Compile the inner loops before anybody waits for them: `python -m analysis.compiled`, which `make setup` runs.

Numba keeps what it compiled beside the modules. Small searches go through every kernel with the kinds of arrays that
real ones have; what they find is of no interest.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.characteristics import define
from analysis.search import search
from analysis.settings import Settings
from analysis.values import Kind, Scale

PEOPLE, COLUMNS = 4_000, 6  # enough for words of 64 who are alike, and for combinations of five


def made_up() -> pl.DataFrame:
    """Return people with six characteristics, of which two together have the outcome more often."""
    draw = np.random.default_rng(1)
    held = draw.uniform(size=(PEOPLE, COLUMNS)) < np.linspace(0.3, 0.6, COLUMNS)
    risk = np.where(held[:, 0] & held[:, 1], 0.5, 0.2)
    columns = {f"c{place}": held[:, place] for place in range(COLUMNS)}
    return pl.DataFrame(
        {
            **columns,
            "home": np.arange(PEOPLE) // 3,
            "time": draw.uniform(0.5, 2.0, size=PEOPLE),
            "happened": draw.uniform(size=PEOPLE) < risk,
            "events": draw.poisson(risk),
        }
    )


def compile_kernels() -> None:
    """Search the made-up people in every way there is."""
    frame = made_up()
    ways: list[tuple[str, Kind, str | None, str | None, Scale, int]] = [
        ("happened", "yes_no", None, "home", "ratio", 5),
        ("happened", "time", "time", None, "additive", 3),
        ("events", "count", "time", None, "ratio", 3),
    ]
    for outcome, kind, follow_up, cluster, scale, order in ways:
        chosen = Settings(max_order=order, scale=scale)
        definitions = define(frame, exclude=("happened", "events", "time", "home"), settings=chosen)
        search(
            frame, definitions, outcome=outcome, kind=kind, follow_up=follow_up, cluster=cluster, settings=chosen
        )  # fmt: skip


if __name__ == "__main__":
    compile_kernels()
