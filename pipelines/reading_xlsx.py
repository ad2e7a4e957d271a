"""Workbooks by calamine: each cell as text, each row by its number in the sheet."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import headings, places_of
from pipelines.letters import FIRST, WRONG
from pipelines.reading import FIELDS, MANY, ROW, Chunk, whole_rows
from pipelines.shown import shown_name
from pipelines.sources import GROWTH, LARGEST, SMALL, Source

OLE = b"\xd0\xcf\x11\xe0"
_BEGINS, _FILEPASS = b"\x09\x08\x10\x00\x00\x06\x05\x00", 0x2F
_ON_LOAD = re.compile(rb'<calcPr\b[^>]*\bfullCalcOnLoad="(?:1|true)"')  # whoever wrote it has worked nothing out
_RESULT = re.compile(rb"<c\b[^>]*>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*<v>([^<]*)</v>")
_FORMULA = re.compile(rb"<c\b[^>]*>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


def xlsx_chunks(contract: Contract, source: Source) -> Iterator[Chunk]:
    """Return a workbook's rows, a chunk a sheet. Raises: InputError `workbook_unreadable`, `sheet_missing` ..."""
    file = source.name
    book = opened_book(source)
    sheets = list(book.sheet_names)
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
        frame = cells(book, sheet, place, skip=0, text=True)
        if frame.height == 0 and several:
            continue  # an empty sheet that somebody left
        filled += 1
        if frame.height < contract.header_row + contract.header_rows - 1:
            raise InputError("file_empty", file=place)
        yield _chunk(contract, book, sheet, frame, place, shown_name(sheet) if several else "")
    if not filled:
        raise InputError("file_empty", file=file)


def _chunk(contract: Contract, book: Any, sheet: str, frame: pl.DataFrame, place: str, shown: str) -> Chunk:
    top = contract.header_row + contract.header_rows - 1
    headers = headings(frame.slice(contract.header_row - 1, contract.header_rows).rows())
    places = places_of(contract, headers, place)
    body = frame.with_row_index(ROW, offset=1).slice(top)
    names = frame.columns
    nameless = [names[number] for number, header in enumerate(headers) if not header]
    filled = pl.any_horizontal(pl.col(name).is_not_null() for name in nameless) if nameless else pl.lit(False)
    chosen = body.select(
        ROW,
        pl.when(filled).then(pl.lit(MANY)).otherwise(pl.lit("")).alias(FIELDS),
        *(pl.col(names[number]).alias(name) for name, number in places.items()),
    )
    kinds = {column.name: column.logical_type for column in contract.properties}
    numbers = [name for name in places if kinds.get(name, "number") in ("number", "integer")]
    found: frozenset[str] = frozenset()
    if numbers and body.height:
        # Text alone does not say whether 1.234 was a number or typed so: ask which columns hold numbers only.
        typed = cells(book, sheet, place, skip=top, text=False)
        found = frozenset(
            name for name in numbers if places[name] < typed.width and typed.dtypes[places[name]].is_numeric()
        )
    return Chunk(frame=whole_rows(chosen, list(places)), sheet=shown, number_cells=found)


def cells(book: Any, sheet: str, file: str, *, skip: int, text: bool) -> pl.DataFrame:
    """Return a sheet's cells from a row on, as text or as calamine types them. Raises: InputError."""
    try:
        # skip_rows given: rows are counted from the sheet's first, not from the first that is filled
        loaded = book.load_sheet(
            sheet, header_row=None, skip_rows=skip, schema_sample_rows=None, dtypes="string" if text else None
        )
        frame: pl.DataFrame = loaded.to_polars()
        if text and _written_twice(frame):
            frame = frame.with_columns(pl.all().str.replace_many(list(WRONG), list(WRONG.values())))
        return frame
    except Exception:
        raise InputError("workbook_unreadable", file=file) from None


def _written_twice(frame: pl.DataFrame) -> bool:
    return any(frame[name].str.contains_any(FIRST).any() for name in frame.columns)


def opened_book(source: Source) -> Any:
    """Return a workbook (.xlsx, .xls, .xlsb, .ods) by what is in it, whatever it is called.

    Raises: InputError, with a word for each of the ways in which a workbook can be shut or is no workbook.
    """
    import fastexcel

    data = source.whole()
    _check_archive(data, source.name)
    why = "workbook_unreadable"
    try:
        return fastexcel.read_excel(data)
    except Exception as error:  # calamine says what stood in a cell, and panics on some files
        if "password" in str(error).lower():
            why = "workbook_password"
    raise InputError(why, file=source.name)


def _check_archive(data: bytes, file: str) -> None:
    if data.startswith(OLE):  # an old .xls, or a new workbook in a locked box
        if "EncryptedPackage".encode("utf-16-le") in data or _is_locked(data):
            raise InputError("workbook_password", file=file)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > LARGEST or size > max(GROWTH * len(data), SMALL):
                raise InputError("archive_too_large", file=file)
            if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read(
                "META-INF/manifest.xml"
            ):
                raise InputError("workbook_password", file=file)
            names = archive.namelist()
            on_load = "xl/workbook.xml" in names and _ON_LOAD.search(archive.read("xl/workbook.xml"))
            for name in names:
                if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name) and _waits(archive.read(name), bool(on_load)):
                    raise InputError("workbook_formula", file=file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        raise InputError("workbook_unreadable", file=file) from None


def _is_locked(data: bytes) -> bool:
    """Return whether an old .xls has a password: a record that says so, among the first after the workbook begins."""
    at = data.find(_BEGINS)
    for _ in range(5):
        if not 0 <= at <= len(data) - 4:
            return False
        kind, size = struct.unpack_from("<HH", data, at)
        if kind == _FILEPASS:
            return True
        at += 4 + size
    return False


def _waits(sheet: bytes, on_load: bool) -> bool:
    """Return whether a sheet has formulas that nobody has worked out: without a result, or all with a 0."""
    if _FORMULA.search(sheet):
        return True
    results = {result.strip() for result in _RESULT.findall(sheet)} if on_load else set()
    return results == {b"0"}
