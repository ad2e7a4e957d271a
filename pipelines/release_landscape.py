"""The landscape's part of the release gate: bins in coarse classes, crude rates audited beside the findings' groups.

A bin is a number of combinations, never of people. Fewer than ten combinations are not shown, the rest by class, and a
printed class stands until the true one lies two away: one person is in many combinations at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.landscape import Alone, Landscape
from analysis.values import Discovery
from pipelines.findings import Numbered, condition_key
from pipelines.gate import Gate
from pipelines.release import Gated, beside_earlier, earlier_groups
from pipelines.release_outcomes import Outcomes
from pipelines.words import ColumnWords, parts
from pseudonymisation import disclosure
from reports.values import Crude, LandscapeBin, Plain, PrintedLandscape

CLASSES = (10, 30, 100, 300, 1000)  # a printed bin has so many combinations or more


def gate_landscape(
    seen: Landscape,
    discovery: Discovery,
    items: Sequence[Numbered],
    gated: Gated,
    *,
    gate: Gate,
    columns: Mapping[str, ColumnWords],
) -> tuple[PrintedLandscape | None, Plain | None]:
    """Return the picture and the table as they may be printed; None where there is nothing to show."""
    if not seen.combinations:
        return None, None
    bins = []
    for one in seen.bins:
        shown = gate.classed(f"landscape|{one.expected}|{one.observed}", one.combinations, CLASSES)
        if shown:
            bins.append(LandscapeBin(expected=one.expected, observed=one.observed, size=shown))
    marks = []
    for number, card in enumerate(gated.cards, start=1):
        if card.outcome:  # another outcome's: the picture is of the first
            continue
        if discovery.people_locked and card.in_search is not None:
            marks.append((number, card.in_search[2], card.in_search[1]))
        elif not discovery.people_locked and card.expected is not None:
            marks.append((number, card.expected, card.observed))
    picture = PrintedLandscape(
        bins=tuple(bins),
        marks=tuple(marks),
        combinations=gate.total("landscape", seen.combinations),
        percent=max(1, round(100 * seen.share)),
    )
    return picture, _plain(seen, items, gated, gate=gate, columns=columns)


def _plain(
    seen: Landscape, items: Sequence[Numbered], gated: Gated, *, gate: Gate, columns: Mapping[str, ColumnWords]
) -> Plain:
    status = {condition_key(one.finding.conditions): one.finding.status for one in items if one.finding.outcome is None}
    became = [status.get(condition_key(one), "explained") for one in seen.together]
    safe = _safe(seen.alone, gate, gated.groups, gated.outcomes)
    return Plain(
        alone=tuple(_crude(one, gate, columns, shown=place in safe) for place, one in enumerate(seen.alone)),
        together=len(became),
        explained=sum(one == "explained" for one in became),
        leads=sum(one == "lead" for one in became),
        fell=sum(one in ("refuted", "undecided") for one in became),
        held=sum(one in ("discovered", "confirmed", "replicated") for one in became),
    )


def _groups(one: Alone) -> tuple[disclosure.Group, disclosure.Group]:
    key = condition_key([one.condition])
    nobody: frozenset[str] = frozenset()
    return (
        disclosure.Group(
            id=f"alone|{key}|1", part="searched", conditions=frozenset({key}), people=one.people, observed=one.observed
        ),
        disclosure.Group(
            id=f"alone|{key}|0", part="searched", conditions=nobody, absent=frozenset({key}),
            people=one.people_without, observed=one.observed_without,
        ),
    )  # fmt: skip


def _safe(alone: Sequence[Alone], gate: Gate, groups: Sequence[disclosure.Group], outcomes: Outcomes) -> set[int]:
    """Return which rates may stand beside the groups that the findings print, and beside earlier printings.

    Taken one by one, strongest first; if what stands in the end gives anything away together, none does.
    """
    seen = outcomes.side_by_side
    earlier, printed = seen(earlier_groups(gate)), seen(groups)
    kept, safe = list(printed), set[int]()
    for place, one in enumerate(alone):
        if any(gate.allows(people=group.people, observed=group.observed or 0) != "both" for group in _groups(one)):
            continue
        new = seen(_groups(one))
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


def _crude(one: Alone, gate: Gate, columns: Mapping[str, ColumnWords], *, shown: bool) -> Crude:
    label = parts([one.condition], columns)[0].label
    more = one.observed * one.people_without > one.observed_without * one.people
    if not shown:
        gate.held_back += 1
        return Crude(label=label, more=more, answer=one.answer)
    key = condition_key([one.condition])
    with_it = gate.cell(f"searched|{key}|1", people=one.people, observed=one.observed)
    without = gate.cell(f"searched|{key}|0", people=one.people_without, observed=one.observed_without)
    return Crude(
        label=label,
        more=more,
        people=with_it.people,
        observed=with_it.observed,
        people_without=without.people,
        observed_without=without.observed,
        answer=one.answer,
    )
