"""What a search is measured against: a naive list of contrasts, and an oracle that knows which sets to test."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis import Definitions, Settings
from analysis.kernels import contrast_root, fill_signs
from analysis.lists import ActiveLists
from analysis.readings import NOTHING
from analysis.scan import Scanner, may_combine
from analysis.table import Members, Table, Term

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
REPLICATES = 100  # of the null's largest root: the critical value is the 97.5 % point


def naive_list(
    table: Table, definitions: Definitions, settings: Settings, rng: np.random.Generator, replicates: int = REPLICATES
) -> list[Members]:
    """List every pair and triple whose contrast's likelihood-ratio root is above that order's null maximum.

    Single step, all the data, the same background, floors and kernels as the search; outcomes drawn from the
    background give the null; alpha / 2 for each order.
    """
    fit = table.fit(table.base)
    allowed = may_combine(definitions.conditions)
    scanner = Scanner(table.held, allowed, settings, table.design.pool)
    screen = scanner.scan(table.outcome, fit.mu, progress=lambda _share: None)
    tested = (_pairs(scanner), _triples(scanner))
    nulls = _null_maxima(scanner.lists, fit.mu, tested, rng, replicates)
    listed: list[Members] = []
    for roots, candidates in zip(nulls, (screen.contrasts[2], screen.contrasts[3]), strict=True):
        critical = float(np.quantile(roots, 1 - settings.alpha / 2, method="higher"))
        listed += [one.members for one in candidates if abs(one.stat) >= critical]
    return listed


def oracle_list(table: Table, wanted: Sequence[Members], alpha: float) -> list[Members]:
    """Test only these sets, each with all the others in the background; Bonferroni over them, two-sided."""
    terms = [Term(members, "joint", NOTHING) for members in wanted]
    cut = -float(ndtri(alpha / (2 * len(terms))))
    full = table.fit(table.columns(terms))
    heard = []
    for members in wanted:
        without = table.fit(table.columns(terms, but=members), full)
        heard += [members] if np.sqrt(max(without.deviance - full.deviance, 0.0)) >= cut else []
    return heard


def _pairs(scanner: Scanner) -> Ints:
    return np.argwhere(np.triu(scanner.eligible[2], 1)).astype(np.int64)


def _triples(scanner: Scanner) -> Ints:
    rows = []
    for first in range(scanner.size):
        eligible = scanner.eligible[3][scanner.starts[first] : scanner.starts[first + 1]]
        later = np.array(list(combinations(range(first + 1, scanner.size), 2)), dtype=np.int64).reshape(-1, 2)
        chosen = later[eligible.astype(np.bool_)]
        rows.append(np.column_stack([np.full(len(chosen), first), chosen]))
    return np.concatenate(rows) if rows else np.zeros((0, 3), dtype=np.int64)


def _null_maxima(
    lists: ActiveLists, mu: Floats, tested: tuple[Ints, Ints], rng: np.random.Generator, replicates: int
) -> tuple[Floats, Floats]:
    """Return the largest root of each order in each replicate.

    A contrast's score is linear in the margins' outcomes, so a replicate costs a walk over the characteristics of
    those who drew the outcome. Only scores that could lead to a larger root are refined. (Characteristics that are
    counted by their opposite give the same contrasts but for their sign.)
    """
    active, ends, size = lists.active, lists.ends, len(lists.flipped)
    ones = np.ones_like(mu)
    still = [_sums(active, ends, np.arange(len(mu)), values, size) for values in (ones, mu, mu - mu**2)]
    cells = [_cells(chosen, [np.asarray(one) for one in still]) for chosen in tested]
    maxima = np.zeros((2, replicates))
    for replicate in range(replicates):
        drawn = np.flatnonzero(rng.uniform(size=len(mu)) < mu)
        sums = _sums(active, ends, drawn, ones, size)
        for order in (0, 1):
            maxima[order, replicate] = _largest(tested[order], cells[order], sums)
    return maxima[0], maxima[1]


@njit(cache=True, nogil=True)
def _sums(active, ends, people, values, size):  # type: ignore[no-untyped-def]  # numba
    """Sum `values` of these people over every combination. Shape: (size + 1,) ** 3; index `size` asks for nothing."""
    total = np.zeros((size + 1, size + 1, size + 1))
    for person in people:
        value = values[person]
        stop = ends[person + 1]
        total[size, size, size] += value
        for i in range(ends[person], stop):
            a = active[i]
            total[a, size, size] += value
            for j in range(i + 1, stop):
                b = active[j]
                total[a, b, size] += value
                for k in range(j + 1, stop):
                    total[a, b, active[k]] += value
    return total


@njit(cache=True, nogil=True)
def _fill(members, sums, out):  # type: ignore[no-untyped-def]  # numba
    """Fill the 2^k cells of one combination, by inclusion-exclusion. Bit i of a cell: member i holds."""
    order, none = len(members), len(sums) - 1
    for cell in range(1 << order):
        a, b, c, place = none, none, none, 0
        for i in range(order):
            if cell >> i & 1:
                if place == 0:
                    a = members[i]
                elif place == 1:
                    b = members[i]
                else:
                    c = members[i]
                place += 1
        out[cell] = sums[a, b, c]
    for i in range(order):
        for cell in range(1 << order):
            if not cell >> i & 1:
                out[cell] -= out[cell | 1 << i]


@njit(cache=True, nogil=True)
def _filled(chosen, sums, out) -> None:  # type: ignore[no-untyped-def]  # numba
    for row in range(len(chosen)):
        _fill(chosen[row], sums, out[row])


def _cells(chosen: Ints, sums: Sequence[Floats]) -> Floats:
    """Return people, expected and weight of every cell. Shape: (combinations, 2^k, 3)."""
    filled = np.zeros((len(sums), len(chosen), 1 << chosen.shape[1]))
    for kind, one in enumerate(sums):
        _filled(chosen, one, filled[kind])
    return np.ascontiguousarray(filled.transpose(1, 2, 0))


@njit(cache=True, nogil=True)
def _largest(chosen, cells, sums) -> float:  # type: ignore[no-untyped-def]  # numba
    """Return the largest contrast root in absolute value. A root is never above 1.6 times its score here."""
    order = chosen.shape[1]
    count = 1 << order
    observed, signs, table = np.empty(count), np.empty(count), np.empty((count, 4))
    fill_signs(order, 0, signs)
    largest = 0.0
    for row in range(len(chosen)):
        _fill(chosen[row], sums, observed)
        top, bottom = 0.0, 0.0
        for cell in range(count):
            top += signs[cell] * (observed[cell] - cells[row, cell, 1]) / cells[row, cell, 2]
            bottom += 1.0 / cells[row, cell, 2]
        if 1.6 * abs(top) / np.sqrt(bottom) <= largest:
            continue
        for cell in range(count):
            table[cell, 0] = cells[row, cell, 0]
            table[cell, 1] = observed[cell]
            table[cell, 2] = cells[row, cell, 1]
            table[cell, 3] = cells[row, cell, 2]
        largest = max(largest, abs(contrast_root(table, signs)))
    return largest
