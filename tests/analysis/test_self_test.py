"""Each run tests itself: where nothing is there, where something is, and always the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Discovery, Settings, define, search, self_test
from analysis.characteristics import Definitions
from analysis.self_test import STRENGTHS, plan

SETTINGS = Settings(max_order=2, threads=2)


@pytest.fixture(scope="module")
def made() -> tuple[pl.DataFrame, Definitions, Discovery]:
    """4,000 people, 8 characteristics, strong main effects, and one pair that does much more than its parts."""
    draw = np.random.default_rng(3)
    holds = draw.random((4_000, 8)) < 0.35
    both = holds[:, 0] & holds[:, 1]
    eta = -2.4 + holds[:, :4] @ np.array([0.6, 0.5, 0.7, 0.4]) + 1.8 * both
    frame = pl.DataFrame({f"c{one}": holds[:, one] for one in range(8)}).with_columns(
        y=pl.Series(draw.random(4_000) < 1 / (1 + np.exp(-eta))), locked=pl.Series(draw.random(4_000) < 0.3)
    )
    definitions = define(frame, exclude=["y", "locked"], settings=SETTINGS)
    found = search(frame.filter(~pl.col("locked")), definitions, outcome="y", settings=SETTINGS)
    return frame, definitions, found


def test_the_search_finds_the_pair_and_placebos_find_nothing_of_it(made) -> None:
    frame, definitions, found = made
    assert [one.status for one in found.findings][:1] == ["discovered"]  # the alarm can ring
    told = self_test(frame, definitions, found, locked=frame["locked"].to_numpy(), settings=SETTINGS, seconds=9.0)
    assert told.placebo_runs == 40
    assert told.placebo_discovered <= 6  # binomial(40, 0.05) is above 6 once in 300
    assert told.placebo_confirmed <= told.placebo_discovered


def test_what_is_planted_strongly_is_found_more_often_than_what_is_planted_weakly(made) -> None:
    frame, definitions, found = made
    told = self_test(frame, definitions, found, settings=SETTINGS, seconds=9.0)
    assert [one.odds for one in told.planted] == list(STRENGTHS)
    weak, _, strong = told.planted
    assert strong.found >= strong.planted / 2
    assert strong.found > weak.found


def test_nobodys_locked_outcome_is_read(made) -> None:
    frame, definitions, found = made
    away = frame["locked"].to_numpy()
    turned = frame.with_columns(y=pl.when("locked").then(~pl.col("y")).otherwise("y"))
    one, other = (self_test(table, definitions, found, locked=away, settings=SETTINGS, seconds=2.0)
                  for table in (frame, turned))  # fmt: skip
    assert one == other
    assert one.control_runs


def test_threads_change_nothing(made) -> None:
    frame, definitions, found = made
    alone = replace(SETTINGS, threads=1)
    assert self_test(frame, definitions, found, settings=alone, seconds=1.0) == self_test(
        frame, definitions, found, settings=SETTINGS, seconds=1.0
    )


def test_no_time_is_no_test(made) -> None:
    frame, definitions, found = made
    assert self_test(frame, definitions, found, settings=SETTINGS, seconds=0.0).placebo_runs == 0


@given(
    seconds=st.floats(0, 1_000), more=st.floats(0, 1_000), people=st.integers(1, 500), columns=st.integers(1, 300),
    order=st.sampled_from([2, 3]),
)  # fmt: skip
def test_more_time_never_gives_fewer_runs(seconds, more, people, columns, order) -> None:
    held = np.random.default_rng(people).random((5, people)) < 0.3
    short = plan(held, columns=columns, max_order=order, seconds=seconds)
    long = plan(held, columns=columns, max_order=order, seconds=seconds + more)
    assert 0 <= short.placebos <= long.placebos
    assert 0 <= short.controls <= long.controls


@given(
    seconds=st.floats(0.001, 100), people=st.integers(1, 500), columns=st.integers(1, 300), least=st.integers(1, 30),
)  # fmt: skip
def test_the_least_placebos_are_made_whatever_they_take_and_one_control_with_them(seconds, people, columns, least):
    held = np.random.default_rng(people).random((5, people)) < 0.3
    asked = plan(held, columns=columns, max_order=3, seconds=seconds, least=least)
    assert asked.placebos >= least
    assert asked.controls >= 1
    assert plan(held, columns=columns, max_order=3, seconds=0.0, least=least).placebos == 0
