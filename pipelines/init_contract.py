"""A contract as a draft: what was found, why, and what a person must answer, in comments, by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.init_breaks import breaks_seen
from pipelines.init_guess import Guess, Note, percent
from pipelines.init_register import Register
from pipelines.init_shape import missing_marks
from pipelines.init_words import ARRIVAL, says
from reports import catalogue
from reports.catalogue import Language

QUESTION = "# SPØRGSMÅL:"  # what an editor searches for; drafts are in Danish whatever the command's language
WIDTH = 110
UNWRITTEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
RESERVED = frozenset(
    ("true", "false", "yes", "no", "on", "off", "y", "n", "null")
)  # what YAML takes for something else
ANSWER = "None"  # a word for nothing that may be an answer: "how often? None"
KNOWN = 0.5  # of a register's people, those that the population must know


@dataclass(slots=True)
class Draft:
    """A file that is not written yet, and the lines of its questions."""

    lines: list[str] = field(default_factory=list)
    questions: list[int] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        self.lines += lines

    def note(self, note: Note, indent: str = "") -> None:
        """Add a comment of the catalogue."""
        self.lines += [f"{indent}# {line}" for line in wrapped(danish(note), WIDTH - len(indent))]

    def ask(self, note: Note, indent: str = "") -> None:
        """Add a question, and remember its line."""
        self.questions.append(len(self.lines) + 1)
        first, *rest = wrapped(danish(note), WIDTH - len(indent) - len(QUESTION))
        self.lines += [f"{indent}{QUESTION} {first}", *(f"{indent}#   {line}" for line in rest)]

    @property
    def text(self) -> str:
        return "\n".join([*self.lines, ""])


def danish(note: Note) -> str:
    """Return a note's words in Danish."""
    return catalogue.text(Language.DA, f"init.{note.key}", note.facts)


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines, broken between words."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def quoted(text: str) -> str:
    """Return a text in quotation marks, good in YAML and in TOML: what neither may hold is written by its number."""
    return UNWRITTEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))


def bare(name: str) -> str:
    """Return one of our names as YAML reads it back: `no` and `true` are words there only in quotation marks."""
    return quoted(name) if name in RESERVED else name


def draft_contract(register: Register, *, decimal: str) -> Draft:
    """Return a register's contract as a draft."""
    draft = Draft()
    draft.note(Note("draft.contract"))
    draft.add(
        "apiVersion: v3.1.0",
        "kind: DataContract",
        f"id: {bare(register.name)}",
        "version: 0.1.0",
        "status: draft",
        f"name: {quoted(register.name.replace('_', ' ').capitalize())}",
        "description:",
        f'  purpose: ""  # {danish(Note("draft.purpose"))}',
        "customProperties:",
    )
    draft.add(*(f"  - {{property: {name}, value: {value}}}" for name, value in _whole(register, decimal)))
    if register.clients:
        signs = " ".join(danish(sign) for sign in register.clients)
        draft.ask(Note("ask.clients", {"signs": signs}), "  ")
    answers = [guess.name for guess in register.guesses.values() if ANSWER in register.shapes[guess.header].marks]
    if answers:
        draft.ask(Note("ask.none", {"columns": ", ".join(answers)}), "  ")
    if register.table.layout.format == "fixed":
        draft.ask(Note("ask.layout"), "  ")
    if register.table.layout.mended:
        draft.note(Note("draft.mended"), "  ")
    if register.table.bad_rows:
        draft.note(Note("draft.bad_rows", {"rows": register.table.bad_rows}), "  ")
    if register.known is not None and register.known < KNOWN:
        draft.ask(Note("ask.known", {"share": percent(register.known)}), "  ")
        draft.add(f"  - {{property: min_known_share, value: {KNOWN}}}")
    if register.person is not None:
        for name in ("dead_and_moved", "whole_from", "seen_for", "delivery"):  # no file can answer them
            draft.ask(Note(f"meaning.{name}"), "  ")
            draft.add(f'  - {{property: {name}, value: ""}}')
    for seen in breaks_seen(register):
        draft.ask(seen.note, "  ")
        draft.add(f'  # - {{property: breaks, value: [{{date: {seen.day.isoformat()}, what: "", mapping: none}}]}}')
    layout = register.table.layout
    if layout.database:
        draft.add(
            "servers:",
            f"  - server: {bare(register.name)}",
            "    type: duckdb",
            f"    database: {quoted(register.pattern)}",
        )
        draft.add(f"    schema: {quoted(layout.schema)}")
    where = layout.table or register.pattern
    draft.add("schema:", f"  - name: {bare(register.name)}", f"    physicalName: {quoted(where)}", "    properties:")
    for place, guess in enumerate(register.guesses.values()):
        fixed = register.table.layout.places
        _column(draft, guess, fixed[place] if fixed else None, time=_time(register))
        if register.population and guess in register.dates and not guess.required and guess.role == "date":
            draft.ask(Note("ask.empty"), "          ")
            draft.add("          - {property: empty, value: never}")
        if register.population and guess.role == "date" and guess.kept and says(guess.header, ARRIVAL):
            draft.ask(Note("ask.arrival"), "          ")
            draft.add("          # - {property: arrival, value: true}")
    return draft


def _whole(register: Register, decimal: str) -> Iterator[tuple[str, str]]:
    layout = register.table.layout
    yield "format", layout.format
    if layout.format == "csv":
        yield "encoding", quoted(layout.encoding)
        yield "delimiter", quoted(layout.delimiter)
        if layout.quote != '"':
            yield "quote", '""'
        yield "decimal", quoted(decimal)
    if layout.sheet:
        yield "sheet", quoted(layout.sheet)
    if layout.header_row != 1:
        yield "header_row", str(layout.header_row)
    if layout.header_rows != 1:
        yield "header_rows", str(layout.header_rows)
    if layout.format == "fixed":
        yield "encoding", quoted(layout.encoding)
        yield "decimal", quoted(decimal)
        if layout.record:
            yield "record", quoted(layout.record)
            yield "records", listed(layout.records)
        if layout.end_record:
            yield "end_record", quoted(layout.end_record)
    if layout.skip_rows:
        yield "skip_rows", listed(layout.skip_rows)
    if layout.fill_down:
        yield "fill_down", listed([register.guesses[header].name for header in layout.fill_down])
    if layout.wide:
        yield "wide", quoted(layout.wide)
    yield "missing", listed(missing_marks(list(register.shapes.values())))
    if register.population:
        yield "population", "true"
    if register.dated_name:
        yield "extracted", "file_name"
    yield "time", _time(register)


def _time(register: Register) -> str:
    """What holds for columns that say nothing themselves."""
    return "snapshot" if register.population and not register.dates else "event"


def _column(draft: Draft, guess: Guess, places: tuple[int, int] | None, *, time: str) -> None:
    indent = "        "
    draft.add(f"      - name: {bare(guess.name)}")
    if guess.question is not None:
        draft.ask(guess.question, indent)
    draft.add(
        f"{indent}physicalName: {quoted(guess.header)}",
        f"{indent}logicalType: {guess.type or 'string'}",
        f"{indent}required: {'true' if guess.required else 'false'}",
        f"{indent}customProperties:",
    )
    indent += "  "
    draft.note(guess.why, indent)
    if places is not None:
        draft.add(
            *(f"{indent}- {{property: {name}, value: {n}}}" for name, n in zip(("start", "width"), places, strict=True))
        )
    if guess.optional:
        draft.add(f"{indent}- {{property: optional, value: true}}")
        draft.note(Note("draft.optional"), indent)
    for name, value in _own(guess, time):
        draft.add(f"{indent}- {{property: {name}, value: {value}}}")
        if name == "codes" and guess.rare_rows:
            draft.note(Note("draft.rare_codes", {"rows": guess.rare_rows}), indent)


def _own(guess: Guess, time: str) -> Iterator[tuple[str, str]]:
    yield "role", guess.role
    if guess.treatment and guess.role != "unknown":
        yield "treatment", guess.treatment
    if guess.kind and not (guess.role == "person_identifier" and guess.shape != "text"):
        yield "kind", guess.kind
    if guess.shape or (guess.role == "linking_identifier" and guess.kind == "person"):
        yield "shape", guess.shape or "cpr"
    if guess.time and guess.time != time:
        yield "time", guess.time
    if guess.missing:
        yield "missing", listed(guess.missing)
    if guess.formats and guess.type in ("date", "boolean", "number"):
        yield "formats", listed(guess.formats)
    if guess.codes:
        yield "codes", listed(guess.codes)


def listed(texts: Sequence[str]) -> str:
    """Return texts as a list, good in YAML and in TOML."""
    return f"[{', '.join(quoted(text) for text in texts)}]"
