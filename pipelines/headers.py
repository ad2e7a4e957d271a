"""A file's column names against its contract: none more, none less, none twice. Deny by default."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from pipelines.contracts import Contract
from pipelines.errors import InputError, InputErrors
from pipelines.shown import names_somebody, shown_name

SHOWN = 10  # of one kind: a file with 10,000 strange columns is one mistake


def places_of(contract: Contract, headers: Sequence[str], file: str) -> dict[str, int]:
    """Return where each property stands among a file's headers.

    Raises: InputErrors with every unknown, missing and doubled column. A first row that has nothing to do with the
    contract is `header_missing`: what stands there may be a citizen, so none of it is shown.
    """
    found = [normal_header(header) for header in headers]
    wanted = {normal_header(column.header): column.name for column in contract.properties}
    known = [header for header in found if header in wanted]
    if not any(found):
        raise InputError("header_missing", file=file, row=contract.header_row, known=0, columns=len(wanted))
    if 2 * len(set(known)) < min(len(wanted), len([header for header in found if header])):
        raise InputError(
            "header_missing", file=file, row=contract.header_row, known=len(set(known)), columns=len(wanted)
        )
    faults: list[InputError] = []
    unknown = [(place, header) for place, header in enumerate(found, 1) if header and header not in wanted]
    missing = [name for header, name in wanted.items() if header not in found]
    twice = (
        sorted({wanted[header] for header in known if known.count(header) > 1}) if len(known) > len(set(known)) else []
    )
    faults += [
        InputError("unknown_column", file=file, column=_shown(place, header)) for place, header in unknown[:SHOWN]
    ]
    if len(unknown) > SHOWN:
        faults.append(InputError("unknown_columns_more", file=file, columns=len(unknown) - SHOWN))
    faults += [InputError("missing_column", file=file, column=contract.column(name).header) for name in missing]
    faults += [InputError("duplicate_column", file=file, column=contract.column(name).header) for name in twice]
    if faults:
        raise InputErrors(faults)
    return {name: found.index(header) for header, name in wanted.items()}


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
