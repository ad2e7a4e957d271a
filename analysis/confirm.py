"""Try leads in the locked people: few hypotheses, one direction each, Holm over the batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from analysis.characteristics import Definitions
from analysis.evidence import weigh
from analysis.families import known_of, read_response
from analysis.multiplicity import holm
from analysis.readings import NOTHING
from analysis.settings import CannotSearch, Settings
from analysis.table import Members, Table, Term, make_table, places_of, workers
from analysis.threads import Threads
from analysis.values import Asked, Discovery, Evidence, Finding, Status

if TYPE_CHECKING:
    from analysis.robustness import Look

LookFor = Callable[[Asked, pl.DataFrame], "Look"]  # an outcome, and the people of whom it is known


@dataclass(frozen=True, slots=True)
class _Tried:
    """The leads of one outcome, weighed in the locked people."""

    table: Table
    terms: Sequence[Term]
    usable: Definitions
    leads: tuple[Finding, ...]
    answers: tuple[tuple[float, Evidence], ...]  # one-sided p, and what is seen


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
    look: LookFor | None = None,
    answer_all: bool = False,
) -> Discovery:
    """Try `leads` (default: all findings) of a run in the locked people, and return the run with the answers.

    The background is refitted there with all other discovered findings of the same outcome in it. One-sided, in the
    direction that the search saw: the contrast's mid-P (pairs, triples read by it) or the likelihood-ratio root of the
    own term, the larger of exact and cluster-robust p. `level` (default the discovery's alpha) is for the whole batch,
    by Holm over the leads of all outcomes. Confirmed: adjusted p <= level. Refuted: not, and the 95 % interval of the
    ratio excludes half of the discovered log ratio. Undecided: neither. `look` (see `robustness.looker`) is shown the
    confirmed ones while the fits are warm. An outcome that cannot be fitted there raises CannotSearch; for a batch that
    is paid (`answer_all`) its leads are undecided and say why (`Finding.unfit`), and those of the others are answered.
    """
    tried = tuple(discovery.all_findings if leads is None else leads)
    level = discovery.alpha if level is None else level
    tell = progress or (lambda _share: None)
    definitions = definitions.without(discovery.outcome_columns)
    if frame.height == 0:
        raise CannotSearch("too_few_people")
    locked = with_locked(discovery, frame)
    if not tried:
        return locked
    settings = replace(settings, scale=discovery.scale)
    with workers(settings) as pool:
        weighed: list[_Tried] = []
        findings: list[Finding] = []  # those whose outcome cannot be fitted come first

        def done(count: int) -> None:
            tell((sum(len(tries.leads) for tries in weighed) + len(findings) + count) / len(tried))

        for one in locked.each:
            mine = tuple(lead for lead in tried if lead.outcome == one.label)
            if mine:
                try:
                    weighed.append(_weighed(one, frame, definitions, mine, cluster, settings, pool, done))
                except CannotSearch as error:
                    if not answer_all:
                        raise
                    findings += [replace(lead, status="undecided", p_confirm=1.0, unfit=error.code) for lead in mine]
                    done(0)
        adjusted = iter(holm([*(p for tries in weighed for p, _ in tries.answers), *(1.0 for _ in findings)]))
        for tries in weighed:
            answered = tuple(
                _answered(lead, evidence, next(adjusted), level)
                for lead, (_, evidence) in zip(tries.leads, tries.answers, strict=True)
            )
            if look is not None:
                asked = locked.of(tries.leads[0].outcome).asked
                answered = look(asked, known_of(frame, asked))(tries.table, tries.terms, tries.usable, answered)
            findings += answered
    return locked.with_findings(_merged(discovery.all_findings, findings), tried=discovery.tried + len(tried))


def _merged(before: Sequence[Finding], answered: Sequence[Finding]) -> list[Finding]:
    """Return the findings with the answers in their place, and the answers to leads that were none of them."""
    answers = {(one.outcome, one.conditions): one for one in answered}
    known = {(one.outcome, one.conditions) for one in before}
    merged = [answers.get((one.outcome, one.conditions), one) for one in before]
    merged += [one for key, one in answers.items() if key not in known]
    return sorted(merged, key=lambda one: (one.status not in ("confirmed", "replicated"), one.p_search))


def with_locked(discovery: Discovery, frame: pl.DataFrame) -> Discovery:
    """Return a run's searches with how many of the locked people each outcome is known of. Reads no outcome itself."""
    each = []
    for one in discovery.each:
        people = known_of(frame, one.asked).height
        each.append(replace(one, people_locked=people, unknown_locked=frame.height - people))
    return replace(each[0], others=tuple(each[1:]))


def _weighed(
    discovery: Discovery,
    frame: pl.DataFrame,
    definitions: Definitions,
    tried: tuple[Finding, ...],
    cluster: str | None,
    settings: Settings,
    pool: Threads,
    tell: Callable[[int], None],
) -> _Tried:
    """Fit one outcome's background in the locked people and weigh its leads there; `tell` how many are done."""
    people = known_of(frame, discovery.asked)
    if people.height == 0:
        raise CannotSearch("too_few_people", column=discovery.outcome_column)
    response = read_response(
        people,
        discovery.outcome_column,
        discovery.outcome_positive,
        kind=discovery.kind,
        follow_up=discovery.follow_up_column,
    )
    if response.constant:
        raise CannotSearch("outcome_constant", column=discovery.outcome_column)
    usable = definitions.used_by(discovery)
    accepted = [one for one in discovery.findings if one.status != "lead"]
    most = max(3, *(one.order for one in (*accepted, *tried)))
    table = make_table(
        people, usable, response, adjust=discovery.adjusted_for, cluster=cluster, settings=settings,
        terms=places_of(most) * (len(accepted) + len(tried)) + 2 * most * len(tried) + 1, pool=pool,
        taken=discovery.known,
    )  # fmt: skip
    terms = [Term(usable.members(one), one.reading, NOTHING) for one in accepted]
    answers = []
    for index, one in enumerate(tried):
        answers.append(_try(table, terms, one, usable.members(one)))
        tell(index + 1)
    return _Tried(table, terms, usable, tried, tuple(answers))


def _try(table: Table, terms: Sequence[Term], finding: Finding, members: Members) -> tuple[float, Evidence]:
    without = table.fit(table.columns(terms, but=members))
    if table.conjunction(members).any():
        verdict = next(one for one in table.read(members, without) if one.reading == finding.reading)
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
