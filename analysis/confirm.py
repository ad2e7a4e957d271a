"""Try leads in the locked people: few hypotheses, one direction each, Holm over the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analysis.characteristics import Definitions
from analysis.evidence import weigh
from analysis.families import read_response
from analysis.multiplicity import holm
from analysis.readings import NOTHING
from analysis.settings import CannotSearch, Settings
from analysis.table import Members, Table, Term, make_table, places_of, workers
from analysis.values import Condition, Discovery, Evidence, Finding, Status

if TYPE_CHECKING:
    from analysis.robustness import Look


def confirm(
    discovery: Discovery,
    frame: pl.DataFrame,
    definitions: Definitions,
    leads: Sequence[Finding] | None = None,
    *,
    level: float | None = None,
    cluster: str | None = None,
    settings: Settings,
    progress: Callable[[float], None] | None = None,
    look: Look | None = None,
) -> Discovery:
    """Try `leads` (default: all findings) of a search in the locked people, and return the discovery with the answers.

    The background is refitted there with all other discovered findings in it. One-sided, in the direction that the
    search saw: the contrast's mid-P (pairs, triples read by it) or the likelihood-ratio root of the own term, the
    larger of exact and cluster-robust p. `level` (default the discovery's alpha) is for the whole batch, by Holm.
    Confirmed: adjusted p <= level. Refuted: not, and the 95 % interval of the ratio excludes half of the discovered
    log ratio. Undecided: neither. `look` (see `robustness.looker`) is shown the confirmed ones while the fits are warm.
    """
    tried = tuple(discovery.findings if leads is None else leads)
    level = discovery.alpha if level is None else level
    tell = progress or (lambda _share: None)
    if frame.height == 0:
        raise CannotSearch("too_few_people")
    response = read_response(
        frame,
        discovery.outcome_column,
        discovery.outcome_positive,
        kind=discovery.kind,
        follow_up=discovery.follow_up_column,
    )
    locked = replace(discovery, people_locked=frame.height)
    if not tried:
        return locked
    if response.constant:
        raise CannotSearch("outcome_constant")
    usable = definitions.used_by(discovery)
    accepted = [one for one in discovery.findings if one.status != "lead"]
    settings = replace(settings, scale=discovery.scale)
    most = max(3, *(one.order for one in (*accepted, *tried)))
    with workers(settings) as pool:
        table = make_table(
            frame, usable, response, adjust=discovery.adjusted_for, cluster=cluster, settings=settings,
            terms=places_of(most) * (len(accepted) + len(tried)) + 2 * most * len(tried) + 1, pool=pool,
            taken=discovery.known,
        )  # fmt: skip
        places = usable.places()
        terms = [Term(_members(one, places), one.reading, NOTHING) for one in accepted]
        answers = []
        for index, one in enumerate(tried):
            answers.append(_try(table, terms, one, _members(one, places)))
            tell((index + 1) / len(tried))
        adjusted = holm([p for p, _ in answers])
        answered = tuple(
            _answered(one, evidence, p, level) for one, (_, evidence), p in zip(tried, answers, adjusted, strict=True)
        )
        if look is not None:
            answered = look(table, terms, usable, answered)
    by_conditions = {one.conditions: one for one in answered}
    known = {one.conditions for one in discovery.findings}
    findings = [by_conditions.get(one.conditions, one) for one in discovery.findings]
    findings += [one for conditions, one in by_conditions.items() if conditions not in known]
    rank: dict[Status, int] = {"confirmed": 0, "replicated": 0}
    return replace(
        locked,
        tried=discovery.tried + len(tried),
        findings=tuple(sorted(findings, key=lambda one: (rank.get(one.status, 1), one.p_search))),
    )


def _members(finding: Finding, places: Mapping[Condition, int]) -> Members:
    try:
        return tuple(sorted(places[one.bare] for one in finding.conditions))
    except KeyError:
        raise CannotSearch("unknown_condition") from None


def _try(table: Table, terms: Sequence[Term], finding: Finding, members: Members) -> tuple[float, Evidence]:
    without = table.fit(table.columns(terms, but=members))
    if table.conjunction(members).any():
        wanted = {"pair": "pair", "contrast": "contrast", "joint": "joint"}[finding.reading]
        verdict = next(one for one in table.read(members, without) if one.reading == wanted)
    else:
        verdict = NOTHING
    weighed = weigh(table, terms, members, finding.reading, start=without, selected_at=None)
    return (verdict.more if finding.direction == "more" else verdict.fewer), weighed.evidence


def _answered(finding: Finding, evidence: Evidence, p: float, level: float) -> Finding:
    status: Status = "undecided"
    half = np.sqrt(finding.search.ratio)
    if p <= level:
        status = "confirmed"
    elif evidence.ratio_high < half if finding.direction == "more" else evidence.ratio_low > half:
        status = "refuted"
    return replace(finding, status=status, p_confirm=p, locked=evidence)
