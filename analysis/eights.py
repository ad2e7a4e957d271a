"""Products with columns of noughts and ones, eight columns at a time.

Eight columns of a person are one byte. A product with them is one look-up among 256 sums (`predict_by_bytes`), or one
addition to 256 sums (`cross_by_bytes`): a tenth of the memory that a matrix of numbers is read from, in double
precision all the same. Sums are in the order of the people: the same on any number of threads.
Source: V. Arlazarov, E. Dinic, M. Kronrod, I. Faradzhev (1970), the "method of the four Russians".
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


def no_bytes(columns: int, people: int) -> Bytes:
    """Return room for so many columns. Shape: (bytes, people)."""
    return np.zeros((-(-columns // 8), people), dtype=np.uint8)


def write(codes: Bytes, place: int, column: NDArray[np.bool_]) -> None:
    """Put a column in its place."""
    row, bit = place >> 3, place & 7
    codes[row] &= np.uint8(255 ^ (1 << bit))
    codes[row] |= column.astype(np.uint8) << np.uint8(bit)


def tables(beta: Floats) -> Floats:
    """Return what each byte adds to a prediction. Shape: (columns,) -> (bytes, 256)."""
    groups = -(-len(beta) // 8)
    padded = np.zeros(groups * 8)
    padded[: len(beta)] = beta
    sums = np.zeros((groups, 256))
    for bit in range(8):
        sums[:, 1 << bit : 2 << bit] = sums[:, : 1 << bit] + padded[bit::8, None]
    return sums


@njit(cache=True, nogil=True)
def predict_by_bytes(codes, sums, start, stop, out) -> None:  # type: ignore[no-untyped-def]  # numba
    """Add X beta of these people to `out` (stop - start,). Four bytes a turn: the sum is fetched and put back once."""
    fours = len(sums) // 4 * 4
    for begin in range(start, stop, 1_024):  # as many as stay in the nearest cache
        end = min(begin + 1_024, stop)
        for group in range(0, fours, 4):
            for person in range(begin, end):
                two = sums[group, codes[group, person]] + sums[group + 1, codes[group + 1, person]]
                more = sums[group + 2, codes[group + 2, person]] + sums[group + 3, codes[group + 3, person]]
                out[person - start] += two + more
        for group in range(fours, len(sums)):
            for person in range(begin, end):
                out[person - start] += sums[group, codes[group, person]]


@njit(cache=True, nogil=True)
def cross_by_bytes(codes, vector, start, stop, out) -> None:  # type: ignore[no-untyped-def]  # numba
    """Write X' vector of these people to `out` (bytes * 8,). Four bytes a turn, as far as they go."""
    groups = len(out) // 8
    fours = groups // 4 * 4
    first, second, third, fourth = np.empty((4, 256)), np.empty((4, 256)), np.empty((4, 256)), np.empty((4, 256))
    for group in range(0, fours, 4):
        first[:], second[:], third[:], fourth[:] = 0.0, 0.0, 0.0, 0.0
        for person in range(start, stop):
            value, turn = vector[person], person & 3  # four sums by turns: an addition need not wait for the last one
            first[turn, codes[group, person]] += value
            second[turn, codes[group + 1, person]] += value
            third[turn, codes[group + 2, person]] += value
            fourth[turn, codes[group + 3, person]] += value
        _spread(first, group, out)
        _spread(second, group + 1, out)
        _spread(third, group + 2, out)
        _spread(fourth, group + 3, out)
    for group in range(fours, groups):
        first[:] = 0.0
        for person in range(start, stop):
            first[person & 3, codes[group, person]] += vector[person]
        _spread(first, group, out)


@njit(cache=True, nogil=True)
def cross_by_blocks(codes, vector, rows, start, out) -> None:  # type: ignore[no-untyped-def]  # numba
    """Write X' vector of each block of so many people, from `start` on, to `out` (blocks, bytes * 8)."""
    for block in range(len(out)):
        begin = start + block * rows
        cross_by_bytes(codes, vector, begin, min(begin + rows, len(vector)), out[block])


@njit(cache=True, nogil=True)
def cross_of_some(codes, rows, values, out) -> None:  # type: ignore[no-untyped-def]  # numba
    """Write X' values of the people in `rows` to `out` (bytes * 8,)."""
    sums = np.empty((4, 256))
    for group in range(len(out) // 8):
        sums[:] = 0.0
        for entry in range(len(rows)):
            sums[entry & 3, codes[group, rows[entry]]] += values[entry]
        _spread(sums, group, out)


@njit(cache=True, nogil=True)
def _spread(sums, group, out) -> None:  # type: ignore[no-untyped-def]  # numba
    """Write each bit's sum: that of the upper half, then folded onto the lower. `sums` (4, 256) are used up."""
    half = 256
    sums[0] += sums[1]
    sums[0] += sums[2] + sums[3]
    for bit in range(7, -1, -1):
        half >>= 1
        total = 0.0
        for code in range(half):
            total += sums[0, half + code]
            sums[0, code] += sums[0, half + code]
        out[group * 8 + bit] = total
