"""Somebody else's finding, tried in these people: one hypothesis, one direction, by the model that decides here."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from analysis.characteristics import Definitions
from analysis.confirm import confirm
from analysis.settings import Settings
from analysis.values import Condition, Discovery, Finding

LEVEL = 0.025  # one-sided: with it goes a 95 % interval that leaves out "no difference"


def replicate(
    discovery: Discovery,
    frame: pl.DataFrame,
    definitions: Definitions,
    lead: Finding,
    *,
    cluster: str | None,
    settings: Settings,
) -> Finding:
    """Return the lead with what these people say of it, by `confirm`: the background, with all own findings in it.

    `lead.search` holds the others' figures. `replicated`: one-sided p <= 2.5 % in the lead's direction, and the 95 %
    interval of observed / expected lies on that side of 1. `refuted`: not, and the interval leaves out half of the
    others' log ratio. `undecided`: neither, too few to tell. The true numbers stand in `locked`, whoever the people
    were. Raises: CannotSearch as `confirm`.
    """
    mine = discovery.of(lead.outcome)
    others = tuple(one for one in mine.findings if one.bare != lead.bare)
    tried = confirm(
        replace(mine, findings=others),
        frame,
        with_conditions(definitions, lead.conditions),
        [lead],
        level=LEVEL,
        cluster=cluster,
        settings=settings,
    )
    answer = next(one for one in tried.findings if one.conditions == lead.conditions and one.p_confirm is not None)
    seen = answer.locked
    if answer.status != "confirmed" or seen is None:
        return answer
    off = seen.ratio_low > 1 if lead.direction == "more" else seen.ratio_high < 1
    return replace(answer, status="replicated" if off else "undecided")


def with_conditions(definitions: Definitions, conditions: tuple[Condition, ...]) -> Definitions:
    """Return the characteristics and these: a cut-off of the others' may be none of ours, or merged into another."""
    places = definitions.places()
    missing = tuple(one for one in conditions if one.bare not in places)
    return replace(definitions, conditions=(*definitions.conditions, *missing))
