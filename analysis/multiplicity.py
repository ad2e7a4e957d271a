"""Many tests, one promise: Bonferroni for the search, Holm for the locked part."""

from __future__ import annotations

from collections.abc import Sequence


def bonferroni(p: float, tests: float) -> float:
    """Return p adjusted for `tests` tests; a reading with half of alpha counts its tests twice."""
    return min(1.0, p * max(tests, 1.0))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given.

    Source: S. Holm (1979), A simple sequentially rejective multiple test procedure, Scand J Statist 6, 65-70.
    """
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda one: p_values[one])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
