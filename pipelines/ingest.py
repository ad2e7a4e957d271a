"""Ingest: a register's files in, typed rows out. A row that breaks the contract is refused and kept; it ends nothing.

A file that breaks it as a whole, or too many rows that do, is an InputError. The frame is identified: it lives in
memory or in an encrypted stage, until `pseudonymise`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from pipelines.contracts import Contract, Property
from pipelines.errors import InputError, InputErrors
from pipelines.reading import FIELDS, ROW, Chunk, chunks, find_files, read_source
from pipelines.shown import shown_name
from pipelines.typed import DTYPES, REASONS, typed_column
from reports import catalogue
from reports.catalogue import Language

__all__ = ["FileRead", "Ingested", "Place", "TooManyRejected", "bad_row_lines", "ingest_register", "missing_files"]

SHOWN = 5  # places named; the rest is a number
_HASHES = ("__a", "__b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a refused row stands, and why: no value."""

    file: str
    row: int
    column: str  # ours; "" where the row as a whole is wrong
    reason: str  # the words stand in the catalogue as `row.REASON`


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """A file that was read, for the ledger."""

    name: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What came of a register's files: rows kept + rows refused + duplicates = rows read."""

    register: str
    frame: pl.DataFrame  # typed, identified; columns whose treatment is drop are gone
    rejected: pl.DataFrame  # file, row, column, reason, and the row as text: for the quarantine only
    places: tuple[Place, ...]  # of the first five
    rows_read: int
    duplicates: int
    files: tuple[FileRead, ...]
    again: int = 0  # files with the content of one that was read, passed over
    repaired: Mapping[str, int] = field(default_factory=dict)  # by column: a zero that a spreadsheet ate was put back

    @property
    def rows_rejected(self) -> int:
        return self.rejected.height


class TooManyRejected(InputError):  # noqa: N818 (said as it is: not every exception is an error of ours)
    """So many rows break the contract that the contract or the extract is wrong: nothing is kept but the quarantine."""

    def __init__(self, contract: Contract, places: Sequence[Place], *, rejected: int, rows: int) -> None:
        self.places = tuple(places)
        per_mille = -(-1000 * rejected // rows)
        super().__init__(
            "too_many_rejected",
            file=places[0].file,
            register=contract.register,
            rejected=rejected,
            rows=rows,
            share=f"{per_mille / 10:g} %",
            limit=f"{100 * contract.max_rejected_share:g} %",
        )

    def text(self, language: Language) -> str:
        share = {name: str(self.facts[name]) for name in ("share", "limit")}
        if language == Language.DA:
            share = {name: words.replace(".", ",") for name, words in share.items()}
        lines = catalogue.error_text(language, self.key, {**self.facts, **share}).split("\n")
        return "\n".join([lines[0], *(_line(language, place) for place in self.places), *lines[1:]])


def ingest_register(
    contract: Contract,
    inbox: Path,
    *,
    today: date | None = None,
    keep_rejected: Callable[[pl.DataFrame], None] | None = None,
) -> Ingested:
    """Return a register's rows, typed by its contract.

    `today` is what a contract's `maximum: today` means. `keep_rejected` is given the refused rows before anything is
    raised for their number, so that they reach the quarantine also when the run stops.
    Raises: InputError(s) for what is wrong with a file as a whole; `TooManyRejected`.
    """
    kept: list[pl.DataFrame] = []
    refused: list[pl.DataFrame] = []
    repaired: Counter[str] = Counter()
    files: list[FileRead] = []
    faults: list[InputError] = []
    again = 0
    for path in find_files(contract, inbox):
        source = read_source(path)
        if source.sha256 in (file.sha256 for file in files):  # delivered before: a second time changes nothing
            again += 1
            continue
        rows = 0
        try:
            for chunk in chunks(contract, source):
                place = f"{source.name} [{chunk.sheet}]" if chunk.sheet else source.name
                good, bad, mended = _typed(contract, chunk, place, today or date.today())
                kept.append(good)
                refused.append(bad)
                repaired += mended
                rows += chunk.frame.height
        except InputErrors as error:
            faults += error.errors
            continue
        except InputError as error:
            faults.append(error)
            continue
        if not rows:
            faults.append(InputError("file_header_only", file=source.name))
        files.append(FileRead(name=source.name, sha256=source.sha256, bytes=source.size, rows=rows))
    if faults:
        raise faults[0] if len(faults) == 1 else InputErrors(faults)
    rejected = pl.concat(refused)
    places = tuple(
        Place(**row) for row in rejected.head(SHOWN).select("file", "row", "column", "reason").iter_rows(named=True)
    )
    read = sum(file.rows for file in files)
    if rejected.height > contract.max_rejected_share * read:
        if keep_rejected is not None:
            keep_rejected(rejected)
        raise TooManyRejected(contract, places, rejected=rejected.height, rows=read)
    rows_kept = pl.concat(kept, rechunk=True)
    del kept
    # Of a delivery of changes the later file's row stands: its files are read in the order of their names.
    stands: Literal["first", "last"] = "last" if contract.delivery == "changes" else "first"
    frame = rows_kept.unique(subset=list(contract.key) or list(_HASHES), keep=stands, maintain_order=True)
    if keep_rejected is not None and rejected.height:
        keep_rejected(rejected)
    return Ingested(
        register=contract.register,
        frame=frame.select(column.name for column in contract.properties if not column.dropped),
        rejected=rejected,
        places=places,
        rows_read=read,
        duplicates=rows_kept.height - frame.height,
        files=tuple(files),
        repaired=dict(repaired),
        again=again,
    )


class Refusals(Protocol):
    """Refused rows of one register, in an `Ingested` or in a run's account."""

    @property
    def places(self) -> tuple[Place, ...]: ...
    @property
    def rows_rejected(self) -> int: ...


def missing_files(contracts: Mapping[str, Contract], inbox: Path) -> list[InputError]:
    """Return what is wrong with the files' names and places, all registers at once, before anything is read."""
    if not inbox.is_dir():
        return [InputError("inbox_missing", file=shown_name(inbox.name))]
    faults: list[InputError] = []
    for contract in contracts.values():
        try:
            find_files(contract, inbox)
        except InputError as error:
            faults.append(error)
    return faults


def bad_row_lines(language: Language | str, registers: Sequence[Refusals]) -> list[str]:
    """Return the run's last lines on refused rows: the total, the first five places, what to do. [] where none was."""
    total = sum(ingested.rows_rejected for ingested in registers)
    if not total:
        return []
    places = [place for ingested in registers for place in ingested.places][:SHOWN]
    lines = [catalogue.text(language, "row.total" if total > 1 else "row.total_one", {"rejected": total})]
    lines += [_line(language, place) for place in places]
    if total > len(places):
        lines.append("  " + catalogue.text(language, "row.more", {"more": total - len(places)}))
    return [*lines, "  " + catalogue.text(language, "row.cure")]


def _line(language: Language | str, place: Place) -> str:
    where = [place.file, catalogue.text(language, "error.place.row", {"row": place.row})]
    if place.column:
        where.append(catalogue.text(language, "error.place.column", {"column": place.column}))
    return f"  {', '.join(where)}: {catalogue.text(language, f'row.{place.reason}')}"


def _typed(contract: Contract, chunk: Chunk, file: str, today: date) -> tuple[pl.DataFrame, pl.DataFrame, Counter[str]]:
    """Return a chunk's good rows typed, its refused rows as text, and how many numbers were mended by column."""
    text = chunk.frame
    values: list[pl.Series] = []
    column_at = pl.repeat("", text.height, dtype=pl.String, eager=True)
    reason = text[FIELDS]
    mended: Counter[str] = Counter()
    for column in contract.properties:
        typed = typed_column(
            text[column.name], column, contract, number_cells=column.name in chunk.number_cells, today=today
        )
        new = (typed.fault != "") & (reason == "")
        if new.any():
            column_at = pl.select(pl.when(new).then(pl.lit(column.name)).otherwise(column_at)).to_series()
            reason = pl.select(pl.when(new).then(typed.fault).otherwise(reason)).to_series()
        values.append(typed.values)
        mended[column.name] += typed.repaired
    assert set(reason.unique()) <= set(REASONS)
    frame = pl.DataFrame(values, schema={column.name: DTYPES[column.logical_type] for column in contract.properties})
    good = frame.filter(reason == "")
    if not contract.key:
        # A row is alike when all of it is, dropped columns too: two hashes of 64 bits stand for them from here.
        seeds = enumerate(_HASHES)
        good = good.with_columns(*(good.hash_rows(seed=11 + place).alias(name) for place, name in seeds))
    named: list[pl.Expr | pl.Series] = [
        pl.lit(file).alias("file"),
        pl.col(ROW).alias("row"),
        column_at.alias("column"),
        reason.alias("reason"),
    ]
    named += [pl.col(column.name).alias(f"text.{column.name}") for column in contract.properties]
    bad = text.select(named).filter(pl.col("reason") != "")
    return good.drop(_droppable(contract)), bad, Counter({name: count for name, count in mended.items() if count})


def _droppable(contract: Contract) -> list[str]:
    def gone(column: Property) -> bool:
        return column.dropped and column.name not in contract.key

    return [column.name for column in contract.properties if gone(column)]
