"""From columns to yes/no characteristics, and the columns that may not be used."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from analysis import Condition, Settings, define, holds
from analysis.conditions import extents
from analysis.leaks import gives_outcome_away

SETTINGS = Settings(floor_people=50)


def by_column(definitions):
    found = {}
    for one in definitions.conditions:
        found.setdefault(one.column, []).append((one.operator, one.value))
    return found


def reasons(definitions):
    return {one.column: one.reason for one in definitions.left_out}


def test_each_kind_of_column_gives_its_characteristics():
    rng = np.random.default_rng(1)
    size = 1_000
    frame = pl.DataFrame(
        {
            "yes": rng.uniform(size=size) < 0.8,
            "two": rng.choice(["a", "b"], size=size, p=[0.7, 0.3]),
            "three": rng.choice(["x", "y", "z"], size=size, p=[0.6, 0.3, 0.1]),
            "level": rng.integers(0, 3, size=size),
            "number": rng.normal(size=size),
        }
    )
    found = by_column(define(frame, settings=SETTINGS))
    assert found["yes"] == [("==", True)]  # the commoner answer, still the one people say
    assert found["two"] == [("==", "b")]  # the other says the same
    assert found["three"] == [("==", "x"), ("==", "y"), ("==", "z")]
    assert found["level"] == [("==", 0), ("==", 1), ("==", 2)]
    assert [operator for operator, _ in found["number"]] == [">=", ">=", ">="]


def test_a_missing_value_is_a_level_of_its_own_and_never_a_no():
    frame = pl.DataFrame({"flag": [True] * 200 + [False] * 200 + [None] * 100})
    definitions = define(frame, settings=SETTINGS)
    assert by_column(definitions)["flag"] == [("==", True), ("==", None)]
    assert holds(definitions, frame).sum(axis=1).tolist() == [200, 100]


def test_columns_that_say_nothing_are_left_out_with_their_reason():
    size = 400
    frame = pl.DataFrame(
        {
            "id": [f"k{row}" for row in range(size)],
            "same": ["x"] * size,
            "none": pl.Series([None] * size, dtype=pl.String),
            "rare": [True] * 10 + [False] * (size - 10),
            "born": [dt.date(1950, 1, 1)] * 200 + [dt.date(1940, 1, 1)] * 200,
            "good": [True, False] * 200,
        }
    )
    definitions = define(frame, settings=SETTINGS)
    assert reasons(definitions) == {
        "id": "too_many_levels",
        "same": "constant",
        "none": "constant",
        "rare": "too_few",
        "born": "not_readable",
    }
    assert list(by_column(definitions)) == ["good"]


def test_near_duplicates_are_one_characteristic_that_names_the_other():
    rng = np.random.default_rng(2)
    flag = rng.uniform(size=2_000) < 0.4
    nearly = flag.copy()
    nearly[:10] = ~nearly[:10]
    frame = pl.DataFrame({"a": flag, "b": nearly, "c": rng.uniform(size=2_000) < 0.4})
    conditions = define(frame, settings=SETTINGS).conditions
    assert [(one.column, [other.column for other in one.also]) for one in conditions] == [("a", ["b"]), ("c", [])]


def test_a_number_that_is_mostly_nought_is_cut_above_nought():
    frame = pl.DataFrame({"visits": [0.0] * 800 + [float(row) for row in range(1, 201)]})
    found = by_column(define(frame, settings=SETTINGS))["visits"]
    assert found == [(">=", 1.0)]


def test_not_a_number_is_missing_and_never_above_a_cut():
    frame = pl.DataFrame({"x": [float(row) for row in range(400)] + [float("nan")] * 100})
    definitions = define(frame, settings=SETTINGS)
    held = holds(definitions, frame)
    assert by_column(definitions)["x"][-1] == ("==", None)
    assert held[-1].sum() == 100
    assert not held[:-1, 400:].any()


def test_three_people_give_no_characteristic_and_no_error():
    frame = pl.DataFrame({"a": [True, False, True], "b": ["x", "y", "z"], "c": [1.5, 2.5, 3.5]})
    assert define(frame, settings=SETTINGS).conditions == ()
    assert define(frame.clear(), settings=SETTINGS).conditions == ()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(column="x", operator="==", value=None), [False, False, False, True]),
        (Condition(column="x", operator="in", value=(1.0, None)), [True, False, False, True]),
        (Condition(column="x", operator=">=", value=2.0), [False, True, True, False]),
        (Condition(column="x", operator="<", value=2.0), [True, False, False, False]),
        (Condition(column="x", operator="between", value=(1.0, 3.0)), [True, True, False, False]),
    ],
)
def test_a_condition_holds_for_whom_it_says(condition, expected):
    assert extents([condition], pl.DataFrame({"x": [1.0, 2.0, 3.0, None]}))[0].tolist() == expected


def test_a_column_that_gives_the_outcome_away_is_seen():
    rng = np.random.default_rng(3)
    outcome = rng.uniform(size=10_000) < 0.1
    cancelled = np.where(outcome & (rng.uniform(size=10_000) < 0.1), "cancelled: in hospital", "delivered")
    score = outcome * 3 + rng.normal(size=10_000)
    assert gives_outcome_away(pl.Series("visit", cancelled), outcome)  # rare, but sure
    assert gives_outcome_away(pl.Series("again", outcome), outcome)
    assert gives_outcome_away(pl.Series("not", ~outcome), outcome)
    assert gives_outcome_away(pl.Series("score", score), outcome)


def test_the_area_of_levels_is_that_of_people_one_by_one():
    from sklearn.metrics import roc_auc_score

    from analysis import leaks

    rng = np.random.default_rng(6)
    level = rng.integers(0, 12, size=5_000)
    for slope in (0.2, 0.6, 1.2, 2.4):
        outcome = rng.uniform(size=5_000) < 1 / (1 + np.exp(-slope * (level - 6)))
        events = np.bincount(level, weights=outcome)
        found = leaks._area_of_levels(events, np.bincount(level) - events)
        assert found == (roc_auc_score(outcome, level) > leaks.AREA)


def test_a_strong_honest_risk_factor_is_no_leak():
    rng = np.random.default_rng(4)
    factor = rng.uniform(size=20_000) < 0.1
    outcome = rng.uniform(size=20_000) < np.where(factor, 0.6, 0.05)  # odds ratio 28
    assert not gives_outcome_away(pl.Series("factor", factor), outcome)
    assert not gives_outcome_away(pl.Series("noise", rng.integers(0, 3, size=20_000)), outcome)
    common = rng.uniform(size=20_000) < np.where(factor, 0.95, 0.7)  # most have the outcome anyway
    assert not gives_outcome_away(pl.Series("factor", factor), common)
