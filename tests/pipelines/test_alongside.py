"""Two threads give what one gives, in the same order, with the same errors."""

from __future__ import annotations

import threading

import pytest

from pipelines.alongside import Behind, ahead


def numbers(upto: int, *, told: list[str], fails: bool = False):
    try:
        for number in range(upto):
            told.append(f"made {number}")
            yield number
        if fails:
            raise ValueError("at its end")
    finally:
        told.append(f"closed in {threading.current_thread() is threading.main_thread()}")


def test_ahead_gives_every_item_in_order_and_closes_where_it_read():
    told: list[str] = []
    assert list(ahead(numbers(50, told=told))) == list(range(50))
    assert told[-1] == "closed in False"


def test_an_error_comes_after_the_items_before_it():
    items = ahead(numbers(3, told=[], fails=True))
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="at its end"):
        next(items)


def test_at_most_one_item_is_made_before_it_is_wanted_and_none_after_that():
    told: list[str] = []
    items = ahead(numbers(1_000, told=told))
    assert next(items) == 0
    before = threading.active_count()
    items.close()
    assert told[-1] == "closed in False"
    assert 1 <= sum(line.startswith("made") for line in told) <= 2
    assert threading.active_count() < before


def test_behind_works_in_order_and_tells_the_next_who_asks_what_went_wrong():
    done: list[int] = []
    behind = Behind()
    for number in range(20):
        behind.do(lambda number=number: done.append(number))
    behind.wait()
    assert done == list(range(20))
    behind.do(lambda: [][0])
    with pytest.raises(IndexError):
        behind.do(lambda: done.append(99))
    behind.end()
    assert 99 not in done
