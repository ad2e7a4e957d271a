"""The background against independent implementations, and where ordinary fits break down."""

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

from analysis.adjustment import adjustment_columns, gram_of, independent, natural_spline
from analysis.expected import Design
from analysis.threads import Threads


@pytest.fixture
def pool():
    with Threads(2) as workers:
        yield workers


def people(seed=1, size=20_000):
    rng = np.random.default_rng(seed)
    flags = rng.uniform(size=(size, 5)) < [0.1, 0.3, 0.5, 0.2, 0.6]
    age = rng.normal(size=size)
    log_odds = -2 + flags @ [0.5, -0.3, 0.8, 0.0, 0.2] + 0.4 * age
    outcome = (rng.uniform(size=size) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return [np.ones(size), *flags.T.astype(float), age], outcome


def test_the_fit_is_statsmodels_fit_with_its_deviance_and_covariance(pool):
    columns, outcome = people()
    design = Design(columns, terms=2, ridge=1e-6, pool=pool)
    fit = design.fit(outcome, range(len(columns)))
    plain = sm.GLM(outcome, np.column_stack(columns), family=sm.families.Binomial()).fit(tol=1e-12)
    np.testing.assert_allclose(fit.beta, plain.params, atol=1e-6)
    np.testing.assert_allclose(fit.mu, plain.fittedvalues, atol=1e-7)
    np.testing.assert_allclose(fit.deviance, plain.deviance, atol=1e-4)
    covariance = np.array([design.solve(fit, one) for one in np.eye(len(columns))])
    np.testing.assert_allclose(covariance, plain.cov_params(), rtol=1e-3, atol=1e-9)


def test_the_fit_is_scikit_learns_fit(pool):
    columns, outcome = people(seed=2)
    fit = Design(columns, terms=2, ridge=1e-6, pool=pool).fit(outcome, range(len(columns)))
    plain = LogisticRegression(C=1e8, tol=1e-10, max_iter=2_000).fit(np.column_stack(columns[1:]), outcome)
    np.testing.assert_allclose(fit.beta[1:], plain.coef_[0], atol=1e-3)


def test_a_refit_from_the_last_fit_is_the_fit_from_scratch(pool):
    columns, outcome = people(seed=3)
    design = Design(columns, terms=2, ridge=1e-3, pool=pool)
    first = design.fit(outcome, range(len(columns)))
    own = design.try_out((columns[1] > 0) & (columns[3] > 0))
    wide = (*range(len(columns)), own)
    warm, cold = design.fit(outcome, wide, first), design.fit(outcome, wide)
    np.testing.assert_allclose(warm.deviance, cold.deviance, atol=1e-7)
    np.testing.assert_allclose(warm.beta, cold.beta, atol=1e-5)
    assert warm.deviance <= first.deviance


def test_a_refit_far_from_the_last_fit_takes_a_new_curvature_and_ends_at_the_same_place(pool):
    columns, outcome = people(seed=6)
    design = Design(columns, terms=2, ridge=1e-3, pool=pool)
    first = design.fit(outcome, range(len(columns)))
    strong = np.where((columns[1] > 0) & (np.arange(len(outcome)) % 2 == 0), 1.0, outcome)  # odds far from before
    own = design.try_out(columns[1] > 0)
    wide = (*[place for place in range(len(columns)) if place != 1], own)
    warm, cold = design.fit(strong, wide, first), design.fit(strong, wide)
    np.testing.assert_allclose(warm.deviance, cold.deviance, atol=1e-7)
    np.testing.assert_allclose(warm.mu, cold.mu, atol=1e-6)


def test_separated_rare_and_collinear_columns_give_finite_expectations_that_add_up(pool):
    columns, outcome = people(seed=4, size=3_000)
    never = np.zeros(3_000)
    never[np.flatnonzero(outcome == 0)[:60]] = 1  # nobody in it has the outcome
    always = np.zeros(3_000)
    always[np.flatnonzero(outcome == 1)[:3]] = 1
    columns = [*columns, never, always, columns[1], 1 - columns[2]]
    fit = Design(columns, terms=1, ridge=1e-3, pool=pool).fit(outcome, range(len(columns)))
    assert np.isfinite(fit.beta).all()
    assert np.isfinite(fit.mu).all()
    assert abs(fit.mu.sum() - outcome.sum()) < 0.01
    assert fit.mu[never > 0].sum() < 0.1


def test_columns_that_earlier_ones_give_are_named():
    rng = np.random.default_rng(5)
    base = rng.normal(size=(500, 3))
    matrix = np.column_stack([base, base[:, 0] + base[:, 1], np.zeros(500), rng.normal(size=500)])
    assert independent(gram_of(list(matrix.T))) == [0, 1, 2, 5]


def test_a_natural_spline_bends_between_its_knots_and_is_straight_beyond_them():
    values = np.linspace(-3, 3, 601)
    knots = np.array([-1.0, 0.0, 0.5, 1.0])
    for column in natural_spline(values, knots)[1:]:
        second = np.diff(column, 2)
        outside = (values[1:-1] < -1.01) | (values[1:-1] > 1.01)
        assert np.abs(second[outside]).max() < 1e-9
        assert np.abs(second).max() > 1e-6


def test_an_adjustment_column_says_who_is_missing_and_joins_rare_levels():
    numbers = pl.Series("age", [None, *np.linspace(60, 90, 99)])
    assert sum(set(np.unique(column)) == {0.0, 1.0} for column in adjustment_columns(numbers)) == 1
    levels = pl.Series("district", ["north"] * 50 + ["south"] * 40 + ["isle"] * 3)
    assert len(adjustment_columns(levels)) == 1  # south; north is the commonest, isle too rare
    assert adjustment_columns(pl.Series("same", [1.0] * 10)) == []
