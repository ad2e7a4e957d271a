"""The size of the two tails that decide: of people whose risks differ inside a cell, and of a group seen too seldom."""

import numpy as np
import pytest
from scipy.special import expit, ndtr

from analysis.expected import Design, Fit
from analysis.families import Family
from analysis.readings import contrast_verdict, joint_verdict
from analysis.threads import Threads


def shares_at(ps, levels):
    return [(np.asarray(ps) <= level).mean() for level in levels]


@pytest.mark.parametrize("unequal", [0.0, 1.6])
def test_a_contrast_keeps_its_size_and_no_less_where_people_in_a_cell_are_of_unequal_risk(unequal):
    rng = np.random.default_rng(1)
    people, draws, levels = 1_200, 3_000, (0.2, 0.05)
    held = rng.uniform(size=(2, people)) < [[0.4], [0.3]]
    mu = expit(-1.2 + 0.4 * held[0] + unequal * rng.normal(size=people))
    fit = Fit((), np.zeros(0), mu, np.zeros((0, 0)), 0.0, mu * (1 - mu))
    ps = []
    for _ in range(draws):
        outcome = (rng.uniform(size=people) < mu).astype(float)
        ps.append(contrast_verdict(held, outcome, fit, Family(), None).p)
    for level, share in zip(levels, shares_at(ps, levels), strict=True):
        error = (level * (1 - level) / draws) ** 0.5
        assert abs(share - level) < 4 * error  # by the binomial of each cell's mean it is half, where they are unequal


@pytest.mark.parametrize(("seen", "side"), [(10, "more"), (0, "fewer")])
def test_a_cell_of_few_who_are_nearly_sure_and_many_who_are_not_is_read_with_its_own_skew(seen, side):
    risks = np.repeat([0.9, 0.011], [5, 45])  # 5 are expected, but the variance is that of one
    chances = np.array([1.0])
    for risk in risks:
        chances = np.convolve(chances, [1 - risk, risk])
    beyond = chances[seen + 1 :] if side == "more" else chances[:seen]
    true = float(beyond.sum() + 0.5 * chances[seen])
    rest = 20_000  # in each of the other cells, where just as many are seen as expected
    mu = np.concatenate([np.full(3 * rest, 0.1), risks])
    held = np.zeros((2, len(mu)), dtype=bool)
    held[0, rest : 2 * rest] = held[1, 2 * rest : 3 * rest] = held[:, 3 * rest :] = True
    outcome = np.zeros(len(mu))
    for cell in range(3):
        outcome[cell * rest : cell * rest + rest // 10] = 1.0
    outcome[3 * rest : 3 * rest + seen] = 1.0
    fit = Fit((), np.zeros(0), mu, np.zeros((0, 0)), 0.0, mu * (1 - mu))
    verdict = contrast_verdict(held, outcome, fit, Family(), None)
    assert true / 2 < getattr(verdict, side) < 2 * true  # by the spread alone it is a twentieth, and less


def test_fewer_than_expected_as_a_whole_keeps_its_size_where_few_are_expected_and_is_no_bolder_than_the_root():
    rng = np.random.default_rng(2)
    people, draws = 1_000, 1_500
    flags = rng.uniform(size=(3, people)) < 0.45
    held = flags.all(axis=0)
    mu = expit(-2.4 + flags.T @ [0.3, 0.2, -0.2])
    assert 6 < mu[held].sum() < 14
    with Threads(1) as pool:
        design = Design([np.ones(people), *flags], terms=1, ridge=1e-6, pool=pool)
        base = tuple(range(4))
        fewer, roots = [], []
        for _ in range(draws):
            outcome = (rng.uniform(size=people) < mu).astype(float)
            without = design.fit(outcome, base)
            fit = design.fit(outcome, (*base, design.try_out(held)), without)
            verdict = joint_verdict(design, outcome, without, fit, held, None)
            fewer.append(verdict.fewer)
            roots.append(float(ndtr(verdict.root)))
    levels = (0.1, 0.02)
    for level, share, bold in zip(levels, shares_at(fewer, levels), shares_at(roots, levels), strict=True):
        assert share <= level + 3 * (level / draws) ** 0.5
        assert share <= bold
        assert share > level / 3  # a Poisson tail of the group alone has a tenth: the background took a part of the gap


def test_a_large_group_seen_far_too_seldom_is_as_clear_as_its_likelihood():
    rng = np.random.default_rng(3)
    people = 12_000
    flags = rng.uniform(size=(3, people)) < 0.5
    held = flags.all(axis=0)
    outcome = (rng.uniform(size=people) < expit(-1.2 + flags.T @ [0.3, 0.2, 0.2] - 0.6 * held)).astype(float)
    with Threads(1) as pool:
        design = Design([np.ones(people), *flags], terms=1, ridge=1e-6, pool=pool)
        without = design.fit(outcome, range(4))
        fit = design.fit(outcome, (*range(4), design.try_out(held)), without)
        verdict = joint_verdict(design, outcome, without, fit, held, None)
    assert verdict.root < -5
    assert ndtr(verdict.root) <= verdict.fewer < 3 * ndtr(verdict.root)
