"""A file's column names against its contract: none more, none less, none twice. Deny by default."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from pipelines.contract_schema import CELL, HEADING
from pipelines.contracts import Contract
from pipelines.errors import InputError, InputErrors
from pipelines.shown import names_somebody, shown_name

WIDE = "="  # before the heading of a column that becomes rows: no name of ours begins so
SHOWN = 10  # of one kind: a file with 10,000 strange columns is one mistake


def places_of(contract: Contract, headers: Sequence[str], file: str) -> dict[str, int]:
    """Return where each property stands among a file's headers.

    Raises: InputErrors with every unknown, missing and doubled column. A first row that has nothing to do with the
    contract is `header_missing`: what stands there may be a citizen, so none of it is shown.
    """
    found = [normal_header(header) for header in headers]
    wanted = {
        normal_header(column.header): column.name
        for column in contract.properties
        if column.header not in (HEADING, CELL)
    }
    wide = {header for header in found if header not in wanted and wide_part(contract.wide, header) is not None}
    known = [header for header in found if header in wanted or header in wide]
    if not any(found):
        raise InputError("header_missing", file=file, row=contract.header_row, known=0, columns=len(wanted))
    if 2 * len(set(known)) < min(len(wanted), len([header for header in found if header])):
        raise InputError(
            "header_missing", file=file, row=contract.header_row, known=len(set(known)), columns=len(wanted)
        )
    faults: list[InputError] = []
    agreed = {"", *wanted, *wide}
    unknown = [(place, header) for place, header in enumerate(found, 1) if header not in agreed]
    missing = [name for header, name in wanted.items() if header not in found and not contract.column(name).optional]
    if contract.wide and not wide:
        faults.append(InputError("missing_column", file=file, column=contract.wide))
    twice = sorted({header for header in known if known.count(header) > 1}) if len(known) > len(set(known)) else []
    faults += [
        InputError("unknown_column", file=file, column=_shown(place, header)) for place, header in unknown[:SHOWN]
    ]
    if len(unknown) > SHOWN:
        faults.append(InputError("unknown_columns_more", file=file, columns=len(unknown) - SHOWN))
    faults += [InputError("missing_column", file=file, column=contract.column(name).header) for name in missing]
    faults += [InputError("duplicate_column", file=file, column=shown_name(header)) for header in twice]
    if faults:
        raise InputErrors(faults)
    places = {name: found.index(header) for header, name in wanted.items() if header in found}
    return places | {WIDE + header: place for place, header in enumerate(found) if header in wide}


def wide_part(wide: str, header: str) -> str | None:
    """Return what stands for the star in a heading of one column a period, None for another heading."""
    if not wide:
        return None
    before, _, after = wide.partition("*")
    inside = header[len(before) : len(header) - len(after)]
    fits = header.startswith(before) and header.endswith(after) and len(header) > len(before) + len(after)
    return inside if fits else None


def headings(rows: Sequence[Sequence[str | None]]) -> list[str]:
    """Return the headings of one row, or of several on top of each other: an empty cell above has its left's words."""
    if len(rows) == 1:
        return [normal_header(cell) for cell in rows[0]]
    width = max((len(row) for row in rows), default=0)
    columns: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(rows):
        last = ""
        for place in range(width):
            word = normal_header(row[place]) if place < len(row) else ""
            if number < len(rows) - 1:  # merged cells hold their text in the first of them
                last = word = word or last
            if word and word not in columns[place]:
                columns[place].append(word)
    return [" ".join(words) for words in columns]


def normal_header(text: str | None) -> str:
    """Return a header in one writing: no byte-order mark, no line breaks, single spaces."""
    return " ".join(unicodedata.normalize("NFC", (text or "").replace("\ufeff", "")).split())


def _shown(place: int, header: str) -> str:
    """Return a header that may be shown, else its number: a file without headers has a citizen there."""
    return (
        f"nr. {place}"
        if names_somebody(header) or sum(letter.isdigit() for letter in header) > 4
        else shown_name(header)
    )
