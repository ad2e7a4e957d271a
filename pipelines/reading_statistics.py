"""SAS, Stata and SPSS files by pyreadstat, in chunks. Values, not labels: a label is a word for people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import normal_header, places_of
from pipelines.reading import CHUNK, Chunk
from pipelines.reading_parquet import text_chunk
from pipelines.sources import Source

READERS = {
    ".sas7bdat": "read_sas7bdat", ".xpt": "read_xport", ".dta": "read_dta", ".sav": "read_sav", ".zsav": "read_sav",
    ".por": "read_por",
}  # fmt: skip


def statistics_chunks(contract: Contract, source: Source) -> Iterator[Chunk]:
    """Return the rows of a statistics program's file. Raises: InputError `statistics_unreadable`."""
    with source.held() as path:
        columns = headings(source)
        places = places_of(contract, [normal_header(name) for name in columns], source.name)
        wanted = {columns[place]: name for name, place in places.items()}
        done = 0
        while True:
            frame = _rows(path, source.name, list(wanted), offset=done)
            if not frame.height:
                break
            yield text_chunk(contract, frame.select(list(wanted)).rename(wanted), source.name, done)
            done += frame.height
            if frame.height < CHUNK:
                break


def headings(source: Source) -> list[str]:
    """Return the file's column names, nothing else of it read. Raises: InputError `statistics_unreadable`."""
    _, about = _read(source.path, source.name, metadataonly=True)
    return list(about.column_names)


def _rows(path: Path, file: str, columns: list[str], *, offset: int) -> pl.DataFrame:
    frame, _ = _read(
        path, file, usecols=columns, row_offset=offset, row_limit=CHUNK, output_format="polars",
        disable_datetime_conversion=False,
    )  # fmt: skip
    return frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)


def _read(path: Path, file: str, **options: Any) -> tuple[Any, Any]:
    import pyreadstat

    read = getattr(pyreadstat, READERS.get(path.suffix.lower(), ""), None)
    if read is None:
        raise InputError("statistics_unreadable", file=file)
    try:
        frame, about = read(str(path), **options)
    except Exception:  # it says what stood where
        raise InputError("statistics_unreadable", file=file) from None
    return frame, about
