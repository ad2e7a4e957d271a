"""The door from findings to print: what is shown, what is held back, and that nothing small can be worked out."""

from __future__ import annotations

from itertools import product

from analysis.values import Cell, Condition, Discovery, Evidence, Finding
from pipelines.findings import numbered
from pipelines.gate import Gate
from pipelines.release import gate_findings
from reports.values import Words

WORDS = Words(da="x", en="x")


def finding(counts: dict[str, tuple[int, int]], *columns: str, status: str = "confirmed", **more: object) -> Finding:
    """`counts`: people and outcomes of each cell, by which conditions hold ("01")."""
    cells = tuple(
        Cell(holds=holds, people=people, observed=observed, expected=observed / 1.5)
        for holds in product((False, True), repeat=len(columns))
        for people, observed in [counts["".join("1" if hold else "0" for hold in holds)]]
    )
    last = cells[-1]
    evidence = Evidence(
        people=last.people, observed=last.observed, expected=last.observed / 1.5, expected_low=1, expected_high=99,
        expected_crude=last.observed / 1.4, ratio_low=1.2, ratio_high=1.9, cells=cells,
    )  # fmt: skip
    return Finding(
        conditions=tuple(Condition(column=one, operator="==", value=True) for one in columns),
        direction="more", status=status, above_parts=True, p_search=1e-6, p_confirm=1e-4, search=evidence,
        locked=evidence, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def gated(*found: Finding):  # type: ignore[no-untyped-def]
    discovery = Discovery(
        outcome_column="y", outcome_positive=True, people_searched=7000, people_locked=3000, outcomes_searched=700,
        searched=10, tested=5, alpha=0.05, findings=found, tried=len(found),
    )  # fmt: skip
    gate = Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5)
    return gate_findings(
        discovery, numbered(found), gate=gate, publish_from="confirmed", columns={}, notes={}, objection=WORDS,
        service_objection=WORDS,
    )  # fmt: skip


LARGE = {"00": (2000, 120), "01": (400, 40), "10": (300, 30), "11": (150, 60)}


def test_a_confirmed_finding_becomes_a_card_with_rounded_numbers() -> None:
    shown = gated(finding(LARGE, "a", "b"))
    (card,) = shown.cards
    assert card.step == 2
    assert card.people % 10 == 0
    assert abs(card.people - 150) < 10
    assert card.observed % 5 == 0
    assert card.expected_low is not None
    assert card.expected_high is not None
    assert card.expected_low < card.observed  # the interval's ends are counts, and agree with the decision
    assert card.expected_high < card.observed
    assert shown.funnel.confirmed == 1


def test_the_printed_interval_leaves_no_difference_out_where_the_ratio_does() -> None:
    (card,) = gated(finding(LARGE, "a", "b")).cards
    assert card.ratio_low is not None
    assert card.ratio_low > 1


def test_a_finding_with_a_small_group_keeps_its_place_and_loses_its_numbers() -> None:
    small = {**LARGE, "11": (25, 8)}
    shown = gated(finding(small, "a", "b"))
    assert shown.cards == ()
    assert shown.withheld == 1
    (fallen,) = shown.fallen
    assert fallen.observed is None
    assert fallen.expected is None
    released = shown.json_by_id["F-001"]
    assert released["observed"] is None
    assert released["expected"] is None
    assert set(released) >= {"people", "ratio", "p_search"}  # null, never absent


def test_a_sign_that_differs_between_the_scales_is_never_a_card() -> None:
    shown = gated(finding(LARGE, "a", "b", same_sign_on_both_scales=False))
    assert shown.cards == ()
    assert shown.fallen[0].status == "undecided"


def test_nested_findings_never_subtract_to_a_small_group() -> None:
    outer = finding(LARGE, "a", "b")
    inner_counts = {
        "000": (1000, 60), "001": (1000, 60), "010": (200, 20), "011": (200, 20), "100": (150, 15), "101": (150, 15),
        "110": (12, 12), "111": (147, 57),
    }  # fmt: skip
    both = gated(outer, finding(inner_counts, "a", "b", "c"))
    shown = {card.id: card for card in both.cards}
    # |a and b| = 150, |a, b and c| = 147: their difference is 3 people, whatever the rounding hides
    assert "F-002" not in shown
    assert both.json_by_id["F-002"]["people"] is None
    alone = gated(finding(inner_counts, "a", "b", "c"))
    assert [card.id for card in alone.cards] == ["F-001"]  # by itself it may be shown


def test_words_stand_where_rounding_would_give_a_wrong_gap() -> None:
    # 27 of 67 against 16.4: rounded to 5, the printed gap would be a quarter of the interval off
    misled, shown = 0, 0
    for observed in range(22, 60):
        counts = {**LARGE, "11": (67, observed)}
        cards = gated(finding(counts, "a", "b")).cards
        if not cards:
            continue  # the complement is too small to show
        (card,) = cards
        true = (observed - observed / 1.5) / 67
        half = (observed / 1.2 - observed / 1.9) / 2 / 67
        if card.coarse:
            misled += 1
            assert card.expected is None
            assert card.ratio is None
        else:
            shown += 1
            assert card.expected is not None
            assert abs((card.observed - card.expected) / card.people - true) <= half / 4
    assert misled > 0
    assert shown > 0
