"""An own lead is written down before the lock opens, tried once with the others, and refused afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.values import Condition, Discovery
from pipelines import ledger, patterns, proposals, run, state
from pipelines.demo import make_municipality
from pipelines.errors import InputError, InputErrors
from pipelines.study import read_study
from tests.pipelines.study_builders import HEAD, study_text, written

LEAD = "flyttet_180d=ja & bor_alene=ja"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    folder = tmp_path / "k"
    make_municipality(folder, people=1_500, seed=4)
    study = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        study.replace("\nself_test_seconds = 1\n", "\nself_test_seconds = 0\n").replace(
            'known = ["flyttet_180d=ja & plejebolig=ja"]', 'known = ["noedkald=ja & saarpleje=ja"]'
        ),
        encoding="utf-8",
    )
    return folder


def test_an_own_lead_is_tried_in_the_locked_part_and_none_can_be_written_down_after(workspace: Path) -> None:
    outcome = read_study(workspace).outcomes[0].name
    made = proposals.propose(workspace, LEAD, outcome=outcome, because="de ansatte ser det", direction="more")
    line = [one for one in ledger.read(workspace) if one["action"] == "hypothesis.add"]
    assert len(line) == 1
    assert len(line[0]["object"]["sha256"]) == 64
    assert line[0]["ts"]
    with pytest.raises(InputError, match="propose_twice"):
        proposals.propose(workspace, LEAD, outcome=outcome, because="igen")
    done = run.run(workspace, confirm=True)
    assert done.report.exists()
    found = state.read(workspace / "runs" / "K-0001" / "confirmed.json", Discovery)
    mine = [one for one in found.findings if {c.column for c in one.conditions} == {"flyttet_180d", "bor_alene"}]
    assert len(mine) == 1
    assert mine[0].proposed
    assert mine[0].direction == made.direction
    assert mine[0].p_confirm is not None  # it had its one attempt
    assert [{c.column for c in known} for known in found.known] == [{"noedkald", "saarpleje"}]
    assert "sårpleje" in done.report.read_text(encoding="utf-8")  # the report says what was taken as known
    with pytest.raises(InputError, match="propose_after_lock"):
        proposals.propose(workspace, "noedkald=ja & bor_alene=ja", outcome=outcome, because="for sent")


@pytest.mark.parametrize(
    ("pattern", "outcome", "because", "key"),
    [
        ("flyttet_180d", "", "x", "pattern_shape"),
        ("flyttet_180d=ja", "", "x", "pattern_parts"),
        ("flyttet_180d=ja & flyttet_180d=ja", "", "x", "pattern_parts"),
        ("flyttet=ja & bor_alene=ja", "", "x", "pattern_column"),
        ("flyttet_180d=nej & bor_alene=ja", "", "x", "pattern_value"),
        (LEAD, "andet", "x", "propose_outcome"),
        (LEAD, "", " ", "propose_because"),
        (LEAD, "", "om 710199-1234", "fund_names_somebody"),
    ],
)
def test_what_is_not_understood_is_refused_before_the_ledger_hears_of_it(
    workspace: Path, pattern: str, outcome: str, because: str, key: str
) -> None:
    chosen = outcome or read_study(workspace).outcomes[0].name
    with pytest.raises(InputError, match=key) as refused:
        proposals.propose(workspace, pattern, outcome=chosen, because=because)
    assert "710199" not in refused.value.text("da")
    assert not list(ledger.read(workspace))


def test_a_pattern_is_read_as_conditions_of_each_columns_kind() -> None:
    import polars as pl

    kinds = {"a": pl.Boolean(), "b": pl.Float64(), "c": pl.String(), "d": pl.Int64()}
    parts = patterns.parse("c=Høj & a=Ja & b>=2,5", file="x")
    assert patterns.conditions(parts, kinds, file="x") == (
        Condition(column="a", operator="==", value=True),
        Condition(column="b", operator=">=", value=2.5),
        Condition(column="c", operator="==", value="Høj"),
    )
    unknown = patterns.conditions(patterns.parse("c=? & d=3", file="x"), kinds, file="x")
    assert [one.value for one in unknown] == [None, 3]
    with pytest.raises(InputError, match="pattern_value"):
        patterns.conditions(patterns.parse("a=måske & d=3", file="x"), kinds, file="x")


def test_a_known_pattern_that_names_no_characteristic_stops_the_study(tmp_path: Path) -> None:
    text = study_text(head=HEAD.replace("\nkey", '\nknown = ["faldt=ja & fløj=ja", "faldt"]\nkey'))
    with pytest.raises(InputErrors) as refused:
        written(tmp_path, text)
    assert [error.key for error in refused.value.errors] == ["pattern_column", "pattern_shape"]
