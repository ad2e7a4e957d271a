"""The papers on their pages: annexes for each processor, and a breach whose clock is started and stopped by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipelines import breaches, ledger
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
