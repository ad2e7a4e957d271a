"""A register of clients that has one row a person is not silently taken for the whole population."""

from __future__ import annotations

import pytest
from contract_builders import document
from contract_builders import written as contract_written
from study_builders import POPULATION, study_text, written
from test_arrival import study_of
from test_init import people
from test_meaning import PEOPLE, PERSON, VISITS

from pipelines.account import RegisterAccount, RunAccount
from pipelines.gate import Gate
from pipelines.init import init
from pipelines.registers_told import seen
from pipelines.workspace_check import check_lines
from reports.catalogue import Language

ASKED = "# SPØRGSMÅL: Er det alle, eller kun dem"
ALL = people(300)
STATUS = ["01"] * 280 + ["80"] * 10 + ["90"] * 10


def drafted(folder, home: list[str], events: list[str]):
    """A draft of a file with one row a person, and one of events; its population's contract and what was asked."""
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "borgere.csv").write_text("\n".join(home), encoding="utf-8")
    rows = [f"{who};0{1 + n % 9}-03-2024;{'AB'[n % 2]}" for n, who in enumerate(events)]
    (inbox / "besoeg.csv").write_text(
        "\n".join(["CPR;Dato;Type", *rows, *(row.replace("-2024", "-2023") for row in rows[::2])]), encoding="utf-8"
    )
    made = init(inbox, folder / "studie")
    text = (folder / "studie" / "contracts" / "borgere.yaml").read_text(encoding="utf-8").split("\n")
    return made, text, [row for row, line in enumerate(text, 1) if ASKED in line]


def test_a_register_of_clients_is_asked_about_by_line_with_its_signs_and_no_value(tmp_path):
    clients = ["CPR;Boform", *(f"{who};{'HJ'[n % 2]}" for n, who in enumerate(ALL[:200]))]
    made, text, asked = drafted(tmp_path, clients, ALL[:150] + ALL[:200] + ALL[250:])
    assert next(one for one in made.registers if one.name == "borgere").population
    assert len(asked) == 1
    assert asked[0] in dict(made.questions)["contracts/borgere.yaml"]
    whole = " ".join(line.strip(" #") for line in text[asked[0] - 1 : asked[0] + 5])
    assert "20 % af personerne i de andre filer står her ikke" in whole
    assert "Ingen kolonne siger, hvem der er død eller flyttet" in whole
    assert "Næsten alle her har også en række i en anden fil" in whole
    assert not any(who in "\n".join(text) for who in ALL)
    assert text[asked[0] - 2].strip().startswith("- {property:")


def test_the_whole_population_with_its_status_is_not_asked_about(tmp_path):
    everybody = ["CPR;Status", *(f"{who};{state}" for who, state in zip(ALL, STATUS, strict=True))]
    made, text, asked = drafted(tmp_path, everybody, ALL)
    assert next(one for one in made.registers if one.name == "borgere").population
    assert not asked
    assert any("population, value: true" in line for line in text)


def test_who_is_in_no_file_of_the_population_is_a_sign_also_where_the_dead_are_told(tmp_path):
    some = ["CPR;Status", *(f"{who};{state}" for who, state in zip(ALL[100:], STATUS[100:], strict=True))]
    assert len(drafted(tmp_path, some, ALL)[2]) == 1


# --- said by check, and by a run -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "population", "off", "said"),
    [
        (True, POPULATION, "", True),
        (False, POPULATION, "", False),  # said to be clients: each card says so
        (True, POPULATION + 'left = {date = "doed", died = true}\n', "", False),
        (True, POPULATION + 'where = {status = ["01"]}\n', "", True),  # any text: nothing says what it means
        (True, POPULATION, "selection", False),
    ],
)
def test_check_says_so_where_nothing_tells_who_died_or_moved(tmp_path, home, population, off, said):
    guards = f'\n[guards]\n{off} = "derfor"\n' if off else ""
    written(tmp_path, study_text(population=population) + guards)
    dead = {"name": "doed", "logicalType": "date", "role": "date", "time": "event"}
    tree = {**document([*PEOPLE, dead], files="cpr*.csv", population=home), "id": "cpr"}
    contract_written(tmp_path, tree, "cpr.yaml")
    contract_written(tmp_path, document(VISITS, time="event"))
    (tmp_path / "inbox").mkdir()
    for language, words in ((Language.DA, "register over klienter"), (Language.EN, "register of clients")):
        assert any(words in line for line in check_lines(tmp_path, language)) == said


def test_check_says_nothing_where_the_status_is_there(tmp_path):
    status = {"name": "status", "role": "plain", "time": "snapshot", "codes": ["01", "80", "90"]}
    written(tmp_path, study_text())
    tree = {**document([PERSON, PEOPLE[1], status], files="cpr*.csv", population=True), "id": "cpr"}
    contract_written(tmp_path, tree, "cpr.yaml")
    contract_written(tmp_path, document(VISITS, time="event"))
    (tmp_path / "inbox").mkdir()
    assert not any("klienter" in line for line in check_lines(tmp_path, Language.DA))


@pytest.mark.parametrize(("strangers", "told"), [(150, True), (80, False), (0, False)])
def test_a_run_tells_a_register_with_many_whom_the_population_does_not_know(tmp_path, strangers, told):
    class Found:
        left_out = ()
        known = ()

    study, held = study_of(tmp_path)
    one = RegisterAccount(
        register="besoeg", files=(), rows=1000, refused=0, reasons=(), duplicates=0, strangers=strangers
    )
    gate = Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5)
    lines = seen(study, held, RunAccount(registers=(one,)), Found(), gate=gate, outcomes=100, extracted={})  # type: ignore[arg-type]
    assert any("hver tiende" in line.da and "one row in ten" in line.en for line in lines) == told
    assert not any(str(strangers) in line.da for line in lines if "hver tiende" in line.da)
