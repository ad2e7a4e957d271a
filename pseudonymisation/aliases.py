"""One person, several numbers: who got a new CPR number is the same person, and one code must stand for both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

__all__ = ["current", "resolved"]


def resolved(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """Return the newest number of every former one, from pairs (former, the number that came after it).

    Chains are followed to their end. A former number that two people claim, or one that leads back to itself, is
    nobody's: it is left out, so that two people never become one.
    """
    after: dict[str, set[str]] = {}
    for former, new in pairs:
        if former and new and former != new:
            after.setdefault(former, set()).add(new)
    found = {}
    for former in after:
        seen, number = {former}, former
        while len(after.get(number, ())) == 1:
            (number,) = after[number]
            if number in seen:
                break
            seen.add(number)
        if number not in after and number not in seen - {number}:
            found[former] = number
    return found


def current(numbers: pl.Series, newest: Mapping[str, str]) -> pl.Series:
    """Return each number's newest, itself where it has none; null stays null."""
    if not newest:
        return numbers
    return numbers.replace(list(newest), list(newest.values()))
