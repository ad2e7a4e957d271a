"""What placebos are drawn from: everybody keeps their own risk, and times end as people's own do."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis import Settings, define, search
from analysis.drawing import background
from analysis.values import Scale

BESIDE = ("came", "time", "locked")


def world(size: int = 8_000) -> pl.DataFrame:
    """Hazards with main effects, ended by a loss that goes with a member, and for all after 3 years."""
    draw = np.random.default_rng(2)
    holds = draw.random((size, 6)) < 0.4
    event = draw.exponential(1 / (0.25 * np.exp(holds[:, :3] @ np.array([0.7, 0.4, 0.0])))) ** 0.7
    loss = draw.exponential(1 / (0.2 * np.exp(1.2 * holds[:, 2])))
    end = np.minimum(loss, 3.0)
    return pl.DataFrame({f"c{one}": holds[:, one] for one in range(6)}).with_columns(
        came=pl.Series(event <= end), time=pl.Series(np.minimum(event, end)), locked=pl.Series(draw.random(size) < 0.3)
    )


@pytest.mark.parametrize("scale", ["ratio", "additive"])
def test_drawn_times_are_like_peoples_own(scale: Scale) -> None:
    frame, settings = world(), Settings(max_order=2, threads=1, scale=scale)
    definitions = define(frame, exclude=BESIDE, settings=settings)
    open_part = frame.filter(~pl.col("locked"))
    found = search(open_part, definitions, outcome="came", kind="time", follow_up="time", settings=settings)
    made = background(frame, definitions, found, frame["locked"].to_numpy(), cluster=None, settings=settings)
    draw = np.random.default_rng(3)
    drawn = [made.drawn(draw) for _ in range(10)]
    came = np.mean([one.to_numpy() for one, _ in drawn], axis=0)
    time = np.mean([one.to_numpy() for _, one in drawn], axis=0)
    assert time.min() > 0
    for part in (frame["locked"].to_numpy(), ~frame["locked"].to_numpy()):
        for column in ("c0", "c1", "c2", "c3"):
            group = part & frame[column].to_numpy()
            own = frame.filter(pl.Series(group))
            assert came[group].mean() == pytest.approx(own["came"].mean(), abs=0.045)
            assert time[group].mean() == pytest.approx(own["time"].mean(), abs=0.09)
    lost = ~frame["came"].to_numpy() & ~frame["locked"].to_numpy()
    ends = np.array([one.to_numpy() for _, one in drawn])[:, lost]
    assert (ends <= frame["time"].to_numpy()[lost] + 1e-12).all()  # nobody is seen beyond their own day


def test_nothing_of_the_locked_people_is_used() -> None:
    frame, settings = world(), Settings(max_order=2, threads=1)
    definitions = define(frame, exclude=BESIDE, settings=settings)
    away = frame["locked"].to_numpy()
    found = search(
        frame.filter(~pl.Series(away)), definitions, outcome="came", kind="time", follow_up="time", settings=settings
    )
    other = frame.with_columns(
        came=pl.when("locked").then(~pl.col("came")).otherwise("came"),
        time=pl.when("locked").then(pl.col("time") / 2).otherwise("time"),
    )
    one, two = (
        background(some, definitions, found, away, cluster=None, settings=settings).drawn(np.random.default_rng(1))
        for some in (frame, other)
    )
    assert all(left.equals(right) for left, right in zip(one, two, strict=True))


def test_a_planted_combination_comes_sooner() -> None:
    frame, settings = world(), Settings(max_order=2, threads=1)
    definitions = define(frame, exclude=BESIDE, settings=settings)
    found = search(frame, definitions, outcome="came", kind="time", follow_up="time", settings=settings)
    away = np.zeros(frame.height, dtype=np.bool_)
    made = background(frame, definitions, found, away, cluster=None, settings=settings)
    places = (0, 3)
    group = made.held[list(places)].all(axis=0)
    plain, more = (
        np.mean([made.drawn(np.random.default_rng(seed), planted)[0].to_numpy()[group].mean() for seed in range(8)])
        for planted in ((), [(3.0, places)])
    )
    assert more > plain + 0.15
