"""The municipality's own names and addresses, for this run's free text alone: read once more, kept in memory only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipelines.contracts import Contract, Property

if TYPE_CHECKING:
    from pseudonymisation.free_text import Own

__all__ = ["NOBODY", "RegisterNames", "names_for_redaction"]

DIRECT, HOME = "direct_identifier", ("household", "dwelling")
_NUMBER = re.compile(r"\s\d.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RegisterNames:
    """What the population's register holds, for the redactor. Printing it shows nothing."""

    names: AbstractSet[str] = field(default=frozenset(), repr=False)  # of everybody
    addresses: AbstractSet[str] = field(default=frozenset(), repr=False)  # of everybody, and streets that are no word
    people: Mapping[str, Own] = field(default_factory=dict, repr=False)  # by number: their own, and those at home

    def about(self, numbers: pl.Series) -> list[Own | None]:
        """Return whom each row is about, None where the register does not know."""
        return [self.people.get(number) for number in numbers.cast(pl.String).to_list()]


NOBODY = RegisterNames()


def names_for_redaction(contracts: Mapping[str, Contract], inbox: Path, *, today: date) -> RegisterNames:
    """Return what the population's register says of people, where some contract's free text is to be redacted.

    So do the parts of it: in the CPR extract the names stand in record 008, the address in 003. Their direct
    identifiers are dropped at ingest: here they are read once more, and go no further than the redactor.
    """
    if not any(column.treatment == "redact" for contract in contracts.values() for column in contract.properties):
        return NOBODY
    home = next((one for one in contracts.values() if one.population), None)
    if home is None:
        return NOBODY
    parts = [one for one in contracts.values() if one.part_of == home.register]
    return _of([row for contract in (home, *parts) for row in _rows(contract, inbox, today)])


@dataclass(frozen=True, slots=True)
class _Row:
    """What one row of the population, or of a part of it, says of somebody."""

    number: str
    home: str | None
    texts: frozenset[str]


def _rows(contract: Contract, inbox: Path, today: date) -> Iterator[_Row]:
    """The rows of a register, with what is dropped of them at ingest."""
    from pipelines.ingest import ingest_register
    from pipelines.pseudonymise import normal

    person = contract.person
    told = [one for one in contract.properties if _tells(one)]
    if person is None or not told:
        return
    kept = [replace(one, treatment="keep") if one in told else one for one in contract.properties]
    frame = ingest_register(replace(contract, properties=tuple(kept)), inbox, today=today).frame
    home = next((one.name for one in told if one.kind in HOME), None)
    homes = frame[home].cast(pl.String).to_list() if home else [None] * frame.height
    texts = [frame[one.name].cast(pl.String).to_list() for one in told]
    numbers = normal(frame[person.name], person).to_list()
    for number, place, *row in zip(numbers, homes, *texts, strict=True):
        yield _Row(number, place or None, frozenset(value for value in row if value))


def _of(rows: Sequence[_Row]) -> RegisterNames:
    """Put together what several records say: the name may stand in one, the address in another."""
    from pseudonymisation.free_text import own_record
    from pseudonymisation.vocabulary import is_known

    names: dict[str, set[str]] = {}
    addresses: dict[str, set[str]] = {}
    homes: dict[str, set[str]] = {}
    for row in rows:
        names.setdefault(row.number, set()).update(value for value in row.texts if _is_name(value))
        addresses.setdefault(row.number, set()).update(value for value in row.texts if _is_address(value))
        homes.setdefault(row.number, set()).update({row.home} - {None})  # type: ignore[arg-type]
    at_home: dict[str, set[str]] = {}
    for number, places in homes.items():
        for place in places:
            at_home.setdefault(place, set()).update(names[number])
    people = {}
    for number, theirs in names.items():
        # A household is small; a care home's forty names in each other's records would blacken half of the words.
        near = [at_home[place] for place in homes[number] if len(at_home[place]) <= 8]
        people[number] = own_record(names=theirs.union(*near), addresses=addresses[number])
    everywhere = frozenset().union(*addresses.values())
    streets = {_NUMBER.sub("", one).strip(" ,") for one in everywhere}
    return RegisterNames(
        names=frozenset().union(*names.values()),
        addresses=everywhere | {street for street in streets if len(street) > 3 and not is_known(street.lower())},
        people=people,
    )


def _tells(one: Property) -> bool:
    return one.logical_type == "string" and (
        one.role == DIRECT or (one.role == "linking_identifier" and one.kind in HOME)
    )


def _is_name(value: str) -> bool:
    from pseudonymisation.vocabulary import is_place

    return not any(sign.isdigit() or sign == "@" for sign in value) and not is_place(value.lower())


def _is_address(value: str) -> bool:
    return any(sign.isdigit() for sign in value) and sum(map(str.isalpha, value)) >= 3 and "@" not in value
