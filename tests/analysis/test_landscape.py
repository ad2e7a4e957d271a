"""The landscape counts every combination once, as brute force does; plain methods are overturned where they should."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest

from analysis import Settings, define, search
from analysis.landscape import bin_of, landscape

SETTINGS = Settings(max_order=3, floor_people=50, floor_expected=5.0, seed=1)


@pytest.fixture(scope="module")
def made():
    draw = np.random.default_rng(4)
    people = 4_000
    frail = draw.random(people) < 0.3
    columns = {f"c{one}": draw.random(people) < 0.1 + 0.05 * one for one in range(6)}
    columns["frail"] = frail
    columns["stick"] = np.where(
        frail, draw.random(people) < 0.8, draw.random(people) < 0.05
    )  # marks the frail, no more
    columns["y"] = draw.random(people) < np.where(frail, 0.35, 0.1)
    frame = pl.DataFrame(columns)
    names = [name for name in columns if name != "y"]
    definitions = define(frame.select(names), columns=names, settings=SETTINGS)
    return frame, definitions, search(frame, definitions, outcome="y", settings=SETTINGS)


def test_every_combination_is_counted_once(made) -> None:
    frame, definitions, found = made
    seen = landscape(frame, definitions, found, cluster=None, settings=SETTINGS)
    held = {one.column: frame[one.column].to_numpy() == one.value for one in definitions.conditions}
    y = frame["y"].to_numpy()
    by_observed: dict[int, int] = {}
    sizes = []
    for order in (2, 3):
        for members in combinations(held, order):
            group = np.logical_and.reduce([held[name] for name in members])
            if group.sum() >= 2 * SETTINGS.floor_people:  # well above the floors: the expected count needs the model
                by_observed[bin_of(int(y[group].sum()))] = by_observed.get(bin_of(int(y[group].sum())), 0) + 1
            sizes.append(int(group.sum()))
    assert sum(one.combinations for one in seen.bins) == seen.combinations
    assert seen.combinations <= sum(size >= SETTINGS.floor_people for size in sizes)
    assert seen.combinations >= sum(by_observed.values())
    for place, count in by_observed.items():
        assert sum(one.combinations for one in seen.bins if one.observed == place) >= count


def test_a_sign_of_something_else_vanishes_when_everything_is_taken_into_account(made) -> None:
    frame, definitions, found = made
    alone = {one.condition.column: one for one in landscape(
        frame, definitions, found, cluster=None, settings=SETTINGS
    ).alone}  # fmt: skip
    assert alone["frail"].answer == "holds"
    assert alone["stick"].answer == "gone"
    assert list(alone)[:2] == ["frail", "stick"]  # both strike a plain analysis
    assert alone["frail"].people + alone["frail"].people_without == frame.height


def test_threads_and_other_kinds(made) -> None:
    from dataclasses import replace

    frame, definitions, found = made
    one = landscape(frame, definitions, found, cluster=None, settings=replace(SETTINGS, threads=1))
    assert one == landscape(frame, definitions, found, cluster=None, settings=SETTINGS)
    assert not landscape(frame, definitions, replace(found, kind="count"), cluster=None, settings=SETTINGS).combinations
