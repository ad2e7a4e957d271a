"""Two nights side by side: one person more or less must not show in what is printed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.values import Discovery
from pipelines.findings import numbered
from pipelines.gate import P_STEPS, Gate
from pipelines.release import gate_findings, rounded_reasons
from pseudonymisation import disclosure
from reports.values import Words
from tests.pipelines.test_release import LARGE, WORDS, finding

KEY = b"n" * 32
REASONS = {"cpr": 31, "date": 30, "code": 14}


def night(before: Gate | None = None) -> Gate:
    return Gate(key=KEY, smallest_group=10, smallest_difference=5, published=before.now if before else {})


def printed_reasons(counts: dict[str, int], gate: Gate) -> dict[str, int]:
    ordered = sorted(counts.items(), key=lambda entry: -entry[1])  # as a run's account has them
    told = rounded_reasons([(name, Words(da=name, en=name), rows) for name, rows in ordered], gate, "register")
    return {words.en: rows for words, rows in told}


def naive_reasons(counts: dict[str, int]) -> dict[str, int]:
    """Rounded by place among the others, and anew each night."""
    ordered = sorted(counts.items(), key=lambda entry: -entry[1])
    return {
        name: disclosure.rounded(rows, base=10, key=KEY, cell=f"register|{place}")
        for place, (name, rows) in enumerate(ordered)
    }


def test_refused_rows_by_reason_do_not_move_for_one_row() -> None:
    more = [{**REASONS, name: rows + step} for name, rows in REASONS.items() for step in range(1, 10)]
    assert any(naive_reasons(after) != naive_reasons(REASONS) for after in more)  # the attack works
    first = night()
    before = printed_reasons(REASONS, first)
    assert all(printed_reasons(after, night(first)) == before for after in more)
    assert printed_reasons({**REASONS, "code": 40}, night(first))["code"] > before["code"]


def test_a_share_of_missing_values_is_no_count_of_few_people() -> None:
    assert round(100 * (2 / 50)) == 4  # 4 % of 50 rows: two people
    assert night().share("r|a", 2 / 50, of=50) is None
    assert night().share("r|a", 48 / 50, of=50) is None
    first = night()
    before = first.share("r|a", 20 / 60, of=60)
    assert before is not None
    assert 0.15 < before <= 0.6
    assert {night(first).share("r|a", (20 + step) / 60, of=60) for step in range(-5, 6)} == {before}
    assert len({round(100 * (20 + step) / 60) for step in range(-5, 6)}) == 11  # the attack works
    assert night().share("r|a", 0.25, of=40_000) == pytest.approx(0.25, abs=0.001)


def printed(p_search: float, gate: Gate, *, p_confirm: float | None = 1e-4):  # type: ignore[no-untyped-def]
    return _gated((replace(finding(LARGE, "a", "b"), p_search=p_search, p_confirm=p_confirm),), gate)


def _gated(found, gate: Gate):  # type: ignore[no-untyped-def]
    discovery = Discovery(
        outcome_column="y", outcome_positive=True, people_searched=7000, people_locked=3000, outcomes_searched=700,
        searched=10, tested=5, alpha=0.05, findings=found, tried=1,
    )  # fmt: skip
    return gate_findings(
        discovery, numbered(found), gate=gate, publish_from="confirmed", columns={}, notes={}, objection=WORDS,
        service_objection=WORDS,
    )  # fmt: skip


def test_a_p_value_tells_no_two_nights_apart_where_the_counts_stand() -> None:
    """Measured in a demo of 12,000: one person's messages removed moves every p, and no printed count."""
    one, other = 1.7464975612704184e-08, 1.7456740030731853e-08
    assert f"{one}" != f"{other}"  # printed with all its digits, it tells that somebody is gone
    first = night()
    before, after = printed(one, first), printed(other, night(first))
    assert before.json_by_id == after.json_by_id
    assert before.json_by_id["F-001"]["p_search"] == before.cards[0].p_search == 1e-7
    # at the edge of a step too, where one person would cross it
    edge = night()
    low = printed(0.9999e-3, edge).json_by_id["F-001"]["p_search"]
    assert printed(1.0001e-3, night(edge)).json_by_id["F-001"]["p_search"] == low == 0.001
    assert printed(0.2e-5, night(edge)).json_by_id["F-001"]["p_search"] == 1e-5


@pytest.mark.parametrize("alpha", [0.05, 0.03])
def test_a_printed_p_value_stays_on_its_side_of_alpha(alpha: float) -> None:
    values = [0.0, 1e-15, *P_STEPS, 0.029, 0.031, 0.049, 0.051, 0.7]
    for p in values:
        first = night()
        told = first.p_value("a", p, alpha=alpha)
        assert told is not None
        assert told >= p  # never surer than it is
        assert (told <= alpha) == (p <= alpha)
        for later in values:
            after = night(first).p_value("a", later, alpha=alpha)
            assert after is not None
            assert (after <= alpha) == (later <= alpha)
    assert night().p_value("a", None, alpha=alpha) is None


def test_a_group_within_one_that_was_printed_last_night_is_held_back() -> None:
    """Last night a and b, 150 people; tonight only a, b and c, 148: two people have a and b but not c."""
    within = {
        "000": (2000, 120), "001": (400, 40), "010": (380, 38), "011": (60, 20), "100": (300, 30), "101": (60, 20),
        "110": (2, 1), "111": (148, 59),
    }  # fmt: skip
    wide, narrow = finding(LARGE, "a", "b"), finding(within, "a", "b", "c")
    for before, after in ((wide, narrow), (narrow, wide)):
        assert _cards(after, night())  # alone it may be shown: a gate that forgets last night shows it
        first = night()
        assert _cards(before, first)
        assert not _cards(after, night(first))
        assert _cards(before, night(first)) == _cards(before, night())  # the same again is no matter
    apart = {**within, "110": (20, 9), "111": (130, 51)}
    first = night()
    assert _cards(wide, first)
    assert _cards(finding(apart, "a", "b", "c"), night(first))  # twenty people, not two


def _cards(found, gate: Gate):  # type: ignore[no-untyped-def]
    return _gated((found,), gate).cards
