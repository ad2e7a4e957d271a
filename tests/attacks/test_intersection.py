"""Attack 5: thirty nights' packages of one receiver laid on one another, by somebody who can follow a person's row.

The worst case: what is told of a person beside the quasi-identifiers lets the attacker find the row again every night,
so that the person is one of those who stood in the same classes in all packages.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest

from pipelines import package_history
from pipelines.errors import InputError

NIGHTS, PEOPLE, LEAST = 30, 2_000, 5
QUASI = ["age", "district"]


def nights(seed: int, *, moving: float, leaving: int) -> list[pl.DataFrame]:
    """Who is there each night: birthdays, moves, deaths and newcomers."""
    random = np.random.default_rng(seed)
    people = {f"p{n:05d}": [int(random.integers(0, 4)), int(random.integers(0, 3))] for n in range(PEOPLE)}
    made = []
    for night in range(NIGHTS):
        made.append(
            pl.DataFrame(
                {
                    "person": list(people),
                    "age": [f"band {age}" for age, _ in people.values()],
                    "district": [f"district {place}" for _, place in people.values()],
                }
            )
        )
        for person in list(people):
            if random.random() < moving:
                people[person][int(random.random() < 0.5)] = int(random.integers(0, 3))
        for person in random.choice(sorted(people), leaving, replace=False):
            del people[person]
            people[f"n{night:02d}{person}"] = [int(random.integers(0, 4)), int(random.integers(0, 3))]
    return made


def smallest_left(packages: list[pl.DataFrame]) -> int:
    """The fewest people anybody is left among: the same class, or not there, in every package."""
    together: dict[str, list[object]] = {}
    for night, one in enumerate(packages):
        for person, *told in one.select("person", *QUASI).rows():
            together.setdefault(person, [None] * len(packages))[night] = tuple(told)
    groups: dict[tuple[object, ...], int] = {}
    for told in together.values():
        groups[tuple(told)] = groups.get(tuple(told), 0) + 1
    return min(groups.values())


def given(made: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """What a receiver gets of thirty nights: a package that would tell is refused."""
    packages: list[pl.DataFrame] = []
    for night in made:
        earlier = [package_history.classes_of(one, QUASI) for one in packages]
        try:
            packages.append(package_history.narrowed(night, quasi=QUASI, earlier=earlier, least=LEAST))
        except InputError:
            continue
    return packages


def cells(size: int) -> list[pl.DataFrame]:
    """Three nights of two classes each, of which every pair leaves twice as many as all three together."""
    people = [(f"p{n:03d}", n % 8) for n in range(8 * size)]
    return [
        pl.DataFrame({"person": [one for one, _ in people], "age": [str(cell >> night & 1) for _, cell in people],
                      "district": ["x"] * len(people)})
        for night in range(3)
    ]  # fmt: skip


def test_three_packages_of_which_each_pair_is_safe_are_held_against_one_another_together():
    made = cells(3)
    assert [smallest_left([one, other]) for one, other in combinations(made, 2)] == [6, 6, 6]
    assert smallest_left(made) == 3 < LEAST  # pair by pair nothing is seen: the attack works
    packages = given(made)
    assert smallest_left(packages) >= LEAST
    wide = cells(5)
    assert all(
        one.equals(other) for one, other in zip(given(wide), wide, strict=True)
    )  # five alike: nobody is left out


@pytest.mark.parametrize(("moving", "leaving"), [(0.0005, 1), (0.002, 3)])
def test_nobody_is_left_among_fewer_than_five_by_all_the_packages_together(attack_row, moving, leaving):
    made = nights(4, moving=moving, leaving=leaving)
    alone = min(one.group_by(QUASI).len()["len"].min() for one in made)
    assert alone >= 50  # every night by itself is safe
    twin = smallest_left(made)
    assert twin == 1  # the attack works
    packages = given(made)
    assert len(packages) >= 3
    ours = smallest_left(packages)
    attack_row.row(
        "5", tried=f"{NIGHTS} nights of {PEOPLE:,} people, {leaving} leave a night; {len(packages)} packages given",
        twin=f"{twin} candidate left", result=f"{ours} candidates left", limit=f"at least {LEAST}", held=ours >= LEAST,
    )  # fmt: skip
