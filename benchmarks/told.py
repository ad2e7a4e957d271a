"""The simulations' records, added up and said. `python -m benchmarks.told FOLDER` prints the tables for the docs.

FOLDER is what `benchmarks.simulate --into` wrote.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

STRONG = 1e-4  # adjusted p of a finding that selection hardly touched
Record = dict[str, Any]


@dataclass
class Tally:
    """What a shape's searches came to."""

    sets: int = 0
    tested: int = 0
    with_stray: int = 0  # a discovered finding that shares fewer than two members with a true one
    with_confirmed_stray: int = 0
    shadows: int = 0  # shares two or more, but is not the true one
    true: int = 0
    found: int = 0
    confirmed: int = 0
    compared: int = 0  # true combinations of the sets that a naive list and an oracle saw as well
    found_compared: int = 0
    naive: int = 0
    naive_stray: int = 0
    oracle: int = 0
    above: int = 0
    above_wrong: int = 0
    intervals: int = 0
    covered: int = 0
    strong: int = 0
    strong_covered: int = 0
    seconds: float = 0.0


def tally(records: Sequence[Record], only: Callable[[Sequence[str]], bool] = lambda _members: True) -> Tally:
    """Add up. `only`: count true combinations (found, naive, oracle) of these members alone."""
    result = Tally()
    for record in records:
        truth = [frozenset(members) for members, _ in record["truth"]]
        wanted = {one for one in truth if only(sorted(one))}
        result.sets += 1
        result.tested += record["tested"]
        result.seconds += record["seconds"]
        result.true += len(wanted)
        stray = confirmed_stray = False
        found = 0
        for one in record["findings"]:
            if one["p"] > 0.05:  # a lead, and no more; it may be confirmed
                members = frozenset(one["members"])
                result.confirmed += one["status"] == "confirmed" and members in wanted
                confirmed_stray |= one["status"] == "confirmed" and _shared(members, truth) < 2
                continue
            members = frozenset(one["members"])
            exact, shares = members in truth, _shared(members, truth)
            found += members in wanted
            result.confirmed += one["status"] == "confirmed" and members in wanted
            result.shadows += not exact and shares >= 2
            stray |= shares < 2
            confirmed_stray |= shares < 2 and one["status"] == "confirmed"
            result.above += len(members) == 3 and one["above"]
            result.above_wrong += len(members) == 3 and one["above"] and not exact
            if "true_ratio" in one:
                covers = one["low"] <= one["true_ratio"] <= one["high"]
                result.intervals += 1
                result.covered += covers
                result.strong += one["p"] < STRONG
                result.strong_covered += covers and one["p"] < STRONG
        result.found += found
        result.with_stray += stray
        result.with_confirmed_stray += confirmed_stray
        if "naive" in record:
            result.compared += len(wanted)
            result.found_compared += found
            result.naive += len(wanted & {frozenset(one) for one in record["naive"]})
            result.naive_stray += any(_shared(frozenset(one), truth) < 2 for one in record["naive"])
            result.oracle += len(wanted & {frozenset(one) for one in record["oracle"]})
    return result


def _shared(members: frozenset[str], truth: Sequence[frozenset[str]]) -> int:
    return max((len(members & one) for one in truth), default=0)


def told(name: str, records: Sequence[Record]) -> str:
    """Say one shape's figures in a line."""
    all_of = tally(records)
    line = f"{name:<29} {all_of.sets} sets: any stray in {_share(all_of.with_stray, all_of.sets)}"
    if any(one["p_confirm"] is not None for record in records for one in record["findings"]):
        line += f"; any confirmed stray in {_share(all_of.with_confirmed_stray, all_of.sets)}"
    if all_of.true:
        line += (
            f"; true found {all_of.found} of {all_of.true}; shadows a list {all_of.shadows / all_of.sets:.2f}; "
            f"called above their pairs wrongly {all_of.above_wrong} of {all_of.above}; "
            f"intervals that cover {all_of.covered} of {all_of.intervals}, strong ones {all_of.strong_covered} "
            f"of {all_of.strong}"
        )
    if all_of.compared:
        pairs, triples = (tally(records, lambda members, k=order: len(members) == k) for order in (2, 3))
        for word, one in (("all", all_of), ("pairs", pairs), ("triples", triples)):
            if one.compared:
                line += (
                    f"; {word}: {one.found_compared} of {one.compared}, naive {one.naive} "
                    f"(x{one.found_compared / max(one.naive, 1):.2f}), oracle {one.oracle} "
                    f"(x{one.found_compared / max(one.oracle, 1):.2f})"
                )
        line += f"; naive lists with a stray {all_of.naive_stray}"
    return line + f"; {all_of.tested / all_of.sets:,.0f} tested, {all_of.seconds / all_of.sets:.2f} s a set"


def told_of_lock(share: float, records: Sequence[Record]) -> str:
    """Say what a lock costs: true combinations found in the rest, and of them (and the leads) what held in it."""
    one = tally(records)
    line = f"lock {share:.1f}: {one.sets} sets, {one.found} of {one.true} true combinations found"
    if share:
        line += f", {one.confirmed} confirmed; any confirmed stray in {one.with_confirmed_stray}"
    return line


def at_most(some: int, of: int) -> float:
    """Return the exact one-sided upper 95 % bound of a share."""
    return float(binomtest(some, of, alternative="less").proportion_ci(0.95, method="exact").high)


def bounded(bad: int, of: int) -> str:
    """Say how many of the runs were wrong, the upper bound of their share, and how it fits with a promise of 5 %."""
    test = binomtest(bad, of, 0.05, alternative="greater")
    return f"{bad} ({bad / of:.3f}, at most {at_most(bad, of):.3f}, p against 0.05: {test.pvalue:.2g})"


def _share(some: int, sets: int) -> str:
    test = binomtest(some, sets, 0.05, alternative="greater")
    bound = at_most(some, sets)
    return f"{some} ({some / sets:.3f}, at most {bound:.3f} with 95 % certainty, p against 0.05: {test.pvalue:.2f})"


def tables(folder: Path) -> Iterator[str]:
    """Yield the lines of three tables: null people, true combinations, and these beside a naive list and an oracle."""
    files = {file.stem: _read(file) for file in sorted(folder.glob("*.jsonl"))}
    yield "| null people | searches | with any finding | share | at most |"
    yield "|---|---|---|---|---|"
    for name, records in files.items():
        if name.startswith("null"):
            one, words = tally(records), name.removeprefix("null-").replace("-", " ").replace("percent", "%")
            yield f"| {words} | {one.sets:,} | {_cells(one.with_stray, one.sets)} |"
            if "lock" in name:
                yield f"| ... confirmed in the lock | {one.sets:,} | {_cells(one.with_confirmed_stray, one.sets)} |"
    yield ""
    yield (
        "| true combinations | searches | with a stray | share | at most | true found | shadows a list "
        "| wrongly above its pairs | 95 % intervals that cover | ... of strong findings |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, records in files.items():
        if name.startswith("true") and "lock" not in name:
            one = tally(records)
            yield (
                f"| {_words(name)} | {one.sets:,} | {_cells(one.with_stray, one.sets)} "
                f"| {one.found} of {one.true} | {one.shadows / one.sets:.2f} ({one.shadows}) "
                f"| {one.above_wrong} of {one.above} | {_part(one.covered, one.intervals)} "
                f"| {_part(one.strong_covered, one.strong)} |"
            )
    yield ""
    yield "| beside others | searches | true | found | naive list | found / naive | oracle | found / oracle |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, records in files.items():
        seen = [record for record in records if "naive" in record]
        for order, words in ((0, ""), (2, ", pairs"), (3, ", triples")):
            one = tally(seen, lambda members, k=order: k in (0, len(members)))
            if one.compared:
                yield (
                    f"| {_words(name)}{words} | {one.sets} | {one.compared} | {one.found_compared} | {one.naive} "
                    f"| {one.found_compared / max(one.naive, 1):.2f} | {one.oracle} "
                    f"| {one.found_compared / max(one.oracle, 1):.2f} |"
                )


def _read(file: Path) -> list[Record]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def _words(name: str) -> str:
    return name.removeprefix("true-").replace("-", " ")


def _cells(some: int, sets: int) -> str:
    return f"{some} | {some / sets:.3f} | {at_most(some, sets):.3f}"


def _part(some: int, of: int) -> str:
    return f"{some} of {of} ({some / max(of, 1):.3f})"


if __name__ == "__main__":
    print("\n".join(tables(Path(sys.argv[1]))))
