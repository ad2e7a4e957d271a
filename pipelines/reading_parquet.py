"""Parquet, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.headers import normal_header, places_of
from pipelines.reading import CHUNK, FIELDS, ROW, Chunk, whole_rows
from pipelines.sources import Source


def parquet_chunks(contract: Contract, source: Source) -> Iterator[Chunk]:
    """Return a Parquet file's rows. Raises: InputError `parquet_unreadable`, `column_type`."""
    import pyarrow.parquet

    with source.held() as path:
        try:
            file = pyarrow.parquet.ParquetFile(path)
            headers = list(file.schema_arrow.names)
        except Exception:  # some say what stood there
            raise InputError("parquet_unreadable", file=source.name) from None
        places = places_of(contract, [normal_header(header) for header in headers], source.name)
        batches = file.iter_batches(batch_size=CHUNK, columns=[headers[place] for place in places.values()])
        done = 0
        while True:
            try:
                batch = next(batches, None)
                frame = None if batch is None else pl.DataFrame(pl.from_arrow(batch))
            except Exception:
                raise InputError("parquet_unreadable", file=source.name) from None
            if frame is None:
                break
            wanted = {headers[place]: name for name, place in places.items()}
            yield text_chunk(contract, frame.rename(wanted), source.name, done)
            done += frame.height


def text_chunk(contract: Contract, frame: pl.DataFrame, file: str, done: int) -> Chunk:
    """Return typed rows as text; `done` rows stand between the headings and them. Raises: InputError."""
    names = frame.columns
    for name in names:
        if frame.schema[name].is_nested() or frame.schema[name] in (pl.Binary, pl.Object):
            raise InputError("column_type", file=file, column=name)
    numbers = frozenset(name for name in names if frame.schema[name].is_numeric())
    numbered = frame.with_row_index(ROW, offset=done + 2)
    text = numbered.select(ROW, pl.lit("").alias(FIELDS), *(as_text(frame[name]) for name in names))
    return Chunk(frame=whole_rows(text, names), number_cells=numbers)


def as_text(values: pl.Series) -> pl.Series:
    """Return values as a contract reads them: 7.0 is 7, for a missing value makes codes and days into floats."""
    kind = values.dtype
    if kind.is_float():
        number = pl.col(values.name)
        whole = number.is_finite() & (number == number.round(0)) & (number.abs() < 2**53)
        return values.to_frame().select(
            pl.when(whole)
            .then(pl.when(whole).then(number).cast(pl.Int64).cast(pl.String))
            .otherwise(number.fill_nan(None).cast(pl.String))
            .alias(values.name)
        )[values.name]
    if isinstance(kind, pl.Datetime):
        if kind.time_zone:
            values = values.dt.convert_time_zone("Europe/Copenhagen")
        return values.dt.strftime("%Y-%m-%d %H:%M:%S")
    return values.cast(pl.String)
