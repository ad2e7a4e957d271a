from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pseudonymisation.aliases import current, resolved

NUMBER = st.sampled_from("abcdef")


def walked(pairs, number):
    """The plain road: follow the only pair there is, until there is none; None where it splits or comes back."""
    seen = set()
    while True:
        after = {new for former, new in pairs if former == number and new != number}
        if not after:
            return number
        if len(after) > 1 or number in seen:
            return None
        seen.add(number)
        number = after.pop()


@given(st.lists(st.tuples(NUMBER, NUMBER), max_size=8))
def test_a_number_is_followed_to_its_newest_and_what_splits_or_comes_back_is_nobodys(pairs):
    found = resolved(pairs)
    for former in "abcdef":
        end = walked(pairs, former)
        assert found.get(former, former) == (former if end is None else end)


def test_missing_numbers_say_nothing_and_a_column_is_changed_where_there_is_a_newer_one():
    newest = resolved([("a", "b"), (None, "c"), ("", "c"), ("d", None), ("x", "x")])
    assert newest == {"a": "b"}
    assert current(pl.Series(["a", "b", None, "q"]), newest).to_list() == ["b", "b", None, "q"]
    assert current(pl.Series(["a"]), {}).to_list() == ["a"]
