"""`python -m benchmarks.traps [RUNS] [--only NUMBER] [--write]`: print the table, and write it into docs/traps.md."""

from __future__ import annotations

import argparse
import re
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
    parser.add_argument("--only", type=int, action="append", help="only this trap; may be given again")
    parser.add_argument("--write", action="store_true", help="into docs/traps.md: each row as soon as it is there")
    chosen = parser.parse_args()
    whole = True
    print(HEADER, flush=True)
    for trap in TRAPS:
        if chosen.only and trap.number not in chosen.only:
            continue
        begun = time.perf_counter()
        one = told(trap, chosen.runs)
        whole = whole and one.holds
        print(row(one), flush=True)
        if chosen.write:
            _write(trap.number, row(one))
        print(f"{time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    return 0 if whole else 1


def _write(number: int, line: str) -> None:
    """Put a row in the place of the one that the page has of this trap."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
    table, _, after = rest.partition(MARKS[1])
    rows = {int(found[1]): old for old in table.splitlines() if (found := re.match(r"\| (\d+) \|", old))}
    rows[number] = line
    lines = "\n".join([HEADER, *(rows[one] for one in sorted(rows))])
    PAGE.write_text(f"{before}{MARKS[0]}\n{lines}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
