"""Row by row, a register beside the delivery before: what is new, what came late, what is gone, what was changed.

Both lie in the vault, pseudonymised, in shards of the same people: a row is known by a hash of its content, and a
changed one by the contract's key (else by person and date). Counts leave, no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines import vault
from pipelines.contracts import Contract

__all__ = ["Changes", "Compared", "changes_between"]

PERSON = "person"
MONTH = 30  # days
CONTENT, TURN = "\x00content", "\x00turn"  # no column of a contract is called so


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How a register's rows differ from those of the delivery before."""

    new: int = 0  # rows that were not there, `late` among them
    late: int = 0  # of these, rows of months that the delivery before was done with
    gone: int = 0  # rows that are no longer there
    changed: int = 0  # rows that are there in other words: neither new nor gone

    def __add__(self, other: Changes) -> Changes:
        return Changes(
            new=self.new + other.new,
            late=self.late + other.late,
            gone=self.gone + other.gone,
            changed=self.changed + other.changed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Every register that could be compared: a contract that changed makes other rows of the same file."""

    registers: tuple[tuple[str, Changes], ...] = ()


def changes_between(before: Path, now: Path, contract: Contract, key: bytes, *, last: int | None) -> Changes:
    """Return how a register of the vault `now` differs from itself in the vault `before`, shard by shard.

    `last` is the last month of days in the delivery before, by the first dated column; None: no row is late.
    Raises: InputError of the vault.
    """
    name = contract.register
    (shards, columns), (shards_before, columns_before) = vault.shards(now, name, key), vault.shards(before, name, key)
    if sorted(columns) != sorted(columns_before) or vault.alike(before, now, name, key):
        return Changes()
    numbers: list[int | None] = list(range(shards)) if shards == shards_before else [None]
    found = Changes()
    for number in numbers:
        old, new = (
            vault.read_register(place, name, key) if number is None else vault.read_shard(place, name, number, key)
            for place in (before, now)
        )
        found += changed_rows(old, new, known_by(contract, new.columns), dated(contract, new.columns), last)
    return found


def known_by(contract: Contract, columns: Sequence[str]) -> list[str]:
    """Return the columns by which a changed row is known: the contract's key, else person and first date."""
    person = contract.person
    named = [PERSON if person is not None and name == person.name else name for name in contract.key]
    if named and set(named) <= set(columns):
        return named
    date = dated(contract, columns)
    return [PERSON, *([date] if date and not contract.population else [])] if PERSON in columns else []


def dated(contract: Contract, columns: Sequence[str]) -> str | None:
    """Return the first column of days."""
    return next((one.name for one in contract.properties if one.treatment == "offset" and one.name in columns), None)


def changed_rows(
    before: pl.DataFrame, now: pl.DataFrame, key: Sequence[str], date: str | None, last: int | None
) -> Changes:
    """Return how two frames of the same columns differ, as bags of rows: the order of rows says nothing."""
    old, new = (_by_content(frame, now.columns) for frame in (before, now))
    added, missing = _without(new, old, [CONTENT, TURN]), _without(old, new, [CONTENT, TURN])
    if key:
        added, missing = (
            frame.with_columns(pl.int_range(pl.len()).over(list(key)).alias(TURN)) for frame in (added, missing)
        )
        fresh, gone = _without(added, missing, [*key, TURN]), _without(missing, added, [*key, TURN])
    else:
        fresh, gone = added, missing
    late = 0 if date is None or last is None else int((fresh[date] // MONTH < last).sum() or 0)
    return Changes(new=fresh.height, late=late, gone=gone.height, changed=added.height - fresh.height)


def _by_content(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    content = frame.select(columns).hash_rows().alias(CONTENT)
    return frame.with_columns(content).with_columns(pl.int_range(pl.len()).over(CONTENT).alias(TURN))


def _without(some: pl.DataFrame, others: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    return some.join(others.select(on), on=list(on), how="anti", nulls_equal=True)
