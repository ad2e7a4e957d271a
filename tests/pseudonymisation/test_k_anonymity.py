from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymisation.k_anonymity import keep_diverse, keep_k_anonymous, measure, mondrian

ROW = st.tuples(st.integers(0, 9), st.sampled_from(["70-79", "80-89", None]), st.sampled_from("FM"))


@settings(deadline=None)
@given(rows=st.lists(ROW, max_size=40), k=st.integers(2, 4))
def test_keeps_exactly_the_rows_in_classes_of_k_people(rows, k):
    frame = pl.DataFrame(rows, schema={"person": pl.Int64, "age": pl.String, "sex": pl.String}, orient="row")
    people = defaultdict(set)  # the plain road: a dictionary of sets
    for person, age, sex in rows:
        people[age, sex].add(person)
    kept = keep_k_anonymous(frame, person="person", quasi_identifiers=["age", "sex"], k=k)
    assert kept.rows() == [row for row in rows if len(people[row[1:]]) >= k]


@pytest.mark.parametrize(("k", "quasi"), [(1, ["sex"]), (2, [])])
def test_what_protects_nobody_is_refused(k, quasi):
    frame = pl.DataFrame({"person": [1], "sex": ["F"]})
    with pytest.raises(ValueError, match=r"protects nobody|at least one"):
        keep_k_anonymous(frame, person="person", quasi_identifiers=quasi, k=k)
    with pytest.raises(ValueError, match=r"protects nobody|at least one"):
        mondrian(frame, quasi=quasi, k=k)


def test_a_missing_person_is_refused():
    with pytest.raises(ValueError, match="missing"):
        measure(pl.DataFrame({"person": [None, 1], "sex": ["F", "F"]}), quasi=["sex"], person="person")


SICK_ROW = st.tuples(
    st.integers(0, 9), st.sampled_from(["70", "80", None]), st.sampled_from("FM"), st.sampled_from(["a", "b", None])
)


@settings(deadline=None)
@given(rows=st.lists(SICK_ROW, max_size=40), by_person=st.booleans())
def test_k_l_and_share_are_what_a_dictionary_of_sets_says(rows, by_person):
    if not by_person:
        rows = [(number, *row[1:]) for number, row in enumerate(rows)]
    schema = {"person": pl.Int64, "age": pl.String, "sex": pl.String, "sick": pl.String}
    risk = measure(
        pl.DataFrame(rows, schema=schema, orient="row"),
        quasi=["age", "sex"],
        sensitive=["sick"],
        person="person" if by_person else None,
    )
    people, having = defaultdict(set), defaultdict(lambda: defaultdict(set))
    for person, age, sex, sick in rows:
        people[age, sex].add(person)
        having[age, sex][sick].add(person)
    sizes = {key: len(group) for key, group in people.items()}
    assert risk.k == min(sizes.values(), default=0)
    assert risk.l == min((len(values) for values in having.values()), default=0)
    shares = [len(group) / sizes[key] for key, values in having.items() for group in values.values()]
    assert risk.largest_share == pytest.approx(max(shares, default=0.0))
    assert risk.classes == len(sizes)
    assert risk.unique == sum(size == 1 for size in sizes.values())


MIXED = st.tuples(
    st.one_of(st.none(), st.integers(60, 99)),
    st.sampled_from(["Nord", "Syd", "Vest", None]),
    st.booleans(),
    st.floats(0, 5, allow_nan=False).map(lambda x: round(x, 1)),
    st.sampled_from("abcd"),
)
SCHEMA = {"age": pl.Int64, "district": pl.String, "alone": pl.Boolean, "score": pl.Float64, "sick": pl.String}
QUASI = ["age", "district", "alone", "score"]


@settings(deadline=None, max_examples=150)
@given(rows=st.lists(MIXED, max_size=60), k=st.integers(2, 5), l=st.integers(1, 3), data=st.data())
def test_mondrian_keeps_its_promise_on_any_table_and_tells_only_the_truth(rows, k, l, data):  # noqa: E741
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    made = mondrian(frame, quasi=QUASI, sensitive=["sick"], k=k, l=l)
    risk = measure(made.frame, quasi=QUASI, sensitive=["sick"])
    assert risk.keeps(k=k, l=l, max_share=0.8)
    assert risk.classes == made.classes
    assert made.suppressed + made.frame.height == len(rows)
    assert 0 <= made.gcp <= 1
    assert made.highest_risk == pytest.approx(risk.highest_risk)
    held = Counter(row[-1] for row in rows)
    whole_table_will_do = len(rows) >= k and len(held) >= l and max(held.values()) <= 0.8 * len(rows)
    assert (made.suppressed == 0) == (whole_table_will_do or not rows)
    if made.suppressed:
        return
    assert made.frame["sick"].equals(frame["sick"])
    for column in QUASI:
        for true, told in zip(frame[column], made.frame[column], strict=True):
            assert covers(told, true)
    shuffled = data.draw(st.permutations(range(len(rows))))
    again = mondrian(frame[shuffled], quasi=QUASI, sensitive=["sick"], k=k, l=l)
    assert again.frame.equals(made.frame[shuffled])  # the same classes, whatever the order


def covers(told, true):
    """Whether what is told of a value is true of it."""
    if told == "*" or told is None or true is None:
        return told == "*" or (told is None and true is None)
    if isinstance(true, bool | str):
        return str(true) in told.strip("{}").split(", ")
    low, _, high = told.partition("-")
    return float(low) <= true <= float(high or low)


def test_dates_and_negative_numbers_are_told_as_readable_intervals():
    frame = pl.DataFrame({"days": [-30, -30, -10, 5], "day": pl.Series(["2024-01-01", "2024-02-01"] * 2).str.to_date()})
    made = mondrian(frame, quasi=["days", "day"], k=4)
    assert made.frame.rows() == [("-30..5", "2024-01-01..2024-02-01")] * 4
    assert made.gcp == 1


def test_a_better_cut_costs_less_than_telling_nothing():
    frame = pl.DataFrame({"age": list(range(60, 100)) * 3, "sick": ["a", "b", "c"] * 40})
    made = mondrian(frame, quasi=["age"], sensitive=["sick"], k=10, l=3)
    assert made.classes >= 8
    assert made.average_class == 120 / made.classes
    assert made.gcp < 0.15


def test_quasi_identifier_and_sensitive_at_once_is_refused():
    with pytest.raises(ValueError, match="at once"):
        mondrian(pl.DataFrame({"a": [1, 2]}), quasi=["a"], sensitive=["a"], k=2)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from("abc")), max_size=30), l=st.integers(1, 3))
def test_keeps_exactly_the_rows_of_diverse_classes(rows, l):  # noqa: E741
    kept = keep_diverse(pl.DataFrame(rows, schema=["q", "s"], orient="row"), quasi=["q"], sensitive=["s"], l=l)
    values = defaultdict(Counter)
    for q, s in rows:
        values[q][s] += 1
    fine = {q for q, held in values.items() if len(held) >= l and max(held.values()) <= 0.8 * sum(held.values())}
    assert kept.rows() == [row for row in rows if row[0] in fine]


def test_a_large_table_takes_seconds():
    random = np.random.default_rng(1)
    people = 20_000
    frame = pl.DataFrame(
        {
            "age": random.integers(65, 96, people),
            "district": random.choice(list("ABCDEFGHIJ"), people),
            "alone": random.random(people) < 0.4,
            "minutes": random.gamma(2, 60, people).round(),
            "sick": random.choice(["a", "b", "c", "d"], people, p=[0.6, 0.2, 0.1, 0.1]),
        }
    )
    made = mondrian(frame, quasi=["age", "district", "alone", "minutes"], sensitive=["sick"], k=10, l=3)
    assert measure(made.frame, quasi=["age", "district", "alone", "minutes"], sensitive=["sick"]).keeps(
        k=10, l=3, max_share=0.8
    )
    assert made.average_class < 20
    assert made.gcp < 0.3


def test_bands_are_joined_into_wider_bands_in_the_order_of_their_numbers():
    frame = pl.DataFrame({"age": ["5-9", "10-14", "100+", "95-99"] * 2, "minutes": ["<10", "10-<20", "20+", None] * 2})
    made = mondrian(frame, quasi=["age"], k=4)
    assert sorted(made.frame["age"].unique()) == ["5-14", "95+"]
    whole = mondrian(frame, quasi=["minutes"], k=4)
    assert set(whole.frame["minutes"]) == {"*", "10+"}  # a missing value and <10; the others
    assert measure(whole.frame, quasi=["minutes"]).k >= 4


BANDS = ["<10", "10-<20", "20-<30", "30+", None]


@settings(deadline=None)
@given(rows=st.lists(st.sampled_from(BANDS), min_size=4, max_size=30), k=st.integers(2, 4))
def test_a_joined_band_covers_the_bands_in_it(rows, k):
    frame = pl.DataFrame({"minutes": pl.Series(rows, dtype=pl.String)})
    made = mondrian(frame, quasi=["minutes"], k=k)
    ends = {"<10": (0, 10), "10-<20": (10, 20), "20-<30": (20, 30), "30+": (30, 99)}
    told_ends = {**ends, "<20": (0, 20), "<30": (0, 30), "10-<30": (10, 30), "10+": (10, 99), "20+": (20, 99)}
    for true, told in zip(rows, made.frame["minutes"], strict=True):
        if told != "*" and true is not None:
            assert told_ends[told][0] <= ends[true][0]
            assert ends[true][1] <= told_ends[told][1]
        elif told != "*":
            assert told is None
    assert measure(made.frame, quasi=["minutes"]).k >= k
    assert 0 <= made.gcp <= 1
