"""The lattice against a plain road: every node tried, with dictionaries."""

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise, product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymisation.hierarchies import (
    category_hierarchy,
    date_hierarchy,
    given_hierarchy,
    hierarchy,
    not_nested,
    number_hierarchy,
)
from pseudonymisation.k_anonymity import measure
from pseudonymisation.lattice import TooManyNodes, lattice

ROW = st.tuples(
    st.one_of(st.none(), st.integers(60, 75)),
    st.sampled_from(["Nord", "Syd", None]),
    st.sampled_from([date(2024, 1, 3), date(2024, 1, 9), date(2024, 2, 1), date(2025, 2, 1)]),
    st.sampled_from("abc"),
)
SCHEMA = {"age": pl.Int64, "district": pl.String, "day": pl.Date, "sick": pl.String}
QUASI = ["age", "district", "day"]


def tried_one_by_one(frame, *, k, l, max_share, allowed):  # noqa: E741
    """The least loss of any node that leaves out at most `allowed` people, None where none will do."""
    columns = [hierarchy(frame[name]) for name in QUASI]
    best = None
    for node in product(*(range(column.steps) for column in columns)):
        told = [
            tuple(column.texts[step][column.codes[step][row]] for column, step in zip(columns, node, strict=True))
            for row in range(frame.height)
        ]
        held = defaultdict(Counter)
        for key, sick in zip(told, frame["sick"], strict=True):
            held[key][sick] += 1
        kept = [
            sum(held[key].values()) >= k
            and len(held[key]) >= l
            and max(held[key].values()) <= max_share * sum(held[key].values()) + 1e-9
            for key in told
        ]
        if kept.count(False) > allowed:
            continue
        lost = [
            float(column.losses[step][column.codes[step][row]]) if kept[row] else 1.0
            for row in range(frame.height)
            for column, step in zip(columns, node, strict=True)
        ]
        loss = sum(lost) / len(lost)
        best = loss if best is None else min(best, loss)
    return best


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(ROW, min_size=1, max_size=40),
    k=st.integers(2, 5),
    l=st.integers(1, 3),
    max_share=st.sampled_from([0.6, 0.8, 1.0]),
    suppressed=st.sampled_from([0.0, 0.1, 0.3]),
)
def test_the_node_found_loses_as_little_as_the_best_of_all(rows, k, l, max_share, suppressed):  # noqa: E741
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    found = lattice(frame, quasi=QUASI, sensitive=["sick"], k=k, l=l, max_share=max_share, max_suppressed=suppressed)
    allowed = int(suppressed * len(rows) + 1e-9)
    best = tried_one_by_one(frame, k=k, l=l, max_share=max_share, allowed=allowed)
    assert (found is None) == (best is None)
    if found is None:
        return
    assert found.made.gcp == pytest.approx(best)
    risk = measure(found.made.frame, quasi=QUASI, sensitive=["sick"])
    assert risk.keeps(k=k, l=l, max_share=max_share)
    assert (risk.classes, risk.people) == (found.made.classes, len(rows) - found.made.suppressed)
    assert found.made.suppressed <= allowed
    assert found.made.highest_risk == pytest.approx(risk.highest_risk)


VALUES = {
    "numbers": st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=60).map(
        lambda values: pl.Series("v", values, dtype=pl.Int64)
    ),
    "decimals": st.lists(st.floats(-5, 5).map(lambda x: round(x, 1)), min_size=1, max_size=60).map(
        lambda values: pl.Series("v", values, dtype=pl.Float64)
    ),
    "dates": st.lists(st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2024, 1, 1))), min_size=1, max_size=40).map(
        lambda values: pl.Series("v", values, dtype=pl.Date)
    ),
    "words": st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=20).map(
        lambda values: pl.Series("v", values, dtype=pl.String)
    ),
}


@pytest.mark.parametrize("kind", VALUES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_steps_only_join_and_end_in_one(kind, data):
    made = hierarchy(data.draw(VALUES[kind]))
    for finer, coarser in pairwise(made.codes):
        joined = defaultdict(set)
        for low, high in zip(finer.tolist(), coarser.tolist(), strict=True):
            joined[low].add(high)
        assert all(len(highs) == 1 for highs in joined.values())
    assert made.texts[-1] == ("*",)
    assert set(made.codes[-1].tolist()) == {0}
    mean = [loss[codes].mean() for loss, codes in zip(made.losses, made.codes, strict=True)]
    assert all(0 <= low <= high + 1e-12 <= 1 + 1e-9 for low, high in pairwise(mean))


@settings(deadline=None)
@given(VALUES["numbers"])
def test_a_band_tells_the_truth_of_every_number_in_it(values):
    made = number_hierarchy(values)
    for codes, texts in zip(made.codes[:-1], made.texts[:-1], strict=True):
        for value, code in zip(values.to_list(), codes.tolist(), strict=True):
            told = texts[code]
            if value is None:
                assert told is None
                continue
            mark = ".." if ".." in told else "-"
            low, _, high = told.partition(mark) if not told.lstrip("-").isdigit() else (told, "", told)
            assert int(low) <= value <= int(high)


def test_bands_hold_about_as_many_people_each():
    made = number_hierarchy(pl.Series("v", np.random.default_rng(1).normal(size=4_000)))
    assert [len(texts) - 1 for texts in made.texts[1:-1]] == [16, 8, 4, 2]
    assert np.bincount(made.codes[1]).min() >= 240


def test_a_day_is_never_told_and_a_category_whole_or_not_at_all():
    assert date_hierarchy(pl.Series("d", [date(2024, 1, 3), date(2024, 2, 3), date(2025, 2, 9)])).texts == (
        ("2024-01", "2024-02", "2025-02", None),
        ("2024", "2025", None),
        ("*",),
    )
    assert category_hierarchy(pl.Series("c", ["b", "a"])).texts == (("a", "b", None), ("*",))


def test_steps_that_the_caller_gives_are_used_and_must_nest():
    steps = {"1": ("0-1", "*"), "2": ("2-3", "*"), "3": ("2-3", "*")}
    made = given_hierarchy(pl.Series("v", ["3", "1", None]), steps)
    assert made.texts == (("1", "2", "3", None), ("0-1", "2-3", None), ("*",))
    assert made.losses[1].tolist() == pytest.approx([0, 2 / 3, 0])
    assert not_nested({"1": ("a", "x"), "2": ("a", "y")}) == 2
    assert not_nested({"1": ("a", "x"), "2": ("a",)}) == 2
    with pytest.raises(ValueError, match="nest"):
        given_hierarchy(pl.Series("v", ["1"]), {"1": ("a", "x"), "2": ("a", "y")})
    with pytest.raises(ValueError, match="no steps"):
        given_hierarchy(pl.Series("v", ["9"]), steps)


def test_what_protects_nobody_and_what_cannot_be_listed_are_refused():
    frame = pl.DataFrame({"a": [1, 2]})
    for quasi, k in ((["a"], 1), ([], 2)):
        with pytest.raises(ValueError, match=r"protects nobody|at least one"):
            lattice(frame, quasi=quasi, k=k)
    wide = pl.DataFrame({f"c{number}": range(40) for number in range(12)})
    with pytest.raises(TooManyNodes):
        lattice(wide, quasi=wide.columns, k=2)
    assert lattice(frame, quasi=["a"], k=3) is None
    assert lattice(frame.clear(), quasi=["a"], k=3) is None
