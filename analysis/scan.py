"""One pass over every combination: how many are above the floors, and which stand out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from analysis.conditions import columns_of
from analysis.counting import pair_sums, shared_by_pairs, unpack
from analysis.kernels import (
    ODDS,
    Alike,
    AsTheyCome,
    all_fours_above,
    may_walk,
    read_chosen,
    scan_fours,
    scan_pairs,
    scan_triples,
    standing_out,
)
from analysis.lists import (
    Lanes,
    Order,
    active_lists,
    by_characteristic,
    lanes,
    packed_words,
    steps_of,
    turned_about,
)
from analysis.settings import Settings
from analysis.threads import Threads
from analysis.values import Condition

Floats = NDArray[np.float64]
Chosen = NDArray[np.int64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
_Walked = tuple[tuple[Any, ...], int]  # the people in both orders, for a kernel; which kernel
ROWS = 8_192  # people in a block of a matrix product: sums block by block, in order
STRONGEST = 300  # candidates kept of each first characteristic and reading
EXHAUSTIVE = 4  # the highest order of which every combination is read
LISTED = 4_000  # combinations of each reading that a rescan reads
EXTENDED = 300  # combinations of four of each reading that are extended by a fifth
LISTED_FROM = {2: 2.0, 3: 2.5, 4: 3.5, 5: 4.0}  # sizes from which a combination is listed
NEARLY = 0.2  # a count by words of people who are alike may understate a size by so much
MATTERS = 0.8  # above the size from which it is listed: nothing smaller is accepted, or a lead
LEVELS = 64  # outcomes of more different sizes are walked, not counted


class Candidate(NamedTuple):
    """A combination that stands out on the screen. `stat` is a root (contrast) or a score z (joint)."""

    members: tuple[int, ...]
    stat: float


@dataclass(frozen=True, slots=True, eq=False)
class Candidates(Sequence[Candidate]):
    """What stands out, strongest first. Tens of thousands, of which a few are looked at: kept as two arrays."""

    members: Chosen  # (candidates, order)
    stats: Floats

    def __len__(self) -> int:
        return len(self.stats)

    @overload
    def __getitem__(self, place: int) -> Candidate: ...
    @overload
    def __getitem__(self, place: slice) -> Candidates: ...
    def __getitem__(self, place: int | slice) -> Candidate | Candidates:
        if isinstance(place, slice):
            return Candidates(self.members[place], self.stats[place])
        return Candidate(tuple(self.members[place].tolist()), float(self.stats[place]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Candidates):
            return NotImplemented
        return np.array_equal(self.members, other.members) and np.array_equal(self.stats, other.stats)

    def above(self, size: float) -> Candidates:
        """Return those of at least this size."""
        return self[: int(np.searchsorted(-np.abs(self.stats), -size, side="right"))]

    def sharing(self, members: Sequence[int]) -> Candidates:
        """Return those that have one or more of these members."""
        rows = np.isin(self.members, members).any(axis=1)
        return Candidates(self.members[rows], self.stats[rows])


@dataclass(frozen=True, slots=True)
class Screen:
    """What one pass saw, by order; every list is sorted, strongest first. A pair is read by its contrast alone."""

    tested: Mapping[int, int]
    contrasts: Mapping[int, Candidates]
    joints: Mapping[int, Candidates]


@dataclass(frozen=True, slots=True)
class _People:
    """What each person adds to a sum, with one background, and to all pairs of characteristics."""

    lanes: Lanes
    values: tuple[Floats, Floats, Floats]  # outcome, expected, weight
    total: Floats
    pairs: Floats  # (characteristics, characteristics, 4)


def may_combine(conditions: Sequence[Condition]) -> NDArray[np.bool_]:
    """Return which two characteristics are of different columns. Shape: (characteristics, characteristics)."""
    columns = [columns_of(one) for one in conditions]
    return np.array([[not (one & other) for other in columns] for one in columns], dtype=np.bool_).reshape(
        len(columns), len(columns)
    )


def combinations(allowed: NDArray[np.bool_], max_order: int) -> dict[int, int]:
    """Return the number of combinations of different columns, whatever the floors, by order. At most order 4."""
    edges = allowed.astype(np.float64)
    counts = {2: int(edges.sum()) // 2}
    if max_order >= 3:
        counts[3] = round(float(((edges @ edges) * edges).sum()) / 6.0)
    if max_order >= 4:
        fours = 0.0
        for first in range(len(edges)):
            beside = np.flatnonzero(allowed[first, first + 1 :]) + first + 1
            among = edges[np.ix_(beside, beside)]
            fours += float(((among @ among) * among).sum()) / 6.0
        counts[4] = round(fours)
    return counts


class Scanner:
    """Scans the same people again and again, as the background learns. The tested set is that of the first scan."""

    def __init__(
        self,
        held: NDArray[np.bool_],
        allowed: NDArray[np.bool_],
        settings: Settings,
        pool: Threads,
        family: int = ODDS,
        *,
        kernel: int = 0,
        like: Scanner | None = None,
    ) -> None:
        """`family`: the kernels' number for law and scale. `like`: another scanner of the same people; lends its lists.

        `kernel`: 0 the cheaper, 1 walk, 2 count, for every combination (tests and benchmarks).
        """
        if like is None:
            self.lists, self.words, self.holds = active_lists(packed_words(held), held.shape[1])
            self.held: NDArray[np.bool_] = held ^ self.lists.flipped.astype(np.bool_)[:, None]
            self.steps = steps_of(self.lists)
        else:
            self.lists, self.words, self.holds, self.held = like.lists, like.words, like.holds, like.held
            self.steps = like.steps
        self.settings, self.pool, self.family, self.kernel = settings, pool, family, kernel
        self.size = size = len(held)
        self.eligible = {2: allowed.astype(np.uint8)}
        self.found: dict[int, int] = {}
        rows = np.array([comb(size - first - 1, 2) for first in range(size)], dtype=np.int64)
        self.starts = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
        self.bytes_from = np.zeros((size, size), dtype=np.int64)
        self.listed: dict[int, Chosen] = {}  # what stood out at the last full scan
        self.stop = np.zeros(1, dtype=np.uint8)
        self.read_fives = 0  # combinations of five read at the first scan
        self._counts: Floats | None = None
        self._as_they_come: Order | None = None if like is None else like._as_they_come
        self._everything: bool = like is not None and like._everything  # is the order of all characteristics?
        self._shared_by: Floats | None = None if like is None else like._shared_by  # people, of every pair
        self._last: tuple[tuple[Floats, Floats, Floats | None], _People] | None = None

    def scan(
        self, outcome: Floats, mu: Floats, weight: Floats | None = None, *, progress: Callable[[float], None]
    ) -> Screen:
        """Read every combination with this background; list what stands out. `weight`: mu (1 - mu) unless given."""
        alike = self.pool.aside(lambda: self._alike(outcome, mu))
        people = self._people(outcome, mu, weight)
        find = not self.found
        pairs = self._pairs(people, find=find)
        contrasts, joints = {2: pairs}, dict[int, Candidates]()
        orders = [order for order in range(3, self.settings.max_order + 1) if self.size >= order]
        begun = 0.1 if 4 in orders else 1.0  # the share of the triples
        try:
            if orders:
                walked = self._walked(people, *alike())
                triples = self._triples(people, walked, find, lambda part: progress(part * begun))
                contrasts[3], joints[3] = triples[0], triples[1]
            if 4 in orders:
                contrasts[4], joints[4] = self._fours(
                    people, walked, triples[2], find, lambda part: progress(begun + part * (1.0 - begun))
                )
            if 5 in orders:
                best = [one[4][:EXTENDED].members for one in (contrasts, joints)]
                contrasts[5], joints[5] = self._fives(people, np.unique(np.concatenate(best), axis=0), find)
        except BaseException:  # an interrupt: what is under way ends at its next combination of two
            self.stop[0] = 1
            raise
        for order in orders:
            both = [one[order][:LISTED].members for one in (contrasts, joints)]
            self.listed[order] = np.unique(np.concatenate(both), axis=0)
        return Screen(dict(self.found), contrasts, joints)

    def rescan(self, outcome: Floats, mu: Floats, weight: Floats | None = None) -> Screen:
        """Read every pair, and what stood out at the last full scan, with another background."""
        people = self._people(outcome, mu, weight)
        contrasts, joints = {2: self._pairs(people, find=False)}, dict[int, Candidates]()
        for order, chosen in self.listed.items():
            contrast, joint, _ = self._read(people, chosen)
            contrasts[order] = _candidates(chosen, contrast, LISTED_FROM[order])
            joints[order] = _candidates(chosen, joint, LISTED_FROM[order])
        return Screen(dict(self.found), contrasts, joints)

    # what a pass needs

    def _people(self, outcome: Floats, mu: Floats, weight: Floats | None) -> _People:
        asked = (outcome, mu, weight)
        if self._last is not None and all(one is other for one, other in zip(asked, self._last[0], strict=True)):
            return self._last[1]  # a full scan after a rescan in which nothing passed: of the same background
        weight = mu * (1.0 - mu) if weight is None else weight
        packed = lanes(outcome, mu, weight)
        total = np.array([len(outcome), outcome.sum(), mu.sum(), weight.sum()])
        people = _People(packed, (outcome, mu, weight), total, self._pair_sums(packed, outcome, mu, weight))
        self._last = asked, people
        return people

    def _pair_sums(self, packed: Lanes, outcome: Floats, mu: Floats, weight: Floats) -> Floats:
        """Return every pair's people, outcomes, expected and weight, by walking the lists or by matrix products."""
        lists, size = self.lists, self.size
        lengths = np.diff(lists.ends)
        if 4.0 * float((lengths.astype(np.float64) ** 2).sum()) < 0.08 * len(outcome) * float(size) ** 2:
            order = self._order(everything=True)
            sums = np.zeros((size, size, 2), dtype=np.int64)

            def one(first: int) -> None:
                mine = slice(order.starts[first], order.starts[first + 1])
                pair_sums(order.people[mine], order.places[mine], lists.ends, lists.active, packed.packed, sums[first])

            list(self.pool.map(one, range(size)))
            flat = np.empty((size * size, 4))
            unpack(sums.reshape(-1, 2), packed.shift, packed.units, flat)
            upper = flat.reshape(size, size, 4)
            return np.asarray(upper + upper.transpose(1, 0, 2) * (1.0 - np.eye(size))[:, :, None])
        if self._counts is None:
            if self._shared_by is None:
                self._shared_by = self._people_of_pairs(self.words)
            unit = float(packed.units[0])
            if bool(((outcome == 0.0) | (outcome == 1.0)).all()):
                outcomes = self._people_of_pairs(self.words & packed_words((outcome > 0.0)[None, :]))
            else:
                outcomes = np.rint(self._products(outcome) / unit) * unit
            self._counts = np.stack([self._shared_by, outcomes], axis=2)
        lowest = float(packed.units[3])
        expected = self._products(mu - lowest) + lowest * self._counts[:, :, 0]
        return np.concatenate([self._counts, np.stack([expected, self._products(weight)], axis=2)], axis=2)

    def _people_of_pairs(self, words: Words) -> Floats:
        counts = np.zeros((self.size, self.size), dtype=np.int64)
        shared_by_pairs(words, counts)
        return counts.astype(np.float64)

    def _products(self, values: Floats) -> Floats:
        """Return the sum of `values` over everybody for whom both hold: fine to a millionth part."""
        roots = np.sqrt(values).astype(np.float32)

        def part(start: int) -> Floats:
            rows = slice(start, start + ROWS)
            scaled = self.held[:, rows] * roots[rows]
            return np.asarray(scaled @ scaled.T, dtype=np.float64)

        total = np.zeros((self.size, self.size))
        for one in self.pool.parts(part, range(0, len(values), ROWS)):
            total += one
        return total

    def _pairs(self, people: _People, *, find: bool) -> Candidates:
        roots = np.full((self.size, self.size), np.nan)
        tested = scan_pairs(
            people.pairs, people.total, self.lists.flipped, self.eligible[2], find,
            self.settings.floor_people, self.settings.floor_expected, LISTED_FROM[2], self.family, roots,
        )  # fmt: skip
        if find:
            self.found[2] = int(tested)
        where = np.argwhere(np.abs(roots) >= LISTED_FROM[2])
        return _candidates(where, roots[where[:, 0], where[:, 1]], LISTED_FROM[2])

    def _alike(self, outcome: Floats, mu: Floats) -> tuple[Ints, Words, Words]:
        """Order the people by outcome and expectation; return the order, what each has, and who has each."""
        alike = np.lexsort((mu, outcome))
        holds = self.holds[alike]
        return alike, holds, turned_about(holds, self.size)

    def _order(self, *, everything: bool) -> Order:
        """Return the people of those characteristics that may be walked, as they come. From memory, if it is there."""
        if self._as_they_come is None or (everything and not self._everything):
            people, pairs, words = np.diff(self.lists.starts), np.diff(self.starts), self.holds.shape[1]
            asked = [
                everything or may_walk(people[first], words - ((first + 1) >> 6), self.steps[first], pairs[first])
                for first in range(self.size)
            ]
            self._as_they_come, self._everything = by_characteristic(self.lists, np.array(asked)), everything
        return self._as_they_come

    def _walked(self, people: _People, alike: Ints, holds: Words, words: Words) -> _Walked:
        """Return what a kernel needs of the people, and which kernel."""
        outcome, mu, weight = (one[alike] for one in people.values)
        highest = np.array([mu.max() - people.lanes.units[3], weight.max()])
        levels = 1 + np.count_nonzero(np.diff(outcome))  # they come in order
        kernel = self.kernel if levels <= LEVELS else 1
        order = self._order(everything=kernel == 1 or self.settings.max_order >= 4)
        come = AsTheyCome(*order, self.lists.ends, self.lists.active, people.lanes.packed)
        return (come, Alike(words, holds, outcome, mu, weight, highest)), kernel

    def _triples(
        self, people: _People, walked: _Walked, find: bool, progress: Callable[[float], None]
    ) -> tuple[Candidates, Candidates, Floats]:
        """Return the triples that stand out, by contrast and as a whole, and, for combinations of four, all sums."""
        settings, size = self.settings, self.size
        if find:
            self.eligible[3] = np.zeros(int(self.starts[-1]), dtype=np.uint8)
        kept = np.empty((int(self.starts[-1]) if settings.max_order >= 4 else 0, 4))
        (come, alike), kernel = walked
        held_by, lanes_of = np.diff(self.lists.starts), people.lanes
        eligible, list_from = self.eligible[3], LISTED_FROM[3]

        def one(first: int) -> tuple[int, list[tuple[Chosen, Floats]]]:
            mine = slice(self.starts[first], self.starts[first + 1])
            rows = int(self.starts[first + 1] - self.starts[first])
            sums = kept[mine] if settings.max_order >= 4 else np.empty((rows, 4))
            contrast, joint = np.empty(rows), np.empty(rows)
            tested = scan_triples(
                first, come, alike, held_by, self.steps, lanes_of.shift, lanes_of.units, people.pairs, people.total,
                self.lists.flipped, self.eligible[2], eligible[mine], find, settings.floor_people,
                settings.floor_expected, list_from - NEARLY, self.family, kernel, sums, contrast, joint,
            )  # fmt: skip
            found = [standing_out(first, size, stats, list_from - NEARLY) for stats in (contrast, joint)]
            return tested, [_strongest(*one) for one in found]

        tested = 0
        strong: tuple[list[tuple[Chosen, Floats]], list[tuple[Chosen, Floats]]] = ([], [])
        for first, (count, lists) in enumerate(self.pool.map(one, range(max(size - 2, 0)))):
            tested += count
            for reading, found in enumerate(lists):
                strong[reading].append(found)
            progress(1.0 - (1.0 - (first + 1) / size) ** 3)
        if find:
            self.found[3] = tested
        contrasts, joints = (self._exactly(people, *_joined(one, 3), reading) for reading, one in enumerate(strong))
        return contrasts, joints, kept

    def _fours(
        self, people: _People, walked: _Walked, triples: Floats, find: bool, progress: Callable[[float], None]
    ) -> tuple[Candidates, Candidates]:
        settings, size = self.settings, self.size
        if find:
            rows = np.array([(comb(size - b - 1, 2) + 7) // 8 for b in range(size)], dtype=np.int64)
            after = np.where(np.arange(size)[None, :] > np.arange(size)[:, None], rows[None, :], 0)
            self.bytes_from = (np.cumsum(after) - after.ravel()).reshape(size, size)
            self.eligible[4] = np.zeros(int(after.sum()), dtype=np.uint8)
        (come, alike), kernel = walked
        lanes_of = people.lanes

        def one(first: int) -> tuple[int, list[tuple[Chosen, Floats]]]:
            tested, members, contrast, joint = scan_fours(
                first, come, alike, lanes_of.shift, lanes_of.units, people.pairs, people.total, self.lists.flipped,
                self.starts, triples, self.eligible[3], self.bytes_from, self.eligible[4], find,
                settings.floor_people, settings.floor_expected, LISTED_FROM[4] - NEARLY, self.family, kernel, self.stop,
            )  # fmt: skip
            whole = np.column_stack([np.full(len(members), first), members]).astype(np.int64)
            rows = [np.abs(stats) >= LISTED_FROM[4] - NEARLY for stats in (contrast, joint)]
            return tested, [
                _strongest(whole[one], stats[one]) for one, stats in zip(rows, (contrast, joint), strict=True)
            ]

        tested = 0
        strong: tuple[list[tuple[Chosen, Floats]], list[tuple[Chosen, Floats]]] = ([], [])
        for first, (count, lists) in enumerate(self.pool.map(one, range(max(size - 3, 0)))):
            tested += count
            for reading, found in enumerate(lists):
                strong[reading].append(found)
            progress(1.0 - (1.0 - (first + 1) / size) ** 4)
        if find:
            self.found[4] = tested
        contrasts, joints = (self._exactly(people, *_joined(one, 4), reading) for reading, one in enumerate(strong))
        return contrasts, joints

    def _fives(self, people: _People, fours: Chosen, find: bool) -> tuple[Candidates, Candidates]:
        """Extend the best combinations of four by every fifth. Not exhaustive: only these are read.

        Whichever they are, the promise holds: `found[5]` bounds the combinations of five all of whose fours are
        above the floors, and each four of one that is read must be among those.
        """
        if find:
            self.found[5] = self.found[4] * max(self.size - 4, 0) // 5
        fifth = np.arange(self.size)
        wide = np.concatenate([np.repeat(fours, self.size, axis=0), np.tile(fifth, len(fours))[:, None]], axis=1)
        wide = wide[(wide[:, :4] != wide[:, 4:]).all(axis=1)]
        chosen = np.unique(np.sort(wide, axis=1), axis=0)
        above = np.zeros(len(chosen), dtype=np.uint8)
        all_fours_above(chosen, self.bytes_from, self.eligible[4], above)
        chosen = chosen[above > 0]
        if find:
            self.read_fives = len(chosen)
        contrast, joint, above_floors = self._read(people, chosen)
        contrast[above_floors == 0] = joint[above_floors == 0] = np.nan
        return _candidates(chosen, contrast, LISTED_FROM[5]), _candidates(chosen, joint, LISTED_FROM[5])

    def _exactly(self, people: _People, chosen: Chosen, stats: Floats, reading: int) -> Candidates:
        """Read those that matter person by person, whichever kernel listed them; the others are only ranked."""
        stats = stats.copy()
        list_from = LISTED_FROM[chosen.shape[1]]
        matter = np.flatnonzero(np.abs(stats) >= (list_from + MATTERS if list_from else 0.0))
        stats[matter] = self._read(people, chosen[matter])[reading]
        return _candidates(chosen, stats, list_from)

    def _read(self, people: _People, chosen: Chosen) -> tuple[Floats, Floats, NDArray[np.uint8]]:
        contrast, joint = np.empty(len(chosen)), np.empty(len(chosen))
        above = np.zeros(len(chosen), dtype=np.uint8)
        packed, floors = people.lanes, (self.settings.floor_people, self.settings.floor_expected)

        def part(start: int) -> None:
            rows = slice(start, start + 128)
            read_chosen(
                chosen[rows], self.words, packed.packed, packed.shift, packed.units, people.pairs, people.total,
                self.lists.flipped, *floors, LISTED_FROM[chosen.shape[1]], self.family,
                contrast[rows], joint[rows], above[rows],
            )  # fmt: skip

        self.pool.parts(part, range(0, len(chosen), 128))
        return contrast, joint, above


def _joined(parts: Sequence[tuple[Chosen, Floats]], order: int) -> tuple[Chosen, Floats]:
    if not parts:
        return np.zeros((0, order), dtype=np.int64), np.zeros(0)
    return np.concatenate([members for members, _ in parts]), np.concatenate([stats for _, stats in parts])


def _strongest(members: Chosen, stats: Floats) -> tuple[Chosen, Floats]:
    """Return the `STRONGEST` of many."""
    if len(stats) <= STRONGEST:
        return members, stats
    rows = np.argsort(-np.abs(stats), kind="stable")[:STRONGEST]
    return members[rows], stats[rows]


def _candidates(chosen: Chosen, stats: Floats, list_from: float) -> Candidates:
    """List those that stand out, strongest first."""
    rows = np.flatnonzero(np.abs(stats) >= list_from)
    members = chosen[rows].astype(np.int64)
    ties = np.ravel_multi_index(tuple(members.T), (int(members.max(initial=0)) + 1,) * chosen.shape[1])
    order = np.lexsort((ties, -np.abs(stats[rows])))
    return Candidates(members[order], stats[rows[order]])
