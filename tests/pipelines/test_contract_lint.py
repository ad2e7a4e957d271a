"""`datacontract lint`, the standard's own checker, accepts every contract that we write; it works offline."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract_builders import COLUMNS, csv_bytes, document, inbox, written

import pipelines.demo
from pipelines.init import init

ROOT = Path(__file__).parents[2]
OURS = sorted(
    [*Path(pipelines.demo.__file__).parent.rglob("contracts/*.yaml"), *ROOT.glob("examples/*/contracts/*.yaml")]
)


def lint(path: Path) -> list[str]:
    """Return what the checker finds wrong, nothing where it accepts the contract."""
    from datacontract.data_contract import DataContract

    run = DataContract(data_contract_file=str(path)).lint()
    return [str(check.reason) for check in run.checks if str(check.result.value) not in ("passed", "info")]


def test_there_are_contracts_to_look_at():
    assert len(OURS) >= 8


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_contract_of_the_demo_or_an_example_is_accepted(path):
    assert lint(path) == []


def test_what_init_drafts_is_accepted_and_what_is_no_contract_is_not(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    people = [[f"610150-{1000 + place}", "05-01-2024", "1,5"] for place in range(40)]
    (inbox(tmp_path) / "besoeg.csv").write_bytes(csv_bytes(people, headers=["CPR", "Dato", "Timer"]))
    weeks = [[f"610150-{1000 + place}", *"1234"] for place in range(40)]
    (inbox(tmp_path) / "dream.csv").write_bytes(csv_bytes(weeks, headers=["CPR", *(f"y_240{n}" for n in range(1, 5))]))
    init(tmp_path / "inbox", tmp_path / "studie")
    drafts = sorted((tmp_path / "studie" / "contracts").iterdir())
    assert [path.stem for path in drafts] == ["besoeg", "dream"]
    assert [lint(path) for path in drafts] == [[], []]
    broken = document(COLUMNS)
    broken["schema"] = "besoeg"
    assert lint(written(tmp_path, broken)) != []


def test_a_contract_of_a_server_is_accepted(tmp_path):
    tree = document(COLUMNS, format="postgres")
    where = {"type": "postgres", "host": "127.0.0.1", "port": 5432, "database": "eoj", "schema": "public"}
    tree["servers"] = [{"server": "eoj", **where}]
    assert lint(written(tmp_path, tree)) == []
