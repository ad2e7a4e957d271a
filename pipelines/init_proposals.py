"""Characteristics as a draft: few, and those that an analyst may keep. Made of headings, declared codes and counts.

Left out: a column in which nearly everybody has the same, a second measurement of the same, what is known only after
(an outcome by its heading), and whatever people are easily judged by: that stands in the background, or nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.init_contract import ANSWER, listed, quoted
from pipelines.init_draft_words import BACKGROUND, COUNTS, CUTS, LABELS, MEN, OUTCOME, WOMEN
from pipelines.init_guess import Guess
from pipelines.init_register import Register
from pipelines.init_shape import Shape
from pipelines.init_words import DEATH, plain, says, told

__all__ = ["Proposal", "age_of", "background", "by_sex_and_age", "named", "proposals", "same_for_all", "undated"]

FILLED = 0.6  # of the rows, for a column without a date to be proposed
SAME = 0.97  # of those of whom it is known: who have the same, for a column to tell nobody from anybody
NONE_OFTEN = 0.3  # of the rows, that have 0: at least one of it is then the question
MOST_VALUES = 8  # of one column
ENOUGH_CODES = 3  # codes that say more than that there is a row
OLD = 65
BEFORE = "[-365, 0]"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A characteristic that the registers can answer."""

    name: str
    label: tuple[str, str]  # Danish, English
    lines: tuple[str, ...]
    rank: int = 0  # the lower, the sooner it is proposed
    words: tuple[str, ...] = ()  # clauses and a definition, where a rule is known well enough for them

    def toml(self) -> list[str]:
        """Return the lines of `[[characteristic]]`."""
        label = f"label = {{da = {quoted(self.label[0])}, en = {quoted(self.label[1])}}}"
        return ["[[characteristic]]", f"name = {quoted(self.name)}", *self.lines, label, *self.words]


def label_of(header: str) -> tuple[str, str]:
    """Return a heading as words in a sentence, in Danish and English: the same where no list has it."""
    known = LABELS.get(plain(header))
    if known is not None:
        return known
    words = re.sub(r"(?<=[a-zæøå])(?=[A-ZÆØÅ])", " ", header).replace("_", " ").split()
    text = " ".join(word if word.isupper() and len(word) <= 5 else word.lower() for word in words)
    return text, text


def proposals(register: Register) -> Iterator[Proposal]:
    """Yes/no, counts and latest values of a dated register, in a window before the index date."""
    date = next(iter(register.dates), None)
    if register.person is None or date is None:
        return
    start = f"from = {quoted(register.name)}"
    if register.population:  # one row a person: each date is an event of its own
        for date in register.dates:
            dated = (f"date = {quoted(date.name)}", f"window = {BEFORE}")
            if not says(date.header, DEATH):
                lines = (start, 'rule = "any"', *dated)
                yield Proposal(f"{register.name}_{date.name}", label_of(date.header), lines)
        return
    about = register.name.replace("_", " ")
    dated = (f"date = {quoted(date.name)}", f"window = {BEFORE}")
    searched = [guess for guess in register.guesses.values() if guess.kept and guess.role != "date"]
    coded = next((one for one in searched if len(one.codes) > 1), None)
    valued = any(one.type in ("integer", "number") and told(one.header) == "value" for one in searched)
    sorts = any(len(one.codes) >= ENOUGH_CODES and one.role == "sensitive" for one in searched)
    if not valued and not sorts:  # else each value or code says more than that there is a row
        yield Proposal(register.name, (about, about), (start, 'rule = "any"', *dated))
        often = (f"{about}: flere gange", f"{about}: several times")
        yield Proposal(f"{register.name}_flere", often, (start, 'rule = "count"', "at_least = 2", *dated))
    for guess in sorted(searched, key=lambda guess: guess.role != "sensitive"):
        label, name = label_of(guess.header), f"{register.name}_{guess.name}"
        # What was measured is asked for by its value, below: that it was measured says less.
        for value in guess.codes[:MOST_VALUES] if len(guess.codes) > 1 and not (valued and guess is coded) else ():
            where = f"where = {{{guess.name} = {listed([value])}}}"
            words = (f"{label[0]}: {value}", f"{label[1]}: {value}")
            yield Proposal(f"{name}_{value}", words, (start, 'rule = "any"', where, *dated))
        if guess.type == "boolean":
            where = f"where = {{{guess.name} = [true]}}"
            yield Proposal(name, label, (start, 'rule = "any"', where, *dated))
        if guess.type in ("integer", "number") and told(guess.header) == "value" and coded is not None:
            for code in coded.codes[:MOST_VALUES]:  # a column of values, and one that says what each is
                where, column = f"where = {{{coded.name} = {listed([code])}}}", f"column = {quoted(guess.name)}"
                cut = _cut(code)
                measured = (start, 'rule = "latest"', where, column, *cut[:1], *dated)
                yield Proposal(f"{name}_{code}", _cut_label(code) or (code, code), measured)
        elif guess.type in ("integer", "number") and guess.why.key != "why.days":
            yield Proposal(name, label, (start, 'rule = "latest"', f"column = {quoted(guess.name)}", *dated))


def undated(registers: Sequence[Register]) -> Iterator[Proposal]:
    """Where no file has dates: the columns of the people's own file that tell people apart, as they stand."""
    register = people_of(registers)
    alike = set(same_for_all(registers))
    again: set[str] = set()
    for guess in register.guesses.values() if register else ():
        shape = register.shapes[guess.header] if register else None
        if register is None or shape is None or not guess.kept or _spoken_for(guess):
            continue
        if guess.name in alike:
            continue
        lines = [f"from = {quoted(register.name)}", 'rule = "value"', f"column = {quoted(guess.name)}"]
        numeric, cut = guess.type in ("integer", "number"), _cut(guess.header)
        counted = numeric and says(guess.header, COUNTS) and shape.like(r"^0+([.,]0+)?$") >= NONE_OFTEN
        if guess.type == "boolean":
            lines.append("is = [true]")
        elif numeric and cut:
            lines.append(cut[0])
        elif counted:
            lines.append("at_least = 1")
        # What is about health first; then what is known of most; who somebody is, and a second measurement, last.
        base = _cut_name(guess.header) or re.sub(r"_?\d+[a-z]?$", "", guess.name)
        rank = 0 if guess.role == "sensitive" or (numeric and cut) else 3 if guess.role == "quasi_identifier" else 1
        rank += 1 if numeric and not cut and not counted else 0
        known = shape.given >= FILLED * shape.rows or ANSWER in shape.marks  # "None" may be an answer
        rank += 5 * (not known) + 5 * (base in again)
        again.add(base)
        label = (numeric and _cut_label(guess.header)) or label_of(guess.header)
        yield Proposal(guess.name, label, tuple(lines), rank, cut[1:] if numeric else ())


def same_for_all(registers: Sequence[Register]) -> list[str]:
    """Return the columns of the people's own file in which nearly everybody has the same."""
    register = people_of(registers)
    kept = [guess for guess in register.guesses.values() if guess.kept and guess.role != "date"] if register else []
    shapes = [(guess, register.shapes[guess.header]) for guess in kept] if register else []
    return [guess.name for guess, shape in shapes if shape.given and _most(shape) > SAME * shape.given]


def _most(shape: Shape) -> int:
    """How many rows have the commonest value: a count of them, and not which it is."""
    return int(shape.times.max() or 0)  # type: ignore[arg-type]


def by_sex_and_age(population: Register | None) -> Iterator[Proposal]:
    """Men and women, and the old: what every study asks of, where the codes say which is which."""
    if population is None:
        return
    start, definition = f"from = {quoted(population.name)}", "definition = {{da = {da}, en = {en}}}"
    sex = sex_of(population)
    if sex is not None and sex.time == "historic":
        said = _sexes(sex)
        if said is not None:
            which, values = said
            lines = (start, 'rule = "value"', f"column = {quoted(sex.name)}", f"is = {values}")
            men, women = ("mænd", "men"), ("kvinder", "women")
            yes, no = (men, women) if which == "men" else (women, men)
            yield Proposal(
                "mand" if which == "men" else "kvinde", yes, lines,
                words=(
                    *_clauses(f"er {yes[0]}", f"are {yes[1]}", f"er {no[0]}", f"are {no[1]}"),
                    definition.format(da=quoted("Køn"), en=quoted("Sex")),
                ),
            )  # fmt: skip
    age = age_of(population)
    if age is not None and age.time == "historic":
        lines = (start, 'rule = "value"', f"column = {quoted(age.name)}", f"at_least = {OLD}")
        yield Proposal(
            f"alder_{OLD}", (f"{OLD} år eller mere", f"{OLD} or older"), lines,
            words=(
                *_clauses(f"er {OLD} år eller mere", f"are {OLD} or older", f"er under {OLD} år", f"are under {OLD}"),
                definition.format(da=quoted("Alder på indeksdatoen"), en=quoted("Age on the index date")),
            ),
        )  # fmt: skip


def background(registers: Sequence[Register]) -> Iterator[list[str]]:
    """The columns that every search takes into account: age, sex, origin, income, and the calendar's year."""
    population = next((register for register in registers if register.population), None)
    if population is None:
        return
    age, sex = age_of(population), sex_of(population)
    if age is not None and age.time == "historic":
        yield _adjust(population, age, "alder", ("alder", "age"))
    if sex is not None and sex.time == "historic" and _sexes(sex) is None:
        yield _adjust(population, sex, "koen", ("køn", "sex"))
    taken: set[str] = set()
    for guess in population.guesses.values():
        for pattern, name, label in BACKGROUND:
            shape = population.shapes[guess.header]
            known = guess.kept and guess.role != "date" and shape.given >= FILLED * shape.rows
            if name not in taken and known and says(guess.header, pattern):
                taken.add(name)
                yield _adjust(population, guess, name, label)


def named(some: Sequence[Proposal]) -> Iterator[Proposal]:
    """Return proposals with names that a study may have, each its own."""
    taken = {"person", "cluster", "udfald", "alder", "koen"} | {name for _, name, _ in BACKGROUND}
    for proposal in some:
        base = re.sub(r"[^a-z0-9]+", "_", plain(proposal.name)).strip("_")
        base = (base if base[:1].isalpha() else f"k_{base}")[:55]
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        yield Proposal(name, proposal.label, proposal.lines, words=proposal.words)


def people_of(registers: Sequence[Register]) -> Register | None:
    """Return the people's own file: the population, else the first that has people."""
    people = [register for register in registers if register.person is not None]
    return next((one for one in people if one.population), people[0] if people else None)


def age_of(population: Register) -> Guess | None:
    """Return the column of whole years of age: a birth date, or numbers; age bands in text are none."""
    return next(
        (
            guess
            for guess in population.guesses.values()
            if guess.treatment == "age_band"
            or (
                plain(guess.header) in ("age", "alder")
                and guess.role == "quasi_identifier"
                and guess.type in ("integer", "number")
            )
        ),
        None,
    )


def sex_of(population: Register) -> Guess | None:
    """Return the column of sex."""
    return next((one for one in population.guesses.values() if told(one.header) == "sex" and one.kept), None)


def _sexes(sex: Guess) -> tuple[str, str] | None:
    """Which sex a yes is, and the values that say so; None where no word does."""
    if says(sex.header, r"male|(^|_)(mand|kvinde)(_|$)"):  # female too
        one = {"boolean": "[true]", "integer": "[1]"}.get(sex.type, listed(["1"]) if "1" in sex.codes else "")
        return ("women" if says(sex.header, r"female|kvinde") else "men", one) if one else None
    for which, words in (("men", MEN), ("women", WOMEN)):
        value = next((code for code in sex.codes if code.lower() in words), None)
        if value is not None:
            return which, listed([value])
    return None


def _spoken_for(guess: Guess) -> bool:
    """Whether a column is asked of elsewhere: sex, age, the background, the outcome; or is not for searching at all."""
    if told(guess.header) in ("sex", "age", "article_9") or guess.role == "date":
        return True
    return says(guess.header, OUTCOME) or any(says(guess.header, pattern) for pattern, _, _ in BACKGROUND)


def _adjust(population: Register, guess: Guess, name: str, label: tuple[str, str]) -> list[str]:
    return [
        "[[adjust]]", f"name = {quoted(name)}", f"from = {quoted(population.name)}", 'rule = "value"',
        f"column = {quoted(guess.name)}", f"label = {{da = {quoted(label[0])}, en = {quoted(label[1])}}}",
    ]  # fmt: skip


def _cut(header: str) -> tuple[str, ...]:
    """The threshold that a measurement is told by everywhere, and its clauses; () where there is none."""
    for pattern, cut, (da, en) in CUTS:
        if says(header, pattern):
            words = (f"har {da} på {cut} eller mere", f"have {en} of {cut} or more")
            return f"at_least = {cut}", *_clauses(*words, f"har {da} under {cut}", f"have {en} below {cut}")
    return ()


def _cut_label(header: str) -> tuple[str, str] | None:
    for pattern, cut, (da, en) in CUTS:
        if says(header, pattern):
            return f"{da.partition(' ')[2]} på {cut} eller mere", f"{en.partition(' ')[2]} of {cut} or more"
    return None


def _cut_name(header: str) -> str:
    return next((en for pattern, _, (_, en) in CUTS if says(header, pattern)), "")


def _clauses(da: str, en: str, da_not: str, en_not: str) -> tuple[str, str]:
    return (
        f"clause = {{da = {quoted(da)}, en = {quoted(en)}}}",
        f"clause_not = {{da = {quoted(da_not)}, en = {quoted(en_not)}}}",
    )
