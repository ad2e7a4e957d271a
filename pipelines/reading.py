"""Rows as they come: every cell as text, with the row that Excel shows. Never a value in an error.

A source gives chunks of rows, so that only one chunk is text at a time. Each format has a module of its own; what is
done to any of them (total rows left out, group cells filled, one column a week made rows) is pipelines/reshape.py's.
Typing is pipelines/typed.py's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from pipelines.contracts import Contract
from pipelines.sources import Source

if TYPE_CHECKING:
    from pipelines.coding import Codes

ROW, FIELDS = "__row", "__fields"
FEW, MANY, QUOTES, RECORD = "fields_few", "fields_many", "quotes", "record_unknown"
CHUNK = 250_000  # rows at most; wide rows come in smaller chunks, by their letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows as text: a column a property, `__row` as Excel shows it, `__fields` with what is wrong with the row."""

    frame: pl.DataFrame
    sheet: str = ""  # fit to be shown, where a file has several
    number_cells: frozenset[str] = field(default_factory=frozenset)  # their text has a decimal point in any contract
    coded: Mapping[str, Codes] = field(default_factory=dict)  # columns that are not in `frame`: only who asks gets any


def chunks(contract: Contract, source: Source, *, coded: bool = False) -> Iterator[Chunk]:
    """Return the file's rows, chunk by chunk. `coded`: columns may be numbers of their texts instead of texts.

    Raises: InputError for a file that is not as the contract says.
    """
    from pipelines.reshape import is_reshaped, reshaped, with_all

    if coded and contract.format == "csv" and not is_reshaped(contract):
        from pipelines.reading_csv import csv_chunks

        return with_all(contract, csv_chunks(contract, source, coded=True))
    return reshaped(contract, _read(contract, source), source.name)


def _read(contract: Contract, source: Source) -> Iterator[Chunk]:
    match contract.format:
        case "csv":
            from pipelines.reading_csv import csv_chunks

            return csv_chunks(contract, source)
        case "fixed":
            from pipelines.reading_fixed import fixed_chunks

            return fixed_chunks(contract, source)
        case "xlsx" | "xls" | "xlsb" | "ods":
            from pipelines.reading_xlsx import xlsx_chunks

            return xlsx_chunks(contract, source)
        case "sas" | "stata" | "spss":
            from pipelines.reading_statistics import statistics_chunks

            return statistics_chunks(contract, source)
        case "duckdb" | "postgres":
            from pipelines.reading_database import database_chunks

            return database_chunks(contract, source)
    from pipelines.reading_parquet import parquet_chunks

    return parquet_chunks(contract, source)


def whole_rows(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return the rows in which something stands: a row of empty cells is none."""
    empty = pl.Series([True]).new_from_index(0, frame.height)
    for name in names:  # in most files the first column settles it
        empty = empty & is_blank(frame[name])
        if not empty.any():
            return frame
    return frame.filter(~empty | (pl.col(FIELDS) != ""))


def is_blank(cells: pl.Series) -> pl.Series:
    """Return in which cells nothing stands but up to three spaces."""
    blank = cells.is_null() | (cells.str.len_bytes() == 0)
    blank = blank | ((cells.str.len_bytes() < 4) & (cells.str.strip_chars() == ""))
    return blank.fill_null(True)
