"""The people as the kernels walk them: lists of characteristics, packed words, and whole-number weights.

Sums are taken over whole numbers, which come out the same in any order: by either kernel, on any number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analysis.counting import lowest, turn

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class ActiveLists:
    """Each person's characteristics, and each characteristic's people. Shape: flat arrays with starts.

    A characteristic that holds for more than half is counted by its opposite (`flipped`): shorter lists, same cells.
    """

    active: NDArray[np.int32]  # characteristics, person by person, ascending
    ends: Ints  # (people + 1,): where each person's list starts, and where the last one ends
    starts: Ints  # (characteristics + 1,): where each characteristic's people start
    flipped: NDArray[np.uint8]  # (characteristics,)


class Order(NamedTuple):
    """Each characteristic's people, with the place in `active` where it stands in their lists."""

    people: NDArray[np.int32]
    places: Ints
    starts: Ints  # (characteristics + 1,): where each one's people start; those not asked for have none


@dataclass(frozen=True, slots=True)
class Lanes:
    """What each person adds to a sum, as two whole numbers: (1, expected) and (outcome, weight), each pair in one.

    The first of a pair stands above `shift`, the second below; `units` are what one of outcome, expected and weight
    is worth. No sum over people reaches the next pair's bits. Where risks add, an expectation may be negative: the
    lowest is taken off.
    """

    packed: Ints  # (people, 2)
    shift: int
    units: Floats  # (4,): the fourth is taken from each person's expectation again


def active_lists(words: Words, people: int) -> tuple[ActiveLists, Words, Words]:
    """Index the extents. Shape: `words` (characteristics, words), as `packed_words` gives them.

    Returns also the words with the flipped ones turned, and each person's characteristics as words: (people, words).
    """
    with_it = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    flipped = (2 * with_it > people).astype(np.uint8)
    words = words ^ (packed_words(np.ones((1, people), dtype=np.bool_)) * flipped[:, None])
    starts = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum(np.where(flipped, people - with_it, with_it), out=starts[1:])
    holds = np.empty((people, -(-len(words) // 64)), dtype=np.uint64)
    _turn_all(words, holds)
    active, ends = np.empty(int(starts[-1]), dtype=np.int32), np.zeros(people + 1, dtype=np.int64)
    _list(holds, ends, active)
    return ActiveLists(active=active, ends=ends, starts=starts, flipped=flipped), words, holds


@njit(cache=True, nogil=True)
def _turn_all(words, holds) -> None:  # type: ignore[no-untyped-def]  # numba
    tile = np.empty(64, dtype=np.uint64)
    for part in range(holds.shape[1]):
        ones = min(64, len(words) - 64 * part)
        for word in range(words.shape[1]):
            tile[ones:] = 0
            for one in range(ones):
                tile[one] = words[64 * part + one, word]
            turn(tile)
            for person in range(64 * word, min(64 * word + 64, len(holds))):
                holds[person, part] = tile[person - 64 * word]


@njit(cache=True, nogil=True)
def _list(holds, ends, active) -> None:  # type: ignore[no-untyped-def]  # numba
    at = 0
    for person in range(len(holds)):
        for part in range(holds.shape[1]):
            left = holds[person, part]
            while left:
                active[at] = 64 * part + lowest(left)
                at += 1
                left &= left - np.uint64(1)
        ends[person + 1] = at


def by_characteristic(lists: ActiveLists, asked: NDArray[np.bool_]) -> Order:
    """Return the people of each characteristic that is `asked` for, in their order. Shape: (characteristics,)."""
    starts = np.zeros(len(lists.starts), dtype=np.int64)
    np.cumsum(np.where(asked, np.diff(lists.starts), 0), out=starts[1:])
    people = np.empty(int(starts[-1]), dtype=np.int32)
    places = np.empty(len(people), dtype=np.int64)
    _fill(lists.active, lists.ends, asked, starts[:-1].copy(), people, places)
    return Order(people, places, starts)


@njit(cache=True, nogil=True)
def _fill(active, ends, asked, at, people, places) -> None:  # type: ignore[no-untyped-def]  # numba
    for person in range(len(ends) - 1):
        for place in range(ends[person], ends[person + 1]):
            one = active[place]
            if asked[one]:
                people[at[one]] = person
                places[at[one]] = place
                at[one] += 1


def steps_of(lists: ActiveLists) -> Floats:
    """Return what walking each characteristic's people takes: the pairs of later characteristics in their lists."""
    steps = np.zeros(len(lists.flipped))
    _count_steps(lists.active, lists.ends, steps)
    return steps


@njit(cache=True, nogil=True)
def _count_steps(active, ends, steps) -> None:  # type: ignore[no-untyped-def]  # numba
    for person in range(len(ends) - 1):
        for place in range(ends[person], ends[person + 1]):
            later = ends[person + 1] - place - 1
            steps[active[place]] += 0.5 * later * (later - 1)


def turned_about(holds: Words, characteristics: int) -> Words:
    """Return each characteristic's people as words, of each person's characteristics: (people, words) -> (.., ..)."""
    words = np.empty((characteristics, -(-len(holds) // 64)), dtype=np.uint64)
    _turn_back(holds, words)
    return words


@njit(cache=True, nogil=True)
def _turn_back(holds, words) -> None:  # type: ignore[no-untyped-def]  # numba
    tile = np.empty(64, dtype=np.uint64)
    for word in range(words.shape[1]):
        people = min(64, len(holds) - 64 * word)
        for part in range(holds.shape[1]):
            tile[people:] = 0
            for person in range(people):
                tile[person] = holds[64 * word + person, part]
            turn(tile)
            for one in range(64 * part, min(64 * part + 64, len(words))):
                words[one, word] = tile[one - 64 * part]


def lanes(outcome: Floats, expected: Floats, weight: Floats) -> Lanes:
    """Turn each person's outcome, expectation and weight into whole numbers, as fine as 63 bits allow.

    Shape: (people,) each; outcome and weight not negative.
    """
    people = len(outcome)
    lowest = min(float(expected.min()), 0.0)
    expected = expected - lowest
    whole = bool((outcome == np.rint(outcome)).all())
    unit = 1.0 if whole else 2.0**-16
    highest = max(people, int(outcome.sum() / unit) + people * (not whole))
    shift = 62 - highest.bit_length()
    room = 2.0**shift - people
    parts: list[Ints] = []
    units = [unit]
    for values in (expected, weight):
        fine = 2.0 ** np.floor(np.log2(room / max(float(values.sum()), 1e-9)) - 1e-9)
        fine = float(min(fine, 2.0**45))
        parts.append(np.rint(values * fine).astype(np.int64))
        units.append(1.0 / fine)
    packed = np.empty((people, 2), dtype=np.int64)
    packed[:, 0] = (np.int64(1) << shift) + parts[0]
    packed[:, 1] = (np.rint(outcome / unit).astype(np.int64) << shift) + parts[1]
    return Lanes(packed, shift, np.array([*units, lowest]))


def packed_words(held: NDArray[np.bool_]) -> Words:
    """Pack people into words, the first in the lowest bit. Shape: (characteristics, people) -> (..., words)."""
    words = -(-held.shape[1] // 64)
    padded = np.zeros((len(held), words * 64), dtype=np.bool_)
    padded[:, : held.shape[1]] = held
    return np.ascontiguousarray(np.packbits(padded, axis=1, bitorder="little").view(np.uint64))
