"""Files as they come: every cell as text, with the row that Excel shows. Never a value in an error.

A file gives chunks of rows, so that only one chunk is text at a time. Typing is pipelines/typed.py's.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import places_of
from pipelines.shown import names_somebody, shown_name

ROW, FIELDS = "__row", "__fields"
FEW, MANY, QUOTES = "fields_few", "fields_many", "quotes"
CHUNK = 250_000
GROWTH = 200  # a packed file may hold so many times its own size: registers pack 10 to 30 times
SMALL = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows as text: a column a property, `__row` as Excel shows it, `__fields` with what is wrong with the row."""

    frame: pl.DataFrame
    sheet: str = ""  # fit to be shown, where a file has several
    number_cells: frozenset[str] = field(
        default_factory=frozenset
    )  # their text has a decimal point, whatever the contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of a register, read once: the bytes that were hashed are the bytes that are typed."""

    name: str  # fit to be shown
    data: bytes
    sha256: str
    size: int


def find_files(contract: Contract, inbox: Path) -> list[Path]:
    """Return the register's files, sorted by name.

    Raises: InputError when there is none, a name holds a person's number, or a link leads out of the inbox.
    """
    if not inbox.is_dir():
        raise InputError("inbox_missing", file=shown_name(inbox.name))
    files = sorted(
        path for path in inbox.glob(contract.files) if not path.is_dir() and not path.name.startswith((".", "~$"))
    )
    if not files:
        raise InputError("file_missing", file=shown_name(contract.files), register=contract.register)
    home = inbox.resolve()
    for path in files:
        if names_somebody(path.name):
            raise InputError("file_name_person", file=shown_name(path.name))
        if not path.resolve().is_relative_to(home):
            raise InputError("file_outside", file=shown_name(path.name))
        if not path.is_file():
            raise InputError("file_unreadable", file=shown_name(path.name))
    return files


def read_source(path: Path) -> Source:
    """Return a file's bytes, unpacked when it is gzipped. Raises: InputError, also for one that grows without end."""
    name = shown_name(path.name)
    try:
        packed = path.read_bytes()
    except OSError:
        raise InputError("file_unreadable", file=name) from None
    if not packed:
        raise InputError("file_empty", file=name)
    data = packed
    if path.suffix == ".gz":
        limit = max(GROWTH * len(packed), SMALL)
        try:
            with gzip.open(io.BytesIO(packed)) as stream:
                data = stream.read(limit + 1)
        except (OSError, EOFError, zlib.error):
            raise InputError("gzip_damaged", file=name) from None
        if len(data) > limit:
            raise InputError("archive_too_large", file=name)
        if not data:
            raise InputError("file_empty", file=name)
    return Source(name=name, data=data, sha256=sha256(packed).hexdigest(), size=len(packed))


def chunks(contract: Contract, source: Source) -> Iterator[Chunk]:
    """Return the file's rows, chunk by chunk. Raises: InputError for a file that is not as the contract says."""
    if contract.format == "csv":
        from pipelines.reading_csv import csv_chunks

        return csv_chunks(contract, source.data, source.name)
    if contract.format == "xlsx":
        from pipelines.reading_xlsx import xlsx_chunks

        return xlsx_chunks(contract, source.data, source.name)
    return _parquet_chunks(contract, source.data, source.name)


def whole_rows(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the rows in which something stands: a row of empty cells is none."""
    empty = pl.all_horizontal(pl.col(name).is_null() | (pl.col(name).str.strip_chars() == "") for name in names)
    return frame.filter(~empty | (pl.col(FIELDS) != ""))


def _parquet_chunks(contract: Contract, data: bytes, file: str) -> Iterator[Chunk]:
    try:
        headers = list(pl.read_parquet_schema(io.BytesIO(data)))
    except Exception:  # polars panics and raises many kinds, some with values in their words
        raise InputError("parquet_unreadable", file=file) from None
    places_of(contract, headers, file)
    by_header = {" ".join(header.split()): header for header in headers}
    wanted = {by_header[column.header]: column.name for column in contract.properties}
    try:
        frame = pl.read_parquet(io.BytesIO(data), columns=list(wanted)).rename(wanted)
    except Exception:
        raise InputError("parquet_unreadable", file=file) from None
    for column in contract.properties:
        if frame.schema[column.name].is_nested() or frame.schema[column.name] == pl.Binary:
            raise InputError("column_type", file=file, column=column.name)
    names = [column.name for column in contract.properties]
    numbers = frozenset(name for name in names if frame.schema[name].is_numeric())
    frame = frame.select(names).with_row_index(ROW, offset=2)
    for start in range(0, frame.height, CHUNK):
        part = frame.slice(start, CHUNK)
        text = part.select(ROW, pl.lit("").alias(FIELDS), *(_as_text(part[name]) for name in names))
        yield Chunk(frame=whole_rows(text, names), number_cells=numbers)


def _as_text(values: pl.Series) -> pl.Series:
    kind = values.dtype
    if kind.is_float():
        whole = values.drop_nulls().drop_nans()
        if (
            (whole == whole.round(0)) & (whole.abs() < 2**53)
        ).all():  # a code or a number of days, made a float by a missing value
            return values.fill_nan(None).cast(pl.Int64).cast(pl.String)
    if kind == pl.Datetime:
        return values.dt.strftime("%Y-%m-%d %H:%M:%S")
    return values.cast(pl.String)
