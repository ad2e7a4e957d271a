import hashlib
import hmac
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymisation.disclosure import Group, audit, nested_differences, rounded, unsafe_count

KEY = b"r" * 32


@settings(deadline=None)
@given(count=st.integers(0, 100_000), base=st.integers(1, 100), cell=st.text(), key=st.binary(min_size=1))
def test_a_count_is_rounded_as_the_formula_says(count, base, cell, key):
    shift = int(hmac.new(key, cell.encode(), hashlib.sha256).hexdigest(), 16) % base
    printed = rounded(count, base=base, key=key, cell=cell)
    assert printed == base * ((count + shift) // base)
    assert abs(printed - count) < base
    assert printed == rounded(count, base=base, key=key, cell=cell)


def test_rounding_is_unbiased_over_cells():
    errors = [rounded(637, base=10, key=KEY, cell=f"cell {number}") - 637 for number in range(20_000)]
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(len(errors))
    assert {error % 10 for error in errors} == {3}


def test_an_expected_count_need_not_be_whole():
    assert all(abs(rounded(41.7, base=5, key=KEY, cell=str(number)) - 41.7) < 5 for number in range(100))


@pytest.mark.parametrize(("count", "base"), [(-1, 10), (float("nan"), 10), (float("inf"), 10), (3, 0)])
def test_what_is_no_count_is_refused(count, base):
    with pytest.raises(ValueError, match="count"):
        rounded(count, base=base, key=KEY, cell="c")


def test_a_count_is_unsafe_from_one_to_the_limit():
    assert [count for count in range(13) if unsafe_count(count, 10)] == list(range(1, 10))


NAMES = "abc"
CELLS = st.dictionaries(st.frozensets(st.sampled_from(NAMES)), st.integers(0, 30), min_size=1)


def people_with(cells, conditions, absent=frozenset()):
    return sum(count for has, count in cells.items() if conditions <= has and not absent & has)


@settings(deadline=None)
@given(cells=CELLS, printed=st.sets(st.frozensets(st.sampled_from(NAMES)), max_size=5))
def test_nested_differences_are_those_that_subtracting_any_two_groups_gives(cells, printed):
    groups = [Group(id="".join(sorted(names)), conditions=names, people=people_with(cells, names)) for names in printed]
    found = {(v.outer, v.inner) for v in nested_differences(groups, smallest_difference=5)}
    expected = {
        ("".join(sorted(outer)), "".join(sorted(inner)))
        for one, other in combinations(printed, 2)
        for outer, inner in ((one, other), (other, one))
        if outer < inner and 1 <= people_with(cells, outer) - people_with(cells, inner) <= 4
    }
    assert found == expected


def group(id_, conditions, people, observed=None, **more):
    return Group(id=id_, conditions=frozenset(conditions), people=people, observed=observed, **more)


def test_outcomes_and_the_people_without_are_compared_too():
    groups = [group("outer", "a", 100, 50), group("inner", "ab", 80, 48)]
    assert [(v.measure, v.inner) for v in nested_differences(groups, smallest_difference=5)] == [("observed", "inner")]
    groups = [group("outer", "a", 100, 50), group("inner", "ab", 80, 31)]
    assert [v.measure for v in nested_differences(groups, smallest_difference=5)] == ["not_observed"]


def test_groups_of_different_parts_share_nobody():
    groups = [group("outer", "a", 100, part="searched"), group("inner", "ab", 98, part="locked")]
    assert nested_differences(groups, smallest_difference=5) == ()


def test_an_earlier_release_is_compared_with_a_later_one():
    earlier = group("old", "a", 100, release="U-2026-01")
    assert (
        nested_differences([earlier, group("new", "ab", 97, release="U-2026-02")], smallest_difference=5)[0].kind
        == "nested"
    )
    moved = nested_differences([earlier, group("new", "a", 102, release="U-2026-02")], smallest_difference=5)
    assert [(v.kind, v.inner) for v in moved] == [("moved", "new")]
    assert nested_differences([earlier, group("new", "a", 105, release="U-2026-02")], smallest_difference=5) == ()
    assert nested_differences([earlier, group("again", "a", 100, release="U-2026-01")], smallest_difference=5) == ()


@settings(deadline=None, max_examples=40)
@given(cells=CELLS, printed=st.sets(st.frozensets(st.sampled_from(NAMES)), max_size=6))
def test_the_audit_finds_whatever_sums_and_differences_of_exact_counts_pin(cells, printed):
    groups = [
        Group(id="".join(sorted(names)) or "all", conditions=names, people=people_with(cells, names))
        for names in printed
    ]
    violations = audit(groups, smallest_group=10, smallest_difference=5)
    assert {v.inner for v in violations if v.kind == "small"} == {g.id for g in groups if 0 < g.people < 10}
    # The plain road: inclusion and exclusion over every pair of printed groups whose union and overlap are printed.
    table = {g.conditions: g.people for g in groups}
    for one, other in combinations(table, 2):
        if one | other in table and one & other in table and not (one <= other or other <= one):
            neither = table[one & other] - table[one] - table[other] + table[one | other]
            if 1 <= neither <= 4:
                assert any(v.kind in ("derived", "nested") for v in violations)


def test_a_count_that_takes_four_figures_to_work_out_is_found():
    groups = [group("all", "", 200), group("a", "a", 120), group("b", "b", 100), group("ab", "ab", 23)]
    assert nested_differences(groups, smallest_difference=5) == ()
    found = audit(groups, smallest_group=10, smallest_difference=5)
    assert [(v.kind, v.measure, v.inner) for v in found] == [("derived", "people", "ab")]


def test_two_findings_that_share_a_condition_are_looked_at_together():
    # Of 100 with a, 60 have b too and 43 have c and not b: 3 without either are left over.
    groups = [group("a", "a", 106), group("ab", "ab", 60), group("ac", "ac", 43, absent=frozenset("b"))]
    assert nested_differences(groups, smallest_difference=5) == ()
    assert [v.kind for v in audit(groups, smallest_group=10, smallest_difference=5)] == ["derived"]


def test_a_violation_holds_no_count():
    violation = audit([group("a", "a", 3)], smallest_group=10, smallest_difference=5)[0]
    assert "3" not in repr(violation)


def test_safe_groups_pass():
    groups = [
        group("a", "a", 200, 60),
        group("ab", "ab", 100, 30),
        group("ac", "ac", 90, 25),
        group("abc", "abc", 40, 12),
    ]
    assert audit(groups, smallest_group=10, smallest_difference=5) == ()
