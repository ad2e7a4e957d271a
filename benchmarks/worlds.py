"""Made-up people with a known truth: what the simulations and the benchmark of discovery run on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Members = frozenset[str]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Shape = Literal["conjunctions", "shared", "odd"]


def characteristics(
    rng: np.random.Generator, people: int, count: int, *, correlation: float = 0.4, rarity: float = 0.0
) -> Flags:
    """Yes/no characteristics that go together through six latent factors. Shape: (people, count).

    A person has 0.32 of them on average, 0.15 at a rarity of 0.6.
    """
    factors = rng.normal(size=(people, 6))
    loadings = rng.normal(size=(6, count)) * correlation
    spread = np.sqrt((loadings**2).sum(axis=0) + 1.0)
    latent = (factors @ loadings + rng.normal(size=(people, count))) / spread
    return np.asarray(latent > rng.uniform(-0.2 + rarity, 1.2 + rarity, size=count), dtype=np.bool_)


def named(flags: Flags) -> dict[str, Flags]:
    return {f"c{place:03d}": flags[:, place] for place in range(flags.shape[1])}


def risk_of(log_odds: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Return each person's risk, shifted so that the given share is expected to have the outcome."""
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-log_odds - middle))).mean() < rate else (low, middle)
    return np.asarray(1 / (1 + np.exp(-log_odds - low)), dtype=np.float64)


def draw(rng: np.random.Generator, log_odds: NDArray[np.float64], rate: float) -> Flags:
    """Draw an outcome with the given share of yes."""
    return np.asarray(rng.uniform(size=len(log_odds)) < risk_of(log_odds, rate), dtype=np.bool_)


def null_world(
    rng: np.random.Generator, people: int = 3_000, count: int = 20, *, correlation: float = 0.4,
    main: float = 0.25, rate: float = 0.15, age: float = 0.4, curved: bool = False,
) -> pl.DataFrame:  # fmt: skip
    """Main effects and age, nothing else."""
    flags = characteristics(rng, people, count, correlation=correlation)
    years = rng.normal(75, 8, size=people).round(0)
    scaled = (years - 75) / 8
    log_odds = flags @ rng.normal(0, main, size=count) + (age * scaled**2 if curved else age * scaled)
    return pl.DataFrame({**named(flags), "age": years, "outcome": draw(rng, log_odds, rate)})


def planted_world(
    rng: np.random.Generator, people: int = 20_000, count: int = 30, *, truth: Mapping[Members, float] | None = None,
    correlation: float = 0.4, rate: float = 0.15, shape: Shape = "conjunctions", with_risk: bool = False,
    rarity: float = 0.0,
) -> tuple[pl.DataFrame, dict[Members, float]]:  # fmt: skip
    """Main effects, age, and true combinations on the log-odds scale, drawn by `shape` unless given.

    `conjunctions`: 2 to 6 of two or three members; `shared`: two pairs with a member in common, and one more pair;
    `odd`: two pairs and a triple whose effect is had by those for whom an odd number of members holds.
    `with_risk` adds each person's true risk as a column.
    """
    flags = characteristics(rng, people, count, correlation=correlation, rarity=rarity)
    columns = named(flags)
    years = rng.normal(75, 8, size=people).round(0)
    log_odds = flags @ rng.normal(0, 0.2, size=count) + 0.3 * (years - 75) / 8
    if truth is not None:
        effects = dict(truth)
    elif shape == "conjunctions":
        effects = _drawn_truth(rng, flags, list(columns))
    else:
        effects = _drawn_shape(rng, flags, list(columns), shape)
    join = np.logical_xor if shape == "odd" else np.logical_and
    for members, effect in effects.items():
        log_odds = log_odds + effect * join.reduce([columns[one] for one in sorted(members)])
    frame = pl.DataFrame({**columns, "age": years, "outcome": draw(rng, log_odds, rate)})
    return (frame.with_columns(risk=pl.Series(risk_of(log_odds, rate))) if with_risk else frame), effects


def _drawn_shape(rng: np.random.Generator, flags: Flags, names: list[str], shape: Shape) -> dict[Members, float]:
    places = ((0, 1), (0, 2), (3, 4)) if shape == "shared" else ((0, 1), (2, 3), (4, 5, 6))
    while True:
        chosen = rng.permutation(len(names))
        groups = [[int(chosen[place]) for place in group] for group in places]
        if all(np.logical_and.reduce(flags[:, group], axis=1).mean() > 0.015 for group in groups):
            break
    sizes = rng.uniform(0.5, 0.8, size=3) if shape == "shared" else rng.uniform(0.25, 0.5, size=3)
    signs = np.where(rng.uniform(size=3) < 0.15, -1.0, 1.0)
    return {
        frozenset(names[one] for one in group): float(size) for group, size in zip(groups, sizes * signs, strict=True)
    }


def _drawn_truth(rng: np.random.Generator, flags: Flags, names: list[str]) -> dict[Members, float]:
    """Members that no other truth uses, in groups of 1.5 % of the people or more."""
    effects: dict[Members, float] = {}
    free = list(rng.permutation(len(names)))
    for _ in range(int(rng.integers(2, 7))):
        order = int(rng.integers(2, 4))
        for _ in range(20):
            chosen = [int(one) for one in rng.choice(free, size=order, replace=False)]
            if np.logical_and.reduce(flags[:, chosen], axis=1).mean() > 0.015:
                size = rng.uniform(0.35, 0.8) if order == 2 else rng.uniform(0.7, 1.4)
                effects[frozenset(names[one] for one in chosen)] = float(size * (-1 if rng.uniform() < 0.15 else 1))
                free = [one for one in free if one not in chosen]
                break
    return effects


def household_world(
    rng: np.random.Generator, households: int = 1_200, size: int = 3, count: int = 20, *, shared: float = 0.5
) -> pl.DataFrame:
    """An outcome drawn once for a household and had by all in it; half the characteristics are the household's."""
    flags = characteristics(rng, households, count)
    people = np.repeat(flags, size, axis=0)
    own = rng.permutation(count)[: int(count * (1 - shared))]
    people[:, own] = characteristics(rng, households * size, count)[:, own]
    outcome = np.repeat(rng.uniform(size=households) < 0.2, size)
    return pl.DataFrame({**named(people), "household": np.repeat(np.arange(households), size), "outcome": outcome})


def count_world(
    rng: np.random.Generator, people: int = 3_000, count: int = 20, *, truth: Mapping[Members, float] | None = None,
    rate: float = 0.3, frailty: float = 1.0, main: float = 0.2,
) -> pl.DataFrame:  # fmt: skip
    """Events in each person's own follow-up (`time`), more uneven than chance: the rate has a gamma factor.

    `frailty` is that factor's variance; 0: none.
    """
    return counted(rng, *people_and_rates(rng, people, count, main, truth), rate=rate, frailty=frailty)


def counted(
    rng: np.random.Generator, flags: Flags, log_rate: Floats, years: Floats, *, rate: float = 0.3, frailty: float = 1.0
) -> pl.DataFrame:
    """Draw each person's follow-up and events."""
    people = len(flags)
    time = rng.uniform(0.2, 2.0, size=people)
    factor = rng.gamma(1.0 / frailty, frailty, size=people) if frailty > 0 else np.ones(people)
    events = rng.poisson(rate * time * np.exp(log_rate) * factor)
    return pl.DataFrame({**named(flags), "age": years, "time": time, "outcome": events})


def time_world(
    rng: np.random.Generator, people: int = 3_000, count: int = 20, *, truth: Mapping[Members, float] | None = None,
    main: float = 0.2,
) -> pl.DataFrame:  # fmt: skip
    """Time to an event with a hazard that rises, ended by the study, by moving, or by a death that goes with a member.

    `time` is the end of follow-up; `outcome` says whether the event ended it.
    """
    return timed(rng, *people_and_rates(rng, people, count, main, truth))


def timed(rng: np.random.Generator, flags: Flags, log_rate: Floats, years: Floats) -> pl.DataFrame:
    """Draw when each person's event comes and when they are lost to sight."""
    people = len(flags)
    event = (rng.exponential(size=people) / (0.25 * np.exp(log_rate))) ** (1.0 / 1.5)
    death = rng.exponential(size=people) / (0.15 * np.exp(0.8 * flags[:, 0] + 0.5 * flags[:, 1]))
    end = np.minimum(np.minimum(death, rng.uniform(0.3, 3.0, size=people)), 2.0)
    return pl.DataFrame({**named(flags), "age": years, "time": np.minimum(event, end), "outcome": event <= end})


def several_world(
    rng: np.random.Generator, people: int = 3_000, count: int = 20, *, outcomes: int = 3, alike: float = 0.5,
    truth: Mapping[Members, float] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Several yes/no outcomes (`y0`, `y1`, ...) that go together; `truth` is of the second alone.

    Each has main effects of its own; what they share beside is a Gaussian copula with correlation `alike`.
    """
    flags = characteristics(rng, people, count)
    columns = named(flags)
    common = rng.standard_normal(people)
    made = {}
    for place in range(outcomes):
        eta = -1.8 + flags @ rng.normal(0, 0.25, size=count)
        for members, effect in (truth or {}).items() if place == 1 else ():
            eta = eta + effect * np.logical_and.reduce([columns[one] for one in sorted(members)])
        own = np.sqrt(alike) * common + np.sqrt(1.0 - alike) * rng.standard_normal(people)
        made[f"y{place}"] = ndtr(own) < expit(eta)
    return pl.DataFrame({**columns, **made})


def people_and_rates(
    rng: np.random.Generator, people: int, count: int, main: float, truth: Mapping[Members, float] | None
) -> tuple[Flags, Floats, Floats]:
    """Return people, the logarithm of each one's rate (hazard) over the usual one, and their ages."""
    flags = characteristics(rng, people, count)
    return flags, *_log_rate(rng, flags, main, truth)


def _log_rate(
    rng: np.random.Generator, flags: Flags, main: float, truth: Mapping[Members, float] | None
) -> tuple[Floats, Floats]:
    years = rng.normal(75, 8, size=len(flags)).round(0)
    log_rate = flags @ rng.normal(0, main, size=flags.shape[1]) + 0.3 * (years - 75) / 8
    columns = named(flags)
    for members, effect in (truth or {}).items():
        log_rate = log_rate + effect * np.logical_and.reduce([columns[one] for one in sorted(members)])
    return log_rate, years


def additive_world(
    rng: np.random.Generator, people: int = 10_000, count: int = 20, *, truth: Mapping[Members, float] | None = None,
    base: float = 0.05, strong: float = 0.12, weak: float = 0.01, many: int = 6,
) -> pl.DataFrame:  # fmt: skip
    """Risks that add: `many` main effects up to `strong`, the others `weak`; nothing together unless `truth` says."""
    flags = characteristics(rng, people, count)
    effects = np.where(rng.permutation(count) < many, rng.uniform(strong / 2, strong, size=count), weak)
    risk = base + flags @ effects
    columns = named(flags)
    for members, effect in (truth or {}).items():
        risk = risk + effect * np.logical_and.reduce([columns[one] for one in sorted(members)])
    outcome = rng.uniform(size=people) < np.clip(risk, 0.0, 1.0)
    return pl.DataFrame({**named(flags), "outcome": outcome})


def care_home_world(
    rng: np.random.Generator, people: int = 3_600, homes: int = 40, count: int = 20, *, shared: float = 0.5
) -> pl.DataFrame:
    """Care homes of very different sizes. The outcome goes by the home alone; half the characteristics by its kind.

    A home's risk is drawn once for all in it; a characteristic of the home's is had by most in some homes and by few
    in others.
    """
    sizes = rng.dirichlet(np.full(homes, 2.0))
    home = rng.choice(homes, size=people, p=sizes)
    flags = characteristics(rng, people, count)
    own = rng.permutation(count)[: int(count * shared)]
    common = rng.beta(0.6, 1.4, size=(homes, count))
    flags[:, own] = rng.uniform(size=(people, len(own))) < common[np.ix_(home, own)]
    risk = rng.beta(1.0, 4.0, size=homes)
    outcome = rng.uniform(size=people) < risk[home]
    return pl.DataFrame({**named(flags), "household": home, "outcome": outcome})
