"""The numbers, names, phone numbers and addresses that residents go by. None of them is anybody's."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.demo import names

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def cpr_numbers(born: NDArray[np.datetime64], female: Bools, rng: np.random.Generator) -> NDArray[np.str_]:
    """Return a replacement number (day + 60) for each: unique, digit 7 of the right century, last digit odd for men.

    Shape: (people,) -> (people,), ten digits. The check digit is left out, as in numbers given since 2007.
    """
    months = born.astype("datetime64[M]")
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (born.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64) + 1
    # Serials of one birthday and sex: a random start, then steps of 7 through the 2,000 that the century allows.
    group = born.astype("datetime64[D]").astype(np.int64) * 2 + female
    order = np.lexsort((rng.random(len(born)), group))
    ordered = group[order]
    starts = np.r_[0, np.flatnonzero(np.diff(ordered)) + 1]
    sizes = np.diff(np.r_[starts, len(ordered)])
    rank = np.arange(len(ordered)) - np.repeat(starts, sizes)
    step = np.empty(len(born), dtype=np.int64)
    step[order] = (np.repeat(rng.integers(0, 2000, len(starts)), sizes) + 7 * rank) % 2000
    serial = 2 * step + np.where(female, 0, 1)  # 0000-3999: born 1900-1999
    serial = np.where(year >= 2000, 4000 + serial, serial)  # 4000-7999: born 2000-2036
    number = (day + 60) * 100_000_000 + month * 1_000_000 + (year % 100) * 10_000 + serial
    return np.asarray(number.astype("<U10"), dtype=np.str_)


def full_names(female: Bools, household: Ints, rng: np.random.Generator) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Return first and last names: many of a household share the last, one household in seventeen came from abroad."""
    people = len(female)
    foreign = (rng.random(int(household.max()) + 1) < 0.06)[household]

    def pick(choices: tuple[str, ...]) -> NDArray[np.str_]:
        return np.array(choices)[(len(choices) * rng.random(people)).astype(np.int64)]

    first = np.where(female, pick(names.FIRST_WOMEN), pick(names.FIRST_MEN))
    first = np.where(foreign, np.where(female, pick(names.FOREIGN_WOMEN), pick(names.FOREIGN_MEN)), first)
    last = pick(names.LAST)
    family = rng.permutation(np.array(names.LAST))[household % len(names.LAST)]
    last = np.where(rng.random(people) < 0.6, family, last)  # many households share a last name
    return first, np.where(foreign, pick(names.FOREIGN_LAST), last)


def phones(people: int, rng: np.random.Generator) -> NDArray[np.str_]:
    """Return phone numbers of the series 95, which the numbering plan holds in reserve: nobody's."""
    number = rng.permutation(900_000)[:people] + 95_000_000 + rng.integers(0, 90_000)
    return np.asarray(number.astype("<U8"), dtype=np.str_)


def addresses(households: int, ordinary: int, homes: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return one address a household. Written without any sign but letters and digits they are still all different."""
    roads = np.array(names.streets())
    flats = len(roads) // 3  # the first third of the roads has blocks of flats
    place = rng.permutation(max(households * 2, 4_000))[:households]
    in_flat = rng.random(households) < 0.45
    road = np.where(in_flat, place % flats, flats + place % (len(roads) - flats))
    within = np.where(in_flat, place // flats, place // (len(roads) - flats))
    house = np.where(in_flat, within // 8 + 1, within + 1)
    floor = np.where(in_flat, np.array(["st", "1", "2", "3"])[(within % 8) // 2], "")
    side = np.where(in_flat, np.array(["tv", "th"])[within % 2], "")
    home = np.zeros(households, dtype=bool)
    home[ordinary : ordinary + homes] = True
    number = np.arange(households)
    road = np.where(home, number % flats, road)
    house = np.where(home, 900 + (number - ordinary) % max(1, homes), house)  # numbers no ordinary house has
    floor, side = np.where(home, "", floor), np.where(home, "", side)
    town = road % len(names.TOWNS)
    return pl.DataFrame(
        {
            "household": number,
            "road": roads[road],
            "road_code": np.char.zfill((road * 7 + 12).astype("<U4"), 4),
            "house": house.astype("<U4"),
            "floor": floor,
            "side": side,
            "postal": np.array([code for code, _ in names.TOWNS])[town],
            "town": np.array([name for _, name in names.TOWNS])[town],
        }
    ).with_columns(
        address=pl.col("road")
        + " "
        + pl.col("house")
        + pl.when(pl.col("floor") != "").then(", " + pl.col("floor") + ". " + pl.col("side")).otherwise(pl.lit(""))
    )
