"""What a study's draft proposes: few characteristics that tell people apart, an outcome that the files point at."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from test_init import people

from pipelines.init import init

CPR = people(600)


def drafted(folder, **files: list[str]) -> tuple[dict[str, Any], str]:
    """The study's draft, as TOML and as text, of files whose lines are given (`borgere_csv`)."""
    inbox = folder / "inbox"
    inbox.mkdir()
    for name, lines in files.items():
        (inbox / name.replace("_csv", ".csv")).write_text("\n".join(lines) + "\n", encoding="utf-8")
    init(inbox, folder / "studie")
    text = (folder / "studie" / "study.toml").read_text(encoding="utf-8")
    return tomllib.loads(text), text


def named(study: dict[str, Any], kind: str = "characteristic") -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in study.get(kind, [])}


def table(**columns: Any) -> list[str]:
    """A file of one row a person: each column is given by its row's number."""
    rows = [";".join([f"{n:06d}", *(str(cell(n)) for cell in columns.values())]) for n in range(600)]
    return [";".join(["borgernr", *columns]), *rows]


def yes(share: int):
    return lambda n: "Ja" if n % share == 0 else "Nej"


def test_what_nearly_everybody_has_and_what_is_known_only_after_is_no_proposal(tmp_path):
    lines = table(
        insulin=yes(3), sjælden=yes(150), genindlagt=yes(4), rødt=lambda n: "rød" if n % 2 else "blå", doed=yes(9)
    )
    study, text = drafted(tmp_path, svar_csv=lines)
    proposed = {one.get("column") for one in study["characteristic"]}
    assert {"insulin", "roedt"} <= proposed
    assert not {"sjaelden", "genindlagt", "doed"} & proposed
    flat = " ".join(text.replace("#", "").split())
    assert "Næsten alle har det samme i sjaelden: de er ikke foreslået." in flat
    assert "Andre kolonner, der ser ud til først at være kendt bagefter: doed." in flat
    [outcome] = study["outcome"]
    assert (outcome["column"], outcome["is"], outcome["known_after"]) == ("genindlagt", [True], True)
    assert "SPØRGSMÅL: Hvad er udfaldet?" in text  # a proposal is still a question


def test_what_people_are_judged_by_stands_in_the_background_and_is_never_proposed(tmp_path):
    lines = table(
        etnicitet=lambda n: "ABC"[n % 3], indkomst=lambda n: 100 + n % 50, religion=lambda n: "XY"[n % 2],
        aar=lambda n: 2020 + n % 2, smerter=yes(3),
    )  # fmt: skip
    study, _ = drafted(tmp_path, svar_csv=lines)
    assert {"etnicitet", "indkomst", "aar"} == {one["column"] for one in study["adjust"]}
    assert {one["column"] for one in study["characteristic"]} == {"smerter"}  # religion: neither


@pytest.mark.parametrize(
    ("header", "cells", "name", "value"),
    [("koen", "MK", "mand", "M"), ("sex", ("male", "female"), "mand", "male"), ("gender", "FX", "kvinde", "F")],
)
def test_men_and_women_and_the_old_are_proposed_with_their_words(tmp_path, header, cells, name, value):
    lines = table(**{header: lambda n: cells[n % 2], "alder": lambda n: 40 + n % 50})
    study, _ = drafted(tmp_path, svar_csv=lines)
    sex, old = named(study)[name], named(study)["alder_65"]
    assert sex["is"] == [value]
    assert sex["clause"]["da"] == ("er mænd" if name == "mand" else "er kvinder")
    assert sex["clause_not"]["en"] == ("are women" if name == "mand" else "are men")
    assert (old["at_least"], old["label"]["en"]) == (65, "65 or older")
    assert set(named(study, "adjust")) == {"alder"}  # in whole years; who is a man is searched, so it is adjusted for


def test_sex_in_codes_that_no_word_explains_is_adjusted_for_and_not_named(tmp_path):
    study, _ = drafted(tmp_path, svar_csv=table(koen=lambda n: "12"[n % 2], smerter=yes(3)))
    assert "koen" in named(study, "adjust")
    assert not {"mand", "kvinde"} & set(named(study))


def test_measurements_with_a_threshold_of_their_own_and_counts_become_yes_and_no(tmp_path):
    lines = table(
        BMI=lambda n: 18 + n % 25, systolisk_bt=lambda n: 100 + n % 90, antal_fald=lambda n: n % 5 if n % 2 else 0,
        hæmoglobin=lambda n: 60 + n % 50, age=lambda n: f"[{10 * (n % 9)}-{10 * (n % 9) + 10})",
    )  # fmt: skip
    study, _ = drafted(tmp_path, svar_csv=lines)
    found = named(study)
    assert (found["bmi"]["at_least"], found["bmi"]["clause"]["da"]) == (30, "har en BMI på 30 eller mere")
    assert found["systolisk_bt"]["at_least"] == 140
    assert found["antal_fald"]["at_least"] == 1
    assert "at_least" not in found["haemoglobin"]
    assert "age" not in study["population"]  # bands are no whole years: a study with them would be refused


def test_labels_are_words_in_a_sentence_and_english_where_a_list_has_them(tmp_path):
    lines = table(
        SmertesteDag=lambda n: "abc"[n % 3], uddannelse=lambda n: "xyz"[n % 3], BMI_gruppe=lambda n: "pq"[n % 2]
    )
    labels = {name: one["label"] for name, one in named(drafted(tmp_path, svar_csv=lines)[0]).items()}
    assert labels["smerteste_dag"]["da"] == "smerteste dag"
    assert labels["uddannelse"] == {"da": "uddannelse", "en": "education"}
    assert labels["bmi_gruppe"]["da"] == "BMI gruppe"


def test_an_admission_in_the_codes_is_the_outcome_with_its_words_and_a_question(tmp_path):
    home = ["CPR;Status", *(f"{who};{'01' if n % 20 else '90'}" for n, who in enumerate(CPR))]
    rows = [f"{who};0{1 + n % 9}-03-2024;{('indlagt', 'udskrevet', 'orlov')[n % 3]}" for n, who in enumerate(CPR)]
    rows += [row.replace("-2024", "-2023") for row in rows[::2]]
    other = [f"{who};0{1 + n % 9}-05-2024" for n, who in enumerate(CPR[:300])]
    other += [row.replace("-2024", "-2023") for row in other[::2]]
    study, text = drafted(
        tmp_path, borgere_csv=home, advis_csv=["CPR;Dato;Hændelse", *rows], besoeg_csv=["CPR;Dag", *other]
    )
    [outcome] = study["outcome"]
    assert (outcome["from"], outcome["date"], outcome["where"]) == ("advis", "dato", {"haendelse": ["indlagt"]})
    assert outcome["more"] == {"da": "bliver oftere indlagt", "en": "are admitted more often"}
    assert "SPØRGSMÅL: Hvad er udfaldet?" in text
    names = named(study)
    assert "advis" not in names  # its codes say more than that there is a row
    assert {"besoeg", "besoeg_flere", "advis_haendelse_indlagt"} <= set(names)


def test_of_a_lone_register_with_a_date_of_death_that_is_the_outcome_and_no_characteristic(tmp_path):
    dead = "2007-05-01"
    lines = table(diagnose=lambda n: f"2001-02-{n % 28 + 1:02d}", dødsdato=lambda n: dead if n % 4 == 0 else "")
    study, _ = drafted(tmp_path, syge_csv=lines)
    assert "syge_diagnose" in named(study)
    assert not [name for name in named(study) if "doed" in name]
    [outcome] = study["outcome"]
    assert (outcome["name"], outcome["date"], outcome["label"]["en"]) == ("doed", "doedsdato", "death")
    assert "guards" not in study


def test_who_was_followed_how_long_and_the_season_are_asked_where_no_file_has_a_calendar(tmp_path):
    who = table(futime=lambda n: 400 + n % 300, status=lambda n: n % 2, alder=lambda n: 50 + n % 30)
    events = [f"{n:06d};{n % 300};{('stroke', 'diabetes', 'infarct')[n % 3]}" for n in range(600)]
    events += [row.replace(";", ";9", 1) for row in events[::2]]
    study, text = drafted(tmp_path, person_csv=who, event_csv=["borgernr;days;event", *events])
    [outcome] = study["outcome"]
    assert (outcome["from"], outcome["date"]) == ("event", "days")
    assert outcome["observed_to"] == "futime"
    assert outcome["ended"] == {"status": [True]}
    assert "SPØRGSMÅL: Siger kolonnen, til hvilken dag borgeren kunne ses?" in text
    assert study["guards"] == {"season": "udtrækket har ingen datoer"}
    assert "SPØRGSMÅL: Uden datoer kan ingen se, om årstiden spiller ind." in text


def test_no_cell_but_a_declared_code_is_in_a_draft(tmp_path):
    """As for the contracts: thresholds are everybody's, and no number of the file's own is written."""
    lines = table(vægt=lambda n: 7000 + n, BMI=lambda n: 9000 + n, antal_fald=lambda n: 8000 + n if n % 2 else 0)
    _, text = drafted(tmp_path, svar_csv=lines)
    assert not re.search(r"\b[789]\d{3}\b", text)
