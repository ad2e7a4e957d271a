"""The first hour as the page has it, and what real data taught: empty dates, a word that is an answer, all at once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import polars as pl
import pytest
from contract_builders import document
from contract_builders import written as contract_written
from study_builders import POPULATION, characteristic, study_text, written

from pipelines.cohort import build_cohort
from pipelines.contracts import read_contract
from pipelines.init import init
from pipelines.meaning import carried
from pipelines.workspace_check import check

DATES = ("insulin", "doed")
EVER = 'rule = "any"\ndate = "insulin"\nwindow = [-1000, 0]'
DEATH = """
[[outcome]]
name = "doed"
from = "cpr"
rule = "any"
date = "doed"
window = [1, 91]
label = {da = "x", en = "x"}
more = {da = "x", en = "x"}
fewer = {da = "x", en = "x"}
past = {da = "x", en = "x"}
"""


def people_contract(folder, **own):
    columns = [{"name": "person", "physicalName": "cpr", "role": "person_identifier"}]
    columns += [{"name": name, "logicalType": "date", "role": "date", "time": "event", **own} for name in DATES]
    return {
        "cpr": read_contract(
            contract_written(folder, {**document(columns, files="cpr*.csv", population=True), "id": "cpr"}, "cpr.yaml")
        )
    }


@pytest.mark.parametrize(
    ("own", "insulin", "dead"),
    [
        ({}, [True, None, None], [None, True, None]),
        ({"empty": "never"}, [True, False, False], [False, True, False]),
    ],
)
def test_an_empty_date_is_unknown_until_the_contract_says_that_it_did_not_happen(tmp_path, own, insulin, dead):
    text = study_text(characteristic("ins", EVER, register="cpr"), outcome=DEATH)
    study = carried(written(tmp_path, text), people_contract(tmp_path, **own))
    rows = [("p", -30, None), ("q", None, 40), ("r", None, None)]
    frame = pl.DataFrame(rows, schema={"person": pl.String, "insulin": pl.Int32, "doed": pl.Int32}, orient="row")
    made = build_cohort(study, lambda register: frame).frame
    known = dict(zip(made["person"], made["ins"], strict=True))
    assert [known.get(person) for person in "pqr"] == [
        value if dead[place] is not None else None for place, value in enumerate(insulin)
    ]
    assert made["doed"].to_list() == [value for value in dead if value is not None]


def test_a_date_of_death_alone_says_who_died(tmp_path):
    population = POPULATION + 'left = {date = "doed", died = true, died_in_window = "unknown"}\n'
    text = study_text(characteristic("ins", EVER, register="cpr"), population=population)
    study = carried(written(tmp_path, text), people_contract(tmp_path, empty="never"))
    rows = [("p", -30, None), ("q", None, 40), ("r", None, -3)]
    frames = {
        "cpr": pl.DataFrame(rows, schema={"person": pl.String, "insulin": pl.Int32, "doed": pl.Int32}, orient="row"),
        "besoeg": pl.DataFrame(schema={"person": pl.String, "dag": pl.Int32}),
    }
    made = build_cohort(study, frames.__getitem__)
    assert made.frame["person"].to_list() == ["p"]  # q died in the window: unknown; r before it
    assert dict(made.flow)["left_before"] == 1


def draft(folder, name, text):
    (folder / "inbox").mkdir(parents=True)
    (folder / "inbox" / name).write_text(text)
    init(folder / "inbox", folder / "made")
    return (folder / "made" / "study.toml").read_text(), next(
        (folder / "made" / "contracts").glob("*.yaml")
    ).read_text()


def test_init_asks_what_an_empty_date_means_and_proposes_who_died(tmp_path):
    rows = [
        f"{n:06d};2001-02-{n % 28 + 1:02d};{'2007-05-0' + str(n % 9 + 1) if n % 4 == 0 else ''}" for n in range(400)
    ]
    study, contract = draft(tmp_path, "syge.csv", "\n".join(["borgernr;diagnose;dødsdato", *rows, ""]))
    assert 'left = {date = "doedsdato", died = true}' in study
    assert contract.count("{property: empty, value: never}") == 1  # the full column is not asked about
    assert "Registre med en person og en dato: syge (diagnose, doedsdato)" in " ".join(study.replace("#  ", "").split())


def test_init_asks_where_none_may_be_an_answer_and_who_vouches_for_an_outcome_without_a_date(tmp_path):
    rows = [f"{n:06d};{('None', 'Several', 'Most')[n % 3]};{n % 50}" for n in range(600)]
    study, contract = draft(tmp_path, "svar.csv", "\n".join(["borgernr;nedtrykt;point", *rows, ""]))
    assert "SPØRGSMÅL: None står i nedtrykt." in contract
    assert "known_after = true" in study


def test_the_only_register_with_people_is_the_population_and_rows_that_stand_twice_are_one(tmp_path):
    rows = [f"{n:06d};{('Ja', 'Nej')[n % 2]};{n % 50}" for n in range(600)]
    twice, contract = draft(tmp_path / "a", "svar.csv", "\n".join(["borgernr;syg;point", *rows, *rows[:300], ""]))
    assert 'from = "svar"' in twice
    assert "{property: population, value: true}" in contract
    assert "flere rækker pr. person" not in twice
    others = [row[:-2] + "99" for row in rows[:300]]
    several, contract = draft(tmp_path / "b", "svar.csv", "\n".join(["borgernr;syg;point", *rows, *others, ""]))
    assert 'from = "svar"' in several
    assert "{property: population, value: true}" in contract
    assert "SPØRGSMÅL: Registret svar er det eneste med personer, men har flere rækker pr. person" in several


def test_of_many_columns_without_dates_some_are_proposed_and_the_others_named(tmp_path):
    names = [f"svar_{chr(97 + n)}" for n in range(26)]
    rows = [
        ";".join([f"{n:06d}", *(str((n * k) % 7) for k in range(1, 26)), "3" if n % 9 == 0 else ""]) for n in range(600)
    ]
    study, _ = draft(tmp_path, "svar.csv", "\n".join([";".join(["borgernr", *names]), *rows, ""]))
    proposed = re.findall(r'^column = "(svar_.)"', study, re.M)
    assert len(proposed) == 12
    assert "svar_z" not in proposed  # known of few
    flat = " ".join(study.replace("#", "").split())
    assert "De andre kolonner, der kunne være kendetegn: " in flat
    assert all(name in flat for name in names)


def test_check_tells_the_registers_questions_while_the_study_has_faults_of_its_own(tmp_path):
    rows = [f"{n:06d};2001-02-{n % 28 + 1:02d}" for n in range(300)]
    draft(tmp_path, "syge.csv", "\n".join(["borgernr;diagnose", *rows, ""]))
    keys = [error.key for error in check(tmp_path / "made")]
    assert "study_empty" in keys
    assert "meaning_unanswered" in keys
    paper = tmp_path / "made" / "study.toml"
    paper.write_text(paper.read_text() + "\n", encoding="utf-8")
    paper.write_text("demo = true\n" + paper.read_text(), encoding="utf-8")
    assert "meaning_unanswered" not in [error.key for error in check(tmp_path / "made")]


ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "first-hour.md"


def commands() -> list[str]:
    """The page's commands, in its order."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return [line for block in blocks for line in textwrap.dedent(block).splitlines() if line.strip()]


def test_the_page_is_followed_command_by_command_to_a_report(tmp_path):
    data = Path(os.environ.get("UNDRING_DATA", "")) / "danish_diabetes.csv.gz"
    if not data.is_file():
        pytest.skip("NO DATA: danish_diabetes.csv.gz is in no UNDRING_DATA; `make data` fetches it")
    (tmp_path / "data").mkdir()
    shutil.copy(data, tmp_path / "data")
    shutil.copytree(ROOT / "examples" / "danish_diabetes", tmp_path / "examples" / "danish_diabetes")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "undring").symlink_to(Path(sys.executable).with_name("undring"))
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "UNDRING_DATA")}
    env |= {"UNDRING_HOME": str(tmp_path / "home")}
    said = {}
    for command in commands():
        if " run " in command:  # the run's test of itself takes its time, and is tried elsewhere
            study = tmp_path / "studie" / "study.toml"
            study.write_text("self_test_seconds = 0\n" + study.read_text(encoding="utf-8"), encoding="utf-8")
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        said[command] = done.stdout
        assert done.returncode == (3 if " init " in command else 0), (command, done.stderr)
    assert len(said) == 7
    assert "20 spørgsmål tilbage" in said[".venv/bin/undring init studie-data/ --dir studie/"]
    assert "insulin + tabletter mod diabetes" in said[".venv/bin/undring findings --workspace studie/"]
    assert (tmp_path / "studie" / "draft" / "rapport.UDKAST.html").is_file()
    assert (tmp_path / "studie" / "draft" / "dpo.html").is_file()
