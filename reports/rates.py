"""Rates, gaps and their uncertainty, computed from printed counts and nothing else.

Whoever holds the printed table can compute every figure here again: that is the point. Units: a rate is a whole
number per 1,000 people, or per 10,000 where the thing is rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, floor, sqrt

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


def uneven(events: int, base: int, dispersion: float) -> tuple[float, float]:
    """Return the 95 % interval of a rate of events: on the log scale, variance `dispersion` times the count.

    For no events the upper end is where as few have a chance of 2.5 %: 3.7 events (-log 0.025).
    """
    if events == 0:
        return 0.0, 3.69 * dispersion / base
    wide = exp(Z * sqrt(dispersion / events))
    return events / base / wide, events / base * wide


def observed_rate(events: int, people: int, *, per: int, dispersion: float | None = None) -> Rate:
    """Return a group's rate with its Wilson interval, or (`dispersion` given) that of a count of events."""
    low, high = wilson(events, people) if dispersion is None else uneven(events, people, dispersion)
    return Rate(rounded(per * events / people), rounded(per * low), rounded(per * high))


def expected_rate(expected: int, low: int, high: int, people: int, *, per: int) -> Rate:
    """Return the expected rate: three printed counts over the same people."""
    return Rate(rounded(per * expected / people), rounded(per * low / people), rounded(per * high / people))


def gap(observed: int, expected: int, low: int, high: int, people: int, *, per: int) -> Gap:
    """Return observed minus expected; its ends are observed minus the ends of the expected.

    The expected's ends hold the whole uncertainty of the comparison (they come from the interval of observed over
    expected that agrees with the decision), so nothing is added to them here. Value and ends are differences of printed
    rates: a reader who subtracts gets what is printed.
    """
    share, wanted = rounded(per * observed / people), expected_rate(expected, low, high, people, per=per)
    return Gap(share - wanted.value, share - wanted.high, share - wanted.low)
