"""Contracts approved, faults let in, rows deleted, and what runs late: decided at the portal as by command."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from pipelines import contract_changes, ledger, quarantine
from pipelines import quarantine_decisions as decisions
from pipelines.contracts import read_contracts
from pipelines.ingest import ingest_register
from pipelines.study import read_study
from portal import pages_quarantine
from tests.pipelines.contract_builders import GOOD, contract, csv_bytes, document, inbox, written
from tests.pipelines.release_builders import PASSPHRASE

KEY = b"k" * 32
FAULT = "besoeg/status/code"


def told(portal):
    """The newest line of the ledger: who did what."""
    line = list(ledger.read(portal.site.workspace))[-1]
    return line["actor"], line["role"], line["code"]


@pytest.fixture
def here(portal, monkeypatch):
    """A contract that was approved, and three rows in quarantine: what it says, what it does not, and a secret."""
    place = portal.site.workspace
    contract(place)
    contract_changes.note_first(place, read_study(place), read_contracts(place))
    rows = [GOOD, [*GOOD[:5], "77", GOOD[6]], ["hemmelig", *GOOD[1:]]]
    refused = ingest_register(contract(place, max_rejected_share=1.0), inbox(place, besoeg_csv=csv_bytes(rows)))
    written(place, document())
    quarantine.keep(place, "K-0001", "besoeg", refused.rejected, key=KEY)
    monkeypatch.setattr("pipelines.run.quarantine_key", lambda workspace, passphrase: KEY)
    return place


# --- contracts ---------------------------------------------------------------------------------------------------


def test_a_changed_contract_is_shown_line_by_line_and_approved_by_somebody(portal, here):
    written(here, document(max_rejected_share=0.25))
    browser = portal.browser("britt")
    page = unescape(browser.get("/contracts/besoeg").text)
    changed = [line for line in page.split("\n") if 'class="in"' in line]
    assert any("max_rejected_share" in line for line in changed)
    assert any("0.25" in line for line in changed)
    assert "venter på godkendelse" in page
    seen = read_contracts(here)["besoeg"].sha256
    where = "/contracts/besoeg"
    assert portal.post(browser, f"{where}/approve", page=where, seen=seen, passphrase="forkert").status_code == 422
    assert contract_changes.changed(here, read_contracts(here)) == ("besoeg",)
    assert portal.post(browser, f"{where}/approve", page=where, seen=seen, passphrase=PASSPHRASE).status_code == 303
    assert contract_changes.changed(here, read_contracts(here)) == ()
    assert told(portal) == ("britt", "decider", "contract.approve")
    assert "venter på godkendelse" not in browser.get(where).text


def test_what_was_changed_after_it_was_shown_is_not_approved(portal, here):
    written(here, document(max_rejected_share=0.25))
    seen = read_contracts(here)["besoeg"].sha256
    browser = portal.browser("anna")
    written(here, document(max_rejected_share=1.0))
    answer = portal.post(browser, "/contracts/besoeg/approve", seen=seen, passphrase=PASSPHRASE)
    assert answer.status_code == 422
    assert contract_changes.changed(here, read_contracts(here)) == ("besoeg",)


def test_a_damaged_copy_of_what_was_approved_is_said_and_the_page_still_comes(portal, here):
    written(here, document(max_rejected_share=0.25))
    (here / "contracts" / "approved" / "besoeg.yaml").write_text("x", "utf-8")
    answer = portal.browser("dorte").get("/contracts/besoeg")
    assert answer.status_code == 200
    assert "kopien af den godkendte kontrakt" in answer.text
    assert 'action="/contracts' not in answer.text  # a DPO approves no contract


# --- quarantine --------------------------------------------------------------------------------------------------


def test_a_kind_of_fault_is_let_in_and_taken_back_by_name(portal, here):
    browser = portal.browser("anna")
    page = browser.get("/quarantine").text
    assert f'value="{FAULT}"' in page
    assert 'value="besoeg/cpr/cpr"' not in page  # nobody's row: never let in
    assert "hemmelig" not in page
    assert ">77<" not in page
    done = portal.post(browser, "/quarantine/release", page="/quarantine", kind=FAULT, passphrase=PASSPHRASE)
    assert done.status_code == 303
    assert decisions.released(here) == {("besoeg", "status", "code")}
    assert told(portal) == ("anna", "analyst", "quarantine.release")
    portal.post(browser, "/quarantine/withdraw", page="/quarantine", kind=FAULT, passphrase=PASSPHRASE)
    assert decisions.released(here) == frozenset()
    assert told(portal) == ("anna", "analyst", "quarantine.withdraw")


@pytest.mark.parametrize("kind", ["besoeg/cpr/cpr", "../besoeg/status/code", "", "K-0001/besoeg/status/code"])
def test_only_a_choice_that_the_form_has_is_let_in(portal, here, kind):
    answer = portal.post(portal.browser("anna"), "/quarantine/release", kind=kind, passphrase=PASSPHRASE)
    assert answer.status_code == 422
    assert decisions.released(here) == frozenset()


def test_rows_are_deleted_only_when_sure_and_with_the_studys_key(portal, here):
    browser = portal.browser("anna")
    fields = {"kind": f"K-0001/{FAULT}", "passphrase": PASSPHRASE, "study_passphrase": "undersøgelsens"}
    for missing in ("passphrase", "study_passphrase"):
        wrong = {name: value for name, value in fields.items() if name != missing}
        assert portal.post(browser, "/quarantine/drop", sure="yes", **wrong).status_code == 422
    assert portal.post(browser, "/quarantine/drop", **fields).status_code == 422
    assert len(decisions.kinds(here)) == 2
    assert portal.post(browser, "/quarantine/drop", sure="yes", **fields).status_code == 303
    assert [one.column for one in decisions.kinds(here)] == ["cpr"]
    assert told(portal) == ("anna", "analyst", "quarantine.drop")


# --- rights and deadlines ----------------------------------------------------------------------------------------


def test_decided_requests_are_listed_without_the_citizen_and_no_page_asks_for_a_number(portal):
    event = ledger.Event(
        at=datetime.now(UTC), action="person.object", study="proeve", purpose="p", basis="b", role="decider",
        subject="c0de" * 8, code="granted",
    )  # fmt: skip
    ledger.append(portal.site.workspace, event, actor="britt")
    page = portal.browser("dorte").get("/rights").text
    assert "Indsigelse" in page
    assert "imødekommet" in page
    assert "britt" in page
    assert "c0de" not in page
    assert "<input" not in page.split("<main")[1]


def test_what_is_kept_too_long_stands_on_top_and_is_deleted_by_command_alone(portal):
    place = portal.site.workspace
    for name, days in (("quarantine/K-0001/cpr.vault", 91), ("quarantine/K-0002/cpr.vault", 9)):
        path = place / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
        stamp = (datetime.now(UTC) - timedelta(days=days, hours=1)).timestamp()
        os.utime(path, (stamp, stamp))
    page = portal.browser("dorte").get("/deadlines").text
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")
    assert "K-0001" in rows[0]
    assert "✕" in rows[0]
    assert "K-0002" in rows[1]
    assert "✓" in rows[1]
    assert "undring retention --yes" in page
    assert (place / "quarantine" / "K-0001" / "cpr.vault").exists()


def test_the_forms_of_quarantine_are_the_analysts_alone(portal, here):
    page = portal.browser("dorte").get("/quarantine").text
    assert 'action="/quarantine' not in page
    assert set(pages_quarantine.HANDLERS) == {
        ("GET", "/quarantine"), ("POST", "/quarantine/release"), ("POST", "/quarantine/withdraw"),
        ("POST", "/quarantine/drop"),
    }  # fmt: skip
