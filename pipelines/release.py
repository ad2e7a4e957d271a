"""The only door from a `Finding` (true numbers) to a `Report` (numbers that may be printed)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from analysis.values import Discovery, Evidence, Finding, Robustness
from pipelines.checks import printed_checks
from pipelines.findings import Numbered, condition_key, finding_key, identity
from pipelines.gate import Gate, PrintedCell, Published
from pipelines.release_expected import all_shown, by_row, expected_base
from pipelines.release_outcomes import Outcomes, Pair, is_part, part_of
from pipelines.release_seen import in_care_home
from pipelines.words import ColumnWords, parts, printed_condition
from pseudonymisation import disclosure
from reports import rates
from reports.values import Card, CardNotes, CareHome, Checks, Fallen, Funnel, Row, Step, Sureness, Words

VERY_SURE = 0.005  # REPORT.md 2.2: "meget sikre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """The findings of a run as they may be printed: cards, leads that fell, and the numbers for fund.json."""

    cards: tuple[Card, ...]
    fallen: tuple[Fallen, ...]
    funnel: Funnel
    withheld: int  # findings that held, but whose group is too small to be shown
    json_by_id: Mapping[str, dict[str, Any]]
    groups: tuple[disclosure.Group, ...] = ()  # all that is printed, with true counts: what else is printed beside it
    outcomes: Outcomes = field(default_factory=lambda: Outcomes(first=""))


def gate_findings(
    discovery: Discovery,
    findings: Sequence[Numbered],
    *,
    gate: Gate,
    publish_from: Literal["discovered", "confirmed"],
    columns: Mapping[str, ColumnWords],
    notes: Mapping[str, CardNotes],
    objection: Words,
    service_objection: Words,
    outcomes: Mapping[str, Words] = MappingProxyType({}),
    within: Collection[Pair] = (),
    elsewhere: Mapping[str, tuple[int, int]] = MappingProxyType({}),
    care_home: str | None = None,
) -> Gated:
    """Return what of a search may be printed.

    Every cell of a shown finding passes the gate; then the whole set of printed figures is audited together, and a
    finding whose printed cells would give a small group away by comparison loses its figures. `outcomes` names the
    study's outcomes, of which some are negative controls; `within` says which of those searched lie within others,
    `elsewhere` in how many other municipalities a finding was found again, and of how many that tried; `care_home` is
    the characteristic of those who live in one.
    """
    searched = Outcomes.of(discovery, within)
    unsafe = _given_away(findings, gate, publish_from, searched)
    cards: list[Card] = []
    fallen: list[Fallen] = []
    released: dict[str, dict[str, Any]] = {}
    withheld = 0
    for item in findings:
        finding = item.finding
        card = _is_card(finding, publish_from)
        printed = _printed(item, gate, searched, hidden=item.id in unsafe, alpha=discovery.alpha, rows=card)
        released[item.id] = {**identity(item, discovery), **_figures(printed)}
        if card:
            if printed.group.people is None or printed.group.observed is None:
                withheld += 1
            else:
                service = any(columns[one.column].service for one in finding.conditions if one.column in columns)
                checks = printed_checks(
                    _robustness(finding), gate, name=finding_key(finding), columns=columns, outcomes=outcomes,
                    more=finding.direction == "more",
                )  # fmt: skip
                cards.append(_card(
                    item, printed, columns=columns, service=service, checks=checks,
                    notes=notes.get(item.id) or CardNotes(objection=service_objection if service else objection),
                    care_home=in_care_home(finding, care_home, gate, name=_all_hold(finding, searched)),
                    elsewhere=elsewhere.get(item.id),
                    in_search=None if item.id in unsafe else _in_search(finding, gate, searched),
                ))  # fmt: skip
                continue
        fallen.append(_fallen(item, printed, columns))
    held = [item.finding for item in findings if item.finding.status in ("confirmed", "replicated")]
    return Gated(
        cards=tuple(cards),
        fallen=tuple(fallen),
        funnel=Funnel(
            searched=discovery.searched_in_all,
            tested=discovery.tested_in_all,
            discovered=sum(item.finding.p_search <= discovery.alpha for item in findings),
            tried=discovery.tried,
            confirmed=sum(one.p_confirm is not None for one in held),  # found elsewhere is not held in our own lock
        ),
        withheld=withheld,
        json_by_id=released,
        outcomes=searched,
        groups=tuple(
            group
            for item in findings
            if item.id not in unsafe
            for group in _printed_groups(item, gate, whole=_is_card(item.finding, publish_from))
        ),
    )


def gate_answer(item: Numbered, gate: Gate, *, alpha: float, outcomes: Outcomes) -> dict[str, Any]:
    """Return the one group of a finding as it may be told to another municipality: counts, or None where too few.

    It passes the gate as a lead in a list does, held against everything that was printed before.
    """
    hidden = item.id in _given_away([item], gate, "confirmed", outcomes)
    printed = _printed(item, gate, hidden=hidden, alpha=alpha, outcomes=outcomes)
    ends = {"expected_low": printed.expected_low, "expected_high": printed.expected_high}
    return {**_figures(printed), **ends, "follow_up": printed.group.follow_up}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Printed:
    group: PrintedCell
    rows: tuple[Row, ...]
    expected: int | None
    expected_low: int | None
    expected_high: int | None
    expected_crude: int | None
    p_search: float
    p_confirm: float | None
    coarse: bool  # the group may be shown, but rounded figures would give a wrong picture of the gap


def _printed(
    item: Numbered, gate: Gate, outcomes: Outcomes, *, hidden: bool, alpha: float, rows: bool = False
) -> _Printed:
    """Let a finding's figures through. `rows`: each row's expected count too, as a card has it."""
    finding = item.finding
    shown = finding.shown
    names = [cell_name(finding, cell.holds) for cell in shown.cells]
    if hidden:
        gate.held_back += 1
        cells = tuple(PrintedCell(people=None, observed=None) for _ in shown.cells)
    else:
        cells = tuple(
            gate.cell(
                name,
                people=cell.people,
                observed=cell.observed,
                happened=cell.happened,
                follow_up=cell.follow_up,
                group=outcomes.group_name(name),
            )
            for name, cell in zip(names, shown.cells, strict=True)
        )
    group = cells[-1]
    expected = low = high = crude = None
    coarse = False
    if group.people is not None and group.observed is not None:
        ends = (_end(shown.observed, shown.ratio_high), _end(shown.observed, shown.ratio_low))
        counts = {"mean": shown.expected, "low": ends[0], "high": ends[1]}
        if all_shown(cells):
            counts["crude"] = shown.expected_crude
        base = expected_base(cells)
        told = {
            what: gate.expected(names[-1], what, count, observed=shown.observed, printed=group.observed, base=base)
            for what, count in counts.items()
        }
        expected, low, high, crude = (told.get(what) for what in ("mean", "low", "high", "crude"))
        coarse = expected is not None and _rounding_misleads(shown, group, expected)
    if coarse:
        expected = low = high = crude = None
    wanted = by_row(shown.cells, cells, names, gate, whole=expected if rows else None)
    return _Printed(
        group=group,
        rows=tuple(
            Row(
                holds=cell.holds,
                people=printed.people,
                observed=printed.observed,
                follow_up=printed.follow_up,
                expected=one,
            )
            for cell, printed, one in zip(shown.cells, cells, wanted, strict=True)
        ),
        expected=expected,
        expected_low=low,
        expected_high=high,
        expected_crude=crude,
        p_search=_p(item, gate, "search", finding.p_search, alpha) or 0.0,
        p_confirm=_p(item, gate, "confirm", finding.p_confirm, alpha),
        coarse=coarse,
    )


def _p(item: Numbered, gate: Gate, step: str, p: float | None, alpha: float) -> float | None:
    return gate.p_value(f"{finding_key(item.finding)}|{step}", p, alpha=alpha)


def _rounding_misleads(shown: Evidence, group: PrintedCell, expected: int) -> bool:
    """Return whether rounding moves the printed gap by more than a quarter of its interval's half-width.

    Then words stand instead of figures (REPORT.md 2.2): a small group is never shown with a gap it does not have.
    """
    base = shown.people if shown.follow_up is None else shown.follow_up
    printed = group.people if group.follow_up is None else group.follow_up
    true = (shown.observed - shown.expected) / base
    ends = [_end(shown.observed, ratio) for ratio in (shown.ratio_low, shown.ratio_high)]
    half = abs(ends[0] - ends[1]) / 2 / base
    return abs(((group.observed or 0) - expected) / (printed or 1) - true) > half / 4


def _end(observed: int, ratio: float) -> float:
    """Return the expected count at which observed / expected is an end of the ratio's interval.

    The ratio's interval is the one that agrees with the decision. Expected and observed come from the same people:
    an interval that took them as independent would be too wide, and could cover "no difference" where the test does
    not.
    """
    return observed / ratio if ratio > 0 else float("inf")


def cell_name(finding: Finding, holds: Sequence[bool]) -> str:
    """Return a cell's definition as text: which part of the people, which conditions, and which of them hold."""
    part = part_of(finding)
    return f"{part}|{condition_key(finding.conditions)}|{''.join('1' if hold else '0' for hold in holds)}"


def _all_hold(finding: Finding, outcomes: Outcomes) -> str:
    """Return the cell of the people for whom all conditions hold."""
    return outcomes.group_name(cell_name(finding, [True] * finding.order))


def _given_away(findings: Sequence[Numbered], gate: Gate, publish_from: str, outcomes: Outcomes) -> set[str]:
    """Return the findings whose printed cells, compared with one another, would give a small group away.

    Every cell that is to be printed is audited together with all others (nested groups, and a linear program over
    what they share), and those of several outcomes side by side; the finding with the most conditions loses its
    figures, until nothing is given away.
    """
    hidden: set[str] = set()
    earlier = earlier_groups(gate)
    while True:
        groups = [
            group
            for item in findings
            if item.id not in hidden
            for group in _printed_groups(item, gate, whole=_is_card(item.finding, publish_from))
        ]
        violations = disclosure.audit(
            groups,
            smallest_group=gate.smallest_group,
            smallest_difference=gate.smallest_difference,
            earlier=_others(groups, earlier),
        )
        more = {violation.inner for violation in violations} | beside_earlier(groups, earlier, gate)
        if outcomes.several and not more - hidden:
            more |= _beside_other_outcomes(findings, groups, earlier, gate, outcomes)
        more -= hidden
        if not more:
            return hidden
        hidden |= more


def _beside_other_outcomes(
    findings: Sequence[Numbered],
    groups: Sequence[disclosure.Group],
    earlier: Sequence[disclosure.Group],
    gate: Gate,
    outcomes: Outcomes,
) -> set[str]:
    """Return the weakest finding whose figures, beside those of another outcome, would give a small group away."""
    beside, before = outcomes.side_by_side(groups), outcomes.side_by_side(earlier)
    violations = disclosure.audit(
        beside,
        smallest_group=gate.smallest_group,
        smallest_difference=gate.smallest_difference,
        earlier=_others(beside, before),
    )
    named = {one for violation in violations for one in (violation.inner, violation.outer)}
    named |= beside_earlier(beside, before, gate)
    weakest = [item.id for item in findings if item.id in named]
    return set(weakest[-1:])


def beside_earlier(groups: Sequence[disclosure.Group], earlier: Sequence[disclosure.Group], gate: Gate) -> set[str]:
    """Return the findings of which a group, less one that an earlier run printed (or the reverse), leaves a few people.

    The same group is no matter: its printed figure stands until the true one has moved by a whole step.
    """
    others = _others(groups, earlier)
    return {
        group.id
        for group in groups
        for other in others
        if disclosure.nested_differences((group, other), smallest_difference=gate.smallest_difference)
    }


def _others(groups: Sequence[disclosure.Group], earlier: Sequence[disclosure.Group]) -> list[disclosure.Group]:
    """Return the earlier groups that are not printed again."""
    same = {(group.part, group.conditions, group.absent) for group in groups}
    return [group for group in earlier if (group.part, group.conditions, group.absent) not in same]


def earlier_groups(gate: Gate) -> list[disclosure.Group]:
    """Return the groups that earlier runs printed, where all conditions hold, with the counts they had then."""
    groups = []
    for cell, people in gate.published.items():
        definition, _, measure = cell.rpartition("|")
        part, _, rest = definition.partition("|")
        key, _, holds = rest.rpartition("|")
        if not is_part(part) or "0" in holds or not key.startswith("["):
            continue
        if measure == "observed" and f"{definition}|people" not in gate.published:  # of another outcome, same people
            shared = gate.published.get(f"{part.partition(' ')[0]}|{rest}|people")
            if shared is None:
                continue
            figures: tuple[Published, Published | None] = shared, people
        elif measure == "people":
            figures = people, gate.published.get(f"{definition}|observed")
        else:
            continue
        group, observed = figures
        groups.append(
            disclosure.Group(
                id=cell,
                part=part,
                conditions=frozenset(f"[{json.dumps(one, ensure_ascii=False)}]" for one in json.loads(key)),
                people=round(group.true),
                observed=None if observed is None else round(observed.true),
                release="earlier",
            )
        )
    return groups


def _printed_groups(item: Numbered, gate: Gate, *, whole: bool) -> list[disclosure.Group]:
    """Return the groups that a finding would print: all its cells on a card, the one where all holds in a list."""
    finding = item.finding
    names = [condition_key([condition]) for condition in finding.conditions]
    groups = []
    if (
        whole
        and finding.locked is not None
        and gate.allows(people=finding.search.people, observed=finding.search.observed) == "both"
    ):
        groups.append(
            disclosure.Group(
                id=item.id,
                part=part_of(replace(finding, locked=None)),
                conditions=frozenset(names),
                people=finding.search.people,
                observed=finding.search.observed,
            )
        )
    for cell in finding.shown.cells if whole else finding.shown.cells[-1:]:
        with_it = cell.observed if cell.happened is None else cell.happened
        allowed = gate.allows(people=cell.people, observed=with_it)
        if allowed is None:
            continue
        groups.append(
            disclosure.Group(
                id=item.id,
                part=part_of(finding),
                conditions=frozenset(name for name, hold in zip(names, cell.holds, strict=True) if hold),
                absent=frozenset(name for name, hold in zip(names, cell.holds, strict=True) if not hold),
                people=cell.people,
                observed=with_it if allowed == "both" else None,
            )
        )
    return groups


def _is_card(finding: Finding, publish_from: str) -> bool:
    if not finding.same_sign_on_both_scales:
        return False
    wanted = ("confirmed", "replicated") if publish_from == "confirmed" else ("discovered", "confirmed", "replicated")
    return finding.status in wanted


def _fallen(item: Numbered, printed: _Printed, columns: Mapping[str, ColumnWords]) -> Fallen:
    finding = item.finding
    return Fallen(
        id=item.id,
        status=_fallen_status(finding),
        conditions=tuple(printed_condition(condition) for condition in finding.conditions),
        parts=parts(finding.conditions, columns),
        outcome=finding.outcome or "",
        direction=finding.direction,
        above_parts=finding.above_parts,
        unfit=finding.unfit,
        **_figures(printed),
    )


def _fallen_status(finding: Finding) -> Literal["refuted", "undecided", "lead", "discovered"]:
    if finding.status in ("confirmed", "replicated"):
        return "undecided"  # held, but too few to show, or the scales disagree
    return finding.status  # type: ignore[return-value]


def _sureness(printed: _Printed, shown: Evidence) -> Sureness:
    p = printed.p_confirm if printed.p_confirm is not None else printed.p_search
    off_one = shown.ratio_low > 1 or shown.ratio_high < 1
    if not off_one:
        return "somewhat"
    return "very" if p <= VERY_SURE else "fairly"


def _card(
    item: Numbered,
    printed: _Printed,
    *,
    columns: Mapping[str, ColumnWords],
    notes: CardNotes,
    service: bool,
    care_home: CareHome | None = None,
    elsewhere: tuple[int, int] | None = None,
    in_search: tuple[int, int, int] | None = None,
    checks: Checks | None = None,
) -> Card:
    finding, shown = item.finding, item.finding.shown
    if printed.group.people is None or printed.group.observed is None:
        raise ValueError("a card needs its group's numbers")
    step: Step = {"replicated": 3, "confirmed": 2}.get(finding.status, 1)  # type: ignore[assignment]
    return Card(
        id=item.id,
        step=step,
        sureness="somewhat" if checks is not None and checks.failed else _sureness(printed, shown),
        direction=finding.direction,
        above_parts=finding.above_parts,
        conditions=tuple(printed_condition(condition) for condition in finding.conditions),
        parts=parts(finding.conditions, columns),
        outcome=finding.outcome or "",
        rows=printed.rows,
        expected_low=printed.expected_low,
        expected_high=printed.expected_high,
        follow_up=printed.group.follow_up,
        scales=finding.scales,
        **_figures(printed),
        gap_in_search=None if in_search is None else _per_thousand(*in_search),
        in_search=in_search,
        checks=checks,
        proposed=finding.proposed,
        coarse=printed.coarse,
        replicated=elsewhere,
        notes=notes,
        contains_service=service,
        care_home=care_home,
        needs_yes=any(columns[one.column].named_yes for one in finding.conditions if one.column in columns),
    )


def _in_search(finding: Finding, gate: Gate, outcomes: Outcomes) -> tuple[int, int, int] | None:
    """Return the searched people's group, outcomes and expected as they may be printed beside the locked part's."""
    seen = finding.search
    if finding.locked is None or not seen.cells or seen.happened is not None:
        return None  # of events the gap stands per follow-up; only people are set side by side
    name = cell_name(replace(finding, locked=None), [True] * finding.order)
    group = gate.cell(name, people=seen.people, observed=seen.observed, group=outcomes.group_name(name))
    if group.people is None or group.observed is None:
        return None
    expected = gate.expected(name, "mean", seen.expected, observed=seen.observed, printed=group.observed)
    if expected is None or _rounding_misleads(seen, group, expected):
        return None
    return group.people, group.observed, expected


def _per_thousand(people: int, observed: int, expected: int) -> int:
    return rates.rounded(1000 * observed / people) - rates.rounded(1000 * expected / people)


def _robustness(finding: Finding) -> Robustness | None:
    """Return what the shown part says; which simpler leads a finding explains is read where most people are."""
    told, search = finding.shown.robustness, finding.search.robustness
    if told is None or search is None:
        return told
    return replace(told, explains=search.explains, explained=search.explained)


def _ratio(observed: int | None, expected: int | None) -> float | None:
    return None if observed is None or not expected else round(observed / expected, 3)


def _figures(printed: _Printed) -> dict[str, Any]:
    """Return the figures that a card, a lead that fell and the data file have in common."""
    observed = printed.group.observed
    return {
        "people": printed.group.people,
        "observed": observed,
        "expected": printed.expected,
        "expected_crude": printed.expected_crude,
        "ratio": _ratio(observed, printed.expected),
        "ratio_low": _ratio(observed, printed.expected_high),
        "ratio_high": _ratio(observed, printed.expected_low),
        "p_search": printed.p_search,
        "p_confirm": printed.p_confirm,
    }


def rounded_reasons(reasons: Sequence[tuple[str, Words, int]], gate: Gate, name: str) -> tuple[tuple[Words, int], ...]:
    """Return refused rows by reason, rounded to 10; reasons with fewer rows than the smallest group are left out.

    A reason is told by its name, not its place among the others: the same reason rounds the same way every night.
    """
    return tuple(
        (words, gate.rows(f"{name}|{reason}", rows)) for reason, words, rows in reasons if rows >= gate.smallest_group
    )
