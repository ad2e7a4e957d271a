"""The DPO's sample: drawn lines only, judged by a DPO, an unexplained one waits with a deadline."""

from __future__ import annotations

import pytest

from pipelines import ledger, sample_acts
from pipelines.errors import InputError
from tests.pipelines.release_builders import cheap_argon2, everybody, workspace


@pytest.fixture
def here(tmp_path, monkeypatch):
    from datetime import UTC, datetime, timedelta

    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    cheap_argon2(monkeypatch)
    made = workspace(tmp_path / "ws")
    for number in range(40):
        at = datetime(2026, 10, 20, 9, tzinfo=UTC) + timedelta(hours=7 * number)
        event = ledger.Event(
            at=at, action="read", study="s", purpose="p", basis="b", role="analyst" if number % 2 else "system"
        )
        ledger.append(made, event, actor="anna")
    return made


def test_only_what_people_did_in_the_closed_month_is_drawn(here):
    sample = sample_acts.open_sample(here)
    assert sample.month == "2026-10"
    assert len(sample.lines) == 5
    assert {one.line["role"] for one in sample.lines} == {"analyst"}
    assert sample == sample_acts.open_sample(here)  # anyone can repeat it


def test_a_judgement_stands_in_the_ledger_and_an_unexplained_line_waits(here):
    people = everybody()
    first, second = sample_acts.open_sample(here).lines[:2]
    sample_acts.judge(here, first.number, "explained", people["dorte"].account)
    sample_acts.judge(here, second.number, "unexplained", people["dorte"].account)
    after = sample_acts.open_sample(here)
    assert [one.judged for one in after.lines[:3]] == ["explained", "unexplained", ""]
    assert [one.number for one in after.unexplained] == [second.number]
    sample_acts.judge(here, second.number, "explained", people["dorte"].account)
    assert sample_acts.open_sample(here).unexplained == ()


def test_nobody_else_judges_and_no_other_line_is_judged(here):
    people = everybody()
    number = sample_acts.open_sample(here).lines[0].number
    for person in ("anna", "britt", "rikke"):
        with pytest.raises(InputError):
            sample_acts.judge(here, number, "explained", people[person].account)
    drawn = {one.number for one in sample_acts.open_sample(here).lines}
    other = next(line.number for line in ledger.read(here) if line.number not in drawn)
    with pytest.raises(InputError):
        sample_acts.judge(here, other, "explained", people["dorte"].account)
