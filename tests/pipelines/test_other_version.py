"""What another version of the program left behind is recognised, and ends in words of ours with exit code 2."""

from __future__ import annotations

import io
import json

import polars as pl
import pytest

from pipelines import atomic, run, state, vault
from pipelines.account import RunAccount
from pipelines.errors import InputError
from pipelines.stage import Stage
from reports.catalogue import Language

KEY = b"k" * 32
PLANTED = "Zebraskind"
OPTIONS: dict[str, object] = {"study": "a", "contracts": {}, "version": "1", "format": state.FORMAT}


def words(error: InputError) -> list[str]:
    assert error.__cause__ is None
    return [error.text(language) for language in Language]


def interrupted(folder, options):
    place = folder / "runs" / "K-0001"
    place.mkdir(parents=True)
    (place / "run.json").write_text(json.dumps(options))
    return place


@pytest.mark.parametrize("before", [None, state.FORMAT - 1, state.FORMAT + 1])
def test_a_run_that_another_version_began_is_not_resumed_and_says_how_to_go_on(tmp_path, before):
    old = {name: value for name, value in {**OPTIONS, "format": before}.items() if value is not None}
    place = interrupted(tmp_path, old)
    with pytest.raises(InputError) as refused:
        run._interrupted(tmp_path, OPTIONS)
    assert refused.value.key == "resume_older"
    assert all("K-0001" in text and "--resume" in text for text in words(refused.value))
    assert place.exists()  # nothing is lost by asking
    run._put_aside(tmp_path)  # what a run without --resume does
    assert run._interrupted(tmp_path, OPTIONS) is None


def test_a_run_of_this_version_is_resumed(tmp_path):
    interrupted(tmp_path, OPTIONS)
    assert run._interrupted(tmp_path, OPTIONS) == "K-0001"


def staged(folder):
    stage = Stage(by=["a"], unique=["a"]).seal(folder, "besoeg", KEY)
    stage.add(pl.DataFrame({"a": [PLANTED, "b", "b"]}))
    stage.done()
    return folder


def first_format(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    return buffer.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "about",
    [
        first_format(pl.DataFrame({"rows": [3], "kept": [2], "buckets": [1]})),
        parquet(pl.DataFrame({"rows": [3], "kept": [2], "buckets": [1]})),
        parquet(pl.DataFrame({"format": [state.FORMAT + 1], "rows": [3]})),
    ],
)
def test_a_stage_of_another_format_is_refused_in_words(tmp_path, about):
    folder = staged(tmp_path / "stage")
    assert pl.concat(Stage.of(folder, "besoeg", KEY).frames()).height == 2
    atomic.write_bytes(folder / "about", vault.sealed(about, KEY, name="besoeg/about"))
    with pytest.raises(state.OtherVersion) as refused:
        Stage.of(folder, "besoeg", KEY)
    assert all("besoeg" in text and PLANTED not in text for text in words(refused.value))


@pytest.mark.parametrize("text", ['{"registers": "Zebraskind"}', '{"people": "Zebraskind"}', "Zebraskind {", "[]"])
def test_a_steps_output_of_another_version_is_refused_without_quoting_it(tmp_path, text):
    (tmp_path / "account.json").write_text(text, encoding="utf-8")
    with pytest.raises(state.OtherVersion) as refused:
        state.read(tmp_path / "account.json", RunAccount)
    assert refused.value.key == "state_other_version"
    for shown in [*words(refused.value), str(refused.value)]:
        assert "account.json" in shown
        assert PLANTED not in shown
    assert refused.value.__suppress_context__
