"""`undring anonymise`: what comes out is counted again with dictionaries. No number here is anybody's."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.anonymise import anonymise_table
from pipelines.direct_identifiers import identifier_kind
from pipelines.errors import InputError
from reports.catalogue import Language

ROOT = Path(__file__).resolve().parents[2]
DATA = os.environ.get("UNDRING_DATA")
METHODS = ["mondrian", "lattice"]


def people(rows=400, *, seed=1):
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "lbnr": [f"B{number:05d}" for number in range(rows)],
            "alder": random.integers(65, 96, rows),
            "koen": random.choice(["K", "M"], rows),
            "vægt": [f"{kilo:.1f}".replace(".", ",") for kilo in random.normal(70, 10, rows)],
            "distrikt": random.choice(["Nord", "Syd", "Øst"], rows),
            "start": [f"2024-{month:02d}-{day:02d}" for month, day in random.integers(1, 13, (rows, 2))],
            "diagnose": random.choice(["a", "b", "c", "d"], rows, p=[0.4, 0.3, 0.2, 0.1]),
        }
    )


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "tabel.csv"
    people().write_csv(path, separator=";")
    return path


def brute(frame, quasi, sensitive):
    """k, the fewest sensitive values and the largest share, with dictionaries."""
    held = defaultdict(Counter)
    for row in frame.iter_rows(named=True):
        held[tuple(row[name] for name in quasi)][row[sensitive]] += 1
    sizes = [sum(values.values()) for values in held.values()]
    share = max(max(values.values()) / sum(values.values()) for values in held.values())
    return min(sizes), min(map(len, held.values())), share, len(held)


def read(folder, separator=";"):
    return pl.read_csv(folder / "anonymous.csv", separator=separator, infer_schema=False)


@pytest.mark.parametrize("method", METHODS)
def test_the_two_files_are_as_agreed(table, tmp_path, method):
    out = tmp_path / "ud" / method
    quasi = ["distrikt", "alder", "koen", "start"]
    result = anonymise_table(
        table, quasi=quasi, sensitive=["diagnose"], keep=["vægt"], id_column="lbnr", k=10, l=3, method=method,
        max_suppressed=0.05, out=out,
    )  # fmt: skip
    made, risk = read(out), json.loads((out / "risk.json").read_text(encoding="utf-8"))
    assert made.columns == ["alder", "koen", "vægt", "distrikt", "start", "diagnose"]  # the table's order
    assert next(iter(risk)) == "status"
    assert risk["status"] == "pseudonymised, k-anonymous; personal data unless somebody has assessed otherwise"
    k, values, share, classes = brute(made, quasi, "diagnose")
    assert (risk["k"], risk["l"], risk["classes"], risk["people"]) == (k, values, classes, made.height)
    assert k >= 10
    assert values >= 3
    assert share <= 0.8
    assert risk["highest_risk"] == pytest.approx(1 / k, abs=1e-4)
    assert risk["people"] + risk["suppressed"] == 400
    assert risk["average_class"] == pytest.approx(made.height / classes, abs=0.01)
    assert 0 < risk["gcp"] < 1
    if risk["suppressed"] == 0:  # weights as the file writes them, with their commas
        assert sorted(made["vægt"]) == sorted(pl.read_csv(table, separator=";", infer_schema=False)["vægt"])
    assert not any("række" in line for line in result.lines)
    assert {path.name for path in out.iterdir()} == {"anonymous.csv", "risk.json"}


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.integers(60, 80), st.sampled_from(["Nord", "Syd", ""]), st.sampled_from("abc")),
        min_size=1, max_size=60,
    ),
    k=st.integers(2, 5),
    l=st.integers(1, 3),
)  # fmt: skip
def test_k_and_l_hold_on_any_table_or_nothing_is_written(tmp_path, method, rows, k, l):  # noqa: E741
    path, out = tmp_path / "t.csv", tmp_path / "ud"
    shutil.rmtree(out, ignore_errors=True)
    path.write_text("alder,distrikt,syg\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows), encoding="utf-8")
    try:
        anonymise_table(path, quasi=["alder", "distrikt"], sensitive=["syg"], k=k, l=l, method=method, out=out)
    except InputError:
        assert not out.exists()
        return
    smallest, values, share, _ = brute(read(out, ","), ["alder", "distrikt"], "syg")
    assert smallest >= k
    assert values >= l
    assert share <= 0.8 + 1e-9 or l == 1


def test_the_table_that_it_is_made_of_is_never_written_over(table, tmp_path):
    mine = table.rename(tmp_path / "anonymous.csv")
    before = mine.read_bytes()
    with pytest.raises(InputError, match="counts_onto_itself"):
        anonymise_table(mine, quasi=["alder"], sensitive=["diagnose"], k=5, out=tmp_path)
    assert mine.read_bytes() == before


def test_the_order_tells_nothing_and_is_the_same_each_time(table, tmp_path):
    for name in ("en", "to"):
        anonymise_table(table, quasi=["koen"], keep=["vægt"], k=5, out=tmp_path / name)
    first = (tmp_path / "en" / "anonymous.csv").read_bytes()
    assert first == (tmp_path / "to" / "anonymous.csv").read_bytes()
    true = pl.read_csv(table, separator=";", infer_schema=False)["vægt"]
    told = read(tmp_path / "en")["vægt"]
    assert sorted(true) == sorted(told)
    assert sum(a == b for a, b in zip(true, told, strict=True)) < 20


@pytest.mark.parametrize("method", METHODS)
def test_k_counts_people_and_not_rows(tmp_path, method):
    frame = people(60).select("lbnr", "alder", "koen", "diagnose")
    five = pl.concat([frame] * 5)  # five visits each
    path, out = tmp_path / "besøg.csv", tmp_path / "ud"
    five.write_csv(path)
    anonymise_table(path, quasi=["alder", "koen"], id_column="lbnr", k=10, method=method, keep=["diagnose"], out=out)
    made, risk = read(out, ","), json.loads((out / "risk.json").read_text())
    sizes = made.group_by("alder", "koen").len()["len"]
    assert min(sizes) >= 50
    assert risk["k"] == min(sizes) // 5
    assert risk["people"] == made.height // 5


def covers(told, true):
    """Whether what is told of a value is true of it."""
    if told is None or true is None or told == "*":
        return told == "*" or told is true
    if told.startswith("{"):
        return true in told.strip("{}").split(", ")
    if ".." in told:
        return told.split("..")[0] <= true <= told.split("..")[1]
    if isinstance(true, int):
        low, _, high = told.partition("-")
        return int(low) <= true <= int(high or low)
    return told == true


def test_k_holds_for_the_whole_of_a_person_whose_rows_differ(tmp_path):
    random = np.random.default_rng(3)
    rows = 600
    frame = pl.DataFrame(
        {
            "borger": random.integers(0, 150, rows),
            "alder": random.integers(65, 96, rows),
            "enhed": random.choice(["Nord", "Syd", "Øst", ""], rows, p=[0.4, 0.3, 0.2, 0.1]),
            "dag": [f"2024-{month:02d}-03" for month in random.integers(1, 13, rows)],
            "måling": [f"{number / 7:.4f}" for number in random.permutation(rows)],  # tells the test which row it is
        }
    ).with_columns(pl.when(pl.col("borger") % 2 == 0).then(pl.lit("K")).otherwise(pl.lit("M")).alias("koen"))
    path, out = tmp_path / "besøg.csv", tmp_path / "ud"
    frame.write_csv(path, quote_style="never")
    quasi = ["alder", "enhed", "dag", "koen"]
    anonymise_table(path, quasi=quasi, keep=["måling"], id_column="borger", k=5, out=out)
    made, risk = read(out, ","), json.loads((out / "risk.json").read_text())
    true = {row["måling"]: row for row in frame.with_columns(pl.col("enhed").replace("", None)).iter_rows(named=True)}
    people_in, classes_of = defaultdict(set), defaultdict(set)
    for told in made.iter_rows(named=True):
        person = true[told["måling"]]
        assert all(covers(told[name], person[name]) for name in quasi)
        people_in[tuple(told[name] for name in quasi)].add(person["borger"])
        classes_of[person["borger"]].add(tuple(told[name] for name in quasi))
    assert made.height == rows
    assert min(map(len, people_in.values())) == risk["k"] >= 5
    assert len(people_in) == risk["classes"] >= 10
    assert max(map(len, classes_of.values())) == 1  # all of a person's rows are told alike
    assert 0 < risk["gcp"] <= 1
    with pytest.raises(InputError, match="anonymise_varies"):
        anonymise_table(path, quasi=["alder"], id_column="borger", k=5, method="lattice", out=tmp_path / "x")


def test_sensitive_values_over_all_rows_of_a_person_are_measured(tmp_path):
    rows = ["id,koen,syg"]
    for number in range(40):
        rows += [f"p{number},K,{'ab'[number % 2]}", f"p{number},K,c"]  # everybody has c too
    path = tmp_path / "t.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="anonymise_suppressed"):
        anonymise_table(path, quasi=["koen"], sensitive=["syg"], id_column="id", k=5, l=2, out=tmp_path / "ud")


IDENTIFIERS = {
    "kol_cpr": [f"61{month:02d}50-{month:04d}" for month in range(1, 13)],
    "tal": [f"61{month:02d}50{month:04d}" for month in range(1, 13)],
    "note": ["ok"] * 11 + ["se borger 610150 1234 igen"],
    "kontakt": ["uden"] * 11 + ["x.y@example.dk"],
    "nr": [f"2030{number:04d}" for number in range(12)],
    "sted": [f"Nygade {number}" for number in range(1, 13)],
    "hvem": ["Anna Jensen", "Bo Skov", "Mette Holm"] * 4,
    "Efternavn": list("abcdefghijkl"),
    "kode": ["p1-" + "0" * 27] * 12,
}


@pytest.mark.parametrize("column", IDENTIFIERS)
@pytest.mark.parametrize("role", ["quasi", "keep", "sensitive"])
def test_a_column_that_looks_like_a_direct_identifier_is_refused(tmp_path, column, role):
    path = tmp_path / "t.csv"
    pl.DataFrame({"koen": ["K", "M"] * 6, column: IDENTIFIERS[column]}).write_csv(path)
    roles = {"quasi": ["koen"], "keep": [], "sensitive": []}
    roles[role] = [*roles[role], column]
    with pytest.raises(InputError) as caught:
        anonymise_table(path, k=2, out=tmp_path / "ud", **roles)
    assert caught.value.key == "anonymise_identifier"
    for language in ("da", "en"):
        words = caught.value.text(language)
        assert column in words
        assert not any(value in words for value in IDENTIFIERS[column] if len(value) > 2)
    assert not (tmp_path / "ud").exists()


def test_ordinary_columns_are_no_identifiers():
    frame = people()
    for name in frame.columns[1:]:
        assert identifier_kind(frame[name].cast(pl.String), may_be_unique=True) is None, name
    assert identifier_kind(frame["lbnr"], may_be_unique=False) == "nummer"
    assert identifier_kind(pl.Series("lon", [str(n * 1_000) for n in range(30)]), may_be_unique=True) is None


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"quasi": []}, "anonymise_no_quasi"),
        ({"quasi": ["nej"]}, "table_column"),
        ({"quasi": ["koen"], "keep": ["koen"]}, "anonymise_roles"),
        ({"quasi": ["koen"], "l": 2}, "anonymise_no_sensitive"),
        ({"quasi": ["koen"], "k": 500}, "anonymise_too_few"),
        ({"quasi": ["koen"], "sensitive": ["diagnose"], "l": 9}, "anonymise_impossible"),
        ({"quasi": ["koen"], "sensitive": ["diagnose"], "l": 9, "method": "lattice"}, "anonymise_impossible"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(table, tmp_path, asked, key):
    with pytest.raises(InputError) as caught:
        anonymise_table(table, out=tmp_path / "ud", **{"k": 10, **asked})
    assert caught.value.key == key
    assert caught.value.text("da") != caught.value.text("en")
    assert not (tmp_path / "ud").exists()


def test_hierarchies_beside_the_table_are_used_and_their_faults_told(table, tmp_path):
    file = tmp_path / "hierarchy_distrikt.csv"
    file.write_text("Nord;Fastland;*\nSyd;Fastland;*\nØst;Øer;*\n", encoding="utf-8")
    out = tmp_path / "ud"
    ask = {"quasi": ["distrikt"], "keep": ["koen"], "method": "lattice", "out": out}
    result = anonymise_table(table, k=120, max_suppressed=0, **ask)
    assert set(read(out)["distrikt"]) <= {"Nord", "Syd", "Øst", "Fastland", "Øer", "*"}
    assert any("hierarchy_distrikt.csv" in line for line in result.lines)
    anonymise_table(table, k=133, max_suppressed=0, **ask)
    assert set(read(out)["distrikt"]) in ({"Fastland", "Øer"}, {"*"})
    for content, key in (
        ("Nord;Fastland;*\nSyd;Fastland;*\n", "hierarchy_value"),
        ("Nord;a;x\nSyd;a;y\nØst;b;y\n", "hierarchy_not_nested"),
        ("Nord;a;x\nSyd;a\nØst;b;y\n", "hierarchy_ragged"),
        ("", "hierarchy_unreadable"),
    ):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            anonymise_table(table, k=10, **ask)
        assert caught.value.key == key
        assert "Øst" not in caught.value.text("da")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_delimiter_is_the_tables_own(tmp_path, separator):
    path = tmp_path / "t.csv"
    people().select("koen", "distrikt", "alder").write_csv(path, separator=separator)
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    anonymise_table(path, quasi=["koen", "alder"], keep=["distrikt"], k=10, out=tmp_path / "ud")
    header, *rows = (tmp_path / "ud" / "anonymous.csv").read_text(encoding="utf-8").splitlines()
    assert header == separator.join(["koen", "distrikt", "alder"])
    assert any("Øst" in row for row in rows)


def test_a_parquet_file_will_do(tmp_path):
    path = tmp_path / "t.parquet"
    people().write_parquet(path)
    anonymise_table(path, quasi=["koen", "alder"], k=10, out=tmp_path / "ud", method="lattice")
    assert brute(read(tmp_path / "ud", ",").with_columns(x=pl.lit(1)), ["koen", "alder"], "x")[0] >= 10


@pytest.mark.skipif(not DATA, reason="UNDRING_DATA is not set")
def test_adult_with_its_published_hierarchies(tmp_path):
    source = Path(DATA) / "adult"
    for file in source.iterdir():
        shutil.copy(file, tmp_path)
    quasi = ["age", "sex", "race", "marital-status", "education"]
    for method in METHODS:
        out = tmp_path / method
        anonymise_table(
            tmp_path / "adult.csv.gz", quasi=quasi, sensitive=["occupation"], k=10, l=3, method=method, out=out
        )
        k, values, share, _ = brute(read(out), quasi, "occupation")
        assert (k >= 10, values >= 3, share <= 0.8) == (True, True, True)


def test_the_command_speaks_two_languages_and_ends_as_agreed(table, tmp_path):
    def call(*arguments):
        return subprocess.run(
            [sys.executable, "-c", "from flows.cli import main; main()", "anonymise", *map(str, arguments)],
            cwd=ROOT, capture_output=True, text=True, env={**os.environ, "UNDRING_LANGUAGE": ""},
        )  # fmt: skip

    good = (table, "--quasi", "alder,koen", "--sensitive", "diagnose", "--k", "10", "--out", tmp_path / "ud")
    danish, english = call(*good), call(*good, "--language", "en", "--method", "lattice")
    assert (danish.returncode, english.returncode) == (0, 0), danish.stderr + english.stderr
    assert "hver række regnet for en person" in danish.stdout
    assert "each row counts as a person" in english.stdout
    assert "lbnr" in danish.stdout  # left out, and said so
    bad = (table, "--quasi", "alder", "--keep", "lbnr", "--k", "10", "--out", tmp_path / "nej")
    danish, english = call(*bad), call(*bad, "--language", "en")
    assert (danish.returncode, english.returncode) == (2, 2)
    assert danish.stderr.startswith("FEJL tabel.csv")
    assert english.stderr.startswith("ERROR tabel.csv")
    assert "B0000" not in danish.stderr + english.stderr
    wrong = call(table, "--quasi", "alder", "--k", "1", "--out", tmp_path / "nej")
    assert wrong.returncode == 2
    assert not (tmp_path / "nej").exists()


@pytest.mark.parametrize(("language", "words"), [(Language.DA, "hvem der er med"), (Language.EN, "who is in the")])
def test_it_is_measured_and_said_who_could_see_that_somebody_is_in_the_table_and_what_would_do(
    table, tmp_path, language, words
):
    asked = {"quasi": ["alder", "koen", "distrikt"], "sensitive": ["diagnose"], "language": language}
    small = anonymise_table(table, k=10, out=tmp_path / "small", **asked)
    assert small.figures["membership_at_most"] > small.figures["membership_limit"]
    (said,) = [line for line in small.lines if words in line]
    larger = int(said.split("--k ")[1].split(".")[0].split()[0])
    assert larger > 10
    large = anonymise_table(table, k=larger, out=tmp_path / "large", **asked)  # what it says does hold
    assert large.figures["membership_at_most"] <= large.figures["membership_limit"]
    assert not [line for line in large.lines if words in line]
    coarse = anonymise_table(table, k=10, out=tmp_path / "coarse", method="lattice", quasi=["koen"], language=language)
    assert coarse.figures["membership_at_most"] < 0.6
