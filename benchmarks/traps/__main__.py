"""`python -m benchmarks.traps [RUNS] [--only NUMBER] [--write]`: print the table, and write it into docs/traps.md."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks.traps.told import HEADER, row, told
from benchmarks.traps.worlds import TRAPS

PAGE = Path(__file__).parents[2] / "docs" / "traps.md"
MARKS = ("<!-- the table: make traps -->", "<!-- end -->")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=int, nargs="?", default=20, help="draws of each world")
    parser.add_argument("--only", type=int, help="only this trap")
    parser.add_argument("--write", action="store_true", help="into docs/traps.md, between the marks")
    chosen = parser.parse_args()
    lines, whole = [HEADER], True
    print(HEADER, flush=True)
    for trap in TRAPS:
        if chosen.only not in (None, trap.number):
            continue
        begun = time.perf_counter()
        one = told(trap, chosen.runs)
        whole = whole and one.holds
        lines.append(row(one))
        print(lines[-1], flush=True)
        print(f"{time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    if chosen.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        table = "\n".join(lines)
        PAGE.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", encoding="utf-8")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
