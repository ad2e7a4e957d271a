"""Ingest: a register's files in, typed rows out. A row that breaks the contract is refused and kept; it ends nothing.

A file that breaks it as a whole, or too many rows that do, is an InputError. Rows go by in chunks, never all of them
in memory: what is typed is identified, and waits in an encrypted stage for `pseudonymise`.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl

from pipelines import mass_days
from pipelines.alongside import ahead
from pipelines.contracts import Contract, Property
from pipelines.errors import InputError, InputErrors
from pipelines.reading import FIELDS, ROW, Chunk, chunks
from pipelines.row_hashes import RowHashes
from pipelines.shown import shown_name
from pipelines.sources import Source, find_files, source_of, text_bytes
from pipelines.stage import HASHES, Stage
from pipelines.stage_words import Words
from pipelines.typed import DTYPES, REASONS, typed_column
from pipelines.typed_texts import SEED, TypedTexts
from pseudonymisation import cpr
from reports import catalogue
from reports.catalogue import Language

__all__ = ["FileRead", "Ingested", "Place", "TooManyRejected", "bad_row_lines", "ingest_register", "missing_files"]

SHOWN = 5  # places named; the rest is a number
Keep = Callable[[Iterator[pl.DataFrame]], object]


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
    stage: Stage  # typed, identified; columns whose treatment is drop are gone
    refused: Stage  # file, row, column, reason, and the row as text: for the quarantine only
    columns: tuple[str, ...]  # of the kept rows
    places: tuple[Place, ...]  # of the first five
    rows: int  # kept
    rows_read: int
    duplicates: int
    files: tuple[FileRead, ...]
    reasons: Mapping[str, int] = field(default_factory=dict)  # why rows were refused, and how many
    missing: Mapping[str, int] = field(default_factory=dict)  # by column: empty cells among the kept rows
    again: int = 0  # files with the content of one that was read, passed over
    modulus: int = 0  # of the population's rows: CPR numbers that do not fit modulus 11, counted and kept
    mass_days: tuple[mass_days.MassDay, ...] = ()  # days on which a mass of rows is dated
    repaired: Mapping[str, int] = field(default_factory=dict)  # by column: a zero that a spreadsheet ate was put back

    @property
    def rows_rejected(self) -> int:
        return self.refused.rows

    @property
    def frame(self) -> pl.DataFrame:
        """All kept rows in memory: for a register that is known to be small."""
        return pl.concat(self.stage.frames(self.columns))

    @property
    def rejected(self) -> pl.DataFrame:
        """All refused rows in memory."""
        return pl.concat(self.refused.frames())


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
    keep_rejected: Keep | None = None,
    sealed_in: tuple[Path, bytes] | None = None,
    only: Callable[[pl.DataFrame], pl.DataFrame] = lambda rows: rows,
    only_refused: Callable[[pl.DataFrame], pl.DataFrame] = lambda rows: rows,
) -> Ingested:
    """Return a register's rows, typed by its contract.

    `today` is what a contract's `maximum: today` means. `keep_rejected` is given the refused rows, chunk by chunk,
    before anything is raised for their number, so that they reach the quarantine also when the run stops.
    `sealed_in` is a folder and a key: rows wait there, sealed, instead of in memory. `only` gives back those of the
    rows that may go on, `only_refused` of the refused ones: who objected leaves here, uncounted.
    Raises: InputError(s) for what is wrong with a file as a whole; `TooManyRejected`. Then no stage is left.
    """
    way = _Way(contract, inbox, sealed_in, today or date.today())
    way.only, way.only_refused = only, only_refused
    try:
        return way.taken(keep_rejected)
    except BaseException:
        way.stage.remove()
        raise
    finally:
        if sealed_in is not None:
            way.refused.remove()


class _Way:
    """A register's files on their way in: what is kept, what is refused, what is counted."""

    def __init__(self, contract: Contract, inbox: Path, sealed_in: tuple[Path, bytes] | None, today: date) -> None:
        self.contract, self.inbox, self.today = contract, inbox, today
        self.files: list[FileRead] = []
        self.faults: list[InputError] = []
        self.only: Callable[[pl.DataFrame], pl.DataFrame] = lambda rows: rows
        self.only_refused: Callable[[pl.DataFrame], pl.DataFrame] = lambda rows: rows
        self.again = self.modulus = 0
        self.reasons: Counter[str] = Counter()
        self.repaired: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self.days: dict[str, Counter[date]] = {column.name: Counter() for column in mass_days.dated(contract)}
        self.kept = [column for column in contract.properties if not column.dropped]
        self.places: list[Place] = []
        unique = list(contract.key) or list(HASHES)
        person = contract.person
        by_person = person is not None and (not contract.key or person.name in contract.key)
        by = [person.name] if person is not None and by_person else unique
        self.stage = Stage(
            by=by,
            unique=unique,
            # Of a delivery of changes the later file's row stands: its files are read in the order of their names.
            keep="last" if contract.delivery == "changes" else "first",
            text_bytes=_text_bytes(contract, inbox) if sealed_in else 0,
            words={
                column.name: Words(columns=len(self.kept))
                for column in self.kept
                if _is_numbered(column, [*unique, *by])
            },
        )
        words = self.stage.words
        self.texts = {one.name: TypedTexts(one, contract, today, words.get(one.name)) for one in contract.properties}
        self.refused = Stage(by=["row"], unique=[])
        if sealed_in is not None:
            folder, key = sealed_in
            self.stage.seal(folder / contract.register, contract.register, key)
            self.refused.seal(folder / f"{contract.register}.refused", f"{contract.register}.refused", key)

    def taken(self, keep_rejected: Keep | None) -> Ingested:
        for source in self._sources():
            rows = 0
            try:
                for chunk in ahead(chunks(self.contract, source, coded=True)):
                    self._take(chunk, f"{source.name} [{chunk.sheet}]" if chunk.sheet else source.name)
                    rows += chunk.frame.height
                    del chunk  # not in memory while the next is waited for
            except InputErrors as error:
                self.faults += error.errors
                continue
            except InputError as error:
                if error.key == "disk_full":  # of ours, not of the file
                    raise
                self.faults.append(error)
                continue
            if not rows:
                self.faults.append(InputError("file_header_only", file=source.name))
                continue
            self.files.append(FileRead(name=source.name, sha256=source.sha256, bytes=source.size, rows=rows))
        if self.faults:
            raise self.faults[0] if len(self.faults) == 1 else InputErrors(self.faults)
        self.stage.done()
        self.refused.done()
        read = sum(file.rows for file in self.files)
        if self.refused.rows and keep_rejected is not None:
            keep_rejected(self.refused.frames())
        if self.refused.rows > self.contract.max_rejected_share * read:
            raise TooManyRejected(self.contract, self.places, rejected=self.refused.rows, rows=read)
        names = tuple(column.name for column in self.kept)
        missing = self.missing
        if self.stage.kept < self.stage.rows:  # rows that stood twice were counted twice
            missing = Counter()
            for frame in self.stage.frames(names):
                missing.update({name: frame[name].null_count() for name in names})
        return Ingested(
            register=self.contract.register,
            stage=self.stage,
            refused=self.refused,
            columns=names,
            places=tuple(self.places),
            rows=self.stage.kept,
            rows_read=read,
            duplicates=self.stage.rows - self.stage.kept,
            files=tuple(self.files),
            reasons=dict(self.reasons),
            missing={name: count for name, count in missing.items() if count},
            repaired=dict(self.repaired),
            mass_days=tuple(
                day for name, days in self.days.items() for day in mass_days.found(self.contract.column(name), days)
            ),
            again=self.again,
            modulus=self.modulus,
        )

    def _sources(self) -> Iterator[Source]:
        if self.contract.format == "postgres":
            from pipelines.reading_database import database_source

            yield database_source(self.contract)
            return
        for path in find_files(self.contract, self.inbox):
            try:
                source = source_of(path)
                alike = [file for file in self.files if file.bytes == source.size]
                if alike and source.hashed() in (file.sha256 for file in alike):
                    self.again += 1  # delivered before: a second time changes nothing
                    continue
            except InputError as error:
                self.faults.append(error)
                continue
            yield source

    def _take(self, chunk: Chunk, file: str) -> None:
        good, bad, mended = _typed(self.contract, chunk, file, self.today, self.texts)
        good, bad = self.only(good), self.only_refused(bad)
        self.stage.add(good)
        for name, days in self.days.items():
            counted = good[name].drop_nulls().value_counts(name="\0rows")
            days.update(dict(counted.iter_rows()))
        person = self.contract.person
        if self.contract.population and person is not None and person.shape == "cpr":
            self.modulus += int((~cpr.modulus_11_column(good[person.name])).sum())
        self.missing.update({column.name: good[column.name].null_count() for column in self.kept})
        self.refused.add(_by_itself(bad))
        self.repaired += mended
        if bad.height:
            self.reasons.update(dict(bad["reason"].value_counts().iter_rows()))
            first = bad.head(max(0, SHOWN - len(self.places))).select("file", "row", "column", "reason")
            self.places += [Place(**row) for row in first.iter_rows(named=True)]


def _text_bytes(contract: Contract, inbox: Path) -> int:
    """Return about how many bytes of text a register's files hold."""
    if contract.format == "postgres":
        return 4 << 30  # nobody knows: many buckets cost little
    try:
        return text_bytes(contract, inbox)
    except (InputError, OSError):
        return 0  # said when the file's turn comes


class Refusals(Protocol):
    """Refused rows of one register, in an `Ingested` or in a run's account."""

    @property
    def places(self) -> tuple[Place, ...]: ...
    @property
    def rows_rejected(self) -> int: ...


def missing_files(contracts: Mapping[str, Contract], inbox: Path) -> list[InputError]:
    """Return what is wrong with the files' names and places, all registers at once, before anything is read.

    A server that does not answer is one of them.
    """
    if not inbox.is_dir():
        return [InputError("inbox_missing", file=shown_name(inbox.name))]
    faults: list[InputError] = []
    for contract in contracts.values():
        try:
            if contract.format == "postgres":
                from pipelines.reading_database import check_reachable

                check_reachable(contract)
            else:
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


def _is_numbered(column: Property, needed: Sequence[str]) -> bool:
    """Return whether a column may wait as numbers of its texts: one that is kept as it is, and tells no rows apart."""
    return column.logical_type == "string" and column.treatment == "keep" and column.name not in needed


def _typed(
    contract: Contract, chunk: Chunk, file: str, today: date, texts: Mapping[str, TypedTexts]
) -> tuple[pl.DataFrame, pl.DataFrame, Counter[str]]:
    """Return a chunk's good rows typed, its refused rows as text, and how many numbers were mended by column."""
    text = chunk.frame
    values: dict[str, pl.Series] = {}
    column_at = pl.repeat("", text.height, dtype=pl.String, eager=True)
    reason = text[FIELDS]
    mended: Counter[str] = Counter()
    for column in contract.properties:
        fault: pl.Series | None
        if (codes := chunk.coded.get(column.name)) is not None:
            known = texts[column.name]
            known.learn(codes)
            fault = known.fault.gather(codes.numbers) if known.faulty else None
            mended[column.name] += int(known.repaired.gather(codes.numbers).sum() or 0) if known.mended else 0
        else:
            typed = typed_column(
                text[column.name], column, contract, number_cells=column.name in chunk.number_cells, today=today
            )
            values[column.name], fault = typed.values, typed.fault
            mended[column.name] += typed.repaired
        if fault is None:
            continue
        new = (fault != "") & (reason == "")
        if new.any():
            column_at = pl.select(pl.when(new).then(pl.lit(column.name)).otherwise(column_at)).to_series()
            reason = pl.select(pl.when(new).then(fault).otherwise(reason)).to_series()
    assert set(reason.unique()) <= set(REASONS)
    wrong = reason != ""
    named: list[pl.Expr | pl.Series] = [
        pl.lit(file).alias("file"),
        pl.col(ROW).alias("row"),
        column_at.filter(wrong).alias("column"),
        reason.filter(wrong).alias("reason"),
    ]
    for column in contract.properties:
        name = f"text.{column.name}"
        if (codes := chunk.coded.get(column.name)) is not None:
            named.append(texts[column.name].texts.gather(codes.taken(wrong).numbers).alias(name))
        else:
            named.append(pl.col(column.name).alias(name))
    bad = text.filter(wrong).select(named)
    good = _good(contract, chunk, values, texts, wrong)
    return good, bad, Counter({name: count for name, count in mended.items() if count})


def _good(
    contract: Contract,
    chunk: Chunk,
    values: Mapping[str, pl.Series],
    texts: Mapping[str, TypedTexts],
    wrong: pl.Series,
) -> pl.DataFrame:
    """Return a chunk's rows that are not wrong, as they wait for pseudonymisation."""
    right = ~wrong if wrong.any() else None
    droppable = _droppable(contract)
    kept: list[pl.Series] = []
    row = RowHashes(chunk.frame.height - int(wrong.sum()))
    for column in contract.properties:
        name = column.name
        known, codes = texts[name], chunk.coded.get(name)
        if codes is not None:
            numbers = (codes if right is None else codes.taken(right)).numbers
            if name not in droppable:
                kept.append(known.staged.gather(numbers))
            if not contract.key:
                row.add(known.hashes.gather(numbers))
        else:
            cells = values[name] if right is None else values[name].filter(right)
            if name not in droppable:
                kept.append(cells.cast(DTYPES[column.logical_type]).alias(name))
            if not contract.key:
                row.add(cells.cast(DTYPES[column.logical_type]).hash(SEED))
    # A row is alike when all of it is, dropped columns too: two hashes of 64 bits stand for them from here.
    return pl.DataFrame([*kept, *([] if contract.key else row.series())])


def _by_itself(rows: pl.DataFrame) -> pl.DataFrame:
    """Return few rows of many as a copy of their own: as picked, they hold on to all the text of the others."""
    if not rows.height:
        return rows
    buffer = io.BytesIO()
    rows.write_ipc(buffer, compat_level=pl.CompatLevel.oldest())  # with texts end to end, not as views of others
    buffer.seek(0)
    return pl.read_ipc(buffer)


def _droppable(contract: Contract) -> list[str]:
    def gone(column: Property) -> bool:
        return column.dropped and column.name not in contract.key

    return [column.name for column in contract.properties if gone(column)]
