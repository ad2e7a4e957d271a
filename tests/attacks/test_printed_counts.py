"""Attack 6 on the file that is sent: whoever has nothing but the printed table solves it for what is hidden."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.errors import InputError
from pipelines.hide_counts import HIDDEN, protect_table
from pseudonymisation.suppression import with_margins
from tests.attacks.test_linear_program import DIFFERENCE, SMALLEST, attacked, primary_only, table


def written(folder: Path, counts) -> Path:
    """A crosstab as somebody has it, with sums or without."""
    lines = [["alder", *(f"k{place}" for place in range(counts.shape[1]))]]
    lines += [[f"r{row}", *map(str, line)] for row, line in enumerate(counts)]
    path = folder / "counts.csv"
    path.write_text("\n".join(";".join(line) for line in lines), encoding="utf-8")
    return path


def printed(path: Path):
    """What stands in a protected file: the cells and sums, and which of them are hidden."""
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))[1:]
    hidden = np.array([[cell == HIDDEN for cell in row[1:]] for row in rows])
    shown = np.array([[-1 if cell == HIDDEN else int(cell) for cell in row[1:]] for row in rows])
    return shown, hidden


def pinned(counts, hidden) -> tuple[int, int]:
    """Small cells found exactly, and hidden cells known too closely."""
    true, ends = attacked(counts, hidden)
    exact = (ends[:, 0] == ends[:, 1]) & (true < SMALLEST)
    narrow = (ends[:, 1] < DIFFERENCE) | (ends[:, 1] - ends[:, 0] < DIFFERENCE)
    return int(exact.sum()), int(narrow.sum())


@pytest.mark.parametrize(("shape", "seed", "mean"), [((12, 10), 4, 60), ((12, 10), 9, 60), ((6, 5), 1, 30)])
def test_the_printed_file_cannot_be_solved_and_the_one_without_its_small_cells_can(
    attack_row, tmp_path, shape, seed, mean
):
    counts = table(shape, seed, mean)
    made = protect_table(written(tmp_path, counts), out=tmp_path / "out")
    shown, hidden = printed(made.table)
    assert np.array_equal(shown[~hidden], with_margins(counts)[~hidden])  # what is printed is true
    alone, ours = pinned(counts, primary_only(counts)), pinned(counts, hidden)
    assert sum(alone) > 0
    attack_row.row(
        "6", tried=f"undring table, {shape[0]} x {shape[1]}, {hidden.sum()} hidden",
        twin=f"{alone[0]} exact, {alone[1]} narrow", result=f"{ours[0]} exact, {ours[1]} narrow", limit="0, 0",
        held=ours == (0, 0),
    )  # fmt: skip


SMALL = st.integers(2, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.one_of(st.integers(0, 14), st.integers(0, 200)), min_size=columns, max_size=columns),
        min_size=2,
        max_size=4,
    )
)


def asked(file: Path, out: Path, **more):
    """What is written, or why nothing is."""
    try:
        return protect_table(file, out=out, **more)
    except InputError as error:
        return error


@settings(max_examples=12, deadline=None)
@given(rows=SMALL)
@example(rows=[[1] * 11])
@example(rows=[[1, 1, 1], [1, 1, 1], [1, 1, 3]])
def test_any_table_is_written_safe_or_not_at_all_and_what_the_refusal_says_would_do_does(rows):
    counts = np.array(rows)
    with tempfile.TemporaryDirectory() as place:
        file, out = written(Path(place), counts), Path(place) / "out"
        made = asked(file, out)
        if isinstance(made, InputError):
            assert not out.exists()
            assert made.key in ("counts_few", "counts_unsafe", "counts_unsafe_all")
            if made.key != "counts_unsafe":
                return
            axis, many = 0 if made.facts["axis"] == "rows" else 1, int(made.facts["together"])
            counts = np.add.reduceat(counts, range(0, counts.shape[axis], many), axis=axis)
            made = protect_table(file, out=out, together=f"{made.facts['axis']}={many}")
        shown, hidden = printed(made.table)
        full = with_margins(counts)
        assert shown.shape == full.shape
        assert np.array_equal(shown[~hidden], full[~hidden])
        assert not ((full > 0) & (full < SMALLEST) & ~hidden).any()
        if hidden.any():
            assert pinned(counts, hidden) == (0, 0)
