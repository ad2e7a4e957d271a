"""Files as they must not be: an InputError in clear words, or refused rows; nothing lost, half-written or told."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from contract_builders import COLUMNS, GOOD, HEADERS, contract, csv_bytes, inbox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import atomic
from pipelines.errors import InputError
from pipelines.ingest import ingest_register
from pipelines.reading_text import Text
from reports.catalogue import Language

KEY = b"k" * 32
FUZZ_S = int(os.environ.get("UNDRING_FUZZ", "60"))  # longer by `make fuzz`


def sealed(tmp_path, data: bytes, **own):
    return ingest_register(
        contract(tmp_path, **own), inbox(tmp_path, besoeg_csv=data), sealed_in=(tmp_path / "stage", KEY)
    )


def fault(tmp_path, data: bytes, **own) -> InputError:
    """The error of a file that is refused: both languages have words for it, and nothing of it is left on disk."""
    with pytest.raises(InputError) as caught:
        sealed(tmp_path, data, **own)
    assert all("besoeg.csv" in caught.value.text(language) for language in Language)
    assert not [path for path in (tmp_path / "stage").rglob("*") if path.is_file()]
    return caught.value


def test_a_wrong_letter_in_row_900_000_is_found_in_a_stream_and_nothing_of_the_file_is_kept(tmp_path):
    short = [COLUMNS[0]]
    data = b"CPR-nr.\n" + b"6101501234\n" * 899_998 + b"\xe6\n" + b"6101501234\n" * 9
    error = fault(tmp_path, data, columns=short)
    assert (error.key, error.facts["row"]) == ("encoding_wrong", 900_000)


def test_a_line_of_200_megabytes_ends_in_words_before_it_is_in_memory(tmp_path):
    with open(inbox(tmp_path) / "besoeg.csv", "wb") as file:
        file.write(csv_bytes([GOOD] * 3))
        for _ in range(200):
            file.write(b"9" * (1 << 20))
    with pytest.raises(InputError) as caught:
        ingest_register(contract(tmp_path), inbox(tmp_path))
    assert (caught.value.key, caught.value.facts["row"]) == ("field_endless", 5)


def test_ten_thousand_columns_are_one_mistake_and_two_of_one_name_are_named(tmp_path):
    wide = csv_bytes([["x"] * 10_000], headers=[*HEADERS, *(f"k{place}" for place in range(9_993))])
    assert fault(tmp_path, wide).key == "unknown_column"
    assert fault(tmp_path, csv_bytes([[*GOOD, "x"]], headers=[*HEADERS, "Start"])).facts["column"] == "Start"


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    plain = Text.read

    def growing(*arguments):
        with open(tmp_path / "inbox" / "besoeg.csv", "ab") as file:
            file.write(csv_bytes([GOOD]))
        return plain(*arguments)

    monkeypatch.setattr(Text, "read", growing)
    assert fault(tmp_path, csv_bytes([GOOD] * 50)).key == "file_changed"


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    plain = os.fsync

    def full(descriptor: int) -> None:
        plain(descriptor)
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(InputError) as caught:
        sealed(tmp_path, csv_bytes([GOOD] * 50))
    assert caught.value.key == "disk_full"
    assert not [path for path in (tmp_path / "stage").rglob("*") if path.is_file()]


def test_what_lies_sealed_is_what_lies_in_memory_in_any_number_of_buckets(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.stage.ROOM", 400)
    monkeypatch.setattr("pipelines.stage.HELD", 7)
    monkeypatch.setattr("pipelines.reading_text.LINES", 5)
    rows = [[f"610150-{1000 + place % 9}", *GOOD[1:3], str(place % 4), *GOOD[4:]] for place in range(90)]
    held = ingest_register(contract(tmp_path), inbox(tmp_path, besoeg_csv=csv_bytes(rows)))
    apart = sealed(tmp_path, csv_bytes(rows))
    assert apart.stage.buckets > 4
    assert sorted(apart.frame.rows()) == sorted(held.frame.rows())
    assert apart.duplicates == held.duplicates == 90 - 36
    buckets = [set(frame["cpr"]) for frame in apart.stage.frames()]
    assert sum(map(len, buckets)) == 9  # no person lies in two
    for path in (tmp_path / "stage").rglob("*"):
        assert path.is_dir() or b"6101501" not in path.read_bytes()
    again = type(apart.stage).of(tmp_path / "stage" / "besoeg", "besoeg", KEY)
    assert [frame.rows() for frame in again.frames()] == [frame.rows() for frame in apart.stage.frames()]


CELLS = st.one_of(
    st.sampled_from([*GOOD, "", '"', '""', ";", "\r", "\n", "\x00", "\ufeff", "æ", "31-12-9999", "9" * 40]),
    st.text(max_size=6),
)
SHAPES = st.one_of(
    st.binary(max_size=400),
    st.lists(st.lists(CELLS, max_size=9), max_size=12).map(
        lambda rows: ("\n".join(";".join(row) for row in [HEADERS, *rows])).encode("utf-8", "surrogatepass")
    ),
    st.tuples(st.binary(max_size=30), st.integers(0, 300)).map(
        lambda pair: csv_bytes([GOOD] * 5)[: pair[1]] + pair[0] + csv_bytes([GOOD] * 5)[pair[1] :]
    ),
)
NAMES = st.sampled_from(
    ["csv", "csv.gz", "zip", "xlsx", "ods", "parquet", "sav", "dta", "xpt", "sas7bdat", "duckdb", "fixed"]
)
FORMATS = {"csv.gz": "csv", "zip": "csv", "sav": "spss", "dta": "stata", "xpt": "sas", "sas7bdat": "sas"}


@given(data=SHAPES, ending=NAMES, encoding=st.sampled_from(["utf-8", "cp1252", "utf-16", "cp850"]))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def any_bytes(data, ending, encoding):
    with TemporaryDirectory() as name:
        folder = Path(name)
        columns = COLUMNS
        if ending == "fixed":
            columns = [{**one, "start": 1 + 9 * place, "width": 9} for place, one in enumerate(COLUMNS)]
        own = {"encoding": encoding, "format": FORMATS.get(ending, ending), "max_rejected_share": 1}
        (inbox(folder) / f"besoeg.{ending}").write_bytes(data)
        try:
            agreed = contract(folder, columns, files=f"besoeg.{ending}", **own)
            taken = ingest_register(agreed, folder / "inbox", sealed_in=(folder / "stage", KEY))
        except InputError as error:
            told = [error.text(language) for language in Language]
            taken = None
        if taken is None:
            assert all(told)
            return
        assert taken.rows + taken.rows_rejected + taken.duplicates == taken.rows_read


def test_any_bytes_give_rows_or_words_and_never_another_error():
    """A minute of files of any bytes, in rounds of their own; the example of a round that fails is told."""
    until = time.monotonic() + FUZZ_S
    while True:
        any_bytes()
        if time.monotonic() > until:
            break
