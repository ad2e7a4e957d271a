"""A study as a draft: the population, proposed characteristics, and as questions what only people can say."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.init_contract import Draft, danish, quoted
from pipelines.init_guess import Note
from pipelines.init_legal import draft_legal
from pipelines.init_outcome import draft_outcome
from pipelines.init_proposals import age_of, background, by_sex_and_age, named, proposals, same_for_all, undated
from pipelines.init_register import Register
from pipelines.init_words import CPR_STATUS, DEATH, says

MOST = 40  # proposals: an analyst must be able to read them
MOST_UNDATED = 12


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
    draft.add(f"lock = 0.3  # {danish(Note('draft.lock'))}", "seed = 1")
    calendar = any(date.role == "date" for register in registers for date in register.dates)
    if calendar:
        draft.ask(Note("ask.reference_date"))
        draft.add('reference_date = ""')
    for name in unread:
        draft.ask(Note("ask.unread", {"file": name}))
    draft.ask(Note("ask.registers"))
    draft.add("")
    _population(draft, registers)
    found = [list(proposals(register)) for register in registers]
    each = max(3, MOST // max(1, sum(bool(some) for some in found)))
    dated = [proposal for some in found for proposal in some[:each]][:MOST]
    stand = [] if dated else sorted(undated(registers), key=lambda one: one.rank)
    stand, others = stand[:MOST_UNDATED], stand[MOST_UNDATED:]
    who = list(by_sex_and_age(next((register for register in registers if register.population), None)))
    chosen = list(named([*dated, *stand, *who]))
    total = sum(len(some) for some in found) + len(stand) + len(others) + len(who)
    draft.add("")
    draft.note(Note("draft.characteristics", {"count": len(chosen), "found": total}))
    if stand:
        draft.ask(Note("ask.snapshot"))
        alike = same_for_all(registers)
        if alike:
            draft.note(Note("draft.alike", {"columns": ", ".join(alike)}))
    if others:
        draft.note(Note("draft.others", {"columns": ", ".join(proposal.name for proposal in others)}))
    for proposal in chosen:
        draft.add("", *proposal.toml())
    if not chosen:
        draft.ask(Note("ask.characteristic"))
        draft.add("[[characteristic]]", 'name = ""', 'from = ""', 'rule = "any"', 'label = {da = "", en = ""}')
    for lines in background(registers):
        draft.add("", *lines)
    draft.add("")
    draft_outcome(draft, registers)
    draft.add("")
    draft_legal(draft, registers)
    if not calendar:
        draft.add("")
        draft.ask(Note("ask.season"))
        draft.add("[guards]", f"season = {quoted(danish(Note('draft.season')))}")
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
        age = age_of(population)
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
