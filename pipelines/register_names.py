"""The municipality's own names and addresses, for this run's free text alone: read once more, kept in memory only."""

from __future__ import annotations

import re
from collections.abc import Mapping
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

    Its direct identifiers are dropped at ingest: here they are read once more, and go no further than the redactor.
    """
    if not any(column.treatment == "redact" for contract in contracts.values() for column in contract.properties):
        return NOBODY
    for contract in contracts.values():
        if contract.population and contract.person is not None:
            return _of(contract, inbox, today)
    return NOBODY


def _of(contract: Contract, inbox: Path, today: date) -> RegisterNames:
    from pipelines.ingest import ingest_register
    from pipelines.pseudonymise import normal
    from pseudonymisation.free_text import own_record
    from pseudonymisation.vocabulary import is_known

    person = contract.person
    told = [one for one in contract.properties if _tells(one)]
    if person is None or not told:
        return NOBODY
    kept = [replace(one, treatment="keep") if one in told else one for one in contract.properties]
    frame = ingest_register(replace(contract, properties=tuple(kept)), inbox, today=today).frame
    texts = [frame[one.name].cast(pl.String).to_list() for one in told]
    rows = [frozenset(value for value in row if value) for row in zip(*texts, strict=True)]
    names = [frozenset(value for value in row if _is_name(value)) for row in rows]
    addresses = [frozenset(value for value in row if _is_address(value)) for row in rows]
    home = next((one.name for one in told if one.kind in HOME), None)
    at_home: dict[str, set[str]] = {}
    homes = frame[home].cast(pl.String).to_list() if home else [None] * frame.height
    for place, theirs in zip(homes, names, strict=True):
        if place:
            at_home.setdefault(place, set()).update(theirs)
    people = {}
    numbers = normal(frame[person.name], person).to_list()
    for number, place, theirs, roads in zip(numbers, homes, names, addresses, strict=True):
        # A household is small; a care home's forty names in each other's records would blacken half of the words.
        near = at_home.get(place or "", set())
        people[number] = own_record(names=theirs | near if len(near) <= 8 else theirs, addresses=roads)
    everywhere = frozenset().union(*addresses) if addresses else frozenset()
    streets = {_NUMBER.sub("", one).strip(" ,") for one in everywhere}
    return RegisterNames(
        names=frozenset().union(*names) if names else frozenset(),
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
