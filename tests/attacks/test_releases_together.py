"""Attack 6 over several releases: figures that are safe in each, solved together. Last night's are out already."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from pseudonymisation.disclosure import Group, audit, nested_differences
from pseudonymisation.suppression import coarser, feasible_intervals, hide_cells, unsafe_cells

NAMES = ("a", "b", "c")
LIMIT, DIFFERENCE = 10, 5
CELLS = list(product((False, True), repeat=3))


def group(names: tuple[str, ...], cells: dict[tuple[bool, ...], int], release: str = "") -> Group:
    people = sum(count for cell, count in cells.items() if all(cell[NAMES.index(name)] for name in names))
    return Group(id=f"{release}{'+'.join(names)}", conditions=frozenset(names), people=people, release=release)


def solved(groups: list[Group]) -> set[tuple[bool, ...]]:
    """The attacker: every cell of the three conditions that all figures together leave between 1 and 4 people."""
    rows = [[float(all(cell[NAMES.index(one)] for one in group.conditions)) for cell in CELLS] for group in groups]
    told = np.array([float(group.people) for group in groups])
    try:
        ends = feasible_intervals(np.array(rows), told, told, np.eye(len(CELLS)))
    except ValueError:
        return set()
    return {cell for cell, (low, high) in zip(CELLS, ends, strict=True) if low >= 1 and high < DIFFERENCE}


def night(seed: int) -> dict[tuple[bool, ...], int]:
    random = np.random.default_rng(seed)
    cells = {cell: int(random.integers(20, 90)) for cell in CELLS}
    cells[True, False, False] = int(random.integers(1, DIFFERENCE))  # a alone: few
    return cells


FIRST, SECOND = [("a",), ("a", "b")], [("a", "c"), ("a", "b", "c")]


def test_two_releases_that_are_safe_each_are_solved_together_and_the_second_is_held_back(attack_row):
    worked = through = tried = 0
    for seed in range(40):
        cells = night(seed)
        before = [group(names, cells, "1 ") for names in FIRST]
        now = [group(names, cells) for names in SECOND]
        limits = {"smallest_group": LIMIT, "smallest_difference": DIFFERENCE}
        assert not audit(before, **limits)  # each by itself is safe
        assert not audit(now, **limits)
        assert not nested_differences([*before, *now], smallest_difference=DIFFERENCE)  # and pair by pair
        tried += 1
        worked += bool(solved([*before, *now]))  # the attack works
        while bad := {one.inner for one in audit(now, **limits, earlier=before)}:
            assert bad <= {one.id for one in now}  # what is out cannot be called back
            now = [one for one in now if one.id not in bad]
        through += bool(solved([*before, *now]))
    assert worked == tried
    attack_row.row(
        "6",
        tried=f"{tried} pairs of releases of 2 groups each",
        twin=f"{worked} small cells solved",
        result=f"{through} solved",
        limit="0",
        held=through == 0,
    )


def test_what_earlier_releases_give_away_alone_holds_nothing_new_back():
    cells = night(3)
    before = [group(names, cells, "1 ") for names in (*FIRST, *SECOND)]
    assert solved(before)
    elsewhere = Group(id="z", conditions=frozenset({"a", "z"}), people=50)
    assert not audit([elsewhere], smallest_group=LIMIT, smallest_difference=DIFFERENCE, earlier=before)


def test_where_people_came_and_went_each_earlier_figure_is_held_against_the_new_ones():
    cells = night(5)
    before = group(("a",), cells, "1 ")
    impossible = Group(id="1 b", conditions=frozenset({"b"}), people=1, release="1 ")  # agrees with nothing of tonight
    now = [group(names, cells) for names in (("a", "b"), *SECOND)]
    found = audit(now, smallest_group=LIMIT, smallest_difference=DIFFERENCE, earlier=[before, impossible])
    assert any(one.kind == "derived" for one in found)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_coarser_table_is_safe_and_holds_the_same_people(seed):
    random = np.random.default_rng(seed)
    counts = random.negative_binomial(0.6, 0.6 / 8.6, (5, 6))
    axis, together, table = coarser(counts, smallest_group=LIMIT, smallest_difference=DIFFERENCE)
    assert table.sum() == counts.sum()
    assert table.shape[axis] == -(-counts.shape[axis] // together)
    made = hide_cells(table, smallest_group=LIMIT, smallest_difference=DIFFERENCE)
    assert unsafe_cells(table, made.mask, smallest_difference=DIFFERENCE) == []


def test_a_table_that_nothing_makes_safe_is_not_printed():
    assert coarser(np.array([[1, 2], [1, 0]]), smallest_group=LIMIT, smallest_difference=DIFFERENCE) is None


def test_three_releases_are_looked_at_together():
    cells = night(9)
    one, other = group(("a",), cells, "1 "), group(("a", "b"), cells, "2 ")
    now = [group(names, cells) for names in SECOND]
    assert audit(now, smallest_group=LIMIT, smallest_difference=DIFFERENCE, earlier=[one, other])
    assert not audit(now, smallest_group=LIMIT, smallest_difference=DIFFERENCE, earlier=[one])
