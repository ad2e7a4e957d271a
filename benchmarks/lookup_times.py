"""Whether the time of a lookup tells that somebody is there: 100,000 hits beside as many misses.

Run: python -m benchmarks.lookup_times [--lookups 100000]
The lookup is the one of every list of people we keep (objections, re-identification): the number is hashed under the
study's key, and the code looked for in a set. The twin is a list read from its beginning until the number is met.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

from pseudonymisation.pseudonyms import pseudonym

LIMIT = 0.05
KEY = bytes(range(32))


def numbers(count: int, first: int) -> list[str]:
    """Return ids of the shape of CPR numbers that nobody has: day + 60."""
    return [
        f"{61 + n % 30}{1 + n % 12:02d}{n // 10_000 % 100:02d}{n % 10_000:04d}" for n in range(first, first + count)
    ]


def gap(look: Callable[[str], bool], hits: Sequence[str], misses: Sequence[str]) -> tuple[float, int, int]:
    """Return the difference of the medians as a share of the miss's, and both medians in nanoseconds.

    Hits and misses take turns, and who goes first does too: what else the machine does falls on both alike.
    """
    times: tuple[list[int], list[int]] = ([], [])
    clock = time.perf_counter_ns
    for place, pair in enumerate(zip(hits, misses, strict=True)):
        for which in (0, 1) if place % 2 else (1, 0):
            start = clock()
            look(pair[which])
            times[which].append(clock() - start)
    hit, miss = (int(statistics.median(one)) for one in times)
    return abs(hit - miss) / miss, hit, miss


def measured(lookups: int) -> tuple[float, float]:
    """Return the gap of ours and of the twin."""
    there, away = numbers(lookups, 0), numbers(lookups, 10 * lookups)
    assert not set(there) & set(away)
    codes = {pseudonym(one, key=KEY) for one in there}
    ours = gap(lambda one: pseudonym(one, key=KEY) in codes, there, away)
    some = there[:500]
    twin = gap(lambda one: one in some, some, away[:500])
    return ours[0], twin[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lookups", type=int, default=100_000)
    ours, twin = measured(parser.parse_args().lookups)
    print(
        f"lookup, hit beside miss: {ours:.1%} of the median (limit {LIMIT:.0%}); a list read from the start {twin:.0%}"
    )


if __name__ == "__main__":
    main()
