"""The error promise for counts, times, scales, clusters and several outcomes; `benchmarks.simulate_outcomes` runs more.

A short form cannot prove 5 %: it fails where the promise is broken by much.
"""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from benchmarks import coverage, several
from benchmarks.simulate_outcomes import SCENES, tally

NULL = (
    "uneven counts",
    "very uneven counts",
    "times",
    "scale: risks that add, decided so",
    "scale: rates that add, decided so",
    "clusters: care homes",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", NULL)
def test_where_nothing_is_there_a_finding_is_no_more_frequent_than_promised(name):
    seen = tally(SCENES[name], 40, seed=5)
    assert seen.tested > 100 * seen.sets
    assert binomtest(seen.stray, seen.sets, 0.05, alternative="greater").pvalue > 0.001
    assert binomtest(seen.confirmed, seen.sets, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.slow
def test_what_only_odds_make_of_risks_that_add_is_marked_as_of_one_scale():
    seen = tally(SCENES["scale: strong risks that add, on odds"], 20, seed=5)
    assert seen.listed >= 15  # on the odds alone nearly every list has a finding
    assert binomtest(seen.stray, seen.sets, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("name", ["planted counts", "planted times"])
def test_what_was_planted_is_found(name):
    seen = tally(SCENES[name], 10, seed=6)
    assert seen.found >= 0.8 * seen.true


@pytest.mark.slow
def test_care_homes_taken_as_strangers_do_set_the_alarm_off():
    seen = tally(SCENES["strangers: care homes"], 15, seed=5)
    assert binomtest(seen.stray, seen.sets, 0.05, alternative="greater").pvalue < 0.001


@pytest.mark.slow
def test_three_outcomes_of_one_run_share_one_promise():
    seen = several.runs(40, seed=5, apart=False)
    assert binomtest(seen.stray, seen.runs, 0.05, alternative="greater").pvalue > 0.001
    assert binomtest(seen.confirmed, seen.runs, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.slow
def test_what_is_planted_in_one_of_three_outcomes_is_found_there_alone():
    seen = several.runs(5, seed=5, planted=True, apart=False)
    assert seen.found >= 4
    assert seen.stray <= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["uneven counts, weak", "times, weak"])
def test_intervals_of_findings_hold_the_truth(name):
    seen = coverage.tally(coverage.SCENES[name], 15, seed=5)
    assert seen.intervals >= 10
    assert binomtest(seen.held, seen.intervals, coverage.ASKED, alternative="less").pvalue > 0.001
