import polars as pl
import pytest
from scipy.stats import binomtest

from pipelines.split import draw_lock

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
HOMES = pl.Series([f"h1-{number}" for number in range(20_000)])


def test_people_of_one_household_lie_on_the_same_side_and_order_does_not_matter():
    people = pl.Series(["a", "b", "a", "c", "b"] * 40)
    locked = draw_lock(people, key=KEY, share=0.5)
    sides = {home: set(locked.filter(people == home)) for home in "abc"}
    assert all(len(side) == 1 for side in sides.values())
    assert draw_lock(people.reverse(), key=KEY, share=0.5).to_list() == locked.reverse().to_list()


def test_who_comes_or_goes_moves_nobody():
    all_of_them = dict(zip(HOMES, draw_lock(HOMES, key=KEY, share=0.3), strict=True))
    some = HOMES.gather_every(7)
    assert draw_lock(some, key=KEY, share=0.3).to_list() == [all_of_them[home] for home in some]


def test_a_larger_share_only_adds_households():
    small, large = (draw_lock(HOMES, key=KEY, share=share) for share in (0.2, 0.4))
    assert (small & ~large).sum() == 0


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 1.0])
def test_the_share_is_the_share(share):
    assert binomtest(int(draw_lock(HOMES, key=KEY, share=share).sum()), len(HOMES), share).pvalue > 0.001


def test_another_key_draws_another_split_that_knows_nothing_of_the_first():
    first, second = (draw_lock(HOMES, key=key, share=0.5) for key in (KEY, OTHER_KEY))
    assert binomtest(int((first == second).sum()), len(HOMES), 0.5).pvalue > 0.001


def test_the_first_draws_are_as_they_always_were():
    """A split is for ever: if this fails, every study's locked part has moved."""
    drawn = draw_lock(pl.Series(["p1-a", "p1-b", "p1-c", "p1-d", "p1-e", "p1-f"]), key=KEY, share=0.5).to_list()
    assert drawn == [True, False, True, False, False, False]


@pytest.mark.parametrize(
    ("clusters", "key", "share", "why"),
    [
        (["a"], KEY, 1.1, "share"),
        (["a"], KEY, -0.1, "share"),
        (["a"], b"short", 0.3, "too short"),
        ([None], KEY, 0.3, "no cluster"),
    ],
)
def test_a_wrong_call_is_refused(clusters, key, share, why):
    with pytest.raises(ValueError, match=why):
        draw_lock(pl.Series(clusters, dtype=pl.String), key=key, share=share)


def test_nobody_is_split_into_nobody():
    assert draw_lock(pl.Series([], dtype=pl.String), key=KEY, share=0.3).to_list() == []
