"""Hiding cells of a table so that no hidden one can be worked out: a linear program plays the attacker.

`feasible_intervals` is the attacker: what published sums say of a count. `hide_cells` is the defence: the cheapest
further cells to hide, until the attacker is left with intervals that are wide enough.

People are whole. In a table of two axes the linear program's ends are whole too; in one of more they need not be, and
an interval that is wide in fractions may hold one whole number. There a mixed-integer program takes over. One plays the
defender as well, where the cell by cell road ends with cells that it could not protect.
Source: M. Fischetti, J. J. Salazar (2001), Solving the cell suppression problem on tabular data with linear
constraints, Management Science 47(7); the heuristic of J. P. Kelly et al. (1992), one linear program a cell.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, diags_array, eye_array, hstack, vstack

Floats = NDArray[np.float64]
Bound = tuple[float, float | None]
_CLOSE = 1e-6
_FAR = 1e7  # stands for no bound
SECONDS = 10.0  # for the whole of a table's mixed-integer programs; a cell that none has settled by then is unsafe
MOST_CELLS = 4_000  # times the unsafe ones: more than this is not given to the defender's program


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A table whose cells are safe to print where `mask` is False.

    `unsafe` counts the hidden cells that an attacker still pins down: where it is not 0, the table must be refused
    and its categories merged first.
    """

    mask: NDArray[np.bool_]  # shape of the table with its margins; True = hidden
    primary: int  # cells hidden because they are small
    secondary: int  # cells hidden to protect those
    unsafe: int


def feasible_intervals(
    sums: NDArray[np.float64] | csr_array,
    low: Floats,
    high: Floats,
    targets: NDArray[np.float64],
    *,
    floor: float = 0.0,
) -> Floats:
    """Return the least and greatest value that each target can have, given what was published.

    Shape: sums (figures, atoms) with low and high (figures,) around each figure's value; targets (targets, atoms)
    -> (targets, 2), ends rounded inward to whole people. Atoms are disjoint groups of at least `floor` people.
    Raises: ValueError if no table agrees with the figures.
    """
    matrix = csr_array(sums)
    bounds: list[Bound] = [(floor, None)] * matrix.shape[1]
    ends = np.empty((len(targets), 2))
    for row, target in enumerate(targets):
        ends[row, 0] = np.ceil(_least(target, matrix, low, high, bounds) - _CLOSE)
        ends[row, 1] = np.floor(-_least(-target, matrix, low, high, bounds) + _CLOSE)
    return ends


def with_margins(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a table with its sums along every axis as a last entry. Shape: (a, b, ...) -> (a + 1, b + 1, ...)."""
    table = np.asarray(counts, dtype=np.int64)
    for axis in range(table.ndim):
        table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
    return table


def hide_cells(
    counts: NDArray[np.int64], *, smallest_group: int, smallest_difference: int, margins: bool = True
) -> Hidden:
    """Return which cells of a table must be hidden, its margins printed beside it unless `margins` is False.

    Small cells (1 to `smallest_group` - 1) are hidden first. Then, for each hidden cell that an attacker knows to
    within `smallest_difference` people, or to be fewer than that, the cheapest cells that let it grow by
    `smallest_difference` are hidden too: one linear program a cell. Zeros are printed, and the attacker knows that;
    so is the total of all, unless it is small itself. Cells that are still unsafe then are covered together by a
    mixed-integer program, if there is time for it.
    """
    if not margins:
        table = np.asarray(counts, dtype=np.int64)
        mask = (table > 0) & (table < smallest_group)
        return Hidden(mask=mask, primary=int(mask.sum()), secondary=0, unsafe=0)
    table = with_margins(counts)
    lines = _lines(table.shape)
    values = table.ravel().astype(float)
    hidden = (values > 0) & (values < smallest_group)
    primary = int(hidden.sum())
    unsafe = _unsafe(lines, values, hidden, smallest_difference)
    for _ in range(6):  # what is hidden for one cell may itself need protection
        if not unsafe:
            break
        for cell in unsafe:
            hidden |= _cheapest_cover(lines, values, hidden, cell, smallest_difference)
        unsafe = _unsafe(lines, values, hidden, smallest_difference)
    if unsafe:
        hidden, unsafe = _by_program(lines, values, hidden, unsafe, smallest_difference)
    return Hidden(
        mask=hidden.reshape(table.shape),
        primary=primary,
        secondary=int(hidden.sum()) - primary,
        unsafe=len(unsafe),
    )


def coarser(
    counts: NDArray[np.int64], *, smallest_group: int, smallest_difference: int
) -> tuple[int, int, NDArray[np.int64]] | None:
    """Return the least coarsening that makes a table safe: (axis, categories put together, the coarser table).

    For a person who chooses how to coarsen a table, and for `benchmarks/suppression.py`; no refusal calls it.
    Neighbouring categories of one axis, two by two, three by three and so on, those that keep most cells first. None
    where no such table is safe: then it must not be printed at all.
    """
    table = np.asarray(counts, dtype=np.int64)
    ways = [(axis, together) for axis in range(table.ndim) for together in range(2, table.shape[axis] + 1)]
    kept = {way: int(np.ceil(table.shape[way[0]] / way[1])) * table.size // table.shape[way[0]] for way in ways}
    for axis, together in sorted(ways, key=lambda way: (-kept[way], way)):
        merged = np.add.reduceat(table, np.arange(0, table.shape[axis], together), axis=axis)
        made = hide_cells(merged, smallest_group=smallest_group, smallest_difference=smallest_difference)
        told = ~made.mask[tuple(slice(0, -1) for _ in merged.shape)] & (merged > 0)
        if told.any() and not made.unsafe:
            return axis, together, merged
    return None


def unsafe_cells(
    counts: NDArray[np.int64], mask: NDArray[np.bool_], *, smallest_difference: int
) -> list[tuple[int, ...]]:
    """Return the hidden cells of a table with margins that an attacker pins down. Shape: counts without margins."""
    table = with_margins(counts)
    flat = _unsafe(_lines(table.shape), table.ravel().astype(float), mask.ravel(), smallest_difference)
    return [tuple(int(place) for place in np.unravel_index(cell, table.shape)) for cell in flat]


def agree(patterns: Sequence[tuple[bool | None, ...]], counts: Sequence[int], *, conditions: int) -> bool:
    """Return whether one table has all these counts; figures of different times may have none."""
    sparse = csr_array(np.array([_indicator(pattern, conditions) for pattern in patterns]))
    aim, bounds = np.ones(sparse.shape[1]), [(0.0, None)] * sparse.shape[1]
    return _argument(aim, sparse, np.array(counts, dtype=float), bounds) is not None


def pinned_patterns(
    patterns: Sequence[tuple[bool | None, ...]], counts: Sequence[int], *, conditions: int, below: int
) -> list[tuple[bool | None, ...]]:
    """Return the groups "has these, has not those" that exact counts of other groups pin inside 1 to `below` - 1.

    A pattern says of each condition True (has it), False (has it not) or None (either). Groups that were
    themselves published are left out: whether they are too small is asked elsewhere.
    """
    matrix = np.array([_indicator(pattern, conditions) for pattern in patterns])
    published = np.array(counts, dtype=float)
    given = set(patterns)
    wanted = [p for p in product((None, True, False), repeat=conditions) if p not in given]
    if not wanted:
        return []
    targets = np.array([_indicator(pattern, conditions) for pattern in wanted])
    sparse = csr_array(matrix)
    bounds: list[Bound] = [(0.0, None)] * matrix.shape[1]
    # A count is not pinned if two tables that agree with the figures put it outside: most fall at the first few.
    open_ = np.ones(len(wanted), dtype=bool)
    random = np.random.default_rng(0)
    for attempt in range(8):
        aim = np.ones(matrix.shape[1]) if attempt == 0 else np.asarray(random.normal(size=matrix.shape[1]))
        point = _argument(aim, sparse, published, bounds)
        if point is None:  # figures of different times: no one table has them all
            return []
        told = targets @ point
        open_ &= (told > 1 - 1e-4) & (told < below - 1 + 1e-4)
        if not open_.any():
            return []
    found = []
    for row in np.flatnonzero(open_):
        low, high = feasible_intervals(sparse, published, published, targets[row : row + 1])[0]
        if low >= 1 and high <= below - 1:
            found.append(wanted[row])
    return found


def _indicator(pattern: tuple[bool | None, ...], conditions: int) -> Floats:
    """Return which of the 2^conditions cells a pattern covers: 1 where it does."""
    cells = np.array(list(product((False, True), repeat=conditions)), dtype=bool)
    covered = np.ones(len(cells), dtype=bool)
    for place, holds in enumerate(pattern):
        if holds is not None:
            covered &= cells[:, place] == holds
    return covered.astype(float)


def _lines(shape: tuple[int, ...]) -> csr_array:
    """Return the table's sums as rows: cells of a line less its total is 0. Shape: -> (lines, cells with margins)."""
    cells = np.arange(int(np.prod(shape))).reshape(shape)
    rows, columns, values, line = [], [], [], 0
    for axis in range(len(shape)):
        for members in np.moveaxis(cells, axis, -1).reshape(-1, shape[axis]):
            rows += [line] * len(members)
            columns += members.tolist()
            values += [1.0] * (len(members) - 1) + [-1.0]
            line += 1
    return csr_array((values, (rows, columns)), shape=(line, cells.size))


def _unsafe(lines: csr_array, values: Floats, hidden: NDArray[np.bool_], smallest_difference: int) -> list[int]:
    """Return hidden cells, smallest first, whose interval is too narrow or ends too low. The attacker knows zeros."""
    cells = np.flatnonzero(hidden)
    if len(cells) == 0:
        return []
    open_lines = csr_array(lines[:, cells])
    rest = -(lines[:, np.flatnonzero(~hidden)] @ values[~hidden])
    used = np.diff(open_lines.indptr) > 0
    open_lines, rest = csr_array(open_lines[used]), rest[used]
    bounds: list[Bound] = [(1.0, None)] * len(cells)  # a hidden cell is never 0
    found = []
    span_low, span_high = values[cells].copy(), values[cells].copy()  # seen so far, over whole tables that agree
    until = time.monotonic() + SECONDS
    for place in np.argsort(values[cells], kind="stable"):
        for sign in (1.0, -1.0):
            if _wide(span_low[place], span_high[place], smallest_difference):
                break
            aim = np.zeros(len(cells))
            aim[place] = sign
            point = _argument(aim, open_lines, rest, bounds)
            if point is not None and not _is_whole(point):  # only whole people are people: ask for the best whole table
                point = _whole_argument(aim, open_lines, rest, until=until)
            if point is not None:
                span_low, span_high = np.minimum(span_low, point), np.maximum(span_high, point)
        if not _wide(span_low[place], span_high[place], smallest_difference):
            found.append(int(cells[place]))
    return found


def _is_whole(point: Floats) -> bool:
    return bool(np.abs(point - np.round(point)).max(initial=0.0) < 1e-5)


def _whole_argument(aim: Floats, matrix: csr_array, published: Floats, *, until: float) -> Floats | None:
    """Return a table of whole people that agrees with the sums and is least along `aim`; None if there was no time."""
    left = until - time.monotonic()
    if left <= 0:
        return None
    answer = milp(
        aim, integrality=np.ones(len(aim), dtype=np.int64), bounds=Bounds(np.ones(len(aim)), np.full(len(aim), _FAR)),
        constraints=LinearConstraint(matrix, published, published), options={"time_limit": left},
    )  # fmt: skip
    return None if answer.x is None else np.round(np.asarray(answer.x, dtype=float))


def _by_program(
    lines: csr_array, values: Floats, hidden: NDArray[np.bool_], unsafe: list[int], more: int
) -> tuple[NDArray[np.bool_], list[int]]:
    """Return the cells to hide, and those still unsafe, by covering all unsafe cells at once, as cheaply as can be.

    A cell is hidden or not; for each unsafe one there is a table in which it is larger and one in which it is smaller,
    together `more` people apart, that move hidden cells alone. What was hidden to cover may need cover itself: three
    rounds at most. Where the program finds nothing, or runs out of time, what was hidden stays as it was.
    """
    until = time.monotonic() + SECONDS
    best, least = hidden, unsafe
    for _ in range(3):
        cover = _joint_cover(lines, values, best, least, more, until=until)
        if cover is None or not (cover & ~best).any():
            break
        best = best | cover
        least = _unsafe(lines, values, best, more)
        if not least:
            return best, least
    return hidden, unsafe


def _joint_cover(
    lines: csr_array, values: Floats, hidden: NDArray[np.bool_], unsafe: Sequence[int], more: int, *, until: float
) -> NDArray[np.bool_] | None:
    """Return further cells to hide, None where the program finds none in time. Columns: hide or not, then moves."""
    may = values > 0
    may[-1] = hidden[-1]  # the total of all is known elsewhere
    cells = np.flatnonzero(may | hidden)
    size, covered = len(cells), len(unsafe)
    left = until - time.monotonic()
    if left <= 0 or size * covered > MOST_CELLS:
        return None
    down, up = np.maximum(values[cells] - 1, 0.0), np.full(size, float(8 * more))
    sums, still = csr_array(lines[:, cells]), csr_array((lines.shape[0], size))
    same, none = eye_array(size, format="csr"), csr_array((size, size))
    columns = size * (1 + 2 * covered)
    rows, lows, highs = [], [], []

    def asked(row: Any, low: float, high: float) -> None:
        rows.append(row)
        lows.append(np.full(row.shape[0], low))
        highs.append(np.full(row.shape[0], high))

    def part(number: int, block: Any, blank: Any) -> list[Any]:
        return [block if place == number else blank for place in range(2 * covered)]

    for place, cell in enumerate(unsafe):
        own = size + 2 * place * size + int(np.searchsorted(cells, cell))
        for number in (2 * place, 2 * place + 1):  # a table above the true one, and one below it, as moves
            asked(hstack([still, *part(number, sums, still)]), 0.0, 0.0)
            asked(hstack([diags_array(-up), *part(number, same, none)]), -np.inf, 0.0)
            asked(hstack([diags_array(down), *part(number, same, none)]), 0.0, np.inf)
        width, large = np.zeros((1, columns)), np.zeros((1, columns))
        width[0, own], width[0, own + size], large[0, own] = 1.0, -1.0, 1.0
        asked(csr_array(width), float(more), np.inf)
        asked(csr_array(large), more - float(values[cell]), np.inf)
    price = np.where(hidden[cells], 0.0, 1.0 + np.log1p(values[cells]))
    answer = milp(
        np.concatenate([price, np.zeros(columns - size)]),
        integrality=np.ones(columns, dtype=np.int64),
        bounds=Bounds(
            np.concatenate([hidden[cells].astype(float), np.tile(-down, 2 * covered)]),
            np.concatenate([np.ones(size), np.tile(up, 2 * covered)]),
        ),
        constraints=LinearConstraint(vstack(rows), np.concatenate(lows), np.concatenate(highs)),
        options={"time_limit": left},
    )
    if answer.x is None:
        return None
    found = np.zeros(len(values), dtype=np.bool_)
    found[cells[np.asarray(answer.x)[:size] > 0.5]] = True
    return found


def _wide(low: float, high: float, smallest_difference: int) -> bool:
    return high >= smallest_difference - _CLOSE and high - low >= smallest_difference - _CLOSE


def _cheapest_cover(
    lines: csr_array, values: Floats, hidden: NDArray[np.bool_], cell: int, more: int
) -> NDArray[np.bool_]:
    """Return the cells to hide so that `cell` can hold `more` people more with every printed sum unchanged."""
    size = len(values)
    open_cells = values > 0
    open_cells[-1] = hidden[-1]  # the total of all is known elsewhere: hiding it hides nothing
    # Moving a cell costs what is lost by hiding it, nothing where it is hidden; a margin is dearer than a cell.
    cost = np.where(hidden, 0.0, 1.0 + np.log1p(values))
    up = np.where(open_cells, np.inf, 0.0)
    down = np.where(open_cells, np.maximum(values - 1, 0), 0.0)
    bounds: list[Bound] = [*((0.0, None if np.isinf(most) else most) for most in up), *((0.0, most) for most in down)]
    bounds[cell] = (float(more), float(more))
    bounds[size + cell] = (0.0, 0.0)
    answer = _solved(np.concatenate([cost, cost]), bounds, equal=hstack([lines, -lines]), to=np.zeros(lines.shape[0]))
    if answer is None:
        return np.zeros(size, dtype=bool)
    return (answer[:size] > _CLOSE) | (answer[size:] > _CLOSE)


def _argument(aim: Floats, matrix: csr_array, published: Floats, bounds: Sequence[Bound]) -> Floats | None:
    """Return a table that agrees with the sums and is least along `aim`; where there is no least, one far out."""
    capped = [(low, _FAR if high is None else high) for low, high in bounds]
    return _solved(aim, capped, equal=matrix, to=published)


def _least(aim: Floats, matrix: csr_array, low: Floats, high: Floats, bounds: Sequence[Bound]) -> float:
    """Return the least value of `aim`, minus infinity where there is none."""
    exact = low == high
    above, below = ~exact & np.isfinite(high), ~exact & np.isfinite(low)
    answer = _solved(
        aim,
        [(least, _FAR if most is None else most) for least, most in bounds],
        equal=matrix[exact],
        to=low[exact],
        at_most=vstack([matrix[above], -matrix[below]]),
        limit=np.concatenate([high[above], -low[below]]),
    )
    if answer is None:
        raise ValueError("no table agrees with these figures")
    value = float(aim @ answer)
    return -np.inf if value < -_FAR / 2 else value


def _solved(
    aim: Floats, bounds: Sequence[Bound], *, equal: Any, to: Floats, at_most: Any = None, limit: Floats | None = None
) -> Floats | None:
    """Return where `aim` is least, None if nothing satisfies the constraints. HiGHS, through scipy."""
    solve: Any = linprog  # its stubs know no sparse matrices
    if at_most is not None and at_most.shape[0] == 0:
        at_most = limit = None
    if equal.shape[0] == 0:
        equal, to = None, None  # type: ignore[assignment]
    answer = solve(aim, A_eq=equal, b_eq=to, A_ub=at_most, b_ub=limit, bounds=bounds, method="highs")
    return np.asarray(answer.x, dtype=float) if answer.status == 0 else None
