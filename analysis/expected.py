"""The background: what main effects and adjustment lead us to expect of each person. By our own Newton.

Logistic, or as `families.Family` says: Poisson for counts and times, least squares where effects add.

Own code because the search refits it dozens of times from the last fit, and needs its information matrix. A refit
keeps the last fit's curvature for as long as its steps do well: a step costs a tenth of a curvature. Gradients are in
double precision, and they alone decide where it ends; curvatures are in single precision, the first ones of a quarter
of the people, for they decide only how fast. Standard errors take the curvature in double precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError
from scipy.linalg.lapack import dpotrf, dpotrs

from analysis.eights import cross_by_blocks, cross_of_some, no_bytes, predict_by_bytes, tables, write
from analysis.families import Family, cumulative_hazard
from analysis.threads import Threads

Floats = NDArray[np.float64]
Column = Floats | NDArray[np.bool_]
ROWS = 8_192  # people in a block: sums are taken block by block, in order, whatever the number of threads


KEPT = 0.1  # a step that leaves more than this share of the decrement asks for a new curvature: not the first step ...
LOST = 0.5  # ... unless it leaves this much. It moves the new terms' own people, and their border is written again
DONE = 1e-7  # a decrement below this is applied, and is the last
QUARTER, MANY = 4, 40_000  # among so many people a first curvature is taken of every fourth
TURNS, CLOSE = 40, 1e-22  # of conjugate gradients; and what may be left of the squared error at the start
PATIENCE = 8  # curvatures in single precision before one in double: columns that nearly give one another


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted background. `columns` are positions in the design; everything else is in their order."""

    columns: tuple[int, ...]
    beta: Floats
    mu: Floats  # (people,): expected outcome of each
    curvature: Floats  # X' W X + ridge, of this fit or one near it: good for a step, not for a standard error
    deviance: float  # penalised: what Newton minimises, so that differences are never negative
    weight: Floats  # (people,): the information that each has on its linear predictor

    def solve(self, right: Floats) -> Floats:
        """Return curvature^-1 right."""
        return _solved(_cholesky(self.curvature), right)

    def without_last(self) -> Fit:
        """Return the same people's weights for all columns but the last."""
        return replace(self, columns=self.columns[:-1], beta=self.beta[:-1], curvature=self.curvature[:-1, :-1])

    def ordered(self, columns: Sequence[int]) -> Fit:
        """Return the same fit with its columns in another order."""
        if tuple(columns) == self.columns:
            return self
        places = {place: index for index, place in enumerate(self.columns)}
        order = [places[place] for place in columns]
        return replace(
            self, columns=tuple(columns), beta=self.beta[order], curvature=self.curvature[np.ix_(order, order)]
        )


class Design:
    """The columns that a background may use: intercept, main effects, adjustment, then the accepted terms.

    Shape: (people, capacity), float32, column by column, so that room not used yet costs nothing: noughts and ones are
    exact, and are kept as bytes too (`eights`); the others are rounded once, here. The place after the last one used
    is scratch for a candidate.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        terms: int,
        ridge: float,
        pool: Threads,
        family: Family | None = None,
    ) -> None:
        people = len(columns[0])
        self.base = len(columns)
        self.matrix = np.zeros((people, self.base + terms + 1), dtype=np.float32, order="F")
        self.bytes = no_bytes(self.matrix.shape[1], people)
        self.graded: list[int] = []  # columns of other numbers than 0 and 1
        for place, column in enumerate(columns):
            self.matrix[:, place] = column
            if column.dtype == np.bool_ or bool(((column == 0) | (column == 1)).all()):
                write(self.bytes, place, column != 0)
            else:
                self.graded.append(place)
        self._graded = self.matrix[:, self.graded].astype(np.float64)
        self._fresh: tuple[tuple[int, ...], Floats] | None = None  # the last curvature taken from people, its columns
        self.used = self.base
        self.ridge = ridge
        self._plain = np.zeros((0, 0))
        self.pool = pool
        self.family = family or Family()
        self.blocks = [slice(start, min(start + ROWS, people)) for start in range(0, people, ROWS)]
        self.runs = pool.runs(range(len(self.blocks)))

    @property
    def free(self) -> int:
        """Return how many terms more there is room for."""
        return self.matrix.shape[1] - 1 - self.used

    def twin(self, family: Family) -> Design:
        """Return the same columns for another law or scale. They share what is written into them."""
        other = copy(self)
        other.family = family
        other._plain = np.zeros((0, 0))
        other._fresh = None
        return other

    def emptied(self, family: Family) -> Design:
        """Return the first columns for another outcome; what stood in the room for terms is gone.

        A bit left behind would change no figure but the order in which its byte's sums are taken.
        """
        row, bit = self.base >> 3, self.base & 7
        self.bytes[row:, :] &= np.array([(1 << bit) - 1] + [0] * (len(self.bytes) - row - 1), dtype=np.uint8)[:, None]
        other = self.twin(family)
        other.used = other.base
        return other

    def add(self, column: NDArray[np.bool_]) -> int:
        """Add a term and return its place."""
        if self.used + 1 == self.matrix.shape[1]:
            raise ValueError("the design is full")
        self.try_out(column)
        self.used += 1
        return self.used - 1

    def try_out(self, column: NDArray[np.bool_]) -> int:
        """Put a candidate in the scratch place and return it; the next `add` or `try_out` overwrites it."""
        self.matrix[:, self.used] = column
        write(self.bytes, self.used, column)
        return self.used

    def cross(self, columns: Sequence[int], vector: Floats) -> Floats:
        """Return X' vector for these columns. Shape: (people, ...) -> (columns, ...)."""
        if vector.ndim > 1:
            return np.column_stack([self.cross(columns, one) for one in np.ascontiguousarray(vector.T)])
        width = self._width(columns)
        sums = np.empty((len(self.blocks), width))
        graded = [place for place in self.graded if place < width]

        def part(run: Sequence[int]) -> None:
            cross_by_blocks(self.bytes, vector, ROWS, run[0] * ROWS, sums[run[0] : run[-1] + 1])
            for block in run if graded else ():
                rows = self.blocks[block]
                sums[block, graded] = (self._graded[rows].T @ vector[rows])[: len(graded)]

        self.pool.parts(part, self.runs)
        return _ordered_sum(sums)[list(columns)]

    def cross_of(self, columns: Sequence[int], rows: NDArray[np.int64], values: Floats) -> Floats:
        """Return X' values, of the people in `rows` alone. Shape: (rows,) -> (columns,)."""
        out = np.empty(self._width(columns))
        cross_of_some(self.bytes, rows, values, out)
        graded = [place for place in self.graded if place < len(out)]
        out[graded] = (self._graded[rows].T @ values)[: len(graded)]
        return out[list(columns)]

    def predict(self, columns: Sequence[int], beta: Floats) -> Floats:
        """Return X beta for these columns. Shape: (columns,) or (columns, several) -> (people, ...)."""
        if beta.ndim > 1:
            return np.column_stack([self.predict(columns, one) for one in np.ascontiguousarray(beta.T)])
        full = np.zeros(self._width(columns))
        full[list(columns)] = beta
        graded = [place for place in self.graded if place < len(full)]
        along = full[graded]
        full[graded] = 0.0
        sums = tables(full)

        out = np.zeros(len(self.matrix))

        def part(run: Sequence[int]) -> None:
            for block in run if graded else ():
                rows = self.blocks[block]
                out[rows] = self._graded[rows, : len(graded)] @ along
            start, stop = self.blocks[run[0]].start, self.blocks[run[-1]].stop
            predict_by_bytes(self.bytes, sums, start, stop, out[start:stop])

        self.pool.parts(part, self.runs)
        return out

    def _width(self, columns: Sequence[int]) -> int:
        return 8 * (max(columns) // 8 + 1)

    def gram(self, columns: Sequence[int], weight: Floats, *, rough: bool = False, every: int = 1) -> Floats:
        """Return X' W X for these columns; `rough`: in single precision, from every so many-th person."""
        chosen = list(columns)
        last = max(chosen) + 1
        roots = np.sqrt(weight)
        if rough:
            roots = (roots * np.sqrt(every)).astype(np.float32)

        def part(rows: slice) -> Floats:
            some = slice(rows.start, rows.stop, every)
            scaled = self.matrix[some, :last] * roots[some, None]
            return np.asarray(scaled.T @ scaled, dtype=np.float64)

        return _ordered_sum(self.pool.parts(part, self.blocks))[np.ix_(chosen, chosen)]

    def plain_gram(self, columns: Sequence[int]) -> Floats:
        """Return X' T X for these columns, T the follow-up (1 for yes/no), from memory but for columns that are new.

        Not for the scratch place.
        """
        had = len(self._plain)
        if had < self.used:
            everything = range(self.used)
            time = self.family.exposure
            if not had:
                self._plain = self.gram(everything, np.ones(len(self.matrix)) if time is None else time)
            else:
                new = self.matrix[:, had : self.used].astype(np.float64)
                border = self.cross(everything, new if time is None else new * time[:, None])
                grown = np.zeros((self.used, self.used))
                grown[:had, :had] = self._plain
                grown[:, had:] = border
                grown[had:, :] = border.T
                self._plain = grown
        return np.asarray(self._plain[np.ix_(list(columns), list(columns))], dtype=np.float64)

    def fit(self, outcome: Floats, columns: Sequence[int], start: Fit | None = None) -> Fit:
        """Fit the background on these columns, from the last fit where one is given.

        A ridge (not on the intercept) keeps separated, rare and collinear columns finite; a step that does not
        lower the deviance is halved.
        """
        columns = tuple(columns)
        penalty = self._penalty(columns)
        family = self.family
        if family.scale == "additive":
            return self._added(outcome, columns, penalty)
        beta = np.zeros(len(columns))
        if start is None:
            beta[0] = family.first(outcome)
        else:
            known = dict(zip(start.columns, start.beta, strict=True))
            beta[:] = [known.get(place, 0.0) for place in columns]
        eta = self.predict(columns, beta)
        deviance = family.deviance(eta, outcome) + float(penalty @ beta**2)
        factor = curvature = None
        if start is not None and (curvature := self._bordered(columns, start, penalty)) is not None:
            factor = _factor(curvature)
        before = np.inf
        renewals, every = 0, 1
        bends = Bends()
        fresh = factor is None  # the curvature is this fit's own, not the last one's
        for attempt in range(100):
            mu = family.mean(eta)
            if factor is not None and curvature is not None and start is not None and not fresh and 1 <= attempt <= 2:
                factor = self._bordered_anew(columns, start, mu, penalty, curvature, factor)
            renewed = factor is None
            if factor is None:
                fresh = True
                every = QUARTER if start is None and renewals < 2 and len(eta) >= MANY else 1
                curvature, factor = self._rough(columns, mu, penalty, every, fine=renewals >= PATIENCE)
                renewals += 1
            slope = self.cross(columns, outcome - mu) - penalty * beta
            bends.saw(slope)
            step = bends.solve(factor, slope)
            gain = float(slope @ step)  # Newton's decrement: how much lower the deviance can still get
            if not renewed and gain > (LOST if attempt == 1 else KEPT) * before:
                factor, before = None, np.inf
                bends = Bends()
                continue
            before = gain
            change = self.predict(columns, step)
            size = 1.0
            while True:
                tried = family.deviance(eta + size * change, outcome) + float(penalty @ (beta + size * step) ** 2)
                if tried <= deviance + 1e-9 or size < 1e-6:
                    break
                size /= 2.0
            beta, eta, deviance = beta + size * step, eta + size * change, tried
            bends.went(size * step, slope)
            if gain < DONE or (size < 1e-6 and renewed and every == 1):
                break
            if size < 1.0 or every > 1:  # a quarter's curvature is good for one step
                factor, before = None, np.inf
                bends = Bends()
        assert curvature is not None
        if fresh:
            kept = [index for index, place in enumerate(columns) if place < self.used]  # not a candidate's
            self._fresh = tuple(columns[index] for index in kept), curvature[np.ix_(kept, kept)]
        mu = family.mean(eta)
        return Fit(columns, beta, mu, curvature, deviance, family.weight(mu))

    def _added(self, outcome: Floats, columns: tuple[int, ...], penalty: Floats) -> Fit:
        """Fit where effects add: least squares, weighted by one over the follow-up. One step."""
        kept = tuple(place for place in columns if place < self.used)
        gram = np.zeros((len(columns), len(columns)))
        inside = [index for index, place in enumerate(columns) if place < self.used]
        gram[np.ix_(inside, inside)] = self.plain_gram(kept)
        weight = self.family.weight(np.ones(len(outcome)))
        for index, place in enumerate(columns):
            if place >= self.used:  # the scratch place
                gram[index] = gram[:, index] = self.cross(columns, self.matrix[:, place] * weight)
        gram[np.diag_indices(len(gram))] += penalty
        beta = _solved(_cholesky(gram), self.cross(columns, outcome))
        eta = self.predict(columns, beta)
        deviance = self.family.deviance(eta, outcome) + float(penalty @ beta**2)
        return Fit(columns, beta, self.family.mean(eta), gram, deviance, weight)

    def settle(self, outcome: Floats, columns: Sequence[int], follow_up: Floats | None) -> None:
        """Learn what the family takes from the first background: baseline hazard (times), over-dispersion (counts).

        Times on the ratio scale: hazard and effects in turn, until neither changes; that is Cox's model with Breslow's
        hazard. It stays as it is when terms join the background: to leave it fixed errs to the careful side.
        """
        if self.family.kind == "time" and self.family.scale == "ratio":
            assert follow_up is not None
            hazard = cumulative_hazard(follow_up, outcome, np.ones(len(outcome)))
            fit = None
            for _ in range(50):
                self.family = replace(self.family, exposure=hazard)
                fit = self.fit(outcome, columns, fit)
                risk = np.exp(np.minimum(self.predict(columns, fit.beta), 50.0))
                before, hazard = hazard, cumulative_hazard(follow_up, outcome, risk)
                hazard *= before.sum() / hazard.sum()  # the intercept holds the level
                if float(np.abs(hazard - before).max()) <= 1e-6 * float(before.max()):
                    break
        elif self.family.kind == "count":
            fit = self.fit(outcome, columns)
            self.family = self.family.dispersed(outcome, fit.mu, len(columns))

    def solve(self, fit: Fit, right: Floats) -> Floats:
        """Return (X' W X + ridge)^-1 right, W at the fit, in double precision.

        By conjugate gradients from the curvature at hand, which is nearly that: a handful of products with X take a
        fraction of one product of X with itself. Where they do not get there, that is taken.
        Source: M. Hestenes, E. Stiefel (1952), J Res Nat Bur Stand 49, 409-436.
        """
        columns, weight, penalty = fit.columns, fit.weight, self._penalty(fit.columns)
        found = np.zeros_like(right)
        if not right.any():
            return found
        factor = _factor(fit.curvature)
        if factor is not None:
            left, way, size, first = right.copy(), np.zeros_like(right), 1.0, 0.0
            for turn in range(TURNS):
                ahead = _solved(factor, left)
                before, size = size, float(left @ ahead)
                first = first or size
                if not size > CLOSE * first:
                    return found
                way = ahead + way * (size / before if turn else 0.0)
                along = self.cross(columns, weight * self.predict(columns, way)) + penalty * way
                step = size / float(way @ along)
                found, left = found + step * way, left - step * along
        curvature = self._curvature(columns, fit.mu, penalty)
        return _solved(_cholesky(curvature), right)

    def _penalty(self, columns: Sequence[int]) -> Floats:
        penalty = np.full(len(columns), self.ridge)
        penalty[[place == 0 for place in columns]] = 1e-9
        return penalty

    def _curvature(self, columns: Sequence[int], mu: Floats, penalty: Floats) -> Floats:
        curvature = self.gram(columns, self.family.weight(mu))
        curvature[np.diag_indices(len(columns))] += penalty
        return curvature

    def _rough(
        self, columns: Sequence[int], mu: Floats, penalty: Floats, every: int, *, fine: bool
    ) -> tuple[Floats, Floats]:
        """Return a curvature good for steps, and its factor; in double precision where single does not do."""
        if not fine:
            curvature = self.gram(columns, self.family.weight(mu), rough=True, every=every)
            curvature[np.diag_indices(len(columns))] += penalty
            if (factor := _factor(curvature)) is not None:
                return curvature, factor
        curvature = self._curvature(columns, mu, penalty)
        return curvature, _cholesky(curvature)

    def _bordered(self, columns: tuple[int, ...], start: Fit, penalty: Floats) -> Floats | None:
        """Return a curvature on these columns, with a border for those that are new to it: a candidate's, mostly.

        The last one taken from people, where it has all that the last fit's has: what one candidate had to take anew
        serves the next as well.
        """
        had, base = start.columns, start.curvature
        if self._fresh is not None and set(columns) & set(had) <= set(self._fresh[0]):
            had, base = self._fresh
        known = {place: index for index, place in enumerate(had)}
        old = [index for index, place in enumerate(columns) if place in known]
        if len(columns) - len(old) > 8:
            return None
        where = [known[columns[index]] for index in old]
        curvature = np.zeros((len(columns), len(columns)))
        curvature[np.ix_(old, old)] = base[np.ix_(where, where)]
        new = [index for index, place in enumerate(columns) if place not in known]
        self._border(columns, new, start.weight, penalty, curvature)
        return curvature

    def _bordered_anew(
        self, columns: tuple[int, ...], start: Fit, mu: Floats, penalty: Floats, curvature: Floats, factor: Floats
    ) -> Floats | None:
        """Write the border again where the new terms have moved their people's weights, and factor it."""
        known = set(start.columns)
        new = [index for index, place in enumerate(columns) if place not in known]
        if not new:
            return factor
        self._border(columns, new, self.family.weight(mu), penalty, curvature)
        return _factor(curvature)

    def _border(
        self, columns: tuple[int, ...], new: list[int], weight: Floats, penalty: Floats, curvature: Floats
    ) -> None:
        """Write the rows and columns of the new terms into the curvature."""
        for index in new:
            column = self.matrix[:, columns[index]]
            rows = np.flatnonzero(column)  # few: those for whom all hold
            border = self.cross_of(columns, rows, column[rows] * weight[rows])
            curvature[:, index] = border
            curvature[index, :] = border
        curvature[new, new] += penalty[new]


class Bends:
    """What the steps taken say of a curvature that is not quite the one at hand: each moved the slope by so much.

    Source: J. Nocedal (1980), Updating quasi-Newton matrices with limited storage, Math. Comp. 35, 773-782.
    """

    def __init__(self) -> None:
        self.pairs: list[tuple[Floats, Floats, float]] = []  # a step, what it took off the slope, their product
        self.last: tuple[Floats, Floats] | None = None

    def went(self, step: Floats, slope: Floats) -> None:
        """Take note of a step from where the slope was this."""
        self.last = step, slope

    def saw(self, slope: Floats) -> None:
        """Take note of the slope that the last step led to."""
        if self.last is not None:
            step, fall = self.last[0], self.last[1] - slope
            if (along := float(step @ fall)) > 0.0:
                self.pairs.append((step, fall, along))
            self.last = None

    def solve(self, factor: Floats, slope: Floats) -> Floats:
        """Return the step: curvature^-1 slope, the curvature bent so that it explains the steps taken."""
        shares = []
        for step, fall, along in reversed(self.pairs):
            shares.append(float(step @ slope) / along)
            slope = slope - shares[-1] * fall
        found = _solved(factor, slope)
        for (step, fall, along), share in zip(self.pairs, reversed(shares), strict=True):
            found = found + step * (share - float(fall @ found) / along)
        return found


def _factor(curvature: Floats) -> Floats | None:
    """Factor a curvature put together from two fits; None where they do not go together."""
    factor, wrong = dpotrf(curvature, lower=0, clean=0)
    return None if wrong else factor


def _cholesky(curvature: Floats) -> Floats:
    """Factor a curvature. LAPACK alone: what scipy's own calls ask around it takes as long for a hundred columns."""
    factor = _factor(curvature)
    if factor is None:
        raise LinAlgError("the curvature is not positive")
    return factor


def _solved(factor: Floats, right: Floats) -> Floats:
    return np.asarray(dpotrs(factor, right, lower=0)[0], dtype=np.float64)


def _ordered_sum(parts: Iterable[Floats]) -> Floats:
    total: Floats | None = None
    for part in parts:
        total = part if total is None else total + part
    assert total is not None
    return total
