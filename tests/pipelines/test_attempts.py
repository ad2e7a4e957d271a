"""The account of attempts: a batch's level, what it spends, and an empty account that refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from analysis.multiplicity import holm
from pipelines import attempts, ledger
from pipelines.errors import InputError
from tests.pipelines.test_findings import finding


def spend(workspace: Path, leads: int) -> None:
    event = ledger.Event(
        at=datetime(2026, 11, 24, tzinfo=UTC), action="attempt", study="s", purpose="p", basis="b", leads=leads
    )
    ledger.append(workspace, event, actor="analyst")


def test_what_the_ledger_says_is_spent(tmp_path: Path) -> None:
    assert attempts.used(tmp_path) == 0
    spend(tmp_path, 3)
    spend(tmp_path, 1)
    assert attempts.used(tmp_path) == 4


def test_a_batch_has_its_share_of_alpha_and_the_strongest_go_first(tmp_path: Path) -> None:
    leads = [finding("a", "b", p=0.04), finding("c", "d", p=0.001), finding("e", "f", p=0.02)]
    made = attempts.batch(leads, alpha=0.05, attempts=20, spent=18, whole_account=False, file=tmp_path)
    assert made.leads == 2
    assert made.level == pytest.approx(0.05 * 2 / 20)
    assert '"c"' in made.keys[0]
    whole = attempts.batch(leads, alpha=0.05, attempts=20, spent=0, whole_account=True, file=tmp_path)
    assert (whole.leads, whole.spends, whole.level) == (3, 20, pytest.approx(0.05))


def test_an_empty_account_refuses(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        attempts.batch([finding("a", "b")], alpha=0.05, attempts=4, spent=4, whole_account=False, file=tmp_path)


def test_the_account_holds_alpha_over_the_life_of_a_split_however_it_is_spent() -> None:
    rng = np.random.default_rng(7)
    lives, alarms, unadjusted = 4_000, 0, 0
    for _ in range(lives):
        left, false = 20, False
        while left:
            size = int(rng.integers(1, left + 1))
            p = rng.uniform(size=size)
            false |= min(holm(p)) <= 0.05 * size / 20
            left -= size
        alarms += false
        unadjusted += bool((rng.uniform(size=20) <= 0.05).any())
    assert unadjusted / lives > 0.5  # the alarm can ring
    assert binomtest(alarms, lives, 0.05, alternative="greater").pvalue > 0.001
