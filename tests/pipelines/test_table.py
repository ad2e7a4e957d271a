"""`discover` on any table: what it finds, what it writes, and what it says of a table that cannot be searched."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipelines.errors import InputError
from pipelines.table import discover_table, read_table

ROWS = 6_000


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(5)
    a, b, c = (rng.random(ROWS) < share for share in (0.3, 0.25, 0.4))
    age = rng.integers(65, 95, ROWS)
    score = -2.6 + 0.4 * a + 0.3 * b + 0.02 * (age - 80) + 1.2 * (a & b)
    sick = rng.random(ROWS) < 1 / (1 + np.exp(-score))
    words = np.where(rng.random(ROWS) < 0.5, "nord", "syd")
    frame = pl.DataFrame(
        {
            "løbenr": np.arange(ROWS) + 10_000,
            "flyttet": a.astype(int),
            "ny hjælp": np.where(b, "ja", "nej"),
            "støj": c.astype(int),
            "distrikt": words,
            "alder": age,
            "beløb": [f"{value:.2f}".replace(".", ",") for value in rng.gamma(2, 100, ROWS)],
            "røber": np.where(sick, "indlagt", "hjemme"),
            "syg": np.where(sick, "ja", "nej"),
        }
    )
    path = tmp_path_factory.mktemp("table") / "borgere.csv"
    path.write_bytes(frame.write_csv(separator=";").encode("cp1252"))
    return path


def test_a_danish_csv_is_read_as_danes_write_it(table: Path) -> None:
    frame = read_table(table)
    assert frame["beløb"].dtype == pl.Float64
    assert frame["alder"].dtype == pl.Int64
    assert frame["ny hjælp"].dtype == pl.String


def test_it_finds_what_was_planted_and_names_the_column_that_tells_the_outcome(table: Path, tmp_path: Path) -> None:
    result = discover_table(table, outcome="syg", adjust=["alder"], id_column="løbenr", out=tmp_path)
    content = json.loads(result.findings.read_text(encoding="utf-8"))
    assert content["rounded"]
    assert content["outcome"] == {"column": "syg", "positive": "ja"}
    found = [
        {one["column"] for one in finding["conditions"]}
        for finding in content["findings"]
        if finding["status"] == "discovered"
    ]
    assert found == [{"flyttet", "ny hjælp"}]
    assert content["findings"][0]["id"] == "F-001"
    assert any("røber" in line for line in result.lines)
    assert "<script" not in result.report.read_text(encoding="utf-8")


def test_the_same_table_and_seed_give_the_same_file(table: Path, tmp_path: Path) -> None:
    one, other, exact = (tmp_path / name for name in ("1", "2", "3"))
    first = discover_table(table, outcome="syg", exclude=["røber"], id_column="løbenr", lock=0.3, out=one)
    second = discover_table(table, outcome="syg", exclude=["røber"], id_column="løbenr", lock=0.3, out=other)
    assert first.findings.read_bytes() == second.findings.read_bytes()
    true = discover_table(table, outcome="syg", exclude=["røber"], id_column="løbenr", lock=0.3, exact=True, out=exact)
    content = json.loads(true.findings.read_text(encoding="utf-8"))
    assert not content["rounded"]
    assert content["people_locked"] > 0.25 * ROWS
    assert content["findings"][0]["status"] == "confirmed"


@pytest.mark.parametrize(
    ("text", "outcome", "key"),
    [
        ("", "y", "table_empty"),
        ("a;y\n", "y", "table_empty"),
        ("a;y\n1;0\n", "z", "table_column"),
        ("a;a;y\n1;2;0\n", "y", "table_duplicate_column"),
        ("a;y\n1;\n0;\n", "y", "table_outcome_missing"),
        ("a;y\n1;x\n0;z\n1;w\n", "y", "table_outcome_levels"),
        ("a;y\n1;0\n0;0\n1;0\n", "y", "search_outcome_constant"),
    ],
)
def test_a_table_that_cannot_be_searched_is_told_in_words(text: str, outcome: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        discover_table(path, outcome=outcome, out=tmp_path / "out")
    assert raised.value.key == key
    for language in ("da", "en"):
        assert "t.csv" in raised.value.text(language)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_several_rows_a_person_are_refused_by_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id;a;y\n1;0;0\n2;1;1\n1;1;0\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        discover_table(path, outcome="y", id_column="id", out=tmp_path / "out")
    assert raised.value.key == "table_people"
    assert raised.value.facts["first"] == 2


def test_three_people_give_an_honest_empty_report(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b;y\n1;0;0\n2;1;1\n1;1;0\n", encoding="utf-8")
    result = discover_table(path, outcome="y", out=tmp_path / "out")
    assert json.loads(result.findings.read_text(encoding="utf-8"))["findings"] == []
    assert result.report.exists()


def test_rows_without_an_outcome_are_left_out_and_counted(table: Path, tmp_path: Path) -> None:
    text = table.read_bytes().decode("cp1252").splitlines()
    for row in range(1, 101):
        text[row] = text[row].rpartition(";")[0] + ";"
    path = tmp_path / "huller.csv"
    path.write_text("\n".join(text), encoding="utf-8")
    result = discover_table(path, outcome="syg", exclude=["røber"], id_column="løbenr", out=tmp_path / "out")
    assert result.discovery.people == ROWS - 100
    assert any("100 rækker" in line for line in result.lines)
