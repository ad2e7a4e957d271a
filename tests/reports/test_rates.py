"""Rates, intervals and gaps against scipy and by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from reports import rates

COUNTS = st.integers(1, 5_000).flatmap(lambda people: st.tuples(st.integers(0, people), st.just(people)))


@given(COUNTS)
def test_wilsons_interval_is_scipys(counts):
    events, people = counts
    exact = binomtest(events, people).proportion_ci(method="wilson")
    low, high = rates.wilson(events, people)
    assert abs(low - exact.low) < 1e-9
    assert abs(high - exact.high) < 1e-9


def test_halves_are_rounded_as_people_round():
    assert [rates.rounded(value) for value in (0.5, 1.5, 2.5, -0.5)] == [1, 2, 3, 0]


def test_the_mocks_group_of_640_is_172_per_thousand():
    assert rates.observed_rate(110, 640, per=1000) == rates.Rate(172, 145, 203)


def test_what_is_below_ten_per_thousand_is_counted_per_ten_thousand():
    assert rates.unit(1_000, 10, 10) == 1000
    assert rates.unit(1_000, 9, 10) == 10_000
    assert rates.unit(1_000, 50, None) == 1000


@given(COUNTS, st.integers(0, 500), st.integers(0, 200), st.integers(0, 200))
def test_the_gap_is_what_a_reader_gets_by_subtracting_and_lies_in_its_interval(counts, expected, down, up):
    observed, people = counts
    found = rates.gap(observed, expected, max(0, expected - down), expected + up, people, per=1000)
    seen = rates.observed_rate(observed, people, per=1000).value
    assert found.value == seen - rates.rounded(1000 * expected / people)
    assert found.low - 1 <= found.value <= found.high + 1
