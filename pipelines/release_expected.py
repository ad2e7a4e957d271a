"""Which expected counts stand beside which rows of a finding's table, so that a reader can work the last one out.

The background holds each part's own effect, so its expected counts add up to what was observed among all for whom a
part holds (the fit's own equations, whatever its law and scale). Who has the other rows has the combination's.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.values import Cell
from pipelines.gate import GROUP_BASE, NUMERATOR_BASE, Gate, PrintedCell

__all__ = ["all_shown", "by_row", "expected_base"]


def all_shown(cells: Sequence[PrintedCell]) -> bool:
    """Tell whether every row of a table is printed.

    Where one is withheld, whatever is computed from it says how many are in it: the unadjusted expected count turned
    round gives a hidden numerator to the person, and several expected counts together narrow it down.
    """
    return all(one.people is not None and one.observed is not None for one in cells)


def expected_base(cells: Sequence[PrintedCell]) -> int:
    """Return what the combination's own expected count is rounded to: coarser where a row is withheld.

    Who knows the gap to the nearest 5, and that nothing but the parts is in the background, has the hidden numerator
    to as many: of 1 to 9 people sometimes down to 1 to 4 (tests/attacks/test_expected_counts.py).
    """
    return NUMERATOR_BASE if all_shown(cells) else GROUP_BASE


def by_row(
    cells: Sequence[Cell], printed: Sequence[PrintedCell], names: Sequence[str], gate: Gate, *, whole: int | None
) -> tuple[int | None, ...]:
    """Return each row's expected count as it may be printed, `whole` (the combination's own) last.

    Shape: 2^k rows. All the others or none: where one cannot stand, the rest do not add up to anything.
    """
    alone = (*(None for _ in cells[1:]), whole)
    if whole is None or not all_shown(printed):
        return alone
    rows = [
        gate.expected(name, "mean", cell.expected, observed=cell.observed, printed=shown.observed or 0)
        for name, cell, shown in zip(names[:-1], cells[:-1], printed[:-1], strict=True)
    ]
    return alone if any(one is None for one in rows) else (*rows, whole)
