from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from pseudonymisation.k_anonymity import mondrian
from pseudonymisation.membership import area, class_size, membership, of_fixed_classes
from pseudonymisation.mondrian import boxes


def people(number: int, seed: int = 1) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "age": random.integers(60, 100, number),
            "hours": random.gamma(1.5, 5, number).astype(int),
            "ill": random.choice(["a", "b", "c", "d"], number),
        }
    )


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_the_area_is_the_share_of_pairs_in_the_right_order(inside, outside):
    found = area(np.array(inside, dtype=float), np.array(outside, dtype=float))
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in product(inside, outside)]
    assert found.area == pytest.approx(sum(pairs) / len(pairs))
    assert found.at_most >= found.area


def test_small_classes_say_who_is_in_about_as_theory_has_it_and_one_class_says_nothing():
    table = people(6_000)
    at = {k: membership(table, quasi=["age", "hours"], sensitive=["ill"], k=k, l=2) for k in (10, 50)}
    assert at[10].area > at[50].area > 0.5
    for k, found in at.items():
        average = mondrian(table[:3_000], quasi=["age", "hours"], sensitive=["ill"], k=k, l=2).average_class
        assert found.area == pytest.approx(norm.cdf(1 / np.sqrt(average)), abs=0.04)
        fixed = of_fixed_classes([round(average)] * 200)
        assert fixed.area == pytest.approx(norm.cdf(1 / np.sqrt(average)), abs=0.02)
    assert membership(table, quasi=["age"], k=6_000).area == 0.5
    assert of_fixed_classes([300]).at_most == 0.5


def test_the_size_is_the_one_asked_for_where_that_holds_and_else_a_larger_one_that_does():
    wide = people(6_000).with_columns(age=pl.col("age") // 20, hours=pl.col("hours") // 40)
    assert class_size(wide, quasi=["age", "hours"], k=10)[0] == 10
    for number in (60, 400, 3_000):
        table = people(number)
        size, found = class_size(table, quasi=["age", "hours"], sensitive=["ill"], k=10, l=2)
        assert size > 10
        assert found.keeps()
        assert (size, found) == class_size(table, quasi=["age", "hours"], sensitive=["ill"], k=10, l=2)
        loose, _ = class_size(table, quasi=["age", "hours"], sensitive=["ill"], k=10, l=2, limit=0.62)
        assert 10 <= loose <= size


def test_whoever_is_in_fits_a_class_and_the_classes_are_those_of_the_table():
    table = people(300)
    rows = np.arange(0, 300, 2)
    cut = boxes(table, rows, quasi=["age", "hours"], sensitive=["ill"], k=7, l=2, max_share=0.8)
    fits = cut.fits()
    assert fits.shape == (300, len(cut.people))
    assert fits[rows].any(axis=1).all()
    assert cut.people.sum() == len(rows)
    alone = mondrian(table[rows], quasi=["age", "hours"], sensitive=["ill"], k=7, l=2)
    assert alone.classes == pytest.approx(len(cut.people), abs=2)  # widths are those of the whole table
