"""What a report for people needs before it is rows: totals left out, group cells filled, one column a week made rows.

Everything here is declared in the contract; nothing is guessed while a run reads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import polars as pl

from pipelines.contract_schema import CELL, HEADING
from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import WIDE, wide_part
from pipelines.reading import CHUNK, FIELDS, ROW, Chunk

TOTAL = ("i alt", "ialt", "total", "hovedtotal", "sum")


def is_reshaped(contract: Contract) -> bool:
    """Return whether the contract declares anything of this."""
    return bool(contract.skip_rows or contract.fill_down or contract.wide)


def reshaped(contract: Contract, chunks: Iterator[Chunk], file: str) -> Iterator[Chunk]:
    """Return chunks whose columns are the contract's, each row something that happened."""
    above: dict[str, str | None] = {}
    sheet = None
    for chunk in chunks:
        if chunk.sheet != sheet:
            above, sheet = {}, chunk.sheet  # a new sheet has nothing above it
        frame = _without(chunk.frame, contract)
        for name in contract.fill_down:
            if name in frame.columns and frame.height:
                frame, above[name] = _filled(frame, name, above.get(name))
        for part, numbers in _long(contract, frame, chunk.number_cells, file):
            yield replace(chunk, frame=_with_absent(contract, part, ()), number_cells=numbers)
            del part
        del chunk, frame  # not in memory while the next is read


def with_all(contract: Contract, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Return chunks with the columns that a file may lack, empty."""
    for chunk in chunks:
        yield replace(chunk, frame=_with_absent(contract, chunk.frame, chunk.coded))
        del chunk  # not in memory while the next is read


def _with_absent(contract: Contract, frame: pl.DataFrame, besides: Collection[str]) -> pl.DataFrame:
    known = {*frame.columns, *besides}
    absent = [column.name for column in contract.properties if column.name not in known]
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent) if absent else frame


def _without(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Leave out the rows whose first filled cell begins as totals and footnotes do."""
    names = [column.name for column in contract.properties if column.name in frame.columns]
    if not contract.skip_rows or not names:
        return frame
    total = pl.any_horizontal(begins(first_cell(names), word) for word in contract.skip_rows).fill_null(False)
    if contract.person is not None and contract.person.name in names:  # a row about somebody is no total
        person = pl.col(contract.person.name).str.strip_chars().fill_null("")
        total = total & ((person == "") | (person == first_cell(names)) | (pl.col(FIELDS) != ""))
    return frame.filter(~total)


def first_cell(names: Sequence[str]) -> pl.Expr:
    """Return each row's first filled cell among some columns."""
    cells = [pl.col(name).str.strip_chars() for name in names]
    return pl.coalesce(pl.when(cell != "").then(cell) for cell in cells)


def begins(first: pl.Expr, word: str) -> pl.Expr:
    """Return whether a row's first cell is a total's or a footnote's: the word, alone or with more after it.

    In small letters or large; a total is the last word too: `Nord i alt`.
    """
    small, word = first.str.to_lowercase(), word.lower()
    found = (small == word) | small.str.starts_with(f"{word} ") | small.str.starts_with(f"{word}:")
    return found | small.str.ends_with(f" {word}") if word in TOTAL else found


def _filled(frame: pl.DataFrame, name: str, above: str | None) -> tuple[pl.DataFrame, str | None]:
    """Give a column's empty cells the value above them, from the chunk before too."""
    given = pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name))
    frame = frame.with_columns(given.forward_fill().fill_null(pl.lit(above, dtype=pl.String)).alias(name))
    return frame, frame[name][-1]


def _long(
    contract: Contract, frame: pl.DataFrame, numbers: frozenset[str], file: str
) -> Iterator[tuple[pl.DataFrame, frozenset[str]]]:
    """Make each filled cell of the wide columns a row."""
    wide = [name for name in frame.columns if name.startswith(WIDE)]
    if not wide:
        yield frame, numbers
        return
    heading = next(column.name for column in contract.properties if column.header == HEADING)
    cell = next(column.name for column in contract.properties if column.header == CELL)
    parts = {name: wide_part(contract.wide, name.removeprefix(WIDE)) for name in wide}
    if None in parts.values():
        raise InputError("header_missing", file=file, row=contract.header_row, known=0, columns=len(wide))
    kept = [name for name in frame.columns if name not in wide]
    found = numbers - set(wide) | ({cell} if set(wide) <= numbers else set())
    step = max(1, CHUNK // len(wide))
    for start in range(0, max(frame.height, 1), step):
        part = frame.slice(start, step)
        long = part.unpivot(on=wide, index=kept, variable_name=heading, value_name=cell)
        # A row that is wrong as a whole is refused once, whatever stands in it.
        once = (pl.col(FIELDS) != "") & (pl.col(heading) == wide[0])
        long = long.filter(once | ((pl.col(FIELDS) == "") & (pl.col(cell).str.strip_chars().fill_null("") != "")))
        yield (
            long.with_columns(pl.col(heading).replace_strict(parts, return_dtype=pl.String)).sort(
                ROW, maintain_order=True
            ),
            frozenset(found),
        )
