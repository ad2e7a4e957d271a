"""A card's expected counts worked out from its printed table: the unadjusted one on the scale that decided, and the
adjusted one from the expected counts of the other rows.

Printed counts are rounded, so the table gives an interval: the least and the most that any true counts could give that
are printed so. People, follow-up and counts lie less than a rounding step from what is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, inf, log

from pipelines.gate import GROUP_BASE, NUMERATOR_BASE
from reports.values import row_order


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One row: people (or follow-up), those with the outcome (or events), and how many of the parts hold."""

    base: int
    count: int
    parts: int


def adjusted_from(seen: Sequence[int], wanted: Sequence[int], *, order: int) -> list[tuple[int, int]]:
    """Return what the rows leave for the combination, at least and at most: by the rows in which each part holds.

    Shape: all 2^order rows as they are printed; `wanted` are their expected counts, of which the last is not used.
    """
    holds = sorted(product((False, True), repeat=order), key=row_order)
    ends = []
    for part in range(order):
        mine = [place for place, holding in enumerate(holds) if holding[part]]
        left = sum(seen[place] for place in mine) - sum(wanted[place] for place in mine[:-1])
        off = 2 * len(mine) * (NUMERATOR_BASE - 1)  # so many printed counts, the combination's own among them
        ends.append((max(left - off, 0), left + off))
    return ends


def expected_from(rows: Sequence[PrintedRow], *, order: int, kind: str, scale: str) -> tuple[int, int] | None:
    """Return what the other rows lead to expect where all hold, at least and at most; None where they do not say.

    Shape: all 2^order rows, in any order. Additive: risks or rates add, so that their contrast is zero. Ratio: odds
    (yes/no) or rates multiply, so that of their logarithms is.
    """
    last = next((row for row in rows if row.parts == order), None)
    others = [row for row in rows if row.parts < order]
    if last is None or len(others) != 2**order - 1 or (scale == "ratio" and not all(row.count for row in others)):
        return None
    put: Callable[[float], float] = (lambda rate: rate) if scale == "additive" else _log if kind != "yes_no" else _logit
    ends = []
    for side in (-1, 1):
        total = 0.0
        for row in others:
            sign = 1 if (order - row.parts) % 2 else -1  # what is left of the contrast when all hold is taken over
            total += sign * put(_rate(row, side * sign, bounded=kind == "yes_no"))
        ends.append(_times(total, last.base + side * (GROUP_BASE - 1), kind=kind, scale=scale))
    return int(max(ends[0] - NUMERATOR_BASE, 0.0)), int(min(ends[1] + NUMERATOR_BASE, 1e9))


def _rate(row: PrintedRow, side: int, *, bounded: bool) -> float:
    """The lowest or highest rate that is printed so; of people never beyond none and all."""
    count = max(row.count + side * (NUMERATOR_BASE - 1), 1 if row.count else 0)
    base = max(row.base - side * (GROUP_BASE - 1), 1)
    return min(count / base, 1.0 - 1e-6) if bounded else count / base


def _log(rate: float) -> float:
    return log(rate) if rate > 0 else -inf


def _logit(rate: float) -> float:
    return log(rate / (1.0 - rate)) if rate > 0 else -inf


def _times(total: float, base: int, *, kind: str, scale: str) -> float:
    """Turn what the rows come to into a count among so many."""
    if scale == "additive":
        share = max(total, 0.0) if kind != "yes_no" else min(max(total, 0.0), 1.0)
    elif kind != "yes_no":
        share = exp(min(total, 50.0))
    else:
        share = 1.0 / (1.0 + exp(-min(max(total, -50.0), 50.0)))
    return share * max(base, 0)
