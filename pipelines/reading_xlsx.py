"""Workbooks by calamine: each cell as text, each row by its number in the sheet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import normal_header, places_of
from pipelines.reading import FIELDS, GROWTH, MANY, ROW, SMALL, Chunk, whole_rows
from pipelines.shown import shown_name

LARGEST = 4 << 30


def xlsx_chunks(contract: Contract, data: bytes, file: str) -> Iterator[Chunk]:
    """Return a workbook's rows, a chunk a sheet. Raises: InputError `workbook_unreadable`, `sheet_missing` ..."""
    import fastexcel

    _check_archive(data, file)
    try:
        book = fastexcel.read_excel(data)
        sheets = list(book.sheet_names)
    except Exception:  # calamine says what stood in a cell, and panics on some files
        raise InputError("workbook_unreadable", file=file) from None
    if contract.sheet == "*":
        wanted = sheets
    elif not contract.sheet:
        wanted = sheets[:1]
    elif contract.sheet in sheets:
        wanted = [contract.sheet]
    else:
        raise InputError("sheet_missing", file=file, sheet=shown_name(contract.sheet))
    several = contract.sheet == "*" and len(sheets) > 1
    filled = 0
    for sheet in wanted:
        place = f"{file} [{shown_name(sheet)}]" if several else file
        frame = _cells(book, sheet, place, skip=0, text=True)
        if frame.height == 0 and several:
            continue  # an empty sheet that somebody left
        filled += 1
        if frame.height < contract.header_row:
            raise InputError("file_empty", file=place)
        yield _chunk(contract, book, sheet, frame, place, shown_name(sheet) if several else "")
    if not filled:
        raise InputError("file_empty", file=file)


def _chunk(contract: Contract, book: Any, sheet: str, frame: pl.DataFrame, place: str, shown: str) -> Chunk:
    headers = [normal_header(value) for value in frame.row(contract.header_row - 1)]
    places = places_of(contract, headers, place)
    body = frame.with_row_index(ROW, offset=1).slice(contract.header_row)
    names = frame.columns
    nameless = [names[number] for number, header in enumerate(headers) if not header]
    filled = pl.any_horizontal(pl.col(name).is_not_null() for name in nameless) if nameless else pl.lit(False)
    chosen = body.select(
        ROW,
        pl.when(filled).then(pl.lit(MANY)).otherwise(pl.lit("")).alias(FIELDS),
        *(pl.col(names[number]).alias(name) for name, number in places.items()),
    )
    numbers = [column.name for column in contract.properties if column.logical_type in ("number", "integer")]
    cells: frozenset[str] = frozenset()
    if numbers and body.height:
        # Text alone does not say whether 1.234 was a number or typed so: ask which columns hold numbers only.
        typed = _cells(book, sheet, place, skip=contract.header_row, text=False)
        cells = frozenset(
            name for name in numbers if places[name] < typed.width and typed.dtypes[places[name]].is_numeric()
        )
    return Chunk(frame=whole_rows(chosen, list(places)), sheet=shown, number_cells=cells)


def _cells(book: Any, sheet: str, file: str, *, skip: int, text: bool) -> pl.DataFrame:
    try:
        # skip_rows given: rows are counted from the sheet's first, not from the first that is filled
        loaded = book.load_sheet(
            sheet, header_row=None, skip_rows=skip, schema_sample_rows=None, dtypes="string" if text else None
        )
        frame: pl.DataFrame = loaded.to_polars()
        return frame
    except Exception:
        raise InputError("workbook_unreadable", file=file) from None


def _check_archive(data: bytes, file: str) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):  # an OLE file: .xls, or a workbook behind a password
        raise InputError("workbook_password", file=file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError("workbook_unreadable", file=file) from None
    if size > LARGEST or size > max(GROWTH * len(data), SMALL):
        raise InputError("archive_too_large", file=file)
