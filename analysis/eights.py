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
    """Add X beta of these people to `out` (stop - start,)."""
    for begin in range(start, stop, 1_024):  # as many as stay in the nearest cache
        end = min(begin + 1_024, stop)
        for group in range(len(sums)):
            for person in range(begin, end):
                out[person - start] += sums[group, codes[group, person]]


@njit(cache=True, nogil=True)
def cross_by_bytes(codes, vector, start, stop, out) -> None:  # type: ignore[no-untyped-def]  # numba
    """Write X' vector of these people to `out` (bytes * 8,)."""
    sums = np.empty((4, 256))  # four, by turns: an addition need not wait for the last one
    for group in range(len(out) // 8):
        sums[:] = 0.0
        for person in range(start, stop):
            sums[person & 3, codes[group, person]] += vector[person]
        _spread(sums, group, out)


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
    for bit in range(8):
        total = 0.0
        for code in range(256):
            if (code >> bit) & 1:
                total += sums[0, code] + sums[1, code] + sums[2, code] + sums[3, code]
        out[group * 8 + bit] = total
