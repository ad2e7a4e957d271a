"""Singling out, linkability and inference, by attackers of our own after anonymeter's definitions, on the package.

Each attack is played on people in the package and, as its control, on people drawn the same way who are not in it:
what it gets of them is knowledge of the population. The risk is what it gets beyond that.
Source: M. Giomi et al. (2023), A unified framework for quantifying privacy risk in synthetic data, PoPETs 2023(2).
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.attacks.package_world import QUASI, REST, SECRET, K, fits, risk, untold, wilson, world

TARGETS = 1_000
ALL = [*QUASI, SECRET, *REST]
ONE_HAS, OTHER_HAS = ["alder", "koen", "timer"], ["distrikt", "bolig", SECRET, *REST]


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return world(tmp_path_factory.mktemp("package") / "here")


def singled_out(told, people, columns):
    """How many of the released rows, read as a question, have exactly one answer among these people."""
    rows = told.sample(TARGETS, seed=1)
    return int((fits(rows, people, columns).sum(axis=0) == 1).sum())


def linked(told, people, near=1):
    """How many are put together from two halves: the nearest row of one is the nearest of the other."""
    some = people.head(TARGETS)
    order = np.random.default_rng(2).permutation(told.height)
    ones, others = (fits(told, some, columns)[:, order] for columns in (ONE_HAS, OTHER_HAS))
    first = [np.cumsum(one, axis=1) <= near for one in (ones, others)]
    return int((ones & first[0] & others & first[1]).any(axis=1).sum())


def inferred(told, people, columns):
    """How many have their illness guessed: the most common one of the rows that may be theirs."""
    some = people.head(TARGETS)
    values = sorted(told[SECRET].unique().to_list())
    held = np.array([[one == value for value in values] for one in told[SECRET].to_list()], dtype=float)
    counts = fits(told, some, columns).astype(float) @ held + 1e-3 * held.mean(axis=0)  # none fits: the most common
    guesses = [values[place] for place in counts.argmax(axis=1)]
    return sum(guess == true for guess, true in zip(guesses, some[SECRET].to_list(), strict=True))


def both(here, attack):
    """The attack's risk and its upper end on the twin, and on the package."""
    return [
        risk(attack(told, here.inside), attack(told, here.outside), TARGETS)
        for told in (untold(here.inside), here.told)
    ]  # fmt: skip


def told_of(value):
    return f"risk {max(value[0], 0):.3f}, at most {max(value[1], 0):.3f}"


@pytest.mark.parametrize(
    ("number", "attack", "tried", "works"),
    [
        ("A", lambda told, people: singled_out(told, people, QUASI), "questions of 5 quasi-identifiers", 0.5),
        ("B", linked, "people in two halves", 0.1),
    ],
)
def test_of_who_knows_the_quasi_identifiers_the_package_keeps_its_promise(
    attack_row, here, number, attack, tried, works
):
    twin, ours = both(here, attack)
    assert twin[0] > works  # the attack works
    attack_row.row(
        number, tried=f"{TARGETS} {tried}, as many in the control group", twin=told_of(twin), result=told_of(ours),
        limit=f"at most {1 / K}", held=ours[1] <= 1 / K,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "attack", "tried"),
    [
        ("A", lambda told, people: singled_out(told, people, ALL), "questions of all 8 columns"),
        ("B", lambda told, people: linked(told, people, 10), "people in two halves, ten nearest of each"),
        ("C", lambda told, people: inferred(told, people, QUASI), "people, 5 quasi-identifiers known"),
        ("C", lambda told, people: inferred(told, people, [*QUASI, *REST]), "people, all else known"),
    ],
)
def test_who_knows_more_than_the_quasi_identifiers_gets_less_than_of_the_twin_and_is_told_of(
    attack_row, here, number, attack, tried
):
    twin, ours = both(here, attack)
    attack_row.row(
        number, tried=f"{TARGETS} {tried}", twin=told_of(twin), result=told_of(ours), limit="none promised",
        held=ours[0] < twin[0] / 2,
    )  # fmt: skip


def test_the_risk_is_what_is_got_beyond_the_control_group():
    value, most = risk(900, 100, 1_000)
    assert 0.86 < value < 0.9
    assert value < most < 0.93
    assert risk(500, 500, 1_000)[0] == pytest.approx(0)
    low, high = wilson(0, 1_000)
    assert low == pytest.approx(0, abs=1e-9)
    assert 0.003 < high < 0.004


def test_a_row_covers_whom_it_was_made_of(here):
    found = fits(here.told, here.inside, QUASI)
    places = {person: place for place, person in enumerate(here.told["person"].to_list())}
    assert all(
        found[row, places[person]] for row, person in enumerate(here.inside["person"].to_list()) if person in places
    )
    assert here.told.group_by(QUASI).agg(pl.len())["len"].min() >= K
