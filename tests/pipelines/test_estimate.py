"""What a run takes is told before it begins; what would not fit is refused; what nobody uses may go."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from contract_builders import contract, csv_bytes, inbox
from study_builders import study_text, written

from pipelines import estimate as estimates
from pipelines.estimate import Estimate, estimate, estimate_lines, idle_columns, note_columns, refusals
from reports.catalogue import Language

FITS = Estimate(minutes=2, memory=2e9, disk=1e9, memory_free=4e9, disk_free=1e10)


def test_larger_files_take_more_of_everything_and_packed_ones_more_for_their_size(tmp_path):
    made = {"besoeg": contract(tmp_path)}
    small = estimate(tmp_path, made, inbox(tmp_path, besoeg_csv=csv_bytes([])))
    (tmp_path / "inbox" / "besoeg.csv").write_bytes(b"x" * 50_000_000)
    large = estimate(tmp_path, made, tmp_path / "inbox")
    assert small.minutes < 2
    assert (large.memory - small.memory, large.disk - small.disk) > (0, 0)
    (tmp_path / "inbox" / "besoeg.csv").unlink()
    (tmp_path / "inbox" / "besoeg.csv.gz").write_bytes(b"x" * 50_000_000)
    packed = estimate(tmp_path, {"besoeg": replace(made["besoeg"], files="besoeg*.csv.gz")}, tmp_path / "inbox")
    assert packed.memory > large.memory


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
