"""Exact tails against enumeration of every table."""

from itertools import product
from math import comb

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from analysis.exact import contrast_mid_p
from analysis.multiplicity import holm

CELL = st.tuples(st.integers(1, 4), st.floats(0.1, 0.9), st.floats(0.0, 1.0))


def margins(table, order):
    """Every sum that a lower-order term fixes: for each proper subset of conditions, over the cells with all of it."""
    cells = range(1 << order)
    whole = (1 << order) - 1
    return tuple(sum(table[c] for c in cells if c & subset == subset) for subset in range(whole))


@settings(deadline=None, max_examples=60)
@given(cells=st.lists(CELL, min_size=4, max_size=4) | st.lists(CELL, min_size=8, max_size=8))
def test_the_contrast_mid_p_is_that_of_all_tables_with_the_same_margins(cells):
    order = 2 if len(cells) == 4 else 3
    people = np.array([min(n, 2) if order == 3 else n for n, _, _ in cells])
    expected = people * np.array([risk for _, risk, _ in cells])
    observed = np.array([round(n * part) for n, (_, _, part) in zip(people, cells, strict=True)])
    signs = np.array([(-1.0) ** (order - bin(c).count("1")) for c in range(1 << order)])
    theta = expected / (people - expected)
    wanted, chances = margins(observed, order), {}
    for table in product(*(range(n + 1) for n in people)):
        if margins(table, order) == wanted:
            weight = np.prod([comb(int(n), o) * t**o for n, o, t in zip(people, table, theta, strict=True)])
            chances[table[-1]] = chances.get(table[-1], 0.0) + float(weight)
    total, here = sum(chances.values()), int(observed[-1])
    half = chances[here] / 2
    more = (sum(chance for count, chance in chances.items() if count > here) + half) / total
    found = contrast_mid_p(people, observed, expected, signs)
    np.testing.assert_allclose(found, (more, 1 - more), atol=1e-9)


def test_a_pairs_contrast_is_two_hypergeometric_laws_joined_by_their_margin():
    people, observed = np.array([40, 30, 25, 20]), np.array([10, 6, 7, 12])
    flat = people * 0.3
    # With no offset each of the two strata of b follows a hypergeometric law; the outcomes with a are fixed in sum.
    signs = np.array([1.0, -1.0, -1.0, 1.0])
    more, fewer = contrast_mid_p(people, observed, flat, signs)
    assert abs(more + fewer - 1) < 1e-12
    without = hypergeom(people[2] + people[3], observed[2] + observed[3], people[3])
    other = hypergeom(people[0] + people[1], observed[0] + observed[1], people[1])
    fixed = observed[1] + observed[3]
    law = {x: without.pmf(x) * other.pmf(fixed - x) for x in range(fixed + 1)}
    total = sum(law.values())
    plain = (sum(p for x, p in law.items() if x > observed[3]) + law[observed[3]] / 2) / total
    assert abs(more - plain) < 1e-9


def test_holm_adjusts_as_statsmodels_does():
    from statsmodels.stats.multitest import multipletests

    p_values = [0.02, 0.001, 0.5, 0.013, 0.013]
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])
