"""A municipality of which half is in a package and half is not: what the attackers of a package are measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipelines import package, vault
from pipelines.context import Run
from pipelines.key_files import StudyKey
from pseudonymisation.pseudonyms import pseudonym_column
from tests.pipelines.study_builders import CHARACTERISTIC, POPULATION, characteristic, study_text, written

QUASI = ["alder", "koen", "distrikt", "bolig", "timer"]
SECRET = "sygdom"
KNOWN = ("koen", "distrikt", "bolig", "timer", SECRET)
REST = ["faldt", "indlagt"]  # told as they are: a neighbour is not taken to know them
K = 10


@dataclass(frozen=True)
class World:
    """`inside` is whom the package tells of, `outside` others drawn the same way; `told` the package by person."""

    inside: pl.DataFrame
    outside: pl.DataFrame
    told: pl.DataFrame
    folder: Path  # the package


def population(people: int, seed: int) -> pl.DataFrame:
    """People whose illness goes with age and district, as illnesses do; hours of help a week nearly name them."""
    random = np.random.default_rng(seed)
    age = np.clip(random.normal(77, 8, people), 60, 99).astype(int)
    district = random.choice(["Nord", "Syd", "Vest", "Øst", "Havn", "By"], people, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    lean = np.where(age > 82, 0.5, 0.2) + np.where(district == "Nord", 0.2, 0.0)
    illness = np.where(
        random.random(people) < lean, "demens", random.choice(["kol", "hjerte", "gigt", "ingen"], people)
    )
    return pl.DataFrame(
        {
            "person": [f"{seed}-{number:06d}" for number in range(people)],
            "alder": age,
            "koen": random.choice(["F", "M"], people),
            "distrikt": district,
            "bolig": random.choice(["ejer", "leje", "plejebolig"], people, p=[0.6, 0.3, 0.1]),
            "timer": random.gamma(1.5, 5, people).astype(int),
            SECRET: illness,
            "faldt": random.random(people) < 0.2,
            "indlagt": random.random(people) < 0.3,
        }
    )


def study_of(work: Path, k: int):  # type: ignore[no-untyped-def]
    """A study whose package tells four quasi-identifiers and one sensitive column."""
    columns = [characteristic(name, f'rule = "value"\ncolumn = "{name}"', register="cpr") for name in ("alder", *KNOWN)]
    asked = f'\n[package]\nquasi = {QUASI}\nsensitive = ["{SECRET}"]\n'.replace("'", '"')
    counted = f'[limits]\npackage_k = {k}\n{POPULATION}age = "alder"\n'
    return written(work, study_text(CHARACTERISTIC, *columns, population=counted) + asked)


def packaged(work: Path, inside: pl.DataFrame, k: int = K) -> pl.DataFrame:
    """Return the package of these people as its receiver reads it, with the column `person` told to the tests alone."""
    work.mkdir(parents=True, exist_ok=True)
    key = StudyKey(key_id="demo", epoch=1, secret=b"s" * 32, demo=True)
    run = Run(workspace=work, study=study_of(work, k), contracts={}, id="K-0001", try_leads=False, key=key)
    run.folder.mkdir(parents=True)
    run.vault.mkdir(exist_ok=True)
    rows = inside.with_columns(cluster=pl.col("person"), locked=pl.lit(False))
    vault.write_frame(run.folder / "split.vault", rows, run.subkey("vault"))
    package.write_package(run, work / "package")
    told = pl.read_csv(work / "package" / "data.csv", separator=";", infer_schema=False)
    code = run.subkey("person", recipient=f"{package.DRAFT}/{run.id}")
    truth = pl.DataFrame({"who": inside["person"], "person": pseudonym_column(inside["person"], key=code)})
    return told.join(truth, on="person").drop("person").rename({"who": "person"})


def world(work: Path, *, people: int = 1_500, seed: int = 1) -> World:
    """Return a municipality, half of it in a package."""
    everybody = population(2 * people, seed)
    inside, outside = everybody.head(people), everybody.tail(people)
    return World(inside=inside, outside=outside, told=packaged(work, inside), folder=work / "package")


def untold(inside: pl.DataFrame) -> pl.DataFrame:
    """Return the unprotected twin of a package: the rows as they are, only numbers and names gone."""
    return inside.with_columns(pl.exclude("person").cast(pl.String))


def fits(told: pl.DataFrame, people: pl.DataFrame, columns: list[str]) -> np.ndarray:
    """Return which released rows can be which person's. Shape: (people, rows released)."""
    found = np.ones((people.height, told.height), dtype=bool)
    for column in columns:
        texts, true = told[column].to_list(), people[column].cast(pl.String).to_list()
        values, cells = sorted(set(true)), sorted(set(texts), key=str)
        table = np.array([[covers(cell, value) for cell in cells] for value in values])
        place = [values.index(value) for value in true]
        found &= table[place][:, [cells.index(cell) for cell in texts]]
    return found


def covers(cell: str | None, value: str) -> bool:
    """Return whether a told cell ("65-74", "{Nord, Syd}", "90+", "*") can be this value."""
    if cell is None or cell == "*":
        return True
    if cell.startswith("{"):
        return value in cell.strip("{}").split(", ")
    if value.isdigit() and cell.endswith("+"):
        return int(value) >= int(cell[:-1])
    if value.isdigit() and "-" in cell:
        low, _, high = cell.partition("-")
        return int(low) <= int(value) <= (int(high.rstrip("+")) if not high.endswith("+") else 999)
    return cell == value


def wilson(successes: int, tried: int) -> tuple[float, float]:
    """Return a rate's 95 % interval (E. B. Wilson 1927)."""
    z = 1.959964
    rate, middle = successes / tried, 1 + z * z / tried
    centre = (rate + z * z / (2 * tried)) / middle
    half = z * np.sqrt(rate * (1 - rate) / tried + z * z / (4 * tried * tried)) / middle
    return float(centre - half), float(centre + half)


def risk(attack: int, control: int, tried: int) -> tuple[float, float]:
    """Return what an attack gets beyond the control group, and its 95 % upper end, as anonymeter reckons.

    Source: M. Giomi, F. Boenisch, C. Wehmeyer, B. Tasnadi (2023), PoPETs 2023(2): (attack - control) / (1 - control).
    """
    (low_a, high_a), (low_c, high_c) = wilson(attack, tried), wilson(control, tried)
    a, c = (low_a + high_a) / 2, (low_c + high_c) / 2
    error = float(np.hypot((high_a - a) / (1 - c), (high_c - c) * (1 - a) / (1 - c) ** 2))
    value = (a - c) / (1 - c)
    return value, value + error
