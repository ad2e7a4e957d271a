"""A report is released when it has been held against enough placebos; the DPO's page says what they showed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.values import Planted, SelfTest
from pipelines import self_tests, state
from pipelines.dpo import LedgerSummary, page_of
from pipelines.errors import InputError
from pipelines.study import read_study
from reports import render_dpo
from reports.values import Funnel
from tests.pipelines import release_builders
from tests.reports import builders

REAL = replace(builders.example_report(), demo=False)


@pytest.mark.parametrize(("runs", "refused"), [(0, True), (19, True), (20, False), (40, False)])
def test_a_report_with_fewer_than_twenty_placebos_is_not_released(runs, refused):
    report = replace(REAL, placebo_runs=runs)
    if not refused:
        self_tests.refuse_too_few(report, file=Path("study.toml"))
        return
    with pytest.raises(InputError) as caught:
        self_tests.refuse_too_few(report, file=Path("study.toml"))
    assert caught.value.key == "too_few_placebos"
    for language in ("da", "en"):
        assert "self_test_seconds" in caught.value.text(language)


def test_demos_and_empty_searches_are_let_through():
    nothing = Funnel(searched=0, tested=0, discovered=0, tried=0, confirmed=0)
    for report in (replace(REAL, demo=True), replace(REAL, funnel=nothing)):
        self_tests.refuse_too_few(report, file=Path("study.toml"))
    with pytest.raises(InputError, match="too_few_placebos"):
        self_tests.refuse_too_few(replace(REAL, kind="time", placebo_runs=0), file=Path("study.toml"))


def test_the_request_itself_is_refused(tmp_path):
    from pipelines import release_files

    workspace = release_builders.workspace(tmp_path / "w")
    run = workspace / "runs" / "K-0001"
    run.mkdir(parents=True)
    (run / "done.json").write_text("{}")
    state.write(run / "report.json", replace(REAL, placebo_runs=19))
    with pytest.raises(InputError, match="too_few_placebos"):
        release_files._write_report(workspace, "K-0001", tmp_path / "files")
    assert not list((tmp_path / "files").glob("*")) if (tmp_path / "files").exists() else True


def test_the_dpos_page_says_what_the_newest_run_showed(tmp_path):
    workspace = release_builders.workspace(tmp_path / "w")
    for name, runs in (("K-0001", 7), ("K-0002", 23)):
        (workspace / "runs" / name).mkdir(parents=True)
        told = SelfTest(placebo_runs=runs, placebo_discovered=1, planted=(Planted(odds=2.0, planted=3, found=2),))
        state.write(workspace / "runs" / name / self_tests.FILE, told)
    at = builders.example_dpo().made
    done = LedgerSummary(lines=0, head="", first=at, newest=(), runs=())
    page = page_of(workspace, read_study(workspace), {}, controls=(), done=done, at=at)
    html = render_dpo(page, language="da")
    assert "23 i seneste kørsel" in html
    assert "2 af 3" in html
