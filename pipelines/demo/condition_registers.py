"""What nurses and assessors wrote of people's conditions (FSIII): two files, an old scale and a new one."""

from __future__ import annotations

import uuid

import numpy as np
import polars as pl

from pipelines.demo.messy import between, danish, messed_up, no_date, short_cpr, spelled
from pipelines.demo.people import Residents
from pipelines.demo.world import World

NEW_SCALE_FROM = -242  # 1 February 2025: version 2024 with 0-4 and 9 in the place of B1-B6
CONDITIONS = {"Mobilitet": "J3.1", "Personlig pleje": "J1.1", "Praktiske opgaver": "J2.1", "Mentale funktioner": "J4.1"}
OLD = np.array(["B1", "B2", "B3", "B4", "B5", "B6"])
NEW = np.array(["0", "1", "2", "3", "4", "9"])  # the same six, in the same order


def conditions(residents: Residents, world: World, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return the two files' rows, one an assessment. A severe condition is one at level 3 or 4 (B4, B5)."""
    severe, user = np.flatnonzero(world.has["svaer_tilstand"]), np.flatnonzero(world.has["faar_besoeg"])
    early, late = user[rng.random(len(user)) < 0.6], user[rng.random(len(user)) < 0.15]
    parts = (
        (severe, between(rng, len(severe), -730, -1), rng.integers(3, 5, len(severe))),
        (user, between(rng, len(user), -730, -1), rng.integers(0, 3, len(user))),
        (early, between(rng, len(early), -1400, -731), rng.integers(0, 5, len(early))),
        (late, between(rng, len(late), 0, 60), rng.integers(0, 6, len(late))),
    )
    people = np.concatenate([who for who, _, _ in parts])
    day = np.concatenate([day for _, day, _ in parts])
    level = np.concatenate([level for _, _, level in parts])
    hoped = np.maximum(level - rng.integers(0, 2, len(level)), 0)
    what = rng.choice(np.array(list(CONDITIONS)), len(people))
    old = day < NEW_SCALE_FROM
    new_codes = {name: str(uuid.uuid5(uuid.NAMESPACE_URL, f"undring/demo/{name}")) for name in CONDITIONS}
    frame = pl.DataFrame(
        {
            "cpr": spelled(residents.numbers(people, day), rng, 0.5),
            "tilstandskode": np.where(
                old,
                pl.Series(what).replace_strict(CONDITIONS).to_numpy().astype(str),
                pl.Series(what).replace_strict(new_codes).to_numpy().astype(str),
            ),
            "tilstand": what,
            "niveau": np.where(old, OLD[level], NEW[level]),
            "forventet_niveau": np.where(old, OLD[hoped], NEW[hoped]),
            "vurderet_dato": danish(day),
            "afsluttet_dato": pl.select(
                pl.when(pl.Series(rng.random(len(people)) < 0.3)).then(danish(day + 60)).otherwise(pl.lit(""))
            )[:, 0],
            "gammel": old,
        }
    )
    whole = messed_up(frame, rng, broken={"cpr": short_cpr, "vurderet_dato": no_date})
    return {
        version: whole.filter(pl.col("gammel") == is_old).drop("gammel")
        for version, is_old in (("2023", True), ("2024", False))
    }
