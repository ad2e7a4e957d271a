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
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

BLOCK_BYTES = 1 << 19  # words of a block of people: half of a core's nearest large cache
STRIDE = 32  # words that the counting loop takes at a time
NEARBY = 128  # words whose people's lanes stay in a core's nearest cache


def _popcount(_typing: Any, _word: Any) -> Any:
    """Return the number of bits set in a word."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def _lowest(_typing: Any, _word: Any) -> Any:
    """Return the place of the lowest bit set in a word; 64 of none."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


popcount: Any = intrinsic(_popcount)
lowest: Any = intrinsic(_lowest)


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
def write_people(bits, first, people) -> int:  # type: ignore[no-untyped-def]  # numba
    """Write who has a bit set, the first bit being of the person `first`; return how many. Shape: `bits` (words,).

    Four people of a word are always written (`people` has room for four more), however few there are: to ask after
    each whether it is the last would be guessed wrong once a word.
    """
    one, four, person, found = np.uint64(1), np.uint64(4), np.uint32(first), np.uint64(0)
    for word in bits:
        left, after = word, found + popcount(word)
        while True:
            for k in range(4):
                people[found + np.uint64(k)] = person + np.uint32(lowest(left))
                left &= left - one
            found += four
            if found >= after:
                break
        found, person = after, person + np.uint32(64)
    return int(found)


@njit(cache=True, nogil=True)
def held_sums(groups, words, packed, sums) -> None:  # type: ignore[no-untyped-def]  # numba
    """Add the lanes of everybody for whom all of a group hold to `sums` (groups, 2), person by person.

    Shape: `groups` (groups, members), a smaller one says a member twice; `words` (characteristics, words). All groups
    read one stretch of people before the next.
    """
    both = np.empty(NEARBY, dtype=np.uint64)
    people = np.empty(64 * NEARBY + 4, dtype=np.uint32)
    for start in range(0, words.shape[1], NEARBY):
        bits = both[: min(NEARBY, words.shape[1] - start)]
        for group in range(len(groups)):
            bits[:] = words[groups[group, 0], start : start + NEARBY]
            for k in range(1, groups.shape[1]):
                bits &= words[groups[group, k], start : start + NEARBY]
            first, second = np.int64(0), np.int64(0)
            for entry in range(write_people(bits, 64 * start, people)):
                first += packed[people[entry], 0]
                second += packed[people[entry], 1]
            sums[group, 0] += first
            sums[group, 1] += second


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
def turn(tile) -> None:  # type: ignore[no-untyped-def]  # numba
    """Turn 64 words about: bit b of word a is bit a of word b. Halves change places, then their halves.

    Source: H. Warren (2012), Hacker's Delight, 2nd ed., section 7-3.
    """
    apart = 32
    mask = np.uint64(0x00000000FFFFFFFF)
    while apart:
        by = np.uint64(apart)
        for begin in range(0, 64, 2 * apart):
            for one in range(begin, begin + apart):
                swap = ((tile[one] >> by) ^ tile[one + apart]) & mask
                tile[one] ^= swap << by
                tile[one + apart] ^= swap
        apart >>= 1
        mask ^= mask << np.uint64(apart)


@njit(cache=True, nogil=True)
def count_rest(  # type: ignore[no-untyped-def]  # numba
    people, holds, outcome, expected, weight, units, highest, last, later, wanted, sums
) -> None:
    """Fill `sums` (rows, 4) as `walk_rest` and `unpack` would, by counting bits; rows not `wanted` are left at 0.

    `holds` (people, words): each person's characteristics, a bit each. The people come ordered by outcome and then
    expectation, so that the 64 of a word are alike: the word's mean stands for each of them. All of a word have the
    same outcome: people and outcomes are exact. `highest`: the largest of anybody's expectation (the lowest,
    `units[3]`, taken off) and weight.
    """
    block = max(BLOCK_BYTES // (8 * max(later, 1)) // STRIDE, 1) * STRIDE
    block = min(block, (len(people) // 64 // STRIDE + 3) * STRIDE)  # each of 64 levels may end in a word of few
    # Rows are a line of the cache more apart than that: else many would begin in the same place of it.
    bits = np.empty((later, block + 8), dtype=np.uint64)
    levels, means, weights = np.empty(block, np.uint32), np.empty(block, np.uint32), np.empty(block, np.uint32)
    tile = np.empty(64, dtype=np.uint64)
    fine_e, fine_w = 2.0**31 / highest[0], 2.0**31 / highest[1]
    start = 0
    while start < len(people):
        words = 0
        while start < len(people) and words < block:
            level = outcome[people[start]]
            e = w = 0.0
            size = 0
            while size < 64 and start + size < len(people) and outcome[people[start + size]] == level:
                e += expected[people[start + size]] - units[3]
                w += weight[people[start + size]]
                size += 1
            for part in range((last + 1) >> 6, holds.shape[1]):
                for one in range(size):
                    tile[one] = holds[people[start + one], part]
                tile[size:] = 0
                turn(tile)
                for one in range(max(64 * part, last + 1), min(64 * part + 64, last + 1 + later)):
                    bits[one - last - 1, words] = tile[one - 64 * part]
            levels[words] = np.uint32(level / units[0] + 0.5)
            means[words] = np.uint32(e / size * fine_e)
            weights[words] = np.uint32(w / size * fine_w)
            start += size
            words += 1
        whole = -(-words // STRIDE) * STRIDE  # nobody in the rest: no word is left over from a stride
        bits[:, words:whole] = 0
        levels[words:whole] = means[words:whole] = weights[words:whole] = 0
        row = -1
        for b in range(later):
            for c in range(b + 1, later):
                row += 1
                if not wanted[row]:
                    continue
                n = o_sum = e_sum = w_sum = np.uint64(0)
                for word in range(whole):
                    held = popcount(bits[b, word] & bits[c, word])
                    n += held
                    o_sum += held * np.uint64(levels[word])
                    e_sum += held * np.uint64(means[word])
                    w_sum += held * np.uint64(weights[word])
                sums[row, 0] += n
                sums[row, 1] += o_sum * units[0]
                sums[row, 2] += e_sum / fine_e + n * units[3]
                sums[row, 3] += w_sum / fine_w
