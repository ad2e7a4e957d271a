"""A table of a PostgreSQL server or a DuckDB file, streamed: the user's own input, named in the contract's `servers`.

Nothing else is called: the connection is read-only, and no password stands in a contract. libpq finds it (.pgpass, a
service file, peer), or in the unit's systemd credential `pgpass`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.cohort_sql import quoted
from pipelines.contracts import Contract, Server
from pipelines.errors import InputError
from pipelines.headers import normal_header, places_of
from pipelines.reading import CHUNK, Chunk
from pipelines.shown import shown_name
from pipelines.sources import Source

if TYPE_CHECKING:
    import duckdb
    import psycopg

SECONDS = 10  # to wait for a server that does not answer
_MOMENTS = {1114: "{}", 1184: "{} AT TIME ZONE 'Europe/Copenhagen'"}  # timestamp without and with a zone
_NUMBERS = frozenset({20, 21, 23, 700, 701, 1700})
_DUCKDB: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false", "autoinstall_known_extensions": "false", "threads": "2",
}  # fmt: skip


def database_chunks(contract: Contract, source: Source) -> Iterator[Chunk]:
    """Return a table's rows. Raises: InputError `database_unreachable`, `database_table`, `column_type`."""
    server = _server(contract)
    if server.type == "duckdb":
        yield from _duckdb_chunks(contract, server, source)
    else:
        yield from _postgres_chunks(contract, server, source)


def database_source(contract: Contract) -> Source:
    """Return a server's table as a source: no file, so its name and hash are all there is of it."""
    server = _server(contract)
    name = "/".join(part for part in (server.service or server.database, server.schema, contract.files) if part)
    return Source(name=shown_name(name), path=Path(), size=0)


def check_reachable(contract: Contract) -> None:
    """Raise InputError when the server does not answer, or has no such table; no row is read."""
    server = _server(contract)
    source = database_source(contract)
    with _connected(server, source.name) as connection:
        _columns(connection, contract, server, source.name)


def tables(server: Server) -> list[str]:
    """Return the tables and views of a server's schema. Raises: InputError `database_unreachable`."""
    with _connected(server, shown_name(server.database)) as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s ORDER BY 1",
            [server.schema or "public"],
        )
        return [str(row[0]) for row in found]


def duckdb_tables(path: Path, file: str) -> list[tuple[str, str]]:
    """Return a DuckDB file's tables and views, as schema and name. Raises: InputError `database_unreadable`."""
    with _duckdb(path, file) as connection:
        query = "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
        return [(str(schema), str(name)) for schema, name in connection.execute(query).fetchall()]


def duckdb_columns(path: Path, file: str, schema: str, table: str) -> list[str]:
    """Return a table's columns. Raises: InputError `database_unreadable`."""
    with _duckdb(path, file) as connection:
        found = connection.execute(f"DESCRIBE {quoted(schema)}.{quoted(table)}").fetchall()
        return [str(row[0]) for row in found]


def _server(contract: Contract) -> Server:
    if contract.server is None:
        raise ValueError("a contract of a database names a server")
    return contract.server


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _postgres_chunks(contract: Contract, server: Server, source: Source) -> Iterator[Chunk]:
    import psycopg
    from psycopg import sql

    from pipelines.reading_csv import chunks_of
    from pipelines.reading_text import Text

    plain = replace(contract, format="csv", encoding="utf-8", delimiter=",", quote='"', header_row=1, header_rows=1)
    with _connected(server, source.name) as connection:
        kinds = _columns(connection, contract, server, source.name)
        places = places_of(contract, [normal_header(name) for name in kinds], source.name)
        names = list(kinds)
        chosen = [names[place] for place in places.values()]
        numbers = frozenset(ours for ours, place in places.items() if kinds[names[place]] in _NUMBERS)
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT WITH (FORMAT csv, HEADER)").format(
            sql.SQL(", ").join(_as_text(name, kinds[name]) for name in chosen), _table(contract, server)
        )
        why = ""
        try:
            with connection.cursor().copy(query) as copy:
                stream = _Copied(copy)
                for chunk in chunks_of(plain, Text(stream, "utf-8", source.name), source.name):
                    yield replace(chunk, number_cells=numbers)
        except psycopg.Error as error:  # its words quote what stood there
            why = type(error).__name__
        if why:
            raise InputError("database_failed", file=source.name, kind=why)
    source.size, source._digest = stream.count, stream.digest.hexdigest()


class _Copied:
    """The bytes of a COPY as a stream that is hashed as it passes."""

    def __init__(self, copy: Any) -> None:
        self.blocks = iter(copy)
        self.digest, self.count = hashlib.sha256(), 0

    def read(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0 and (block := next(self.blocks, None)) is not None:
            parts.append(bytes(block))
            size -= len(parts[-1])
        data = b"".join(parts)
        self.digest.update(data)
        self.count += len(data)
        return data


@contextmanager
def _connected(server: Server, file: str) -> Iterator[psycopg.Connection]:
    import psycopg

    given: dict[str, Any] = {
        "service": server.service, "host": server.host, "port": server.port, "dbname": server.database,
        "user": server.user, "passfile": _credential(),
    }  # fmt: skip
    connection = None
    with suppress(psycopg.Error):  # raised out here: its words name users and hosts
        connection = psycopg.connect(
            **{name: value for name, value in given.items() if value},
            connect_timeout=SECONDS,
            application_name="undring",
            client_encoding="utf8",
            options="-c default_transaction_read_only=on -c datestyle=ISO",
        )
    if connection is None:
        raise InputError("database_unreachable", file=file)
    with connection:
        yield connection


def _credential() -> str:
    """Return the unit's own password file: systemd gives it as a credential, readable by this process only."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    found = Path(folder) / "pgpass" if folder else None
    return str(found) if found is not None and found.is_file() else ""


def _columns(connection: psycopg.Connection, contract: Contract, server: Server, file: str) -> dict[str, int]:
    """Return the table's columns and the numbers of their types. Raises: InputError."""
    import psycopg
    from psycopg import sql

    found: Any = None
    with suppress(psycopg.Error):
        found = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(_table(contract, server))).description
    if found is None:
        raise InputError("database_table", file=file, table=shown_name(contract.files))
    for place, column in enumerate(found, 1):
        info = connection.adapters.types.get(column.type_code)
        if column.type_code == 17 or (info is not None and info.array_oid == column.type_code):
            raise InputError("column_type", file=file, column=f"nr. {place}")
    return {column.name: column.type_code for column in found}


def _table(contract: Contract, server: Server) -> Any:
    from psycopg import sql

    return sql.Identifier(server.schema or "public", contract.files)


def _as_text(name: str, kind: int) -> Any:
    from psycopg import sql

    column = sql.Identifier(name)
    if kind in _MOMENTS:
        moment = sql.SQL(_MOMENTS[kind]).format(column)
        return sql.SQL("to_char({}, 'YYYY-MM-DD HH24:MI:SS') AS {}").format(moment, column)
    return sql.SQL("{}::text AS {}").format(column, column)


# --- DuckDB -----------------------------------------------------------------------------------------------------------


def _duckdb_chunks(contract: Contract, server: Server, source: Source) -> Iterator[Chunk]:
    import duckdb

    from pipelines.reading_parquet import text_chunk

    with source.held() as path, _duckdb(path, source.name) as connection:
        table = f"{quoted(server.schema or 'main')}.{quoted(contract.files)}"
        why, done = "", 0
        try:
            names = [str(row[0]) for row in connection.execute(f"DESCRIBE {table}").fetchall()]
        except duckdb.Error:
            names = []
        if not names:
            raise InputError("database_table", file=source.name, table=shown_name(contract.files))
        places = places_of(contract, [normal_header(name) for name in names], source.name)
        chosen = ", ".join(f"{quoted(names[place])} AS {quoted(ours)}" for ours, place in places.items())
        try:
            for batch in connection.sql(f"SELECT {chosen} FROM {table}").to_arrow_reader(CHUNK):  # noqa: S608 - quoted
                frame = pl.DataFrame(pl.from_arrow(batch))
                yield text_chunk(contract, frame, source.name, done)
                done += frame.height
        except duckdb.Error as error:
            why = type(error).__name__
        if why:
            raise InputError("database_failed", file=source.name, kind=why)


@contextmanager
def _duckdb(path: Path, file: str) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    connection = None
    with suppress(duckdb.Error):  # its words hold the path
        connection = duckdb.connect(str(path), read_only=True, config=_DUCKDB)
    if connection is None:
        raise InputError("database_unreadable", file=file)
    with connection:
        yield connection
