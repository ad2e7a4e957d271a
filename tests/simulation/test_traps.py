"""The fifteen traps, a few runs each with fixed seeds: `make traps` has more, and writes docs/traps.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.traps.__main__ import MARKS, PAGE
from benchmarks.traps.told import told
from benchmarks.traps.worlds import TRAPS

RUNS = 3


@pytest.mark.slow
@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"{trap.number}")
def test_with_the_guard_nothing_unmarked_is_confirmed_and_without_it_the_artefact_is(trap):
    seen = told(trap, RUNS, first=1_000)  # not the table's seeds
    assert seen.unflagged == 0
    assert seen.twin >= 1
    if trap.refusal:
        assert seen.refused == RUNS
    if trap.leak_off:
        assert seen.named == RUNS


def test_every_trap_of_the_table_stands_on_the_page_with_its_figures():
    assert [trap.number for trap in TRAPS] == list(range(1, 16))
    table = PAGE.read_text(encoding="utf-8").partition(MARKS[0])[2].partition(MARKS[1])[0]
    rows = [line for line in table.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [row.split("|")[2].strip() for row in rows] == [trap.name for trap in TRAPS]
    for row in rows:
        unflagged, runs = re.findall(r"(\d+) of (\d+)", row.split("|")[5])[0]
        assert int(runs) >= 20
        assert 20 * int(unflagged) <= int(runs)
    assert "make traps" in Path(PAGE).read_text(encoding="utf-8")
