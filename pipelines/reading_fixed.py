"""Fixed-width text: a column is some places of the line; the line's first letters say which record it is.

Several registers come in one file (the CPR extract: 001, 004, 022 ...): each contract reads its own record, and names
the others, so that a record that nobody agreed on is not passed over unseen.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.reading import FIELDS, RECORD, ROW, Chunk, whole_rows
from pipelines.reading_text import Lines, opened_text
from pipelines.sources import Source


def fixed_chunks(contract: Contract, source: Source) -> Iterator[Chunk]:
    """Return a fixed-width file's rows. Raises: InputError `file_cut` when the end record is not the last line."""
    last = ""
    done = 0
    with opened_text(contract.encoding, source) as stream:
        lines = Lines(stream, source.name)
        while lines.refill():
            block = lines.texts()
            last = next((line for line in reversed(block) if line.strip()), last)
            yield _chunk(contract, block, done)
            done += len(block)
    if contract.end_record and not last.startswith(contract.end_record):
        raise InputError("file_cut", file=source.name, record=contract.end_record)


def _chunk(contract: Contract, lines: list[str], done: int) -> Chunk:
    line = pl.col("line")
    frame = pl.DataFrame({"line": lines}, schema={"line": pl.String}).with_row_index(ROW, offset=done + 1)
    mine = line.str.starts_with(contract.record) if contract.record else pl.lit(True)
    others = [mark for mark in (*contract.records, contract.end_record) if mark]
    known = pl.any_horizontal([line.str.starts_with(mark) for mark in others]) if others else pl.lit(False)
    blank = line.str.strip_chars("\x1a \t") == ""
    frame = frame.filter((mine | ~known) & ~blank)
    cut = [line.str.slice(one.start - 1, one.width).alias(one.name) for one in contract.properties]
    wrong = pl.when(mine).then(pl.lit("")).otherwise(pl.lit(RECORD)).alias(FIELDS)
    names = [one.name for one in contract.properties]
    return Chunk(frame=whole_rows(frame.select(ROW, wrong, *cut), names))
