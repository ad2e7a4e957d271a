"""The clock of a breach: it keeps its number, whatever becomes of the process that wrote it down."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from pipelines import breaches, ledger, ledger_evidence
from tests.pipelines.release_builders import cheap_argon2, everybody, workspace

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
KNOWN = ("2026-11-24 08:00", "2026-11-25 14:00", "2026-11-25 16:00")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    cheap_argon2(monkeypatch)
    made = workspace(tmp_path / "ws")
    for _ in range(3):  # the log grows past the evidence: a line's number in one is not its number in the other
        ledger.append(made, ledger.Event(at=NOW, action="read", study="s", purpose="p", basis="b"), actor="anna")
    return made


def killed_between_the_chains(monkeypatch):
    """From here on the log's line is written, and nothing after it."""
    monkeypatch.setattr(ledger_evidence, "append_twin", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))


def numbers(workspace):
    return [one.number for one in breaches.breaches(workspace)]


@pytest.mark.parametrize("killed", itertools.product([False, True], repeat=3))
def test_a_breach_keeps_the_number_it_is_stopped_by_when_a_kill_left_its_line_without_a_twin(here, killed, monkeypatch):
    dpo, shown = everybody()["dorte"].account, []
    for known, kill in zip(KNOWN, killed, strict=True):
        with monkeypatch.context() as patched:
            if kill:
                killed_between_the_chains(patched)
                with pytest.raises(KeyboardInterrupt):
                    breaches.start(here, known, dpo, now=NOW)
            else:
                breaches.start(here, known, dpo, now=NOW)
        shown.append(numbers(here)[0])
    lines = len(list(ledger_evidence.read(here)))
    ledger.append(here, ledger.Event(at=NOW, action="read", study="s", purpose="p", basis="b"), actor="anna")
    assert len(list(ledger_evidence.read(here))) - lines == killed[2]  # it can change: a twin was missing, and is there
    assert numbers(here) == shown[::-1]
    over = breaches.end(here, shown[2], "no_risk", dpo, now=NOW)
    assert (over.number, over.ended) == (shown[2], "no_risk")
    assert [one.ended for one in breaches.breaches(here)] == ["no_risk", "", ""]
