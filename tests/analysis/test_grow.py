"""A found pair that is half of a combination of three: it grows, and leaves no shadow of itself behind."""

import numpy as np
import polars as pl
import pytest

from analysis import Settings, define, search
from analysis.search import _Search
from benchmarks.worlds import characteristics, draw, named

SETTINGS = Settings()


def discovered(rng_seed, effect):
    rng = np.random.default_rng(rng_seed)
    flags = characteristics(rng, 12_000, 12, correlation=0.0)
    odd = flags[:, 0] ^ flags[:, 1] ^ flags[:, 2]
    frame = pl.DataFrame({**named(flags), "outcome": draw(rng, effect * odd, 0.3)})
    definitions = define(frame, exclude=("outcome",), settings=SETTINGS)
    result = search(frame, definitions, outcome="outcome", settings=SETTINGS)
    return [one for one in result.findings if one.status == "discovered"]


def columns(findings):
    return [tuple(condition.column for condition in one.conditions) for one in findings]


@pytest.fixture
def ungrown(monkeypatch):
    def found(rng_seed, effect):
        with monkeypatch.context() as without:
            without.setattr(_Search, "grow", lambda _self, _fit: False)
            return discovered(rng_seed, effect)

    return found


def test_the_pair_that_an_exclusive_or_of_three_shows_grows_into_the_three(ungrown):
    halves = columns(ungrown(76, 0.45))  # the triple's own contrast is too weak for the search
    assert halves
    assert all(len(one) == 2 and set(one) < {"c000", "c001", "c002"} for one in halves)
    (grown,) = discovered(76, 0.45)
    assert columns([grown]) == [("c000", "c001", "c002")]
    assert grown.reading == "contrast"
    assert grown.above_parts
    assert grown.p_search <= 0.05  # the larger of what the pair and the third member pay


@pytest.mark.parametrize("seed", [42, 44, 48])
def test_a_triple_found_by_its_contrast_leaves_none_of_its_pairs_beside_it(seed):
    assert columns(discovered(seed, 0.45)) == [("c000", "c001", "c002")]


def test_two_true_pairs_that_share_a_member_are_two_pairs_and_not_the_three_together(monkeypatch):
    rng = np.random.default_rng(1)
    flags = characteristics(rng, 12_000, 12)
    log_odds = 0.8 * (flags[:, 0] & flags[:, 1]) + 0.8 * (flags[:, 0] & flags[:, 2])
    frame = pl.DataFrame({**named(flags), "outcome": draw(rng, log_odds, 0.2)})
    definitions = define(frame, exclude=("outcome",), settings=SETTINGS)

    def found():
        result = search(frame, definitions, outcome="outcome", settings=SETTINGS)
        return sorted(columns([one for one in result.findings if one.status == "discovered"]))

    assert found() == [("c000", "c001"), ("c000", "c002")]
    monkeypatch.setattr(_Search, "simplify", lambda _self, _fit: False)
    assert found() == [("c000", "c001", "c002")]
