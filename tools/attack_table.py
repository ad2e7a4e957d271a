"""`make attack`: play every attacker, print one table of what each got, and write it into docs/privacy.md.

Run: python tools/attack_table.py [--no-doc] [ROWS.json ...]. Exit code 0 only if every attack was measured, and
held or is said on the page to fall short.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import lookup_times  # noqa: E402
from tests.attacks.suite import ATTACKS  # noqa: E402

PAGE = ROOT / "docs" / "privacy.md"
START, END = "<!-- attacks: written by make attack -->", "<!-- end of attacks -->"
HEADINGS = ("", "attack", "strength tried", "unprotected", "Undring", "limit", "")
UNMEASURED = ("", "", "", "")


def played() -> tuple[list[dict[str, object]], int]:
    """Run the attacks; return the rows that they told, and pytest's exit code."""
    others = sorted({f"tests/{file}" for attack in ATTACKS.values() for file in attack.files} | {"tests/attacks"})
    files = [file for file in others if not file.startswith("tests/attacks/")]
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.json"
        environment = {**os.environ, "UNDRING_ATTACK_ROWS": str(rows)}
        done = subprocess.run([sys.executable, "-m", "pytest", *files], cwd=ROOT, env=environment)
        return json.loads(rows.read_text(encoding="utf-8")) if rows.exists() else [], done.returncode


def timed() -> dict[str, object]:
    """Return the row of the one attack that needs a clock: it stands outside the tests."""
    lookups = 100_000
    ours, twin = lookup_times.measured(lookups)
    told = {"tried": f"{lookups:,} hits and misses", "twin": f"{twin:.0%} apart", "result": f"{ours:.1%} apart"}
    return {
        "number": "14",
        **told,
        "limit": f"{lookup_times.LIMIT:.0%}",
        "held": ours <= lookup_times.LIMIT,
        "short": "",
    }


def cells(rows: list[dict[str, object]]) -> list[tuple[str, ...]]:
    """Return the table's cells, an attack that told nothing as not measured."""
    table = []
    for number, attack in ATTACKS.items():
        mine = [row for row in rows if row["number"] == number]
        for row in mine:
            held = "held" if row["held"] else "FALLS SHORT" if row["short"] else "FAILED"
            told = (str(row["tried"]), str(row["twin"]), str(row["result"]), str(row["limit"]), held)
            table.append((number, attack.name, *told))
        if not mine:
            table.append((number, attack.name, *UNMEASURED, "NOT MEASURED"))
    return table


def printed(table: list[tuple[str, ...]]) -> str:
    """Return the table for a terminal."""
    widths = [max(len(row[place]) for row in [HEADINGS, *table]) for place in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in
             [HEADINGS, tuple("-" * width for width in widths), *table]]  # fmt: skip
    return "\n".join(lines)


def markdown(table: list[tuple[str, ...]]) -> str:
    """Return the table for the page."""
    lines = [f"| {' | '.join(row)} |" for row in table]
    return "\n".join([f"| {' | '.join(HEADINGS)} |", "|" + "---|" * len(HEADINGS), *lines])


def main() -> int:
    """Play, print, write; return the exit code."""
    given = [Path(one) for one in sys.argv[1:] if not one.startswith("-")]  # rows of suites that were played in parts
    rows, code = ([row for one in given for row in json.loads(one.read_text())], 0) if given else played()
    rows.append(timed())
    table = cells(rows)
    print(f"\n{printed(table)}")
    failed = [row[0] for row in table if row[-1] in ("FAILED", "NOT MEASURED")]
    if "--no-doc" not in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(START)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{START}\n{markdown(table)}\n{END}{after}", encoding="utf-8")
    for row in rows:
        if row["short"] and not row["held"]:
            print(f"FALLS SHORT: {row['number']}, {row['tried']}: {row['short']}")
    if failed:
        print(f"NOT HELD: {', '.join(dict.fromkeys(failed))}")
    return code or bool(failed)


if __name__ == "__main__":
    sys.exit(main())
