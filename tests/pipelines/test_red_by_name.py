"""The nine faults of REPORT.md section 7, each planted: the DPO's page turns red, and says which by name."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from pipelines import audit, audit_text, key_files, ledger
from reports import catalogue, render_dpo
from tests.pipelines.test_audit import NOON, NUMBER, fund
from tests.pipelines.test_audit import workspace as workspace  # a fixture
from tests.reports import builders

LANGUAGES = ("da", "en")


def one_byte_in_the_log(ws):
    path = ledger.segments(ws)[0]
    path.write_bytes(path.read_bytes().replace(b"eva", b"eve"))


def a_swapped_signature(ws):
    head = ws.parent / "head.txt"
    first, other = head.read_text(encoding="utf-8"), ws.parent / "other"
    other.mkdir()
    event = ledger.Event(at=NOON, action="read", study="t", purpose="p", basis="b")
    ledger.append(other, event, actor="eva")
    line = ledger.checkpoint(other).text.splitlines()[-1]
    head.write_text("\n".join([*first.splitlines()[:-1], line]) + "\n", encoding="utf-8")


def a_changed_released_file(ws):
    (ws / "outbox" / "report.pdf").write_bytes(b"approveD")


def a_cpr_number_in_a_package(ws):
    (ws / "draft" / "package" / "README.md").write_text("Spørg om {}-{}".format(*NUMBER), encoding="utf-8")


def a_group_of_nine(ws):
    (ws / "draft" / "fund.json").write_text(json.dumps(fund(9, 0)))


def releases_that_subtract_to_four(ws):
    (ws / "releases" / "U-2026-01" / "fund.json").write_text(json.dumps(fund(124, 30)))


def a_readable_key(ws):
    key_files.path_of("k").chmod(0o644)


def an_overdue_file(ws):
    old = (NOON - timedelta(days=731)).timestamp()
    os.utime(ws / "vault" / "registers" / "0000.vault", (old, old))


def a_name_in_a_log(ws):
    (ws / "runs" / "K-0001" / "run.log").write_text("kunne ikke læse rækken: Jensen, Karen\n", encoding="utf-8")


FAULTS = {
    "chain": one_byte_in_the_log,
    "witness": a_swapped_signature,
    "approved": a_changed_released_file,
    "identifiers": a_cpr_number_in_a_package,
    "groups": a_group_of_nine,
    "comparing": releases_that_subtract_to_four,
    "key": a_readable_key,
    "retention": an_overdue_file,
    "logs": a_name_in_a_log,
}


def page(ws, language):
    controls = audit.verify(ws, head=ws.parent / "head.txt", now=NOON)
    return BeautifulSoup(render_dpo(replace(builders.example_dpo(), controls=controls), language), "html.parser")


def test_there_is_a_fault_for_every_control():
    assert list(FAULTS) == list(audit.CONTROLS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_turns_the_verdict_red_by_its_name(workspace, name):
    for language in LANGUAGES:
        assert "bad" not in page(workspace, language).select_one("section.verdict")["class"]
    FAULTS[name](workspace)
    for language in LANGUAGES:
        red = page(workspace, language)
        assert "bad" in red.select_one("section.verdict")["class"]
        assert catalogue.text(language, f"control.{name}.name") in red.h1.text
        assert "✕" in red.h1.text


@pytest.mark.parametrize(
    "text",
    ["Karen Jensen ringede", "JENSEN, KAREN", "rækken: Karen Marie Jensen.", "Søren Kjeldgaard", "Mads\u00a0Hansen"],
)
def test_a_full_name_is_found_in_a_log(text):
    assert audit_text.people_named(text) == 1


@pytest.mark.parametrize(
    "text",
    ["Karen ringede til Jensen", "Hans hjemmehjælp", "Postgres Jensen", "Kommune Hansen", "register=cpr Rows=12",
     "InputError: Bent Streng", ""],
)  # fmt: skip
def test_words_that_name_nobody_are_no_names(text):
    assert audit_text.people_named(text) == 0


def test_staff_may_stand_in_a_log():
    assert audit_text.people_named("Eva Hansen godkendte", known=["Eva Hansen"]) == 0
    assert audit_text.people_named("Eva Jensen godkendte", known=["Eva Hansen"]) == 1
