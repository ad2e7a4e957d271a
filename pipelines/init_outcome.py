"""The outcome as a draft: what the files themselves point at, and always as a question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.init_contract import Draft, listed, quoted
from pipelines.init_draft_words import ADMITTED, FOLLOWED, OUTCOME
from pipelines.init_guess import Guess, Note
from pipelines.init_proposals import people_of
from pipelines.init_register import Register
from pipelines.init_words import DEATH, says, told

__all__ = ["draft_outcome"]

EMPTY = ("", "")
FIELDS = ("label", "more", "fewer", "past")
Words = tuple[tuple[str, str], ...]  # of each field, in Danish and English
NO_WORDS: Words = (EMPTY,) * 4
ADMISSION: Words = (
    ("indlæggelse", "admission"),
    ("bliver oftere indlagt", "are admitted more often"),
    ("bliver sjældnere indlagt", "are admitted less often"),
    ("indlagt inden for 90 dage", "admitted within 90 days"),
)
DIED: Words = (
    ("død", "death"), ("dør oftere", "die more often"), ("dør sjældnere", "die less often"),
    ("døde inden for et år", "dead within a year"),
)  # fmt: skip


def draft_outcome(draft: Draft, registers: Sequence[Register]) -> None:
    """Add `[[outcome]]`: an admission, a death, the one register of events there is, or an empty form."""
    dated = [register for register in registers if register.dates and register.person is not None]
    if not dated:
        _undated(draft, registers)
        return
    names = [  # a population's row has many dates, each an event of its own
        f"{register.name} ({', '.join(date.name for date in register.dates[: None if register.population else 1])})"
        for register in dated
    ]
    population = next((register for register in registers if register.population), None)
    death = next((date for date in population.dates if says(date.header, DEATH)), None) if population else None
    events = [register for register in dated if not register.population and not _measures(register)]
    admitted = next((found for register in events if (found := _admissions(register)) is not None), None)
    draft.ask(Note("ask.outcome", {"registers": ", ".join(names)}))
    if admitted is not None:
        register, column, codes = admitted
        where = f"where = {{{column} = {listed(codes)}}}"
        _form(draft, "indlagt", register.name, register.dates[0].name, (1, 91), ADMISSION, where)
    elif death is not None and population is not None and not events:
        _form(draft, "doed", population.name, death.name, (1, 366), DIED)
    elif len(events) == 1:
        _form(draft, "udfald", events[0].name, events[0].dates[0].name, (1, 366), NO_WORDS)
    else:
        _form(draft, "udfald", "", "", (1, 91), NO_WORDS)
    seen = _followed(population)
    if seen:
        draft.ask(Note("ask.observed"))
        draft.add(*seen)


def _form(
    draft: Draft, name: str, register: str, date: str, window: tuple[int, int], words: Words, *where: str
) -> None:
    draft.add("[[outcome]]", f"name = {quoted(name)}", f"from = {quoted(register)}", 'rule = "any"', *where)
    draft.add(f"date = {quoted(date)}", f"window = [{window[0]}, {window[1]}]", *_said(words))


def _undated(draft: Draft, registers: Sequence[Register]) -> None:
    people = people_of(registers)
    guesses = people.guesses.values() if people else ()
    after = [one for one in guesses if one.kept and one.role != "date" and says(one.header, OUTCOME)]
    found = after[0] if after else None
    draft.ask(Note("ask.outcome_undated"))
    if after[1:]:
        draft.note(Note("draft.outcomes", {"columns": ", ".join(one.name for one in after[1:])}))
    draft.add("[[outcome]]", 'name = "udfald"', f"from = {quoted(people.name if people else '')}", 'rule = "value"')
    draft.add(f"column = {quoted(found.name if found else '')}")
    if found is not None and found.type == "boolean":
        draft.add("is = [true]")
    draft.add("known_after = true", *_said(NO_WORDS))


def _said(words: Words) -> list[str]:
    return [
        f"{field} = {{da = {quoted(da)}, en = {quoted(en)}}}" for field, (da, en) in zip(FIELDS, words, strict=True)
    ]


def _measures(register: Register) -> bool:
    """Whether the rows are measurements: nothing that happens to anybody."""
    return any(told(guess.header) == "value" for guess in register.guesses.values())


def _admissions(register: Register) -> tuple[Register, str, list[str]] | None:
    """The register's column of codes that say that somebody was admitted, and these codes."""
    for guess in register.guesses.values():
        codes = [code for code in guess.codes if re.search(ADMITTED, code)] if guess.kept else []
        if codes:
            return register, guess.name, codes
    return None


def _followed(population: Register | None) -> list[str]:
    """The population's column of the last day seen, and of whom that was the death."""
    guesses: list[Guess] = list(population.guesses.values()) if population else []
    seen = next((one for one in guesses if one.kept and says(one.header, FOLLOWED)), None)
    if seen is None or seen.type not in ("integer", "date"):
        return []
    ended = next((one for one in guesses if one.type == "boolean" and says(one.header, rf"^status$|{DEATH}")), None)
    return [f"observed_to = {quoted(seen.name)}", *([f"ended = {{{ended.name} = [true]}}"] if ended else [])]
