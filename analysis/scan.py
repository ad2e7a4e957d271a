"""One pass over every pair and triple: how many are above the floors, and which stand out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.conditions import columns_of
from analysis.kernels import ActiveLists, active_lists, pair_sums, scan_pairs, scan_triples
from analysis.settings import Settings
from analysis.values import Condition

Floats = NDArray[np.float64]
STRONGEST = 300  # candidates kept of each first characteristic and reading


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
        self, held: NDArray[np.bool_], allowed: NDArray[np.bool_], settings: Settings, pool: ThreadPoolExecutor
    ) -> None:
        self.lists: ActiveLists = active_lists(held)
        self.allowed = allowed
        self.settings = settings
        self.pool = pool
        self.size = len(held)
        self.pair_eligible = np.zeros((self.size, self.size), dtype=np.uint8)
        self.triple_eligible: list[NDArray[np.uint8]] = []

    def scan(
        self, outcome: Floats, mu: Floats, *, pair_from: float, triple_from: float, progress: Callable[[float], None]
    ) -> Screen:
        """Scan with this background. Only what reaches `pair_from` or `triple_from` in size is listed."""
        values = np.column_stack([np.ones_like(mu), outcome, mu, mu * (1.0 - mu)])
        total = values.sum(axis=0)
        lists, settings, size = self.lists, self.settings, self.size
        sums = np.zeros((size, size, 4))

        def one(first: int) -> None:
            pair_sums(first, lists.active, lists.ends, lists.people, lists.places, lists.starts, values, sums[first])

        list(self.pool.map(one, range(size)))
        find = not self.triple_eligible
        roots = np.full((size, size), np.nan)
        pairs_tested = scan_pairs(
            sums, total, lists.flipped, self.allowed, self.pair_eligible, find,
            settings.floor_people, settings.floor_expected, pair_from, roots,
        )  # fmt: skip
        where = np.argwhere(np.abs(np.nan_to_num(roots)) >= pair_from)
        pairs = [Candidate((int(a), int(b)), float(roots[a, b])) for a, b in where]
        if find:
            self.triple_eligible = [
                np.zeros((size - first - 1) * (size - first - 2) // 2, dtype=np.uint8) for first in range(size)
            ]
        triples_tested, contrasts, joints = 0, list[Candidate](), list[Candidate]()
        if settings.max_order >= 3:
            sums = sums + sums.transpose(1, 0, 2) * (1.0 - np.eye(size))[:, :, None]  # both halves

            def triples(first: int) -> tuple[int, list[Candidate], list[Candidate]]:
                eligible = self.triple_eligible[first]
                contrast, joint = np.empty(len(eligible)), np.empty(len(eligible))
                tested = scan_triples(
                    first, lists.active, lists.ends, lists.people, lists.places, lists.starts, values, sums, total,
                    lists.flipped, self.allowed, eligible, find,
                    settings.floor_people, settings.floor_expected, triple_from, contrast, joint,
                )  # fmt: skip
                later = size - first - 1
                return (
                    tested,
                    _standing_out(first, later, contrast, triple_from),
                    _standing_out(first, later, joint, triple_from),
                )

            for first, (tested, by_contrast, by_joint) in enumerate(self.pool.map(triples, range(max(size - 2, 0)))):
                triples_tested += tested
                contrasts += by_contrast
                joints += by_joint
                progress(1.0 - (1.0 - (first + 1) / size) ** 3)
        return Screen(
            pairs_tested=int(pairs_tested),
            triples_tested=int(triples_tested),
            pairs=_sorted(pairs),
            contrasts=_sorted(contrasts),
            joints=_sorted(joints),
        )


def _standing_out(first: int, later: int, stats: Floats, least: float) -> list[Candidate]:
    size = np.abs(np.nan_to_num(stats))
    rows = np.flatnonzero(size >= least)
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
