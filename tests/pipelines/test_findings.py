"""findings.json: its schema, ids that stay, and conditions that are the same whatever their order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.values import Cell, Condition, Discovery, Evidence, Finding
from pipelines import findings, state, tried
from pipelines.errors import InputError


def finding(*columns: str, status: str = "discovered", p: float = 0.001, p_confirm: float | None = None) -> Finding:
    conditions = tuple(Condition(column=one, operator="==", value=True) for one in columns)
    cells = tuple(
        Cell(holds=holds, people=100, observed=20, expected=18.5)
        for holds in ((False, False), (False, True), (True, False), (True, True))
    )
    evidence = Evidence(
        people=100, observed=40, expected=18.5, expected_low=15, expected_high=22, expected_crude=17,
        ratio_low=1.5, ratio_high=float("inf"), cells=cells,
    )  # fmt: skip
    return Finding(
        conditions=conditions, direction="more", status=status, above_parts=True, p_search=p, p_confirm=p_confirm,  # type: ignore[arg-type]
        search=evidence, locked=evidence if p_confirm is not None else None,
    )  # fmt: skip


def discovery(*found: Finding) -> Discovery:
    return Discovery(
        outcome_column="y", outcome_positive=True, people_searched=700, people_locked=300, outcomes_searched=70,
        searched=10, tested=5, alpha=0.05, findings=found,
    )  # fmt: skip


def test_a_value_survives_the_way_between_two_steps(tmp_path: Path) -> None:
    made = discovery(finding("a", "b"))
    state.write(tmp_path / "x.json", made)
    assert state.read(tmp_path / "x.json", Discovery) == made
    assert (tmp_path / "x.json").stat().st_mode & 0o077 == 0


def test_a_combination_keeps_its_id_from_run_to_run(tmp_path: Path) -> None:
    first = findings.numbered([finding("a", "b"), finding("c", "d")], prefix="F-2026-")
    assert [one.id for one in first] == ["F-2026-001", "F-2026-002"]
    content = findings.as_json(discovery(finding("a", "b"), finding("c", "d")), first, rounded=False)
    findings.write_json(tmp_path / "findings.json", content)
    again = findings.numbered(
        [finding("e", "f"), finding("d", "c")], prefix="F-2026-", known=findings.known_ids(tmp_path)
    )
    assert [one.id for one in again] == ["F-2026-003", "F-2026-002"]


def test_findings_json_says_what_the_design_says() -> None:
    made = discovery(finding("a", "b"))
    content = json.loads(json.dumps(findings.as_json(made, findings.numbered(made.findings), rounded=False)))
    assert set(content) == {
        "schema", "outcome", "people", "people_searched", "people_locked", "searched", "tested", "alpha", "rounded",
        "findings", "kind", "scale", "follow_up", "dispersion",
    }  # fmt: skip
    assert set(content["findings"][0]) == {
        "id", "conditions", "order", "above_parts", "direction", "status", "people", "observed", "expected",
        "expected_crude", "ratio", "ratio_low", "ratio_high", "p_search", "p_confirm", "scales",
    }  # fmt: skip


def test_no_findings_yet_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        findings.read_json(tmp_path)
    assert "undring run" in raised.value.text("da")  # type: ignore[arg-type]


def test_an_answer_of_the_locked_part_is_kept_for_ever(tmp_path: Path) -> None:
    tried.add(tmp_path, [finding("a", "b", status="confirmed", p_confirm=0.01)])
    tried.add(tmp_path, [finding("b", "a", status="refuted", p_confirm=0.9), finding("c", "d")])
    kept = tried.read(tmp_path)
    assert [one.status for one in kept.findings] == ["confirmed"]
    night = tried.with_answers(discovery(finding("c", "d"), finding("a", "b")), kept)
    assert [one.status for one in night.findings] == ["confirmed", "discovered"]
    gone = tried.with_answers(discovery(finding("c", "d")), kept)
    assert [one.status for one in gone.findings] == ["confirmed", "discovered"]  # not in this search, still answered
