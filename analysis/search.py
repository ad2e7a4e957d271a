"""The search: accept the strongest, refit, look again; then prune. DISCOVERY.md's decision procedure, steps 1 to 6."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from heapq import merge
from itertools import combinations as combinations_of
from itertools import islice, takewhile
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis.characteristics import Definitions
from analysis.clusters import design_effect
from analysis.conditions import columns_of, known
from analysis.evidence import weigh
from analysis.expected import Fit
from analysis.families import read_response
from analysis.leaks import gives_outcome_away
from analysis.multiplicity import bonferroni
from analysis.readings import NOTHING, Verdict
from analysis.scan import EXHAUSTIVE, Candidate, Candidates, Scanner, Screen, combinations, may_combine
from analysis.settings import CannotSearch, Settings
from analysis.shared import Shared, sharing
from analysis.table import Members, Table, Term
from analysis.values import Condition, Discovery, Finding, Kind, LeftOut, Reading, Scalar, Scales, Status

if TYPE_CHECKING:
    from analysis.robustness import Look

Floats = NDArray[np.float64]
Progress = Callable[[float], None]
EXAMINED = 60  # contrasts examined exactly at each pass, of each order
SCORED, REFITTED = 24, 4  # joint candidates scored with the whole background; refitted at a time
# Of an order's share of alpha, fixed before any data: to be read as a pair, as a whole, by the contrast. What is left
# is kept for proxies of true ones, which no count of tests allows for.
PAIR, WHOLE, BEYOND = 0.6, 0.45, 0.25
AHEAD = 1.15  # a root this much above a score cannot be overtaken by its refit
RIVALS = 4  # refitted to take a finding's place
LEVELS = 16  # pairs of levels of two columns that a triple may have to stand beside
GROWN = 10  # a pair grows at a tenth of alpha: the third member is one claim more
MARGIN = 0.4  # the score may understate a root by so much


def search(
    frame: pl.DataFrame,
    definitions: Definitions,
    *,
    outcome: str,
    positive: Scalar = True,
    kind: Kind = "yes_no",
    follow_up: str | None = None,
    adjust: Sequence[str] = (),
    cluster: str | None = None,
    settings: Settings,
    progress: Progress | None = None,
    look: Look | None = None,
    taken: Sequence[tuple[Condition, ...]] = (),
    shared: Shared | None = None,
    who: bytes = b"",
) -> Discovery:
    """Search every combination in the searched people and say which hold at family-wise `settings.alpha`.

    Shape: one row a person. `kind` time: `outcome` == `positive` says that the event came, `follow_up` when it did or
    the person was last seen; count: `outcome` is a number, `follow_up` (may be left out) the exposure.
    Raises: CannotSearch with code `too_few_people` (none at all), `outcome_constant`, or as `read_response` says. Where
    nothing passes the floors the Discovery is empty. `taken` are combinations known beforehand: they stand in the
    background, and what they explain is not found. `look` (see `robustness.looker`) is shown the findings while the
    fits are warm. `shared` keeps what does not depend on the outcome for the next search of the same people, by `who`
    they are.
    """
    tell = progress or (lambda _share: None)
    if frame.height == 0:
        raise CannotSearch("too_few_people")
    response = read_response(frame, outcome, positive, kind=kind, follow_up=follow_up)
    if response.constant:
        raise CannotSearch("outcome_constant")
    own = frozenset({outcome, follow_up or outcome})
    usable, adjusted, leaked = without_leaks(frame, definitions.without(own), adjust, response.happened)
    allowed = may_combine(usable.conditions)
    possible = combinations(allowed, min(settings.max_order, EXHAUSTIVE))
    if sum(possible.values()) > settings.most_combinations:
        raise CannotSearch(
            "too_many_combinations", count=sum(possible.values()), most=settings.most_combinations,
            characteristics=len(usable.conditions), order=settings.max_order,
        )  # fmt: skip
    empty = Discovery(
        outcome_column=outcome,
        outcome_positive=positive,
        people_searched=frame.height,
        people_locked=0,
        outcomes_searched=int(response.y.sum()),
        searched=sum(possible.values()),
        tested=0,
        alpha=settings.alpha,
        findings=(),
        left_out=(*definitions.left_out, *leaked),
        adjusted_for=adjusted,
        kind=kind,
        scale=settings.scale,
        follow_up_column=follow_up,
        known=tuple(taken),
        follow_up_searched=None if response.follow_up is None else float(response.follow_up.sum()),
    )
    if not sum(possible.values()):
        tell(1.0)
        return empty
    with sharing(settings) if shared is None else nullcontext(shared) as ready:
        layout = ready.layout(frame, usable, adjusted, cluster, settings, taken, who)
        table = layout.table(response, settings)
        scanner = ready.scanner(table.held, allowed, settings, table.family.code)
        found = _Search(table, scanner, usable, settings, possible=possible, tell=tell)
        findings = found.findings()
        if look is not None:
            findings = look(table, found.terms, usable, findings)
    tell(1.0)
    beyond = scanner.read_fives  # of order 5 only these are read
    return replace(
        empty,
        searched=empty.searched + beyond,
        tested=sum(count for order, count in found.tested.items() if order <= EXHAUSTIVE) + beyond,
        findings=findings,
        notes=(*table.notes, *(("order_5_not_exhaustive",) if beyond else ())),
        dispersion=table.family.dispersion,
    )


def without_leaks(
    frame: pl.DataFrame, definitions: Definitions, adjust: Sequence[str], yes: NDArray[np.bool_]
) -> tuple[Definitions, tuple[str, ...], tuple[LeftOut, ...]]:
    """Leave out the columns that give the outcome away, from characteristics and adjustment alike."""
    tidy = known(frame)
    asked = {column for one in definitions.conditions for column in columns_of(one)}
    leaked = [one for one in dict.fromkeys([*sorted(asked), *adjust]) if gives_outcome_away(tidy[one], yes)]
    kept = tuple(one for one in adjust if one not in leaked)
    left_out = tuple(LeftOut(column=one, reason="gives_outcome_away") for one in leaked)
    return definitions.without(frozenset(leaked)), kept, left_out


class _Search:
    """One run of the procedure over one table."""

    def __init__(
        self, table: Table, scanner: Scanner, definitions: Definitions, settings: Settings, *,
        possible: Mapping[int, int], tell: Progress,
    ) -> None:  # fmt: skip
        self.table, self.scanner, self.definitions, self.settings = table, scanner, definitions, settings
        self.orders = [order for order, count in possible.items() if count]
        if settings.max_order > EXHAUSTIVE and possible[EXHAUSTIVE]:
            self.orders.append(EXHAUSTIVE + 1)
        self.tell = tell
        self.told = 0.0
        self.terms: list[Term] = []
        self.dropped: set[Members] = set()
        self.tested: Mapping[int, int] = {}  # combinations above the floors at the first scan, by order
        self.at_first: list[Candidates] = []  # what stood out before anything was accepted, order by order

    # thresholds

    def tests(self, order: int, reading: Reading) -> float:
        """Return what a p-value is multiplied by: Bonferroni within the reading's share of alpha.

        Every order that can be read at all has the same share, of every outcome that the run searches. Above two it is
        shared again, between two readings.
        """
        share = {"pair": PAIR, "joint": WHOLE, "contrast": BEYOND}[reading] / max(len(self.orders), 1)
        return max(self.tested.get(order, 0), 1) / share * self.settings.outcomes

    def adjusted(self, members: Members, verdict: Verdict) -> float:
        return bonferroni(verdict.p, self.tests(len(members), verdict.reading))

    def passes(self, members: Members, verdict: Verdict) -> bool:
        return self.adjusted(members, verdict) <= self.settings.alpha

    def level(self, term: Term) -> float:
        """Return a term's adjusted p. A grown triple needs both: its pair, and the third member's own price."""
        if term.pair is None or term.pair_verdict is None:
            return self.adjusted(term.members, term.verdict)
        third = bonferroni(term.verdict.p, self.tests_of_third)
        return max(self.adjusted(term.pair, term.pair_verdict), third)

    def cut(self, order: int, reading: Reading, level: float) -> float:
        """The size of root that `level` asks for."""
        return float(-ndtri(min(level / self.tests(order, reading), 1.0) / 2.0))

    @property
    def cut_of_third(self) -> float:
        """The size of root that a pair's third member asks for."""
        return float(-ndtri(min(self.settings.alpha / self.tests_of_third, 1.0) / 2.0))

    @property
    def tests_of_third(self) -> int:
        """Return what the p-value of a grown pair's third member is multiplied by."""
        return GROWN * self.thirds * self.settings.outcomes

    @property
    def thirds(self) -> int:
        """Return how many third members a pair could have had."""
        return max(len(self.definitions.conditions) - 2, 1)

    # steps

    def findings(self) -> tuple[Finding, ...]:
        fit = self.table.fit(self.table.base)
        self.say(0.05)
        screen, whole = self.scan(fit, first=True), True
        for _ in range(3):  # a pruned term may have hidden another
            fit, screen = self.forward(fit, screen, whole=whole)
            before = [term.members for term in self.terms]
            fit = self.backward(fit)
            if self.simplify(fit):
                fit = self.backward(fit)
            if self.exchange(fit):
                fit = self.backward(fit)
            if self.grow(fit):
                fit = self.backward(fit)
            if [term.members for term in self.terms] == before:
                break
            screen, whole = self.rescan(fit), False
        leads = self.leads(fit, screen)
        self.say(0.9)
        found = [self.finding(term, fit, "discovered") for term in self.terms]
        found += [self.finding(term, fit, "lead") for term in leads]
        return tuple(sorted(found, key=lambda one: (one.status == "lead", one.p_search, -one.search.people)))

    def scan(self, fit: Fit, *, first: bool = False) -> Screen:
        """Read every combination again."""
        share = 0.4 if first else (0.9 - self.told) * 0.25
        begun = self.told
        screen = self.scanner.scan(
            self.table.outcome, fit.mu, fit.weight, progress=lambda part: self.say(begun + share * part)
        )
        if first:
            self.tested = screen.tested
            self.at_first = [screen.contrasts[2], *screen.joints.values()]
        return screen

    def rescan(self, fit: Fit) -> Screen:
        """Read again what stood out at the last full scan."""
        return self.scanner.rescan(self.table.outcome, fit.mu, fit.weight)

    def say(self, share: float) -> None:
        self.told = max(self.told, share)
        self.tell(self.told)

    def forward(self, fit: Fit, screen: Screen, *, whole: bool) -> tuple[Fit, Screen]:
        """Accept the passing candidate with the largest root, refit, look again, until none passes.

        Between full scans only what stood out at the last one is read again; the search ends on a full scan in which
        none passes. `whole`: `screen` is such a scan, with this fit.
        """
        while len(self.terms) < self.settings.max_findings:
            best = self.best(fit, screen)
            if best is not None:
                self.terms = [term for term in self.terms if not _within(term, best)] + [best]
                fit = self.table.fit(self.table.columns(self.terms), fit)
                screen, whole = self.rescan(fit), False
            elif whole:
                break
            else:
                screen, whole = self.scan(fit), True
        return fit, screen

    def best(self, fit: Fit, screen: Screen) -> Term | None:
        passing = self.contrasts(fit, screen, self.settings.alpha)
        passing = [term for term in passing if self.passes(term.members, term.verdict)]
        joints = self.likely(fit, screen, self.settings.alpha)
        strongest = max((abs(term.verdict.root) for term in passing), default=0.0)
        for refitted, one in enumerate(joints):
            if strongest > AHEAD * abs(one.stat) or (refitted >= REFITTED and passing):
                break  # no later one can catch up, or enough have been tried
            term = self.joint(one.members, fit)
            if self.passes(term.members, term.verdict):
                passing.append(term)
                strongest = max(strongest, abs(term.verdict.root))
        return max(passing, key=lambda term: abs(term.verdict.root), default=None)

    def likely(self, fit: Fit, screen: Screen, level: float, slack: float = MARGIN) -> Iterator[Candidate]:
        """Give those that could reach `level` as a whole, scored with the whole background, strongest first."""
        found: list[Iterator[Candidate]] = []
        for order, candidates in screen.joints.items():
            cut = self.cut(order, "joint", level) - MARGIN
            near = list(islice(filter(self.new, candidates.above(cut - slack)), SCORED))
            scored = self.scored(near, fit)
            found.append(takewhile(partial(_reaches, cut), scored) if slack else scored)
        return merge(*found, key=_strongest_first)

    def new(self, candidate: Candidate, *, contrast: bool = False) -> bool:
        """Neither dropped before nor accepted; a triple accepted as a whole may still be read by its contrast."""
        members = candidate.members
        held = any(term.members == members and (term.reading != "joint" or not contrast) for term in self.terms)
        held |= any(term.reading == "contrast" and set(members) < set(term.members) for term in self.terms)
        return not held and members not in self.dropped

    def contrasts(self, fit: Fit, screen: Screen, level: float) -> list[Term]:
        """Examine exactly the contrasts that could reach `level`."""
        terms = []
        for order, candidates in screen.contrasts.items():
            cut = self.cut(order, "pair" if order == 2 else "contrast", level) - MARGIN
            fresh = (one for one in candidates.above(cut) if self.new(one, contrast=True))
            for one in islice(fresh, EXAMINED):
                verdict = self.table.contrast(one.members, fit)
                terms.append(Term(one.members, verdict.reading, verdict))
        return terms

    def scored(self, candidates: Sequence[Candidate], fit: Fit) -> Iterator[Candidate]:
        """Give candidates scored with the whole background projected off, strongest first.

        A score is divided by the design effect's root, which is never below 1: it is worked out when a candidate's
        turn may have come. Only to choose whom to refit: the curvature at hand is near enough.
        """
        table = self.table
        if not candidates:
            return iter(())
        if table.family.scale == "ratio":
            found, solved = self.scored_by_parts(candidates, fit)
        else:
            found, solved = self.scored_person_by_person(candidates, fit)
        turns = sorted(zip(found, solved.T, strict=True), key=lambda pair: _strongest_first(pair[0]))
        return (one for one, _ in turns) if table.codes is None else self._by_clusters(turns, fit)

    def _by_clusters(self, turns: Sequence[tuple[Candidate, Floats]], fit: Fit) -> Iterator[Candidate]:
        """Divide each by its design effect's root, and give it when no later one can be ahead of it."""
        table = self.table
        waiting: list[Candidate] = []
        for one, solved in turns:
            while waiting and abs(waiting[0].stat) > abs(one.stat):
                yield waiting.pop(0)
            held = table.conjunction(one.members)
            direction = held - table.design.predict(fit.columns, solved)
            left = table.outcome - fit.mu
            shift = float(direction @ left) / max(float((direction * direction) @ fit.weight), 1e-12)
            effect = design_effect(direction * (left - fit.weight * direction * shift), table.codes)
            waiting.append(Candidate(one.members, one.stat / float(np.sqrt(effect))))
            waiting.sort(key=_strongest_first)
        yield from waiting

    def scored_person_by_person(
        self, candidates: Sequence[Candidate], fit: Fit
    ) -> tuple[list[Candidate], NDArray[np.float64]]:
        """Score where effects add: a person's variance is not the weight that the background is fitted by."""
        table = self.table
        held = np.column_stack([table.conjunction(one.members) for one in candidates]).astype(np.float64)
        solved = fit.solve(table.design.cross(fit.columns, held * fit.weight[:, None]))
        direction = held - table.design.predict(fit.columns, solved)
        spreads = (direction * direction).T @ table.family.variance(fit.mu)
        stats = direction.T @ (table.outcome - fit.mu) / np.sqrt(np.maximum(spreads, 1e-12) * table.family.dispersion)
        return [Candidate(one.members, float(stat)) for one, stat in zip(candidates, stats, strict=True)], solved

    def scored_by_parts(self, candidates: Sequence[Candidate], fit: Fit) -> tuple[list[Candidate], Floats]:
        """Score where odds or rates multiply: it takes only those for whom all hold, and the background's columns.

        Returns also what the background's columns tell of each. Shape: (columns, candidates).
        """
        table, weight = self.table, fit.weight
        left = table.outcome - fit.mu
        groups = [np.flatnonzero(table.conjunction(one.members)) for one in candidates]
        right = np.column_stack([table.design.cross_of(fit.columns, rows, weight[rows]) for rows in groups])
        solved = fit.solve(right)
        scores = np.array([left[rows].sum() for rows in groups]) - table.design.cross(fit.columns, left) @ solved
        sizes = np.array([weight[rows].sum() for rows in groups]) - (right * solved).sum(axis=0)
        stats = scores / np.sqrt(np.maximum(sizes, 1e-12) * table.family.dispersion)
        return [Candidate(one.members, float(stat)) for one, stat in zip(candidates, stats, strict=True)], solved

    def joint(self, members: Members, fit: Fit) -> Term:
        return Term(members, "joint", self.table.read_joint(members, fit))

    def backward(self, fit: Fit) -> Fit:
        """Every term must pass its own threshold again, all others in the background; drop the worst, repeat."""
        while self.terms:
            for term in self.terms:
                columns = self.table.columns(self.terms, but=term.members)
                without = self.table.fit(tuple(dict.fromkeys((*columns, *self.levels_beside(term)))), fit)
                if term.pair is not None:
                    term.pair_verdict = self.table.contrast(term.pair, without)
                    term.verdict = self.table.contrast(term.members, without)
                    continue
                verdicts = self.table.read(term.members, without)
                verdict = max(verdicts, key=lambda one: (self.passes(term.members, one), abs(one.root)))
                term.reading, term.verdict = verdict.reading, verdict
            worst = max(self.terms, key=lambda term: (self.level(term), term.members))
            if self.level(worst) <= self.settings.alpha:
                break
            self.dropped.add(worst.members)
            self.terms = [term for term in self.terms if term is not worst]
            fit = self.table.fit(self.table.columns(self.terms), fit)
        return self.table.fit(self.table.columns(self.terms), fit) if self.terms else self.table.fit(self.table.base)

    def levels_beside(self, term: Term) -> tuple[int, ...]:
        """Return the design's places of what must not pass for a triple: the interaction of two of its columns.

        Where a pair of levels is a finding, the other levels of the same two columns are likely to go together too,
        and what is left of that, too weak or too small to be found, is met again in any third company.
        """
        conditions = self.definitions.conditions
        mine = {conditions[place].column for place in term.members}
        wanted: dict[Members, None] = {}
        for other in self.terms if len(term.members) >= 3 else ():
            columns = sorted({conditions[place].column for place in other.members})
            if len(columns) == 2 and set(columns) < mine:
                one, two = ([p for p, c in enumerate(conditions) if c.column == column] for column in columns)
                if 1 < len(one) * len(two) <= LEVELS:
                    wanted.update(dict.fromkeys((min(a, b), max(a, b)) for a in one for b in two))
        fresh = [members for members in wanted if members not in self.table.places]
        if len(fresh) > self.table.design.free:
            return ()
        return tuple(self.table.place(members) for members in wanted if self.table.conjunction(members).any())

    def simplify(self, fit: Fit) -> bool:
        """Exchange a combination that does not stand above its parts for one or two of them that explain as much.

        One: a true pair with a passenger; the third member was chosen among all others, and pays for the choice. Two:
        true pairs that share a member, of which a triple holds a part each; the second pays as much for being one
        claim more. Every part must pass its own threshold in the whole's place.
        """
        changed = False
        for term in [one for one in self.terms if one.reading == "joint"]:
            order = len(term.members)
            others = [one for one in self.terms if one is not term]
            without = self.table.fit(self.table.columns(others), fit)
            if self.table.contrast(term.members, without).p <= self.above_level(order):
                continue
            deviance = self.table.fit(self.table.columns(self.terms), fit).deviance
            held = {one.members for one in others} | self.dropped
            parts = [one for size in range(2, order) for one in combinations_of(term.members, size) if one not in held]
            widest = [one for one in parts if len(one) == order - 1]
            ways: list[tuple[Members, ...]] = [*((one,) for one in parts), *combinations_of(widest, 2)]
            rivals: list[tuple[float, tuple[Members, ...]]] = []
            for chosen in ways:
                price = self.price * (2 * (order - len(chosen[0])) if len(chosen) == 1 else -1)
                terms = [*others, *(Term(members, "joint", NOTHING) for members in chosen)]
                rival = self.table.fit(self.table.columns(terms), without)
                if rival.deviance <= deviance + price:
                    rivals.append((rival.deviance - price, chosen))
            for _, chosen in sorted(rivals):
                simpler = self.instead(chosen, others, without)
                if simpler is not None:
                    self.terms = [*others, *simpler]
                    self.dropped.add(term.members)
                    changed = True
                    break
        return changed

    def instead(self, chosen: Sequence[Members], others: Sequence[Term], fit: Fit) -> list[Term] | None:
        """Return the chosen as terms beside the others and one another; None where one of them does not pass there."""
        terms = [Term(members, "joint", NOTHING) for members in chosen]
        passing = []
        for one in terms:
            columns = self.table.columns([*others, *terms], but=one.members)
            term = self.whole(one.members, self.table.fit(columns, fit))
            if term is None:
                return None
            passing.append(term)
        return passing

    def exchange(self, fit: Fit) -> bool:
        """Replace a finding by a rival that shares a member and explains better, all others in the background.

        The weakest first. Forward acceptance chose it before the others were known; a proxy may have been ahead then.
        """
        changed = False
        for term in sorted(self.terms, key=lambda one: (abs(one.verdict.root), one.members)):
            if term.reading == "contrast":
                continue
            others = [one for one in self.terms if one is not term]
            without = self.table.fit(self.table.columns(others), fit)
            near = [
                one
                for candidates in self.at_first
                for one in islice(filter(self.new, candidates.sharing(term.members)), SCORED)
            ]
            near.sort(key=_strongest_first)
            (mine,) = self.scored([Candidate(term.members, np.inf)], without)
            own = abs(mine.stat)
            least = self.table.fit(self.table.columns(self.terms), fit).deviance
            best: Term | None = None
            for one in islice(self.scored(near[: SCORED - 1], without), RIVALS):
                if abs(one.stat) < own - MARGIN:
                    break
                rival = self.whole(one.members, without)
                if rival is None:
                    continue
                deviance = self.table.fit(self.table.columns([*others, rival]), without).deviance
                deviance += self.price * (len(rival.members) - len(term.members))
                if deviance < least - 1e-6:
                    least, best = deviance, rival
            if best is not None:
                self.terms = [*others, best]
                self.dropped.add(term.members)
                fit = self.table.fit(self.table.columns(self.terms), without)
                changed = True
        return changed

    def grow(self, fit: Fit) -> bool:
        """Let a found pair grow into the triple whose contrast, given all findings, is clear of the choice of a third.

        What two do together may depend on a third (an exclusive or of three shows as a pair of two of them): the pair
        is no false finding, but half of one. A stray pair that grows is the same stray.
        """
        pairs = [term for term in self.terms if term.reading == "pair"]
        if not pairs or 3 not in self.orders:
            return False
        near = self.rescan(fit).contrasts[3].above(self.cut_of_third - MARGIN)
        changed = False
        for term in sorted(pairs, key=lambda one: (-abs(one.verdict.root), one.members)):
            wider = [one for one in near if set(term.members) < set(one.members) and self.new(one)]
            grown: list[Term] = []
            for one in wider[:RIVALS]:
                verdict = self.table.contrast(one.members, fit)
                grown.append(Term(one.members, "contrast", verdict, term.members, term.verdict))
            grown = [one for one in grown if self.level(one) <= self.settings.alpha]
            if grown and term in self.terms:
                best = max(grown, key=lambda one: (abs(one.verdict.root), one.members))
                self.terms = [other for other in self.terms if not _within(other, best)] + [best]
                changed = True
        return changed

    def whole(self, members: Members, without: Fit) -> Term | None:
        """Read a combination by what its own term alone can say: a pair's contrast, a larger one as a whole."""
        if len(members) == 2:
            term = Term(members, "pair", self.table.contrast(members, without))
        else:
            term = self.joint(members, without)
        return term if self.passes(members, term.verdict) else None

    @property
    def price(self) -> float:
        """Deviance asked for a third member (twice where it is not above its parts), or for a second pair in its place.

        Twice log(characteristics) is what the best of as many noise members gains, but a member that is not there
        loses as well. Simulated in exchanges (100 hard sets): nothing asked 21 shadows, this 19, twice this 23.
        """
        return float(np.log(self.thirds)) * self.table.family.dispersion

    def above_level(self, order: int) -> float:
        """Return the level at which a contrast is clear of having chosen the last member freely."""
        return self.settings.alpha / max(len(self.definitions.conditions) - order + 1, 1)

    def leads(self, fit: Fit, screen: Screen) -> list[Term]:
        """The near misses: adjusted p above alpha but below 1, so fewer than one such is expected by chance.

        The strongest first; one that shares two members with a finding or an earlier lead would be its shadow.
        """
        near = self.contrasts(fit, screen, 1.0)
        joints = self.likely(fit, screen, 1.0, slack=0.0)
        near += [self.joint(one.members, fit) for one in islice(joints, 2 * REFITTED)]
        near = [term for term in near if self.settings.alpha < self.adjusted(term.members, term.verdict) < 1.0]
        near.sort(key=lambda term: (self.adjusted(term.members, term.verdict), term.members))
        chosen: list[Term] = []
        for term in near:
            taken = [set(other.members) for other in (*self.terms, *chosen)]
            if all(len(other & set(term.members)) < 2 for other in taken) and len(chosen) < self.settings.max_leads:
                chosen.append(term)
        return chosen

    def finding(self, term: Term, fit: Fit, status: Status) -> Finding:
        order = len(term.members)
        cut = self.cut(order, term.reading, self.settings.alpha if status == "discovered" else 1.0)
        if term.pair is not None:
            cut = self.cut_of_third
        weighed = weigh(
            self.table, self.terms, term.members, term.reading,
            start=fit, selected_at=cut, sure=status == "discovered",
        )  # fmt: skip
        elsewhere = replace(term, verdict=weighed.other)
        holds = self.level(elsewhere) <= self.settings.alpha and weighed.same_sign
        alone: Scales = "ratio_only" if self.settings.scale == "ratio" else "additive_only"
        conditions = [self.definitions.conditions[place] for place in term.members]
        return Finding(
            conditions=tuple(sorted(conditions, key=lambda one: one.column)),
            direction=weighed.direction,
            status=status,
            above_parts=order == 2 or self.above_parts(term, fit),
            p_search=self.level(term),
            p_confirm=None,
            search=weighed.evidence,
            reading=term.reading,
            same_sign_on_both_scales=weighed.same_sign,
            scales="both" if holds else alone,
        )

    def above_parts(self, term: Term, fit: Fit) -> bool:
        """A combination stands above its parts when its contrast, given the others, is clear of the choice made."""
        without = self.table.fit(self.table.columns(self.terms, but=term.members), fit)
        return self.table.contrast(term.members, without).p <= self.above_level(len(term.members))


def _strongest_first(one: Candidate) -> tuple[float, Members]:
    return -abs(one.stat), one.members


def _reaches(size: float, one: Candidate) -> bool:
    return abs(one.stat) >= size


def _within(term: Term, other: Term) -> bool:
    """Tell whether a term says nothing beside another: it is the same combination, or a part of one's contrast."""
    return term.members == other.members or (other.reading == "contrast" and set(term.members) < set(other.members))
