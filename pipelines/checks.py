"""What a finding was held against, as it may be printed: shares, yes and no, and names; no count of a few people."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.values import Redone, Robustness
from pipelines.gate import Gate
from pipelines.redone import DIED
from pipelines.words import ColumnWords, known_words
from reports.values import Checks, Words

HELD = 0.5  # a moved cut-off holds where the finding keeps half its size
CARE_HOME = "care_home"
SEEN = 0.05  # p below which a negative control is taken to show the gap too, shared by the controls


def printed_checks(
    told: Robustness | None,
    gate: Gate,
    *,
    name: str,
    columns: Mapping[str, ColumnWords],
    outcomes: Mapping[str, Words],
    more: bool,
) -> Checks | None:
    """Let one finding's robustness through. `name` is its cell in the gate; `outcomes` name negative controls.

    Years and cut-offs are told by how many hold, of groups that the search's floors let through. None where nothing
    was looked at.
    """
    if told is None:
        return None
    same_way = [(year.observed >= year.expected) == more for year in told.years]
    level = SEEN / max(len(told.controls), 1)
    return Checks(
        same_sign=gate.percent(f"{name}|same_sign", told.same_sign),
        half_size=gate.percent(f"{name}|half_size", told.half_size),
        cuts=(sum(cut.size >= HELD for cut in told.cuts), len(told.cuts)) if told.cuts else None,
        years=(sum(same_way), len(same_way)) if len(same_way) > 1 else None,
        controls=tuple(
            (outcomes.get(one.name) or Words(da=one.name, en=one.name), one.p > level) for one in told.controls
        ),
        redone=tuple(_redone(one, gate, more=more) for one in told.redone),
        explains=tuple(known_words(lead, columns) for lead in told.explains[:2]),
        explained=told.explained,
        people_to_fall=gate.few(f"{name}|fall", told.people_to_fall),
    )


def _redone(one: Redone, gate: Gate, *, more: bool) -> tuple[str, str]:
    """In what a finding was redone, and what it said there, in a word; of a small group nothing.

    A death is told by itself: whether the group dies more often, fewer do, or neither; "hidden" where fewer have the
    outcome and more die. Anything else beside the finding: the same, weaker, or the other way.
    """
    _, _, way = one.name.partition(" ")
    name = way or CARE_HOME
    if gate.allows(people=one.people, observed=one.observed) != "both":
        return name, "few"
    if name == DIED:
        if one.p is None or one.p > SEEN or not one.size:
            return name, "none"
        dies_more = (one.size > 0) == more
        return name, "fewer" if not dies_more else "more" if more else "hidden"
    return name, "same" if one.size >= HELD else "weaker" if one.size > 0 else "other"
