"""The landscape's part of the release gate: bins in coarse classes, crude rates audited beside the findings' groups.

A bin is a number of combinations, never of people. Fewer than ten combinations are not shown, the rest by class, and a
printed class stands until the true one lies two away: one person is in many combinations at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.landscape import Alone, Landscape
from analysis.values import Discovery
from pipelines.findings import Numbered, condition_key
from pipelines.gate import Gate
from pipelines.release import Gated, beside_earlier, earlier_groups
from pipelines.release_outcomes import Outcomes, part_named
from pipelines.words import ColumnWords, parts
from pseudonymisation import disclosure
from reports.values import Crude, LandscapeBin, Plain, PrintedLandscape, Report

Shown = tuple[PrintedLandscape | None, Plain | None]
CLASSES = (10, 30, 100, 300, 1000)  # a printed bin has so many combinations or more


def gate_landscapes(
    seen: Sequence[Landscape],
    discovery: Discovery,
    items: Sequence[Numbered],
    gated: Gated,
    *,
    gate: Gate,
    columns: Mapping[str, ColumnWords],
) -> tuple[Shown, ...]:
    """Return each outcome's picture and table as they may be printed; None where there is nothing to show.

    The rates of one are held against those of the outcomes before it as well.
    """
    beside = list(gated.groups)
    shown: list[Shown] = []
    for one, found in zip(seen, discovery.each, strict=True):
        if not one.combinations:
            shown.append((None, None))
            continue
        part = part_named("searched", found.label)
        safe = _safe(one.alone, gate, beside, gated.outcomes, part)
        beside += [group for place in sorted(safe) for group in _groups(one.alone[place], part)]
        alone = tuple(
            _crude(each, gate, columns, gated.outcomes, part, shown=place in safe)
            for place, each in enumerate(one.alone)
        )
        shown.append((_picture(one, found, gated, gate), _plain(one, alone, items, found.label)))
    return tuple(shown)


def with_landscapes(report: Report, shown: Sequence[Shown]) -> Report:
    """Return the report with each outcome's picture and table."""
    first, *rest = shown
    others = tuple(
        replace(one, landscape=picture, plain=plain) for one, (picture, plain) in zip(report.others, rest, strict=True)
    )
    return replace(report, landscape=first[0], plain=first[1], others=others)


def _picture(seen: Landscape, found: Discovery, gated: Gated, gate: Gate) -> PrintedLandscape:
    name = "landscape" if found.label is None else f"landscape {found.label}"
    bins = []
    for one in seen.bins:
        size = gate.classed(f"{name}|{one.expected}|{one.observed}", one.combinations, CLASSES)
        if size:
            bins.append(LandscapeBin(expected=one.expected, observed=one.observed, size=size))
    marks = []
    for number, card in enumerate(gated.cards, start=1):
        if card.outcome != (found.label or ""):
            continue
        if found.people_locked and card.in_search is not None:
            marks.append((number, card.in_search[2], card.in_search[1]))
        elif not found.people_locked and card.expected is not None:
            marks.append((number, card.expected, card.observed))
    return PrintedLandscape(
        bins=tuple(bins),
        marks=tuple(marks),
        combinations=gate.total(name, seen.combinations),
        percent=max(1, round(100 * seen.share)),
    )


def _plain(seen: Landscape, alone: tuple[Crude, ...], items: Sequence[Numbered], label: str | None) -> Plain:
    status = {
        condition_key(one.finding.conditions): one.finding.status for one in items if one.finding.outcome == label
    }
    became = [status.get(condition_key(one), "explained") for one in seen.together]
    return Plain(
        alone=alone,
        together=len(became),
        explained=sum(one == "explained" for one in became),
        leads=sum(one == "lead" for one in became),
        fell=sum(one in ("refuted", "undecided") for one in became),
        held=sum(one in ("discovered", "confirmed", "replicated") for one in became),
    )


def _groups(one: Alone, part: str) -> tuple[disclosure.Group, disclosure.Group]:
    key = condition_key([one.condition])
    nobody: frozenset[str] = frozenset()
    return (
        disclosure.Group(
            id=f"alone|{key}|1", part=part, conditions=frozenset({key}), people=one.people, observed=one.observed
        ),
        disclosure.Group(
            id=f"alone|{key}|0", part=part, conditions=nobody, absent=frozenset({key}),
            people=one.people_without, observed=one.observed_without,
        ),
    )  # fmt: skip


def _safe(
    alone: Sequence[Alone], gate: Gate, groups: Sequence[disclosure.Group], outcomes: Outcomes, part: str
) -> set[int]:
    """Return which rates may stand beside the groups that the findings print, and beside earlier printings.

    Taken one by one, strongest first; if what stands in the end gives anything away together, none does.
    """
    seen = outcomes.side_by_side
    earlier, printed = seen(earlier_groups(gate)), seen(groups)
    kept, safe = list(printed), set[int]()
    for place, one in enumerate(alone):
        if any(
            gate.allows(people=group.people, observed=group.observed or 0) != "both" for group in _groups(one, part)
        ):
            continue
        new = seen(_groups(one, part))
        beside = [other for other in kept if any(other.contains(group) or group.contains(other) for group in new)]
        if _close([*beside, *new], gate) or beside_earlier(new, earlier, gate):
            continue
        kept += new
        safe.add(place)
    group, difference = gate.smallest_group, gate.smallest_difference
    both, before = (
        set(disclosure.audit(some, smallest_group=group, smallest_difference=difference)) for some in (kept, printed)
    )
    return set() if both - before else safe


def _close(groups: list[disclosure.Group], gate: Gate) -> bool:
    return bool(disclosure.nested_differences(groups, smallest_difference=gate.smallest_difference))


def _crude(
    one: Alone, gate: Gate, columns: Mapping[str, ColumnWords], outcomes: Outcomes, part: str, *, shown: bool
) -> Crude:
    label = parts([one.condition], columns)[0].label
    more = one.observed * one.people_without > one.observed_without * one.people
    if not shown:
        gate.held_back += 1
        return Crude(label=label, more=more, answer=one.answer)
    key = condition_key([one.condition])
    yes, no = f"{part}|{key}|1", f"{part}|{key}|0"
    with_it = gate.cell(yes, people=one.people, observed=one.observed, group=outcomes.group_name(yes))
    without = gate.cell(no, people=one.people_without, observed=one.observed_without, group=outcomes.group_name(no))
    return Crude(
        label=label,
        more=more,
        people=with_it.people,
        observed=with_it.observed,
        people_without=without.people,
        observed_without=without.observed,
        answer=one.answer,
    )
