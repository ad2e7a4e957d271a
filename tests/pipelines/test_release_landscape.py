"""The landscape at the gate: no small bin, no rate that subtracts to a few, classes that one person does not move."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.landscape import Alone
from analysis.values import Condition
from pipelines.findings import condition_key
from pipelines.gate import Gate
from pipelines.release_landscape import CLASSES, _groups, _safe
from pipelines.release_outcomes import Outcomes, part_named
from pseudonymisation import disclosure

KEY = b"k" * 32

ONE = Outcomes(first="y")


def gate(published=None) -> Gate:
    return Gate(key=KEY, smallest_group=10, smallest_difference=5, published=published or {})


def alone(column: str, people: int, observed: int, *, of: int = 10_000, with_it: int = 1_000) -> Alone:
    return Alone(
        condition=Condition(column=column, operator="==", value=True), people=people, observed=observed,
        people_without=of - people, observed_without=with_it - observed, answer="holds",
    )  # fmt: skip


@given(count=st.integers(0, 5_000))
def test_fewer_than_ten_combinations_are_no_square(count):
    assert (gate().classed("landscape|7|7", count, CLASSES) == 0) == (count < 10)


@given(before=st.integers(0, 3_000), after=st.integers(0, 3_000))
def test_a_class_stands_until_it_is_two_away(before, after):
    first = gate()
    shown = first.classed("landscape|7|7", before, CLASSES)
    later = gate(first.now).classed("landscape|7|7", after, CLASSES)
    true = gate().classed("landscape|7|7", after, CLASSES)
    assert later == (shown if abs(true - shown) <= 1 else true)


def test_a_rate_that_subtracts_to_a_few_people_is_held_back():
    both = [condition_key([Condition(column=name, operator="==", value=True)]) for name in ("a", "b")]
    finding = disclosure.Group(id="F-1", part="searched", conditions=frozenset(both), people=400, observed=100)
    near, far = alone("a", 403, 101), alone("b", 900, 150)
    assert _safe((near, far), gate(), (finding,), ONE, "searched") == {1}
    assert _safe((near, far), gate(), (), ONE, "searched") == {0, 1}
    small = alone("c", 400, 4)
    assert _safe((small,), gate(), (), ONE, "searched") == set()


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(20, 9_000), st.integers(0, 1_000)), min_size=1, max_size=6))
def test_what_stands_passes_the_audit(sizes):
    many = tuple(
        alone(f"c{place}", people, min(observed, people)) for place, (people, observed) in enumerate(sizes)
        if 1_000 - min(observed, people) <= 10_000 - people
    )  # fmt: skip
    kept = _safe(many, gate(), (), ONE, "searched")
    groups = [group for place in kept for group in _groups(many[place], "searched")]
    assert not disclosure.audit(groups, smallest_group=10, smallest_difference=5)


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.tuples(st.integers(20, 9_000), st.integers(0, 1_000), st.integers(0, 1_000)), min_size=1, max_size=4)
)
def test_what_stands_of_two_outcomes_passes_the_audit_of_both_side_by_side(sizes):
    both = Outcomes(first="y", several=True)
    parts = ("searched", part_named("searched", "z"))
    kept: list[disclosure.Group] = []
    for place, part in enumerate(parts):
        many = tuple(
            alone(f"c{number}", one[0], min(one[1 + place], one[0])) for number, one in enumerate(sizes)
            if 1_000 - min(one[1 + place], one[0]) <= 10_000 - one[0]
        )  # fmt: skip
        safe = _safe(many, gate(), kept, both, part)
        kept += [group for each in sorted(safe) for group in _groups(many[each], part)]
    assert not disclosure.audit(both.side_by_side(kept), smallest_group=10, smallest_difference=5)


def test_a_rate_that_gives_few_away_beside_another_outcomes_is_held_back():
    """403 have the one outcome and 401 the other of the same 900: whoever has both is known to two."""
    both = Outcomes(first="y", several=True, within=frozenset({("z", "y")}))
    first, second = alone("a", 900, 403), alone("a", 900, 401)
    z = part_named("searched", "z")
    assert _safe((first,), gate(), (), both, "searched") == {0}
    assert _safe((second,), gate(), (), both, z) == {0}
    assert _safe((second,), gate(), _groups(first, "searched"), both, z) == set()
