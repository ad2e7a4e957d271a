"""What everybody knows is not found again; what it does not explain still is."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis import Condition, Settings, define, search
from analysis.proposed import with_proposals

SETTINGS = Settings(max_order=2, threads=2)


def _condition(column: str) -> Condition:
    return Condition(column=column, operator="==", value=True)


def _frame() -> pl.DataFrame:
    draw = np.random.default_rng(2)
    holds = draw.random((6_000, 6)) < 0.35
    eta = -2.2 + 1.3 * (holds[:, 0] & holds[:, 1]) + 1.3 * (holds[:, 2] & holds[:, 3])
    return pl.DataFrame(
        {f"c{one}": holds[:, one] for one in range(6)} | {"y": draw.random(6_000) < 1 / (1 + np.exp(-eta))}
    )


def _found(**more: object) -> list[set[str]]:
    frame = _frame()
    definitions = define(frame, exclude=["y"], settings=SETTINGS)
    done = search(frame, definitions, outcome="y", settings=SETTINGS, **more)  # type: ignore[arg-type]
    return [{c.column for c in one.conditions} for one in done.findings if one.status == "discovered"]


def test_a_known_pair_is_not_found_and_the_other_is() -> None:
    assert {"c0", "c1"} in _found()
    assert _found(taken=[(_condition("c0"), _condition("c1"))]) == [{"c2", "c3"}]


def test_a_lead_written_down_goes_along_as_a_lead_and_a_found_one_is_marked() -> None:
    frame = _frame()
    definitions = define(frame, exclude=["y"], settings=SETTINGS)
    look = with_proposals(
        [((_condition("c4"), _condition("c5")), "more"), ((_condition("c0"), _condition("c1")), None)]
    )
    done = search(frame, definitions, outcome="y", settings=SETTINGS, look=look)
    mine = {tuple(c.column for c in one.conditions): one for one in done.findings if one.proposed}
    assert set(mine) == {("c0", "c1"), ("c4", "c5")}
    assert mine["c0", "c1"].status == "discovered"
    lead = mine["c4", "c5"]
    assert (lead.status, lead.direction, lead.p_search) == ("lead", "more", 1.0)
    assert lead.search.people == int((frame["c4"] & frame["c5"]).sum())
    assert lead.search.observed == int((frame["c4"] & frame["c5"] & frame["y"]).sum())
