"""One pass over every pair and triple: how many are above the floors, and which stand out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.conditions import columns_of
from analysis.kernels import (
    ODDS,
    ActiveLists,
    active_lists,
    packed,
    pair_sums,
    read_triples,
    scan_pairs,
    scan_triples,
)  # fmt: skip
from analysis.settings import Settings
from analysis.values import Condition

Floats = NDArray[np.float64]
STRONGEST = 300  # candidates kept of each first characteristic and reading
LISTED = 4_000  # triples of each reading that a rescan reads
PAIR_FROM, TRIPLE_FROM = 2.0, 2.5  # sizes from which a combination is listed


@dataclass(frozen=True, slots=True)
class Candidate:
    """A combination that stands out on the screen. `stat` is a root (contrast) or a score z (joint)."""

    members: tuple[int, ...]
    stat: float


@dataclass(frozen=True, slots=True)
class Screen:
    """What one pass saw; every list is sorted, strongest first."""

    pairs_tested: int
    triples_tested: int
    pairs: tuple[Candidate, ...]
    contrasts: tuple[Candidate, ...]
    joints: tuple[Candidate, ...]


def may_combine(conditions: Sequence[Condition]) -> NDArray[np.bool_]:
    """Return which two characteristics are of different columns. Shape: (characteristics, characteristics)."""
    columns = [columns_of(one) for one in conditions]
    return np.array([[not (one & other) for other in columns] for one in columns], dtype=np.bool_).reshape(
        len(columns), len(columns)
    )


def combinations(allowed: NDArray[np.bool_], max_order: int) -> tuple[int, int]:
    """Return the number of pairs and triples of different columns, whatever the floors."""
    edges = allowed.astype(np.float64)
    triples = float(((edges @ edges) * edges).sum()) / 6.0 if max_order >= 3 else 0.0
    return int(edges.sum()) // 2, round(triples)


class Scanner:
    """Scans the same people again and again, as the background learns. The tested set is that of the first scan."""

    def __init__(
        self, held: NDArray[np.bool_], allowed: NDArray[np.bool_], settings: Settings, pool: ThreadPoolExecutor,
        family: int = ODDS,
    ) -> None:  # fmt: skip
        self.lists: ActiveLists = active_lists(held)
        self.allowed = allowed
        self.settings = settings
        self.pool = pool
        self.family = family  # the kernels' number for the law and scale
        self.size = len(held)
        self.pair_eligible = np.zeros((self.size, self.size), dtype=np.uint8)
        self.triple_eligible: list[NDArray[np.uint8]] = []
        self.words = packed(held ^ self.lists.flipped.astype(np.bool_)[:, None])
        self.listed = np.zeros((0, 3), dtype=np.int64)  # the triples that stood out at the last full scan

    def scan(
        self, outcome: Floats, mu: Floats, weight: Floats | None = None, *, progress: Callable[[float], None]
    ) -> Screen:
        """Read every pair and triple with this background; list what stands out. `weight`: mu (1 - mu) unless given."""
        lists, settings, size = self.lists, self.settings, self.size
        find = not self.triple_eligible
        values, sums, pairs_tested, pairs = self._pairs(outcome, mu, weight, find=find)
        total = values.sum(axis=0)
        if find:
            self.triple_eligible = [
                np.zeros((size - first - 1) * (size - first - 2) // 2, dtype=np.uint8) for first in range(size)
            ]
        triples_tested, contrasts, joints = 0, list[Candidate](), list[Candidate]()
        if settings.max_order >= 3:

            def triples(first: int) -> tuple[int, list[Candidate], list[Candidate]]:
                eligible = self.triple_eligible[first]
                contrast, joint = np.empty(len(eligible)), np.empty(len(eligible))
                tested = scan_triples(
                    first, lists.active, lists.ends, lists.people, lists.places, lists.starts, values, sums, total,
                    lists.flipped, self.allowed, eligible, find,
                    settings.floor_people, settings.floor_expected, TRIPLE_FROM, contrast, joint,
                    self.family,
                )  # fmt: skip
                later = size - first - 1
                return tested, _standing_out(first, later, contrast), _standing_out(first, later, joint)

            for first, (tested, by_contrast, by_joint) in enumerate(self.pool.map(triples, range(max(size - 2, 0)))):
                triples_tested += tested
                contrasts += by_contrast
                joints += by_joint
                progress(1.0 - (1.0 - (first + 1) / size) ** 3)
        screen = Screen(int(pairs_tested), int(triples_tested), pairs, _sorted(contrasts), _sorted(joints))
        both = {one.members: None for one in (*screen.contrasts[:LISTED], *screen.joints[:LISTED])}
        self.listed = np.array(list(both), dtype=np.int64).reshape(len(both), 3)
        return screen

    def rescan(self, outcome: Floats, mu: Floats, weight: Floats | None = None) -> Screen:
        """Read every pair, and the triples that stood out at the last full scan, with another background."""
        values, sums, pairs_tested, pairs = self._pairs(outcome, mu, weight, find=False)
        total, lists = values.sum(axis=0), self.lists
        contrast, joint = np.empty(len(self.listed)), np.empty(len(self.listed))

        def part(rows: slice) -> None:
            read_triples(
                self.listed[rows], self.words, values, sums, total, lists.flipped, TRIPLE_FROM,
                contrast[rows], joint[rows], self.family,
            )  # fmt: skip

        list(self.pool.map(part, [slice(start, start + 128) for start in range(0, len(self.listed), 128)]))
        members = [(int(a), int(b), int(c)) for a, b, c in self.listed]
        contrasts = [
            Candidate(one, float(z)) for one, z in zip(members, contrast, strict=True) if abs(z) >= TRIPLE_FROM
        ]
        joints = [Candidate(one, float(z)) for one, z in zip(members, joint, strict=True) if abs(z) >= TRIPLE_FROM]
        return Screen(pairs_tested, len(members), pairs, _sorted(contrasts), _sorted(joints))

    def _pairs(
        self, outcome: Floats, mu: Floats, weight: Floats | None, *, find: bool
    ) -> tuple[Floats, Floats, int, tuple[Candidate, ...]]:
        """Return each person's values, every pair's sums of them, how many pairs are tested, and which stand out."""
        values = np.column_stack([np.ones_like(mu), outcome, mu, mu * (1.0 - mu) if weight is None else weight])
        lists, size = self.lists, self.size
        sums = np.zeros((size, size, 4))

        def one(first: int) -> None:
            pair_sums(first, lists.active, lists.ends, lists.people, lists.places, lists.starts, values, sums[first])

        list(self.pool.map(one, range(size)))
        roots = np.full((size, size), np.nan)
        tested = scan_pairs(
            sums, values.sum(axis=0), lists.flipped, self.allowed, self.pair_eligible, find,
            self.settings.floor_people, self.settings.floor_expected, PAIR_FROM, roots,
            self.family,
        )  # fmt: skip
        where = np.argwhere(np.abs(np.nan_to_num(roots)) >= PAIR_FROM)
        pairs = _sorted([Candidate((int(a), int(b)), float(roots[a, b])) for a, b in where])
        both = sums + sums.transpose(1, 0, 2) * (1.0 - np.eye(size))[:, :, None]  # both halves
        return values, both, int(tested), pairs


def _standing_out(first: int, later: int, stats: Floats) -> list[Candidate]:
    size = np.abs(np.nan_to_num(stats))
    rows = np.flatnonzero(size >= TRIPLE_FROM)
    if len(rows) > STRONGEST:
        rows = rows[np.argsort(-size[rows], kind="stable")[:STRONGEST]]
    if not len(rows):
        return []
    starts = np.cumsum([0, *range(later - 1, 0, -1)])[:-1]  # where each b's row begins
    b = np.searchsorted(starts, rows, side="right") - 1
    c = rows - starts[b] + b + 1
    return [
        Candidate((first, first + 1 + int(one), first + 1 + int(other)), float(stats[row]))
        for one, other, row in zip(b, c, rows, strict=True)
    ]


def _sorted(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda one: (-abs(one.stat), one.members)))
