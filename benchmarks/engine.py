"""The engine alone: its counting kernel beside a bare loop, its threads beside processes, its cost as it grows.

`python -m benchmarks.engine` (`--grow`: what a search costs as people, characteristics and order grow, with the picture
`docs/discovery-cost.svg`; `--fours`: order 4 exhaustively at 75,000 x 200). Ratios are of two things in the same run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numba import njit

from analysis import Discovery, Settings, define, search
from analysis.counting import popcount, shared_by_pairs
from analysis.lists import packed_words
from analysis.scan import Scanner
from analysis.table import workers
from benchmarks.worlds import characteristics, planted_world

PICTURE = Path(__file__).parents[1] / "docs" / "discovery-cost.svg"
Point = tuple[float, float]


@njit(cache=True, nogil=True)
def _bare(bits, rows) -> int:  # type: ignore[no-untyped-def]  # numba
    """A bare loop over the same words: each pair of rows once, nothing kept but one sum."""
    flat, words = bits.ravel(), bits.shape[1]
    total = np.uint64(0)
    for apart in range(rows):
        left, right = flat[: len(flat) - apart * words], flat[apart * words :]
        for word in range(len(left)):
            total += popcount(left[word] & right[word])
    return total


def kernel_ratio(people: int = 75_000, count: int = 200, rounds: int = 7) -> float:
    """Return the counting kernel's words a second over the bare loop's: the best of several turns of each, by turns."""
    bits = packed_words(characteristics(np.random.default_rng(1), people, count).T)
    out = np.zeros((count, count), dtype=np.int64)
    shared_by_pairs(bits[:2], out[:2, :2])
    _bare(bits[:2], 2)
    ours, bare = [], []
    for _ in range(rounds):
        ours.append(_cpu(lambda: shared_by_pairs(bits, out)))
        bare.append(_cpu(lambda: _bare(bits, count)))
    return min(bare) / min(ours)


def thread_ratio(people: int = 75_000, count: int = 200) -> float:
    """Return what two threads scan in a second over what two processes of one thread each do together.

    The best of several turns of each, by turns: others may have been at the cores in some.
    """
    _scans(1, people, count, 1)
    context = multiprocessing.get_context("spawn")
    threads, apart = [], []
    for _ in range(5):
        threads.append(_scans(2, people, count, 8))
        with context.Pool(2) as pool:
            apart.append(max(pool.starmap(_scans, [(1, people, count, 4), (1, people, count, 4)])))
    return min(apart) / min(threads)


def _scans(threads: int, people: int, count: int, times: int) -> float:
    """Return the seconds of so many scans to order 3."""
    held = characteristics(np.random.default_rng(1), people, count).T.copy()
    mu = np.random.default_rng(2).beta(2, 12, size=people)
    outcome = (np.random.default_rng(3).uniform(size=people) < mu).astype(np.float64)
    chosen = Settings(threads=threads)
    with workers(chosen) as pool:
        small = Scanner(held[:6, :5_000], ~np.eye(6, dtype=np.bool_), chosen, pool)
        small.scan(outcome[:5_000], mu[:5_000], progress=lambda _share: None)
        scanner = Scanner(held, ~np.eye(count, dtype=np.bool_), chosen, pool)
        begun = time.perf_counter()
        for _ in range(times):
            scanner.scan(outcome, mu.copy(), progress=lambda _share: None)  # a new background each time
        return time.perf_counter() - begun


def searched(people: int, count: int, order: int = 3, threads: int | None = None) -> tuple[Discovery, float, float]:
    """Search a made-up table; return what was found, wall and processor seconds."""
    rng = np.random.default_rng(people + count)
    frame, _ = planted_world(rng, people=people, count=count, rarity=0.6, rate=0.1)
    chosen = Settings(max_order=order, threads=threads)
    begun, cpu = time.perf_counter(), time.process_time()
    definitions = define(frame, exclude=("outcome", "age"), settings=chosen)
    found = search(frame, definitions, outcome="outcome", adjust=("age",), settings=chosen)
    return found, time.perf_counter() - begun, time.process_time() - cpu


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def picture(curves: Sequence[tuple[str, Sequence[Point], Sequence[str]]]) -> str:
    """Draw processor seconds, both axes logarithmic, a panel a curve. Shape: title, (x, seconds), x's labels."""
    width, height, edge = 240, 210, 40
    highest = max(seconds for _, points, _ in curves for _, seconds in points)
    low, high = -1.0, float(np.ceil(np.log10(highest)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width * len(curves)} {height}" '
        'font-family="sans-serif" font-size="10" role="img" aria-label="Processor seconds of a whole search">'
    ]
    for panel, (title, points, labels) in enumerate(curves):
        left, right = panel * width + edge, (panel + 1) * width - 12
        x = np.log([one for one, _ in points])
        across = left + 8 + (x - x.min()) / max(float(np.ptp(x)), 1e-9) * (right - left - 16)
        seconds = np.array([np.log10(max(one, 0.1)) for _, one in points])
        down = height - 34 - (seconds - low) / (high - low) * (height - 70)
        parts.append(f'<text x="{left}" y="16" font-weight="bold">{title}</text>')
        for tick in range(int(low), int(high) + 1):
            y = height - 34 - (tick - low) / (high - low) * (height - 70)
            parts.append(f'<path d="M{left} {y:.0f}H{right}" stroke="#ddd"/>')
            parts.append(f'<text x="{left - 5}" y="{y + 3:.0f}" text-anchor="end">{10.0**tick:g} s</text>')
        line = " ".join(f"{a:.0f},{b:.0f}" for a, b in zip(across, down, strict=True))
        parts.append(f'<polyline points="{line}" fill="none" stroke="#1b5e7d" stroke-width="2"/>')
        for a, b, label, (_, value) in zip(across, down, labels, points, strict=True):
            parts.append(f'<circle cx="{a:.0f}" cy="{b:.0f}" r="3" fill="#1b5e7d"/>')
            parts.append(f'<text x="{a:.0f}" y="{b - 7:.0f}" text-anchor="middle">{value:.1f}</text>')
            parts.append(f'<text x="{a:.0f}" y="{height - 18}" text-anchor="middle">{label}</text>')
    return "".join(parts) + "</svg>\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grow", action="store_true", help="people to 1,000,000, characteristics, order; the picture")
    parser.add_argument("--fours", action="store_true", help="order 4 exhaustively at 75,000 x 200")
    chosen = parser.parse_args()
    searched(5_000, 12, 4)  # compiling, or reading compiled kernels
    print(f"counting kernel: {kernel_ratio():.2f} of a bare popcount(and) loop over the same words", flush=True)
    print(f"two threads: {thread_ratio():.2f} of what two processes scan together", flush=True)
    if chosen.grow:
        print(_grown())
    if chosen.fours:
        found, wall, cpu = searched(75_000, 200, 4)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"order 4, 75,000 x 200: {found.searched:,} combinations, {found.tested:,} tested in {wall:.0f} s "
            f"({cpu:.0f} cpu); peak {peak:.1f} GiB"
        )


def _grown() -> str:
    people = [(one, searched(one, 200)[2]) for one in (20_000, 75_000, 250_000, 1_000_000)]
    characteristic = [(one, searched(75_000, one)[2]) for one in (25, 50, 100, 200)]
    order = [(one, searched(75_000, 60, one)[2]) for one in (2, 3, 4, 5)]
    curves: list[tuple[str, Sequence[Point], Sequence[str]]] = [
        ("People (200 characteristics)", people, ["20,000", "75,000", "250,000", "1,000,000"]),
        ("Characteristics (75,000 people)", characteristic, ["25", "50", "100", "200"]),
        ("Order (75,000 x 60)", order, ["2", "3", "4", "5"]),
    ]
    PICTURE.write_text(picture(curves), encoding="utf-8")
    ratio = people[-1][1] / people[1][1]
    lines = [f"{title}: " + ", ".join(f"{x:,} {s:.1f} s" for x, s in points) for title, points, _ in curves]
    return "\n".join([*lines, f"1,000,000 people take {ratio:.1f} times the processor time of 75,000"])


if __name__ == "__main__":
    main()
