"""A real PostgreSQL server, started here on loopback: read in a stream, read-only, with no password in a contract."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from contract_builders import document, inbox, written

from pipelines.contracts import read_contract
from pipelines.errors import InputError, InputErrors
from pipelines.ingest import ingest_register, missing_files
from reports.catalogue import Language

PASSWORD = "zebra-kind"
ROWS = 2_000
FILL = """
INSERT INTO "besøg" SELECT '610150' || lpad(n::text, 4, '0'), DATE '2024-01-01' + n % 300,
TIMESTAMPTZ '2024-06-30 22:30:00+00', n / 4.0, n % 2 = 0, CASE WHEN n = 7 THEN 'to
"linjer", æ' END FROM generate_series(0, 1999) n
"""
COLUMNS = [
    {"name": "cpr", "physicalName": "CPR", "role": "person_identifier"},
    {"name": "dag", "logicalType": "date", "role": "date"},
    {"name": "tid", "logicalType": "date", "role": "date"},
    {"name": "belob", "logicalType": "number", "role": "plain"},
    {"name": "alene", "logicalType": "boolean", "role": "plain"},
    {"name": "note", "role": "plain"},
]


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """A server's port; its files are gone afterwards."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("Debian's package postgresql is not installed: tools/setup.sh says how")
    programs = found[-1].parent
    home = Path(tempfile.mkdtemp(prefix="pg"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it refuses to run as root
    if user:
        shutil.chown(home, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    (home / "word").write_text(PASSWORD)
    if user:
        shutil.chown(home / "word", "postgres")
    data = home / "data"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
    try:
        subprocess.run(
            [*user, programs / "initdb", "-D", data, "-U", "undring", "--pwfile", home / "word", "-A", "scram-sha-256",
             "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8"],
            check=True, capture_output=True, cwd=home,
        )  # fmt: skip
        subprocess.run(
            [*user, programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", home / "log", "start"],
            check=True, capture_output=True, cwd=home,
        )  # fmt: skip
        yield port
    finally:
        subprocess.run(
            [*user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], capture_output=True, cwd=home
        )
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def table(server, tmp_path, monkeypatch) -> int:
    """A table of made-up people, and the password where libpq looks for it."""
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"127.0.0.1:{server}:*:undring:{PASSWORD}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    where = {"host": "127.0.0.1", "port": server, "user": "undring", "dbname": "postgres"}
    with psycopg.connect(**where, autocommit=True) as connection:
        connection.execute('DROP TABLE IF EXISTS "besøg"')
        connection.execute(
            'CREATE TABLE "besøg" ("CPR" text, dag date, tid timestamptz, belob numeric, alene boolean, note text)'
        )
        connection.execute(FILL)
    return server


def agreed(tmp_path, port, **server):
    tree = document(COLUMNS, files="besøg", format="postgres")
    where = {"type": "postgres", "host": "127.0.0.1", "port": port, "database": "postgres", "schema": "public"}
    tree["servers"] = [{"server": "eoj", **where, **server}]
    return read_contract(written(tmp_path, tree))


@pytest.fixture
def as_undring(monkeypatch):
    monkeypatch.setenv("PGUSER", "undring")


def test_a_table_is_read_as_it_stands_in_chunks_too(table, tmp_path, as_undring, monkeypatch):
    monkeypatch.setattr("pipelines.reading_text.BYTES", 10_000)
    taken = ingest_register(agreed(tmp_path, table), inbox(tmp_path))
    frame = taken.frame.sort("cpr")
    assert (frame.height, taken.rows_rejected) == (ROWS, 0)
    assert frame.row(7) == (
        "6101500007", date(2024, 1, 8), date(2024, 7, 1), 1.75, False, 'to\n"linjer", æ',
    )  # fmt: skip
    assert frame["alene"].to_list()[:3] == [True, False, True]
    assert [(file.name, file.rows) for file in taken.files] == [("postgres/public/besøg", ROWS)]
    again = ingest_register(agreed(tmp_path, table), inbox(tmp_path))
    assert again.files[0].sha256 == taken.files[0].sha256


def test_nothing_can_be_written_through_it(table, as_undring):
    from pipelines.contracts import Server
    from pipelines.reading_database import _connected

    where = Server(type="postgres", host="127.0.0.1", port=table, database="postgres")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), _connected(where, "x") as connection:
        connection.execute("CREATE TABLE y (x int)")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"database": "nowhere"}, "database_unreachable"),
        ({"port": 1}, "database_unreachable"),
        ({"schema": "other"}, "database_table"),
    ],
)
def test_a_server_or_table_that_is_not_there_is_said_at_check(table, tmp_path, as_undring, changed, key):
    contract = agreed(tmp_path, **{"port": table, **changed})
    [fault] = missing_files({"besoeg": contract}, inbox(tmp_path))
    assert fault.key == key
    with pytest.raises(InputError) as caught:
        ingest_register(contract, inbox(tmp_path))
    for error in (fault, caught.value):
        for text in (str(error), *(error.text(language) for language in Language)):
            assert PASSWORD not in text
            assert "127.0.0.1" not in text
        assert error.__cause__ is None


def test_a_wrong_password_does_not_get_in_and_one_in_a_contract_is_a_fault(table, tmp_path, as_undring, monkeypatch):
    with pytest.raises(InputErrors) as caught:
        agreed(tmp_path, table, password=PASSWORD)
    assert "contract_password" in [error.key for error in caught.value.errors]
    (tmp_path / "none").touch(mode=0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    assert [one.key for one in missing_files({"x": agreed(tmp_path, table)}, inbox(tmp_path))] == [
        "database_unreachable"
    ]
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))  # the unit's own: tmp_path/pgpass
    assert missing_files({"x": agreed(tmp_path, table)}, inbox(tmp_path)) == []
