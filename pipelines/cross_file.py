"""Rules that need two registers: no event after a death, and nobody missing because they died or moved.

Held on pseudonyms, shard by shard, before the vault takes the registers in; what leaves this module is counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.study import Study

__all__ = ["Crossed", "Departures", "cross", "departures_of", "refuse_survivors"]

GONE = ("80", "90")  # CPR status: left the country, died
DIED = ("90",)
FEWEST = 10  # people who left and who would be expected in the register; fewer may be missing by chance
LEAST = 0.1  # of those expected, that must be there
Read = Callable[[str, int, list[str]], pl.DataFrame]  # register, shard, columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """How the population's register says that somebody died or moved, and when."""

    status: str
    date: str | None
    gone: tuple[str, ...] = GONE
    died: tuple[str, ...] = DIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """What a register's people and dates say beside the population's."""

    register: str
    stayed: int  # of the population
    stayed_here: int  # of these, with a row in this register before the index date
    departed: int  # after the index date
    departed_here: int
    after_death: tuple[tuple[str, int], ...] = ()  # date column, rows

    @property
    def expected(self) -> float:
        """Of those who died or moved later, how many would be here if they were as often here as the others."""
        return self.departed * self.stayed_here / self.stayed if self.stayed else 0.0

    @property
    def survivors_only(self) -> bool:
        """Whether those who died or moved are missing: from the index date on, the register holds who was left."""
        return self.expected >= FEWEST and self.departed_here <= LEAST * self.expected


def departures_of(study: Study, population: Contract) -> Departures | None:
    """Return how the population tells of deaths and moves: as the study says, else by a column of CPR statuses."""
    left = study.population.left
    if left is not None and len(left.where) == 1:
        column, values = left.where[0]
        died = left.died[0][1] if len(left.died) == 1 and left.died[0][0] == column else DIED
        return Departures(
            status=column, date=left.date, gone=tuple(map(str, values)), died=tuple(str(one) for one in died)
        )
    kept = [column for column in population.properties if not column.dropped]
    status = next((column for column in kept if set(GONE) <= set(column.codes)), None)
    if status is None:
        return None
    since = [column.name for column in kept if column.logical_type == "date" and column.name.startswith(status.name)]
    return Departures(status=status.name, date=since[0] if len(since) == 1 else None)


def cross(
    contracts: Mapping[str, Contract], study: Study, read: Read, *, shards: Mapping[str, int], told: Departures
) -> tuple[Crossed, ...]:
    """Hold every register about people against the population's deaths and moves."""
    home = study.population.register
    dated = {
        name: [
            column.name
            for column in contract.properties
            if column.treatment == "offset" and column.time != "snapshot" and not column.dropped
        ]
        for name, contract in contracts.items()
        if name != home and contract.person is not None and shards[name] == shards[home]
    }
    parts: dict[str, list[Crossed]] = {name: [] for name in dated}
    for number in range(shards[home] if dated else 0):
        known = ["person", told.status, *([told.date] if told.date else [])]
        people = _people(read(home, number, known), told, study.index_day)
        for name, dates in dated.items():
            rows = read(name, number, ["person", *dates])
            parts[name].append(_of_shard(name, dates, people, rows, study.index_day))
    return tuple(_whole(name, dates, parts[name]) for name, dates in dated.items())


def refuse_survivors(crossed: tuple[Crossed, ...], contracts: Mapping[str, Contract]) -> None:
    """Stop where a register lacks those who died or moved, and nobody has answered whether it holds them.

    Raises: InputErrors `meaning_dead_missing`, each with its contract and counts.
    """
    from pipelines.errors import InputErrors

    missing = [
        InputError(
            "meaning_dead_missing",
            file=f"contracts/{one.register}.yaml",
            departed=one.departed,
            expected=round(one.expected),
            found=one.departed_here,
        )
        for one in crossed
        if one.survivors_only and not contracts[one.register].dead_and_moved
    ]
    if missing:
        raise InputErrors(missing)


def _people(population: pl.DataFrame, told: Departures, index: int) -> pl.DataFrame:
    """Return one row a person: whether they are gone, whether they left after the index date, and the day they died."""
    status = pl.col(told.status).cast(pl.String)
    dated = pl.col(told.date) if told.date else pl.lit(None, dtype=pl.Int32)
    people = population.filter(pl.col("person").is_not_null()).select(
        "person", status.is_in(told.gone).alias("gone"), status.is_in(told.died).alias("died"), day=dated
    )
    # Not dated at all: any of them may have left since. One date that is missing: nobody knows.
    since = pl.col("day") > index if told.date else pl.lit(True)
    return people.group_by("person").agg(
        (pl.col("gone") & since).any().alias("departed"),
        pl.col("gone").any(),
        pl.col("day").filter(pl.col("died")).min().alias("death"),
    )


def _of_shard(name: str, dates: list[str], people: pl.DataFrame, rows: pl.DataFrame, index: int) -> Crossed:
    rows = rows.filter(pl.col("person").is_not_null())
    before = rows.filter(pl.any_horizontal(pl.col(date) < index for date in dates)) if dates else rows
    people = people.with_columns(pl.col("person").is_in(before["person"].unique().implode()).alias("here"))
    stayed, departed = people.filter(~pl.col("gone")), people.filter(pl.col("departed"))
    dead = people.filter(pl.col("death").is_not_null()).select("person", "death")
    late = dict.fromkeys(dates, 0)
    for date in dates if dead.height else ():
        joined = rows.select("person", date).join(dead, on="person")
        late[date] = int((joined[date] > joined["death"]).sum())
    return Crossed(
        register=name,
        stayed=stayed.height,
        stayed_here=int(stayed["here"].sum()),
        departed=departed.height,
        departed_here=int(departed["here"].sum()),
        after_death=tuple(late.items()),
    )


def _whole(name: str, dates: list[str], parts: list[Crossed]) -> Crossed:
    return Crossed(
        register=name,
        stayed=sum(part.stayed for part in parts),
        stayed_here=sum(part.stayed_here for part in parts),
        departed=sum(part.departed for part in parts),
        departed_here=sum(part.departed_here for part in parts),
        after_death=tuple((date, sum(dict(part.after_death)[date] for part in parts)) for date in dates),
    )
