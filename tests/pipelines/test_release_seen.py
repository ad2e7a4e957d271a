"""The share of a group in care homes tells nobody's home; a card says for whom its outcome can be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.values import Condition, Evidence, Finding, Redone, Robustness
from pipelines.contract_schema import SeenFor
from pipelines.gate import Gate
from pipelines.release_seen import in_care_home, seen_words
from pipelines.study import Known
from reports import render_report
from reports.values import CareHome
from tests.pipelines.contract_builders import contract
from tests.pipelines.study_builders import study_text, written
from tests.reports import builders

A, B, HOME = (Condition(column=name, operator="==", value=True) for name in ("a", "b", "plejebolig"))


def finding(people: int, there: int, *conditions: Condition) -> Finding:
    told = Robustness(
        resamples=400, same_sign=1.0, half_size=1.0,
        redone=(Redone(name="plejebolig", people=people - there, observed=20, size=1.0),),
    )  # fmt: skip
    seen = Evidence(
        people=people, observed=people // 4, expected=people / 6, expected_low=1.0, expected_high=99.0,
        expected_crude=1.0, ratio_low=1.1, ratio_high=1.9, robustness=told, cells=(),
    )  # fmt: skip
    return Finding(
        conditions=conditions or (A, B), direction="more", status="discovered", above_parts=True, p_search=0.001,
        p_confirm=None, search=seen,
    )  # fmt: skip


def shown(people: int, there: int, *conditions: Condition, published=None) -> CareHome | None:  # type: ignore[no-untyped-def]
    gate = Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5, published=published or {})
    return in_care_home(finding(people, there, *conditions), "plejebolig", gate, name="searched|[]|11")


@pytest.mark.parametrize("people", [60, 99, 100, 101, 137, 640, 2_000])
def test_an_attacker_who_knows_the_group_exactly_is_left_with_five_counts_or_more(people):
    """The twin prints the share in whole percent; there, of a hundred people, the count itself is told."""
    fits: dict[int | None, list[int]] = {}
    whole: dict[int, list[int]] = {}
    for there in range(people + 1):
        made = shown(people, there)
        assert made is not None
        fits.setdefault(made.percent, []).append(there)
        whole.setdefault(round(100 * there / people), []).append(there)
    assert people > 640 or min(map(len, whole.values())) < 5
    for percent, counts in fits.items():
        if percent is None:
            assert {*range(1, 10), *range(people - 9, people)} <= set(counts)
        else:
            assert len(counts) >= 5 or set(counts) <= {0, people}  # that nobody is there may be told
            assert all(percent <= 100 * there / people <= percent + 5 for there in counts)


def test_a_share_stands_until_the_true_one_has_moved_by_a_step():
    gate = Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5)
    first = in_care_home(finding(200, 49), "plejebolig", gate, name="searched|[]|11")
    assert first == CareHome(percent=20)
    assert shown(200, 50, published=gate.now) == first
    assert shown(200, 50) == CareHome(percent=25)


def test_a_finding_about_care_homes_and_a_study_without_one_say_nothing():
    assert shown(200, 50, A, HOME) is None
    gate = Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5)
    assert in_care_home(finding(200, 50), None, gate, name="x") is None


@pytest.mark.parametrize(
    ("share", "da", "en"),
    [
        (CareHome(percent=0), "under 5 % af gruppen", "less than 5% of the group"),
        (CareHome(percent=35), "mellem 35 og 40 % af gruppen", "between 35 and 40% of the group"),
        (CareHome(percent=95), "95 % af gruppen eller flere", "95% of the group or more"),
        (CareHome(), "for få til at vise", "too few to show"),
    ],
)
def test_the_card_says_the_share_in_words(share, da, en):
    report = replace(builders.example_report(), cards=(replace(builders.pair_card(), care_home=share),))
    for language, words in (("da", da), ("en", en)):
        assert f"</strong> {words}." in render_report(report, language)


def test_for_whom_the_outcome_can_be_seen_is_said_by_contract_or_study(tmp_path):
    outcome = written(tmp_path, study_text()).outcome
    told = contract(tmp_path / "told")
    everybody = seen_words(outcome, {outcome.register: replace(told, seen_for="everybody")})
    assert "alle i undersøgelsen" in everybody.da
    assert "everybody" in everybody.en
    others = replace(told, register="klienter", label_da="Klienterne", label_en="Clients")
    some = replace(told, seen_for=SeenFor(register="klienter", date="fra"))
    by_contract = seen_words(outcome, {outcome.register: some, "klienter": others})
    by_study = seen_words(
        replace(outcome, unknown_unless=Known(register="klienter", date="fra")),
        {outcome.register: replace(told, seen_for="everybody"), "klienter": others},
    )
    assert by_contract == by_study
    assert "»Klienterne«" in by_contract.da
    assert "“Clients”" in by_contract.en
    assert "siger ikke" in seen_words(outcome, {outcome.register: replace(told, seen_for=None)}).da
    assert "does not say" in seen_words(outcome, {}).en
