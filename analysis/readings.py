"""Three ways to read a combination: a pair's contrast, a triple as a whole, a triple's contrast. Each gives a p."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.clusters import Codes, design_effect
from analysis.exact import contrast_mid_p, poisson_mid_p
from analysis.expected import Design, Fit
from analysis.kernels import contrast_root
from analysis.values import Reading

Floats = NDArray[np.float64]


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


def cells_of(members: NDArray[np.bool_], outcome: Floats, mu: Floats) -> Cells:
    """Count the cells. Shape: `members` (order, people)."""
    order = len(members)
    code = np.zeros(members.shape[1], dtype=np.int64)
    for place, held in enumerate(members):
        code += held.astype(np.int64) << place
    size = 1 << order
    none = np.zeros(size)
    ones = np.array([int(cell).bit_count() for cell in range(size)])
    return Cells(
        code=code,
        people=np.bincount(code, minlength=size),
        observed=np.rint(np.bincount(code, weights=outcome, minlength=size)).astype(np.int64),
        expected=none + np.bincount(code, weights=mu, minlength=size),
        weight=none + np.bincount(code, weights=mu * (1 - mu), minlength=size),
        signs=(-1.0) ** (order - ones),
    )


def contrast_verdict(members: NDArray[np.bool_], outcome: Floats, mu: Floats, codes: Codes | None) -> Verdict:
    """Read the k-way contrast: what all k do together beyond everything that fewer of them do."""
    cells = cells_of(members, outcome, mu)
    reading: Reading = "pair" if len(members) == 2 else "contrast"
    if (cells.people < 1).any() or (cells.weight <= 1e-9).any():
        return Verdict(reading, 0.0, 0.5, 0.5)
    table = np.column_stack([cells.people, cells.observed, cells.expected, cells.weight]).astype(np.float64)
    root = float(contrast_root(table, cells.signs))
    more, fewer = contrast_mid_p(cells.people, cells.observed, cells.expected, cells.signs)
    if codes is not None:
        shift = (cells.observed - cells.expected) / cells.weight
        left = outcome - mu - mu * (1 - mu) * shift[cells.code]
        effect = design_effect((cells.signs / cells.weight)[cells.code] * left, codes)
        if effect > 1.0:  # the same test on as many people as the clusters are worth
            root /= np.sqrt(effect)
            fewer_people = contrast_mid_p(
                cells.people / effect, cells.observed / effect, cells.expected / effect, cells.signs
            )
            more, fewer = max(more, fewer_people[0]), max(fewer, fewer_people[1])
    return _verdict(reading, root, more, fewer)


def joint_verdict(
    design: Design, outcome: Floats, without: Fit, fit: Fit, held: NDArray[np.bool_], codes: Codes | None
) -> Verdict:
    """Read a combination as a whole: `fit` is the background `without` and 1[all hold], its last column."""
    observed, expected = float(outcome[held].sum()), float(without.mu[held].sum())
    root = float(np.sqrt(max(without.deviance - fit.deviance, 0.0)) * np.sign(fit.beta[-1]))
    effect = 1.0
    if codes is not None:
        effect = design_effect(own_direction(design, fit, held) * (outcome - fit.mu), codes)
        root /= np.sqrt(effect)
    more, fewer = float(ndtr(-root)), float(ndtr(root))
    if root < 0:  # the root is too bold where nothing, or next to nothing, is seen
        fewer = max(fewer, poisson_mid_p(observed / effect, expected / effect)[1])
    return _verdict("joint", root, more, fewer)


def own_direction(design: Design, fit: Fit, held: NDArray[np.bool_]) -> Floats:
    """Return the own term (last column of `fit`) with all other columns projected off, in the fit's weights."""
    others = fit.columns[:-1]
    information = design.information(fit)
    coefficients = np.asarray(np.linalg.solve(information[:-1, :-1], information[:-1, -1]), dtype=np.float64)
    return np.asarray(held - design.predict(others, coefficients), dtype=np.float64)


def _verdict(reading: Reading, root: float, more: float, fewer: float) -> Verdict:
    return Verdict(reading, root, max(more, float(ndtr(-root))), max(fewer, float(ndtr(root))))
