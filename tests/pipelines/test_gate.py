"""The gate: nothing small goes through, rounding is stable, and a printed figure stands until the true one moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipelines.gate import Gate, Published

KEY = b"r" * 32


def gate(**published: Published) -> Gate:
    return Gate(key=KEY, smallest_group=10, smallest_difference=5, published=published)


@given(people=st.integers(0, 400), share=st.floats(0, 1))
def test_whatever_is_printed_was_large_enough(people: int, share: float) -> None:
    observed = int(people * share)
    door = gate()
    printed = door.cell("a", people=people, observed=observed)
    if printed.people is not None:
        assert people == 0 or people >= 10
        assert abs(printed.people - people) < 10
        assert printed.people % 10 == 0
    if printed.observed is not None:
        assert printed.people is not None
        assert all(part == 0 or part >= 10 for part in (observed, people - observed))
        assert printed.observed <= printed.people
        assert abs(printed.observed - observed) < 5
        assert people >= 20 or 0 not in (observed, people - observed)
    if printed.people is None or printed.observed is None:
        assert door.held_back == 1


@given(true=st.integers(20, 400), moved=st.integers(-9, 9))
def test_a_printed_count_stays_until_the_true_one_has_moved_by_the_base(true: int, moved: int) -> None:
    first = gate()
    before = first.cell("a", people=true, observed=0).people
    after = Gate(key=KEY, smallest_group=10, smallest_difference=5, published=first.now)
    assert after.cell("a", people=max(true + moved, 20), observed=0).people == before


def test_nights_of_one_person_more_never_tell_which_night() -> None:
    published: dict[str, Published] = {}
    printed = []
    for night in range(9):
        door = Gate(key=KEY, smallest_group=10, smallest_difference=5, published=published)
        printed.append(door.cell("a", people=100 + night, observed=0).people)
        published = dict(door.now)
    assert len(set(printed)) == 1
    fresh = [gate().cell("a", people=100 + night, observed=0).people for night in range(9)]
    assert len(set(fresh)) == 2  # without the memory one of the nights is told


def test_an_expected_count_that_is_not_finite_is_not_printed() -> None:
    assert gate().expected("a", "mean", float("inf"), observed=20, printed=20) is None
    assert gate().expected("a", "mean", float("nan"), observed=20, printed=20) is None


@given(count=st.floats(0, 300), observed=st.integers(10, 300))
def test_a_printed_expected_count_is_off_by_less_than_five_and_keeps_the_gap(count: float, observed: int) -> None:
    door = gate()
    printed = door.cell("a", people=2 * observed, observed=observed).observed
    if printed is not None:
        expected = door.expected("a", "mean", count, observed=observed, printed=printed)
        assert expected is not None
        assert expected % 5 == 0
        assert abs(expected - count) < 5
        assert abs((printed - expected) - (observed - count)) < 5
