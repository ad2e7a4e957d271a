from __future__ import annotations

import json

import pytest
from contract_builders import GOOD, contract, csv_bytes, inbox

from pipelines import quarantine
from pipelines.errors import InputError
from pipelines.ingest import ingest_register

KEY = b"q" * 32


def refused(tmp_path):
    rows = [GOOD, [*GOOD[:5], "Zebraskind", GOOD[6]], ["Zebraskind", *GOOD[1:]]]
    return ingest_register(
        contract(tmp_path, max_rejected_share=1), inbox(tmp_path, besoeg_csv=csv_bytes(rows))
    ).rejected


def test_refused_rows_come_back_with_the_key_and_only_with_it(tmp_path):
    rejected = refused(tmp_path)
    path = quarantine.keep(tmp_path, "K-0001", "besoeg", rejected, key=KEY)
    assert quarantine.read(tmp_path, "K-0001", "besoeg", key=KEY).equals(rejected)
    with pytest.raises(InputError):
        quarantine.read(tmp_path, "K-0001", "besoeg", key=b"x" * 32)
    assert path.stat().st_mode & 0o077 == 0


def test_beside_them_stand_counts_and_no_value_anywhere_in_clear(tmp_path):
    quarantine.keep(tmp_path, "K-0001", "besoeg", refused(tmp_path), key=KEY)
    [counts] = quarantine.counts(tmp_path, "K-0001")
    assert counts == {
        "register": "besoeg",
        "rows": 2,
        "reasons": [
            {"column": "cpr", "reason": "cpr", "rows": 1},
            {"column": "status", "reason": "code", "rows": 1},
        ],
    }
    for path in (tmp_path / "quarantine").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"Zebraskind" not in data
            assert b"610150" not in data
            assert path.suffix == ".json" or json.loads(path.with_suffix(".json").read_text())


def test_kept_twice_the_second_stands(tmp_path):
    rejected = refused(tmp_path)
    quarantine.keep(tmp_path, "K-0001", "besoeg", rejected, key=KEY)
    quarantine.keep(tmp_path, "K-0001", "besoeg", rejected.head(1), key=KEY)
    assert quarantine.read(tmp_path, "K-0001", "besoeg", key=KEY).height == 1
    assert quarantine.counts(tmp_path, "K-0001")[0]["rows"] == 1
