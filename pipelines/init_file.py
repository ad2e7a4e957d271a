"""An unknown file, read whole: its format, encoding, delimiter, quotation marks, header row and sheets.

Reading itself is ingest's own (pipelines/reading.py), by a contract made of what was found: what `init` saw is what a
run will see.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import polars as pl

from pipelines.contract_schema import CELL, HEADING
from pipelines.contracts import Contract, Property, Server
from pipelines.errors import InputError
from pipelines.headers import headings, normal_header, wide_part
from pipelines.init_layout import (
    group_columns,
    place_names,
    places,
    record_types,
    same_width,
    total_words,
    wide_pattern,
)
from pipelines.letters import written_twice
from pipelines.reading import FIELDS, ROW, chunks
from pipelines.reading_text import Lines, opened_text
from pipelines.shown import names_somebody, shown_name
from pipelines.sources import Source, source_of

FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".dat": "csv", ".asc": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".xls": "xls", ".xlsb": "xlsb", ".ods": "ods", ".parquet": "parquet", ".sas7bdat": "sas", ".xpt": "sas",
    ".dta": "stata", ".sav": "spss", ".zsav": "spss", ".por": "spss", ".duckdb": "duckdb",
}  # fmt: skip
_CPR_NAME = re.compile(r"(?i)d\d{6}\.l\d{6}")  # the CPR extract's: D261101.L431101
DELIMITERS = (";", ",", "\t", "|")
PLACES = 5_000  # lines that the columns' places are guessed from
LOOKED = 200  # records that the delimiter and the header row are looked for in; all the rest is read too
MOST_COLUMNS = 2_000
_DATA = re.compile(r"(?!(?:19|20)\d\d$)[\d.,:/ +-]+")  # a number or a date; a year may head a column


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file is written."""

    format: str
    encoding: str = "utf-8"
    delimiter: str = ";"
    quote: str = '"'
    sheet: str = ""
    header_row: int = 1
    header_rows: int = 1
    skip_rows: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()  # headings
    wide: str = ""
    record: str = ""
    records: tuple[str, ...] = ()
    end_record: str = ""
    places: tuple[tuple[int, int], ...] = ()  # of each heading, in a fixed-width file
    database: str = ""
    schema: str = ""
    table: str = ""
    mended: bool = False  # letters that were written twice, Ã¦, are themselves again


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One file's table (a workbook may hold several), every cell as text."""

    file: Path
    layout: Layout
    headers: tuple[str, ...]
    frame: pl.DataFrame  # columns are the headings
    number_cells: frozenset[str]  # headings
    typed_dates: frozenset[str]  # headings whose cells are dates in the file itself
    bad_rows: int  # rows with too few or too many fields
    optional: frozenset[str] = frozenset()  # headings that some of its sheets lack


def format_of(path: Path) -> str:
    """Return csv, xlsx, parquet ... by a file's name, "" for what cannot be read."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if _CPR_NAME.fullmatch(path.name):
        return "csv"  # text; whether it is fixed width, its lines say
    if suffixes and suffixes[-1] == ".zip":
        return "csv"
    if suffixes and suffixes[-1] == ".gz":
        return "csv" if FORMATS.get(suffixes[-2] if len(suffixes) > 1 else "") == "csv" else ""
    return FORMATS.get(suffixes[-1] if suffixes else "", "")


def read_tables(path: Path) -> list[Table]:
    """Return a file's tables, read whole. Raises: InputError; no message holds a value."""
    source = source_of(path)
    kind = format_of(path)
    match kind:
        case "csv":
            return _text_tables(path, source)
        case "xlsx" | "xls" | "xlsb" | "ods":
            return _xlsx_tables(path, source, kind)
        case "sas" | "stata" | "spss":
            from pipelines.reading_statistics import headings as names_of

            return [_table(path, Layout(format=kind), source, [normal_header(name) for name in names_of(source)])]
        case "duckdb":
            return _duckdb_tables(path, source)
    return [_parquet_table(path, source)]


def encoding_of(data: bytes) -> str:
    """Return a text's encoding: a mark first, then what the bytes can be, then which Danish letters come out."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or (data[:2000].count(b"\x00") * 3 > len(data[:2000])):
        return "utf-16"
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    windows = sum(data.count(bytes([letter])) for letter in "æøåÆØÅ".encode("cp1252"))
    pairs = sum(data.count(letter.encode()) for letter in "æøåÆØÅ")
    if pairs > 10 * windows:
        return "utf-8"  # but for some byte, and reading says in which row: as cp1252 every æ would be two letters
    dos = sum(data.count(bytes([letter])) for letter in "æøåÆØÅ".encode("cp850"))
    if dos > windows:
        return "cp850"
    return "iso-8859-1" if any(data.count(bytes([byte])) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)) else "cp1252"


def _text_tables(path: Path, source: Source) -> list[Table]:
    """Return a text's tables: one, or one a record type where its columns lie in fixed places."""
    with source.open() as stream:
        data = stream.read()
        layout = Layout(format="csv", encoding=encoding_of(data))
        layout = replace(layout, mended=layout.encoding.startswith("utf-8") and written_twice(data))
    with opened_text(layout.encoding, source) as text:
        lines = Lines(text, source.name)
        lines.refill()
        block = lines.texts()
        if not _divided(_looked(block)) and record_types(block):
            kept = Counter(line[:3] for line in block)
            while lines.refill():  # the last line, and record types that begin further down
                more = lines.texts()
                block += [line for line in more if kept.update((line[:3],)) or kept[line[:3]] <= PLACES]
    fixed = _fixed_tables(path, layout, source, block)
    if fixed:
        return fixed
    delimiter, records = _delimiter([f"{line}\n" for line in block[:LOOKED]])
    row, rows, headers = _header(records, source.name)
    layout = replace(layout, delimiter=delimiter, header_row=row, header_rows=rows)
    try:
        return [_table(path, layout, source, headers)]
    except InputError as error:
        if error.key not in ("quote_open", "field_endless"):
            raise
        return [_table(path, replace(layout, quote=""), source, headers)]  # a lone mark is a plain letter here


def _fixed_tables(path: Path, layout: Layout, source: Source, lines: Sequence[str]) -> list[Table]:
    """Return a fixed-width file's tables, [] where it is none: lines alike in width that no mark divides."""
    looked = _looked(lines)
    if not looked or _divided(looked):
        return []
    kinds = record_types(lines)
    if not (kinds or same_width(looked)):
        return []
    last = next((line[:3] for line in reversed(lines) if line.strip("\x1a ")), "")
    ends = [kind for kind in (last,) if kinds.get(kind) is not None and len(kinds[kind]) == 1]
    tables = []
    rest = {kind: rows for kind, rows in kinds.items() if kind not in ends and len(rows) > 1}
    for kind, rows in rest.items() if kinds else [("", list(looked))]:
        found = places(rows[:PLACES], first=4 if kind else 1)
        headers = place_names(rows[:PLACES], found)
        fixed = replace(
            layout, format="fixed", record=kind, end_record=ends[0] if ends else "", places=tuple(found),
            records=tuple(other for other in kinds if other != kind and other not in ends),
        )  # fmt: skip
        tables.append(_table(path, fixed, source, headers))
    return tables


def _looked(lines: Sequence[str]) -> list[str]:
    return list(islice((line for line in lines if line.strip("\x1a ")), LOOKED))


def _divided(looked: Sequence[str]) -> bool:
    """Return whether one of the marks that divide columns stands in most lines."""
    return any(sum(mark in line for line in looked) > 0.5 * len(looked) for mark in DELIMITERS)


def _duckdb_tables(path: Path, source: Source) -> list[Table]:
    from pipelines.reading_database import duckdb_columns, duckdb_tables

    tables = []
    for schema, name in duckdb_tables(path, source.name):
        layout = Layout(format="duckdb", database=path.name, schema=schema, table=name)
        headers = [normal_header(column) for column in duckdb_columns(path, source.name, schema, name)]
        tables.append(_table(path, layout, source, headers))
    return tables


def _delimiter(lines: Sequence[str]) -> tuple[str, list[list[str]]]:
    """Return the mark that splits most records into equally many fields, more fields before fewer."""
    best: tuple[float, str, list[list[str]]] = (-1.0, ";", [[line.rstrip("\n")] for line in lines])
    for mark in DELIMITERS:
        try:
            records = list(csv.reader(lines, delimiter=mark))
        except csv.Error:
            continue
        widths = Counter(len(record) for record in records if record)
        if not widths:
            continue
        width, often = max(widths.items(), key=lambda item: (item[1] * min(item[0] - 1, 3), item[0]))
        score = often / sum(widths.values()) * (width > 1) + width / 10_000
        if score > best[0]:
            best = (score, mark, records)
    return best[1], best[2]


def _header(records: Sequence[Sequence[str | None]], file: str) -> tuple[int, int, list[str]]:
    """Return the header's first row as Excel shows it, how many rows it takes, and its headings.

    It is the first row that is nearly as full as the fullest; with the row above, or the row below, where those hold
    the rest of the words. Raises: InputError `init_no_header` when what stands there looks like a row of data.
    """
    filled = [sum(bool(normal_header(cell)) for cell in record) for record in records[:60]]
    if not filled or not max(filled):
        raise InputError("file_empty", file=file)
    row, rows = _header_rows(records, filled)
    headers = headings([list(record) for record in records[row : row + rows]])
    named = [header for header in headers if header]
    digits = sum(_DATA.fullmatch(header) is not None for header in named)
    if any(names_somebody(header) for header in named) or digits * 2 > len(named):
        raise InputError("init_no_header", file=file, row=row + 1)
    if len(named) > MOST_COLUMNS:
        raise InputError("init_columns", file=file, columns=len(named))
    return row + 1, rows, headers


def _header_rows(records: Sequence[Sequence[str | None]], filled: Sequence[int]) -> tuple[int, int]:
    """Return the first row of the headings, from 0, and how many rows they take: two where cells were merged."""
    often = [cells for cells, rows in Counter(filled).items() if rows >= max(2, 0.1 * len(filled))]
    fullest = max(filled) if _words(records[filled.index(max(filled))]) or not often else max(often)
    full = 0.8 * fullest  # one row with a mark too many is not what the headings are measured by
    row = next(place for place, cells in enumerate(filled) if cells >= full)
    for first in range(row):  # two rows, neither full alone: the second has words where the first has none
        if filled[first] >= 2 and _joins(records[first], records[first + 1], full):
            return first, 2
    words = [normal_header(cell) for cell in records[row]]
    twice = len(set(filter(None, words))) < sum(map(bool, words))
    if row and filled[row - 1] >= 2 and twice and _words(records[row - 1]):
        return row - 1, 2  # Start, Slut, Start, Slut: what tells them apart stands above
    if row + 1 < len(records) and filled[row + 1] > 0 and _joins(records[row], records[row + 1], full):
        return row, 2
    return row, 1


def _joins(above: Sequence[str | None], below: Sequence[str | None], full: float) -> bool:
    """Return whether two rows are one heading: words only, and the lower one is filled where the upper is empty."""
    width = max(len(above), len(below))
    upper, lower = ([*map(normal_header, row), *[""] * (width - len(row))] for row in (above, below))
    both = list(zip(upper, lower, strict=True))
    if not (_words(above) and _words(below)) or sum(bool(up or low) for up, low in both) < full:
        return False
    return any(low and not up for up, low in both) and any(up and not low for up, low in both)


def _words(row: Sequence[str | None]) -> bool:
    cells = [cell for cell in map(normal_header, row) if cell]
    return bool(cells) and not any(_DATA.fullmatch(cell) or names_somebody(cell) for cell in cells)


def _xlsx_tables(path: Path, source: Source, kind: str) -> list[Table]:
    from pipelines.reading_xlsx import cells as sheet_cells
    from pipelines.reading_xlsx import opened_book

    book = opened_book(source)
    sheets = list(book.sheet_names)
    found: dict[tuple[int, int, tuple[str, ...]], list[str]] = {}
    for sheet in sheets:
        cells = sheet_cells(book, sheet, source.name, skip=0, text=True)
        if not cells.height:
            continue
        row, rows, headers = _header(
            [list(record) for record in cells.head(60).rows()], f"{source.name} [{shown_name(sheet)}]"
        )
        found.setdefault((row, rows, tuple(headers)), []).append(sheet)
    if not found:
        raise InputError("file_empty", file=source.name)
    growing = _one_a_year(found, sheets)
    if growing:
        row, rows, titles = growing
        table = _table(path, Layout(format=kind, sheet="*", header_row=row, header_rows=rows), source, list(titles))
        everywhere = frozenset.intersection(*(frozenset(titles) for _, _, titles in found))
        return [replace(table, optional=frozenset(table.headers) - everywhere - {HEADING, CELL})]
    for sheet in sheets if len(found) > 1 or len(sheets) == 1 else ():  # its name would stand in the contract
        if names_somebody(sheet):
            raise InputError("file_name_person", file=f"{source.name} [{shown_name(sheet)}]")
    tables = []
    for (row, rows, titles), names in found.items():
        for sheet in ["*"] if len(found) == 1 and len(names) > 1 else names:
            layout = Layout(format=kind, sheet=sheet, header_row=row, header_rows=rows)
            tables.append(_table(path, layout, source, list(titles)))
    return tables


def _one_a_year(
    found: Mapping[tuple[int, int, tuple[str, ...]], Sequence[str]], sheets: Sequence[str]
) -> tuple[int, int, tuple[str, ...]] | None:
    """Return the headings of a workbook of one sheet a year, of which the later may have columns more; else None."""
    places = {(row, rows) for row, rows, _ in found}
    dated = all(re.search(r"(?:19|20)\d{2}", sheet) for sheet in sheets)
    if len(found) < 2 or len(places) > 1 or not dated or not alike([titles for _, _, titles in found]):
        return None
    (place,) = places
    return (*place, tuple(dict.fromkeys(title for _, _, titles in found for title in titles)))


def alike(forms: Sequence[Sequence[str]]) -> bool:
    """Return whether tables have nearly the same headings: each has most of what all of them have together."""
    named = [set(filter(None, form)) for form in forms]
    shared = set.intersection(*named)
    return len(shared) >= 2 and all(len(shared) >= 0.6 * len(form) for form in named)


def _parquet_table(path: Path, source: Source) -> Table:
    try:
        schema = pl.read_parquet_schema(path)
    except Exception:  # polars panics and raises many kinds, some with values in their words
        raise InputError("parquet_unreadable", file=source.name) from None
    if not schema:
        raise InputError("file_empty", file=source.name)
    table = _table(path, Layout(format="parquet"), source, [normal_header(name) for name in schema])
    dates = frozenset(normal_header(name) for name, kind in schema.items() if kind.is_temporal())
    return replace(table, typed_dates=dates)


def _table(path: Path, layout: Layout, source: Source, headers: list[str]) -> Table:
    named = [header for header in headers if header]
    layout = replace(layout, wide=layout.wide or wide_pattern(named))
    if layout.wide:
        named = [header for header in named if wide_part(layout.wide, header) is None] + [HEADING, CELL]
    contract = _contract(layout, tuple(dict.fromkeys(named)))
    frames: list[pl.DataFrame] = []
    cells: list[frozenset[str]] = []
    for chunk in chunks(contract, source):
        frames.append(chunk.frame)
        cells.append(chunk.number_cells)
    names = {f"c{place}": header for place, header in enumerate(dict.fromkeys(named))}
    empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
    whole = pl.concat([frame.cast(dict.fromkeys(names, pl.String())) for frame in frames]) if frames else empty
    bad = whole.filter(pl.col(FIELDS) != "").height if frames else 0
    cells_only = whole.drop(ROW, FIELDS, strict=False)
    words = () if layout.skip_rows else total_words(cells_only)
    if words:
        return _table(path, replace(layout, skip_rows=words), source, headers)
    groups = () if layout.fill_down or layout.format == "fixed" else group_columns(cells_only)
    if groups:
        return _table(path, replace(layout, fill_down=tuple(names[name] for name in groups)), source, headers)
    return Table(
        file=path,
        layout=layout,
        headers=tuple(names.values()),
        frame=whole.drop(ROW, FIELDS, strict=False).rename(names),
        number_cells=frozenset(names[name] for name in frozenset.intersection(*cells)) if cells else frozenset(),
        typed_dates=frozenset(),
        bad_rows=bad,
    )


def _contract(layout: Layout, headers: tuple[str, ...]) -> Contract:
    """Return a contract that takes every column as it is: only good for reading."""
    columns = tuple(
        Property(
            name=f"c{place}", header=header, logical_type="number", role="unknown", treatment="drop", time="event",
            kind="", shape="text", required=False, purpose="", label_da="", label_en="", optional=layout.sheet == "*",
            start=layout.places[place][0] if layout.places else 0,
            width=layout.places[place][1] if layout.places else 0,
        )
        for place, header in enumerate(headers)
    )  # fmt: skip
    return Contract(
        register="udkast", version="0", files=layout.table or "*", format=layout.format, encoding=layout.encoding,
        delimiter=layout.delimiter, quote=layout.quote, decimal=",", sheet=layout.sheet, header_row=layout.header_row,
        key=(), max_rejected_share=1, min_known_share=0, legal_basis="", purpose="", missing=(), properties=columns,
        population=False, label_da="", label_en="", sha256="", skip_rows=layout.skip_rows, wide=layout.wide,
        fill_down=tuple(f"c{place}" for place, header in enumerate(headers) if header in layout.fill_down),
        header_rows=layout.header_rows, record=layout.record, records=layout.records, end_record=layout.end_record,
        server=Server(type="duckdb", database=layout.database, schema=layout.schema) if layout.database else None,
    )  # fmt: skip
