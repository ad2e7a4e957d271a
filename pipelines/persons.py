"""One citizen, by the number that somebody typed: which codes are theirs here, and which rows are held of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines import aliases, atomic, package_history, quarantine, vault
from pipelines.context import INTERNAL_EPOCH, Run
from pipelines.contracts import Contract, Property
from pipelines.errors import InputError
from pipelines.pseudonymise import normal
from pseudonymisation import cpr, keys, pseudonyms

__all__ = [
    "Person",
    "audit_code",
    "codes",
    "in_runs",
    "quarantined",
    "recoded",
    "rows_of",
    "the_person",
    "without",
    "without_refused",
]

OBJECTION, AUDIT = "objection", "audit"


@dataclass(frozen=True, slots=True)
class Person:
    """A normalised number. Printing it shows nothing."""

    number: str = field(repr=False)


def the_person(typed: str) -> Person:
    """Return the person of a typed number, in any writing. Raises: InputError `person_number`, which says no more."""
    digits = cpr.normalise_column(pl.Series("number", [typed.strip()]))[0]
    if digits is None or len(digits) != 10:
        raise InputError("person_number", file="person")
    return Person(str(digits))


def codes(run: Run, numbers: pl.Series, column: Property, *, recipient: str, epoch: int) -> pl.Series:
    """Return the code of each number of a register's person column, as a recipient has it."""
    key = keys.derive(
        run.key.secret, study=run.study.id, recipient=recipient, kind=column.kind or "person", epoch=epoch
    )
    return pseudonyms.pseudonym_column(normal(numbers, column), key=key)


def recoded(run: Run, internal: pl.Series, recipient: str) -> pl.Series:
    """Return a package's codes of the vault's own: its receiver's, in the key's present epoch."""
    return pseudonyms.pseudonym_column(internal, key=run.subkey("person", recipient=recipient))


def audit_code(run: Run, person: Person) -> str:
    """Return the code under which the log tells of acts about one person: it joins with nothing else."""
    return pseudonyms.pseudonym(person.number, key=run.subkey("person", recipient=AUDIT, epoch=0))


def rows_of(run: Run, person: Person) -> Mapping[str, pl.DataFrame]:
    """Return what the vault holds of somebody, by register; registers without a row of theirs are left out."""
    found = {}
    for name, contract in run.contracts.items():
        code = _code(run, person, contract)
        if code is not None and name in vault.registers(run.vault / "registers"):
            rows = vault.read_register(run.vault / "registers", name, run.subkey("vault"))
            mine = rows.filter(pl.col("person") == code)
            if mine.height:
                found[name] = mine
    return found


def without(run: Run, person: Person) -> int:
    """Remove somebody's rows from the vault, the runs and the quarantine; return how many went.

    The draft's package holds a row of theirs under a code of its own: the next run makes it without them, and until
    then there is none. Of packages that went out the vault keeps the classes, under a code that is nobody's.
    """
    folder, key = run.vault / "registers", run.subkey("vault")
    known = _known_as(run, person)
    package_history.forget(run, known)
    theirs = rows_of(run, person)
    gone = sum(mine.height for mine in theirs.values())
    if theirs:
        new = run.vault / ".registers.new"
        shutil.rmtree(new, ignore_errors=True)
        for name in vault.registers(folder):
            rows = vault.read_register(folder, name, key)
            if name in theirs:
                rows = rows.filter(pl.col("person").ne_missing(theirs[name]["person"][0]))
            vault.write_register(new, name, rows, key)
        atomic.swap_folder(new, folder)
    from_runs = _without_in_runs(run, known)  # a newer delivery may know nothing of somebody whom earlier runs have
    if theirs or from_runs:
        shutil.rmtree(run.workspace / "draft" / "package", ignore_errors=True)
    for code in sorted(known):
        aliases.forget(run, code)
    return gone + from_runs + without_refused(run, person)


def without_refused(run: Run, person: Person) -> int:
    """Remove somebody's refused rows from the quarantine; return how many went."""
    gone = 0
    for path, rows, hits in quarantined(run, person):
        vault.write_frame(path, rows.filter(~hits), run.subkey("quarantine"))
        gone += int(hits.sum())
    return gone


def in_runs(run: Run, person: Person) -> int:
    """Return how many rows of somebody's the earlier runs keep: also of one whom the vault knows no longer."""
    return sum(int(theirs.sum()) for _, _, theirs in _kept_by_runs(run, _known_as(run, person)))


def _without_in_runs(run: Run, known: AbstractSet[str]) -> int:
    """Remove somebody's rows from what earlier runs keep of their people; return how many went."""
    gone = 0
    for path, rows, theirs in _kept_by_runs(run, known):
        if theirs.any():
            vault.write_frame(path, rows.filter(~theirs), run.subkey("vault"))
            gone += int(theirs.sum())
    return gone


def _kept_by_runs(run: Run, known: AbstractSet[str]) -> Iterator[tuple[Path, pl.DataFrame, pl.Series]]:
    """Yield the sealed files of the runs' people, their rows, and which of them are somebody's."""
    for path in sorted((run.workspace / "runs").glob("*/*.vault")):
        rows = vault.read_frame(path, run.subkey("vault"))
        if "person" in rows.columns and rows["person"].dtype == pl.String:
            yield path, rows, rows["person"].is_in(sorted(known)).fill_null(False)


def quarantined(run: Run, person: Person) -> list[tuple[Path, pl.DataFrame, pl.Series]]:
    """Return the sealed files of refused rows that name somebody in any writing, their rows, and which of them do."""
    found = []
    for path in sorted((run.workspace / quarantine.FOLDER).glob("*/*.vault")):
        rows = vault.read_frame(path, run.subkey("quarantine"))
        hits = pl.Series([_names(row, person) for row in rows.rows()], dtype=pl.Boolean)
        if hits.any():
            found.append((path, rows, hits))
    return found


def _names(row: tuple[object, ...], person: Person) -> bool:
    texts = [str(value) for value in row if value is not None]
    whole = cpr.normalise_column(pl.Series("text", texts, dtype=pl.String))
    if person.number in whole.to_list():
        return True
    written = (text[start:end] for text in texts for start, end in cpr.find(text))
    return any("".join(filter(str.isdigit, one)) == person.number for one in written)


def _known_as(run: Run, person: Person) -> frozenset[str]:
    """Return every code that the vault may have somebody under, also where no row of theirs is left."""
    found: set[str] = set()
    for contract in run.contracts.values():
        code = _own_code(run, person, contract)
        found |= aliases.known_as(run, code) if code is not None else set()
    return frozenset(found)


def _code(run: Run, person: Person, contract: Contract) -> str | None:
    code = _own_code(run, person, contract)
    return None if code is None else aliases.newest_code(run, code)


def _own_code(run: Run, person: Person, contract: Contract) -> str | None:
    """Return the code of just the number that was typed."""
    column = contract.person
    if column is None:
        return None
    numbers = pl.Series("number", [person.number])
    made = codes(run, numbers, column, recipient="internal", epoch=INTERNAL_EPOCH)
    return None if made[0] is None else str(made[0])
