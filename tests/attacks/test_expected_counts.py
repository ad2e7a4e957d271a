"""Attack 6 by expected counts: a row's hidden numerator worked out from what the other rows are expected to have.

The attacker has everything in his favour: he knows every number of people exactly, and that the background holds the
two parts and nothing else, so that each expected count is a known function of the four numerators. Of a hidden one he
knows that it lies between 1 and 9. He has it where only 1 to 4 is left.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import brentq
from scipy.special import logit

from analysis.evidence import crude
from analysis.families import Family
from analysis.readings import Cells
from analysis.values import Cell, Condition, Discovery, Evidence, Finding
from pipelines.findings import numbered
from pipelines.gate import Gate
from pipelines.release import gate_findings
from reports.values import Words

WORDS = Words(da="x", en="x")
ORDER = [(False, False), (False, True), (True, False), (True, True)]  # as the cells of a finding stand
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])  # a gap in the last row is the same gap in the first, turned in the others
KEY = bytes(range(32))
OFF = 5  # printed counts lie less than this from the true ones


def expected(people: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """The four expected counts of a logistic background that holds both parts' own effects."""

    def contrast(gap: float) -> float:
        risks = (observed - SIGNS * gap) / people
        return float(SIGNS @ logit(np.clip(risks, 1e-12, 1 - 1e-12)))

    low = max(observed[0] - people[0], observed[3] - people[3], -observed[1], -observed[2])
    high = min(observed[0], observed[3], people[1] - observed[1], people[2] - observed[2])
    return np.asarray(observed - SIGNS * brentq(contrast, low + 1e-6, high - 1e-6))


def finding(people: np.ndarray, observed: np.ndarray) -> Finding:
    wanted = expected(people, observed)
    nothing = np.zeros(4)
    made = Cells(np.zeros(0, dtype=np.int64), people, observed, nothing, nothing, SIGNS)
    ratio = observed[3] / wanted[3]
    evidence = Evidence(
        people=int(people[3]), observed=int(observed[3]), expected=float(wanted[3]), expected_low=1.0,
        expected_high=1e6, expected_crude=crude(made, Family(), None), ratio_low=ratio / 1.3, ratio_high=ratio * 1.3,
        cells=tuple(
            Cell(holds=holds, people=int(many), observed=int(count), expected=float(mean))
            for holds, many, count, mean in zip(ORDER, people, observed, wanted, strict=True)
        ),
    )  # fmt: skip
    return Finding(
        conditions=tuple(Condition(column=one, operator="==", value=True) for one in "ab"), direction="more",
        status="confirmed", above_parts=True, p_search=1e-6, p_confirm=1e-4, search=evidence, locked=evidence,
    )  # fmt: skip


def printed(found: Finding, gate: Gate):  # type: ignore[no-untyped-def]
    """The card as the release gate lets it through."""
    discovery = Discovery(
        outcome_column="y", outcome_positive=True, people_searched=70_000, people_locked=30_000,
        outcomes_searched=7_000, searched=10, tested=5, alpha=0.05, findings=(found,), tried=1,
    )  # fmt: skip
    shown = gate_findings(
        discovery, numbered([found]), gate=gate, publish_from="confirmed", columns={}, notes={}, objection=WORDS,
        service_objection=WORDS,
    )  # fmt: skip
    return shown.cards[0] if shown.cards else None


def unprotected(found: Finding, card):  # type: ignore[no-untyped-def]
    """The twin: every expected count and the unadjusted one stand there, whatever row is withheld."""
    gate = Gate(key=KEY, smallest_group=10, smallest_difference=5)
    seen = found.shown
    rows = [
        gate.expected(str(cell.holds), "mean", cell.expected, observed=cell.observed, printed=row.observed or 0)
        for cell, row in zip(seen.cells, card.rows, strict=True)
    ]
    return rows, gate.expected("x", "crude", seen.expected_crude, observed=seen.observed, printed=card.observed)


def tables(count: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Tables of a finding in which the third row (a alone) has 1 to 4 people with the outcome."""
    draw = np.random.default_rng(seed)
    made = []
    while len(made) < count:
        people = np.array([draw.integers(*ends) for ends in ((4_000, 20_000), (600, 4_000), (80, 400), (300, 2_500))])
        observed = np.rint(people * draw.uniform([0.02, 0.02, 0.01, 0.03], [0.1, 0.2, 0.05, 0.3])).astype(int)
        observed[2] = draw.integers(1, 5)
        if observed[3] >= 40 and observed.min() >= 1:
            made.append((people, observed))
    return made


def turned(people: np.ndarray, first: float, second: float, last: float) -> float:
    """The third row's count that leaves no contrast beside these of the other three."""
    eta = logit(last / people[3]) - logit(second / people[1]) + logit(first / people[0])
    return float(people[2] / (1.0 + np.exp(-eta)))


def left_by_crude(people: np.ndarray, card, told: int) -> set[int]:  # type: ignore[no-untyped-def]
    """Numerators of the hidden row that the unadjusted expected count leaves: its formula turned round."""
    rows = [row.observed for row in card.rows]
    ends = [
        turned(people, max(rows[0] + a, 0.5), max(rows[1] + b, 0.5), max(told + c, 0.5))
        for a, b, c in product((-OFF, OFF), repeat=3)
    ]
    return {count for count in range(1, 10) if min(ends) <= count <= max(ends)}


def left_by_rows(people: np.ndarray, card, wanted: list[int | None], off: int = OFF) -> set[int]:  # type: ignore[no-untyped-def]
    """Numerators of the hidden row that fit the others' printed expected counts, and the rule they are printed by.

    All rows share one gap, and a printed one is off from it by less than `off`: the more of them, the closer it is.
    Given the gap, the other rows' expected counts leave the hidden row's by the contrast that they do not have.
    """
    shown = [place for place in (0, 1, 3) if wanted[place] is not None]
    gaps = [SIGNS[place] * (card.rows[place].observed - wanted[place]) for place in shown]
    ways: list[float] = []  # the hidden numerator moves without a jump with the gap: all between these is left
    for gap in np.linspace(max(gaps) - off, min(gaps) + off, 21):
        ends = {}
        for place in (0, 1, 3):
            low, high = (card.rows[place].observed - SIGNS[place] * gap + end for end in (-OFF, OFF))
            if wanted[place] is not None:
                low, high = max(low, wanted[place] - off), min(high, wanted[place] + off)
            ends[place] = (max(low, 0.5), max(high, 0.5))
        if any(low > high for low, high in ends.values()):
            continue
        ways += [turned(people, *each) - gap for each in product(*(ends[place] for place in (0, 1, 3)))]
    return {count for count in range(1, 10) if min(ways) <= count <= max(ways)}


def has_it(left: set[int]) -> bool:
    return bool(left) and left <= set(range(1, 5))


def test_expected_counts_do_not_give_a_hidden_numerator_away(attack_row):
    by_crude = by_rows = alone = through = tried = 0
    for people, observed in tables(150, seed=6):
        found = finding(people, observed)
        card = printed(found, Gate(key=KEY, smallest_group=10, smallest_difference=5))
        if card is None or card.expected is None:
            continue
        tried += 1
        assert card.rows[2].observed is None
        assert card.expected_crude is None
        assert [row.expected for row in card.rows[:3]] == [None, None, None]
        rows, turned = unprotected(found, card)
        by_crude += has_it(left_by_crude(people, card, turned))
        by_rows += has_it(left_by_rows(people, card, rows))
        alone += has_it(left_by_rows(people, card, [None, None, None, rows[3]]))
        through += has_it(left_by_rows(people, card, [None, None, None, card.expected], 2 * OFF))
    assert by_crude > 0  # both ways work where nothing protects
    assert by_rows > 0
    assert alone > 0  # the combination's own expected count in steps of 5
    attack_row.row(
        "6",
        tried=f"{tried} cards with a hidden row",
        twin=f"{by_crude} by the unadjusted, {by_rows} by the rows', {alone} by the last one's",
        result=f"{through} solved",
        limit="0",
        held=through == 0,
    )


def test_a_card_whose_rows_all_stand_has_every_expected_count():
    people, observed = np.array([9_000, 1_500, 900, 400]), np.array([400, 120, 80, 90])
    card = printed(finding(people, observed), Gate(key=KEY, smallest_group=10, smallest_difference=5))
    assert None not in [row.expected for row in card.rows]
    assert card.expected_crude is not None


def test_one_persons_outcome_moves_no_expected_count_overnight(attack_row):
    """Everybody but one is known to the attacker, who looks for a difference between two nights' expected counts."""
    draw = np.random.default_rng(8)
    works = through = tried = 0
    for _ in range(60):
        people = np.array([draw.integers(*ends) for ends in ((4_000, 9_000), (600, 2_000), (400, 900), (300, 900))])
        observed = np.rint(people * draw.uniform(0.05, 0.3, 4)).astype(int)
        gate = Gate(key=KEY, smallest_group=10, smallest_difference=5)
        first = printed(finding(people, observed), gate)
        after = observed.copy()
        after[draw.integers(4)] += 1
        later = finding(people, after)
        twin = printed(later, Gate(key=KEY, smallest_group=10, smallest_difference=5))
        ours = printed(later, Gate(key=KEY, smallest_group=10, smallest_difference=5, published=gate.now))
        if first is None or twin is None or ours is None:
            continue
        tried += 1
        works += [row.expected for row in twin.rows] != [row.expected for row in first.rows]
        if first.coarse != ours.coarse:
            continue  # words in place of all figures: no figure moved
        through += [row.expected for row in ours.rows] != [row.expected for row in first.rows]
    assert works > 0  # where nothing is remembered the attack works
    attack_row.row(
        "6",
        tried=f"{tried} cards on two nights, one outcome apart",
        twin=f"{works} differ",
        result=f"{through} differ",
        limit="0",
        held=through == 0,
    )
