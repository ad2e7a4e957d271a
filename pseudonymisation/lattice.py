"""Optimal full-domain generalisation: a whole column is told at one step, and the best steps of all are found.

A node is a step for every column. Whoever stands in a class of fewer than k (or too few sensitive values) is left out;
a node will do if few enough are. Telling more coarsely joins classes, so where a node fails for k or l, every finer
one fails too; and nothing coarser than a node loses less than the node loses before anybody is left out. The best node
is the one that loses least, a person left out counting as wholly lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pseudonymisation.hierarchies import Hierarchy, hierarchy
from pseudonymisation.k_anonymity import Generalised

MOST_NODES = 2_000_000
_DENSE = 1 << 21  # classes that may be counted in an array; more are sorted
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The best node: each column's step, what it loses, and how many nodes were there and were looked at."""

    made: Generalised
    steps: Mapping[str, int]
    nodes: int
    checked: int


class TooManyNodes(ValueError):  # noqa: N818 - says what is wrong
    """More nodes than can be listed. `nodes` counts them."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes
        super().__init__(f"{nodes} nodes are too many; name fewer quasi-identifiers")


def lattice(
    frame: pl.DataFrame,
    *,
    quasi: Sequence[str],
    sensitive: Sequence[str] = (),
    k: int,
    l: int = 1,  # noqa: E741
    max_share: float = 0.8,
    max_suppressed: float = 0.02,
    hierarchies: Mapping[str, Hierarchy] | None = None,
) -> Optimum | None:
    """Return the table generalised at the best node, None where no node will do. A row is a person.

    At most `max_suppressed` of the people are left out. Ties go to the node with the finer first columns.
    Raises: ValueError if `k` < 2 or no quasi-identifier is named; TooManyNodes.
    Source: K. LeFevre et al. (2005), Incognito, SIGMOD; F. Kohlmayer et al. (2012), Flash, for the pruning.
    """
    if k < 2:
        raise ValueError(f"k = {k} protects nobody; use 2 or more")
    if not quasi:
        raise ValueError("name at least one quasi-identifier")
    given = hierarchies or {}
    columns = [given.get(name) or hierarchy(frame[name]) for name in quasi]
    nodes = prod(column.steps for column in columns)
    if nodes > MOST_NODES:
        raise TooManyNodes(nodes)
    checks = _Checks(columns, [_codes(frame[name]) for name in sensitive], k=k, l=l, max_share=max_share)
    allowed = int(max_suppressed * frame.height + 1e-9)
    found = _best(columns, checks, allowed, frame.height)
    if found is None:
        return None
    kept = checks.at(found).kept
    classes = checks.classes(found)[kept]
    sizes = np.bincount(classes)
    sizes = sizes[sizes > 0]
    told = frame.filter(pl.Series(kept)).with_columns(
        _told(name, column, step, kept) for name, column, step in zip(quasi, columns, found, strict=True)
    )
    made = Generalised(
        frame=told,
        classes=len(sizes),
        suppressed=frame.height - told.height,
        gcp=checks.loss(found, kept),
        average_class=told.height / len(sizes) if len(sizes) else 0.0,
        highest_risk=1 / int(sizes.min()) if len(sizes) else 0.0,
    )
    return Optimum(made=made, steps=dict(zip(quasi, found, strict=True)), nodes=nodes, checked=checks.looked_at)


Node = tuple[int, ...]


def _best(columns: Sequence[Hierarchy], checks: _Checks, allowed: int, people: int) -> Node | None:
    """Return the node that loses least among those that leave out at most `allowed`.

    Nodes are taken from the costliest that could still win downwards: one that fails takes all finer ones with it,
    one that will do takes all that cannot be better.
    """
    if not people:
        return None
    grid = np.array(list(product(*(range(column.steps) for column in columns))), dtype=np.int8)
    least = np.zeros(len(grid))  # what a node loses at least: before anybody is left out
    for number, column in enumerate(columns):
        lost = [float(loss[codes].mean()) for codes, loss in zip(column.codes, column.losses, strict=True)]
        least += np.array(lost)[grid[:, number]]
    least /= len(columns)
    best, best_loss = None, np.inf
    for node in (_greedy(columns, checks, allowed), tuple(column.steps - 1 for column in columns)):
        result = checks.at(node)
        if best is None and result.fits(allowed):
            best, best_loss = node, checks.loss(node, result.kept)
    order = np.lexsort((np.arange(len(grid)), least))  # cheapest first; ties in the grid's order
    alive = np.ones(len(grid), dtype=np.bool_)
    rising, end = least[order], len(order)
    while True:
        end = min(end, int(np.searchsorted(rising, best_loss + 1e-12, side="right")))
        while end and not alive[order[end - 1]]:
            end -= 1
        if not end:
            return best
        place = int(order[end - 1])
        alive[place] = False
        node = tuple(int(step) for step in grid[place])
        if checks.surely_fails(node, allowed) or not (result := checks.at(node)).diverse(allowed):
            alive &= ~(grid <= grid[place]).all(axis=1)
        elif result.fits(allowed):
            loss = checks.loss(node, result.kept)
            if loss < best_loss - 1e-12 or (loss <= best_loss + 1e-12 and (best is None or node < best)):
                best, best_loss = node, min(loss, best_loss)


def _greedy(columns: Sequence[Hierarchy], checks: _Checks, allowed: int) -> Node:
    """Return a node that will do, if there is an easy one: from the top, a column at a time as fine as it may be."""
    node = [column.steps - 1 for column in columns]
    moved = True
    while moved:
        moved = False
        for number in range(len(node)):
            if node[number] == 0:
                continue
            finer = (*node[:number], node[number] - 1, *node[number + 1 :])
            if checks.at(finer).fits(allowed):
                node[number] -= 1
                moved = True
    return tuple(node)


@dataclass(frozen=True, slots=True)
class _Result:
    kept: Bools  # rows in classes that keep k, l and the share
    small: int  # people left out for k or l alone: this falls as a node is told more coarsely

    def diverse(self, allowed: int) -> bool:
        return self.small <= allowed

    def fits(self, allowed: int) -> bool:
        return len(self.kept) - int(np.count_nonzero(self.kept)) <= allowed


class _Checks:
    """Looks at nodes, and remembers what pairs of columns have already ruled out."""

    def __init__(
        self,
        columns: Sequence[Hierarchy],
        sensitive: Sequence[tuple[Ints, int]],
        *,
        k: int,
        l: int,  # noqa: E741
        max_share: float,
    ) -> None:
        self._columns = columns
        self._sensitive = sensitive
        self._k, self._l, self._max_share = k, l, max_share
        self._sizes = [[len(text) for text in column.texts] for column in columns]
        self._failed: dict[tuple[tuple[int, int], ...], int] = {}
        self.looked_at = 0

    def classes(self, node: Node) -> Ints:
        """Return the class of each row, as numbers without large gaps."""
        return self._joined([(number, step) for number, step in enumerate(node)])

    def surely_fails(self, node: Node, allowed: int) -> bool:
        """Return whether some columns alone leave too many in small classes: then the node does too."""
        finest = sorted(
            ((number, step) for number, step in enumerate(node) if self._sizes[number][step] > 2),
            key=lambda one: -self._sizes[one[0]][one[1]],
        )
        for some in (3, 5):
            if len(finest) <= some:
                return False
            part = tuple(sorted(finest[:some]))
            small = self._failed.get(part)
            if small is None:
                small = self._small(self._joined(part))
                self._failed[part] = small
                self.looked_at += 1
            if small > allowed:
                return True
        return False

    def at(self, node: Node) -> _Result:
        """Return who may stay at a node."""
        self.looked_at += 1
        classes = self.classes(node)
        sizes = np.bincount(classes)
        enough = sizes >= self._k
        even = enough.copy()
        rows_enough = enough[classes]
        if self._sensitive and np.count_nonzero(rows_enough):
            for values, levels in self._sensitive:
                held, most = _held(classes, values, levels, len(sizes))
                enough &= held >= self._l
                even &= most <= self._max_share * sizes + 1e-9
            even &= enough
            rows_enough = enough[classes]
        small = len(classes) - int(np.count_nonzero(rows_enough))
        return _Result(even[classes], small)

    def loss(self, node: Node, kept: Bools) -> float:
        """Return the certainty lost at a node, 0 to 1: whoever is left out is wholly lost."""
        lost = 0.0
        for column, step in zip(self._columns, node, strict=True):
            lost += float(column.losses[step][column.codes[step][kept]].sum()) + int(np.count_nonzero(~kept))
        return lost / (len(kept) * len(node)) if len(kept) else 0.0

    def _small(self, classes: Ints) -> int:
        sizes = np.bincount(classes)
        return int(sizes[sizes < self._k].sum())

    def _joined(self, part: Sequence[tuple[int, int]]) -> Ints:
        """Return one number for each combination of the columns' codes."""
        joined, span = np.zeros(len(self._columns[0].codes[0]), dtype=np.int64), 1
        for number, step in part:
            size = self._sizes[number][step]
            if size == 1:
                continue
            joined = joined * size + self._columns[number].codes[step]
            span *= size
            if span > _DENSE:
                joined, span = _dense(joined, span)
        return joined


def _dense(codes: Ints, span: int) -> tuple[Ints, int]:
    """Return codes numbered anew without gaps, and how many there are."""
    if span <= 16 * _DENSE:
        there = np.zeros(span, dtype=np.bool_)
        there[codes] = True
        numbers = np.cumsum(there) - 1
        return numbers[codes], int(numbers[-1]) + 1
    known, again = np.unique(codes, return_inverse=True)
    return again.astype(np.int64), len(known)


def _held(classes: Ints, values: Ints, levels: int, size: int) -> tuple[Ints, Ints]:
    """Return how many different values each class holds, and how many people share its commonest one."""
    pairs = classes * levels + values
    if size * levels <= 4 * _DENSE:
        counts = np.bincount(pairs, minlength=size * levels).reshape(size, levels)
        return np.count_nonzero(counts, axis=1), counts.max(axis=1)
    known, often = np.unique(pairs, return_counts=True)
    held, most = np.bincount(known // levels, minlength=size), np.zeros(size, dtype=np.int64)
    np.maximum.at(most, known // levels, often)
    return held, most


def _codes(values: pl.Series) -> tuple[Ints, int]:
    codes = values.cast(pl.String).rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
    return codes, int(codes.max()) + 1 if len(codes) else 0


def _told(name: str, column: Hierarchy, step: int, kept: Bools) -> pl.Series:
    texts = pl.Series(column.texts[step], dtype=pl.String)
    return texts.gather(pl.Series(column.codes[step][kept])).alias(name)
