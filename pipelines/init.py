"""`undring init`: reads unknown files whole, and drafts contracts and a study that a person then corrects.

Nothing is taken in: what leaves this module are headings, formats, shares, and lists of codes that many people share,
of columns that name nobody. See docs/init.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines import atomic, workspaces
from pipelines.contract_schema import CELL, HEADING
from pipelines.errors import InputError, InputErrors
from pipelines.init_contract import Draft, draft_contract
from pipelines.init_file import Table, alike, format_of, read_tables
from pipelines.init_guess import Note, guess
from pipelines.init_lines import Line, register_lines
from pipelines.init_links import link
from pipelines.init_register import Register
from pipelines.init_shape import Shape, shape_of
from pipelines.init_study import draft_study
from pipelines.init_words import plain
from pipelines.shown import shown_name
from pipelines.sources import check_place

__all__ = ["Drafted", "init"]

_DATED = re.compile(r"(?:\d{4,8}|\d{1,2})(?:[-_. ]\d{1,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What was drafted: the registers' tables for people to read, and the lines of the open questions by file."""

    workspace: Path
    registers: tuple[Register, ...]
    lines: tuple[Line, ...]
    questions: tuple[tuple[str, tuple[int, ...]], ...]  # file in the workspace -> lines

    @property
    def open(self) -> int:
        """How many questions wait for a person."""
        return sum(len(lines) for _, lines in self.questions)


def init(inbox: Path, workspace: Path) -> Drafted:
    """Read every file of an inbox, and write a workspace's drafts. Returns what to say about it.

    Raises: InputErrors, each with its file, when a file cannot be read at all, or the workspace holds a study or
    contracts already: then nothing is written.
    """
    _must_be_new(workspace)
    paths, unread = _files(inbox)
    registers = _registers(paths)
    link(registers)
    drafts: dict[str, Draft] = {}
    lines: list[Line] = []
    for register in registers:
        decimal = _decimal(register)
        drafts[f"contracts/{register.name}.yaml"] = draft_contract(register, decimal=decimal)
        lines += register_lines(register, decimal)
    study_id = _study_id(workspace)
    drafts["study.toml"] = draft_study(
        registers, study_id=study_id, inbox=_relative(inbox, workspace), unread=[shown_name(name) for name in unread]
    )
    _write(workspace, drafts)
    workspaces.register(study_id, workspace)
    questions = tuple((name, tuple(draft.questions)) for name, draft in drafts.items() if draft.questions)
    return Drafted(workspace=workspace, registers=tuple(registers), lines=tuple(lines), questions=questions)


def _must_be_new(workspace: Path) -> None:
    contracts = workspace / "contracts"
    for path in (workspace / "study.toml", *(sorted(contracts.iterdir()) if contracts.is_dir() else ())):
        if path.exists():
            raise InputError("init_exists", file=path, workspace=shown_name(workspace.name))


def _files(inbox: Path) -> tuple[list[Path], list[str]]:
    """Return the files that can be read, and the names of those that cannot yet."""
    if not inbox.is_dir():
        raise InputError("inbox_missing", file=shown_name(inbox.name))
    found = sorted(path for path in inbox.iterdir() if not path.is_dir() and not path.name.startswith((".", "~$")))
    for path in found:
        check_place(path, inbox)
    readable = [path for path in found if format_of(path)]
    if not readable:
        raise InputError("init_no_files", file=f"{shown_name(inbox.name)}/")
    return readable, [path.name for path in found if not format_of(path)]


def _registers(paths: Sequence[Path]) -> list[Register]:
    """Read every file, and put those of one form and one name together. All that cannot be read is told at once."""
    faults: list[InputError] = []
    groups: dict[tuple[str, str, str, frozenset[str]], list[Table]] = {}
    for path in paths:
        try:
            tables = read_tables(path)
        except InputError as error:
            faults += getattr(error, "errors", [error])
            continue
        for table in tables:
            sheet = "" if len(tables) == 1 else table.layout.sheet
            sheet = sheet or table.layout.record or table.layout.table
            key = (_pattern(path.name), sheet, table.layout.format, frozenset(table.headers))
            groups.setdefault(key, []).append(table)
    if faults:
        raise InputErrors(faults)
    registers: list[Register] = []
    for (pattern, sheet, _, _), tables in _grown(groups).items():
        here = {table.file.name for table in tables}
        others = {path.name for path in paths} - here
        wide = pattern
        if len(here) == 1 and any(Path(name).match(wide) for name in others):
            wide = tables[0].file.name
        name = _register_name(wide, sheet, {one.name for one in registers})
        registers.append(_register(name, wide, tables, len(here)))
    return registers


Key = tuple[str, str, str, frozenset[str]]


def _grown(groups: dict[Key, list[Table]]) -> dict[Key, list[Table]]:
    """Put files of one dated name together when one form has most of the other's headings: a column came, or went."""
    grown: dict[Key, list[Table]] = {}
    for key, tables in groups.items():
        pattern, sheet, form, _ = key
        for other, held in grown.items():
            same = other[:3] == (pattern, sheet, form) and "*" in pattern
            if same and _laid_alike(held[0], tables[0]) and alike([table.headers for table in (*held, *tables)]):
                held += tables
                break
        else:
            grown[key] = list(tables)
    return grown


def _laid_alike(one: Table, other: Table) -> bool:
    return all(
        getattr(one.layout, name) == getattr(other.layout, name)
        for name in ("encoding", "delimiter", "quote", "header_row", "header_rows", "wide", "places")
    )


def _register(name: str, pattern: str, tables: Sequence[Table], files: int) -> Register:
    first = tables[0]
    table = first
    if len(tables) > 1:
        headers = tuple(dict.fromkeys(header for one in tables for header in one.headers))
        every = frozenset.intersection(*(frozenset(one.headers) - one.optional for one in tables))
        table = replace(
            first,
            headers=headers,
            frame=pl.concat([one.frame for one in tables], how="diagonal").select(headers),
            number_cells=_in_all(tables, "number_cells"),
            typed_dates=_in_all(tables, "typed_dates"),
            bad_rows=sum(one.bad_rows for one in tables),
            optional=frozenset(headers) - every,
        )
    shapes: dict[str, Shape] = {}
    guesses = {}
    names: set[str] = set()
    for header in table.headers:
        shapes[header] = shape_of(
            table.frame[header], number_cells=header in table.number_cells, typed_dates=header in table.typed_dates
        )
        column = _column_name(header, names)
        names.add(column)
        guesses[header] = replace(guess(header, column, shapes[header]), optional=header in table.optional)
    return Register(name, pattern, files, table, shapes, guesses)


def _in_all(tables: Sequence[Table], name: str) -> frozenset[str]:
    """Return the headings that every table which has them says so of."""
    said = frozenset(header for table in tables for header in getattr(table, name))
    return frozenset(
        header for header in said if all(header in getattr(one, name) for one in tables if header in one.headers)
    )


def _decimal(register: Register) -> str:
    """Return the table's decimal mark; a column that is written the other way becomes a question."""
    shapes = {header: register.shapes[header] for header, one in register.guesses.items() if one.type == "number"}
    written = {header: shape for header, shape in shapes.items() if not shape.number_cells}
    commas = sum(shape.commas * shape.given for shape in written.values())
    points = sum((shape.points - shape.thousands) * shape.given for shape in written.values())
    decimal = "." if points > commas or (register.table.layout.delimiter == "," and not commas) else ","
    for header, shape in written.items():
        wrong = shape.points - shape.thousands if decimal == "," else shape.commas
        unclear = shape.thousands > 0 and not commas and not points
        if wrong >= 0.01 or unclear:
            register.change(header, role="unknown", type="", question=Note("ask.two_marks"), why=Note("why.two_marks"))
    return decimal


def _pattern(name: str) -> str:
    """Return a file's name with its dates as `*`: next month's file is the same register."""
    stem, dot, ending = name.partition(".")
    if ending.count(".") > 1 or not stem:  # a date with points in it
        stem, dot, ending = name.rpartition(".")
    whole = re.sub(r"[\[\]*?]", "?", stem)
    dated = _DATED.sub(lambda match: "*" if sum(c.isdigit() for c in match[0]) >= 4 else match[0], whole)
    return re.sub(r"\*+", "*", dated if dated.strip("*") else whole) + dot + ending


def _register_name(pattern: str, sheet: str, taken: set[str]) -> str:
    stem = pattern.partition(".")[0]
    base = plain(f"{stem} {sheet}".replace("*", " "))
    base = (base if base[:1].isalpha() else f"register_{base}".rstrip("_"))[:50]
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _column_name(header: str, taken: set[str]) -> str:
    base = {HEADING: "periode", CELL: "vaerdi"}.get(header) or plain(header) or "kolonne"
    base = (base if base[:1].isalpha() else f"k_{base}")[:55]
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _study_id(workspace: Path) -> str:
    base = re.sub(r"[^A-Za-z0-9_-]+", "-", plain(workspace.resolve().name).replace("_", "-")).strip("-_")
    return base[:60] or "studie"


def _relative(inbox: Path, workspace: Path) -> str:
    return os.path.relpath(inbox.resolve(), workspace.resolve()).replace(os.sep, "/")


def _write(workspace: Path, drafts: dict[str, Draft]) -> None:
    """Write all drafts, or none: half a workspace would be refused the next time."""
    atomic.make_private(workspace / "contracts")
    written: list[Path] = []
    try:
        for name, draft in drafts.items():  # study.toml last: without it the folder is no workspace
            atomic.write_text(workspace / name, draft.text)
            written.append(workspace / name)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
