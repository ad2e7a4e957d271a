"""Attack 7 (a): ask for a rounded count again and again, and average the noise away; or guess the rounding."""

import hashlib

import numpy as np

from pseudonymisation.disclosure import rounded

TRUE, BASE, KEY = 643, 10, hashlib.sha256(b"the rounding key").digest()


def average(printings):
    """The attacker's estimate, and whether it hits the true count."""
    return round(float(np.mean(printings)))


def test_fresh_noise_is_averaged_away():
    random = np.random.default_rng(1)
    unprotected = [BASE * ((TRUE + int(random.integers(BASE))) // BASE) for _ in range(4_000)]
    assert average(unprotected) == TRUE  # the attack works


def test_a_cell_printed_a_thousand_times_tells_no_more_than_once():
    printings = {rounded(TRUE, base=BASE, key=KEY, cell="alene=ja & flyttet=ja") for _ in range(1_000)}
    assert len(printings) == 1
    assert printings <= {640, 650}


def test_what_is_printed_fits_all_counts_within_the_base_alike():
    # Every count that could give the printed figure: the attacker is left with as many as the base has.
    for cell in range(200):
        printed = rounded(TRUE, base=BASE, key=KEY, cell=str(cell))
        fits = [count for count in range(600, 700) if rounded(count, base=BASE, key=KEY, cell=str(cell)) == printed]
        assert len(fits) == BASE  # even with the key; without it, 2 x base - 1
        assert TRUE in fits


def test_without_the_key_the_shift_is_guessed_no_better_than_by_chance():
    cells = [f"cell {number}" for number in range(4_000)]
    printed = [rounded(TRUE, base=BASE, key=KEY, cell=cell) for cell in cells]
    for guess in (b"", b"undring", b"rounding", hashlib.sha256(b"undring").digest()):
        again = [rounded(TRUE, base=BASE, key=guess, cell=cell) for cell in cells]
        agree = np.mean([one == other for one, other in zip(printed, again, strict=True)])
        chance = 0.7**2 + 0.3**2  # 643 goes down to 640 in 7 of 10 cells
        assert abs(agree - chance) < 5 * np.sqrt(chance * (1 - chance) / len(cells))
    with_key = [rounded(TRUE, base=BASE, key=KEY, cell=cell) for cell in cells]
    assert with_key == printed  # with the key the attack works


def test_one_citizen_more_moves_few_cells_and_an_attacker_cannot_tell_which_way_it_was():
    moved = [
        rounded(TRUE + 1, base=BASE, key=KEY, cell=str(c)) != rounded(TRUE, base=BASE, key=KEY, cell=str(c))
        for c in range(4_000)
    ]
    assert (
        abs(np.mean(moved) - 1 / BASE) < 0.03
    )  # hence the hysteresis of the gate: a figure stands until it moved by the base
