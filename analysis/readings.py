"""Three ways to read a combination: a pair's contrast, a triple as a whole, a triple's contrast. Each gives a p."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.clusters import Codes, spread_of
from analysis.exact import contrast_mid_p, sum_tail
from analysis.expected import Design, Fit
from analysis.families import Family
from analysis.kernels import contrast_root, count_cells
from analysis.values import Reading

Floats = NDArray[np.float64]
LITTLE = 10.0  # a cell whose outcomes have a variance below this: its tails are skewed


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reading of one combination. Both one-sided p-values are the larger of exact and cluster-robust."""

    reading: Reading
    root: float  # signed root of the likelihood ratio, shrunk by the design effect; > 0: more than expected
    more: float
    fewer: float

    @property
    def p(self) -> float:
        return min(1.0, 2.0 * min(self.more, self.fewer))


NOTHING = Verdict("joint", 0.0, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Cells:
    """The 2^k cells of a combination; in cell number `code`, bit i says whether condition i holds."""

    code: NDArray[np.int64]  # (people,)
    people: NDArray[np.int64]  # (2^k,), as all below
    observed: NDArray[np.int64]
    expected: Floats
    weight: Floats
    signs: Floats  # +1 where all hold, and alternating


def cells_of(members: NDArray[np.bool_], outcome: Floats, mu: Floats, weight: Floats) -> Cells:
    """Count the cells. Shape: `members` (order, people)."""
    order = len(members)
    size = 1 << order
    code, sums = np.zeros(members.shape[1], dtype=np.int64), np.zeros((size, 4))
    count_cells(members, outcome, mu, weight, code, sums)
    ones = np.array([int(cell).bit_count() for cell in range(size)])
    return Cells(
        code=code,
        people=sums[:, 0].astype(np.int64),
        observed=np.rint(sums[:, 1]).astype(np.int64),
        expected=sums[:, 2].copy(),
        weight=sums[:, 3].copy(),
        signs=(-1.0) ** (order - ones),
    )


def contrast_verdict(
    members: NDArray[np.bool_], outcome: Floats, fit: Fit, family: Family, codes: Codes | None
) -> Verdict:
    """Read the k-way contrast: what all k do together beyond everything that fewer of them do."""
    cells = cells_of(members, outcome, fit.mu, fit.weight)
    reading: Reading = "pair" if len(members) == 2 else "contrast"
    if (cells.people < 1).any() or (cells.weight <= 1e-9).any():
        return Verdict(reading, 0.0, 0.5, 0.5)
    if family.scale == "additive":
        return _added_contrast(reading, cells, outcome, fit, family, codes)
    table = np.column_stack([cells.people, cells.observed, cells.expected, cells.weight]).astype(np.float64)
    root = float(contrast_root(table, cells.signs, family.code))
    effect = max(1.0, _effect(cells, outcome, fit, family, codes))
    root /= float(np.sqrt(effect))
    worth = _spread_in_cells(cells, family)
    more = fewer = 0.0
    for one in sorted({1.0, effect}):  # the same test on as many people as the clusters are worth
        counts = (cells.people / (one * worth), cells.observed / (one * worth), cells.expected / (one * worth))
        tails = contrast_mid_p(*counts, cells.signs, rates=family.rates)
        more, fewer = max(more, tails[0]), max(fewer, tails[1])
    if worth < 1.0 and cells.weight.min() < LITTLE:
        slopes = (cells.signs / cells.weight)[cells.code]
        own = sum_tail(float(slopes @ (outcome - fit.mu)), slopes, fit.mu, np.ones_like(fit.mu), worth=effect)
        more, fewer = max(more, float(ndtr(-own))), max(fewer, float(ndtr(own)))
    return _verdict(reading, root, more, fewer)


def _spread_in_cells(cells: Cells, family: Family) -> float:
    """Return a pair's variance over what it would be if all in a cell had the same risk: 1 or less.

    People of unequal risk spread less than a binomial of their mean does. Rates: Poisson counts add up to one. Of a
    larger combination the pairs inside it are not in the background; what is left of them would pass for its own.
    It is right about the spread, not the skew: few who are nearly sure to have the outcome among many who are not
    leave a cell that tells little. There (`LITTLE`) the saddlepoint of everybody's own risk is asked as well.
    """
    if family.rates or len(cells.people) > 4:
        return 1.0
    alike = cells.expected * (1.0 - cells.expected / cells.people)
    return min(1.0, float((1.0 / alike).sum() / (1.0 / cells.weight).sum()))


def _effect(cells: Cells, outcome: Floats, fit: Fit, family: Family, codes: Codes | None) -> float:
    """Return the contrast's design effect: of clusters and over-dispersion, 1 where there is neither.

    From the residuals that are left once each cell has its own level, in the contrast's direction.
    """
    if codes is None and family.kind != "count":
        return 1.0
    shift = (cells.observed - cells.expected) / cells.weight
    left = outcome - fit.mu - fit.weight * shift[cells.code]
    direction = (cells.signs / cells.weight)[cells.code]
    return spread_of(direction * left, direction, outcome - left, family, codes)


def _added_contrast(
    reading: Reading, cells: Cells, outcome: Floats, fit: Fit, family: Family, codes: Codes | None
) -> Verdict:
    """Read the contrast of risks (rates). Shape: one binomial (Poisson) a cell, at what no contrast leaves of it.

    Risks that differ inside a cell spread less than its binomial does: that errs to the careful side.
    """
    people, observed = cells.people.astype(np.float64), cells.observed.astype(np.float64)
    slopes = cells.signs / cells.weight
    gap = float(slopes @ (observed - cells.expected))
    most = np.full(len(people), np.inf) if family.rates else people - 0.5
    spread = observed + 0.5 if family.rates else (observed + 0.5) * (people - observed + 0.5) / (people + 1.0)
    for _ in range(3):  # the cells nearest to those seen that leave no contrast
        fitted = np.clip(observed - spread * slopes * gap / float(slopes**2 @ spread), 0.5, most)
        spread = fitted if family.rates else fitted * (1.0 - fitted / people)
    effect = _effect(cells, outcome, fit, family, codes)
    root = sum_tail(gap, slopes, fitted, None if family.rates else people, worth=effect)
    return _verdict(reading, root, 0.0, 0.0)


def joint_verdict(
    design: Design, outcome: Floats, without: Fit, fit: Fit, held: NDArray[np.bool_], codes: Codes | None
) -> Verdict:
    """Read a combination as a whole: `fit` is the background `without` and 1[all hold], its last column."""
    family = design.family
    effect = 1.0
    added = family.scale == "additive"
    if codes is not None or family.kind == "count" or added:
        direction = own_direction(design, fit, held)
        effect = spread_of(direction * (outcome - fit.mu), direction, fit.mu, family, codes)
    if added:
        variance = family.variance(without.mu)
        likely = variance if family.rates else (1.0 - np.sqrt(np.maximum(1.0 - 4.0 * variance, 0.0))) / 2.0
        if not family.rates:
            likely = np.where(without.mu > 0.5, 1.0 - likely, likely)
        ones = None if family.rates else np.ones_like(likely)
        root = sum_tail(float(direction @ (outcome - without.mu)), direction, likely, ones, worth=effect)
        return _verdict("joint", root, 0.0, 0.0)
    root = float(np.sqrt(max(without.deviance - fit.deviance, 0.0) / effect) * np.sign(fit.beta[-1]))
    more, fewer = float(ndtr(-root)), float(ndtr(root))
    if root < 0:  # the root is too bold where nothing, or next to nothing, is seen
        fewer = max(fewer, float(ndtr(_score_tail(design, outcome, without, held, effect))))
    return _verdict("joint", root, more, fewer)


def _score_tail(design: Design, outcome: Floats, without: Fit, held: NDArray[np.bool_], effect: float) -> float:
    """Return the normal deviate of a score as low as the own term's, if the background `without` it is the truth.

    The score is of those for whom all hold, less what a fitted background takes of it from everybody: a sum of
    independent outcomes, whose saddlepoint is right for few as well. (A Poisson tail of the group alone forgets that
    the background has taken a part of the gap: in large groups it asks for far more than the level.)
    """
    rows = np.flatnonzero(held)
    coefficients = design.solve(without, design.cross_of(without.columns, rows, without.weight[rows]))
    direction = held - design.predict(without.columns, coefficients)
    ones = None if design.family.rates else np.ones_like(without.mu)
    return sum_tail(float(direction @ (outcome - without.mu)), direction, without.mu, ones, worth=effect)


def own_direction(design: Design, fit: Fit, held: NDArray[np.bool_]) -> Floats:
    """Return the own term (last column of `fit`) with all other columns projected off, in the fit's weights."""
    others = fit.without_last()
    rows = np.flatnonzero(held)
    coefficients = design.solve(others, design.cross_of(others.columns, rows, fit.weight[rows]))
    return np.asarray(held - design.predict(others.columns, coefficients), dtype=np.float64)


def _verdict(reading: Reading, root: float, more: float, fewer: float) -> Verdict:
    return Verdict(reading, root, max(more, float(ndtr(-root))), max(fewer, float(ndtr(root))))
