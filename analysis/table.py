"""One part of the people, made ready: outcome, extents, background columns, clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations

import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from analysis.adjustment import background_columns
from analysis.characteristics import Definitions, holds
from analysis.clusters import Codes, cluster_codes
from analysis.conditions import extents
from analysis.expected import Design, Fit
from analysis.families import Family, Response
from analysis.readings import Verdict, contrast_verdict, joint_verdict
from analysis.settings import CannotSearch, Settings
from analysis.threads import Threads
from analysis.values import Condition, Reading, Scale

Floats = NDArray[np.float64]
Members = tuple[int, ...]
REMEMBERED, TRIED = 32, 8  # fits


@dataclass
class Term:
    """An accepted combination. One read by its contrast brings its parts, of two members up, into the background."""

    members: Members
    reading: Reading
    verdict: Verdict
    pair: Members | None = None  # the found pair that this triple was grown from
    pair_verdict: Verdict | None = None

    @property
    def columns(self) -> tuple[Members, ...]:
        """The combinations whose conjunctions stand in the background for this term; its own first."""
        if self.reading != "contrast":
            return (self.members,)
        parts = (part for order in range(2, len(self.members)) for part in combinations(self.members, order))
        return (self.members, *parts)


def places_of(order: int) -> int:
    """Return how many columns a combination may take in the background: its own and its parts'."""
    return int(2**order) - order - 1


@dataclass
class Table:
    """The people, and every background fitted on them."""

    outcome: Floats
    held: NDArray[np.bool_]  # (characteristics, people)
    design: Design
    codes: Codes | None
    notes: tuple[str, ...]
    response: Response
    places: dict[Members, int] = field(default_factory=dict)
    # What is asked for again. A copy with another outcome begins with none of it.
    fits: dict[frozenset[int], Fit] = field(default_factory=dict, init=False)  # the last few
    tried: dict[Members, Fit] = field(default_factory=dict, init=False)  # of candidates in the scratch place
    verdicts: dict[tuple[str, Members, frozenset[int]], Verdict] = field(default_factory=dict, init=False)
    _other: Table | None = None

    @property
    def base(self) -> tuple[int, ...]:
        return tuple(range(self.design.base))

    @property
    def family(self) -> Family:
        return self.design.family

    @property
    def other(self) -> Table:
        """Return the same people and terms on the scale that does not decide."""
        if self._other is None:
            family, follow_up = self.family, self.response.follow_up
            scale: Scale = "additive" if family.scale == "ratio" else "ratio"
            twin = self.design.twin(Family(family.kind, scale, follow_up))
            self._other = replace(self, design=twin, _other=self)
            twin.settle(self.outcome, self.base, follow_up)
        self._other.design.used = self.design.used
        return self._other

    def conjunction(self, members: Members) -> NDArray[np.bool_]:
        return np.asarray(np.logical_and.reduce(self.held[list(members)]), dtype=np.bool_)

    def place(self, members: Members) -> int:
        """Return where the conjunction stands in the design; it is put there when first asked for."""
        if members not in self.places:
            self.places[members] = self.design.add(self.conjunction(members))
            if (fit := self.tried.get(members)) is not None:  # its scratch place is now its own
                self._remember(fit)
            self.tried.clear()
        return self.places[members]

    def columns(self, terms: Sequence[Term], *, but: Members | None = None, pairs: bool = False) -> tuple[int, ...]:
        """Return the background's columns with these terms; without the term `but`, its pairs kept if `pairs`."""
        wanted: dict[Members, None] = {}
        for term in terms:
            if term.members != but:
                wanted.update(dict.fromkeys(term.columns))
            elif pairs:
                wanted.update(dict.fromkeys(term.columns[1:]))
        return self.base + tuple(sorted(self.place(members) for members in wanted if members != but))

    def fit(self, columns: Sequence[int], start: Fit | None = None) -> Fit:
        """Return the background on these columns, in this order; from memory where it was fitted lately."""
        key = frozenset(columns)
        fit = self.fits.get(key) or self.design.fit(self.outcome, columns, start)
        self._remember(fit)
        return fit.ordered(columns)

    def _remember(self, fit: Fit) -> None:
        key = frozenset(fit.columns)
        self.fits.pop(key, None)
        self.fits[key] = fit
        if len(self.fits) > REMEMBERED:
            del self.fits[next(iter(self.fits))]

    def read(self, members: Members, without: Fit) -> tuple[Verdict, ...]:
        """Give every reading of a combination that the background does not hold."""
        verdicts = (self.contrast(members, without),)
        return verdicts if len(members) == 2 else (*verdicts, self.read_joint(members, without))

    def contrast(self, members: Members, without: Fit) -> Verdict:
        """Read the contrast of a combination."""
        key = ("contrast", members, frozenset(without.columns))
        if key not in self.verdicts:
            held = self.held[list(members)]
            self.verdicts[key] = contrast_verdict(held, self.outcome, without, self.family, self.codes)
        return self.verdicts[key]

    def read_joint(self, members: Members, without: Fit) -> Verdict:
        """Read a combination as a whole, after a refit with its own term."""
        key = ("joint", members, frozenset(without.columns))
        if key not in self.verdicts:
            self.verdicts[key] = self._joint(members, without)
        return self.verdicts[key]

    def _joint(self, members: Members, without: Fit) -> Verdict:
        held = self.conjunction(members)
        if members in self.places:
            fit = self.fit((*without.columns, self.places[members]), without)
        else:
            fit = self.design.fit(self.outcome, (*without.columns, self.design.try_out(held)), without)
            if len(self.tried) < TRIED:
                self.tried[members] = fit
        return joint_verdict(self.design, self.outcome, without, fit, held, self.codes)


@dataclass(frozen=True, slots=True)
class Layout:
    """People made ready for any outcome. One table at a time: all use the same room for terms."""

    held: NDArray[np.bool_]  # (characteristics, people)
    people: NDArray[np.int64]  # (characteristics,): for whom each holds
    design: Design
    codes: Codes | None
    notes: tuple[str, ...]

    def table(self, outcome: Response | Floats | NDArray[np.bool_], settings: Settings) -> Table:
        """Return these people with an outcome; a simulation may give each person's true risk instead."""
        response = outcome if isinstance(outcome, Response) else Response(outcome.astype(np.float64))
        y, held, notes = response.y, self.held, self.notes
        with_it = np.count_nonzero(held & (y > 0), axis=1)
        nobody, everybody = with_it == 0, (with_it == self.people) & (response.kind == "yes_no")
        if bool(np.any((self.people > 0) & (nobody | everybody))):
            notes += ("separation",)
        design = self.design.emptied(Family(response.kind, settings.scale, response.follow_up))
        table = Table(outcome=y, held=held, design=design, codes=self.codes, notes=notes, response=response)
        design.settle(y, table.base, response.follow_up)
        return table


def make_table(
    frame: pl.DataFrame,
    definitions: Definitions,
    outcome: Response | Floats | NDArray[np.bool_],
    *,
    adjust: Sequence[str],
    cluster: str | None,
    settings: Settings,
    terms: int,
    pool: Threads,
    taken: Sequence[Sequence[Condition]] = (),
) -> Table:
    """Lay out people (see `lay_out`) and give them an outcome."""
    made = lay_out(
        frame, definitions, adjust=adjust, cluster=cluster, settings=settings, terms=terms, pool=pool, taken=taken
    )
    return made.table(outcome, settings)


def lay_out(
    frame: pl.DataFrame,
    definitions: Definitions,
    *,
    adjust: Sequence[str],
    cluster: str | None,
    settings: Settings,
    terms: int,
    pool: Threads,
    taken: Sequence[Sequence[Condition]] = (),
) -> Layout:
    """Evaluate the characteristics and lay out the background's columns. `terms`: room for so many more.

    `taken`: combinations that everybody knows of; each has its own column in the background.
    Raises: CannotSearch `adjust_levels`.
    """
    for column in adjust:
        levels_of = 0 if frame[column].dtype.is_numeric() else frame[column].n_unique()
        if levels_of > settings.most_adjust_levels:
            raise CannotSearch("adjust_levels", column=column, count=levels_of, most=settings.most_adjust_levels)
    held = holds(definitions, frame)
    columns, notes = background_columns(held, definitions.conditions, frame, adjust)
    for combination in taken:
        both = np.logical_and.reduce(extents(combination, frame))
        if both.any() and not both.all():
            columns.append(both)
    return Layout(
        held=held,
        people=np.count_nonzero(held, axis=1),
        design=Design(columns, terms=terms, ridge=settings.ridge, pool=pool),
        codes=cluster_codes(frame[cluster] if cluster else None),
        notes=notes,
    )


@contextmanager
def workers(settings: Settings) -> Iterator[Threads]:
    """Threads over blocks and first characteristics. BLAS keeps to one, so that sums do not depend on the machine."""
    count = settings.threads or numba.get_num_threads()
    with threadpool_limits(limits=1, user_api="blas"), Threads(count) as pool:
        try:
            yield pool
        except BaseException:  # an interrupt waits for what runs, not for what waits
            pool.shutdown(wait=True, cancel_futures=True)
            raise
