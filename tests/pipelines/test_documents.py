"""The papers that the law asks for: every field there with its source, nothing made up, nobody in them."""

from __future__ import annotations

import json
import re
import shutil
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document as Word
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from pipelines import ledger
from pipelines.breaches import Breach
from pipelines.documents import annexes, article30, breach, dpia
from pipelines.documents.facts import HERE, gather
from pipelines.documents.write import KINDS, SUFFIXES, body, made, paper, write
from pipelines.errors import InputError
from pipelines.legal import Receiver
from reports.catalogue import Language, keys
from reports.documents import document_docx, document_html, document_json
from tests.attacks.test_rights import ME, WRITTEN, person, run  # noqa: F401 - the workspace with one citizen in it

DEMO = Path(__file__).resolve().parents[2] / "pipelines" / "demo"
NOW = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
KNOWN = "2026-11-25 14:00"
VENDOR = Receiver(name="Leverandør A/S", role="processor", trains=False, publishes=False, keeps=False,
                  paid_by="municipality", decided_otherwise_by="")  # fmt: skip


@pytest.fixture
def work(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    folder = tmp_path / "ws"
    folder.mkdir()
    shutil.copy(DEMO / "study.toml", folder)
    shutil.copytree(DEMO / "contracts", folder / "contracts")
    return folder


def facts_of(work, language=Language.EN, **legal):
    found = gather(work, language, now=NOW, controls=())
    return replace(found, study=replace(found.study, legal=replace(found.study.legal, **legal)))


def of(work, kind, language=Language.EN):
    return paper(work, kind, language, recipient="eksempel leverandør", known_at=KNOWN, now=NOW, controls=())


@pytest.mark.parametrize("language", list(Language))
def test_the_record_has_each_letter_of_the_law_in_order_and_each_answer_its_source(work, language):
    parts = of(work, "article30", language).parts
    assert tuple(part.key for part in parts) == article30.LETTERS
    for part in parts:
        assert part.fields or part.tables, part.key
        assert all(one.source for one in (*part.fields, *part.tables)), part.key


def test_every_column_of_every_contract_is_tied_to_somebody_and_the_log_to_the_staff(work):
    facts = facts_of(work)
    rows = article30.data_of(facts)
    for name, contract in facts.contracts.items():
        told = " ".join(cell for row in rows if row[1] == facts.register(name) for cell in row)
        for column in contract.properties:
            assert facts.column(column) in told, (name, column.name)
    assert [row for row in rows if row[0] == "staff who use Undring"]
    assert any(row[0] == "staff" for row in rows)


def test_every_recipient_has_a_role_and_its_data(work):
    table = article30.recipients(facts_of(work, receivers=(VENDOR,))).tables[0]
    assert [(row[0], row[1]) for row in table.rows] == [("Leverandør A/S", "processor")]
    assert "age" in table.rows[0][2]
    assert article30.recipients(facts_of(work, receivers=())).text  # nobody: said in words


@pytest.mark.parametrize(
    ("letter", "legal"),
    [("a", {"contact": ""}), ("b", {"basis": {}}), ("b", {"decided_by": "", "decided_on": None, "journal": ""}),
     ("e", {"third_countries": ""}), ("f", {"archive": ""}), ("g", {"staff_informed": None})],
)  # fmt: skip
def test_what_nobody_has_answered_is_an_open_question_and_is_never_made_up(work, letter, legal):
    answered = {"contact": "Torvet 1", "third_countries": "none"}

    def questions(**more):
        parts = {part.key: part for part in article30.parts(facts_of(work, **{**answered, **more}))}
        return parts[letter]

    before, after = questions(), questions(**legal)
    assert len(after.questions) > len(before.questions)
    assert all(one.answer or after.questions for one in after.fields)


def test_without_controller_and_dpo_the_record_asks_for_them(work):
    facts = facts_of(work)
    bare = replace(facts, study=replace(facts.study, controller="", dpo=""))
    part = article30.parts(bare)[0]
    assert {one.label for one in part.fields if not one.answer} >= {"Controller", "DPO (data protection officer)"}
    assert len(part.questions) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_is_the_same_tree_in_both_languages_and_opens_in_three_forms(work, kind):
    trees = []
    for language in Language:
        done = of(work, kind, language)
        trees.append([(part.key, len(part.fields), len(part.tables), len(part.questions)) for part in done.parts])
        page = document_html(done)
        assert f'<html lang="{language.value}">' in page
        assert not re.search(r"<script|https?://|src=|@import", page)
        told = json.loads(document_json(done))
        assert told["draft"] is True
        assert told["open_questions"] == len(done.questions) > 0
        word = Word(BytesIO(document_docx(done)))
        mark = {"da": "UDKAST", "en": "DRAFT"}[language.value]
        assert mark in page
        assert mark in word.sections[0].header.paragraphs[0].text
        headings = [one.text for one in word.paragraphs if one.style.name == "Heading 1"]
        assert headings == [part.heading for part in done.parts]
        words = "\n".join(one.text for one in word.paragraphs)
        assert all(question in words for _, question in done.questions)
        assert len(word.tables) == sum(bool(part.fields) + len(part.tables) for part in done.parts)
        assert all(table.rows[0]._tr.xpath(".//w:tblHeader") for table in word.tables)
    assert trees[0] == trees[1]


@pytest.mark.parametrize("kind", KINDS)
def test_codes_of_the_data_stay_out_and_a_number_in_a_label_stops_the_paper(work, kind, monkeypatch):
    facts = facts_of(work)
    register = next(iter(facts.contracts))
    contract = facts.contracts[register]
    planted = replace(contract.properties[0], codes=("QZXVALUE",), pattern="QZXVALUE", label_da="l", label_en="l")
    changed = {**facts.contracts, register: replace(contract, properties=(planted, *contract.properties[1:]))}
    monkeypatch.setattr("pipelines.documents.facts.read_contracts", lambda workspace: changed)
    assert "QZXVALUE" not in of(work, kind).all_text()
    if kind == "annexes":
        return  # it prints no contract's labels
    named = replace(planted, label_da=WRITTEN, label_en=WRITTEN)
    changed[register] = replace(contract, properties=(named, *contract.properties[1:]))
    with pytest.raises(InputError) as stopped:
        of(work, kind)
    assert stopped.value.key == "names_somebody"
    assert ME not in stopped.value.text(Language.EN)


def test_a_risk_is_told_as_measured_or_as_not_measured(work):
    def rows(facts):
        table = next(part for part in dpia.parts(facts) if part.key == "risks").tables[0]
        return {row[0]: row[1] for row in table.rows}

    facts = facts_of(work)
    assert rows(facts)["A citizen can be singled out in a package"] == "not measured"
    risk = {"k": 17, "l": 3, "highest_risk": 0.0588, "largest_share": 0.5}
    assert rows(replace(facts, risk=risk))["A citizen can be singled out in a package"].startswith("k = 17 (at least ")
    assert dpia.attacks() > 50
    assert dpia.attacks(work) == 0


def test_annexes_are_for_a_processor_that_the_study_names(work):
    facts = facts_of(work, receivers=(VENDOR, replace(VENDOR, name="Forsker", role="controller")))
    for name, key in (("nobody", "annexes_recipient"), ("forsker", "annexes_no_processor")):
        with pytest.raises(InputError) as refused:
            annexes.processor(facts, name)
        assert refused.value.key == key
    plain = annexes.parts(facts, VENDOR)
    assert tuple(part.key for part in plain) == annexes.SECTIONS
    own = annexes.parts(facts, replace(VENDOR, trains=True, publishes=True))
    assert len(own[0].questions) == len(plain[0].questions) + 1  # who decided that it is a processor all the same


@pytest.mark.parametrize(
    ("known", "due"),
    [("2026-11-25 14:00", "2026-11-28T14:00:00+01:00"),
     ("2026-10-23 14:00", "2026-10-26T13:00:00+01:00"),  # the clock goes back in between
     ("2027-03-26 14:00", "2027-03-29T15:00:00+02:00"),  # and forward
     ("2026-10-25 02:30", "2026-10-28T01:30:00+01:00"),  # shown twice: the first is meant, the earlier deadline
     ("2026-10-22 02:30", "2026-10-25T02:30:00+02:00")],
)  # fmt: skip
def test_seventy_two_hours_are_hours_that_pass(known, due):
    at = breach.known_at(known, now=datetime(2028, 1, 1, tzinfo=UTC))
    assert breach.deadline(at).isoformat() == due


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_whatever_the_clock_does_the_deadline_is_72_hours_away(at):
    assert breach.deadline(at.astimezone(HERE)).astimezone(UTC) - at == timedelta(hours=72)


@pytest.mark.parametrize(
    ("text", "key"),
    [("2027-03-28 02:30", "breach_time"), ("i går", "breach_time"), ("2030-01-01 10:00", "breach_future")],
)
def test_a_time_that_does_not_exist_or_has_not_come_is_refused(text, key):
    with pytest.raises(InputError) as refused:
        breach.known_at(text, now=datetime(2028, 1, 1, tzinfo=UTC))
    assert refused.value.key == key


@pytest.mark.parametrize("minutes", [-61, -60, -59, -1, 0, 1, 59, 60, 61])
def test_the_paper_and_the_clock_tell_of_the_same_hours(work, minutes):
    known = "2026-11-20 09:00"
    due = breach.deadline(breach.known_at(known, now=NOW))
    now = due - timedelta(minutes=minutes)
    left = Breach(number=1, known=due, due=due).hours_left(now)
    told = paper(work, "breach", Language.EN, known_at=known, now=now, controls=()).parts[0].fields[2].answer
    assert told == (f"{left} hours" if left >= 0 else f"{-left} hours over")


def test_a_deadline_that_has_passed_asks_for_the_reason(work):
    late = paper(work, "breach", Language.EN, known_at="2026-11-20 09:00", now=NOW, controls=())
    clock = late.parts[0]
    assert clock.fields[2].answer == "60 hours over"
    assert len(clock.questions) == 1
    assert not of(work, "breach").parts[0].questions
    assert [part.key for part in late.parts if len(part.key) == 1] == ["a", "b", "c", "d"]


def test_the_breach_paper_names_acts_and_roles_and_nobody(run):  # noqa: F811
    facts = gather(run.workspace, Language.EN, now=datetime.now(UTC), controls=(), contracts=run.contracts)
    lines = breach.parts(facts, datetime.now(HERE), days=30)[-1]
    assert dict(lines.tables[0].rows)
    assert len(lines.tables[1].rows) == 2
    assert all(row[3] == "analyst" for row in lines.tables[1].rows)


def test_what_the_breach_paper_looks_for_are_actions_of_the_ledger():
    assert set(breach.RELEVANT) <= {action.partition(".")[0] for action in ledger.ACTIONS}


def test_a_look_up_of_somebody_stands_in_the_breach_paper(work):
    for action, role in (("reid.run", "decider"), ("config.change", "operator"), ("study.close", "dpo")):
        event = ledger.Event(at=NOW, action=action, study="s", purpose="p", basis="b", role=role)
        ledger.append(work, event, actor="anna")
    acts, lines = of(work, "breach").parts[-1].tables
    assert dict(acts.rows) == {"Look-up done": "1", "Settings changed": "1", "Study closed": "1"}
    assert [(row[2], row[3]) for row in reversed(lines.rows)] == [
        ("Look-up done", "decider"), ("Settings changed", "operator"), ("Study closed", "DPO"),
    ]  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
def test_every_action_of_the_ledger_has_its_words(language):
    named = {key.removeprefix("dpo.action.") for key in keys(language) if key.startswith("dpo.action.")}
    assert named == ledger.ACTIONS


@pytest.mark.parametrize("suffix", ["html", "docx", "json"])
def test_the_answer_to_a_citizen_has_the_laws_questions_their_rows_and_no_number(run, tmp_path, suffix):  # noqa: F811
    from pipelines import persons, rights

    out = tmp_path / f"answer.{suffix}"
    rights.access(run, persons.the_person(WRITTEN), out, person("asger", "analyst"), Language.EN)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    if suffix == "docx":
        word = Word(out)
        text = "\n".join(one.text for one in word.paragraphs)
        text += "\n".join(cell.text for table in word.tables for row in table.rows for cell in row.cells)
    else:
        text = out.read_text(encoding="utf-8")
    assert all(f"{letter}) " in text for letter in "abcdefgh")
    assert "visits" in text
    assert "advis" not in text
    for number in (ME, WRITTEN):
        assert number not in text


def test_three_private_files_lie_where_they_are_asked_for(work, tmp_path):
    done = of(work, "article30")
    places = write(work, done, tmp_path / "out")
    assert [place.suffix[1:] for place in places] == list(SUFFIXES)
    assert all(stat.S_IMODE(place.stat().st_mode) == 0o600 for place in places)
    assert next(place.name for place in write(work, of(work, "article30", Language.DA))) == "fortegnelse.UDKAST.html"
    assert made(facts_of(work), "dpia", ()).law == "GDPR art. 35(7)"


def test_what_is_danish_alone_is_told_as_danish_in_an_english_paper(work):
    done = of(work, "article30")
    assert facts_of(work).study.legal_basis in done.danish
    cells = [cell for part in done.parts for table in part.tables for row in table.rows for cell in row]
    answers = [one.answer for part in done.parts for one in part.fields]
    told = [one for one in (*cells, *answers) if one in done.danish]
    assert told
    assert body(done, "html").decode().count(' lang="da"') == len(told)
    word = Word(BytesIO(body(done, "docx")))
    assert len([one for one in word.element.iter(qn("w:lang")) if one.get(qn("w:val")) == "da-DK"]) == len(told)
    assert ' lang="da"' not in body(of(work, "article30", Language.DA), "html").decode().partition("<body>")[2]
