"""The whole search on worlds whose truth is known: what must be found, what must not, and small or broken tables."""

import os
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from threadpoolctl import threadpool_limits

from analysis import CannotSearch, Settings, confirm, define, search
from analysis.scan import Scanner, may_combine
from analysis.scan import combinations as combinations_by_order
from analysis.search import _Search
from analysis.table import Term, make_table, workers
from benchmarks.worlds import characteristics, draw, household_world, named, null_world, planted_world

SETTINGS = Settings()
BESIDE = ("outcome", "age", "household")
DATA = os.environ.get("UNDRING_DATA")


def discover(frame, *, adjust=("age",), settings=SETTINGS, cluster=None):
    definitions = define(frame, exclude=BESIDE, settings=settings)
    return search(frame, definitions, outcome="outcome", adjust=adjust, cluster=cluster, settings=settings)


def members(finding):
    return frozenset(condition.column for condition in finding.conditions)


def discovered(discovery):
    return {members(one) for one in discovery.findings if one.status == "discovered"}


@pytest.fixture(scope="module")
def planted():
    truth = {
        frozenset({"c000", "c001"}): 0.9,
        frozenset({"c002", "c003", "c004"}): 1.3,
        frozenset({"c005", "c006"}): -0.9,
    }
    return planted_world(np.random.default_rng(11), people=20_000, count=24, truth=truth)


@pytest.fixture(scope="module")
def found(planted):
    return discover(planted[0])


def test_planted_combinations_are_discovered_and_nothing_else(planted, found):
    _, truth = planted
    assert discovered(found) == set(truth)
    for one in found.findings:
        if one.status == "discovered":
            assert one.direction == ("more" if truth[members(one)] > 0 else "fewer")
            assert one.p_search <= 0.05
            assert one.same_sign_on_both_scales
            assert one.above_parts


def test_a_findings_numbers_are_those_of_plain_counting_and_an_independent_fit(planted, found):
    import statsmodels.api as sm

    frame, truth = planted
    flags = frame.select(pl.selectors.starts_with("c0")).cast(pl.Float64)
    age = frame["age"].to_numpy()
    for one in found.findings:
        if one.status != "discovered":
            continue
        held = np.logical_and.reduce([frame[c.column].to_numpy() for c in one.conditions])
        outcome = frame["outcome"].to_numpy()
        assert one.search.people == held.sum()
        assert one.search.observed == outcome[held].sum()
        assert sum(cell.people for cell in one.search.cells) == frame.height
        assert sum(cell.observed for cell in one.search.cells) == outcome.sum()
        assert one.search.cells[-1].people == one.search.people
        assert one.search.cells[-1].expected == pytest.approx(one.search.expected)
        others = [
            np.logical_and.reduce([frame[c].to_numpy() for c in sorted(other)]).astype(float)
            for other in truth
            if other != members(one)
        ]
        knots = [np.maximum(age - cut, 0) ** 3 / 1e3 for cut in np.quantile(age, [0.25, 0.5, 0.75])]
        x = sm.add_constant(np.column_stack([flags.to_numpy(), age, age**2 / 100, *knots, *others]))
        with threadpool_limits(1):
            plain = sm.GLM(outcome.astype(float), x, family=sm.families.Binomial()).fit()
        assert one.search.expected == pytest.approx(plain.fittedvalues[held].sum(), rel=0.01)
        low, high = one.search.ratio_low, one.search.ratio_high
        assert low <= one.search.ratio <= high
        assert (low >= 1) if one.direction == "more" else (high <= 1)
        assert one.search.expected_low < one.search.expected < one.search.expected_high


def test_every_combination_is_counted_and_those_above_the_floors_apart(planted, found):
    frame, _ = planted
    columns = [name for name in frame.columns if name.startswith("c0")]
    assert found.searched == sum(1 for order in (2, 3) for _ in combinations(columns, order))
    assert 0 < found.tested < found.searched


def test_the_findings_are_the_same_bit_for_bit_for_any_number_of_threads(planted, found):
    frame = planted[0]
    for threads in (1, 2, 3):
        assert discover(frame, settings=replace(SETTINGS, threads=threads)).findings == found.findings


def test_what_was_found_holds_in_other_people_and_what_was_not_does_not(planted, found):
    frame, truth = planted
    fresh, _ = planted_world(np.random.default_rng(12), people=20_000, count=24, truth=truth)
    definitions = define(frame, exclude=BESIDE, settings=SETTINGS)
    tried = confirm(found, fresh, definitions, level=0.05, settings=SETTINGS)
    assert tried.tried == len(found.findings)
    assert tried.people_locked == 20_000
    held = {members(one) for one in tried.findings if one.status == "confirmed"}
    assert held == set(truth)
    for one in tried.findings:
        assert one.p_confirm is not None
        assert one.locked is not None
        assert one.shown is one.locked
    shuffled = fresh.with_columns(pl.col("outcome").sample(fraction=1.0, shuffle=True, seed=1))
    refuted = confirm(found, shuffled, definitions, level=0.05, settings=SETTINGS)
    assert not any(one.status == "confirmed" for one in refuted.findings)
    assert any(one.status == "refuted" for one in refuted.findings)


def test_the_shadow_of_one_strong_characteristic_is_not_found():
    rng = np.random.default_rng(21)
    flags = characteristics(rng, 20_000, 20, correlation=0.9)
    outcome = draw(rng, 2.5 * flags[:, 0] + 1.5 * flags[:, 1], 0.15)
    frame = pl.DataFrame({**named(flags), "outcome": outcome})
    both = flags[:, 0] & flags[:, 1]
    assert outcome[both].mean() > 3 * outcome.mean()  # the naive list would lead with it
    assert discovered(discover(frame, adjust=())) == set()


def test_a_pair_that_age_explains_is_not_found_when_age_is_adjusted_for():
    rng = np.random.default_rng(22)
    flags = characteristics(rng, 20_000, 12)
    age = rng.normal(size=20_000)
    likely = 1 / (1 + np.exp(1.5 - 2 * age))  # both go with age, and risk bends upwards with age
    flags[:, :2] = rng.uniform(size=(20_000, 2)) < likely[:, None]
    frame = pl.DataFrame({**named(flags), "age": age, "outcome": draw(rng, 0.8 * np.maximum(age, 0) ** 2, 0.15)})
    assert frozenset({"c000", "c001"}) in discovered(discover(frame, adjust=()))  # the trap is there
    assert frozenset({"c000", "c001"}) not in discovered(discover(frame))


def test_a_proxy_that_was_accepted_is_exchanged_for_the_true_one_and_never_back():
    rng = np.random.default_rng(31)
    flags = characteristics(rng, 12_000, 10, correlation=0.0)
    flags[:, 2] = flags[:, 1] ^ (rng.uniform(size=12_000) < 0.12)  # goes with c001
    outcome = draw(rng, 0.9 * (flags[:, 0] & flags[:, 1]), 0.2)
    frame = pl.DataFrame({**named(flags), "outcome": outcome})
    definitions = define(frame, exclude=BESIDE, settings=SETTINGS)
    allowed = may_combine(definitions.conditions)
    with workers(SETTINGS) as pool:
        table = make_table(frame, definitions, outcome, adjust=(), cluster=None, settings=SETTINGS, terms=50, pool=pool)
        scanner = Scanner(table.held, allowed, SETTINGS, pool)
        one = _Search(
            table, scanner, definitions, SETTINGS, possible=combinations_by_order(allowed, 3), tell=lambda _share: None
        )
        base = table.fit(table.base)
        one.scan(base, first=True)
        for accepted in ((0, 2), (0, 1)):
            one.dropped.clear()
            one.terms = [Term(accepted, "pair", table.contrast(accepted, base))]
            assert one.passes(accepted, one.terms[0].verdict)
            changed = one.exchange(table.fit(table.columns(one.terms), base))
            assert changed == (accepted == (0, 2))
            assert [term.members for term in one.terms] == [(0, 1)]


def test_a_simpson_reversal_is_not_found():
    rng = np.random.default_rng(23)
    flags = characteristics(rng, 20_000, 12)
    home = rng.uniform(size=20_000) < 0.3
    flags[:, 0] = rng.uniform(size=20_000) < np.where(home, 0.8, 0.15)
    log_odds = 2.5 * home - 0.5 * flags[:, 0]  # more have it crude, fewer in either kind of home
    outcome = draw(rng, log_odds, 0.2)
    assert outcome[flags[:, 0]].mean() > outcome[~flags[:, 0]].mean()
    frame = pl.DataFrame({**named(flags), "home": np.where(home, "care", "own"), "outcome": outcome})
    assert discovered(discover(frame, adjust=())) == set()


def test_a_gap_of_opposite_sign_on_the_two_scales_is_marked():
    rng = np.random.default_rng(24)
    flags = characteristics(rng, 60_000, 6, correlation=0.0)
    flags[:, :2] = rng.uniform(size=(60_000, 2)) < 0.5
    risk = np.array([[0.05, 0.20], [0.15, 0.35]])[flags[:, 0].astype(int), flags[:, 1].astype(int)]
    frame = pl.DataFrame({**named(flags), "outcome": rng.uniform(size=60_000) < risk})
    found = [one for one in discover(frame, adjust=()).findings if members(one) == {"c000", "c001"}]
    assert [(one.direction, one.same_sign_on_both_scales) for one in found] == [("fewer", False)]


def test_a_column_that_gives_the_outcome_away_is_left_out_and_named():
    rng = np.random.default_rng(25)
    frame = null_world(rng, people=4_000, count=10)
    status = np.where(frame["outcome"].to_numpy() & (rng.uniform(size=4_000) < 0.3), "in hospital", "fine")
    result = discover(frame.with_columns(visit=pl.Series(status)))
    assert [(one.column, one.reason) for one in result.left_out] == [("visit", "gives_outcome_away")]


def test_separation_and_doubled_columns_are_noted_and_do_no_harm():
    rng = np.random.default_rng(26)
    frame = null_world(rng, people=4_000, count=10)
    outcome = frame["outcome"].to_numpy()
    never = np.zeros(4_000, dtype=bool)
    never[np.flatnonzero(~outcome)[:80]] = True
    frame = frame.with_columns(never=pl.Series(never), older=2 * pl.col("age") + 1, no=~pl.col("c000"))
    result = discover(frame, adjust=("age", "older"))
    assert {"separation", "collinear"} <= set(result.notes)
    assert discovered(result) == set()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pl.DataFrame({"a": [True, False, True], "outcome": [False, False, False]}), "outcome_constant"),
        (pl.DataFrame({"a": [True, False, True], "outcome": [True, None, False]}), "outcome_missing"),
        (pl.DataFrame({"a": [True], "outcome": [True]}).clear(), "too_few_people"),
    ],
)
def test_a_table_that_cannot_be_searched_says_why_in_a_code(frame, code):
    with pytest.raises(CannotSearch) as error:
        discover(frame, adjust=())
    assert error.value.code == code


def test_a_table_with_everything_below_the_floor_is_an_honest_empty_discovery():
    frame = pl.DataFrame({"a": [True, False, True], "outcome": [True, False, False]})
    result = discover(frame, adjust=())
    assert (result.findings, result.searched, result.tested) == ((), 0, 0)
    small = null_world(np.random.default_rng(27), people=300, count=6)
    result = discover(small)
    assert result.findings == ()
    assert result.searched > result.tested


def test_progress_grows_to_one():
    seen = []
    frame = null_world(np.random.default_rng(28), people=2_000, count=10)
    definitions = define(frame, exclude=BESIDE, settings=SETTINGS)
    search(frame, definitions, outcome="outcome", settings=SETTINGS, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.skipif(not DATA, reason="UNDRING_DATA is not set: GAMETES sets (others' simulated data) NOT tried")
@pytest.mark.parametrize(
    ("name", "floor", "true"),
    [
        ("two_way_h40", 50, [{"M0P0", "M0P1"}]),
        ("two_way_h10", 50, [{"M0P0", "M0P1"}]),
        ("two_way_h05", 10, [{"M0P0", "M0P1"}]),  # 1,600 people; it lies in cells of 14 to 48
        ("three_way_h20", 50, [{"M0P0", "M0P1", "M0P2"}]),
        ("three_way_xor", 50, [{"M0P1", "M0P2", "M0P3"}]),
        ("two_pairs_het", 50, [{"M0P0", "M0P1"}, {"M1P0", "M1P1"}]),
        ("main_effect_only", 50, []),
        ("main_effect_only", 10, []),
    ],
)
def test_gametes_sets_give_up_their_truth_and_nothing_else(name, floor, true):
    chosen = replace(SETTINGS, floor_people=floor)
    for replicate in range(1, 6):
        frame = pl.read_csv(Path(str(DATA)) / "gametes" / f"{name}_{replicate:02d}.csv.gz")
        frame = frame.select(reversed(frame.columns)).rename({"Class": "outcome"})
        definitions = define(frame, exclude=("outcome",), settings=chosen)
        result = search(frame, definitions, outcome="outcome", positive=1, settings=chosen)
        assert discovered(result) == {frozenset(one) for one in true}


def test_so_are_those_of_clusters_and_of_risks_that_add():
    frame = household_world(np.random.default_rng(3), households=1_500, count=12)
    definitions = define(frame, exclude=("outcome", "household"), settings=Settings())
    ways = [(None, "ratio"), ("household", "ratio"), (None, "additive")]
    for cluster, scale in ways:
        one, two, three = (
            search(
                frame, definitions, outcome="outcome", cluster=cluster, settings=Settings(threads=threads, scale=scale)
            )
            for threads in (1, 2, 3)
        )
        assert one == two == three
        assert cluster or one.findings  # strangers who fare alike: there is something to compare
