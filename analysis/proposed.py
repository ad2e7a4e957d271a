"""Leads that somebody wrote down: read in the searched people as they stand, for the locked part to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analysis.characteristics import Definitions
from analysis.evidence import weigh
from analysis.robustness import Look
from analysis.table import Table, Term
from analysis.values import Condition, Direction, Finding, Reading

Proposal = tuple[tuple[Condition, ...], Direction | None]  # sorted by column; None: the way it points when searched


def with_proposals(proposals: Sequence[Proposal], look: Look | None = None) -> Look:
    """Return a `look` for `search` that adds each proposal to the findings as a lead, then does what `look` does.

    One that the search has found itself is marked and not added. One of parts that are no characteristics here (too few
    people have them) is left out. `p_search` is 1: the search did not find it, and the promise of the search is not
    spent on it.
    """

    def added(
        table: Table, terms: Sequence[Term], definitions: Definitions, findings: Sequence[Finding]
    ) -> tuple[Finding, ...]:
        seen = tuple(findings) if look is None else look(table, terms, definitions, findings)
        places = definitions.places()
        for conditions, direction in proposals:
            same = {one.conditions: one for one in seen if one.bare == conditions}
            if same:
                seen = tuple(replace(one, proposed=True) if one.conditions in same else one for one in seen)
                continue
            if not all(one in places for one in conditions) or table.design.free < 2 ** len(conditions):
                continue
            members = tuple(sorted(places[one] for one in conditions))
            if not table.conjunction(members).any():
                continue
            reading: Reading = "pair" if len(members) == 2 else "joint"
            start = table.fit(table.columns(terms))
            weighed = weigh(table, terms, members, reading, start=start, selected_at=None)
            seen = (
                *seen,
                Finding(
                    conditions=tuple(sorted((definitions.conditions[one] for one in members), key=lambda c: c.column)),
                    direction=direction or weighed.direction,
                    status="lead",
                    above_parts=len(members) == 2,
                    p_search=1.0,
                    p_confirm=None,
                    search=weighed.evidence,
                    reading=reading,
                    same_sign_on_both_scales=weighed.same_sign,
                    proposed=True,
                ),
            )
        return seen

    return added
