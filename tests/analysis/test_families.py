"""Counts, times and the additive scale against independent implementations and enumeration."""

from itertools import product
from math import exp, factorial

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm, poisson
from statsmodels.duration.hazard_regression import PHReg

from analysis import CannotSearch
from analysis.clusters import spread_of
from analysis.exact import contrast_mid_p, sum_tail
from analysis.expected import Design
from analysis.families import Family, cumulative_hazard, read_response
from analysis.threads import Threads


@pytest.fixture
def pool():
    with Threads(2) as workers:
        yield workers


def people(seed=1, size=8_000):
    rng = np.random.default_rng(seed)
    flags = (rng.uniform(size=(size, 4)) < [0.1, 0.3, 0.5, 0.2]).astype(float)
    age = rng.normal(size=size)
    log_rate = flags @ [0.5, -0.3, 0.4, 0.0] + 0.3 * age
    return rng, [np.ones(size), *flags.T, age], log_rate


def test_counts_are_fitted_as_by_statsmodels_with_the_exposure_as_offset(pool):
    rng, columns, log_rate = people()
    time = rng.uniform(0.2, 3.0, size=len(log_rate))
    events = rng.poisson(0.4 * time * np.exp(log_rate)).astype(float)
    design = Design(columns, terms=2, ridge=1e-6, pool=pool, family=Family("count", exposure=time))
    fit = design.fit(events, range(len(columns)))
    plain = sm.GLM(events, np.column_stack(columns), family=sm.families.Poisson(), offset=np.log(time)).fit(tol=1e-12)
    np.testing.assert_allclose(fit.beta, plain.params, atol=1e-6)
    np.testing.assert_allclose(fit.mu, plain.fittedvalues, rtol=1e-5)
    covariance = np.array([design.solve(fit, one) for one in np.eye(len(columns))])
    np.testing.assert_allclose(covariance, plain.cov_params(), rtol=1e-3, atol=1e-9)
    own = design.try_out((columns[1] > 0) & (columns[2] > 0))
    wide = design.fit(events, (*range(len(columns)), own), fit)
    more = np.column_stack([*columns, columns[1] * columns[2]])
    other = sm.GLM(events, more, family=sm.families.Poisson(), offset=np.log(time)).fit(tol=1e-12)
    assert fit.deviance - wide.deviance == pytest.approx(plain.deviance - other.deviance, abs=1e-4)


def test_times_are_fitted_as_coxs_model_with_breslows_ties_by_statsmodels(pool):
    rng, columns, log_rate = people(seed=2)
    event = rng.exponential(size=len(log_rate)) / (0.3 * np.exp(log_rate))
    end = rng.uniform(0.5, 3.0, size=len(log_rate))
    time, came = np.round(np.minimum(event, end), 2) + 0.01, (event <= end).astype(float)  # with ties
    design = Design(columns, terms=2, ridge=1e-6, pool=pool, family=Family("time", exposure=time))
    design.settle(came, range(len(columns)), time)
    fit = design.fit(came, range(len(columns)))
    plain = PHReg(time, np.column_stack(columns[1:]), status=came, ties="breslow").fit()
    np.testing.assert_allclose(fit.beta[1:], plain.params, atol=1e-4)
    assert fit.mu.sum() == pytest.approx(came.sum(), rel=1e-6)
    risk = np.exp(np.column_stack(columns[1:]) @ plain.params)
    for one in range(0, 8_000, 1_000):  # the expected count by its definition
        ends = time[(came > 0) & (time <= time[one])]
        hazard = sum(1.0 / risk[time >= end].sum() for end in ends)
        assert fit.mu[one] == pytest.approx(risk[one] * hazard, rel=1e-3)


def test_where_risks_add_the_fit_is_least_squares_and_where_rates_add_it_is_weighted_by_one_over_follow_up(pool):
    rng, columns, log_rate = people(seed=3)
    time = rng.uniform(0.2, 3.0, size=len(log_rate))
    events = rng.poisson(0.4 * time * np.exp(log_rate)).astype(float)
    matrix = np.column_stack(columns)
    rates = Design(columns, terms=2, ridge=1e-6, pool=pool, family=Family("count", "additive", time))
    fit = rates.fit(events, range(len(columns)))
    plain = sm.WLS(events / time, matrix, weights=time).fit()
    np.testing.assert_allclose(fit.beta, plain.params, atol=1e-6)
    risks = Design(columns, terms=2, ridge=1e-6, pool=pool, family=Family("yes_no", "additive"))
    flat = risks.fit((events > 0).astype(float), range(len(columns)))
    np.testing.assert_allclose(flat.beta, sm.OLS((events > 0).astype(float), matrix).fit().params, atol=1e-6)
    own = risks.try_out((columns[1] > 0) & (columns[2] > 0))  # a candidate in the scratch place
    wide = risks.fit((events > 0).astype(float), (*range(len(columns)), own))
    more = np.column_stack([matrix, columns[1] * columns[2]])
    np.testing.assert_allclose(wide.beta, sm.OLS((events > 0).astype(float), more).fit().params, atol=1e-6)


def test_over_dispersion_is_learned_and_plain_counts_have_none(pool):
    rng, columns, log_rate = people(seed=4, size=20_000)
    mean = 0.8 * np.exp(log_rate)
    for variance, low, high in ((0.0, 1.0, 1.06), (1.0, 1.7, 2.6)):
        factor = rng.gamma(1 / variance, variance, size=len(mean)) if variance else 1.0
        events = rng.poisson(mean * factor).astype(float)
        design = Design(columns, terms=1, ridge=1e-3, pool=pool, family=Family("count"))
        design.settle(events, range(len(columns)), None)
        assert low <= design.family.dispersion <= high


def test_a_group_more_uneven_than_the_rest_weighs_less_than_the_whole_tables_over_dispersion_says():
    rng = np.random.default_rng(5)
    mu = np.full(4_000, 2.0)
    group = np.arange(4_000) < 400
    events = np.where(group, rng.poisson(mu * rng.gamma(0.25, 4.0, size=4_000)), rng.poisson(mu)).astype(float)
    direction = group.astype(float)
    effect = spread_of(direction * (events - mu), direction, mu, Family("count", dispersion=1.5), None)
    assert effect > 4.0


def test_breslows_hazard_is_the_sum_over_those_at_risk():
    time, came, risk = np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0, 0.0]), np.array([1.0, 2.0, 1.0, 1.0])
    first, second = 1 / 5, 2 / 4
    np.testing.assert_allclose(
        cumulative_hazard(time, came, risk), [first, first + second, first + second, first + second]
    )


CELL = st.tuples(st.integers(0, 3), st.floats(0.2, 6.0))


@settings(deadline=None, max_examples=60)
@given(cells=st.lists(CELL, min_size=4, max_size=4) | st.lists(CELL, min_size=8, max_size=8))
def test_the_contrast_of_counts_has_the_law_of_all_tables_with_the_same_margins(cells):
    order = 2 if len(cells) == 4 else 3
    observed = np.array([min(o, 1) if order == 3 else o for o, _ in cells])
    expected = np.array([mean for _, mean in cells])
    signs = np.array([(-1.0) ** (order - bin(c).count("1")) for c in range(1 << order)])

    def margins(table):
        whole = (1 << order) - 1
        return tuple(sum(table[c] for c in range(1 << order) if c & part == part) for part in range(whole))

    wanted, chances = margins(observed), {}
    most = 6 if order == 2 else 2
    lowest = max(observed.max() - most, 0)
    assert lowest == 0
    for table in product(range(most + 1), repeat=1 << order):
        if margins(table) == wanted:
            weight = np.prod([exp(-e) * e**o / factorial(o) for o, e in zip(table, expected, strict=True)])
            chances[table[-1]] = chances.get(table[-1], 0.0) + float(weight)
    total, here = sum(chances.values()), int(observed[-1])
    more = (sum(chance for count, chance in chances.items() if count > here) + chances[here] / 2) / total
    found = contrast_mid_p(np.full(1 << order, 10), observed, expected, signs, rates=True)
    np.testing.assert_allclose(found, (more, 1 - more), atol=1e-9)


@pytest.mark.parametrize("mean", [5.0, 10.0, 60.0])
def test_the_tail_of_a_sum_is_near_the_exact_mid_p_of_one_cell_far_out_on_both_sides(mean):
    for count in (0, 1, *range(int(mean), int(mean + 7 * mean**0.5) + 1, 2)):
        root = sum_tail(count - mean, np.ones(1), np.array([mean]), None)
        upper = poisson.sf(count, mean) + poisson.pmf(count, mean) / 2
        mid = min(upper, 1 - upper)
        assert norm.sf(abs(root)) == pytest.approx(mid, rel=0.35)
        trials = 300.0
        root = sum_tail(count - mean, np.ones(1), np.array([mean]), np.array([trials]))
        upper = binom.sf(count, trials, mean / trials) + binom.pmf(count, trials, mean / trials) / 2
        assert norm.sf(abs(root)) == pytest.approx(min(upper, 1 - upper), rel=0.35)


def test_a_contrast_of_risks_keeps_its_size_where_few_are_expected():
    rng = np.random.default_rng(6)
    people, risk = np.array([3_000.0, 300.0, 200.0, 60.0]), np.array([0.05, 0.10, 0.08, 0.13])
    signs = np.array([1.0, -1.0, -1.0, 1.0])
    slopes = signs / people
    drawn = rng.binomial(people.astype(int), risk, size=(40_000, 4))
    gaps = (drawn - people * risk) @ slopes
    roots = np.array([sum_tail(gap, slopes, people * risk, people) for gap in gaps[:6_000]])
    for level in (0.05, 0.01):
        for share in ((norm.sf(roots) <= level).mean(), (norm.cdf(roots) <= level).mean()):
            assert share < level * 1.35 + 3 * (level / 6_000) ** 0.5


@pytest.mark.parametrize(
    ("column", "follow_up", "kind", "code"),
    [
        ([1, 0, -1], [1.0, 2.0, 3.0], "count", "outcome_not_count"),
        ([1, 0, 0.5], [1.0, 2.0, 3.0], "count", "outcome_not_count"),
        (["1", "2", "x"], [1.0, 2.0, 3.0], "count", "outcome_not_count"),
        ([1, 0, 2], [1.0, 0.0, 3.0], "count", "follow_up_not_positive"),
        ([1, 0, 2], [1.0, -2.0, 3.0], "count", "follow_up_not_positive"),
        ([1, 0, 2], ["1", "2", "3"], "count", "follow_up_not_positive"),
        ([True, False, True], [1.0, None, 3.0], "time", "follow_up_missing"),
        ([True, False, True], None, "time", "follow_up_missing"),
        ([1, None, 2], [1.0, 2.0, 3.0], "count", "outcome_missing"),
    ],
)
def test_what_cannot_be_counted_or_followed_is_said_by_its_code(column, follow_up, kind, code):
    frame = pl.DataFrame({"y": pl.Series(column, strict=False), "t": follow_up or [1.0, 1.0, 1.0]})
    with pytest.raises(CannotSearch) as error:
        read_response(frame, "y", True, kind=kind, follow_up="t" if follow_up else None)
    assert error.value.code == code
