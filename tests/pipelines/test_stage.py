"""Rows wait in the stage as numbers of their texts, and come back as the texts they were."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import polars as pl
from contract_builders import GOOD, contract, csv_bytes, inbox
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import coding
from pipelines.ingest import ingest_register
from pipelines.row_hashes import RowHashes
from pipelines.stage import Stage
from pipelines.stage_words import Words

KEY = b"k" * 32
TEXTS = st.sampled_from(["", "a", "A", "æ", "aa", "å", "Å", "b", "zebra", None])
ROWS = st.lists(st.tuples(st.sampled_from(["p", "q", "r", "s"]), TEXTS, st.integers(0, 3)), max_size=8)
SCHEMA = {"person": pl.String, "text": pl.String, "number": pl.Int64}


@given(parts=st.lists(st.tuples(ROWS, st.booleans()), min_size=1, max_size=6), buckets=st.sampled_from([0, 3 << 26]))
@settings(deadline=None, max_examples=60)
def test_numbered_texts_come_back_as_texts_and_are_sorted_as_texts(tmp_path_factory, parts, buckets):
    words = {"text": Words()}
    stage = Stage(by=["person"], unique=[], text_bytes=buckets, words=words)
    folder = tmp_path_factory.mktemp("stage") / "besoeg"
    stage.seal(folder, "besoeg", KEY)
    plain = [pl.DataFrame(rows, schema=SCHEMA, orient="row") for rows, _ in parts]
    with patch("pipelines.stage.HELD", 5):
        for frame, (_, numbered) in zip(plain, parts, strict=True):
            stage.add(frame.with_columns(words["text"].numbers(frame["text"])) if numbered else frame)
        stage.done()
    every = pl.concat([pl.DataFrame(schema=SCHEMA), *plain]).sort(list(SCHEMA))
    for opened in (stage, Stage.of(folder, "besoeg", KEY)):
        found = list(opened.frames())
        assert pl.concat(found).sort(list(SCHEMA)).equals(every)
        for texts, ordered in zip(found, opened.frames(ordered=True), strict=True):
            by = ["text", "person", "number"]
            assert ordered.sort(by).with_columns(pl.col("text").cast(pl.String)).equals(texts.sort(by))
        always = all(numbered for rows, numbered in parts if rows)
        assert all(isinstance(one.schema["text"], pl.Enum) is always for one in opened.frames(ordered=True) if len(one))
    assert not any(b"zebra" in file.read_bytes() for file in folder.iterdir())


@given(rows=st.lists(st.tuples(TEXTS, st.sampled_from([0, 1, None])), max_size=12))
@settings(deadline=None)
def test_rows_have_the_same_hashes_exactly_where_they_are_alike(rows):
    frame = pl.DataFrame(rows, schema={"text": pl.String, "number": pl.Int64}, orient="row")
    hashes = RowHashes(frame.height)
    for name in frame.columns:
        hashes.add(frame[name].hash(11))
    for one in hashes.series():
        assert one.n_unique() == frame.n_unique()


def test_a_chunk_without_rows_asks_for_no_kernel_that_was_not_compiled():
    with patch("pipelines.row_hashes.splitting.mix_in") as mixed:
        hashes = RowHashes(0)
        hashes.add(pl.Series(dtype=pl.String).hash(11))
    assert not mixed.called
    assert [len(one) for one in hashes.series()] == [0, 0]


def test_the_same_cells_in_other_columns_are_another_row():
    one, two = pl.Series(["a", "b"]).hash(11), pl.Series(["b", "a"]).hash(11)
    first, second = RowHashes(2), RowHashes(2)
    for hashes, columns in ((first, (one, two)), (second, (two, one))):
        for cells in columns:
            hashes.add(cells)
    for here, there in zip(first.series(), second.series(), strict=True):
        assert len({*here, *there}) == 2
        assert here[0] == there[1]


def test_a_column_with_too_many_texts_goes_on_as_texts():
    words = Words()
    with patch("pipelines.coding.MOST", 2):
        words.numbers(pl.Series(["a", "b"]))
        assert not words.full
        words.numbers(pl.Series(["c", "a", None]))
        assert words.full
    assert words.decoded(pl.Series([2, None, 0], dtype=pl.UInt32)).to_list() == ["c", None, "a"]


def test_a_file_whose_columns_cease_to_be_numbered_loses_nothing(tmp_path):
    agreed = contract(tmp_path, encoding="cp1252")
    rows = [[*GOOD[:2], f"{number},5", str(number % 7), *GOOD[4:]] for number in range(60)]
    place = inbox(tmp_path, besoeg_csv=csv_bytes(rows, encoding="cp1252"))
    frames = []
    for most in (0, 5, 1 << 17):
        with (
            patch("pipelines.coding.MOST", most),
            patch("pipelines.reading_text.BYTES", 100),
            patch("pipelines.reading_csv.BYTES", 300),
        ):
            taken = ingest_register(agreed, place, sealed_in=(tmp_path / f"run{most}", b"k" * 32))
        assert taken.rows == len(rows)
        frames.append(pl.concat(taken.stage.frames()).sort(pl.all()))
    assert frames[0].equals(frames[1])
    assert frames[1].equals(frames[2])


def test_a_column_among_many_may_have_fewer_texts_and_what_it_knew_is_let_go(tmp_path):
    assert [coding.share(1000, columns) for columns in (1, 20, 21, 40, 200)] == [1000, 1000, 952, 500, 100]
    data = np.frombuffer(bytes(range(65, 91)) + bytes(8), dtype=np.uint8).copy()
    cells = np.array([[[place, place + 1]] for place in range(26)], dtype=np.uint32)
    few, many = coding.Column(20), coding.Column(40)
    with patch("pipelines.coding.MOST", 8):
        for first in range(0, 26, 6):
            rows = np.arange(first, min(first + 6, 26))
            for column in (few, many):
                column.add(data, cells, 0, rows, len(rows))
            assert (few.numbered, many.numbered) == (first <= 6, first <= 0)
    assert [column.taken().to_list() for column in (few, many)] == [[chr(65 + place) for place in range(26)]] * 2
    assert few.known == many.known == 0
    words = Words(["a"] * 5, columns=40)
    with patch("pipelines.coding.MOST", 8):
        assert words.full
        assert not Words(["a"] * 5).full


def test_fewer_rows_wait_in_memory_where_they_are_wide(tmp_path):
    wide = pl.DataFrame({f"c{place}": [1] * 5 for place in range(80)})
    for frame, waiting in ((wide.select("c0", "c1"), 4), (wide, 1)):
        stage = Stage(by=["c0"], unique=[]).seal(tmp_path / "besoeg", "besoeg", KEY)
        most = 0
        with patch("pipelines.stage.HELD", 25):
            for _ in range(10):
                stage.add(frame)
                most = max(most, len(stage._waiting))
        stage.done()
        assert (most, stage.kept) == (waiting, 50)
