"""Bytes to cells: where the cells of each line lie, and one number for each distinct text of a column.

Compiled, and without the interpreter's lock. Texts are bytes of UTF-8; nothing here knows letters.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLANK, ODD = -1, -2  # kinds of lines that are not plain
PAD = 8  # bytes behind a buffer's last, so that eight may be read at once from any place
NO_QUOTE = -1
_NEW, _RETURN = 10, 13
_LEFT = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no two words of eight bytes become one
_RIGHT = np.uint64(0xD6E8FEB86659FD93)

Bytes = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def encoded(data, table, lengths, out):  # type: ignore[no-untyped-def]  # numba
    """Write bytes of a one-byte encoding as UTF-8.

    Shape: `table` (256, 3): each byte's UTF-8, `lengths` (256,): how many of these, 0 for none; `out` (3 x bytes,).
    Returns how many were written (-1 where a byte is none of the encoding's), how many new lines there are among them,
    and whether each return but the last byte stands before one.
    """
    at, new_lines, paired = np.uint64(0), 0, True
    for place in range(len(data)):
        byte = data[place]
        length = lengths[byte]
        if length == 1:
            out[at] = table[byte, 0]
            at += np.uint64(1)
            if byte == _NEW:
                new_lines += 1
            elif byte == _RETURN and place + 1 < len(data) and data[place + 1] != _NEW:
                paired = False
        elif length == 0:
            return -1, 0, False
        else:
            for part in range(length):
                out[at] = table[byte, part]
                at += np.uint64(1)
    return np.int64(at), new_lines, paired


@njit(cache=True, nogil=True)
def find_cells(data, ends, delimiter, quote, width, longest, kinds, cells):  # type: ignore[no-untyped-def]  # numba
    """Find where the cells of each line begin and end; lines that are not plain cells, csv must read.

    Shape: `ends` (lines,): where each line's new line stands; `kinds` (lines,) is filled: which of `cells` are the
    line's, or BLANK, or ODD; `cells` (lines, width, 2), or as many lines as there are bytes for. Plain is a line with
    the right number of cells, each without a quotation mark or whole between two. Returns how many lines are plain.
    """
    begin, plain = 0, 0
    for line in range(len(ends)):
        end = ends[line]
        stop = end - 1 if end > begin and data[end - 1] == _RETURN else end
        if begin == stop:
            kinds[line] = BLANK
        elif stop - begin >= width - 1 and _are_cells(
            data, np.uint64(begin), np.uint64(stop), delimiter, quote, width, longest, cells[plain]
        ):
            kinds[line] = plain
            plain += 1
        else:
            kinds[line] = ODD
        begin = end + 1
    return plain


@njit(cache=True, nogil=True)
def _are_cells(data, begin, stop, delimiter, quote, width, longest, cells):  # type: ignore[no-untyped-def]  # numba
    at, cell, quoted = begin, 0, False
    one = np.uint64(1)
    while cell < width:
        first = at
        if at < stop and data[at] == quote:
            quoted = True
            first += one
            at += one
            while at < stop and data[at] != quote:
                at += one
            if at == stop:
                return False
            cells[cell, 0], cells[cell, 1] = first, at
            at += one
            if at < stop and data[at] != delimiter:
                return False
        else:
            while at < stop:
                byte = data[at]
                if byte == delimiter:
                    break
                if byte == quote:
                    return False
                at += one
            cells[cell, 0], cells[cell, 1] = first, at
        cell += 1
        if at == stop:
            return cell == width and not (quoted and stop - begin >= np.uint64(longest))
        at += one
    return False


@njit(cache=True, nogil=True)
def _word(data, at):  # type: ignore[no-untyped-def]  # numba
    """Eight bytes as one number."""
    word = np.uint64(data[at])
    for place in range(1, 8):
        word |= np.uint64(data[at + np.uint64(place)]) << np.uint64(8 * place)
    return word


@njit(cache=True, nogil=True)
def _mixed(word):  # type: ignore[no-untyped-def]  # numba
    """Return another number of 64 bits: no two give the same."""
    word = (word ^ (word >> np.uint64(32))) * _LEFT
    word = (word ^ (word >> np.uint64(29))) * _RIGHT
    return word ^ (word >> np.uint64(32))


@njit(cache=True, nogil=True)
def _hash(data, first, size):  # type: ignore[no-untyped-def]  # numba
    """Return a text's hash: of two texts of eight bytes or fewer and one length, never the same."""
    eight = np.uint64(8)
    if size < eight:
        return _mixed(_word(data, first) & ((np.uint64(1) << (eight * size)) - np.uint64(1)))
    last = size - eight
    at = np.uint64(0)
    found = np.uint64(0)
    while at < last:
        found = (found ^ _word(data, first + at)) * _LEFT
        at += eight
    return _mixed(found ^ _word(data, first + last))


@njit(cache=True, nogil=True)
def _same(data, first, arena, start, size):  # type: ignore[no-untyped-def]  # numba
    """Return whether two texts of more than eight bytes are one: the last eight may be looked at twice."""
    eight = np.uint64(8)
    last = size - eight
    at = np.uint64(0)
    while at < last:
        if _word(data, first + at) != _word(arena, start + at):
            return False
        at += eight
    return _word(data, first + last) == _word(arena, start + last)


@njit(cache=True, nogil=True)
def code_cells(data, cells, column, rows, table, hashes, bounds, arena, known, codes):  # type: ignore[no-untyped-def]  # numba
    """Give each row's cell of a column the number of its text; a text that was not there before gets the next.

    Shape: `rows` (rows,): which of `cells` are asked for, in order; `table` (a power of 2,): number + 1 by hash, 0
    where none; `hashes` (texts,), `bounds` (texts + 1,): of each known text, where in `arena` it ends; `codes` (rows,)
    is filled. The arrays must have room for every cell. Returns how many texts are known.
    """
    mask = np.uint64(len(table) - 1)
    one = np.uint64(1)
    for row in range(len(rows)):
        first, stop = np.uint64(cells[rows[row], column, 0]), np.uint64(cells[rows[row], column, 1])
        size = stop - first
        found = _hash(data, first, size)
        slot = (found ^ size) & mask
        while True:
            code = table[slot]
            if code == 0:
                start = np.uint64(bounds[known])
                for place in range(size):
                    arena[start + np.uint64(place)] = data[first + np.uint64(place)]
                bounds[known + 1] = start + size
                hashes[known] = found
                known += 1
                code = known
                table[slot] = code
                break
            start = np.uint64(bounds[code - 1])
            alike = hashes[code - 1] == found and np.uint64(bounds[code]) - start == size
            if alike and (size <= np.uint64(8) or _same(data, first, arena, start, size)):
                break
            slot = (slot + one) & mask
        codes[row] = code - 1
    return known


@njit(cache=True, nogil=True)
def fill_table(table, hashes, bounds, known):  # type: ignore[no-untyped-def]  # numba
    """Put the numbers of the known texts in an empty table, by their hash."""
    mask = np.uint64(len(table) - 1)
    one = np.uint64(1)
    for code in range(known):
        slot = (hashes[code] ^ np.uint64(bounds[code + 1] - bounds[code])) & mask
        while table[slot]:
            slot = (slot + one) & mask
        table[slot] = code + 1


@njit(cache=True, nogil=True)
def copy_cells(data, cells, column, rows, bounds, out):  # type: ignore[no-untyped-def]  # numba
    """Write the rows' cells of a column one after another. Shape: `bounds` (rows + 1,) is filled, and `out`."""
    at = np.uint64(0)
    bounds[0] = 0
    for row in range(len(rows)):
        first, stop = np.uint64(cells[rows[row], column, 0]), np.uint64(cells[rows[row], column, 1])
        while first < stop:
            out[at] = data[first]
            at += np.uint64(1)
            first += np.uint64(1)
        bounds[row + 1] = at


@njit(cache=True, nogil=True)
def mix_in(cells, first, second):  # type: ignore[no-untyped-def]  # numba
    """Add the hashes of a column's cells to two hashes of each row; the order of columns counts."""
    for row in range(len(cells)):
        cell = cells[row]
        first[row] = _mixed(first[row] ^ cell)
        second[row] = (_mixed(second[row] + cell) ^ cell) * _LEFT
