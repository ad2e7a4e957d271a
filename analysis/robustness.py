"""What a finding has stood: other cut-offs, each year, resamples, negative controls, and how little would undo it.

All of it from the model that decided, in the same people: the background with every other finding in it, with and
without the finding's own term. None of it decides anything; it tells a reader how much to lean on the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, log, sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from analysis.characteristics import Definitions
from analysis.conditions import extents, known
from analysis.expected import Fit
from analysis.families import Family, Response
from analysis.readings import NOTHING, joint_verdict
from analysis.scan import may_combine
from analysis.settings import Settings
from analysis.table import Members, Table, Term
from analysis.values import Condition, Finding, NegativeControl, OtherCut, Redone, Robustness, YearGap

Floats = NDArray[np.float64]
Look = Callable[[Table, Sequence[Term], Definitions, Sequence[Finding]], tuple[Finding, ...]]
RESAMPLES = 400
AT_ONCE = 50  # resamples drawn at a time: bounds memory
STEP = 0.1  # a neighbouring cut-off lies a tenth of the people away
NAMED = 5  # simpler leads that are named; the rest are counted
MARGIN = 0.4  # a screen's z may understate a root by so much


@dataclass(frozen=True, slots=True)
class Own:
    """A finding's own term in one part of the people: the fits without and with it, and its influence."""

    members: Members
    without: Fit
    full: Fit
    held: NDArray[np.bool_]  # for whom all conditions hold
    theta: float  # log odds ratio of the own term
    root: float  # signed, shrunk by the design effect
    pull: Floats  # (people,): what one more outcome of each person does to theta

    @property
    def sign(self) -> float:
        return 1.0 if self.theta >= 0 else -1.0


def looker(
    frame: pl.DataFrame, *, settings: Settings, years: str | None = None, controls: Sequence[str] = (),
    again: Sequence[str] = (), without: Sequence[str] = (),
) -> Look:  # fmt: skip
    """Return what `search` and `confirm` call on their findings, to fill in `Evidence.robustness`.

    Shape: `frame` has the same rows as the table that is searched. `years` is a column that says in which year (or
    other round) each person was seen; `controls` are yes/no columns that the combination should have nothing to do
    with; `again` are other outcomes (unknown for some) and `without` columns of people to leave out, in which a
    finding is redone. Findings that were discovered are looked at in the searched people, confirmed ones in the locked.
    """

    def look(
        table: Table, terms: Sequence[Term], definitions: Definitions, findings: Sequence[Finding]
    ) -> tuple[Finding, ...]:
        places = definitions.places()
        answers = []
        for finding in findings:
            locked = finding.status in ("confirmed", "replicated") and finding.locked is not None
            if not locked and finding.status != "discovered":
                answers.append(finding)
                continue
            members = tuple(sorted(places[one.bare] for one in finding.conditions))
            told = examine(
                table, terms, members, finding, definitions, frame, settings=settings, years=years, controls=controls,
                again=again, without=without,
            )  # fmt: skip
            if locked and finding.locked is not None:
                finding = replace(finding, locked=replace(finding.locked, robustness=told))
            else:
                finding = replace(finding, search=replace(finding.search, robustness=told))
            answers.append(finding)
        return tuple(answers)

    return look


def examine(
    table: Table,
    terms: Sequence[Term],
    members: Members,
    finding: Finding,
    definitions: Definitions,
    frame: pl.DataFrame,
    *,
    settings: Settings,
    years: str | None = None,
    controls: Sequence[str] = (),
    again: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Robustness:
    """Return everything that one finding was held against."""
    own = own_term(table, terms, members, finding)
    same, half = resampled(own, table, seed=settings.seed)
    leads = explained_away(table, own, definitions, settings)
    return Robustness(
        resamples=RESAMPLES,
        same_sign=same,
        half_size=half,
        cuts=other_cuts(table, own, [definitions.conditions[one] for one in members], frame),
        years=() if years is None else each_year(table, own, frame[years], settings),
        controls=tuple(negative_control(table, own, name, frame[name]) for name in controls),
        redone=(
            *(in_another_outcome(table, own, name, frame[name]) for name in again),
            *(without_some(table, own, name, frame[name]) for name in without),
        ),
        explains=tuple(tuple(definitions.conditions[one] for one in lead) for lead in leads[:NAMED]),
        explained=len(leads),
        people_to_fall=people_to_fall(own, table, finding, alpha=settings.alpha),
    )


def own_term(table: Table, terms: Sequence[Term], members: Members, finding: Finding) -> Own:
    """Fit without and with the finding's own term, all other findings in the background."""
    own = table.place(members)
    kept = [*(term for term in terms if term.members != members), Term(members, finding.reading, NOTHING)]
    without = table.fit(table.columns(kept, but=members, pairs=True))
    full = table.fit((*without.columns, own), without)
    held = table.conjunction(members)
    last = np.zeros(len(full.columns))
    last[-1] = 1.0
    return Own(
        members=members,
        without=without,
        full=full,
        held=held,
        theta=float(full.beta[-1]),
        root=joint_verdict(table.design, table.outcome, without, full, held, table.codes).root,
        pull=table.design.predict(full.columns, table.design.solve(full, last)),
    )


def resampled(own: Own, table: Table, *, seed: int) -> tuple[float, float]:
    """Return the share of resamples in which theta keeps its sign, and keeps its sign and half its size.

    A resample is a random half of the people (of the clusters, where there are any), each counted twice; theta moves
    by one Newton step from the fit, so by the sum of the influence of those who are in, less of those who are out.
    Source: P. J. McCarthy (1969), Pseudo-replication: half samples, Rev Int Stat Inst 37, 239-264.
    """
    influence = own.pull * (table.outcome - own.full.mu)
    if table.codes is not None:
        influence = np.asarray(np.bincount(table.codes, weights=influence), dtype=np.float64)
    influence = influence[np.abs(influence) > 1e-12]
    draw = np.random.default_rng([seed, 0xB007, *own.members])
    thetas = np.empty(RESAMPLES)
    for start in range(0, RESAMPLES, AT_ONCE):
        bits = np.frombuffer(draw.bytes(AT_ONCE * (-(-len(influence) // 8))), dtype=np.uint8).reshape(AT_ONCE, -1)
        inside = np.unpackbits(bits, axis=1)[:, : len(influence)]
        thetas[start : start + AT_ONCE] = own.theta + 2.0 * (inside @ influence) - influence.sum()
    moved = thetas * own.sign
    return float((moved > 0).mean()), float((moved >= abs(own.theta) / 2).mean())


def other_cuts(table: Table, own: Own, conditions: Sequence[Condition], frame: pl.DataFrame) -> tuple[OtherCut, ...]:
    """Move each "at least" to the values a tenth of the people to either side, and read the combination again."""
    held = table.held[list(own.members)]
    answers = []
    for place, condition in enumerate(conditions):
        if condition.operator != ">=" or isinstance(condition.value, bool | str | tuple) or condition.value is None:
            continue
        values = known(frame.select(condition.column)).to_series().drop_nulls().cast(pl.Float64)
        share = float((values < float(condition.value)).sum()) / max(len(values), 1)
        beside = {values.quantile(min(max(share + step, 0.02), 0.98), "nearest") for step in (-STEP, STEP)}
        for cut in sorted(one for one in beside if one is not None and one != condition.value):
            moved = replace(condition, value=cut, also=())
            with_it = extents([moved], frame)[0]
            all_hold = np.logical_and.reduce([with_it, *(held[one] for one in range(len(held)) if one != place)])
            if not all_hold.any() or not table.design.free:
                continue
            main = table.design.add(with_it)
            without = table.fit((*own.without.columns, main), own.without)
            full = table.design.fit(table.outcome, (*without.columns, table.design.try_out(all_hold)), without)
            answers.append(OtherCut(condition=moved, size=float(full.beta[-1]) / own.theta if own.theta else 0.0))
    return tuple(answers)


def each_year(table: Table, own: Own, years: pl.Series, settings: Settings) -> tuple[YearGap, ...]:
    """Observed and expected in the group year by year; the expected follows the year's level among all others."""
    labels = years.cast(pl.String).fill_null("").to_numpy()
    answers = []
    for label in sorted(set(labels) - {""}):
        there = labels == label
        inside, others = there & own.held, there & ~own.held
        people, usual = int(inside.sum()), float(own.without.mu[others].sum())
        expected = float(own.without.mu[inside].sum())
        if people < settings.floor_people or usual <= 0:
            continue
        expected *= float(table.outcome[others].sum()) / usual
        if expected >= settings.floor_expected:
            observed = int(table.outcome[inside].sum())
            answers.append(YearGap(year=str(label), people=people, observed=observed, expected=expected))
    return tuple(answers)


def negative_control(table: Table, own: Own, name: str, outcome: pl.Series) -> NegativeControl:
    """Read the same combination in an outcome that it should have nothing to do with."""
    yes = outcome.cast(pl.Boolean).fill_null(False).to_numpy().astype(np.float64)
    if not 0 < yes.sum() < len(yes):
        return NegativeControl(name=name, p=1.0, ratio=1.0)
    without, _, p = _refitted(table, own, yes)
    expected = float(without.mu[own.held].sum())
    return NegativeControl(name=name, p=p, ratio=float(yes[own.held].sum()) / expected if expected else 1.0)


def in_another_outcome(table: Table, own: Own, name: str, outcome: pl.Series) -> Redone:
    """Read the same combination, with the same background, in another yes/no outcome; unknown counts as no."""
    known = outcome.is_not_null().to_numpy()
    yes = outcome.cast(pl.Boolean).fill_null(False).to_numpy().astype(np.float64)
    people, observed = int((known & own.held).sum()), int(yes[own.held].sum())
    if not 0 < yes.sum() < len(yes) or not own.theta:
        return Redone(name=name, people=people, observed=observed, size=0.0, p=1.0)
    _, full, p = _refitted(table, own, yes)
    return Redone(name=name, people=people, observed=observed, size=float(full.beta[-1]) / own.theta, p=p)


def without_some(table: Table, own: Own, name: str, out: pl.Series) -> Redone:
    """Observed over expected in the group less those for whom `out` is true, beside the same in the whole group.

    On the log scale, by the background that decided, its level that of all others who are there.
    """
    kept = ~out.cast(pl.Boolean).fill_null(False).to_numpy()

    def gap(there: NDArray[np.bool_]) -> float:
        inside, others = there & own.held, there & ~own.held
        sums = [float(part.sum()) for one in (inside, others) for part in (table.outcome[one], own.without.mu[one])]
        return log(sums[0] * sums[3] / (sums[1] * sums[2])) if min(sums) > 0 else 0.0

    whole = gap(np.ones(len(kept), dtype=np.bool_))
    inside = kept & own.held
    return Redone(
        name=name,
        people=int(inside.sum()),
        observed=int(table.outcome[inside].sum()),
        size=gap(kept) / whole if whole else 0.0,
    )


def _refitted(table: Table, own: Own, yes: Floats) -> tuple[Fit, Fit, float]:
    """The background without and with the finding's own term in another yes/no outcome, and the term's p."""
    design = table.design.twin(Family())
    other = replace(table, outcome=yes, design=design, response=Response(yes), _other=None)
    without = other.fit(own.without.columns)
    full = other.fit(own.full.columns, without)
    return without, full, joint_verdict(other.design, yes, without, full, own.held, other.codes).p


def explained_away(table: Table, own: Own, definitions: Definitions, settings: Settings) -> list[Members]:
    """Return the pairs that share a member and pass without the finding, but not with it; the strongest first.

    Each would be reported by a search that stops at its first list: a proxy of a member, or a part of the whole.
    """
    allowed = may_combine(definitions.conditions)
    pairs = int(allowed.sum()) // 2
    if not pairs:
        return []
    level = settings.alpha / (3 * pairs)
    cut = float(-ndtri(level / 2)) - MARGIN
    columns = np.column_stack([table.outcome - own.without.mu, own.without.weight]).astype(np.float32)
    total = columns.sum(axis=0, dtype=np.float64)
    each = np.vstack([block.astype(np.float32) @ columns for block in np.array_split(table.held, 8) if len(block)])
    mine_columns = {
        definitions.conditions[one].column for one in own.members
    }  # another cut of the same is no other lead
    shadows: dict[Members, float] = {}
    for member in own.members:
        mine = columns * table.held[member][:, None]
        alone = mine.sum(axis=0, dtype=np.float64)
        both = np.vstack([block.astype(np.float32) @ mine for block in np.array_split(table.held, 8) if len(block)])
        cells = (both, each - both, alone - both, total - each - alone + both)
        weights = [np.maximum(cell[:, 1], 1e-9) for cell in cells]
        gaps = [sign * cell[:, 0] / weight for sign, cell, weight in zip((1, -1, -1, 1), cells, weights, strict=True)]
        z = np.sum(gaps, axis=0) / np.sqrt(np.sum([1 / weight for weight in weights], axis=0))
        for place in np.flatnonzero((np.abs(z) >= cut) & allowed[member]):
            pair = (min(member, int(place)), max(member, int(place)))
            if pair in shadows or {definitions.conditions[one].column for one in pair} == mine_columns:
                continue
            before = table.contrast(pair, own.without)
            if before.p <= level and table.contrast(pair, own.full).p > level:
                shadows[pair] = abs(before.root)
    return sorted(shadows, key=lambda pair: (-shadows[pair], pair))


def people_to_fall(own: Own, table: Table, finding: Finding, *, alpha: float) -> int:
    """Return how many in the group would have to have fared otherwise for the finding to miss its threshold.

    Each moves theta by its own pull, and the root in proportion. The idea is Walsh et al.'s fragility index (2014,
    J Clin Epidemiol 67, 622-628), with the decision's own model and threshold in place of Fisher's test and 0.05.
    """
    adjusted = finding.p_search if finding.p_confirm is None else finding.p_confirm
    sides = 2 if finding.p_confirm is None else 1
    raw = float(ndtr(-own.root * own.sign)) * sides
    times = max(1.0, adjusted / raw) if raw > 0 else 1.0
    cut = float(-ndtri(alpha / times / sides))
    size = abs(own.root)
    if size <= cut or not own.theta:
        return 0
    turned = own.held & ((table.outcome > 0) if own.theta > 0 else (table.outcome == 0))
    step = float(np.abs(own.pull[turned]).mean()) if turned.any() else 0.0
    if step <= 0:
        return int(own.held.sum())
    return min(ceil(abs(own.theta) * (1.0 - cut / size) / step), int(own.held.sum()))


def e_value(ratio: float) -> float:
    """Return how strongly a hidden cause would have to go with both group and outcome to explain a risk ratio away.

    Source: T. J. VanderWeele and P. Ding (2017), Sensitivity analysis in observational research: introducing the
    E-value, Ann Intern Med 167, 268-274. Raises: ValueError if the ratio is not above 0.
    """
    if not ratio > 0:
        raise ValueError("a risk ratio lies above 0")
    up = max(ratio, 1.0 / ratio)
    return up + sqrt(up * (up - 1.0))


def e_value_of_interval(low: float, high: float) -> float:
    """Return the E-value of the interval's end that lies nearer to 1; 1 where the interval holds 1."""
    if low <= 1.0 <= high:
        return 1.0
    return e_value(low if low > 1.0 else high)
