"""What must be decided before real data run: each open question told, each consequence told, none judged."""

from __future__ import annotations

import pytest

from pipelines import legal, workspace_check
from pipelines.errors import InputErrors
from pipelines.study import read_study
from reports import catalogue
from reports.catalogue import Language
from tests.pipelines import contract_builders as build
from tests.pipelines.study_builders import HEAD, study_text, written

REAL = HEAD.replace("demo = true\n", 'controller = "k"\ndpo = "d@e.invalid"\nlegal_basis = "b"\n')
ANSWERS = {
    "decided_by": '"Direktøren"', "decided_on": "2025-01-10", "journal": '"2025-1"', "importance": '"vigtigt"',
    "information": '"hjemmesiden"', "rights": '"apply"', "staff_informed": "2025-01-15", "archive": '"bevares"',
    "councils": '"hørt"',
}  # fmt: skip
DPIA = {"made_on": "2024-12-01", "journal": '"2024-9"', "advice": '"ingen"', "advice_on": "2024-12-10"}
RECEIVER = {
    "name": '"Leverandør"', "role": '"processor"', "trains": "false", "publishes": "false", "keeps": "false",
    "paid_by": '"municipality"',
}  # fmt: skip


def section(answers=ANSWERS, dpia=DPIA, basis=("research", "operation"), receiver=RECEIVER, days="log_days = 400"):
    def lines(table):
        return "\n".join(f"{name} = {value}" for name, value in table.items())

    parts = [f"[legal]\n{lines(answers)}", f"[legal.dpia]\n{lines(dpia)}"]
    parts.append(f'[legal.basis]\ncpr = "{basis[0]}"\nbesoeg = "{basis[1]}"')
    parts += [f"[[legal.recipient]]\n{lines(receiver)}"] if receiver else []
    return "\n\n".join([*parts, f"[retention]\n{days}", ""])


def study(tmp_path, text: str, *, head: str = REAL, package: str = ""):
    return written(tmp_path, study_text(head=head) + package + text)


def open_questions(made) -> set[str]:
    return {str(error.facts["field"]) for error in legal.missing(made)}


def test_a_study_whose_questions_are_answered_lacks_nothing(tmp_path):
    assert open_questions(study(tmp_path, section())) == set()


def test_real_data_without_the_section_lack_all_of_it_and_do_not_run_and_a_demo_does(tmp_path, monkeypatch):
    made = study(tmp_path, "")
    assert open_questions(made) == {
        "legal.basis.cpr", "legal.basis.besoeg", *(f"legal.{name}" for name in ANSWERS if name != "importance"),
        *(f"legal.dpia.{name}" for name in DPIA), "retention.log_days",
    }  # fmt: skip
    for judged in ("check_contracts", "check_answers", "extraction_days"):  # of contracts: there are none here
        monkeypatch.setattr(workspace_check, judged, lambda *_: [])
    monkeypatch.setattr(legal, "prose_unsigned", lambda *_: [])
    monkeypatch.setattr(workspace_check.contract_changes, "refusals", lambda *_: [])
    refused = workspace_check.not_carried(
        made, dict.fromkeys(made.registers), tmp_path
    )  # what `check` says and `run` stops at
    assert {str(error.facts["field"]) for error in refused} == open_questions(made)
    for language in Language:
        assert "legal.decided_by" in InputErrors(refused).text(language)
    assert legal.missing(study(tmp_path, "", head=HEAD)) == []


@pytest.mark.parametrize("name", [*ANSWERS, *(f"dpia.{name}" for name in DPIA)])
def test_each_answer_that_stands_empty_is_an_open_question(tmp_path, name):
    table, _, key = name.rpartition(".")
    answers = {**ANSWERS, key: '""'} if not table else ANSWERS
    dpia = {**DPIA, key: '""'} if table else DPIA
    made = study(tmp_path, section(answers, dpia))
    assert open_questions(made) == {f"legal.{name}"}
    assert all(catalogue.has(f"error.{error.key}.found") for error in legal.missing(made))


def test_importance_is_asked_for_where_a_register_rests_on_paragraph_10_alone(tmp_path):
    answers = {**ANSWERS, "importance": '""'}
    assert open_questions(study(tmp_path, section(answers, basis=("operation", "operation")))) == set()
    assert open_questions(study(tmp_path, section(answers))) == {"legal.importance"}


def test_a_package_asks_who_is_to_have_it_and_four_answers(tmp_path):
    package = '\n[package]\nquasi = ["faldt"]\n'
    assert open_questions(study(tmp_path, section(receiver=None), package=package)) == {"legal.recipient"}
    assert open_questions(study(tmp_path, section(), package=package)) == set()
    less = {**RECEIVER, "keeps": '""'}
    assert open_questions(study(tmp_path, section(receiver=less))) == {"legal.recipient.1"}


@pytest.mark.parametrize("own", [{"trains": "true", "publishes": "true"}, {"keeps": "true", "paid_by": '"sig selv"'}])
def test_two_answers_of_an_own_aim_ask_who_decided_that_it_is_a_processor(tmp_path, own):
    made = study(tmp_path, section(receiver={**RECEIVER, **own}))
    assert open_questions(made) == {"legal.recipient.1.decided_otherwise_by"}
    told = legal.consequences(made, Language.EN)
    assert any("not a plain processor" in line for line in told)
    one = study(tmp_path, section(receiver={**RECEIVER, "trains": "true"}))
    assert open_questions(one) == set()
    decided = study(tmp_path, section(receiver={**RECEIVER, **own, "decided_otherwise_by": '"Ida"'}))
    assert open_questions(decided) == set()
    joint = study(tmp_path, section(receiver={**RECEIVER, **own, "role": '"joint"'}))
    assert open_questions(joint) == set()


@pytest.mark.parametrize("language", list(Language))
def test_the_consequences_of_each_ground_are_told_in_five_lines_and_nothing_is_judged(tmp_path, language):
    told = legal.consequences(study(tmp_path, section(basis=("research", "research"))), language)
    assert len([line for line in told if line.startswith("  ")]) == 5
    assert told[-1] == catalogue.text(language, "legal.not_judged")
    both = legal.consequences(study(tmp_path, section()), language)
    assert catalogue.text(language, "legal.mixed") in both
    assert len([line for line in both if line.startswith("  ")]) == 10
    assert legal.consequences(study(tmp_path, ""), language) == []


def test_a_wrong_answer_is_refused_with_its_place(tmp_path):
    with pytest.raises(InputErrors) as refused:
        study(tmp_path, section(basis=("consent", "operation")))
    assert refused.value.errors[0].facts["field"] == "legal.basis.cpr"
    with pytest.raises(InputErrors, match="study_unknown_key"):
        study(tmp_path, section({**ANSWERS, "dedided_by": '"x"'}))


def test_the_demo_has_answered_for_itself(tmp_path):
    from pathlib import Path

    made = read_study(Path(workspace_check.__file__).parent / "demo")
    assert made.legal.statistics_only
    assert set(made.legal.basis) >= {*made.registers, *(level.register for level in made.levels)}


PROSE = """
[[legal.prose]]
register = "besoeg"
column = "notat"
decided_by = "Direktøren"
decided_on = 2025-01-10
reason = "to sygeplejersker koder dem"
"""


def test_prose_is_kept_only_where_somebody_has_signed_for_it_and_concepts_always(tmp_path):
    def contracts(**fields):
        columns = [*build.COLUMNS, {"name": "notat", "physicalName": "NOTAT", "role": "free_text", **fields}]
        return {"besoeg": build.contract(tmp_path, columns)}

    prose, concepts = contracts(treatment="redact"), contracts(treatment="concepts", concepts={"fald": ["faldt"]})
    bare = study(tmp_path, section())
    assert [error.facts["column"] for error in legal.prose_unsigned(bare, prose)] == ["notat"]
    assert legal.prose_unsigned(bare, concepts) == []
    assert legal.prose_unsigned(study(tmp_path, section() + PROSE), prose) == []
    for line in ("decided_by", "decided_on", "reason"):
        unsigned = "\n".join(one for one in PROSE.split("\n") if not one.startswith(line))
        assert legal.prose_unsigned(study(tmp_path, section() + unsigned), prose)
    assert legal.prose_unsigned(written(tmp_path, study_text()), prose) == []  # a demo
