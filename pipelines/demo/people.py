"""Draws the residents: who lives with whom, how old they are, and the numbers, names and addresses they go by.

`people` residents of 65 or more, alive on the index date, and beside them the younger people of their households,
some who live elsewhere in the municipality, and some who had died or moved away: the extract holds people outside
the cohort too. Every CPR number is of the replacement form (day + 60), so that it can be no living person's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.demo import identities
from pipelines.demo.identities import Bools, Ints

INDEX_DAY = np.datetime64("2025-10-01", "D")
NEVER = -1_000_000  # days from the index date
# Of a hundred residents of 65 or more. At the default size: 60, 40 and 1,100.
NEW_NUMBER, PROTECTED, RECODED = 0.3, 0.2, 5.5
CARE_HOME_PLACES = 42  # residents in a care home, on average

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Residents:
    """Everyone in the extract; the first `older` of each array are the cohort-relevant people, the rest the others.

    Shape: every array has one value a resident.
    """

    older: int
    cpr: NDArray[np.str_]
    first_name: NDArray[np.str_]
    last_name: NDArray[np.str_]
    phone: NDArray[np.str_]
    female: Bools
    born: NDArray[np.datetime64]
    age: Floats  # years on the index date
    frailty: Floats  # no register holds it; it drives what they hold
    status: NDArray[np.str_]  # CPR status: 01, 03 live here; 90, 80, 70 do not
    status_since: NDArray[np.datetime64]
    household: Ints  # number of the address
    alone: Bools
    care_home: Ints  # number of the care home, -1 for none
    former_cpr: NDArray[np.str_]  # "" for those who have had one number only
    renumbered: Ints  # the day on which the new number came, NEVER for most
    protected: Bools  # name and address protection
    recoded: Bools  # live on a road that got a new code on one day: nobody moved
    addresses: pl.DataFrame  # one row a household: address, road_code, road, house, floor, side, postal, town

    def numbers(self, people: Ints, day: Ints | NDArray[np.datetime64] | int) -> NDArray[np.str_]:
        """Return the number that each had on a day, counted from the index date."""
        before = np.asarray(day) < self.renumbered[people]
        return np.asarray(np.where(before, self.former_cpr[people], self.cpr[people]), dtype=np.str_)


def draw_residents(people: int, rng: np.random.Generator) -> Residents:
    """Return the residents of a municipality with `people` residents of 65 or more."""
    age, female, frailty = _older(people, rng)
    in_home = yes(rng, 0.04, 0.14 * (age - 80) + 0.8 * frailty)
    homes = max(2, round(in_home.sum() / CARE_HOME_PLACES))
    care_home = np.where(in_home, rng.integers(0, homes, people), -1)
    alone = yes(rng, 0.37, 0.05 * (age - 75) + 0.7 * female, among=~in_home) | (in_home & (rng.random(people) < 0.85))
    household, younger_of = _households(age, female, alone | in_home, rng)
    household = np.where(in_home, people + care_home, household)  # ordinary ones are numbered below `people`

    extra = _others(people, household, younger_of, female, age, rng)
    born = np.concatenate([_birth_dates(age, rng), _birth_dates(extra["age"], rng)])
    all_female = np.concatenate([female, extra["female"] > 0])
    everyone = len(born)
    elsewhere = people + homes + np.arange(int((extra["household"] < 0).sum()))
    extra_household = extra["household"].astype(np.int64)
    extra_household[extra_household < 0] = elsewhere
    all_household = np.concatenate([household, extra_household])
    first, last = identities.full_names(all_female, all_household, rng)
    status = np.full(everyone, "01", dtype="<U2")
    status[:people][rng.random(people) < 0.004] = "03"
    gone = np.flatnonzero(extra["gone"] > 0) + people
    status[gone] = rng.choice(np.array(["90", "90", "90", "80", "70"]), len(gone))
    since = INDEX_DAY - rng.integers(30, 1500, everyone)
    since = np.where(status == "01", born, since)
    addresses = identities.addresses(int(all_household.max()) + 1, people, homes, rng)
    changed = np.sort(rng.permutation(people)[: max(3, round(NEW_NUMBER * people / 100))])
    numbers = identities.cpr_numbers(
        np.concatenate([born, born[changed]]), np.concatenate([all_female, all_female[changed]]), rng
    )
    former, renumbered = np.full(everyone, "", dtype="<U10"), np.full(everyone, NEVER)
    former[changed] = numbers[everyone:]
    renumbered[changed] = rng.integers(-700, -20, len(changed))
    protected = np.zeros(everyone, dtype=bool)
    protected[rng.permutation(people)[: max(2, round(PROTECTED * people / 100))]] = True
    return Residents(
        older=people,
        cpr=numbers[:everyone],
        former_cpr=former,
        renumbered=renumbered,
        protected=protected,
        recoded=_recoded(people, all_household, people, np.isin(status, ["01", "03"]), addresses, rng),
        first_name=first,
        last_name=last,
        phone=identities.phones(everyone, rng),
        female=all_female,
        born=born,
        age=np.concatenate([age, extra["age"]]),
        frailty=np.concatenate([frailty, rng.normal(size=everyone - people)]),
        status=status,
        status_since=since,
        household=all_household,
        alone=np.concatenate([alone, np.zeros(everyone - people, dtype=bool)]),
        care_home=np.concatenate([care_home, np.full(everyone - people, -1)]),
        addresses=addresses,
    )


def _recoded(
    people: int, household: Ints, ordinary: int, here: Bools, addresses: pl.DataFrame, rng: np.random.Generator
) -> Bools:
    """Return who lives on the roads that got a new code: whole roads, but for the last."""
    road = addresses["road_code"].cast(pl.Int64).to_numpy()[household]
    place = rng.permutation(int(road.max()) + 1)[road]
    asked = np.flatnonzero(here & (household < ordinary))
    chosen = asked[np.argsort(place[asked], kind="stable")][: round(RECODED * people / 100)]
    found = np.zeros(len(household), dtype=bool)
    found[chosen] = True
    return found


def yes(rng: np.random.Generator, share: float, score: Floats, among: Bools | None = None) -> Bools:
    """Return who has a thing that `share` of all have, more often the higher `score` is, and only `among` some."""
    mask = np.ones(len(score), dtype=bool) if among is None else among
    wanted = min(0.95, share * len(score) / max(1, int(mask.sum())))
    return mask & (rng.random(len(score)) < expit(score + intercept(score[mask], wanted)))


def intercept(score: Floats, share: float) -> float:
    """Return the constant that makes the mean of expit(constant + score) equal `share`."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(score + middle).mean() < share else (low, middle)
    return (low + high) / 2


def expit(score: Floats) -> Floats:
    """Return the probability whose log-odds is `score`."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(score, -50, 50))), dtype=np.float64)


def _older(people: int, rng: np.random.Generator) -> tuple[Floats, Bools, Floats]:
    """Return age, sex and frailty: fewer the older, and more women the older."""
    years = np.arange(65, 103)
    weight = np.exp(-(((years - 65) / 17.0) ** 2.2))
    age = rng.choice(years, people, p=weight / weight.sum()) + rng.random(people) * 0.999
    female = rng.random(people) < np.clip(0.5 + 0.008 * (age - 65), 0, 0.78)
    return age, female, rng.normal(size=people) + 0.05 * (age - 76)


def _households(age: Floats, female: Bools, single: Bools, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return everyone's household, and the older people who live with somebody younger."""
    people = len(age)
    household = np.arange(people)
    paired = ~single
    with_younger = paired & (rng.random(people) < np.clip(0.30 - 0.02 * (age - 65), 0.06, 1))
    rest = paired & ~with_younger
    men = np.flatnonzero(rest & ~female)
    women = np.flatnonzero(rest & female)
    men = men[np.argsort(age[men] - 2 + rng.normal(0, 2.5, len(men)))]
    women = women[np.argsort(age[women] + rng.normal(0, 2.5, len(women)))]
    couples = min(len(men), len(women))
    # The surplus of one sex lives with somebody younger: spread over all ages, not the oldest alone.
    men, women = _thinned(men, couples), _thinned(women, couples)
    household[women] = household[men]
    younger_of = np.flatnonzero(paired & ~np.isin(np.arange(people), np.r_[men, women]))
    return household, younger_of


def _thinned(members: Ints, wanted: int) -> Ints:
    """Return `wanted` of them, evenly spread, in the same order."""
    return members[np.linspace(0, len(members) - 1, wanted).astype(np.int64)] if wanted else members[:0]


def _others(
    people: int, household: Ints, younger_of: Ints, female: Bools, age: Floats, rng: np.random.Generator
) -> dict[str, Floats]:
    """Return those outside the cohort: younger household members, other households, the dead and the moved."""
    younger = len(younger_of)
    families, gone = people // 10, people // 25
    partner = np.clip(age[younger_of] - rng.uniform(2, 14, younger), 22, 64.9)
    child = rng.uniform(22, 55, younger)
    return {
        "age": np.concatenate(
            [
                np.where(rng.random(younger) < 0.8, partner, child),
                rng.uniform(22, 64.9, families),
                np.minimum(104, 66 + rng.gamma(4, 4, gone)),
            ]
        ),
        "female": np.concatenate([~female[younger_of], rng.random(families) < 0.5, rng.random(gone) < 0.5]).astype(
            float
        ),
        "household": np.concatenate([household[younger_of], np.full(families + gone, -1)]).astype(float),
        "gone": np.concatenate([np.zeros(younger + families), np.ones(gone)]),
    }


def _birth_dates(age: Floats, rng: np.random.Generator) -> NDArray[np.datetime64]:
    """Return a birth date whose whole years on the index date are the whole years of `age`."""
    years = np.floor(age).astype(np.int64)
    months = INDEX_DAY.astype("datetime64[M]") - INDEX_DAY.astype("datetime64[Y]").astype("datetime64[M]")
    birthday = (INDEX_DAY.astype("datetime64[Y]") - years).astype("datetime64[M]") + months  # turned `years` that day
    birthday = birthday.astype("datetime64[D]")
    return np.asarray(birthday - rng.integers(0, 364, len(age)), dtype="datetime64[D]")
