"""Attack 6: solve the table. What row and column sums say of a hidden cell, by linear program."""

import numpy as np
import pytest

from pseudonymisation.suppression import feasible_intervals, hide_cells, with_margins

SMALLEST, DIFFERENCE = 10, 5


def table(shape, seed, mean=40, spread=1.2):
    random = np.random.default_rng(seed)
    return random.negative_binomial(spread, spread / (mean + spread), shape)


def attacked(counts, mask):
    """The interval of each hidden cell, from all that is printed: an attacker with a solver, who knows the rule.

    The attacker writes down every sum of the table with its margins, and that hidden cells are not empty.
    """
    full = with_margins(counts)
    cells = np.arange(full.size).reshape(full.shape)
    hidden = np.flatnonzero(mask.ravel())
    place = {cell: number for number, cell in enumerate(hidden)}
    sums, values = [], []
    for axis in range(full.ndim):
        for members in np.moveaxis(cells, axis, -1).reshape(-1, full.shape[axis]):
            row, right = np.zeros(len(hidden)), 0.0
            for cell, sign in zip(members, [1] * (len(members) - 1) + [-1], strict=True):
                if cell in place:
                    row[place[cell]] += sign
                else:
                    right -= sign * full.ravel()[cell]
            if row.any():
                sums.append(row)
                values.append(right)
    values = np.array(values)
    return full.ravel()[hidden], feasible_intervals(np.array(sums), values, values, np.eye(len(hidden)), floor=1.0)


def unsafe(counts, mask):
    """Small cells found exactly, and hidden cells known too closely."""
    true, ends = attacked(counts, mask)
    exact = (ends[:, 0] == ends[:, 1]) & (true < SMALLEST)
    narrow = (ends[:, 1] < DIFFERENCE) | (ends[:, 1] - ends[:, 0] < DIFFERENCE)
    assert np.all((ends[:, 0] <= true) & (true <= ends[:, 1]))  # the attacker is never wrong
    return int(exact.sum()), int(narrow.sum())


def primary_only(counts):
    full = with_margins(counts)
    return (full > 0) & (full < SMALLEST)


TABLES = [((12, 10), 4, 60), ((12, 10), 9, 60), ((4, 4, 4), 2, 80), ((2, 2, 2, 2), 3, 60)]


def test_hiding_only_small_cells_lets_them_be_solved_for():
    found = [unsafe(table(shape, seed, mean), primary_only(table(shape, seed, mean))) for shape, seed, mean in TABLES]
    assert sum(exact for exact, _ in found) >= 5  # the attack works
    assert sum(narrow for _, narrow in found) >= 5


@pytest.mark.parametrize(("shape", "seed", "mean"), TABLES)
def test_after_the_audit_no_hidden_cell_is_exact_or_closely_known(attack_row, shape, seed, mean):
    counts = table(shape, seed, mean)
    made = hide_cells(counts, smallest_group=SMALLEST, smallest_difference=DIFFERENCE)
    assert made.unsafe == 0
    alone, hidden = unsafe(counts, primary_only(counts)), int(made.mask.sum())
    found = unsafe(counts, made.mask)
    attack_row.row(
        "6", tried=f"{' x '.join(map(str, shape))} table, {hidden} hidden", twin=f"{alone[0]} exact, {alone[1]} narrow",
        result=f"{found[0]} exact, {found[1]} narrow", limit="0, 0", held=found == (0, 0),
    )  # fmt: skip


@pytest.mark.slow
def test_a_large_sparse_table_is_safe_too():
    counts = table((24, 40), 3, mean=14, spread=0.6)
    made = hide_cells(counts, smallest_group=SMALLEST, smallest_difference=DIFFERENCE)
    assert made.primary > 300
    assert made.unsafe == 0
