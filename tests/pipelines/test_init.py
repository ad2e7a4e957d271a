"""`undring init`: the demo's roles, what a draft may never hold, questions by line, and folders that are left alone."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.init import missed, paired
from pipelines import atomic
from pipelines.contracts import read_contracts
from pipelines.demo import make_municipality
from pipelines.errors import InputError, InputErrors
from pipelines.init import Drafted, init
from pipelines.init_guess import _IDENTIFIERS
from pipelines.meaning import check_answers, extraction_days
from pipelines.study import read_study
from pipelines.study_check import check_contracts
from reports import catalogue
from reports.catalogue import Language

ROOT = Path(__file__).resolve().parents[2]
GOOD = ROOT / "pipelines" / "demo"  # contracts that people wrote
PEOPLE, LEAST_RIGHT = 2_000, 0.95
MEANING = {"dead_and_moved": "held", "whole_from": "2000-01-01", "seen_for": "everybody", "delivery": "full"}
FIRST = ["Aage", "Agnes", "Birgit", "Carsten", "Dorthe", "Erik", "Gerda", "Hanne"]
DROPPED = "{property: role, value: direct_identifier}"
LAST = ["Jensen", "Nielsen", "Hansen", "Kjeldsen"]


@pytest.fixture(autouse=True, scope="module")
def home(tmp_path_factory):
    """Undring's home, where `init` notes the workspace."""
    before = os.environ.get("UNDRING_HOME")
    os.environ["UNDRING_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    if before is None:
        os.environ.pop("UNDRING_HOME")
    else:
        os.environ["UNDRING_HOME"] = before


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> tuple[Path, Drafted]:
    place = tmp_path_factory.mktemp("demo")
    make_municipality(place / "kommune", people=PEOPLE, seed=1)
    return place, init(place / "kommune" / "inbox", place / "udkast")


def people(count: int) -> list[str]:
    """Replacement numbers (day + 60), nobody's own."""
    return [f"{61 + n % 28:02d}{1 + n % 12:02d}{30 + n % 60:02d}{n % 10_000:04d}" for n in range(count)]


def inbox_with(folder: Path, **files: str) -> Path:
    inbox = folder / "inbox"
    inbox.mkdir(exist_ok=True)
    for name, text in files.items():
        (inbox / name.replace("__", ".")).write_bytes(text.encode("cp1252"))
    return inbox


def guessed(drafted: Drafted) -> dict[str, str]:
    return {header: guess.role for register in drafted.registers for header, guess in register.guesses.items()}


def texts(workspace: Path, drafted: Drafted) -> str:
    """Everything that was written or would be printed, in both languages."""
    written = [path.read_text(encoding="utf-8") for path in workspace.rglob("*") if path.is_file()]
    return "\n".join([*written, *(line.text(language) for line in drafted.lines for language in Language)])


# --- the demo ---------------------------------------------------------------------------------------------------------


def test_the_demos_roles_are_guessed_right_and_no_direct_identifier_is_missed(demo):
    _, drafted = demo
    pairs = paired(read_contracts(GOOD), drafted)
    assert len(pairs) > 100
    right = sum(guess is not None and guess.role == column.role for column, guess in pairs.values())
    assert right >= LEAST_RIGHT * len(pairs), f"{right} of {len(pairs)}"
    assert [name for name, (column, guess) in pairs.items() if missed(column, guess)] == []


def test_the_demos_draft_can_be_run_once_its_questions_are_answered(demo):
    place, drafted = demo
    workspace = place / "udkast"
    assert drafted.open == sum(text.count("# SPØRGSMÅL:") for text in map(_read, workspace.rglob("*.*")))
    with pytest.raises(InputErrors) as unanswered:
        read_study(workspace)
    assert {"study_empty", "study_type_words", "study_type_date"} == {error.key for error in unanswered.value.errors}
    study = workspace / "study.toml"
    before = _read(study)
    answered = before.replace('reference_date = ""', "reference_date = 2025-10-01")
    answered = re.sub(r'(?m)^(controller|dpo|legal_basis) = ""', r'\1 = "x"', answered)
    answered = answered.replace('{da = "", en = ""}', '{da = "x", en = "x"}')
    answered = answered.replace('from = ""', 'from = "advis"').replace('date = ""', 'date = "modtaget_tid"')
    study.write_text(answered, encoding="utf-8")
    contracts = {path: _read(path) for path in (workspace / "contracts").iterdir()}
    for path, text in contracts.items():  # what nobody knows is dropped
        path.write_text(text.replace("{property: role, value: unknown}", DROPPED), encoding="utf-8")
    asked = check_answers(read_contracts(workspace), tuple(read_contracts(workspace)))
    assert {error.key for error in asked} == {"meaning_unanswered"}
    for path in contracts:
        text = _read(path)
        for name, answer in MEANING.items():
            text = text.replace(f'{{property: {name}, value: ""}}', f"{{property: {name}, value: {answer}}}")
        path.write_text(text, encoding="utf-8")
    try:
        read = read_contracts(workspace)
        extracted = extraction_days(read, place / "kommune" / "inbox")
        assert check_contracts(read_study(workspace), read, extracted) == []
        assert check_answers(read, read_study(workspace).registers) == []
        assert len(read_study(workspace).characteristics) >= 20
    finally:
        study.write_text(before, encoding="utf-8")
        for path, text in contracts.items():
            path.write_text(text, encoding="utf-8")


def test_the_questions_are_told_by_the_line_they_stand_on(demo):
    place, drafted = demo
    assert drafted.questions
    for file, lines in drafted.questions:
        rows = _read(place / "udkast" / file).splitlines()
        assert all(rows[line - 1].lstrip().startswith("# SPØRGSMÅL:") for line in lines)


# --- what is never told -----------------------------------------------------------------------------------------------


def test_no_cell_that_may_name_somebody_is_written_or_printed(tmp_path):
    rng = random.Random(7)
    rows, secrets = ["CPR;Navn;Adresse;Kontakt;Telefonnr;Note;Aftale;Status;Mail"], set()
    for number, cpr in enumerate(people(400)):
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        road, phone = f"Prøvevej {number % 90 + 1}", f"{20 + number % 79} {number % 90 + 10} 44 {number % 80 + 10}"
        note = f"Ring til {name} om den gule dør nummer {number}"
        agreed = f"{FIRST[number % 4]} {LAST[number % 4]}"  # four people's names in 100 rows each
        mail = f"{name.split()[0].lower()}{number}@eksempel.invalid"
        status = "Zebra" if number == 3 else ("Aktiv", "Lukket")[number % 2]
        rows.append(";".join([cpr, name, road, agreed, phone, note, agreed, status, mail]))
        secrets |= {cpr, name, road, phone, note, agreed, mail, "Zebra"}
    drafted = init(inbox_with(tmp_path, borgere__csv="\n".join(rows)), tmp_path / "ud")
    told = texts(tmp_path / "ud", drafted)
    assert {"Aktiv", "Lukket"} <= set(re.findall(r"\w+", told))  # the search works: what may be written is found
    assert sorted(secret for secret in secrets if secret in told) == []
    roles = guessed(drafted)
    assert roles["CPR"] == "person_identifier"
    assert {roles[one] for one in ("Navn", "Kontakt", "Aftale", "Telefonnr", "Mail")} == {"direct_identifier"}
    assert roles["Note"] == "free_text"


def test_a_code_is_written_for_ten_people_not_for_ten_rows_of_one(tmp_path):
    cprs = people(300)
    rows = ["CPR;Dato;Type", *(f"{cpr};01-02-2024;almen" for cpr in cprs)]
    rows += [f"{cprs[0]};{day:02d}-03-2024;egen ordning" for day in range(1, 29)]  # 28 visits of one citizen
    drafted = init(inbox_with(tmp_path, besoeg__csv="\n".join(rows)), tmp_path / "ud")
    assert "egen ordning" not in texts(tmp_path / "ud", drafted)


def test_people_are_told_apart_by_a_number_that_nobody_knows_yet(tmp_path):
    rows = ["Nøgle;Type", *(f"A{n * 37 % 977:05d};almen" for n in range(300)), *["A00007;egen ordning"] * 3]
    rows += ["A00007;hos datteren"] * 28
    known = "\n".join(["CPR;Kode", *(f"{cpr};a" for cpr in people(50))])
    drafted = init(inbox_with(tmp_path, andet__csv="\n".join(rows), kendt__csv=known), tmp_path / "ud")
    assert guessed(drafted)["Nøgle"] == "unknown"
    assert "datteren" not in texts(tmp_path / "ud", drafted)


@pytest.mark.parametrize("writing", ["{0}", "{1}-{2}", "{1} {2}", "'{0}", "{3}"])
def test_a_cpr_number_is_found_in_every_writing_and_under_any_heading(tmp_path, writing):
    written = [writing.format(cpr, cpr[:6], cpr[6:], cpr.lstrip("0")) for cpr in people(200)]
    drafted = init(
        inbox_with(tmp_path, fil__csv="\n".join(["Felt 1;Felt 2", *(f"{one};7" for one in written)])), tmp_path / "ud"
    )
    assert guessed(drafted)["Felt 1"] == "person_identifier"


@pytest.mark.parametrize(
    ("heading", "values", "role"),
    [
        ("Felt", [f"{n}@eksempel.invalid" for n in range(60)], "direct_identifier"),
        ("Felt", [f"+45 2{n % 10}{n % 7} 33 44 {n % 90 + 10}"[:16] for n in range(60)], "direct_identifier"),
        ("Felt", [f"{a} {b}" for a, b in itertools.product(FIRST, LAST)], "direct_identifier"),
        ("Felt", [f"{b}, {a}".upper() for a, b in itertools.product(FIRST, LAST)], "direct_identifier"),
        ("Felt", [f"Skovvangen {n}, 2. tv" for n in range(1, 90)], "direct_identifier"),
        ("Felt", [f"8{n % 7}00 Prøveby {n % 5}" for n in range(60)], "direct_identifier"),
        ("Felt", [f"Xh{a}{b} Qerimaj" for a, b in itertools.product("aeiouy", "bdfgklmnpr")], "unknown"),
        ("Felt", [f"2{n:07d}" for n in range(60)], "unknown"),
        ("Efternavn", [f"xq{n}" for n in range(60)], "direct_identifier"),
        ("Pårørende", ["ja", "nej"] * 30, "direct_identifier"),
        ("Mobilnr.", ["20304050"] * 60, "direct_identifier"),
        ("Konto", [f"{n:04d} {n:06d}" for n in range(60)], "direct_identifier"),
        ("Sagsbehandler", ["VIS1", "VIS2"] * 30, "linking_identifier"),
        ("Nøgle", [f"A{n * 7:05d}" for n in range(60)], "unknown"),
        ("Oprettet", ["AB", "CD", "EF", "GH", "IJ", "KL", "MN", "OP"] * 20, "unknown"),
        ("Diagnose", ["DI21", "DJ44", "DE11"] * 30, "sensitive"),
        ("Beløb", ["1.234,50", "12,00", "0,75"] * 30, "plain"),
        ("Dato", ["01-02-24", "05-03-24"] * 30, "unknown"),
    ],
)
def test_a_column_is_known_by_its_shape_and_its_heading(tmp_path, heading, values, role):
    rows = [f"{value};{cpr}" for value, cpr in zip(values, people(len(values)), strict=True)]
    text = "\n".join([f"{heading};CPR", *rows])
    assert guessed(init(inbox_with(tmp_path, fil__csv=text), tmp_path / "ud"))[heading] == role


def test_what_is_unknown_stops_the_contract_until_it_is_answered(tmp_path):
    text = "\n".join(["CPR;Nøgle", *(f"{cpr};A{n * 37 % 977:05d}" for n, cpr in enumerate(people(200)))])
    init(inbox_with(tmp_path, fil__csv=text), tmp_path / "ud")
    with pytest.raises(InputErrors) as stopped:
        read_contracts(tmp_path / "ud")
    assert [error.key for error in stopped.value.errors] == ["contract_role_unknown"]
    contract = tmp_path / "ud" / "contracts" / "fil.yaml"
    contract.write_text(_read(contract).replace("value: unknown", "value: plain"), encoding="utf-8")
    assert list(read_contracts(tmp_path / "ud")) == ["fil"]


# --- columns and files together ---------------------------------------------------------------------------------------


def test_a_number_that_follows_the_person_is_as_good_as_the_cpr_number(tmp_path):
    rows = [f"{cpr};B{n:04d};01-02-2024" for n, cpr in enumerate(people(200))] * 2
    drafted = init(inbox_with(tmp_path, fil__csv="\n".join(["CPR;BorgerID;Dato", *rows])), tmp_path / "ud")
    assert guessed(drafted)["BorgerID"] == "direct_identifier"


def test_files_without_cpr_numbers_are_tied_by_the_number_they_share(tmp_path):
    inbox = inbox_with(
        tmp_path,
        person__csv="\n".join(["id,age,weight", *(f"{n},{20 + n % 70},{50 + n % 40}.5" for n in range(500))]),
        event__csv="\n".join(["id,days,event", *(f"{n % 500},{n % 900 - 400},stroke" for n in range(1500))]),
    )
    drafted = init(inbox, tmp_path / "ud")
    by_name = {register.name: register for register in drafted.registers}
    assert by_name["person"].population
    assert by_name["event"].keys == ["person"]
    assert all(register.person is not None and register.person.question for register in drafted.registers)


def test_files_of_one_form_and_name_are_one_register(tmp_path):
    text = "\n".join(["CPR;Dato", *(f"{cpr};01-02-2024" for cpr in people(50))])
    inbox = inbox_with(tmp_path, besoeg_202401__csv=text, besoeg_202402__csv=text, andet__csv=text)
    drafted = init(inbox, tmp_path / "ud")
    assert sorted((one.pattern, one.files) for one in drafted.registers) == [("andet.csv", 1), ("besoeg_*.csv", 2)]


# --- what cannot be read, and what is left alone ----------------------------------------------------------------------


def test_a_workspace_that_is_there_is_never_written_over(tmp_path):
    inbox = inbox_with(tmp_path, fil__csv="CPR;Kode\n" + "\n".join(f"{cpr};a" for cpr in people(30)))
    (tmp_path / "ud").mkdir()
    (tmp_path / "ud" / "study.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        init(inbox, tmp_path / "ud")
    assert refused.value.key == "init_exists"
    assert [path.name for path in (tmp_path / "ud").rglob("*")] == ["study.toml"]


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("tom.csv", b"", "file_empty"),
        ("binaer.csv", bytes(range(256)) * 20, "file_binary"),
        ("dobbelt.csv", b"CPR;Kode;Kode\n1;2;3\n", "duplicate_column"),
        ("data.csv", b"610150-1234;7\n620250-1234;8\n", "init_no_header"),
        ("bog.xlsx", b"PK\x03\x04rubbish", "workbook_unreadable"),
        ("fil.parquet", b"rubbish", "parquet_unreadable"),
        ("pakket.csv.gz", b"rubbish", "gzip_damaged"),
        ("6101" + "50-1234.csv", b"CPR;Kode\n1;2\n", "file_name_person"),
        ("bred.csv", ";".join(f"kolonne{n}" for n in range(10_000)).encode() + b"\n1\n", "init_columns"),
        ("sen.csv", ("CPR;Kode\n" + "1;blå æøå\n" * 50).encode() + b"2;bl\xe5\n", "encoding_wrong"),
        ("brev.docx", b"x", "init_no_files"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_name_and_nothing_is_written(tmp_path, name, data, key):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / name).write_bytes(data)
    with pytest.raises(InputError) as refused:
        init(tmp_path / "inbox", tmp_path / "ud")
    assert refused.value.key == key
    for language in Language:
        assert refused.value.text(language)
        assert "1234" not in refused.value.text(language)
    assert not (tmp_path / "ud").exists()


def test_a_link_out_of_the_inbox_is_not_followed(tmp_path):
    (tmp_path / "hemmelig.csv").write_text("CPR;Kode\n1;2\n", encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "fil.csv").symlink_to(tmp_path / "hemmelig.csv")
    with pytest.raises(InputError) as refused:
        init(tmp_path / "inbox", tmp_path / "ud")
    assert refused.value.key == "file_outside"


def test_a_draft_that_cannot_be_finished_leaves_nothing_that_stops_the_next(tmp_path, monkeypatch):
    inbox = inbox_with(tmp_path, fil__csv="CPR;Kode\n" + "\n".join(f"{cpr};a" for cpr in people(30)))
    real = atomic.write_text

    def full(path, text):
        if path.name == "study.toml":
            raise InputError("disk_full", file=path)
        real(path, text)

    monkeypatch.setattr(atomic, "write_text", full)
    with pytest.raises(InputError):
        init(inbox, tmp_path / "ud")
    monkeypatch.setattr(atomic, "write_text", real)
    assert init(inbox, tmp_path / "ud").open


@pytest.mark.parametrize("text", ["CPR;Kode\n", "CPR;Kode\n\n\n"])
def test_a_file_of_headings_only_is_drafted_with_every_column_dropped(tmp_path, text):
    drafted = init(inbox_with(tmp_path, fil__csv=text), tmp_path / "ud")
    assert {guess.treatment for register in drafted.registers for guess in register.guesses.values()} == {"drop"}


def test_the_command_ends_with_3_while_questions_are_open_and_says_where(tmp_path):
    inbox = inbox_with(tmp_path, fil__csv="CPR;Dato\n" + "\n".join(f"{cpr};01-02-2024" for cpr in people(30)))
    (inbox / "brev.docx").write_bytes(b"x")
    command = [str(Path(sys.executable).with_name("undring")), "init", str(inbox), "--dir", "ud", "--language", "en"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ})
    assert done.returncode == 3, done.stderr
    assert "study.toml, line 3," in done.stdout
    assert done.stdout.rstrip().endswith("undring check ud/")
    assert "brev.docx" in _read(tmp_path / "ud" / "study.toml")
    assert tomllib.loads(_read(tmp_path / "ud" / "study.toml"))["inbox"] == "../inbox"
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ})
    assert again.returncode == 2
    assert "Nothing is written" in again.stderr


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_a_parquet_file_keeps_its_own_dates(tmp_path):
    (tmp_path / "inbox").mkdir()
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 1), eager=True)
    pl.DataFrame({"cpr": people(len(days)), "tid": days}).write_parquet(tmp_path / "inbox" / "a.parquet")
    drafted = init(tmp_path / "inbox", tmp_path / "ud")
    assert drafted.registers[0].guesses["tid"].type == "date"


# --- words, and whatever may come -------------------------------------------------------------------------------------


def test_every_reason_and_question_has_its_words():
    used = {
        key
        for path in (ROOT / "pipelines").glob("init*.py")
        for key in re.findall(r"""["']((?:why|ask|draft)\.[a-z_0-9]+)["']""", _read(path))
    }
    used |= {f"why.heading_{said}" for said in _IDENTIFIERS}
    assert len(used) > 60
    assert sorted(key for key in used if not catalogue.has(f"init.{key}")) == []
    written = {key.removeprefix("init.") for key in catalogue.keys("da") if re.match(r"init\.(why|ask|draft)\.", key)}
    spelled = {f"{kind}.{name}" for kind in ("ask", "draft", "why") for name in _spelled(kind)}
    assert sorted(written - used - spelled) == []


def _spelled(kind: str) -> list[str]:
    """Keys that the code puts together."""
    return {
        "ask": ["controller", "dpo", "legal_basis", "title", "purpose"],
        "draft": ["dead", "whole", "seen", "full"],
        "why": ["shape_email", "shape_phone", "shape_address", "shape_town", "heading_text"],
    }[kind]


ODD = st.text(
    alphabet=st.sampled_from("aæÅ1 0.,-/:;\"'#{}[]|\\\t\n%&!*@?=\u00a0\u2028🙂"), min_size=0, max_size=12
).filter(lambda text: "\n" not in text and ";" not in text and '"' not in text)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(headings=st.lists(ODD, min_size=1, max_size=5), cells=st.lists(ODD, min_size=0, max_size=60))
def test_whatever_stands_in_a_file_the_drafts_are_files_that_can_be_read(tmp_path, headings, cells):
    place = Path(tempfile.mkdtemp(dir=tmp_path))
    (place / "inbox").mkdir()
    width = len(headings)
    rows = [cells[start : start + width] for start in range(0, len(cells), width)]
    text = "\n".join(";".join([*row, *[""] * (width - len(row))]) for row in [headings, *rows])
    (place / "inbox" / "fil.csv").write_text(text, encoding="utf-8")
    drafted = None
    with contextlib.suppress(InputError):
        drafted = init(place / "inbox", place / "ud")
    if drafted is None:
        assert not (place / "ud").exists()
        return
    tomllib.loads(_read(place / "ud" / "study.toml"))
    for register in drafted.registers:
        tree = yaml.safe_load(_read(place / "ud" / "contracts" / f"{register.name}.yaml"))
        named = [column["physicalName"] for column in tree["schema"][0]["properties"]]
        assert named == list(register.guesses)
    assert _faults(place / "ud") <= {"contract_role_unknown"}


def _faults(workspace: Path) -> set[str]:
    try:
        read_contracts(workspace)
    except InputErrors as error:
        return {fault.key for fault in error.errors}
    return set()
