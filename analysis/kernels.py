"""How a combination is read from what its 2^k cells hold: the contrast, and the cell where all conditions hold.

Cells come from sums over those for whom all of a subset of the conditions hold, by inclusion and exclusion. Order 2 to
5. A characteristic counted by its opposite (`flipped`) gives the same cells in another order.
"""

from __future__ import annotations

from math import log, sqrt
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analysis.counting import count_rest, held_sums, row_base, unpack, walk_rest, write_people

Floats = NDArray[np.float64]

# Which law and scale (`families.Family.code`): odds of yes/no, rates, and both where effects add. A cell's weight is
# mu (1 - mu), mu, 1 (so: people), and follow-up.
ODDS, RATES, ADDED_RISKS, ADDED_RATES = 0, 1, 2, 3
STEP, WORD, TURN = 2.5, 0.4, 400.0  # ns: a walked pair of a person's list, a pair's word, 64 people's 64 bits turned
FEW = 2_048  # people too few for words of 64 alike


class AsTheyCome(NamedTuple):
    """The people as `walk_rest` takes them: in the order of the table, whatever the outcome."""

    people: NDArray[np.int32]  # of each characteristic, with the place where it stands in their lists
    places: NDArray[np.int64]
    starts: NDArray[np.int64]  # where each characteristic's people start; none of those that are never walked
    ends: NDArray[np.int64]
    active: NDArray[np.int32]
    lanes: NDArray[np.int64]


class Alike(NamedTuple):
    """The people as `count_rest` takes them: ordered by outcome and expectation."""

    words: NDArray[np.uint64]  # (characteristics, words): who has each
    holds: NDArray[np.uint64]  # (people, words): what each has
    outcome: Floats
    expected: Floats
    weight: Floats
    highest: Floats


@njit(cache=True, nogil=True)
def _spread(cells, c, family):  # type: ignore[no-untyped-def]  # numba
    """The variance of a cell's outcomes where effects add, from its expectation."""
    spread = cells[c, 2]
    if family == ADDED_RISKS:
        spread *= 1.0 - cells[c, 2] / cells[c, 0]
    return max(spread, 1.0)  # an accepted term may leave less than nothing expected


@njit(cache=True, nogil=True)
def _added(cells, signs, family):  # type: ignore[no-untyped-def]  # numba
    """Score z of the k-way contrast of risks or rates."""
    top, bottom = 0.0, 0.0
    for c in range(len(signs)):
        top += signs[c] * (cells[c, 1] - cells[c, 2]) / cells[c, 3]
        bottom += _spread(cells, c, family) / (cells[c, 3] * cells[c, 3])
    return top / sqrt(bottom)


@njit(cache=True, nogil=True)
def contrast_root(cells, signs, family=ODDS):  # type: ignore[no-untyped-def]  # numba
    """Signed root of the likelihood ratio of the k-way contrast, all lower margins fixed.

    Shape: `cells` (2^k, 4): people, outcomes, expected, weight; `signs` (2^k,). The margins leave one shift t free:
    m = O - s t; t solves sum s [logit(m / N) - logit(E / N)] = 0, or for rates sum s log(m / E) = 0. Where effects
    add there is no such law (`_added`). A pair's margins are the background's own, and t is all that is left: where
    people in a cell are of unequal risk it spreads less than the cells' binomials say, and the root is as much larger.
    """
    count = len(signs)
    rates = family == RATES
    low, high, target = -1e300, 1e300, 0.0
    start_top, start_bottom, alike = 0.0, 0.0, 0.0
    for c in range(count):
        people, observed, expected = cells[c, 0], cells[c, 1], cells[c, 2]
        if signs[c] > 0:
            high = min(high, observed)
            if not rates:
                low = max(low, observed - people)
        else:
            low = max(low, -observed)
            if not rates:
                high = min(high, people - observed)
        target += signs[c] * log(expected if rates else expected / (people - expected))
        start_top += signs[c] * (observed - expected) / cells[c, 3]
        start_bottom += 1.0 / cells[c, 3]
        alike += 1.0 / (cells[c, 3] if rates else expected * (1.0 - expected / people))
    if not low < high:
        return 0.0
    shift = start_top / start_bottom
    for _ in range(80):
        if not low < shift < high:
            shift = 0.5 * (low + high)
        value, slope, nearest = -target, 0.0, 1e300
        for c in range(count):
            m = cells[c, 1] - signs[c] * shift
            rest = 1.0 if rates else cells[c, 0] - m
            if m <= 0.0 or rest <= 0.0:  # rounding at an edge
                m, rest = max(m, 1e-12), max(rest, 1e-12)
            nearest = min(nearest, m if rates else min(m, rest))
            value += signs[c] * log(m / rest)
            slope += 1.0 / m
            if not rates:
                slope += 1.0 / rest
        if value > 0.0:
            low = shift
        else:
            high = shift
        step = value / slope
        shift += step
        if (abs(step) < 1e-9 * (1.0 + abs(shift)) and abs(step) < 1e-4 * nearest) or high - low < 1e-12:
            break
    total = 0.0
    for c in range(count):
        people, observed = cells[c, 0], cells[c, 1]
        m = max(observed - signs[c] * shift, 1e-12)
        if not rates:
            m = min(m, people - 1e-12)
        if observed > 0.0:
            total += observed * log(observed / m)
        if not rates and people > observed:
            total += (people - observed) * log((people - observed) / (people - m))
    root = sqrt(max(2.0 * total, 0.0))
    if count == 4 and start_bottom > alike:
        root *= sqrt(start_bottom / alike)
    return root if shift > 0.0 else -root


@njit(cache=True, nogil=True)
def _contrast(cells, signs, root_from, family):  # type: ignore[no-untyped-def]  # numba
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
    for c in range(len(cells)):
        if cells[c, 0] < floor_people:
            return False
    for c in range(len(cells)):
        if cells[c, 2] < floor_expected or cells[c, 3] <= 0.0:
            return False
        # A common outcome: too few without it tell as little.
        if family in (ODDS, ADDED_RISKS) and cells[c, 0] - cells[c, 2] < floor_expected:
            return False
    return True


@njit(cache=True, nogil=True)
def _to_cells(sums) -> None:  # type: ignore[no-untyped-def]  # numba
    """Turn sums of those for whom at least the bits of `row` hold into those of the cells. Shape: (2^k, 4)."""
    size = len(sums)
    bit = 1
    while bit < size:
        for row in range(size):
            if not row & bit:
                for kind in range(4):
                    sums[row, kind] -= sums[row | bit, kind]
        bit <<= 1


@njit(cache=True, nogil=True)
def fill_signs(order, turned, signs) -> None:  # type: ignore[no-untyped-def]  # numba
    """Fill `signs` (2^order,): +1 where all of the conditions hold, alternating; `turned`: how many are flipped."""
    for cell in range(len(signs)):
        ones = turned
        left = cell
        while left:
            ones += left & 1
            left >>= 1
        signs[cell] = 1.0 if (order - ones) % 2 == 0 else -1.0


@njit(cache=True, nogil=True)
def _border(lower, solved, members, size, pairs, total, flipped) -> None:  # type: ignore[no-untyped-def]  # numba
    """Add the last of `members` to the Cholesky factor of the weights of intercept and main effects.

    `lower` (k + 1, k + 1) has `size` rows already; `solved` (k + 1,) is its inverse times (1, does it hold where all
    conditions do).
    """
    if size == 0:
        lower[0, 0] = sqrt(max(total[3], 1e-12))
        solved[0] = 1.0 / lower[0, 0]
        return
    mine = members[size - 1]
    left = pairs[mine, mine, 3]
    value = 1.0 - flipped[mine]
    for j in range(size):
        entry = pairs[mine, mine, 3] if j == 0 else pairs[mine, members[j - 1], 3]
        for k in range(j):
            entry -= lower[size, k] * lower[j, k]
        entry /= lower[j, j]
        lower[size, j] = entry
        left -= entry * entry
        value -= entry * solved[j]
    lower[size, size] = sqrt(max(left, 1e-12))
    solved[size] = value / lower[size, size]


@njit(cache=True, nogil=True)
def _joint(cells, whole, lower, solved, family):  # type: ignore[no-untyped-def]  # numba
    """Score z of the cell where all conditions hold, intercept and main effects projected off (`_border`)."""
    size = len(solved)
    weight = cells[whole, 3]
    left = weight
    for k in range(size):
        left -= weight * weight * solved[k] * solved[k]
    if left <= 1e-9 * weight:
        return 0.0
    if family >= ADDED_RISKS:
        x = solved.copy()
        for i in range(size - 1, -1, -1):  # the coefficients of where all hold on intercept and main effects
            for k in range(i + 1, size):
                x[i] -= lower[k, i] * x[k]
            x[i] /= lower[i, i]
        left = 0.0
        for cell in range(len(cells)):
            fitted = x[0]
            for k in range(1, size):
                fitted += x[k] * ((cell >> (k - 1)) & 1)
            d = (1.0 if cell == whole else 0.0) - weight * fitted
            left += d * d * _spread(cells, cell, family)
    return (cells[whole, 1] - cells[whole, 2]) / sqrt(left)


@njit(cache=True, nogil=True)
def scan_pairs(  # type: ignore[no-untyped-def]  # numba
    pairs, total, flipped, eligible, find, floor_people, floor_expected, root_from, family, out
) -> int:
    """Fill `out` (characteristics, characteristics) above the diagonal with each pair's contrast root; count them.

    Shape: `pairs` (characteristics, characteristics, 4), diagonal: each alone. `eligible` uint8: read; where `find`,
    pairs below the floors are struck out: what was tested at the first scan is tested at every scan.
    """
    tested = 0
    size = len(pairs)
    cells = np.empty((4, 4))
    signs = np.empty(4)
    for a in range(size):
        for b in range(a + 1, size):
            out[a, b] = np.nan
            if not eligible[a, b]:
                continue
            for k in range(4):
                cells[0, k], cells[1, k] = total[k], pairs[a, a, k]
                cells[2, k], cells[3, k] = pairs[b, b, k], pairs[a, b, k]
            _to_cells(cells)
            if find and not _above(cells, floor_people, floor_expected, family):
                eligible[a, b] = eligible[b, a] = 0
                continue
            fill_signs(2, flipped[a] + flipped[b], signs)
            tested += 1
            out[a, b] = _contrast(cells, signs, root_from, family)
    return tested


@njit(cache=True, nogil=True)
def may_walk(people, parts, steps, asked):  # type: ignore[no-untyped-def]  # numba
    """Tell whether so many steps of walking cost less than counting for so many rows. `parts`: words a person."""
    words = people / 64.0 + 8.0
    return people < FEW or STEP * steps <= WORD * asked * words + TURN * words * parts


@njit(cache=True, nogil=True)
def _rest(  # type: ignore[no-untyped-def]  # numba
    people, places, steps, come, bits, held_by, alike, shift, units, last, wanted, kernel, sums
) -> None:
    """Fill `sums` (rows, 4) for every pair of characteristics after `last`, by the kernel that costs least.

    The beginning's people: `people` and `places` as they come, and as `bits` (words,) of those alike; `held_by`: how
    many. `kernel`: 0 by cost, 1 walk, 2 count. The cost is counted, not timed: the same data take the same road.
    """
    later = len(alike.words) - last - 1
    if kernel == 0:
        asked = 0
        for row in range(len(wanted)):
            asked += wanted[row]
        kernel = 1 if may_walk(held_by, alike.holds.shape[1] - ((last + 1) >> 6), steps, asked) else 2
    if kernel == 1:
        slab = np.zeros((len(sums), 2), dtype=np.int64)
        walk_rest(people, places, come.ends, come.active, come.lanes, last, later, slab)
        unpack(slab, shift, units, sums)
    else:
        sums[:] = 0.0
        mine = np.empty(held_by + 4, dtype=np.uint32)
        write_people(bits, 0, mine)
        count_rest(
            mine[:held_by], alike.holds, alike.outcome, alike.expected, alike.weight, units, alike.highest, last, later,
            wanted, sums,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _fill_triple(cells, first, b, c, pairs, total, all_three) -> None:  # type: ignore[no-untyped-def]  # numba
    for k in range(4):
        cells[0, k], cells[1, k], cells[2, k] = total[k], pairs[first, first, k], pairs[b, b, k]
        cells[3, k], cells[4, k] = pairs[first, b, k], pairs[c, c, k]
        cells[5, k], cells[6, k], cells[7, k] = pairs[first, c, k], pairs[b, c, k], all_three[k]
    _to_cells(cells)


@njit(cache=True, nogil=True)
def _eight(total, a, b, ab, c, ac, bc, abc):  # type: ignore[no-untyped-def]  # numba
    """Return the eight cells of three, in the order of `_to_cells`."""
    only_bc, only_ac = bc - abc, ac - abc
    only_c = c - ac - only_bc
    return total - a - b + ab - only_c, a - ab - only_ac, b - ab - only_bc, ab - abc, only_c, only_ac, only_bc, abc


@njit(cache=True, nogil=True, error_model="numpy")  # a cell of nobody is no error: it is below the floors
def _screen_row(  # type: ignore[no-untyped-def]  # numba
    first, b, sides, beside, together, three, total, flipped, lower, solved, floor_people, floor_expected, family,
    above, contrast, joint,
) -> None:  # fmt: skip
    """Write floors, contrast and joint score z of (first, b, c) for every c after b: eight of them at a time.

    As `_above`, `_contrast`, `_border` and `_joint` do one by one; no branch, so that they go through one register.
    Shape: `sides`, `beside`, `together` (4, characteristics): each alone, with `first`, with b; `three` (4, after b).
    """
    size = sides.shape[1]
    a_n, a_o, a_e, a_w = sides[0, first], sides[1, first], sides[2, first], sides[3, first]
    b_n, b_o, b_e, b_w = sides[0, b], sides[1, b], sides[2, b], sides[3, b]
    ab_n, ab_o, ab_e, ab_w = beside[0, b], beside[1, b], beside[2, b], beside[3, b]
    all_n, all_o, all_e, all_w = total[0], total[1], total[2], total[3]
    # Where all conditions hold, of c: by `share` times the sums over those who have c, or not, with neither, a, b, ab.
    turned_a, turned_b = float(flipped[first]), float(flipped[b])
    of_ab = (1.0 - 2.0 * turned_a) * (1.0 - 2.0 * turned_b)
    of_a, of_b, of_none = (1.0 - 2.0 * turned_a) * turned_b, (1.0 - 2.0 * turned_b) * turned_a, turned_a * turned_b
    either_o = of_ab * ab_o + of_a * a_o + of_b * b_o + of_none * all_o
    either_e = of_ab * ab_e + of_a * a_e + of_b * b_e + of_none * all_e
    either_w = of_ab * ab_w + of_a * a_w + of_b * b_w + of_none * all_w
    l_0, l_1, l_2 = lower[0, 0], lower[1, 1], lower[2, 2]
    l_10, l_20, l_21 = lower[1, 0], lower[2, 0], lower[2, 1]
    s_0, s_1, s_2 = solved[0], solved[1], solved[2]
    squares = s_0 * s_0 + s_1 * s_1 + s_2 * s_2
    bounded = family == ODDS
    way = 1.0 - 2.0 * ((flipped[first] + flipped[b]) & 1)
    for place in range(size - b - 1):
        c = b + 1 + place
        turned = float(flipped[c])
        c_o, ac_o, bc_o, abc_o = sides[1, c], beside[1, c], together[1, c], three[1, place]
        c_e, ac_e, bc_e, abc_e = sides[2, c], beside[2, c], together[2, c], three[2, place]
        c_w, ac_w, bc_w, abc_w = sides[3, c], beside[3, c], together[3, c], three[3, place]
        n_0, n_1, n_2, n_3, n_4, n_5, n_6, n_7 = _eight(
            all_n, a_n, b_n, ab_n, sides[0, c], beside[0, c], together[0, c], three[0, place]
        )
        o_0, o_1, o_2, o_3, o_4, o_5, o_6, o_7 = _eight(all_o, a_o, b_o, ab_o, c_o, ac_o, bc_o, abc_o)
        e_0, e_1, e_2, e_3, e_4, e_5, e_6, e_7 = _eight(all_e, a_e, b_e, ab_e, c_e, ac_e, bc_e, abc_e)
        w_0, w_1, w_2, w_3, w_4, w_5, w_6, w_7 = _eight(all_w, a_w, b_w, ab_w, c_w, ac_w, bc_w, abc_w)
        fewest = min(min(min(n_0, n_1), min(n_2, n_3)), min(min(n_4, n_5), min(n_6, n_7)))
        least = min(min(min(e_0, e_1), min(e_2, e_3)), min(min(e_4, e_5), min(e_6, e_7)))
        weight = min(min(min(w_0, w_1), min(w_2, w_3)), min(min(w_4, w_5), min(w_6, w_7)))
        without = min(
            min(min(n_0 - e_0, n_1 - e_1), min(n_2 - e_2, n_3 - e_3)),
            min(min(n_4 - e_4, n_5 - e_5), min(n_6 - e_6, n_7 - e_7)),
        )
        enough = (fewest >= floor_people) & (least >= floor_expected) & (weight > 0.0)
        above[place] = enough & ((without >= floor_expected) | (not bounded))
        i_0, i_1, i_2, i_3 = 1.0 / w_0, 1.0 / w_1, 1.0 / w_2, 1.0 / w_3
        i_4, i_5, i_6, i_7 = 1.0 / w_4, 1.0 / w_5, 1.0 / w_6, 1.0 / w_7
        up = (o_1 - e_1) * i_1 + (o_2 - e_2) * i_2 + (o_4 - e_4) * i_4 + (o_7 - e_7) * i_7
        down = (o_0 - e_0) * i_0 + (o_3 - e_3) * i_3 + (o_5 - e_5) * i_5 + (o_6 - e_6) * i_6
        spread = i_0 + i_1 + i_2 + i_3 + i_4 + i_5 + i_6 + i_7
        contrast[place] = way * (1.0 - 2.0 * turned) * (up - down) / np.sqrt(spread)
        # `_border`: the third of the main effects
        l_30 = c_w / l_0
        l_31 = (ac_w - l_30 * l_10) / l_1
        l_32 = (bc_w - l_30 * l_20 - l_31 * l_21) / l_2
        rest = max(c_w - l_30 * l_30 - l_31 * l_31 - l_32 * l_32, 1e-12)
        value = 1.0 - turned - l_30 * s_0 - l_31 * s_1 - l_32 * s_2
        # `_joint`
        with_o = of_ab * abc_o + of_a * ac_o + of_b * bc_o + of_none * c_o
        with_e = of_ab * abc_e + of_a * ac_e + of_b * bc_e + of_none * c_e
        with_w = of_ab * abc_w + of_a * ac_w + of_b * bc_w + of_none * c_w
        keep = 1.0 - 2.0 * turned
        own_o, own_e = turned * either_o + keep * with_o, turned * either_e + keep * with_e
        own_w = turned * either_w + keep * with_w
        left = own_w - own_w * own_w * (squares + value * value / rest)
        score = (own_o - own_e) / np.sqrt(max(left, 1e-300))
        joint[place] = score if left > 1e-9 * own_w else 0.0


@njit(cache=True, nogil=True)
def scan_triples(  # type: ignore[no-untyped-def]  # numba
    first, come, alike, held_by, steps, shift, units, pairs, total, flipped, beside, eligible, find, floor_people,
    floor_expected, root_from, family, kernel, sums, contrast, joint,
) -> int:  # fmt: skip
    """Fill `sums`, `contrast` and `joint` for the triples that start with `first`; count those above the floors.

    Shape: with q = characteristics after `first`, (q (q - 1) / 2,): (b, c) with b < c in row order; nan where not
    tested. `contrast` is the root of the three-way contrast, `joint` the score z of the cell where all hold, main
    effects of the three projected off. `beside`: the pairs above the floors. `eligible` is written where `find`.
    """
    size = len(pairs)
    if find:
        row = -1
        for b in range(first + 1, size):
            for c in range(b + 1, size):
                row += 1
                eligible[row] = beside[first, b] and beside[first, c] and beside[b, c]
    mine = slice(come.starts[first], come.starts[first + 1])
    _rest(
        come.people[mine], come.places[mine], steps[first], come, alike.words[first], held_by[first], alike, shift,
        units, first, eligible, kernel, sums,
    )  # fmt: skip
    tested = 0
    cells, signs = np.empty((8, 4)), np.empty(8)
    lower, solved, members = np.empty((4, 4)), np.empty(4), np.empty(3, dtype=np.int64)
    alone, with_first = np.empty((4, size)), np.empty((4, size))
    with_b, three = np.empty((4, size)), np.empty((4, size))
    above = np.empty(size, dtype=np.bool_)
    for k in range(4):
        for c in range(size):
            alone[k, c], with_first[k, c] = pairs[c, c, k], pairs[first, c, k]
    members[0] = first
    _border(lower, solved, members, 0, pairs, total, flipped)
    _border(lower, solved, members, 1, pairs, total, flipped)
    start = 0
    for b in range(first + 1, size - 1):
        members[1] = b
        _border(lower, solved, members, 2, pairs, total, flipped)
        stop = start + size - b - 1
        if family <= RATES:
            for k in range(4):
                for c in range(b + 1, size):
                    with_b[k, c], three[k, c - b - 1] = pairs[b, c, k], sums[start + c - b - 1, k]
            _screen_row(
                first, b, alone, with_first, with_b, three, total, flipped, lower, solved, floor_people,
                floor_expected, family, above, contrast[start:stop], joint[start:stop],
            )  # fmt: skip
        for row in range(start, stop):
            c = b + 1 + row - start
            if not eligible[row]:
                contrast[row] = joint[row] = np.nan
                continue
            if family > RATES:
                _fill_triple(cells, first, b, c, pairs, total, sums[row])
                above[row - start] = not find or _above(cells, floor_people, floor_expected, family)
            if find and not above[row - start]:
                eligible[row] = 0
                contrast[row] = joint[row] = np.nan
                continue
            tested += 1
            if family <= RATES and not 1.6 * abs(contrast[row]) >= root_from:
                continue
            fill_signs(3, flipped[first] + flipped[b] + flipped[c], signs)
            if family <= RATES:
                _fill_triple(cells, first, b, c, pairs, total, sums[row])
                contrast[row] = contrast_root(cells, signs, family)
                continue
            members[2] = c
            _border(lower, solved, members, 3, pairs, total, flipped)
            whole = 7 ^ (flipped[first] | (flipped[b] << 1) | (flipped[c] << 2))
            contrast[row] = _added(cells, signs, family)
            joint[row] = _joint(cells, whole, lower, solved, family)
        start = stop
    return tested


@njit(cache=True, nogil=True)
def standing_out(first, size, stats, list_from):  # type: ignore[no-untyped-def]  # numba
    """Return the triples (found, 3) that start with `first` and stand out, with their `stats` (found,)."""
    found = 0
    for row in range(len(stats)):
        found += abs(stats[row]) >= list_from
    members, strong = np.empty((found, 3), dtype=np.int64), np.empty(found)
    found, row = 0, -1
    for b in range(first + 1, size):
        for c in range(b + 1, size):
            row += 1
            if abs(stats[row]) >= list_from:
                members[found, 0], members[found, 1], members[found, 2] = first, b, c
                strong[found] = stats[row]
                found += 1
    return members, strong


@njit(cache=True, nogil=True)
def scan_fours(  # type: ignore[no-untyped-def]  # numba
    first, come, alike, shift, units, pairs, total, flipped, starts, triples, beside, bytes_from, eligible, find,
    floor_people, floor_expected, list_from, family, kernel, stop,
) -> tuple[int, NDArray[np.int32], Floats, Floats]:  # fmt: skip
    """Read every combination of four that starts with `first`; return how many, and those that stand out.

    Shape: `triples` (all triples, 4): their sums, those of first characteristic a from `starts[a]`; `beside` uint8
    in the same rows: above the floors. `eligible` uint8: from `bytes_from[a, b]` a bit for each (c, d) after b.
    Returns tested, members (found, 3) without `first`, contrast and joint (found,).
    """
    size = len(pairs)
    tested, found = 0, 0
    listed, roots, scores = np.empty((256, 3), dtype=np.int32), np.empty(256), np.empty(256)
    people = come.people[come.starts[first] : come.starts[first + 1]]
    at = come.places[come.starts[first] : come.starts[first + 1]] + 1  # where each person's list goes on
    mine, where = np.empty(len(people), dtype=np.int32), np.empty(len(people), dtype=np.int64)
    most = (size - first - 2) * (size - first - 3) // 2
    sums, wanted = np.empty((max(most, 0), 4)), np.zeros(max(most, 0), dtype=np.uint8)
    cells, signs = np.empty((16, 4)), np.empty(16)
    lower, solved, members = np.empty((5, 5)), np.empty(5), np.empty(4, dtype=np.int64)
    members[0] = first
    _border(lower, solved, members, 0, pairs, total, flipped)
    _border(lower, solved, members, 1, pairs, total, flipped)
    for b in range(first + 1, size - 2):
        if stop[0]:
            break
        both, steps = 0, 0.0
        for entry in range(len(people)):
            person = people[entry]
            if at[entry] < come.ends[person + 1] and come.active[at[entry]] == b:
                mine[both], where[both] = person, at[entry]
                both += 1
                at[entry] += 1
                rest = come.ends[person + 1] - at[entry]
                steps += 0.5 * rest * (rest - 1)
        later = size - b - 1
        rows = later * (later - 1) // 2
        # Rows of the triples (first, b, c): c at near + c. Those of (first, c, d) and (b, c, d) are found below.
        near = starts[first] + row_base(first, b, size - first - 1)
        asked, row = 0, -1
        for c in range(b + 1, size):
            far = starts[first] + row_base(first, c, size - first - 1)
            far_b = starts[b] + row_base(b, c, later)
            for d in range(c + 1, size):
                row += 1
                if find:
                    wanted[row] = beside[near + c] and beside[near + d] and beside[far + d] and beside[far_b + d]
                else:
                    wanted[row] = (eligible[bytes_from[first, b] + (row >> 3)] >> (row & 7)) & 1
                asked += wanted[row]
        if not asked:
            continue
        _rest(
            mine[:both], where[:both], steps, come, alike.words[first] & alike.words[b], both, alike, shift, units, b,
            wanted[:rows], kernel, sums[:rows],
        )  # fmt: skip
        members[1] = b
        _border(lower, solved, members, 2, pairs, total, flipped)
        row = -1
        for c in range(b + 1, size):
            members[2] = c
            _border(lower, solved, members, 3, pairs, total, flipped)
            far = starts[first] + row_base(first, c, size - first - 1)
            far_b = starts[b] + row_base(b, c, later)
            for d in range(c + 1, size):
                row += 1
                if not wanted[row]:
                    continue
                for k in range(4):
                    cells[0, k], cells[1, k], cells[2, k] = total[k], pairs[first, first, k], pairs[b, b, k]
                    cells[3, k], cells[4, k], cells[5, k] = pairs[first, b, k], pairs[c, c, k], pairs[first, c, k]
                    cells[6, k], cells[7, k], cells[8, k] = pairs[b, c, k], triples[near + c, k], pairs[d, d, k]
                    cells[9, k], cells[10, k], cells[11, k] = pairs[first, d, k], pairs[b, d, k], triples[near + d, k]
                    cells[12, k], cells[13, k] = pairs[c, d, k], triples[far + d, k]
                    cells[14, k], cells[15, k] = triples[far_b + d, k], sums[row, k]
                _to_cells(cells)
                if find:
                    if not _above(cells, floor_people, floor_expected, family):
                        continue
                    eligible[bytes_from[first, b] + (row >> 3)] |= np.uint8(1 << (row & 7))
                tested += 1
                members[3] = d
                _border(lower, solved, members, 4, pairs, total, flipped)
                fill_signs(4, flipped[first] + flipped[b] + flipped[c] + flipped[d], signs)
                contrast = _contrast(cells, signs, list_from, family)
                whole = 15 ^ (flipped[first] | (flipped[b] << 1) | (flipped[c] << 2) | (flipped[d] << 3))
                joint = _joint(cells, whole, lower, solved, family)
                if abs(contrast) >= list_from or abs(joint) >= list_from:
                    if found == len(listed):
                        more, more_roots, more_scores = np.empty((2 * found, 3), dtype=np.int32), roots, scores
                        more[:found] = listed
                        roots, scores = np.empty(2 * found), np.empty(2 * found)
                        roots[:found], scores[:found] = more_roots, more_scores
                        listed = more
                    listed[found, 0], listed[found, 1], listed[found, 2] = b, c, d
                    roots[found], scores[found] = contrast, joint
                    found += 1
    return tested, listed[:found], roots[:found], scores[:found]


@njit(cache=True, nogil=True)
def count_cells(members, outcome, mu, weight, code, sums) -> None:  # type: ignore[no-untyped-def]  # numba
    """Write each person's cell to `code` and add them to `sums` (2^k, 4). Shape: `members` (order, people)."""
    for place in range(len(members)):
        for person in range(len(code)):
            code[person] += np.int64(members[place, person]) << place
    for person in range(len(code)):
        cell = code[person]
        sums[cell, 0] += 1.0
        sums[cell, 1] += outcome[person]
        sums[cell, 2] += mu[person]
        sums[cell, 3] += weight[person]


@njit(cache=True, nogil=True)
def read_chosen(  # type: ignore[no-untyped-def]  # numba
    chosen, words, packed, shift, units, pairs, total, flipped, floor_people, floor_expected, root_from, family,
    contrast, joint, above,
) -> None:  # fmt: skip
    """Read the chosen combinations alone, person by person. `above`: are all cells above the floors?

    Shape: `chosen` (combinations, order); `words` (characteristics, words), the flipped ones turned; out:
    (combinations,) each.
    """
    order = chosen.shape[1]
    size = 1 << order
    cells, signs = np.empty((size, 4)), np.empty(size)
    lower, solved, members = np.empty((order + 1, order + 1)), np.empty(order + 1), np.empty(order, dtype=np.int64)
    wide = size - 1 - order - order * (order - 1) // 2  # subsets of three or more
    groups = np.empty((len(chosen) * wide, order), dtype=np.int64)
    group = 0
    for row in range(len(chosen)):
        for subset in range(size):
            count = 0
            for k in range(order):
                if (subset >> k) & 1:
                    members[count:] = chosen[row, k]  # the last one stands in the rest as well
                    count += 1
            if count >= 3:
                groups[group] = members
                group += 1
    lanes, sums = np.zeros((len(groups), 2), dtype=np.int64), np.empty((len(groups), 4))
    held_sums(groups, words, packed, lanes)
    unpack(lanes, shift, units, sums)
    group = 0
    for row in range(len(chosen)):
        turned, whole = 0, 0
        for k in range(order):
            members[k] = chosen[row, k]
            turned += flipped[members[k]]
            whole |= (1 - flipped[members[k]]) << k
        for subset in range(size):
            one, other, count = 0, 0, 0
            for k in range(order):
                if (subset >> k) & 1:
                    one, other, count = other, members[k], count + 1
            if count == 0:
                cells[0] = total
            elif count == 1:
                cells[subset] = pairs[other, other]
            elif count == 2:
                cells[subset] = pairs[one, other]
            else:
                cells[subset] = sums[group]
                group += 1
        _to_cells(cells)
        above[row] = _above(cells, floor_people, floor_expected, family)
        sound = True
        for cell in range(size):
            sound = (
                sound and cells[cell, 0] >= 1.0 and cells[cell, 3] > 1e-9 and (family > RATES or cells[cell, 2] > 0.0)
            )
            sound = sound and (family != ODDS or cells[cell, 2] < cells[cell, 0])
        for k in range(order + 1):
            _border(lower, solved, members, k, pairs, total, flipped)
        if sound:
            fill_signs(order, turned, signs)
            contrast[row] = _contrast(cells, signs, root_from, family)
            joint[row] = _joint(cells, whole, lower, solved, family)
        else:
            contrast[row] = joint[row] = np.nan


@njit(cache=True, nogil=True)
def all_fours_above(chosen, bytes_from, eligible, out) -> None:  # type: ignore[no-untyped-def]  # numba
    """Say of each five whether all its fours are above the floors. Shape: `chosen` (fives, 5), ascending."""
    size = len(bytes_from)
    four = np.empty(4, dtype=np.int64)
    for row in range(len(chosen)):
        out[row] = 1
        for without in range(5):
            place = 0
            for k in range(5):
                if k != without:
                    four[place] = chosen[row, k]
                    place += 1
            at = row_base(four[1], four[2], size - four[1] - 1) + four[3]
            if not (eligible[bytes_from[four[0], four[1]] + (at >> 3)] >> (at & 7)) & 1:
                out[row] = 0
                break
