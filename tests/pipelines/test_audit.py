from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import polars as pl
import pytest

from pipelines import audit, audit_text, key_files, ledger
from reports import catalogue
from reports.values import Control

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NUMBER = ["610150", "1234"]  # day + 60: nobody's own
STUDY = """
id = "s"
key = "k"
dpo = "dpo@eksempel.invalid"
"""


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace in which every control has something to judge, and passes."""
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(key_files.keys, "_stretched", lambda passphrase, salt: sha256(salt).digest())
    key_files.create("k", study="s", passphrase="p")
    ws = tmp_path / "ws"
    for folder in ("draft/package", "vault/registers", "runs/K-0001", "outbox", "releases/U-2026-01"):
        (ws / folder).mkdir(parents=True)
    (ws / "study.toml").write_text(STUDY)
    (ws / "draft" / "rapport.UDKAST.html").write_text("Kontakt: dpo@eksempel.invalid. 1.187.412 borgere, 120.25 100")
    (ws / "draft" / "fund.json").write_text(json.dumps(fund(120, 30)))
    (ws / "draft" / "package" / "risk.json").write_text(json.dumps({"k": 10, "l": 3, "people": 900}))
    (ws / "vault" / "registers" / "0000.vault").write_bytes(b"sealed")
    (ws / "runs" / "K-0001" / "run.log").write_text("suppressed register=cpr rows_in=61204 rows_out=61190\n")
    (ws / "outbox" / "report.pdf").write_bytes(b"approved")
    approve(ws, sha256(b"approved").hexdigest())
    (tmp_path / "head.txt").write_text(ledger.checkpoint(ws).text)
    return ws


def approve(ws, digest):
    event = ledger.Event(
        at=NOON, action="release.approve", study="s", purpose="p", basis="b", role="decider", object_sha256=digest
    )
    ledger.append(ws, event, actor="eva")


def fund(people, observed, *, columns=("a", "b")):
    conditions = [{"column": column, "operator": "==", "value": True, "also": []} for column in columns]
    finding = {"id": "F-2026-001", "conditions": conditions, "people": people, "observed": observed, "expected": 5}
    return {"outcome": {"column": "o", "positive": True}, "findings": [{**finding, "p_confirm": None}]}


def control(ws, name) -> Control:
    controls = audit.verify(ws, head=ws.parent / "head.txt", now=NOON)
    return next(one for one in controls if one.key == f"control.{name}")


def reason(ws, name):
    one = control(ws, name)
    assert one.passed is False
    word = dict(one.facts)["reason"]
    assert catalogue.has(f"control.reason.{word}")
    return word


def test_an_honest_workspace_passes_nine_of_nine(workspace):
    controls = audit.verify(workspace, head=workspace.parent / "head.txt", now=NOON)
    assert [one.key for one in controls] == [f"control.{name}" for name in audit.CONTROLS]
    assert [one.passed for one in controls] == [True] * 9
    for one in controls:
        assert catalogue.has(f"{one.key}.name")


def test_an_empty_workspace_has_nothing_to_judge(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    (tmp_path / "ws").mkdir()
    assert {one.passed for one in audit.verify(tmp_path / "ws")} == {None}


def test_one_byte_in_the_log_turns_the_chain_red(workspace):
    path = ledger.segments(workspace)[0]
    path.write_bytes(path.read_bytes().replace(b"eva", b"eve"))
    assert reason(workspace, "chain") == "line_changed"
    assert reason(workspace, "witness") == "other_log"


def test_a_file_in_the_outbox_that_nobody_approved_is_found_by_one_byte(workspace):
    (workspace / "outbox" / "report.pdf").write_bytes(b"approveD")
    assert reason(workspace, "approved") == "not_approved"


WRITINGS = [
    "{}-{}",
    "{} {}",
    "{}{}",
    "{}–{}",
    "{}\u00a0{}",
    "cpr:{}-{}.",
    "<td>{}-{}</td>",
    "{} - {}",
    "cpr{}{}",
    "sagsnr{}-{}og",
]


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_cpr_number_in_any_writing_is_found_in_an_output_and_in_a_log(workspace, writing):
    text = writing.format(*NUMBER)
    (workspace / "draft" / "report.UDKAST.en.html").write_text(text, encoding="utf-8")
    (workspace / "runs" / "K-0001" / "run.log").write_text(text, encoding="utf-8")
    assert reason(workspace, "identifiers") == "identifier"
    assert reason(workspace, "logs") == "identifier"
    assert NUMBER[1] not in str(control(workspace, "logs"))


def test_dotted_dates_in_a_cpr_number_are_found_too():
    assert audit_text.traces(f"61.01.50-{NUMBER[1]}") == (1, 0)
    assert audit_text.traces(f"61/01/50 {NUMBER[1]}") == (1, 0)


@pytest.mark.parametrize(
    "text",
    [
        sha256(b"a").hexdigest(),
        "0.6101501234",
        "X6101501234",
        "abc6101501234",
        "61015012345",
        "2026-11-24T12:00:00.000Z",
        "1764072000",
        "990150-1234",
        "613350-1234",
        "p1-6101501234ABCDEFGHJKMNPQRS0",
    ],
)
def test_hashes_decimals_times_and_pseudonyms_are_no_cpr_numbers(text):
    assert audit_text.traces(text) == (0, 0)


def test_a_cpr_number_in_a_package_of_parquet_or_in_a_file_name_is_found(workspace):
    pl.DataFrame({"note": ["ok", "-".join(NUMBER)]}).write_parquet(workspace / "draft" / "package" / "data.parquet")
    assert reason(workspace, "identifiers") == "identifier"
    (workspace / "draft" / "package" / "data.parquet").unlink()
    (workspace / "draft" / ("-".join(NUMBER) + ".html")).touch()
    found = control(workspace, "identifiers")
    assert found.passed is False
    assert NUMBER[1] not in str(found)


def test_a_foreign_address_is_found_and_the_studys_own_is_not(workspace):
    (workspace / "draft" / "x.txt").write_text("Skriv til dpo@eksempel.invalid.")
    assert control(workspace, "identifiers").passed
    (workspace / "draft" / "x.txt").write_text("Skriv til borger@mail.invalid")
    assert reason(workspace, "identifiers") == "identifier"


@pytest.mark.parametrize(("people", "observed"), [(9, 0), (100, 9), (1, 1)])
def test_a_group_of_nine_is_found(workspace, people, observed):
    (workspace / "draft" / "fund.json").write_text(json.dumps(fund(people, observed)))
    assert reason(workspace, "groups") == "small_group"


@pytest.mark.parametrize("risk", [{"k": 9, "l": 3, "people": 900}, {"k": 10, "l": 2, "people": 900}])
def test_a_package_with_too_small_or_too_uniform_a_class_is_found(workspace, risk):
    (workspace / "draft" / "package" / "risk.json").write_text(json.dumps(risk))
    assert reason(workspace, "groups") == "small_class"


def test_a_package_is_counted_again_from_its_rows(workspace):
    with (workspace / "study.toml").open("a") as study:
        study.write('[package]\nquasi = ["age"]\n')
    rows = ["person;age;visits", *(f"p1-{number};80-84;{number}" for number in range(10))]
    data = workspace / "draft" / "package" / "data.csv"
    data.write_text("\n".join(rows))
    assert control(workspace, "groups").passed
    data.write_text("\n".join([*rows, *("p1-x;85-89;1" for _ in range(10))]))  # ten rows, one person
    assert reason(workspace, "groups") == "small_class"


def test_two_releases_that_subtract_to_four_people_are_found(workspace):
    (workspace / "releases" / "U-2026-01" / "fund.json").write_text(json.dumps(fund(124, 30)))
    assert reason(workspace, "comparing") == "difference"


def test_a_combination_four_people_smaller_than_its_part_is_found(workspace):
    inside = fund(116, 30, columns=("a", "b", "c"))
    (workspace / "releases" / "U-2026-01" / "fund.json").write_text(json.dumps(inside))
    assert reason(workspace, "comparing") == "difference"


def test_figures_printed_earlier_are_compared_too(workspace):
    cells = [{"outcome": "o", "measure": "people", "cell": ["a=ja"], "printed": printed} for printed in (50, 53)]
    path = workspace / "ledger" / "published_cells.jsonl"
    path.write_text("".join(json.dumps(cell) + "\n" for cell in cells[:1]))
    assert control(workspace, "comparing").passed
    path.write_text("".join(json.dumps(cell) + "\n" for cell in cells))
    assert reason(workspace, "comparing") == "difference"


def test_a_readable_key_and_a_key_in_the_workspace_are_found(workspace):
    path = key_files.path_of("k")
    path.chmod(0o644)
    assert reason(workspace, "key") == "key_readable_by_others"
    path.chmod(0o600)
    (workspace / "vault" / "k.key.json").write_bytes(path.read_bytes())
    assert reason(workspace, "key") == "key_in_workspace"


def test_verifying_needs_no_key(workspace):
    for path in key_files.folder().iterdir():
        path.unlink()
    controls = audit.verify(workspace, head=workspace.parent / "head.txt", now=NOON)
    assert [one.key for one in controls if not one.passed] == ["control.key"]
    assert control(workspace, "key").passed is None


def test_a_file_and_a_month_kept_too_long_are_found(workspace):
    old = (NOON - timedelta(days=731)).timestamp()
    path = workspace / "vault" / "registers" / "0000.vault"
    os.utime(path, (old, old))
    assert reason(workspace, "retention") == "overdue"
    path.unlink()
    assert control(workspace, "retention").passed
    late = audit.verify(workspace, now=NOON + timedelta(days=1825 + 7))[7]
    assert dict(late.facts) == {"reason": "overdue", "files": "0", "months": "1"}


@pytest.mark.parametrize("name", ["stage.parquet", "spill.duckdb", "rows.csv"])
def test_a_plain_table_left_in_a_run_is_found(workspace, name):
    (workspace / "runs" / "K-0001" / name).touch()
    assert reason(workspace, "logs") == "plain_data"


def test_a_package_on_its_way_through_a_run_is_no_leftover(workspace):
    (workspace / "runs" / "K-0001" / "draft" / "package").mkdir(parents=True)
    (workspace / "runs" / "K-0001" / "draft" / "package" / "data.csv").write_text("person;age\n")
    assert control(workspace, "logs").passed


def test_a_control_that_cannot_be_computed_has_not_passed_and_the_others_speak(workspace):
    (workspace / "draft" / "fund.json").write_text("{")
    assert reason(workspace, "groups") == "not_computed"
    assert control(workspace, "chain").passed
