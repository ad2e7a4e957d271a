"""The inner loops: what every combination holds of people, outcomes, expectation and weight. Two ways.

`walk_rest` walks each person's list of characteristics: a person adds to every pair in the list. Its cost is the
number of such pairs: best where characteristics are rare. `count_rest` packs the people into words and counts the
bits two characteristics share: its cost is words times pairs, whoever has them: best where they are common.

Both serve one beginning (one characteristic, or two) and fill a row for every pair of later characteristics, so that
calls can run on as many threads as there are. Memory: a row a pair, and one block of words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

BLOCK_BYTES = 1 << 19  # words of a block of people: half of a core's nearest large cache


def _popcount(_typing: Any, _word: Any) -> Any:
    """Return the number of bits set in a word."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


popcount: Any = intrinsic(_popcount)


@njit(cache=True, nogil=True)
def pair_sums(  # type: ignore[no-untyped-def]  # numba
    people, places, ends, active, packed, sums
) -> None:
    """Add the lanes of everybody with one characteristic to `sums` (characteristics, 2) of it and each later one."""
    for entry in range(len(people)):
        person = people[entry]
        one, two = packed[person, 0], packed[person, 1]
        for place in range(places[entry], ends[person + 1]):
            other = active[place]
            sums[other, 0] += one
            sums[other, 1] += two


@njit(cache=True, nogil=True)
def unpack(packed, shift, units, sums) -> None:  # type: ignore[no-untyped-def]  # numba
    """Turn sums of lanes (rows, 2) into people, outcomes, expected, weight (rows, 4)."""
    mask = (np.int64(1) << shift) - 1
    for row in range(len(packed)):
        sums[row, 0] = packed[row, 0] >> shift
        sums[row, 1] = (packed[row, 1] >> shift) * units[0]
        sums[row, 2] = (packed[row, 0] & mask) * units[1] + sums[row, 0] * units[3]
        sums[row, 3] = (packed[row, 1] & mask) * units[2]


@njit(cache=True, nogil=True)
def row_base(last, b, later):  # type: ignore[no-untyped-def]  # numba
    """Return what to add c to, for the row of (b, c) among all pairs b < c of the `later` characteristics after `last`.

    Row order: b first, then c.
    """
    before = b - last - 1
    return before * later - before * (before + 1) // 2 - b - 1


@njit(cache=True, nogil=True)
def walk_rest(  # type: ignore[no-untyped-def]  # numba
    people, places, ends, active, packed, last, later, slab
) -> None:
    """Add the lanes of these people to `slab` (later (later - 1) / 2, 2) for every pair after `last`.

    `places`: where in `active` the characteristic `last` stands in each person's list. Rows: `row_base`.
    """
    for entry in range(len(people)):
        person = people[entry]
        one, two = packed[person, 0], packed[person, 1]
        end = ends[person + 1]
        for place in range(places[entry] + 1, end):
            base = row_base(last, active[place], later)
            for other in range(place + 1, end):
                row = base + active[other]
                slab[row, 0] += one
                slab[row, 1] += two


@njit(cache=True, nogil=True)
def shared(left, right, words) -> int:  # type: ignore[no-untyped-def]  # numba
    """Count the people for whom both hold: the kernel that the benchmark puts beside a bare loop."""
    both = np.uint64(0)
    for word in range(words):
        both += popcount(left[word] & right[word])
    return int(both)


@njit(cache=True, nogil=True)
def shared_by_pairs(bits, out) -> None:  # type: ignore[no-untyped-def]  # numba
    """Count the people for whom both hold, of every pair. Shape: (characteristics, words) -> (.., ..), symmetric."""
    words = bits.shape[1]
    for a in range(len(bits)):
        for b in range(a, len(bits)):
            out[a, b] = out[b, a] = shared(bits[a], bits[b], words)


@njit(cache=True, nogil=True)
def count_rest(  # type: ignore[no-untyped-def]  # numba
    people, places, ends, active, outcome, expected, weight, lowest, highest, last, later, wanted, sums
) -> None:
    """Fill `sums` (rows, 4) as `walk_rest` and `unpack` would, by counting bits; rows not `wanted` are left at 0.

    The people come ordered by outcome and then expectation, so that the 64 of a word are alike: the word's mean stands
    for each of them. People and outcomes are exact; `highest`: the largest of anybody's expectation
    (`lowest`, at most 0, taken off) and weight.
    """
    block = max(BLOCK_BYTES // (8 * max(later, 1)), 8)
    bits = np.empty((later, block), dtype=np.uint64)
    means = np.empty((2, block), dtype=np.uint32)
    fine_e, fine_w = 2.0**31 / highest[0], 2.0**31 / highest[1]
    start = 0
    while start < len(people):
        level = outcome[people[start]]
        stop = start + 1
        while stop < len(people) and stop - start < 64 * block and outcome[people[stop]] == level:
            stop += 1
        words = (stop - start + 63) // 64
        bits[:, :words] = 0
        for word in range(words):
            mine = min(start + 64 * word + 64, stop)
            e = w = 0.0
            for entry in range(start + 64 * word, mine):
                person = people[entry]
                e += expected[person] - lowest
                w += weight[person]
                bit = np.uint64(1) << np.uint64(entry - start - 64 * word)
                for place in range(places[entry] + 1, ends[person + 1]):
                    bits[active[place] - last - 1, word] |= bit
            size = mine - start - 64 * word
            means[0, word] = np.uint32(e / size * fine_e)
            means[1, word] = np.uint32(w / size * fine_w)
        row = -1
        for b in range(later):
            for c in range(b + 1, later):
                row += 1
                if not wanted[row]:
                    continue
                n = e_sum = w_sum = np.uint64(0)
                for word in range(words):
                    held = popcount(bits[b, word] & bits[c, word])
                    n += held
                    e_sum += held * np.uint64(means[0, word])
                    w_sum += held * np.uint64(means[1, word])
                sums[row, 0] += n
                sums[row, 1] += n * level
                sums[row, 2] += e_sum / fine_e + n * lowest
                sums[row, 3] += w_sum / fine_w
        start = stop
