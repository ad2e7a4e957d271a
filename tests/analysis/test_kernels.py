"""The kernels against a plain road: every combination by a boolean mask, its sums by numpy."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import logit

from analysis.kernels import (
    ADDED_RATES,
    ADDED_RISKS,
    ODDS,
    RATES,
    active_lists,
    contrast_root,
    packed,
    pair_sums,
    read_triples,
    scan_pairs,
    scan_triples,
)


def plain_root(cells, signs):
    """The signed root by a bracketing solver and the textbook deviance."""
    people, observed, expected = cells[:, 0], cells[:, 1], cells[:, 2]
    up = signs > 0
    low = max((observed - people)[up].max(), (-observed)[~up].max())
    high = min(observed[up].min(), (people - observed)[~up].min())
    if low >= high:
        return 0.0
    target = (signs * logit(expected / people)).sum()
    shift = brentq(
        lambda t: (signs * logit((observed - signs * t) / people)).sum() - target, low + 1e-12, high - 1e-12, xtol=1e-13
    )
    m = observed - signs * shift

    def part(count, fitted):
        return np.where(count > 0, count * np.log(np.where(count > 0, count / fitted, 1.0)), 0.0).sum()

    return np.sign(shift) * np.sqrt(2 * (part(observed, m) + part(people - observed, people - m)))


def world(seed, people=400, count=6, share=0.5):
    rng = np.random.default_rng(seed)
    held = rng.uniform(size=(count, people)) < rng.uniform(0.3, share + 0.3, size=(count, 1))
    mu = rng.uniform(0.1, 0.6, size=people)
    outcome = (rng.uniform(size=people) < mu).astype(float)
    return held, mu, outcome


def scanned(held, mu, outcome, floor_people=5, floor_expected=1.0, weight=None, family=ODDS):
    lists = active_lists(held)
    values = np.column_stack([np.ones_like(mu), outcome, mu, mu * (1 - mu) if weight is None else weight])
    size = len(held)
    sums = np.zeros((size, size, 4))
    walk = (lists.active, lists.ends, lists.people, lists.places, lists.starts)
    for first in range(size):
        pair_sums(first, *walk, values, sums[first])
    allowed = ~np.eye(size, dtype=bool)
    roots = np.full((size, size), np.nan)
    floors = (floor_people, floor_expected, 0.0)
    eligible = np.zeros((size, size), dtype=np.uint8)
    pairs = scan_pairs(sums, values.sum(axis=0), lists.flipped, allowed, eligible, True, *floors, roots, family)
    both = sums + sums.transpose(1, 0, 2) * (1 - np.eye(size))[:, :, None]
    contrasts, joints, triples = {}, {}, 0
    for first in range(size - 2):
        room = (size - first - 1) * (size - first - 2) // 2
        contrast, joint = np.empty(room), np.empty(room)
        triples += scan_triples(
            first, *walk, values, both, values.sum(axis=0), lists.flipped, allowed,
            np.zeros(room, dtype=np.uint8), True, *floors, contrast, joint, family,
        )  # fmt: skip
        for row, (b, c) in enumerate(combinations(range(first + 1, size), 2)):
            contrasts[first, b, c], joints[first, b, c] = contrast[row], joint[row]
    return pairs, triples, roots, contrasts, joints


def plain_cells(held, members, mu, outcome):
    order = len(members)
    code = sum(held[member].astype(int) << place for place, member in enumerate(members))
    signs = np.array([(-1.0) ** (order - bin(cell).count("1")) for cell in range(1 << order)])
    rows = [code == cell for cell in range(1 << order)]
    cells = np.array([[r.sum(), outcome[r].sum(), mu[r].sum(), (mu * (1 - mu))[r].sum()] for r in rows], dtype=float)
    return cells, signs


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), share=st.floats(0.2, 0.6))
def test_every_pair_and_triple_is_read_as_by_plain_counting(seed, share):
    held, mu, outcome = world(seed, share=share)
    pairs, triples, roots, contrasts, joints = scanned(held, mu, outcome)
    seen = {2: 0, 3: 0}
    for order in (2, 3):
        for members in combinations(range(len(held)), order):
            cells, signs = plain_cells(held, members, mu, outcome)
            found = roots[members] if order == 2 else contrasts[members]
            if (cells[:, 0] < 5).any() or (cells[:, 2] < 1).any() or (cells[:, 0] - cells[:, 2] < 1).any():
                assert np.isnan(found)
                continue
            seen[order] += 1
            np.testing.assert_allclose(found, plain_root(cells, signs), atol=1e-5)
            if order == 3:
                x = np.array([[1, *(held[member][person] for member in members)] for person in range(len(mu))], float)
                w = mu * (1 - mu)
                s = np.logical_and.reduce(held[list(members)])
                v = x.T @ (w * s)
                left = (w * s).sum() - v @ np.linalg.solve(x.T @ (x * w[:, None]), v)
                np.testing.assert_allclose(joints[members], (outcome - mu)[s].sum() / np.sqrt(left), rtol=1e-6)
    assert (pairs, triples) == (seen[2], seen[3])


@settings(deadline=None, max_examples=200)
@given(seed=st.integers(0, 100_000), order=st.integers(2, 3))
def test_a_contrast_root_is_that_of_a_plain_solver_even_where_cells_are_empty(seed, order):
    rng = np.random.default_rng(seed)
    size = 1 << order
    people = rng.integers(5, 300, size=size).astype(float)
    expected = people * rng.uniform(0.02, 0.7, size=size)
    observed = np.minimum(rng.poisson(expected * rng.choice([0.0, 1.0, 2.0], size=size)), people).astype(float)
    cells = np.column_stack([people, observed, expected, expected * (1 - expected / people)])
    signs = np.array([(-1.0) ** (order - bin(cell).count("1")) for cell in range(size)])
    np.testing.assert_allclose(contrast_root(cells, signs), plain_root(cells, signs), rtol=2e-4, atol=2e-4)


def test_a_characteristic_and_its_opposite_give_the_same_contrast_with_the_sign_turned():
    held, mu, outcome = world(5)
    opposite = held.copy()
    opposite[0] = ~opposite[0]
    one, other = scanned(held, mu, outcome)[2], scanned(opposite, mu, outcome)[2]
    np.testing.assert_allclose(one[0, 1:], -other[0, 1:], atol=1e-7)
    np.testing.assert_allclose(one[1:], other[1:], atol=1e-7)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), people=st.integers(300, 460))
def test_chosen_triples_are_read_to_the_same_last_bit_as_in_the_scan_of_all(seed, people):
    held, mu, outcome = world(seed, people=people, share=0.5)
    _, _, _, contrasts, joints = scanned(held, mu, outcome)
    lists = active_lists(held)
    values = np.column_stack([np.ones_like(mu), outcome, mu, mu * (1 - mu)])
    size = len(held)
    sums = np.zeros((size, size, 4))
    for first in range(size):
        pair_sums(first, lists.active, lists.ends, lists.people, lists.places, lists.starts, values, sums[first])
    both = sums + sums.transpose(1, 0, 2) * (1 - np.eye(size))[:, :, None]
    chosen = np.array([members for members, found in contrasts.items() if not np.isnan(found)]).reshape(-1, 3)
    words = packed(held ^ lists.flipped.astype(bool)[:, None])
    contrast, joint = np.empty(len(chosen)), np.empty(len(chosen))
    read_triples(chosen, words, values, both, values.sum(axis=0), lists.flipped, 0.0, contrast, joint)
    assert [contrasts[tuple(one)] for one in chosen] == contrast.tolist()
    assert [joints[tuple(one)] for one in chosen] == joint.tolist()


def plain_rates_root(cells, signs):
    """The signed root for Poisson counts, by a bracketing solver and the textbook deviance."""
    observed, expected = cells[:, 1], cells[:, 2]
    low, high = -observed[signs < 0].min(), observed[signs > 0].min()
    if low >= high:
        return 0.0
    target = (signs * np.log(expected)).sum()
    shift = brentq(
        lambda t: (signs * np.log(observed - signs * t)).sum() - target, low + 1e-12, high - 1e-12, xtol=1e-13
    )
    m = observed - signs * shift
    part = np.where(observed > 0, observed * np.log(np.where(observed > 0, observed / m, 1.0)), 0.0) - (observed - m)
    return np.sign(shift) * np.sqrt(max(2 * part.sum(), 0.0))


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 100_000), order=st.integers(2, 3))
def test_a_contrast_root_of_rates_is_that_of_a_plain_solver(seed, order):
    rng = np.random.default_rng(seed)
    size = 1 << order
    expected = rng.uniform(5, 300, size=size)
    observed = rng.poisson(expected * rng.choice([0.02, 1.0, 2.0], size=size)).astype(float)
    cells = np.column_stack([np.full(size, 50.0), observed, expected, expected])  # more outcomes than people, too
    signs = np.array([(-1.0) ** (order - bin(cell).count("1")) for cell in range(size)])
    np.testing.assert_allclose(contrast_root(cells, signs, RATES), plain_rates_root(cells, signs), rtol=2e-4, atol=2e-4)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), family=st.sampled_from([ADDED_RISKS, ADDED_RATES]))
def test_where_effects_add_a_score_is_what_the_people_one_by_one_give(seed, family):
    held, mu, outcome = world(seed)
    rng = np.random.default_rng(seed)
    time = np.ones_like(mu) if family == ADDED_RISKS else rng.uniform(0.5, 2.0, size=len(mu))
    _, _, _, contrasts, joints = scanned(held, mu, outcome, weight=time, family=family)
    for members in combinations(range(len(held)), 3):
        if np.isnan(contrasts[members]):
            continue
        code = sum(held[member].astype(int) << place for place, member in enumerate(members))
        people, expected = np.bincount(code, minlength=8), np.bincount(code, weights=mu, minlength=8)
        spread = np.maximum(expected * (1 - expected / people) if family == ADDED_RISKS else expected, 1.0)[code]
        spread = spread / people[code]  # a cell's variance, spread over its people
        signs = np.array([(-1.0) ** (3 - bin(cell).count("1")) for cell in range(8)])
        direction = (signs / np.bincount(code, weights=time, minlength=8))[code]
        wanted = direction @ (outcome - mu) / np.sqrt(direction**2 @ spread)
        np.testing.assert_allclose(contrasts[members], wanted, rtol=1e-6, atol=1e-9)
        x = np.column_stack([np.ones(len(mu)), *held[list(members)]]).astype(float)
        whole = (code == 7).astype(float)
        own = whole - x @ np.linalg.solve(x.T @ (x * time[:, None]), x.T @ (time * whole))
        score = (outcome - mu)[code == 7].sum() / np.sqrt(own**2 @ spread)
        np.testing.assert_allclose(joints[members], score, rtol=1e-6, atol=1e-9)
