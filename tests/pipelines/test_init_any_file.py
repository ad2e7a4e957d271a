"""Any bytes, and any table with the headings that registers have, give a draft that can be read, or words."""

from __future__ import annotations

import os
import time
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import read_contract
from pipelines.errors import InputError, InputErrors
from pipelines.init import init
from reports.catalogue import Language

FUZZ_S = int(os.environ.get("UNDRING_FUZZ", "5"))  # longer by `make fuzz`
HEADINGS = (
    "CPR", "PNR", "borgernr", "seqn", "case_id", "Navn", "Adresse", "Postnr", "Status", "KOEN", "sex", "male", "Alder",
    "age", "Født", "doedsdato", "tilflyttet", "futime", "days", "Dato", "uge", "y_2401", "y_2402", "y_2403", "y_2404",
    "event", "test", "value", "BMI", "sbp", "antal_fald", "race", "etnicitet", "indkomst", "aar", "readmitted",
    "genindlagt", "Bemærkning", "beloeb_oere", "Minutter", "id", "id", "", "100", "a\"b",
)  # fmt: skip
CELLS = (
    "", "6101501234", "620150-1235", "01", "90", "K", "M", "male", "1", "0", "Ja", "Nej", "None", "NULL", "(tom)",
    "01-02-2024", "31-12-9999", "2024-U07", "20240101", "2407", "1:30", "1.234,5", "1,5", "1.5", "Karen Holm",
    "Nygade 12, 2. tv", "indlagt", "akut indlagt", "DJ449", "I alt", "Æ", "Ã¦", "\x00", "\"", "9" * 30,
)  # fmt: skip
COLUMN = st.tuples(st.sampled_from(HEADINGS), st.lists(st.sampled_from(CELLS), min_size=1, max_size=4))
TABLE = st.tuples(st.lists(COLUMN, min_size=1, max_size=7), st.integers(0, 60), st.sampled_from([";", ",", "\t"]))
ENDINGS = ("csv", "txt", "csv.gz", "zip", "xlsx", "xls", "ods", "parquet", "sav", "dta", "duckdb", "L431101")


def written(table) -> bytes:
    """A file whose columns go through their cells, row after row."""
    columns, rows, mark = table
    lines = [mark.join(heading for heading, _ in columns)]
    lines += [
        mark.join(cells[(row + place) % len(cells)] for place, (_, cells) in enumerate(columns)) for row in range(rows)
    ]
    return "\n".join(lines).encode("cp1252", "replace")


@given(
    files=st.lists(st.one_of(TABLE.map(written), st.binary(max_size=300)), min_size=1, max_size=3),
    endings=st.lists(st.sampled_from(ENDINGS), min_size=3, max_size=3),
    plain=st.booleans(),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def any_files(files, endings, plain):
    with TemporaryDirectory() as name:
        inbox, workspace = Path(name) / "inbox", Path(name) / "studie"
        inbox.mkdir()
        for place, data in enumerate(files):
            (inbox / f"f{place}.{'csv' if plain else endings[place]}").write_bytes(data)
        drafted, told = None, []
        try:
            drafted = init(inbox, workspace)
        except InputError as error:
            told = [error.text(language) for language in Language]
        if drafted is None:
            assert all(told)
            assert not (workspace / "study.toml").exists()
            return
        study = (workspace / "study.toml").read_text(encoding="utf-8")
        assert tomllib.loads(study)["outcome"]
        assert "6101501234" not in study
        for register in drafted.registers:
            path = workspace / "contracts" / f"{register.name}.yaml"
            assert "6101501234" not in path.read_text(encoding="utf-8")
            assert {"contract_yaml", "contract_standard"}.isdisjoint(faults(path)), path.read_bytes()


def faults(path: Path) -> set[str]:
    """What is still to be answered in a drafted contract."""
    try:
        read_contract(path)
    except InputErrors as error:
        return {one.key for one in error.errors}
    return set()


@pytest.mark.parametrize("heading", ["No", "true", "Y", "null", "\x81", "a\u2028b", "a\ufeffb", 'a"b', "a\\b"])
def test_a_heading_that_yaml_takes_for_something_else_is_one_in_the_draft(tmp_path, heading):
    (tmp_path / "inbox").mkdir()
    rows = [f"{n:06d};{n % 3}" for n in range(60)]
    (tmp_path / "inbox" / "no.csv").write_text("\n".join([f"borgernr;{heading}", *rows]) + "\n", encoding="utf-8")
    [register] = init(tmp_path / "inbox", tmp_path / "studie").registers
    text = (tmp_path / "studie" / "contracts" / f"{register.name}.yaml").read_text(encoding="utf-8")
    drafted = yaml.safe_load(text)
    column = drafted["schema"][0]["properties"][1]
    assert column["physicalName"] == list(register.guesses)[1]
    assert isinstance(column["name"], str)
    assert drafted["id"] == "no"


def test_any_files_give_a_draft_that_can_be_read_or_words():
    """Some seconds of files, in rounds of their own; the example of a round that fails is told."""
    until = time.monotonic() + FUZZ_S
    while True:
        any_files()
        if time.monotonic() > until:
            break
