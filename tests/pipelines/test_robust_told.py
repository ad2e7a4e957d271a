"""`finding show` tells what a finding was held against, in true numbers and both languages."""

from __future__ import annotations

from analysis.values import (
    Cell,
    Condition,
    Discovery,
    Evidence,
    Finding,
    NegativeControl,
    OtherCut,
    Robustness,
    YearGap,
)
from pipelines import findings, state
from pipelines.robust_told import robustness_lines
from reports.catalogue import Language
from tests.pipelines import release_builders

A, B = (Condition(column=name, operator="==", value=True) for name in ("a", "b"))
TOLD = Robustness(
    resamples=400, same_sign=0.995, half_size=0.81, people_to_fall=17, explained=1, explains=((A, B),),
    cuts=(OtherCut(condition=Condition(column="a", operator=">=", value=70), size=0.43),),
    years=(YearGap(year="2023", people=213, observed=41, expected=28.4),),
    controls=(NegativeControl(name="hay_fever", p=0.31, ratio=1.04),),
)  # fmt: skip


def made(told: Robustness | None) -> Discovery:
    cells = tuple(
        Cell(holds=(one, two), people=500, observed=60, expected=50.0) for one in (False, True) for two in (False, True)
    )
    seen = Evidence(
        people=500, observed=60, expected=50.0, expected_low=40.0, expected_high=55.0, expected_crude=50.0,
        ratio_low=1.05, ratio_high=1.5, robustness=told, cells=cells,
    )  # fmt: skip
    finding = Finding(
        conditions=(A, B), direction="more", status="discovered", above_parts=True, p_search=0.01, p_confirm=None,
        search=seen,
    )  # fmt: skip
    return Discovery(
        outcome_column="y", outcome_positive=True, people_searched=2_000, people_locked=0, outcomes_searched=240,
        searched=9, tested=9, alpha=0.05, findings=(finding,),
    )  # fmt: skip


def workspace_with(tmp_path, told):
    workspace = release_builders.workspace(tmp_path / "w")
    run = workspace / "runs" / "K-0001"
    run.mkdir(parents=True)
    (run / "done.json").write_text("{}")
    state.write(run / "confirmed.json", made(told))
    return workspace, findings.finding_key(made(told).findings[0])


def test_every_check_is_told_with_its_own_numbers(tmp_path):
    workspace, key = workspace_with(tmp_path, TOLD)
    for language, digits in ((Language.DA, ("99,5", "28,4", "0,43", "1,04")), (Language.EN, ("99.5", "28.4", "0.43"))):
        said = "\n".join(robustness_lines(workspace, key, language))
        for figure in (*digits, "400", "2023", "213", "41", "hay_fever", "17"):
            assert figure in said, (language, figure)
        assert len(said.splitlines()) == 7


def test_nothing_is_told_of_what_was_not_looked_at(tmp_path):
    workspace, key = workspace_with(tmp_path, None)
    assert robustness_lines(workspace, key, Language.DA) == []
