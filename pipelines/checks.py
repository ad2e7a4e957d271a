"""What a finding was held against, as it may be printed: shares, yes and no, and names; no count of a few people."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.values import Robustness
from pipelines.gate import Gate
from pipelines.words import ColumnWords, known_words
from reports.values import Checks, Words

HELD = 0.5  # a moved cut-off holds where the finding keeps half its size
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
        explains=tuple(known_words(lead, columns) for lead in told.explains[:2]),
        explained=told.explained,
        people_to_fall=gate.few(f"{name}|fall", told.people_to_fall),
    )
