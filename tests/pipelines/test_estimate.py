"""What a run takes is told before it begins; what would not fit is refused; what nobody uses may go."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest
from contract_builders import GOOD, contract, csv_bytes, inbox
from study_builders import study_text, written

from pipelines import estimate as estimates
from pipelines.estimate import (
    Estimate,
    estimate,
    estimate_lines,
    idle_columns,
    note_columns,
    refusals,
    rows_about,
)
from reports.catalogue import Language

FITS = Estimate(seconds=120, memory=2e9, disk=1e9, memory_free=4e9, disk_free=1e10)


def test_larger_files_take_more_of_everything_and_packed_ones_more_for_their_size(tmp_path):
    made = {"besoeg": contract(tmp_path)}
    small = estimate(tmp_path, made, inbox(tmp_path, besoeg_csv=csv_bytes([])))
    (tmp_path / "inbox" / "besoeg.csv").write_bytes(b"x" * 3_000_000)
    large = estimate(tmp_path, made, tmp_path / "inbox")
    assert small.minutes < 2
    assert (large.memory - small.memory, large.disk - small.disk) > (0, 0)
    (tmp_path / "inbox" / "besoeg.csv").unlink()
    (tmp_path / "inbox" / "besoeg.csv.gz").write_bytes(b"x" * 3_000_000)
    packed = estimate(tmp_path, {"besoeg": replace(made["besoeg"], files="besoeg*.csv.gz")}, tmp_path / "inbox")
    assert packed.memory > large.memory


def test_a_file_that_is_streamed_takes_no_more_memory_however_large_and_a_workbook_does(tmp_path):
    made = contract(tmp_path)

    def told(name: str, size: int, form: str) -> Estimate:
        path = inbox(tmp_path) / name
        with open(path, "wb") as file:
            file.truncate(size)
        found = estimate(tmp_path, {"besoeg": replace(made, files=name, format=form)}, tmp_path / "inbox")
        path.unlink()
        return found

    once, often = (told("besoeg.csv", size, "csv") for size in (200_000_000, 20_000_000_000))
    assert often.memory == once.memory
    assert often.seconds > 50 * once.seconds
    assert told("besoeg.xlsx", 200_000_000, "xlsx").memory > 2 * told("besoeg.xlsx", 20_000_000, "xlsx").memory


def test_people_are_told_from_the_first_lines_packed_or_not_and_a_study_of_them_takes_time(tmp_path):
    made = replace(contract(tmp_path, files="besoeg.csv"), population=True)
    data = csv_bytes([GOOD] * 40_000)
    study = written(tmp_path, study_text())
    plain = inbox(tmp_path, besoeg_csv=data)
    assert 39_000 < rows_about(made, plain, len(data)) < 41_000
    alone, asked = (estimate(tmp_path, {"besoeg": made}, plain, one) for one in (None, study))
    assert asked.seconds > alone.seconds + study.self_test_seconds > alone.seconds
    with gzip.open(plain / "besoeg.csv.gz", "wb") as file:
        file.write(data)
    assert 39_000 < rows_about(replace(made, files="besoeg.csv.gz"), plain, len(data)) < 41_000


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({}, []),
        ({"memory": 5e9}, ["estimate_memory"]),
        ({"disk": 2e10}, ["estimate_disk"]),
        ({"memory_free": None}, []),
    ],
)
def test_a_run_that_would_not_fit_is_refused(change, keys):
    assert [error.key for error in refusals(replace(FITS, **change))] == keys


def test_the_words_have_the_languages_own_decimal_mark():
    assert "1,9 GiB" in estimate_lines(FITS, Language.DA)[0]
    assert "1.9 GiB" in estimate_lines(FITS, Language.EN)[0]


def test_a_column_that_no_run_of_five_has_used_is_proposed_for_removal(tmp_path):
    made = {"besoeg": contract(tmp_path)}
    study = written(tmp_path, study_text())
    for number in range(1, estimates.RUNS + 1):
        assert idle_columns(tmp_path, made) == ()
        folder = tmp_path / "runs" / f"K-{number:04d}"
        folder.mkdir(parents=True)
        note_columns(study, folder)
        (folder / "done.json").write_text("{}")
    assert json.loads((folder / "columns.json").read_text())["besoeg"] == ["dag", "person"]
    kept = ("start", "minutter", "antal", "modtaget", "status")  # the name is dropped, and the person is always needed
    assert idle_columns(tmp_path, made) == tuple(("besoeg", name) for name in kept)
