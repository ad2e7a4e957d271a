from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pseudonymisation import suppression
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


def whole_tables(counts, mask):
    """Every table of whole people that agrees with what is printed: a hidden cell is at least 1. The plain road."""
    table = with_margins(counts)
    cells = [tuple(place) for place in np.argwhere(mask)]
    inner = [cell for cell in cells if all(c < n - 1 for c, n in zip(cell, table.shape, strict=True))]
    for values in product(range(1, 13), repeat=len(inner)):
        tried = table.copy()
        for cell, value in zip(inner, values, strict=True):
            tried[cell] = value
        made = with_margins(tried[tuple(slice(0, -1) for _ in table.shape)])
        if np.all((made == table) | mask) and np.all(made[mask] >= 1):
            yield made


@settings(deadline=None, max_examples=30)
@given(
    arrays(np.int64, st.sampled_from([(2, 2), (2, 3), (2, 2, 2)]), elements=st.integers(0, 6)),
    st.lists(st.integers(0, 60), min_size=1, max_size=9),
)
def test_the_program_and_a_try_of_every_whole_table_find_the_same_unsafe_cells(counts, places):
    table = with_margins(counts)
    mask = np.zeros(table.shape, dtype=bool)
    mask.flat[[place % table.size for place in places]] = True
    mask &= table > 0
    while mask[tuple(slice(0, -1) for _ in counts.shape)].sum() > 4:  # few enough to try them all
        mask[tuple(np.argwhere(mask[tuple(slice(0, -1) for _ in counts.shape)])[0])] = False
    agreeing = np.array(list(whole_tables(counts, mask)))
    low, high = agreeing.min(axis=0), agreeing.max(axis=0)
    narrow = {tuple(at) for at in np.argwhere(mask & ((high < 5) | (high - low < 5)))}
    found = set(unsafe_cells(counts, mask, smallest_difference=5))
    assert found <= narrow  # tried up to 12 people a cell: an interval that is narrow there may be wide beyond
    assert all(high[at] >= 11 or tuple(at) in found for at in narrow)


def test_an_interval_that_is_wide_in_fractions_alone_is_found_by_the_integer_program():
    """x + y + u, y + z + u and x + z + u are 8 each: then u is 2, 4 or 6, and in fractions anything from 1 to 6."""
    values = np.array([1.0, 1.0, 1.0, 6.0, 8.0, 8.0, 8.0])
    sums = [(0, 1, 3), (1, 2, 3), (0, 2, 3)]
    lines = np.zeros((3, 7))
    for row, members in enumerate(sums):
        lines[row, list(members)], lines[row, 4 + row] = 1.0, -1.0
    hidden = np.arange(7) < 4
    ends = feasible_intervals(lines[:, :4], np.full(3, 8.0), np.full(3, 8.0), np.eye(4)[3:], floor=1.0)
    assert ends.tolist() == [[1, 6]]  # the linear program alone calls it safe
    assert 3 in suppression._unsafe(suppression.csr_array(lines), values, hidden, 5)
    with pytest.MonkeyPatch.context() as hurried:
        hurried.setattr(suppression, "SECONDS", 0.0)  # no time: on the safe side
        assert 3 in suppression._unsafe(suppression.csr_array(lines), values, hidden, 5)


@settings(deadline=None, max_examples=4)
@given(arrays(np.int64, st.sampled_from([(3, 3), (2, 2, 2)]), elements=st.sampled_from([0, 1, 4, 8, 12, 30])))
def test_where_the_cell_by_cell_road_finds_nothing_the_program_covers_all_at_once(counts):
    usual = hide_cells(counts, smallest_group=10, smallest_difference=5)
    with pytest.MonkeyPatch.context() as blind:
        blind.setattr(suppression, "_cheapest_cover", lambda lines, values, *_: np.zeros(len(values), dtype=bool))
        made = hide_cells(counts, smallest_group=10, smallest_difference=5)
    assert made.unsafe <= usual.unsafe
    if not made.unsafe:
        assert unsafe_cells(counts, made.mask, smallest_difference=5) == []


@settings(deadline=None, max_examples=8)
@given(arrays(np.int64, (2, 2), elements=st.sampled_from([0, 3, 8, 12, 30, 50])))
def test_the_programs_cover_is_the_cheapest_of_all_that_would_do(counts):
    table = with_margins(counts).ravel().astype(float)
    lines, hidden = suppression._lines((3, 3)), (table > 0) & (table < 10)
    unsafe = suppression._unsafe(lines, table, hidden, 5)
    if not unsafe:
        return
    cover = suppression._joint_cover(lines, table, hidden, unsafe, 5, until=np.inf)
    price = 1 + np.log1p(table)
    open_ = [cell for cell in np.flatnonzero((table > 0) & ~hidden) if cell != len(table) - 1]
    subsets = [list(some) for size in range(len(open_) + 1) for some in combinations(open_, size)]
    for some in sorted(subsets, key=lambda cells: price[cells].sum()):  # the plain road: try them all
        tried = hidden.copy()
        tried[some] = True
        if not set(suppression._unsafe(lines, table, tried, 5)) & set(unsafe):
            assert cover is not None
            assert price[cover & ~hidden].sum() == pytest.approx(price[some].sum())
            return
    assert cover is None


def test_ten_people_of_ten_kinds_cannot_be_hidden_and_are_refused():
    made = hide_cells(np.ones((1, 10), dtype=np.int64), smallest_group=10, smallest_difference=5)
    assert made.unsafe  # each is there, and they are ten: each is one
    assert suppression.coarser(np.ones((2, 6), dtype=np.int64) * 2, smallest_group=10, smallest_difference=5)
