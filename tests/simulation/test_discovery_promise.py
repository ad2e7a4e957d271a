"""The error promise, in short: `python -m benchmarks.simulate` runs more sets of more shapes."""

import numpy as np
import pytest
from scipy.stats import binomtest

from analysis import Settings, define, search
from benchmarks.worlds import household_world, null_world

SETTINGS = Settings()


def alarmed(frame, *, adjust=(), cluster=None):
    definitions = define(frame, exclude=("outcome", "age", "household"), settings=SETTINGS)
    result = search(frame, definitions, outcome="outcome", adjust=adjust, cluster=cluster, settings=SETTINGS)
    assert result.tested > 100
    return any(one.status == "discovered" for one in result.findings)


@pytest.mark.slow
def test_null_people_give_a_finding_no_more_often_than_promised():
    alarms = 0
    for seed in range(140):
        rng = np.random.default_rng([1, seed])
        hard = seed % 2 == 1
        frame = null_world(rng, correlation=0.9, main=0.6, curved=True) if hard else null_world(rng)
        alarms += alarmed(frame, adjust=("age",))
    assert binomtest(alarms, 140, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.slow
def test_households_that_fare_alike_are_no_finding_though_they_would_be_as_strangers():
    clustered = strangers = 0
    for seed in range(40):
        frame = household_world(np.random.default_rng([2, seed]))
        clustered += alarmed(frame, cluster="household")
        if seed < 10:
            strangers += alarmed(frame)
    assert strangers >= 5  # taken as independent, the alarm does go off
    assert binomtest(clustered, 40, 0.05, alternative="greater").pvalue > 0.001
