"""Where something is there, in short: `python -m benchmarks.simulate 500 --only true --compare` is the long form."""

import os
from pathlib import Path

import pytest
from scipy.stats import binomtest

from benchmarks.gametes import TRUTH, searched
from benchmarks.simulate import Plan, records
from benchmarks.told import tally, told

DATA = os.environ.get("UNDRING_DATA")


@pytest.mark.slow
def test_true_combinations_are_found_with_few_strays_and_shadows_and_intervals_that_cover():
    some = [
        *records("true, pairs sharing a member", 1, Plan(compare=True)),
        *records("true, pairs sharing a member", 4, Plan(), first=1),
        *records("true, exclusive or", 5, Plan()),
    ]
    result = tally(some)
    assert result.sets == 10
    assert result.found > 0.6 * result.true
    assert binomtest(result.with_stray, 10, 0.05, alternative="greater").pvalue > 0.001
    assert binomtest(result.covered, result.intervals, 0.93, alternative="less").pvalue > 0.001
    assert result.shadows <= 4
    assert result.oracle >= result.found_compared * 0.9
    assert result.naive > 0
    assert "naive" in told("some", some)


def test_a_simulation_that_was_stopped_goes_on_where_it_was(tmp_path):
    name = "null, independent"
    first = records(name, 2, Plan(lock=0.3), into=tmp_path)
    (file,) = tmp_path.iterdir()
    assert len(file.read_text().splitlines()) == 2
    again = records(name, 3, Plan(lock=0.3), into=tmp_path)
    assert again[:2] == first
    assert [one["set"] for one in again] == [0, 1, 2]
    assert len(file.read_text().splitlines()) == 3


def test_strays_shadows_and_what_is_true_are_told_apart():
    def finding(*members, p=0.01, low=1.1, status="discovered"):
        return {
            "members": members, "status": status, "reading": "pair", "above": True, "p": p, "ratio": 1.3,
            "low": low, "high": 1.5, "people": 100, "p_confirm": None, "true_ratio": 1.2,
        }  # fmt: skip

    record = {
        "set": 0, "tested": 9, "seconds": 1.0, "truth": [[["a", "b"], 0.5], [["c", "d", "e"], 0.7]],
        "findings": [
            finding("a", "b"), finding("c", "d", low=1.25), finding("a", "c"), finding("x", "y", p=0.2, status="lead"),
        ],
        "naive": [["a", "b"]], "oracle": [["a", "b"], ["c", "d", "e"]],
    }  # fmt: skip
    result = tally([record])
    assert (result.true, result.found, result.shadows, result.with_stray) == (2, 1, 1, 1)
    assert (result.intervals, result.covered) == (3, 2)
    assert (result.naive, result.oracle) == (1, 2)


@pytest.mark.skipif(not DATA, reason="UNDRING_DATA is not set: GAMETES sets (others' simulated data) NOT tried")
@pytest.mark.parametrize("name", TRUTH)
def test_the_first_gametes_set_of_each_setting_gives_its_truth_at_the_commands_own_floor(name):
    found = searched(Path(str(DATA)), name, 1)
    assert found.right
    assert found.floor == 10  # 1,600 people: the command searches down to groups of ten, and says so
