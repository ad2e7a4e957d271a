"""Who got a new CPR number keeps one code: a register that has the former number says so, before anything is hashed.

The pairs are kept as the vault's own codes, sealed: who asks with a former number is found, and no number is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from pipelines import atomic, vault
from pipelines.context import INTERNAL_EPOCH, Run
from pipelines.contracts import Contract, Property
from pipelines.pseudonymise import normal
from pseudonymisation import pseudonyms
from pseudonymisation.aliases import current, resolved

__all__ = [
    "columns_that_say",
    "forget",
    "keep",
    "known_as",
    "newest_code",
    "newest_numbers",
    "of_people",
    "under_newest",
]

FILE = "aliases.vault"
SCHEMA = {"former": pl.String, "new": pl.String}


def columns_that_say(contract: Contract) -> list[str]:
    """Return the columns that tell of a register's rows which numbers are one person's; none where it has none."""
    former = [column.name for column in contract.properties if column.former]
    return [contract.person.name, *former] if former and contract.person is not None else []


def newest_numbers(contract: Contract, frame: pl.DataFrame) -> Iterator[tuple[str | None, str | None]]:
    """Yield the pairs, former and new, that a register's rows give; none where its contract has no `former` column."""
    person = contract.person
    for column in contract.properties:
        if column.former and person is not None and column.name in frame.columns:
            former, new = normal(frame[column.name], column), normal(frame[person.name], person)
            yield from zip(former.to_list(), new.to_list(), strict=True)


def under_newest(contract: Contract, frame: pl.DataFrame, newest: Mapping[str, str]) -> pl.DataFrame:
    """Return a register's rows with every person's number the newest one."""
    if not newest:
        return frame
    theirs = [one for one in contract.properties if _is_person(one) and one.name in frame.columns]
    return frame.with_columns(current(normal(frame[one.name], one), newest).alias(one.name) for one in theirs)


def of_people(contract: Contract, frame: pl.DataFrame, newest: Mapping[str, str]) -> tuple[pl.DataFrame, int]:
    """Return a register's rows, and how many of them stand under a former number.

    In the population a former number is nobody (CPR gives it a row of its own, with status 60): its rows end here.
    """
    person = contract.person
    if person is None or not newest or not _is_person(person):
        return frame, 0
    former = normal(frame[person.name], person).is_in(list(newest)).fill_null(False)
    return (frame.filter(~former) if contract.population else frame), int(former.sum())


def keep(run: Run, pairs: Iterator[tuple[str | None, str | None]]) -> dict[str, str]:
    """Keep the pairs as the vault's own codes, instead of the last run's; return each former number's newest."""
    newest = resolved(pairs)
    path = run.vault / FILE
    if newest or path.exists():
        key = run.subkey("person", epoch=INTERNAL_EPOCH)
        made = {name: pl.Series(name, numbers, dtype=pl.String) for name, numbers in
                (("former", list(newest)), ("new", list(newest.values())))}  # fmt: skip
        codes = [pseudonyms.pseudonym_column(numbers, key=key).alias(name) for name, numbers in made.items()]
        atomic.make_private(run.vault)
        vault.write_frame(path, pl.DataFrame(codes, schema=SCHEMA).sort("former"), run.subkey("vault"))
    return newest


def newest_code(run: Run, code: str) -> str:
    """Return the code under which the vault has whoever had this one."""
    path = run.vault / FILE
    if not path.exists():
        return code
    found = vault.read_frame(path, run.subkey("vault")).filter(pl.col("former") == code)["new"].to_list()
    return str(found[0]) if found else code


def known_as(run: Run, code: str) -> frozenset[str]:
    """Return every code that whoever has this one had here: the newest, and those of former numbers."""
    newest = newest_code(run, code)
    path = run.vault / FILE
    if not path.exists():
        return frozenset({code})
    pairs = vault.read_frame(path, run.subkey("vault"))
    return frozenset({code, newest, *pairs.filter(pl.col("new") == newest)["former"].to_list()})


def forget(run: Run, code: str) -> None:
    """Remove the pairs of somebody who was erased."""
    path = run.vault / FILE
    if path.exists():
        pairs = vault.read_frame(path, run.subkey("vault"))
        vault.write_frame(path, pairs.filter(pl.col("new") != code), run.subkey("vault"))


def _is_person(column: Property) -> bool:
    return column.kind == "person" and column.shape == "cpr" and column.treatment == "pseudonym"
