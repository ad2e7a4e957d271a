"""Refused rows, changed contracts and what is kept too long: decided by a person, and written in the ledger."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from contract_builders import GOOD, contract, csv_bytes, document, inbox
from contract_builders import written as contract_written
from study_builders import study_text, written

from pipelines import contract_changes, ledger, quarantine, retention
from pipelines import quarantine_decisions as decisions
from pipelines.contracts import read_contracts
from pipelines.errors import InputError
from pipelines.ingest import ingest_register

KEY = b"k" * 32


def codes(workspace):
    return [line["code"] for line in ledger.read(workspace)]


@pytest.fixture
def study(tmp_path):
    return written(tmp_path, study_text())


def refused(workspace):
    """Three rows: a good one, one with an unknown status, one without a person's number; taken in by the contract."""
    rows = [GOOD, [*GOOD[:5], "77", GOOD[6]], ["x", *GOOD[1:]]]
    rows[1][0], rows[2][0] = "620150-1234", "hemmelig"
    made = contract(workspace, max_rejected_share=1.0)
    made = decisions.with_released({"besoeg": made}, workspace)["besoeg"]
    return ingest_register(made, inbox(workspace, besoeg_csv=csv_bytes(rows)))


# --- quarantine ------------------------------------------------------------------------------------------------------


def test_a_released_fault_is_read_as_missing_and_the_other_rows_stay_out(tmp_path, study):
    assert refused(tmp_path).rows_rejected == 2
    decisions.release(tmp_path, study, contract(tmp_path), "status", "code")
    after = refused(tmp_path)
    assert after.frame["status"].to_list() == ["01", None]
    assert [place.reason for place in after.places] == ["cpr"]
    assert codes(tmp_path) == ["quarantine.release"]
    decisions.withdraw(tmp_path, study, "besoeg", "status", "code")
    assert refused(tmp_path).rows_rejected == 2
    assert codes(tmp_path)[-1] == "quarantine.withdraw"


@pytest.mark.parametrize(("column", "reason"), [("cpr", "cpr"), ("nej", "code"), ("start", "fields_many")])
def test_what_a_row_means_nothing_without_is_not_released(tmp_path, study, column, reason):
    with pytest.raises(InputError, match="quarantine_release"):
        decisions.release(tmp_path, study, contract(tmp_path), column, reason)
    assert decisions.released(tmp_path) == frozenset()
    assert codes(tmp_path) == []


def test_kinds_need_no_key_and_places_show_no_row(tmp_path, study):
    quarantine.keep(tmp_path, "K-0001", "besoeg", refused(tmp_path).rejected, key=KEY)
    assert [(one.column, one.reason, one.rows) for one in decisions.kinds(tmp_path)] == [
        ("cpr", "cpr", 1), ("status", "code", 1),
    ]  # fmt: skip
    shown = decisions.places(tmp_path, "K-0001", "besoeg", key=KEY)
    assert shown.columns == ["file", "row", "column", "reason"]
    assert "hemmelig" not in str(shown.rows())
    with pytest.raises(InputError, match="vault_damaged"):
        decisions.places(tmp_path, "K-0001", "besoeg", key=b"x" * 32)


def test_dropped_rows_are_gone_and_counted_in_the_ledger(tmp_path, study):
    quarantine.keep(tmp_path, "K-0001", "besoeg", refused(tmp_path).rejected, key=KEY)
    assert decisions.drop(tmp_path, study, "K-0001", "besoeg", column="status", reason=None, key=KEY) == 1
    assert [one.column for one in decisions.kinds(tmp_path)] == ["cpr"]
    assert decisions.drop(tmp_path, study, "K-0001", "besoeg", column=None, reason=None, key=KEY) == 1
    assert list((tmp_path / "quarantine" / "K-0001").iterdir()) == []
    assert [line["object"]["rows"] for line in ledger.read(tmp_path)] == [1, 1]
    with pytest.raises(InputError, match="quarantine_nothing"):
        decisions.drop(tmp_path, study, "K-0001", "../besoeg", column=None, reason=None, key=KEY)


# --- contracts -------------------------------------------------------------------------------------------------------


def test_a_changed_contract_is_refused_until_somebody_approves_the_diff(tmp_path, study):
    contract(tmp_path)
    contract_changes.note_first(tmp_path, study, read_contracts(tmp_path))
    assert contract_changes.refusals(tmp_path, read_contracts(tmp_path)) == []
    contract_written(tmp_path, document(max_rejected_share=0.5))
    now = read_contracts(tmp_path)
    assert [error.key for error in contract_changes.refusals(tmp_path, now)] == ["contract_changed"]
    lines = contract_changes.diff(tmp_path, now["besoeg"])
    assert any(line.startswith("+") and "0.5" in line for line in lines)
    contract_changes.note_first(tmp_path, study, now)  # a run does not approve by running
    assert contract_changes.changed(tmp_path, now) == ("besoeg",)
    contract_changes.approve(tmp_path, study, now["besoeg"])
    assert contract_changes.refusals(tmp_path, now) == []
    assert contract_changes.diff(tmp_path, now["besoeg"]) == []
    assert codes(tmp_path) == ["contract.first", "contract.approve"]
    with pytest.raises(InputError, match="contract_unchanged"):
        contract_changes.approve(tmp_path, study, now["besoeg"])


def test_a_copy_that_somebody_changed_is_not_what_was_approved(tmp_path, study):
    contract(tmp_path)
    contract_changes.note_first(tmp_path, study, read_contracts(tmp_path))
    contract_written(tmp_path, document(max_rejected_share=0.5))
    copy = tmp_path / "contracts" / "approved" / "besoeg.yaml"
    copy.write_text((tmp_path / "contracts" / "besoeg.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(InputError, match="contract_copy"):
        contract_changes.diff(tmp_path, read_contracts(tmp_path)["besoeg"])


# --- retention -------------------------------------------------------------------------------------------------------


def test_what_is_kept_too_long_is_told_and_deleted_only_when_asked(tmp_path, study):
    now = datetime.now(UTC)
    ages = {
        "vault/registers/cpr/0000.vault": 731, "quarantine/K-0001/cpr.vault": 91, "quarantine/K-0002/cpr.vault": 89,
        "runs/K-0001/done.json": 731, "draft/package/data.csv": 364, "findings.json": 9999,
    }  # fmt: skip
    for name, days in ages.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        stamp = (now - timedelta(days=days, hours=1)).timestamp()
        os.utime(path, (stamp, stamp))
    things = retention.overdue(tmp_path, study, now=now)
    assert [one.place for one in things] == ["vault/registers", "quarantine/K-0001", "runs/K-0001"]
    assert all((tmp_path / name).exists() for name in ages)  # told, not done
    assert retention.delete(tmp_path, study, things, by_person=False) == 3
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())[:3] == [
        "draft/package/data.csv", "findings.json", "ledger/.lock",
    ]  # fmt: skip
    assert codes(tmp_path) == ["retention.vault", "retention.quarantine", "retention.run"]
    assert retention.overdue(tmp_path, study, now=now) == ()


def test_a_vault_that_is_a_link_to_elsewhere_is_left_alone(tmp_path, study):
    other = tmp_path.parent / f"{tmp_path.name}-other"
    other.mkdir()
    (other / "x").write_bytes(b"x")
    os.utime(other / "x", (0, 0))
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "registers").symlink_to(other)
    assert retention.overdue(tmp_path, study, now=datetime.now(UTC)) == ()


def test_dropping_is_whole_where_nothing_matches(tmp_path, study):
    frame = refused(tmp_path).rejected
    quarantine.keep(tmp_path, "K-0001", "besoeg", frame, key=KEY)
    assert decisions.drop(tmp_path, study, "K-0001", "besoeg", column="start", reason=None, key=KEY) == 0
    assert quarantine.read(tmp_path, "K-0001", "besoeg", key=KEY).equals(frame)
    assert codes(tmp_path) == []
