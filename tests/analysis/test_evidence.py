"""Intervals and the likeness of clusters against simulation and plain sums."""

import numpy as np
import polars as pl
import pytest

from analysis.clusters import cluster_codes, design_effect
from analysis.evidence import conditional_interval, crude
from analysis.families import Family
from analysis.readings import cells_of


def test_an_interval_after_selection_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)
    cut = 4.5
    for mean in (3.5, 4.5, 6.0):
        drawn = rng.normal(mean, 1, size=60_000)
        drawn = drawn[np.abs(drawn) >= cut][:400]
        ends = [conditional_interval(float(z), cut) for z in drawn]
        covered = np.mean([low <= mean <= high for low, high in ends])
        naive = np.mean([abs(z - mean) <= 1.96 for z in drawn])
        assert abs(covered - 0.95) < 0.035
        if mean < cut:
            assert naive < covered  # the plain interval forgets that only lucky draws are seen


def test_without_selection_or_far_from_it_the_interval_is_the_ordinary_one():
    assert conditional_interval(2.0, None) == pytest.approx((0.04, 3.96), abs=0.001)
    assert conditional_interval(12.0, 4.5) == pytest.approx((12 - 1.96, 12 + 1.96), abs=0.01)
    low, high = conditional_interval(-5.0, 4.5)
    assert conditional_interval(5.0, 4.5) == pytest.approx((-high, -low), abs=1e-6)


def test_the_design_effect_is_one_for_strangers_and_the_size_for_households_that_are_one():
    rng = np.random.default_rng(2)
    alone = rng.normal(size=3_000)
    assert design_effect(alone, cluster_codes(pl.Series(range(3_000)))) == 1.0
    assert design_effect(alone, None) == 1.0
    codes = cluster_codes(pl.Series(np.repeat(np.arange(1_000), 3)))
    assert design_effect(alone, codes) < 1.25  # in households by chance only
    same = np.repeat(rng.normal(size=1_000), 3)
    assert 3.0 <= design_effect(same, codes) < 3.4
    assert design_effect(same[:15], cluster_codes(pl.Series(np.repeat(np.arange(5), 3)))) > 3.4  # few: more doubt


def test_a_person_without_a_household_is_one_alone():
    codes = cluster_codes(pl.Series(["h1", None, "h1", None]))
    assert codes[0] == codes[2]
    assert len(set(codes)) == 3


def test_the_crude_expectation_leaves_no_contrast():
    risk = {(0, 0): 0.05, (1, 0): 0.15, (0, 1): 0.20, (1, 1): 0.35}
    people = 4_000
    a = np.repeat([0, 1, 0, 1], people)
    b = np.repeat([0, 0, 1, 1], people)
    outcome = np.concatenate([np.arange(people) < people * risk[cell] for cell in ((0, 0), (1, 0), (0, 1), (1, 1))])
    members = np.array([a, b], dtype=bool)
    expected = crude(cells_of(members, outcome.astype(float), np.full(len(a), 0.2), np.ones(len(a))), Family(), None)
    odds = (0.15 / 0.85) * (0.20 / 0.80) / (0.05 / 0.95)
    assert expected == pytest.approx(people * odds / (1 + odds))
