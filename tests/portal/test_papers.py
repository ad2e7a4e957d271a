"""The papers on their pages: annexes for each processor, and a breach whose clock is started and stopped by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from pipelines import breaches, ledger, verdict
from pipelines.errors import InputError
from reports.numbers import HERE
from tests.pipelines.contract_builders import contract
from tests.pipelines.release_builders import PASSPHRASE, workspace

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
RECEIVERS = "\n[legal]\n" + "".join(
    f'\n[[legal.recipient]]\nname = "{name}"\nrole = "{role}"\n'
    for name, role in (("Første", "processor"), ("Ministeriet", "controller"), ("Anden", "processor"))
)


@pytest.fixture
def named(portal):
    """The study names two processors, and one receiver that is none."""
    path = workspace(portal.site.workspace) / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + RECEIVERS, encoding="utf-8")
    contract(portal.site.workspace)
    portal.site.clock = lambda: NOW
    return portal


def test_every_processor_has_its_annexes_and_nobody_else(named):
    browser = named.browser("dorte")
    assert "A.1 " in browser.get("/annexes").text
    assert "Første" in browser.get("/annexes").text
    second = browser.get("/annexes?to=2&language=en").text
    assert "Anden" in second.partition("A.1 ")[2].partition("A.2 ")[0]
    assert "Ministeriet" not in second
    for wrong in ("0", "3", "x", "-1", "99999"):
        assert browser.get(f"/annexes?to={wrong}").status_code == 404
    assert browser.get("/record/annexes-2.json").json()["document"] == "annexes"
    assert browser.get("/record/annexes-2.docx").content[:2] == b"PK"
    for wrong in ("annexes.json", "annexes-3.json", "breach.json", "breach-1.json", "dpia-1.json", "access.json"):
        assert browser.get(f"/record/{wrong}").status_code == 404


def test_a_study_without_a_processor_says_where_to_write_it(portal):
    contract(portal.site.workspace)
    assert "[[legal.recipient]]" in portal.browser("dorte").get("/annexes").text


def test_the_clock_is_started_by_name_seen_by_those_who_act_and_stopped_with_a_reason(named):
    dpo, decider = named.browser("dorte"), named.browser("britt")
    when = {"day": "2026-11-25", "hour": "14", "minute": "00"}  # 14.00 in Denmark is 13.00 UTC
    assert named.post(dpo, "/breach", page="/breach", **when, passphrase="forkert").status_code == 422
    assert breaches.breaches(named.site.workspace) == ()
    assert named.post(dpo, "/breach", page="/breach", **when, passphrase=PASSPHRASE).headers["location"] == "/breach"
    (one,) = breaches.breaches(named.site.workspace)
    assert one.due == datetime(2026, 11, 28, 14, 0, tzinfo=HERE)
    for person in (dpo, decider):  # 72 hours, of which 20 have passed
        assert "52 timer tilbage" in person.get("/").text
        assert "52 timer tilbage" in person.get("/breach").text
    assert "timer tilbage" not in named.browser("anna").get("/").text
    assert dpo.get(f"/record/breach-{one.number}.json").json()["document"] == "breach"
    assert named.post(dpo, "/breach", page="/breach", **when, passphrase=PASSPHRASE).status_code == 422  # told already
    end = {"breach": str(one.number), "passphrase": PASSPHRASE}
    assert named.post(decider, "/breach/end", page="/breach", **end, ending="because").status_code == 422
    assert named.post(decider, "/breach/end", page="/breach", **end, ending="notified").status_code == 303
    assert "timer tilbage" not in dpo.get("/").text
    assert "Anmeldt til Datatilsynet" in dpo.get("/breach").text
    said = [(line["action"], line["actor"], line["role"]) for line in ledger.read(named.site.workspace)][-2:]
    assert said == [("breach.known", "dorte", "dpo"), ("breach.closed", "britt", "decider")]


def test_what_was_notified_too_late_is_told_as_late(named):
    here, dpo = named.site.workspace, named.people["dorte"].account
    breaches.start(here, "2026-11-20 09:00", dpo, now=NOW)
    late = breaches.breaches(here)[0]
    assert late.hours_left(NOW) < 0
    assert "Overskredet med" in named.browser("dorte").get("/breach").text
    assert breaches.end(here, late.number, "notified", dpo, now=NOW).late
    assert "anmeldt for sent" in named.browser("dorte").get("/breach").text


@pytest.mark.parametrize("text", ["2026-11-25 25:00", "2026-02-31 10:00", "", "i går", "2026-11-27 10:00"])
def test_a_time_that_is_none_or_not_come_starts_no_clock(named, text):
    day, _, clock = text.partition(" ")
    hour, _, minute = clock.partition(":")
    fields = {"day": day, "hour": hour, "minute": minute, "passphrase": PASSPHRASE}
    assert named.post(named.browser("dorte"), "/breach", page="/breach", **fields).status_code == 422
    assert breaches.breaches(named.site.workspace) == ()


@pytest.mark.parametrize("person", ["anna", "rikke"])
def test_only_the_dpo_and_a_decider_start_or_stop_a_clock(named, person):
    here = named.site.workspace
    with pytest.raises(InputError) as refused:
        breaches.start(here, "2026-11-25 14:00", named.people[person].account, now=NOW)
    assert refused.value.key == "breach_role"
    one = breaches.start(here, "2026-11-25 14:00", named.people["dorte"].account, now=NOW)
    with pytest.raises(InputError):
        breaches.end(here, one.number, "no_breach", named.people[person].account, now=NOW)
    assert breaches.breaches(here)[0].ended == ""


def test_a_breach_outlives_the_names_in_the_log(named):
    """What was known and when stands in the evidence chain, without a name."""
    here = named.site.workspace
    breaches.start(here, "2026-11-25 14:00", named.people["dorte"].account, now=NOW)
    kept = [line.body for line in ledger.evidence(here) if line["action"] == "breach.known"]
    assert len(kept) == 1
    assert "dorte" not in str(kept)
    assert kept[0]["facts"] == {"known_at": "2026-11-25T14:00+01:00"}
    assert breaches.breaches(here)[0].known + timedelta(hours=72) == breaches.breaches(here)[0].due


def test_the_clock_is_started_shown_and_stopped_by_command_too(named, monkeypatch):
    """The same lines in the same ledger; without the person's own passphrase none."""
    from flows import cli_documents
    from flows.cli import app

    here = str(named.site.workspace)

    def signer(workspace, person, fd):
        return named.people[person]

    monkeypatch.setattr(cli_documents, "signer", signer)

    def called(*arguments):
        return CliRunner().invoke(app, ["audit", "breaches", here, "--language", "en", *arguments])

    assert "no breach" in called().output
    assert "To be notified by" in called("--known-at", "2026-11-25 14:00", "--by", "dorte").output
    number = str(breaches.breaches(named.site.workspace)[0].number)
    assert called("--known-at", "2026-11-24 14:00", "--by", "anna").exit_code == 2  # an analyst
    assert called("--end", number, "--why", "because", "--by", "dorte").exit_code == 2
    assert "not a breach" in called("--end", number, "--why", "no_breach", "--by", "britt").output
    assert number in called().output
    assert [one.ended for one in breaches.breaches(named.site.workspace)] == ["no_breach"]


def test_the_evidence_to_take_away_has_controls_heads_record_and_releases(named):
    ledger.checkpoint(named.site.workspace)
    verdict.compute(named.site.workspace)
    told = named.browser("dorte").get("/dpo/evidence/bevis.json").json()
    assert len(told["controls"]) == 9
    assert told["record"]["document"] == "article30"
    assert [one["release"] for one in told["releases"]] == ["U-2026-01"]
    assert len(told["signed_heads"]) == len(
        list((named.site.workspace / "ledger" / "checkpoints").glob("*.checkpoint"))
    )
    assert told["signed_heads"]


def test_the_record_tells_of_a_release_that_still_waits(named):
    """It crashed once: an open release has no word of its own but what it waits for."""
    page = named.browser("dorte").get("/record")
    assert page.status_code == 200
    assert "venter på DPO" in page.text
