"""What `init` says on the screen: a line a column, with what it was read as, its role, and why. Never a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.init_guess import Guess
from pipelines.init_register import Register
from pipelines.shown import shown_name
from reports import catalogue
from reports.catalogue import Language

__all__ = ["Line", "register_lines"]

WIDTHS = (24, 12, 19)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the table: a register's head, or a column."""

    register: Register
    column: Guess | None = None
    decimal: str = ","

    def text(self, language: Language) -> str:
        """Return the line in a language."""
        return _head(self, language) if self.column is None else _row(self.register, self.column, language)


def register_lines(register: Register, decimal: str) -> Iterator[Line]:
    """Return the lines of one register."""
    yield Line(register=register, decimal=decimal)
    for guess in register.guesses.values():
        yield Line(register=register, column=guess)


def _head(line: Line, language: Language) -> str:
    register = line.register
    layout = register.table.layout
    parts = [shown_name(register.pattern) + (f" [{shown_name(layout.sheet)}]" if layout.sheet not in ("", "*") else "")]
    facts: dict[str, str | int] = {
        "delimiter": _said(
            language, "delimiter", {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}[layout.delimiter]
        ),
        "encoding": layout.encoding,
        "decimal": _said(language, "decimal", "comma" if line.decimal == "," else "point"),
        "row": layout.header_row,
        "columns": len(register.guesses),
        "rows": _about(register.table.frame.height),
        "files": register.files,
    }
    written = catalogue.text(language, f"init.head.{layout.format}", facts)
    if layout.header_row > 1:
        written += ", " + catalogue.text(language, "init.head.header_row", facts)
    if register.files > 1:
        written += ", " + catalogue.text(language, "init.head.files", facts)
    parts.append(catalogue.text(language, "init.head.size", facts))
    if register.population:
        parts.append(catalogue.text(language, "init.head.population"))
    elif register.keys:
        parts.append(catalogue.text(language, "init.head.keys", {"register": register.keys[0]}))
    top = f"\n{parts[0]}: {written}, {', '.join(parts[1:])}"
    titles = [catalogue.text(language, f"init.head.{name}") for name in ("column", "read_as", "role", "why")]
    return f"{top}\n{_padded(titles[:3])}{titles[3]}"


def _row(register: Register, column: Guess, language: Language) -> str:
    shape = register.shapes[column.header]
    if not column.type:
        read_as = "?"
    elif column.role == "free_text":
        read_as = catalogue.text(language, "init.type.text")
    elif column.codes or (column.type == "string" and column.role in ("plain", "sensitive", "quasi_identifier")):
        read_as = catalogue.text(language, "init.type.category")
    else:
        read_as = catalogue.text(language, f"init.type.{column.type}")
        read_as += f"({shape.width})" if column.type == "string" and shape.width else ""
    why = catalogue.text(language, f"init.{column.why.key}", column.why.facts)
    if column.treatment == "drop" and column.role not in ("direct_identifier", "free_text"):
        why += "; " + catalogue.text(language, "init.head.dropped")
    mark = "  ?" if column.question is not None else ""
    role = catalogue.text(language, f"init.role.{column.role}")
    return f"{_padded([shown_name(column.header), read_as, role])}{why}{mark}"


def _padded(cells: list[str]) -> str:
    cut = [cell if len(cell) <= width else cell[: width - 1] + "…" for cell, width in zip(cells, WIDTHS, strict=True)]
    return "".join(f"{cell:<{width}} " for cell, width in zip(cut, WIDTHS, strict=True))


def _said(language: Language, kind: str, name: str) -> str:
    return catalogue.text(language, f"init.{kind}.{name}")


def _about(rows: int) -> int:
    return rows if rows < 100 else round(rows, -2)
