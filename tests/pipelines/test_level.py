"""A register without anybody's number: refused as a person's, and counted as a level."""

from __future__ import annotations

import polars as pl
import pytest
from contract_builders import document
from contract_builders import written as contract_written
from study_builders import CHARACTERISTIC, characteristic, study_text, written
from test_meaning import PEOPLE, VISITS

from pipelines.contracts import read_contracts
from pipelines.errors import InputErrors
from pipelines.level import how_many
from pipelines.study_check import check_contracts

CONTACTS = [
    {"name": "nr", "role": "linking_identifier", "kind": "other"},
    {"name": "dag", "logicalType": "date", "role": "date", "time": "event"},
    {"name": "kode", "role": "plain", "time": "event"},
]
LEVEL = """
[[level]]
name = "region"
from = "koes"
count = "nr"
date = "dag"
window = [1, 91]
where = {kode = ["DJ44*"]}
label = {da = "x", en = "x"}
"""


def keys(folder, *parts, unlinked=True):
    for tree, name in (
        (document(PEOPLE, files="c*.csv", population=True), "cpr"),
        (document(VISITS, time="event"), "besoeg"),
        (document(CONTACTS, files="k*.csv", unlinked=unlinked), "koes"),
    ):
        contract_written(folder, {**tree, "id": name}, f"{name}.yaml")
    study = written(folder, study_text(*parts) if parts else study_text())
    return [error.key for error in check_contracts(study, read_contracts(folder))]


def test_different_numbers_with_a_row_that_counts_in_the_window(tmp_path):
    contract_written(tmp_path, document())
    study = written(tmp_path, study_text() + LEVEL)
    frame = pl.DataFrame(
        {
            "nr": ["a", "a", "b", "c", "d", None],
            "dag": [1, 5, 90, 91, 3, 3],
            "kode": ["DJ449", "DJ440", "DJ441", "DJ441", "DI50", "DJ441"],
        }
    )
    assert how_many(study.levels[0], frame, 0) == 2


def test_a_level_may_read_it_and_nothing_else_may(tmp_path):
    assert keys(tmp_path, CHARACTERISTIC, LEVEL) == []
    asked = characteristic("x", 'rule = "any"\ndate = "dag"\nwindow = [-100, 0]', register="koes")
    assert "study_unlinked" in keys(tmp_path, asked)
    assert keys(tmp_path, CHARACTERISTIC, LEVEL, unlinked=False) == ["study_level_linked"]
    assert keys(tmp_path, CHARACTERISTIC, LEVEL.replace('count = "nr"', 'count = "andet"')) == ["study_column"]
    with pytest.raises(InputErrors):
        keys(tmp_path, CHARACTERISTIC, LEVEL.replace("window = [1, 91]\n", ""))
