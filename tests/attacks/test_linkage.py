"""Attack 3: a neighbour knows every quasi-identifier of 1,000 citizens, and looks for their rows in the package."""

import numpy as np
import polars as pl
import pytest

from pseudonymisation.k_anonymity import mondrian

QUASI = ["age", "sex", "district", "minutes"]
K = 10


def municipality(people=6_000, seed=11):
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "row": np.arange(people),
            "age": random.integers(65, 96, people),
            "sex": random.choice(["F", "M"], people),
            "district": random.choice([None, "Nord", "Syd", "Vest", "Øst", "Havn"], people),
            "minutes": random.gamma(1.5, 80, people).round(),
            "sick": random.choice(list("abcdef"), people, p=[0.4, 0.25, 0.15, 0.1, 0.05, 0.05]),
        }
    )


TRUE = municipality()
KNOWN = TRUE.sample(1_000, seed=3)


def covers(told, true):
    if told == "*" or (told is None and true is None):
        return True
    if told is None or true is None:
        return False
    if isinstance(true, str):
        return true in told.strip("{}").split(", ")
    low, _, high = told.partition("-")
    return float(low) <= true <= float(high or low)


def candidates(released):
    """For each citizen the attacker knows: the rows that may be theirs."""
    classes = released.group_by(QUASI).agg(pl.col("row")).rows(named=True)
    fits = {
        column: {
            true: frozenset(n for n, part in enumerate(classes) if covers(part[column], true))
            for true in KNOWN[column].unique().to_list()
        }
        for column in QUASI
    }
    return [
        [row for n in frozenset.intersection(*(fits[c][person[c]] for c in QUASI)) for row in classes[n]["row"]]
        for person in KNOWN.rows(named=True)
    ]


def success(released):
    """The attacker's mean chance of picking the right row, and how many are found for certain."""
    found = candidates(released)
    right = [
        1 / len(rows) if person["row"] in rows else 0.0
        for rows, person in zip(found, KNOWN.rows(named=True), strict=True)
    ]
    return float(np.mean(right)), sum(chance == 1 for chance in right)


def unprotected():
    return TRUE.with_columns(
        pl.when(pl.col(c).is_null()).then(None).otherwise(pl.col(c).cast(pl.String)).alias(c) for c in QUASI
    )


def test_the_neighbour_finds_most_citizens_when_only_the_names_are_gone():
    chance, certain = success(unprotected())
    assert chance > 0.8
    assert certain > 600


@pytest.mark.parametrize("sensitive", [[], ["sick"]])
def test_the_neighbour_is_right_at_most_once_in_k_on_the_package(attack_row, sensitive):
    made = mondrian(TRUE, quasi=QUASI, sensitive=sensitive, k=K, l=3 if sensitive else 1)
    chance, certain = success(made.frame)
    if sensitive:
        twin, named = success(unprotected())
        attack_row.row(
            "3",
            tried=f"{len(KNOWN)} citizens, {len(QUASI)} quasi-identifiers",
            twin=f"{twin:.2f} right, {named} certain",
            result=f"{chance:.3f} right, {certain} certain",
            limit=f"{1 / K} right, 0 certain",
            held=chance <= 1 / K and certain == 0,
        )
    assert chance <= 1 / K
    assert certain == 0
    assert min(len(rows) for rows in candidates(made.frame)) >= K


def test_a_rare_citizen_is_hidden_too():
    rare = pl.concat(
        [TRUE, TRUE.head(1).with_columns(age=pl.lit(65, pl.Int64), minutes=pl.lit(9_999.0), row=pl.lit(-1, pl.Int64))]
    )
    made = mondrian(rare, quasi=QUASI, k=K)
    told = made.frame.filter(pl.col("row") == -1)
    assert made.frame.join(told.select(QUASI), on=QUASI, nulls_equal=True).height >= K
