"""A study as a draft: the population, proposed characteristics, and as questions what only people can say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.init_contract import Draft, danish, listed, quoted
from pipelines.init_guess import Guess, Note
from pipelines.init_legal import draft_legal
from pipelines.init_register import Register
from pipelines.init_words import CPR_STATUS, DEATH, plain, says, told

MOST = 40  # proposals: an analyst must be able to read them
MOST_UNDATED = 20
FILLED = 0.6  # of the rows, for a column without a date to be proposed
MOST_VALUES = 8  # of one column
BEFORE = "[-365, 0]"
WORDS = tuple(f'{field} = {{da = "", en = ""}}' for field in ("label", "more", "fewer", "past"))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A characteristic that the registers can answer."""

    name: str
    label: str
    lines: tuple[str, ...]
    rank: int = 0  # the lower, the sooner it is proposed


def draft_study(registers: Sequence[Register], *, study_id: str, inbox: str, unread: Sequence[str]) -> Draft:
    """Return `study.toml` as a draft, made of headings and declared codes, never of other cells."""
    draft = Draft()
    draft.note(Note("draft.study"))
    draft.add(f"id = {quoted(study_id)}")
    for field in ("controller", "dpo", "legal_basis"):
        draft.ask(Note(f"ask.{field}"))
        draft.add(f'{field} = ""')
    for field in ("title", "purpose"):
        draft.ask(Note(f"ask.{field}"))
        draft.add(f'{field} = {{da = "", en = ""}}')
    draft.add(f"key = {quoted(study_id)}  # {danish(Note('draft.key'))}", f"inbox = {quoted(inbox)}")
    if any(date.role == "date" for register in registers for date in register.dates):
        draft.ask(Note("ask.reference_date"))
        draft.add('reference_date = ""')
    for name in unread:
        draft.ask(Note("ask.unread", {"file": name}))
    draft.ask(Note("ask.registers"))
    draft.add("")
    _population(draft, registers)
    found = [list(_proposals(register)) for register in registers]
    each = max(3, MOST // max(1, sum(bool(some) for some in found)))
    chosen = [proposal for some in found for proposal in some[:each]][:MOST]
    head = Note("draft.characteristics", {"count": len(chosen), "found": sum(len(some) for some in found)})
    draft.add("")
    draft.note(head)
    for proposal in _named(chosen):
        draft.add("", *_characteristic(proposal))
    undated = [] if chosen else sorted(_undated(registers), key=lambda one: one.rank)
    undated, others = undated[:MOST_UNDATED], undated[MOST_UNDATED:]
    if undated:
        draft.ask(Note("ask.snapshot"))
        if others:
            draft.note(Note("draft.others", {"columns": ", ".join(proposal.name for proposal in others)}))
        for proposal in _named(undated):
            draft.add("", *_characteristic(proposal))
    if not chosen and not undated:
        draft.ask(Note("ask.characteristic"))
        draft.add("[[characteristic]]", 'name = ""', 'from = ""', 'rule = "any"', 'label = {da = "", en = ""}')
    for lines in _adjustments(registers):
        draft.add("", *lines)
    draft.add("")
    _outcome(draft, registers)
    draft.add("")
    draft_legal(draft, registers)
    return draft


def _population(draft: Draft, registers: Sequence[Register]) -> None:
    population = next((register for register in registers if register.population), None)
    if population is None:
        draft.ask(Note("ask.population"))
    elif population.one_a_person():
        draft.note(Note("draft.population", {"register": population.name}))
    else:
        draft.ask(Note("ask.first", {"register": population.name}))
    draft.add("[population]", f"from = {quoted(population.name if population else '')}")
    if population is not None:
        status = next((guess for guess in population.guesses.values() if guess.codes == CPR_STATUS), None)
        if status is not None:
            draft.note(Note("draft.status"))
            draft.add(f'where = {{{status.name} = ["01", "03"]}}')
        death = next((date for date in population.dates if says(date.header, DEATH)), None)
        if status is None and death is not None and death.role == "date":
            draft.note(Note("draft.left"))
            draft.add(f"left = {{date = {quoted(death.name)}, died = true}}")
        age = _age(population)
        if age is not None:
            draft.add(f"age = {quoted(age.name)}", f"# min_age = 65  # {danish(Note('draft.min_age'))}")
        home = next(
            (
                guess
                for guess in population.guesses.values()
                if guess.kind == "household" and guess.role == "linking_identifier" and guess.treatment != "drop"
            ),
            None,
        )
        if home is not None:
            draft.add(f"cluster = {quoted(home.name)}  # {danish(Note('draft.cluster'))}")
    draft.ask(Note("ask.population_words"))
    draft.add('label = {da = "", en = ""}', 'definition = {da = "", en = ""}')


def _age(population: Register) -> Guess | None:
    return next(
        (
            guess
            for guess in population.guesses.values()
            if guess.treatment == "age_band"
            or (plain(guess.header) in ("age", "alder") and guess.role == "quasi_identifier")
        ),
        None,
    )


def _proposals(register: Register) -> Iterator[Proposal]:
    """Yes/no, counts and latest values of a dated register, in a window before the index date."""
    date = next(iter(register.dates), None)
    if register.person is None or date is None:
        return
    if register.population:  # one row a person: each date is an event of its own
        for date in register.dates:
            dated = (f"date = {quoted(date.name)}", f"window = {BEFORE}")
            lines = (f"from = {quoted(register.name)}", 'rule = "any"', *dated)
            yield Proposal(f"{register.name}_{date.name}", " ".join(date.header.split()), lines)
        return
    about = register.name.replace("_", " ")
    dated = (f"date = {quoted(date.name)}", f"window = {BEFORE}")
    start = f"from = {quoted(register.name)}"
    yield Proposal(register.name, about, (start, 'rule = "any"', *dated))
    yield Proposal(f"{register.name}_flere", f"{about}: flere gange", (start, 'rule = "count"', "at_least = 2", *dated))
    searched = [guess for guess in register.guesses.values() if guess.kept and guess.role != "date"]
    coded = next((one for one in searched if len(one.codes) > 1), None)
    valued = any(one.type in ("integer", "number") and told(one.header) == "value" for one in searched)
    for guess in sorted(searched, key=lambda guess: guess.role != "sensitive"):
        label, name = " ".join(guess.header.split()), f"{register.name}_{guess.name}"
        # What was measured is asked for by its value, below: that it was measured says less.
        for value in guess.codes[:MOST_VALUES] if len(guess.codes) > 1 and not (valued and guess is coded) else ():
            where = f"where = {{{guess.name} = {listed([value])}}}"
            yield Proposal(f"{name}_{value}", f"{label}: {value}", (start, 'rule = "any"', where, *dated))
        if guess.type == "boolean":
            where = f"where = {{{guess.name} = [true]}}"
            yield Proposal(name, label, (start, 'rule = "any"', where, *dated))
        if guess.type in ("integer", "number") and told(guess.header) == "value" and coded is not None:
            for code in coded.codes[:MOST_VALUES]:  # a column of values, and one that says what each is
                where, column = f"where = {{{coded.name} = {listed([code])}}}", f"column = {quoted(guess.name)}"
                yield Proposal(f"{name}_{code}", code, (start, 'rule = "latest"', where, column, *dated))
        elif guess.type in ("integer", "number") and guess.why.key != "why.days":
            yield Proposal(name, label, (start, 'rule = "latest"', f"column = {quoted(guess.name)}", *dated))


def _undated(registers: Sequence[Register]) -> Iterator[Proposal]:
    """Where no file has dates: each column of the people's own file, as it stands."""
    people = [register for register in registers if register.person is not None]
    register = next((one for one in people if one.population), people[0] if people else None)
    again: set[str] = set()
    for guess in register.guesses.values() if register else ():
        shape = register.shapes[guess.header] if register else None
        if register is None or shape is None or not guess.kept or told(guess.header) in ("sex", "age"):
            continue
        lines = [f"from = {quoted(register.name)}", 'rule = "value"', f"column = {quoted(guess.name)}"]
        if guess.type == "boolean":
            lines.append("is = [true]")
        # What is about health first; then what is known of most; who somebody is, and a second measurement, last.
        base = re.sub(r"_?\d+$", "", guess.name)
        rank = 0 if guess.role == "sensitive" else 3 if guess.role == "quasi_identifier" else 1
        rank += 1 if guess.type in ("integer", "number") else 0
        rank += 5 * (shape.given < FILLED * shape.rows) + 5 * (base in again)
        again.add(base)
        yield Proposal(guess.name, " ".join(guess.header.split()), tuple(lines), rank)


def _named(proposals: Sequence[Proposal]) -> Iterator[Proposal]:
    taken = {"person", "cluster", "udfald", "alder", "koen"}
    for proposal in proposals:
        base = re.sub(r"[^a-z0-9]+", "_", plain(proposal.name)).strip("_")
        base = (base if base[:1].isalpha() else f"k_{base}")[:55]
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        yield Proposal(name, proposal.label, proposal.lines)


def _characteristic(proposal: Proposal) -> list[str]:
    label = quoted(proposal.label)
    return [
        "[[characteristic]]",
        f"name = {quoted(proposal.name)}",
        *proposal.lines,
        f"label = {{da = {label}, en = {label}}}",
    ]


def _adjustments(registers: Sequence[Register]) -> Iterator[list[str]]:
    population = next((register for register in registers if register.population), None)
    if population is None:
        return
    sex = next((guess for guess in population.guesses.values() if told(guess.header) == "sex" and guess.kept), None)
    for guess, name, da, en in ((_age(population), "alder", "alder", "age"), (sex, "koen", "køn", "sex")):
        if guess is not None and guess.time == "historic":
            yield [
                "[[adjust]]",
                f'name = "{name}"',
                f"from = {quoted(population.name)}",
                'rule = "value"',
                f"column = {quoted(guess.name)}",
                f'label = {{da = "{da}", en = "{en}"}}',
            ]


def _outcome(draft: Draft, registers: Sequence[Register]) -> None:
    dated = [register for register in registers if register.dates and register.person is not None]
    if not dated:
        people = next((register for register in registers if register.person is not None), None)
        draft.ask(Note("ask.outcome_undated"))
        draft.add("[[outcome]]", 'name = "udfald"', f"from = {quoted(people.name if people else '')}", 'rule = "value"')
        draft.add('column = ""', "known_after = true", *WORDS)
        return
    names = [  # a population's row has many dates, each an event of its own
        f"{register.name} ({', '.join(date.name for date in register.dates[: None if register.population else 1])})"
        for register in dated
    ]
    draft.ask(Note("ask.outcome", {"registers": ", ".join(names)}))
    draft.add(
        "[[outcome]]",
        'name = "udfald"',
        'from = ""',
        'rule = "any"',
        'date = ""',
        "window = [1, 91]",
        *WORDS,
    )
