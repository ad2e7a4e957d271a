"""Where nothing is there, a neighbour says "found again" in at most 1 of 20: shown on null municipalities."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import binomtest

from analysis import Condition, Settings, define, search
from analysis.replicate import replicate
from analysis.values import Evidence, Finding

NAMES = "abcde"
SETS, PEOPLE = 200, 1_500


def drawn(seed: int, effect: float) -> pl.DataFrame:
    """People with five characteristics that go together, couples who fare alike, and one pair's own effect."""
    random = np.random.default_rng(seed)
    frail = random.normal(size=PEOPLE)
    has = {name: random.random(PEOPLE) < 1 / (1 + np.exp(1.2 - 0.5 * frail)) for name in NAMES}
    couple = np.arange(PEOPLE) // 2
    shared = 0.5 * random.normal(size=PEOPLE)[couple]
    score = -1.6 + 0.4 * sum(has.values()) + shared + effect * (has["a"] & has["b"])
    yes = random.random(PEOPLE) < 1 / (1 + np.exp(-score))
    return pl.DataFrame({**has, "cluster": [f"h{one}" for one in couple], "y": yes})


def lead(direction: str) -> Finding:
    """What somebody else found: 60 where 40 were expected."""
    ratio = 1.5 if direction == "more" else 2 / 3
    seen = Evidence(
        people=150, observed=round(40 * ratio), expected=40.0, expected_low=34.0, expected_high=47.0,
        expected_crude=40.0, ratio_low=ratio * 0.8, ratio_high=ratio * 1.2, cells=(),
    )  # fmt: skip
    conditions = tuple(Condition(column=name, operator="==", value=True) for name in "ab")
    return Finding(
        conditions=conditions, direction=direction, status="lead", above_parts=True, p_search=1.0, p_confirm=None,
        search=seen, proposed=True,
    )  # fmt: skip


def tally(effect: float, sets: int, seed: int) -> tuple[int, int]:
    """Return in how many sets it was found again, and in how many it only pointed the same way."""
    again = same = 0
    settings = Settings(floor_people=20)
    for number in range(sets):
        frame = drawn(seed + number, effect)
        made = define(frame.select(list(NAMES)), settings=settings)
        found = search(frame, made, outcome="y", cluster="cluster", settings=settings)
        told = replicate(
            found, frame, made, lead("more" if number % 2 or effect else "fewer"), cluster="cluster", settings=settings
        )
        assert told.locked is not None
        again += told.status == "replicated"
        same += (told.locked.observed > told.locked.expected) == (told.direction == "more")
    return again, same


def test_a_null_municipality_says_found_again_no_more_often_than_promised():
    again, same = tally(0.0, SETS, seed=11)
    print(f"null: found again in {again} of {SETS}, the same way in {same}")
    assert same > 0.35 * SETS  # to go by the direction alone is to be wrong in every second: the alarm can ring
    assert binomtest(again, SETS, 0.05, alternative="greater").pvalue > 0.001
    assert again <= 0.05 * SETS


def test_a_pattern_that_is_there_is_found_again():
    again, _ = tally(1.3, 40, seed=7_000)
    print(f"planted: found again in {again} of 40")
    assert again >= 30
