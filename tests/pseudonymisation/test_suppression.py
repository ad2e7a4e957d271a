from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pseudonymisation.suppression import feasible_intervals, hide_cells, pinned_patterns, unsafe_cells, with_margins

TABLES = arrays(np.int64, array_shapes(min_dims=2, max_dims=3, min_side=2, max_side=4), elements=st.integers(0, 40))

SMALL_TABLES = arrays(
    np.int64, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=4), elements=st.integers(0, 40)
)


@settings(deadline=None)
@given(TABLES)
def test_margins_are_sums_over_every_set_of_axes(counts):
    table = with_margins(counts)
    for axes in product((False, True), repeat=counts.ndim):
        summed = tuple(axis for axis, gone in enumerate(axes) if gone)
        place = tuple(-1 if gone else slice(0, -1) for gone in axes)
        np.testing.assert_array_equal(table[place], counts.sum(axis=summed))


@settings(deadline=None, max_examples=25)
@given(
    sums=arrays(np.int64, st.tuples(st.integers(1, 3), st.just(3)), elements=st.integers(0, 1)),
    truth=arrays(np.int64, (3,), elements=st.integers(0, 4)),
    slack=st.integers(0, 2),
)
def test_an_interval_holds_every_table_that_agrees_with_the_figures(sums, truth, slack):
    known = np.vstack([sums, np.ones(3, dtype=int)])  # the total is always known: all is finite
    low, high = known @ truth - slack, known @ truth + slack
    agreeing = [
        np.array(table)
        for table in product(range(15), repeat=3)  # 4 each, and the slack
        if np.all(known @ table >= low) and np.all(known @ table <= high)
    ]  # the plain road: try every table
    targets = np.vstack([np.eye(3), [[1.0, 1.0, 0.0]]])
    ends = feasible_intervals(known.astype(float), low.astype(float), high.astype(float), targets)
    for target, (least, greatest) in zip(targets, ends, strict=True):
        values = [target @ table for table in agreeing]
        assert least <= min(values)
        assert greatest >= max(values)
        # Sums of zeros and ones over three groups: the program's ends are within a person of the true ones.
        assert min(values) - least <= 1
        assert greatest - max(values) <= 1


def test_figures_that_no_table_agrees_with_are_refused():
    with pytest.raises(ValueError, match="agrees"):
        feasible_intervals(np.eye(1), np.array([-3.0]), np.array([-2.0]), np.eye(1))


def test_nothing_known_gives_no_end():
    ends = feasible_intervals(np.array([[1.0, 0.0]]), np.array([2.0]), np.array([2.0]), np.eye(2))
    assert ends.tolist() == [[2, 2], [0, np.inf]]


def test_one_small_cell_in_a_table_takes_three_others_with_it():
    counts = np.array([[40, 3, 60], [50, 70, 80], [90, 95, 99]])
    made = hide_cells(counts, smallest_group=10, smallest_difference=5)
    assert made.mask[0, 1]
    assert (made.primary, made.unsafe) == (1, 0)
    assert made.secondary == 3  # a rectangle: nothing less hides it
    assert unsafe_cells(counts, made.mask, smallest_difference=5) == []


@settings(deadline=None, max_examples=20)
@given(SMALL_TABLES)
def test_what_is_hidden_cannot_be_worked_out_or_is_counted_as_unsafe(counts):
    made = hide_cells(counts, smallest_group=10, smallest_difference=5)
    table = with_margins(counts)
    assert made.mask[(table > 0) & (table < 10)].all()
    assert not made.mask[table == 0].any()
    left = unsafe_cells(counts, made.mask, smallest_difference=5)
    assert len(left) == made.unsafe
    # Our intervals and an independent program, cell by cell with every sum written out, agree.
    shape, cells = table.shape, np.arange(table.size).reshape(table.shape)
    rows, values = [], []
    for axis in range(len(shape)):
        for members in np.moveaxis(cells, axis, -1).reshape(-1, shape[axis]):
            row = np.zeros(table.size)
            row[members[:-1]], row[members[-1]] = 1, -1
            rows.append(row)
            values.append(0.0)
    for place in np.flatnonzero(~made.mask.ravel()):
        rows.append(np.eye(table.size)[place])
        values.append(float(table.ravel()[place]))
    hidden = np.flatnonzero(made.mask.ravel())
    if not len(hidden):
        return
    for place in hidden:  # an attacker knows that hidden cells are not empty
        rows.append(np.eye(table.size)[place])
        values.append(np.nan)
    low = np.array([1.0 if np.isnan(value) else value for value in values])
    high = np.array([np.inf if np.isnan(value) else value for value in values])
    ends = feasible_intervals(np.array(rows), low, high, np.eye(table.size)[hidden])
    narrow = [place for place, (a, b) in zip(hidden, ends, strict=True) if b < 5 or b - a < 5]
    assert sorted(narrow) == sorted(int(np.ravel_multi_index(cell, shape)) for cell in left)


def test_a_table_that_cannot_be_hidden_says_how_many_cells_are_unsafe():
    made = hide_cells(np.array([[2, 2, 2], [2, 1, 1]]), smallest_group=10, smallest_difference=5)
    assert made.unsafe > 0  # ten people in all, known, in six cells: none can hold more than five


def test_without_margins_only_small_cells_are_hidden():
    made = hide_cells(np.array([[3, 0], [9, 10]]), smallest_group=10, smallest_difference=5, margins=False)
    assert made.mask.tolist() == [[True, False], [True, False]]


def test_a_count_that_two_others_pin_is_named():
    # 100 have a; 97 have a and b: 3 have a and not b.
    assert pinned_patterns([(True, None), (True, True)], [100, 97], conditions=2, below=5) == [(True, False)]
    assert pinned_patterns([(True, None), (True, True)], [100, 95], conditions=2, below=5) == []
    assert pinned_patterns([(True, None), (True, True)], [100, 100], conditions=2, below=5) == []


def test_a_count_that_only_three_together_pin_is_named():
    # Everybody 200, a 120, b 100, both 23: 3 have neither, and no two of the figures tell.
    figures = {(None, None): 200, (True, None): 120, (None, True): 100, (True, True): 23}
    found = pinned_patterns(list(figures), list(figures.values()), conditions=2, below=5)
    assert found == [(False, False)]


def test_figures_of_different_times_pin_nothing_by_program():
    assert pinned_patterns([(True, None), (True, True)], [100, 103], conditions=2, below=5) == []
