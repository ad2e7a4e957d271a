"""The background: what main effects and adjustment lead us to expect of each person. Logistic, by our own Newton.

Own code because the search refits it dozens of times from the last fit, and needs its information matrix.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

Floats = NDArray[np.float64]
ROWS = 8_192  # people in a block: sums are taken block by block, in order, whatever the number of threads


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted background. `columns` are positions in the design; everything else is in their order."""

    columns: tuple[int, ...]
    beta: Floats
    mu: Floats  # (people,): expected outcome of each
    information: Floats  # X' W X + ridge
    deviance: float  # penalised: what Newton minimises, so that differences are never negative

    @property
    def weight(self) -> Floats:
        return self.mu * (1.0 - self.mu)

    def solve(self, right: Floats) -> Floats:
        """Return information^-1 right."""
        return np.asarray(cho_solve(cho_factor(self.information), right), dtype=np.float64)


class Design:
    """The columns that a background may use: intercept, main effects, adjustment, then the accepted terms.

    Shape: (people, capacity), float64, column by column, so that room not used yet costs nothing. The place after
    the last one used is scratch for a candidate.
    """

    def __init__(self, columns: Sequence[Floats], *, terms: int, ridge: float, pool: ThreadPoolExecutor) -> None:
        people = len(columns[0])
        self.base = len(columns)
        self.matrix = np.zeros((people, self.base + terms + 1), order="F")
        for place, column in enumerate(columns):
            self.matrix[:, place] = column
        self.used = self.base
        self.ridge = ridge
        self.pool = pool
        self.blocks = [slice(start, min(start + ROWS, people)) for start in range(0, people, ROWS)]

    def add(self, column: NDArray[np.bool_]) -> int:
        """Add a term and return its place."""
        if self.used + 1 == self.matrix.shape[1]:
            raise ValueError("the design is full")
        self.matrix[:, self.used] = column
        self.used += 1
        return self.used - 1

    def try_out(self, column: NDArray[np.bool_]) -> int:
        """Put a candidate in the scratch place and return it; the next `add` or `try_out` overwrites it."""
        self.matrix[:, self.used] = column
        return self.used

    def cross(self, columns: Sequence[int], vector: Floats) -> Floats:
        """Return X' vector for these columns. Shape: (people, ...) -> (columns, ...)."""
        last = max(columns) + 1
        parts = self.pool.map(lambda rows: self.matrix[rows, :last].T @ vector[rows], self.blocks)
        return _ordered_sum(parts)[list(columns)]

    def predict(self, columns: Sequence[int], beta: Floats) -> Floats:
        """Return X beta for these columns. Shape: (columns,) or (columns, several) -> (people, ...)."""
        last = max(columns) + 1
        full = np.zeros((last, *beta.shape[1:]))
        full[list(columns)] = beta
        return np.concatenate(list(self.pool.map(lambda rows: self.matrix[rows, :last] @ full, self.blocks)))

    def gram(self, columns: Sequence[int], weight: Floats) -> Floats:
        """Return X' W X for these columns."""
        chosen = list(columns)
        last = max(chosen) + 1

        def part(rows: slice) -> Floats:
            scaled = self.matrix[rows, :last] * np.sqrt(weight[rows])[:, None]
            return np.asarray(scaled.T @ scaled, dtype=np.float64)

        return _ordered_sum(self.pool.map(part, self.blocks))[np.ix_(chosen, chosen)]

    def fit(self, outcome: Floats, columns: Sequence[int], start: Fit | None = None) -> Fit:
        """Fit the logistic background on these columns, from the last fit where one is given.

        A ridge (not on the intercept) keeps separated, rare and collinear columns finite; a step that does not
        lower the deviance is halved.
        """
        columns = tuple(columns)
        penalty = np.full(len(columns), self.ridge)
        penalty[[place == 0 for place in columns]] = 1e-9
        beta = np.zeros(len(columns))
        if start is None:
            share = (outcome.sum() + 0.5) / (len(outcome) + 1.0)
            beta[0] = np.log(share / (1.0 - share))
        else:
            known = dict(zip(start.columns, start.beta, strict=True))
            beta[:] = [known.get(place, 0.0) for place in columns]
        eta = self.predict(columns, beta)
        deviance = _deviance(eta, outcome) + float(penalty @ beta**2)
        for attempt in range(60):
            mu = expit(eta)
            near = self._bordered(columns, start, penalty) if attempt == 0 and start is not None else None
            if near is None:
                information = self.gram(columns, mu * (1.0 - mu))
                information[np.diag_indices(len(columns))] += penalty
            else:  # the last fit's curvature is good enough for a first step, and free
                information = near
            slope = self.cross(columns, outcome - mu) - penalty * beta
            step = np.asarray(cho_solve(cho_factor(information), slope), dtype=np.float64)
            gain = float(slope @ step)  # Newton's decrement: how much lower the deviance can still get
            change = self.predict(columns, step)
            size = 1.0
            while True:
                tried = _deviance(eta + size * change, outcome) + float(penalty @ (beta + size * step) ** 2)
                if tried <= deviance + 1e-9 or size < 1e-6:
                    break
                size /= 2.0
            beta, eta, deviance = beta + size * step, eta + size * change, tried
            if gain < 1e-5 and near is None:  # Newton converges quadratically: what is left is far below 1e-8
                return Fit(columns, beta, expit(eta), information, deviance)
            if size < 1e-6:
                break
        mu = expit(eta)
        information = self.gram(columns, mu * (1.0 - mu))
        information[np.diag_indices(len(columns))] += penalty
        return Fit(columns, beta, mu, information, deviance)

    def _bordered(self, columns: tuple[int, ...], start: Fit, penalty: Floats) -> Floats | None:
        """Return the last fit's information on these columns, with a border for those that are new to it."""
        known = {place: index for index, place in enumerate(start.columns)}
        new = [index for index, place in enumerate(columns) if place not in known]
        old = [index for index, place in enumerate(columns) if place in known]
        if len(new) > 8:
            return None
        where = [known[columns[index]] for index in old]
        information = np.zeros((len(columns), len(columns)))
        information[np.ix_(old, old)] = start.information[np.ix_(where, where)]
        if new:
            added = self.matrix[:, [columns[index] for index in new]] * start.weight[:, None]
            border = self.cross(columns, added)
            information[:, new] = border
            information[new, :] = border.T
            information[new, new] += penalty[new]
        return information


def _deviance(eta: Floats, outcome: Floats) -> float:
    """Twice the negative log-likelihood."""
    return float(2.0 * np.sum(np.maximum(eta, 0.0) + np.log1p(np.exp(-np.abs(eta))) - outcome * eta))


def _ordered_sum(parts: Iterable[Floats]) -> Floats:
    total: Floats | None = None
    for part in parts:
        total = part if total is None else total + part
    assert total is not None
    return total
