"""Columns together: who the rows are about, numbers that follow a person, the population, and keys between files."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.init_clients import signs_of_clients
from pipelines.init_codes import keep_shared_codes
from pipelines.init_guess import Guess, Note, percent
from pipelines.init_register import Register
from pipelines.init_words import plain, told
from pipelines.typed import parsed_dates
from pseudonymisation import cpr

FEW = 50  # people a value, on average: fewer, and the value tells of somebody together with others


def link(registers: Sequence[Register]) -> None:
    """Settle what one column alone cannot tell, in place."""
    for register in registers:
        _one_person(register)
    if not any(register.person for register in registers):
        _other_person(registers)
    for register in registers:
        _followers(register)
        _births(register)
        keep_shared_codes(register)
    population = _population(registers)
    if population is not None:
        population.population = True
        _addresses(population, registers)
        _snapshot(population)
    _known(registers, population)
    if population is not None:
        population.clients = tuple(signs_of_clients(population, registers))
    for register in registers:
        _rename(register)


def _one_person(register: Register) -> None:
    """One CPR column says who the row is about; a second is somebody beside them."""
    found = [guess for guess in register.guesses.values() if guess.role == "person_identifier"]
    first = max(
        found, key=lambda guess: (told(guess.header) == "person_id", register.shapes[guess.header].given), default=None
    )
    for guess in found:
        if first is not None and guess.header != first.header:
            register.change(
                guess.header, role="linking_identifier", treatment="drop", required=False, why=Note("why.second_cpr")
            )


def _other_person(registers: Sequence[Register]) -> None:
    """No CPR number anywhere: the number that files share, or the only one there is, may be a person's."""
    headings: dict[str, list[tuple[Register, Guess]]] = {}
    for register in registers:
        for guess in register.guesses.values():
            if guess.looks_like_id:
                headings.setdefault(plain(guess.header), []).append((register, guess))
    if not headings:
        return

    def rank(heading: str) -> tuple[bool, int, bool]:
        guess = headings[heading][0][1]
        return told(guess.header) == "person_id", len(headings[heading]), told(guess.header) == "row_id"

    best = max(headings, key=rank)
    if len(headings) > 1 and not rank(best)[0] and len(headings[best]) == 1 and not rank(best)[2]:
        return  # several numbers, and nothing tells them apart
    why = "why.shared_number" if len(headings[best]) > 1 else "why.only_number"
    for register, guess in headings[best]:
        register.change(
            guess.header,
            role="person_identifier", kind="person", shape="text", treatment="",
            why=Note(why, {"files": len(headings[best])}),
            required=register.shapes[guess.header].given == register.shapes[guess.header].rows,
            question=Note("ask.is_person"),
        )  # fmt: skip


def _followers(register: Register) -> None:
    """A number that follows the person one to one is the person's own: as good as the CPR number."""
    person = register.person
    if person is None:
        return
    people = register.people()
    for guess in list(register.guesses.values()):
        if not guess.looks_like_id or guess.role != "unknown":
            continue
        pairs = pl.DataFrame({"person": people, "other": register.shapes[guess.header].text}).drop_nulls().unique()
        if pairs.height < 20:
            continue
        one_each = min(pairs["person"].n_unique(), pairs["other"].n_unique()) / pairs.height
        repeats = register.shapes[guess.header].given > 1.05 * register.shapes[guess.header].distinct
        if one_each >= 0.98 and (repeats or told(guess.header) == "person_id"):
            register.change(
                guess.header,
                role="direct_identifier", treatment="drop", question=None,
                why=Note("why.follows_person", {"share": percent(one_each)}),
            )  # fmt: skip


def _births(register: Register) -> None:
    """A date that is the day of birth for many names them: it is one, or it is not kept."""
    person = register.person
    if person is None or person.shape == "text":
        return
    born = cpr.birth_date_column(register.people())
    for guess in list(register.guesses.values()):
        if guess.type != "date" or guess.role != "date":
            continue
        formats = guess.formats or ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")
        same = (parsed_dates(register.shapes[guess.header].text, formats) == born).mean()
        share = float(same) if isinstance(same, float) else 0.0
        if share >= 0.98:
            why = Note("why.birth_cpr", {"share": percent(share)})
            register.change(guess.header, role="quasi_identifier", treatment="age_band", why=why, time="historic")
        elif share >= 0.02:
            why = Note("why.some_births", {"share": percent(share)})
            register.change(guess.header, treatment="drop", why=why)


def _population(registers: Sequence[Register]) -> Register | None:
    """The register with one row a person, and the most people."""
    about = [register for register in registers if register.person is not None]
    whole = [register for register in about if register.one_a_person()]
    if whole:
        return max(whole, key=lambda register: register.people().drop_nulls().n_unique())
    return about[0] if len(about) == 1 and not about[0].dates else None  # nobody else can say who exists


def _addresses(population: Register, registers: Sequence[Register]) -> None:
    """The population's whole address ties a household together, and to a list of dwellings that has no people."""
    homes = [guess for guess in population.guesses.values() if guess.role == "direct_identifier" and _is_address(guess)]
    shapes = population.shapes
    full = [guess for guess in homes if shapes[guess.header].address >= 0.5 and told(guess.header) == "address"]
    if not full:
        return
    home = full[0]
    population.change(
        home.header, role="linking_identifier", kind="household", treatment="pseudonym", why=Note("why.household")
    )
    here = shapes[home.header].values
    for register in registers:
        if register.person is not None:
            continue
        for guess in list(register.guesses.values()):
            values = register.shapes[guess.header].values
            if _is_address(guess) and len(values) and float(values.is_in(here.implode()).mean() or 0) >= 0.3:  # type: ignore[arg-type]
                register.change(
                    guess.header,
                    role="linking_identifier", kind="household", treatment="pseudonym",
                    why=Note("why.dwelling", {"register": population.name}),
                )  # fmt: skip
                register.keys.append(population.name)
                break


def _snapshot(population: Register) -> None:
    """What the population's file says without a date of its own holds on the day of extraction."""
    for guess in list(population.guesses.values()):
        shape = population.shapes[guess.header]
        if guess.why.key == "why.many_values" and guess.role == "plain" and shape.given < FEW * shape.distinct:
            population.change(guess.header, role="quasi_identifier", why=Note("why.few_people", guess.why.facts))
    for guess in list(population.guesses.values()):
        if not guess.time and guess.kept and guess.role != "date":
            population.change(guess.header, time="snapshot")


def _known(registers: Sequence[Register], population: Register | None) -> None:
    if population is None:
        return
    there = population.people().drop_nulls().unique()
    for register in registers:
        people = register.people().drop_nulls().unique()
        if register is population or not len(people):
            continue
        register.known = float(people.is_in(there.implode()).mean() or 0)  # type: ignore[arg-type]
        if register.known >= 0.3:
            register.keys.append(population.name)


def _rename(register: Register) -> None:
    """Our names: `person` for who the row is about, a shared household by one name in every register."""
    taken: set[str] = {"cluster"} if register.person is None else {"cluster", "person"}
    for header, guess in list(register.guesses.items()):
        wanted = guess.name
        if guess.role == "person_identifier":
            register.change(header, name="person")
            continue
        if guess.role == "linking_identifier" and guess.kind == "household" and guess.treatment == "pseudonym":
            wanted = "husstand"
        name, number = wanted, 2
        while name in taken or (name == "person" and guess.role != "person_identifier"):
            name, number = f"{wanted[:56]}_{number}", number + 1
        taken.add(name)
        if name != guess.name:
            register.change(header, name=name)


def _is_address(guess: Guess) -> bool:
    return guess.why.key in ("why.shape_address", "why.heading_address")
