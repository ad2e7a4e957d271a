"""Pseudonyms a second on one core, beside a bare loop of `hmac.digest`: `python -m benchmarks.pseudonyms`."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable

import polars as pl

from pseudonymisation.pseudonyms import pseudonym_column

KEY, COUNT = b"k" * 32, 200_000


def main() -> None:
    """Print the rate, its limit, and the ratio to the bare loop; the quickest of five, in processor time."""
    numbers = [f"6{n % 10}01{n // 10_000 % 100:02d}{n % 10_000:04d}{n}" for n in range(COUNT)]
    values = pl.Series(numbers)
    ours = min(_seconds(lambda: pseudonym_column(values, key=KEY)) for _ in range(5))
    bare = min(_seconds(lambda: [hmac.digest(KEY, one.encode(), "sha256") for one in numbers]) for _ in range(5))
    print(f"pseudonyms: {COUNT / ours:,.0f} a second (limit 100,000), {ours / bare:.2f} x a bare hmac.digest loop")


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
