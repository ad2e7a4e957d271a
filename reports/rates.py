"""Rates, gaps and their uncertainty, computed from printed counts and nothing else.

Whoever holds the printed table can compute every figure here again: that is the point. Units: a rate is a whole
number per 1,000 people, or per 10,000 where the thing is rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt

Z = 1.959963984540054  # 97.5 % of the standard normal: 95 % intervals
RARE = 10  # below this many per 1,000 we count per 10,000


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and the ends of its 95 % interval, whole numbers per `per` people."""

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Observed minus expected, whole numbers per `per` people; negative when there are fewer than expected."""

    value: int
    low: int
    high: int


def rounded(value: float) -> int:
    """Return the nearest whole number, halves upwards, as people round (Python rounds halves to even)."""
    return floor(value + 0.5)


def wilson(events: int, people: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share.

    Source: E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212.
    """
    share = events / people
    centre = share + Z * Z / (2 * people)
    half = Z * sqrt(share * (1 - share) / people + Z * Z / (4 * people * people))
    scale = 1 + Z * Z / people
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def unit(people: int, *counts: int | None) -> int:
    """Return what to count per: 1,000, or 10,000 where one of the counts is below 10 per 1,000."""
    return 10_000 if any(count is not None and 1000 * count < RARE * people for count in counts) else 1000


def observed_rate(events: int, people: int, *, per: int) -> Rate:
    """Return a group's rate with its Wilson interval."""
    low, high = wilson(events, people)
    return Rate(rounded(per * events / people), rounded(per * low), rounded(per * high))


def expected_rate(expected: int, low: int, high: int, people: int, *, per: int) -> Rate:
    """Return the expected rate: three printed counts over the same people."""
    return Rate(rounded(per * expected / people), rounded(per * low / people), rounded(per * high / people))


def gap(observed: int, expected: int, low: int, high: int, people: int, *, per: int) -> Gap:
    """Return observed minus expected, with the interval that combines the two intervals' arms by squares (MOVER).

    The value is the difference of the two printed rates, so that a reader who subtracts gets what is printed.
    Source: R. G. Newcombe (1998), Interval estimation for the difference between independent proportions, method 10,
    Statistics in Medicine 17, 873-890.
    """
    observed_low, observed_high = wilson(observed, people)
    share, wanted = observed / people, expected / people
    down = sqrt((share - observed_low) ** 2 + (high / people - wanted) ** 2)
    up = sqrt((observed_high - share) ** 2 + (wanted - low / people) ** 2)
    value = rounded(per * share) - rounded(per * wanted)
    return Gap(value, rounded(per * (share - wanted - down)), rounded(per * (share - wanted + up)))
