"""The inner loops: what every pair and triple of characteristics holds of people, outcomes, expectation and weight.

Each person's list of characteristics is walked ("rows"): a person adds (1, outcome, expected, weight) to every
combination in the list. One call serves one first characteristic, so that calls can run on as many threads as
there are; every sum is taken in the order of people, so that the result does not depend on how many.

A characteristic that holds for more than half is counted by its opposite (`flipped`): shorter lists, same cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Which law and scale (`families.Family.code`): odds of yes/no, rates, and both where effects add. A cell's weight is
# mu (1 - mu), mu, 1 (so: people), and follow-up.
ODDS, RATES, ADDED_RISKS, ADDED_RATES = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class ActiveLists:
    """Each person's characteristics, and each characteristic's people. Shape: flat arrays with starts."""

    active: NDArray[np.int32]  # characteristics, person by person, ascending
    ends: Ints  # (people,): where each person's list ends
    people: NDArray[np.int32]  # people, characteristic by characteristic, ascending
    places: Ints  # for each entry of `people`: where in `active` the characteristic stands
    starts: Ints  # (characteristics + 1,): where each characteristic's people start
    flipped: NDArray[np.uint8]  # (characteristics,)


def active_lists(held: NDArray[np.bool_]) -> ActiveLists:
    """Index the extents. Shape: `held` (characteristics, people)."""
    flipped = held.mean(axis=1) > 0.5 if held.shape[1] else np.zeros(len(held), dtype=np.bool_)
    person, active = np.nonzero((held ^ flipped[:, None]).T)
    places = np.argsort(active, kind="stable")
    return ActiveLists(
        active=active.astype(np.int32),
        ends=np.cumsum(np.bincount(person, minlength=held.shape[1])).astype(np.int64),
        people=person[places].astype(np.int32),
        places=places.astype(np.int64),
        starts=np.concatenate([[0], np.cumsum(np.bincount(active, minlength=len(held)))]).astype(np.int64),
        flipped=flipped.astype(np.uint8),
    )


@njit(cache=True, nogil=True)
def pair_sums(  # type: ignore[no-untyped-def]  # numba
    first, active, ends, people, places, starts, values, sums
) -> None:
    """Add `values` (people, 4) of everybody with characteristic `first` to `sums` (characteristics, 4)."""
    for entry in range(starts[first], starts[first + 1]):
        person = people[entry]
        for place in range(places[entry], ends[person]):
            other = active[place]
            for kind in range(4):
                sums[other, kind] += values[person, kind]


@njit(cache=True, nogil=True)
def _spread(cells, c, family) -> float:  # type: ignore[no-untyped-def]  # numba
    """The variance of a cell's outcomes where effects add, from its expectation."""
    spread = cells[c, 2]
    if family == ADDED_RISKS:
        spread *= 1.0 - cells[c, 2] / cells[c, 0]
    return float(max(spread, 1.0))  # an accepted term may leave less than nothing expected


@njit(cache=True, nogil=True)
def _added(cells, signs, family) -> float:  # type: ignore[no-untyped-def]  # numba
    """Score z of the k-way contrast of risks or rates."""
    top, bottom = 0.0, 0.0
    for c in range(len(signs)):
        top += signs[c] * (cells[c, 1] - cells[c, 2]) / cells[c, 3]
        bottom += _spread(cells, c, family) / (cells[c, 3] * cells[c, 3])
    return top / sqrt(bottom)


@njit(cache=True, nogil=True)
def contrast_root(cells, signs, family=ODDS) -> float:  # type: ignore[no-untyped-def]  # numba
    """Signed root of the likelihood ratio of the k-way contrast, all lower margins fixed.

    Shape: `cells` (2^k, 4): people, outcomes, expected, weight; `signs` (2^k,). The margins leave one shift t free:
    m = O - s t; t solves sum s [logit(m / N) - logit(E / N)] = 0, or for rates sum s log(m / E) = 0. Where effects
    add there is no such law: the contrast's score z.
    """
    if family >= ADDED_RISKS:
        return float(_added(cells, signs, family))
    rates = family == RATES
    count = len(signs)
    low, high, target = -1e300, 1e300, 0.0
    start_top, start_bottom = 0.0, 0.0
    for c in range(count):
        people, observed, expected = cells[c, 0], cells[c, 1], cells[c, 2]
        if signs[c] > 0:
            low, high = max(low, observed - people if not rates else low), min(high, observed)
        else:
            low, high = max(low, -observed), min(high, people - observed if not rates else high)
        target += signs[c] * (log(expected) if rates else log(expected / (people - expected)))
        start_top += signs[c] * (observed - expected) / cells[c, 3]
        start_bottom += 1.0 / cells[c, 3]
    if not low < high:
        return 0.0
    shift = start_top / start_bottom
    for _ in range(80):
        if not low < shift < high:
            shift = 0.5 * (low + high)
        value, slope = -target, 0.0
        for c in range(count):
            m = cells[c, 1] - signs[c] * shift
            if rates:
                m = max(m, 1e-12)
                value += signs[c] * log(m)
                slope += 1.0 / m
                continue
            rest = cells[c, 0] - m
            if m <= 0.0 or rest <= 0.0:  # rounding at an edge
                m, rest = max(m, 1e-12), max(rest, 1e-12)
            value += signs[c] * log(m / rest)
            slope += 1.0 / m + 1.0 / rest
        if value > 0.0:
            low = shift
        else:
            high = shift
        step = value / slope
        shift += step
        if abs(step) < 1e-9 * (1.0 + abs(shift)) or high - low < 1e-12:
            break
    total = 0.0
    for c in range(count):
        people, observed = cells[c, 0], cells[c, 1]
        m = max(observed - signs[c] * shift, 1e-12)
        if not rates:
            m = min(m, people - 1e-12)
        if observed > 0.0:
            total += observed * log(observed / m)
        if people > observed and not rates:
            total += (people - observed) * log((people - observed) / (people - m))
    root = sqrt(max(2.0 * total, 0.0))
    return root if shift > 0.0 else -root


@njit(cache=True, nogil=True)
def _contrast(cells, signs, root_from, family) -> float:  # type: ignore[no-untyped-def]  # numba
    """The contrast's score z, replaced by its likelihood-ratio root where that could reach `root_from`."""
    if family >= ADDED_RISKS:
        return _added(cells, signs, family)
    top, bottom = 0.0, 0.0
    for c in range(len(signs)):
        top += signs[c] * (cells[c, 1] - cells[c, 2]) / cells[c, 3]
        bottom += 1.0 / cells[c, 3]
    z = top / sqrt(bottom)
    if 1.6 * abs(z) >= root_from:
        return contrast_root(cells, signs, family)
    return z


@njit(cache=True, nogil=True)
def _above(cells, floor_people, floor_expected, family) -> bool:  # type: ignore[no-untyped-def]  # numba
    yes_no = family in (ODDS, ADDED_RISKS)
    for c in range(len(cells)):
        if cells[c, 0] < floor_people or cells[c, 2] < floor_expected or cells[c, 3] <= 0.0:
            return False
        if yes_no and cells[c, 0] - cells[c, 2] < floor_expected:  # a common outcome: too few without it tell as little
            return False
    return True


@njit(cache=True, nogil=True)
def scan_pairs(  # type: ignore[no-untyped-def]  # numba
    sums, total, flipped, allowed, eligible, find, floor_people, floor_expected, root_from, out, family=ODDS
) -> int:
    """Fill `out` (characteristics, characteristics) above the diagonal with each pair's contrast root; count them.

    Shape: `sums` (characteristics, characteristics, 4), diagonal: each alone. `eligible` uint8 is written where
    `find`, read otherwise: what was tested at the first scan is tested at every scan.
    """
    tested = 0
    size = len(sums)
    cells = np.empty((4, 4))
    signs = np.empty(4)
    for a in range(size):
        for b in range(a + 1, size):
            out[a, b] = np.nan
            if not allowed[a, b] or (not find and not eligible[a, b]):
                continue
            for k in range(4):
                both, alone_a, alone_b = sums[a, b, k], sums[a, a, k], sums[b, b, k]
                cells[0, k] = total[k] - alone_a - alone_b + both
                cells[1, k] = alone_a - both
                cells[2, k] = alone_b - both
                cells[3, k] = both
            if find:
                if not _above(cells, floor_people, floor_expected, family):
                    continue
                eligible[a, b] = 1
            turn = 1.0 - 2.0 * ((flipped[a] + flipped[b]) & 1)
            signs[0], signs[1], signs[2], signs[3] = turn, -turn, -turn, turn
            tested += 1
            out[a, b] = _contrast(cells, signs, root_from, family)
    return tested


@njit(cache=True, nogil=True)
def _triple_cells(abc, pairs, total, a, b, c, cells) -> None:  # type: ignore[no-untyped-def]  # numba
    """Fill `cells` (8, 4) by inclusion-exclusion from what holds for all three, for pairs and for each alone."""
    for k in range(4):
        ab, ac, bc = pairs[a, b, k], pairs[a, c, k], pairs[b, c, k]
        ka, kb, kc = pairs[a, a, k], pairs[b, b, k], pairs[c, c, k]
        cells[7, k] = abc[k]
        cells[3, k] = ab - abc[k]
        cells[5, k] = ac - abc[k]
        cells[6, k] = bc - abc[k]
        cells[1, k] = ka - ab - ac + abc[k]
        cells[2, k] = kb - ab - bc + abc[k]
        cells[4, k] = kc - ac - bc + abc[k]
        cells[0, k] = total[k] - ka - kb - kc + ab + ac + bc - abc[k]


@njit(cache=True, nogil=True)
def _read_triple(  # type: ignore[no-untyped-def]  # numba
    cells, pairs, total, flipped, a, b, c, root_from, signs, m, x, family
) -> tuple[float, float]:
    """Return the root of the three-way contrast, and the score z of the cell where all hold (see `scan_triples`).

    Shape: `cells` (8, 4); `signs` (8,), `m` (4, 4), `x` (4,): room to work in.
    """
    turn = 1.0 - 2.0 * ((flipped[a] + flipped[b] + flipped[c]) & 1)
    for cell in range(8):
        ones = (cell & 1) + ((cell >> 1) & 1) + (cell >> 2)
        signs[cell] = turn if ones & 1 else -turn
    contrast = _contrast(cells, signs, root_from, family)
    # Where all three hold: the information that intercept and the three main effects leave.
    whole = 7 ^ (flipped[a] | (flipped[b] << 1) | (flipped[c] << 2))
    m[0, 0] = total[3]
    m[1, 0] = m[1, 1] = pairs[a, a, 3]
    m[2, 0] = m[2, 2] = pairs[b, b, 3]
    m[3, 0] = m[3, 3] = pairs[c, c, 3]
    m[2, 1], m[3, 1], m[3, 2] = pairs[a, b, 3], pairs[a, c, 3], pairs[b, c, 3]
    x[0], x[1], x[2], x[3] = 1.0, whole & 1, (whole >> 1) & 1, whole >> 2
    weight = cells[whole, 3]
    left = weight
    for i in range(4):  # Cholesky of m, and x solved along the way
        for j in range(i + 1):
            value = m[i, j]
            for k in range(j):
                value -= m[i, k] * m[j, k]
            m[i, j] = sqrt(max(value, 1e-12)) if i == j else value / m[j, j]
        value = x[i]
        for k in range(i):
            value -= m[i, k] * x[k]
        x[i] = value / m[i, i]
        left -= weight * weight * x[i] * x[i]
    if left <= 1e-9 * weight:
        return contrast, 0.0
    if family >= ADDED_RISKS:
        for i in range(3, -1, -1):  # the coefficients of where all hold on the four
            for k in range(i + 1, 4):
                x[i] -= m[k, i] * x[k]
            x[i] /= m[i, i]
        left = 0.0
        for cell in range(8):
            d = -weight * (x[0] + x[1] * (cell & 1) + x[2] * ((cell >> 1) & 1) + x[3] * (cell >> 2))
            d += 1.0 if cell == whole else 0.0
            left += d * d * _spread(cells, cell, family)
    return contrast, (cells[whole, 1] - cells[whole, 2]) / sqrt(left)


@njit(cache=True, nogil=True)
def scan_triples(  # type: ignore[no-untyped-def]  # numba
    first, active, ends, people, places, starts, values, pairs, total, flipped, allowed,
    eligible, find, floor_people, floor_expected, root_from, contrast, joint, family=ODDS,
) -> int:  # fmt: skip
    """Fill `contrast` and `joint` for the triples that start with `first`; count those above the floors.

    Shape: with q = characteristics after `first`, both are (q (q - 1) / 2,): (b, c) with b < c in row order; nan
    where not tested. `contrast` is the root of the three-way contrast, `joint` the score z of the cell where all
    hold, main effects of the three projected off.
    """
    size = len(starts) - 1
    later = size - first - 1
    slab = np.zeros((len(contrast), 4))
    for entry in range(starts[first], starts[first + 1]):
        person = people[entry]
        v0, v1, v2, v3 = values[person, 0], values[person, 1], values[person, 2], values[person, 3]
        end = ends[person]
        for place in range(places[entry] + 1, end):
            b = active[place] - first - 1
            base = b * later - b * (b + 1) // 2 - b - 1
            for other in range(place + 1, end):
                row = base + active[other] - first - 1
                slab[row, 0] += v0
                slab[row, 1] += v1
                slab[row, 2] += v2
                slab[row, 3] += v3
    tested = 0
    cells = np.empty((8, 4))
    signs = np.empty(8)
    m = np.empty((4, 4))
    x = np.empty(4)
    row = -1
    a = first
    for b in range(first + 1, size):
        for c in range(b + 1, size):
            row += 1
            contrast[row] = np.nan
            joint[row] = np.nan
            if find:
                if not (allowed[a, b] and allowed[a, c] and allowed[b, c]):
                    continue
                if slab[row, 0] < floor_people and not (flipped[a] | flipped[b] | flipped[c]):
                    continue
            elif not eligible[row]:
                continue
            _triple_cells(slab[row], pairs, total, a, b, c, cells)
            if find:
                if not _above(cells, floor_people, floor_expected, family):
                    continue
                eligible[row] = 1
            tested += 1
            contrast[row], joint[row] = _read_triple(
                cells, pairs, total, flipped, a, b, c, root_from, signs, m, x, family
            )
    return tested


def packed(held: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Pack people into words, the first in the lowest bit. Shape: (characteristics, people) -> (..., words)."""
    words = -(-held.shape[1] // 64)
    padded = np.zeros((len(held), words * 64), dtype=np.bool_)
    padded[:, : held.shape[1]] = held
    return np.ascontiguousarray(np.packbits(padded, axis=1, bitorder="little").view(np.uint64))


# The place of a word's only bit: a de Bruijn sequence holds every six bits once, so its top six after a shift tell it.
DE_BRUIJN = 0x03F79D71B4CB0A89
PLACES = np.zeros(64, dtype=np.int64)
PLACES[[((DE_BRUIJN << place) & (2**64 - 1)) >> 58 for place in range(64)]] = np.arange(64)


@njit(cache=True, nogil=True)
def read_triples(  # type: ignore[no-untyped-def]  # numba
    chosen, words, values, pairs, total, flipped, root_from, contrast, joint, family=ODDS
) -> None:
    """Read the chosen triples alone, as `scan_triples` reads them and to the same last bit.

    Shape: `chosen` (triples, 3); `words` (characteristics, words), the flipped ones turned; out: (triples,) each.
    """
    abc = np.empty(4)
    cells = np.empty((8, 4))
    signs = np.empty(8)
    m = np.empty((4, 4))
    x = np.empty(4)
    one = np.uint64(1)
    shift = np.uint64(58)
    sequence = np.uint64(DE_BRUIJN)
    for row in range(len(chosen)):
        a, b, c = chosen[row, 0], chosen[row, 1], chosen[row, 2]
        abc[:] = 0.0
        for place in range(words.shape[1]):
            left = words[a, place] & words[b, place] & words[c, place]
            while left:
                lowest = left & (~left + one)
                person = place * 64 + PLACES[(lowest * sequence) >> shift]
                for k in range(4):
                    abc[k] += values[person, k]
                left ^= lowest
        _triple_cells(abc, pairs, total, a, b, c, cells)
        contrast[row], joint[row] = _read_triple(cells, pairs, total, flipped, a, b, c, root_from, signs, m, x, family)
