"""What a finding is held against: each number beside a slow plain road to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import Settings, define, e_value, e_value_of_interval, looker, search
from analysis.values import Finding

SETTINGS = Settings(max_order=2, threads=2)
PEOPLE = 6_000


def world(seed: int = 5) -> pl.DataFrame:
    """A pair that does more than its parts, a proxy of one part, a number behind the other, years and two controls."""
    draw = np.random.default_rng(seed)
    dose = draw.uniform(0, 100, PEOPLE)
    alone = draw.random(PEOPLE) < 0.4
    proxy = np.where(draw.random(PEOPLE) < 0.8, alone, draw.random(PEOPLE) < 0.4)
    other = draw.random((PEOPLE, 3)) < 0.4
    eta = -2.2 + 0.3 * alone + 0.2 * (dose >= 50) + 1.3 * (alone & (dose >= 50))
    outcome = draw.random(PEOPLE) < 1 / (1 + np.exp(-eta))
    return pl.DataFrame(
        {
            "dose": dose, "alone": alone, "proxy": proxy, "x0": other[:, 0], "x1": other[:, 1],
            "year": draw.integers(2021, 2024, PEOPLE), "unrelated": draw.random(PEOPLE) < 0.2,
            "twin": outcome ^ (draw.random(PEOPLE) < 0.05), "y": outcome,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def found() -> tuple[pl.DataFrame, Finding]:
    frame = world()
    definitions = define(frame, exclude=["y", "year", "unrelated", "twin"], settings=SETTINGS)
    look = looker(frame, settings=SETTINGS, years="year", controls=["unrelated", "twin"])
    done = search(frame, definitions, outcome="y", settings=SETTINGS, look=look)
    discovered = [one for one in done.findings if one.status == "discovered"]
    assert [sorted(c.column for c in one.conditions) for one in discovered] == [["alone", "dose"]]
    return frame, discovered[0]


def test_a_true_pair_stands_in_resamples_years_and_other_cuts_but_shows_in_a_twin_of_the_outcome(found) -> None:
    told = found[1].search.robustness
    assert told is not None
    assert told.same_sign == 1.0
    assert told.half_size > 0.95
    assert [year.year for year in told.years] == ["2021", "2022", "2023"]
    assert all(year.observed > year.expected for year in told.years)
    assert sum(year.people for year in told.years) == found[1].search.people
    assert sum(year.observed for year in told.years) == found[1].search.observed
    assert len(told.cuts) == 2
    assert all(0.2 < cut.size < 1.2 for cut in told.cuts)
    unrelated, twin = told.controls
    assert unrelated.p > 0.01
    assert twin.p < 1e-6


def test_the_proxys_pair_is_explained_away(found) -> None:
    told = found[1].search.robustness
    assert told is not None
    assert told.explained >= 1
    columns = [sorted(one.column for one in lead) for lead in told.explains]
    assert ["dose", "proxy"] in columns
    assert ["alone", "dose"] not in columns


def test_the_finding_falls_when_so_many_fare_otherwise_and_stands_when_far_fewer_do(found) -> None:
    frame, finding = found
    told = finding.search.robustness
    assert told is not None
    cut = next(one.value for one in finding.conditions if one.column == "dose")
    group = ((frame["dose"] >= cut) & frame["alone"] & frame["y"]).arg_true().to_list()
    definitions = define(frame.select("dose", "alone", "proxy", "x0", "x1"), settings=SETTINGS)

    def stands(turned: int) -> bool:
        """The plain road: turn so many outcomes round, and search again."""
        chosen = pl.Series(range(frame.height)).is_in(group[:turned])
        again = frame.with_columns(y=frame["y"] & ~chosen)
        done = search(again, definitions, outcome="y", settings=SETTINGS)
        return any({c.column for c in one.conditions} == {"alone", "dose"} and one.status == "discovered"
                   for one in done.findings)  # fmt: skip

    assert told.people_to_fall > 10
    assert stands(round(0.7 * told.people_to_fall))
    assert not stands(round(1.3 * told.people_to_fall))


def test_resamples_agree_with_searching_random_halves_again(found) -> None:
    """Half the people counted twice has the spread of a bootstrap: theta's share above half of itself is near."""
    frame, finding = found
    weak = frame.with_columns(y=frame["y"] & ~((pl.arange(0, PEOPLE, eager=True) % 4 == 0) & frame["alone"]))
    definitions = define(weak.select("dose", "alone"), settings=replace(SETTINGS, cuts=(0.5,)))
    look = looker(weak, settings=SETTINGS)
    done = search(weak, definitions, outcome="y", settings=SETTINGS, look=look)
    told = next(one for one in done.findings if one.status == "discovered").search.robustness
    assert told is not None
    high = (weak["dose"] >= finding.conditions[1].value).to_numpy()
    alone, outcome = weak["alone"].to_numpy(), weak["y"].to_numpy()

    def theta(weight: np.ndarray) -> float:
        cells = [(weight * (alone == a) * (high == h)) for a in (0, 1) for h in (0, 1)]
        none, one, two, both = (np.log((cell @ outcome) / (cell @ ~outcome)) for cell in cells)
        return float(both - one - two + none)

    draw = np.random.default_rng(0)
    whole = theta(np.ones(PEOPLE))
    plain = np.mean([theta(2.0 * (draw.random(PEOPLE) < 0.5)) >= whole / 2 for _ in range(400)])
    assert abs(plain - told.half_size) < 0.08


@pytest.mark.parametrize(("ratio", "value"), [(3.9, 7.26), (1 / 3.9, 7.26), (1.0, 1.0), (1.5, 2.37)])
def test_the_e_value_is_vanderweele_and_dings(ratio: float, value: float) -> None:
    assert e_value(ratio) == pytest.approx(value, abs=0.005)  # 3.9 is the paper's own example


@given(low=st.floats(0.05, 20), wide=st.floats(1.0, 5.0))
def test_the_nearer_end_needs_no_stronger_a_cause_than_any_ratio_in_the_interval(low: float, wide: float) -> None:
    near = e_value_of_interval(low, low * wide)
    assert near >= 1
    assert near <= min(e_value(low), e_value(low * wide)) + 1e-9


def test_a_ratio_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        e_value(0.0)


def test_a_finding_is_redone_in_another_outcome_and_without_some_of_the_people() -> None:
    frame = world().with_columns(nobody=pl.lit(False), half=pl.Series(np.arange(PEOPLE) % 2 == 0))
    gone = frame.with_columns(only=pl.col("alone") & (pl.col("dose") >= 50) & ~pl.col("y"))
    definitions = define(frame, exclude=["y", "year", "unrelated", "twin", "nobody", "half"], settings=SETTINGS)
    look = looker(
        gone, settings=SETTINGS, again=["y", "unrelated", "twin", "nobody"], without=["nobody", "half", "only"]
    )
    [one] = [
        one
        for one in search(gone, definitions, outcome="y", settings=SETTINGS, look=look).findings
        if one.status == "discovered"
    ]
    told = one.search.robustness
    assert told is not None
    same, unrelated, twin, nothing, all_of_them, half, emptied = told.redone
    assert same.size == pytest.approx(1.0, abs=1e-6)
    assert (same.people, same.observed) == (one.search.people, one.search.observed)
    assert abs(unrelated.size) < 0.3
    assert unrelated.p is not None
    assert unrelated.p > 0.01
    assert twin.size > 0.5
    assert (nothing.size, nothing.observed) == (0.0, 0)
    assert all_of_them.size == pytest.approx(1.0)
    assert half.people < one.search.people
    assert 0.5 < half.size < 1.6
    assert emptied.observed == one.search.observed  # who is left are those with it
