"""Whether a pattern can be seen: the plain road is to draw the outcomes a thousand times and count."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, ndtr

from analysis import Condition, Settings, define
from analysis.visible import Effect, Sight, share_left, sight

A, B = (Condition(column=name, operator="==", value=True) for name in "ab")


def people(count: int, seed: int = 3) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {**{name: random.random(count) < 0.3 for name in "abcd"}, "alder": random.integers(65, 95, count)}
    )


def seen_in(frame: pl.DataFrame, effect: Effect) -> Sight:
    made = define(frame.drop("alder"), settings=Settings())
    return sight(frame, made, (A, B), effect, adjust=["alder"])


@given(st.lists(st.integers(1, 5_000), min_size=4, max_size=4))
def test_a_pair_shares_its_word_with_its_parts_as_four_cells_do(sizes):
    cells = dict(zip([(False, False), (False, True), (True, False), (True, True)], map(float, sizes), strict=True))
    plain = 1.0 / (sizes[3] * sum(1.0 / one for one in sizes))  # variance of a contrast of four means
    assert share_left(cells, pairs=False) == pytest.approx(max(plain, 0.01), rel=1e-3)


def test_power_is_how_often_the_pattern_would_be_seen():
    """Drawn a thousand times, by least squares on the outcome's own scale: another road than ours."""
    frame = people(3_000)
    group = (frame["a"] & frame["b"]).to_numpy()
    columns = np.column_stack([np.ones(3_000), *(frame[name].to_numpy() for name in "abcd"), frame["alder"].to_numpy()])
    own = group - columns @ np.linalg.lstsq(columns, group, rcond=None)[0]
    random, hits = np.random.default_rng(5), 0
    risk = expit(-1.0 + 0.45 * group)
    for _ in range(1_000):
        yes = random.random(3_000) < risk
        rate = yes.mean()
        hits += own @ yes / np.sqrt(own @ own * rate * (1 - rate)) > 1.96
    count = int(group.sum())
    share = float(own @ own) / count
    expected = count * expit(-1.0) + float(own @ (risk - expit(-1.0))) * (1 - share) / share
    effect = Effect.of(
        people=count, observed=count * expit(-0.55), expected=expected, kind="yes_no", scale="ratio", share=share
    )
    told = seen_in(frame, effect)
    assert told.people == count
    assert told.power == pytest.approx(hits / 1_000, abs=0.06)


def test_eight_of_ten_is_what_the_number_needed_means():
    frame = people(3_000)
    effect = Effect(size=0.5, weight=0.2)
    told = seen_in(frame, effect)
    share = told.needed and (2.8015852 / 0.5) ** 2 / (0.2 * told.needed)
    assert ndtr(0.5 * np.sqrt(0.2 * share * told.needed) - 1.96) == pytest.approx(0.8, abs=0.01)
    twice = seen_in(pl.concat([frame, frame]), effect)
    assert twice.people == 2 * told.people
    assert twice.needed == pytest.approx(told.needed, rel=0.01)  # what is needed hangs on the mix, not on the size
    assert twice.power > told.power


def test_where_nobody_has_it_nothing_can_be_seen():
    frame = people(500).with_columns(b=~pl.col("a"))
    assert seen_in(frame, Effect(size=1.0, weight=0.2)).power == 0.0
    assert Effect(size=0.0, weight=0.2).needed() > 10**8


@pytest.mark.parametrize("kind", ["yes_no", "count"])
@pytest.mark.parametrize("scale", ["ratio", "additive"])
def test_a_larger_difference_needs_fewer_people(kind, scale):
    small, large = (
        Effect.of(people=400, observed=observed, expected=60, kind=kind, scale=scale).needed() for observed in (75, 110)
    )
    assert 0 < large < small
