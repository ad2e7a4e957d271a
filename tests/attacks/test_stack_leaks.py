"""The leaks of the stack: what the tools under us write of a value where nobody asked them to, and what ours leave."""

from __future__ import annotations

import io
import json
import logging
import re
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random

import polars as pl
import pyarrow.parquet as pq
import pytest

from flows.failures import described
from pipelines import cohort, package
from pipelines.errors import InputError
from pseudonymisation.free_text import redact_column
from reports.catalogue import Language

ROOT = Path(__file__).resolve().parents[2]
PLANTED = "610150" + "4321"  # day + 60: nobody
FRAME = pl.DataFrame({"person": [PLANTED, "a", "zz"], "age": [1, 2, 3]})


def statistics_of(data: bytes) -> list[object]:
    """The least and greatest values in a Parquet file's footer."""
    about = pq.ParquetFile(io.BytesIO(data)).metadata
    columns = [about.row_group(g).column(c) for g in range(about.num_row_groups) for c in range(about.num_columns)]
    return [one.statistics for one in columns if one.is_stats_set and one.statistics.has_min_max]


def test_the_footer_of_a_packages_parquet_holds_no_value(attack_row):
    plain = io.BytesIO()
    FRAME.write_parquet(plain)
    made = package._parquet(FRAME)
    assert pl.read_parquet(io.BytesIO(made)).equals(FRAME)
    attack_row.case(
        "D", works=bool(statistics_of(plain.getvalue())), through=bool(statistics_of(made)), what="leaks tried"
    )


def test_every_parquet_that_we_write_is_written_without_statistics():
    calls = [
        f"{path.relative_to(ROOT)}:{text[: one.start()].count(chr(10)) + 1}"
        for room in ("pipelines", "portal", "pseudonymisation", "reports", "analysis", "flows")
        for path in (ROOT / room).rglob("*.py")
        for text in [path.read_text(encoding="utf-8")]
        for one in re.finditer(r"\.(write|sink)_parquet\(", text)
        if "statistics=False" not in text[one.start() : one.start() + 200] and "/demo/" not in str(path)
    ]
    assert calls == []  # a demo's own register is a source, made up from end to end


def test_nothing_but_a_demos_registers_is_written_as_a_workbook():
    writers = {
        path.relative_to(ROOT).parts[:2]
        for room in ("pipelines", "portal", "pseudonymisation", "reports", "analysis", "flows")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"xlsxwriter|write_excel|openpyxl", path.read_text(encoding="utf-8"))
    }
    assert writers <= {("pipelines", "demo")}


def test_a_workbooks_own_words_about_itself_would_name_its_writer(attack_row):
    """Why no package is a workbook: docProps travel with it. What comes out of a package folder has none."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    book.set_properties({"author": PLANTED, "comments": f"udtræk om {PLANTED}"})
    book.add_worksheet()
    book.close()
    with zipfile.ZipFile(target) as opened:
        works = PLANTED in opened.read("docProps/core.xml").decode()
    out = {Path(name).suffix for name in ("data.csv", "data.parquet", "dataordbog.csv", "risk.json", "README.md")}
    attack_row.case("D", works=works, through=".xlsx" in out)


def test_duckdbs_own_error_quotes_the_value_and_ours_does_not(attack_row):
    import duckdb

    query = "SELECT CAST(person AS INTEGER) / 0 AS x FROM people WHERE person <> 'a'"
    bad = FRAME.with_columns(pl.lit(f"x{PLANTED}").alias("person"))
    with duckdb.connect() as connection:
        connection.register("people", bad)
        with pytest.raises(duckdb.Error) as plain:
            connection.sql(query).pl()
    with pytest.raises(InputError) as ours:
        cohort._run({"people": bad}, [query], memory="100MB")
    told = " ".join([str(ours.value), repr(ours.value.__context__), *(ours.value.text(one) for one in Language)])
    attack_row.case("D", works=PLANTED in str(plain.value), through=PLANTED in told)


def test_a_table_too_large_for_its_memory_would_be_written_to_the_disk_and_ours_is_cut_instead(
    attack_row, tmp_path, monkeypatch
):
    import duckdb

    random = Random(1)
    people = pl.DataFrame({"note": [f"{random.getrandbits(500):x}{PLANTED}" for _ in range(120_000)]})
    query = "CREATE TABLE kept AS SELECT * FROM people"
    spill, here = tmp_path / "spill", tmp_path / "here"
    here.mkdir()
    settings = {"temp_directory": str(spill), "memory_limit": "12MB", "threads": "1"}
    with duckdb.connect(":memory:", config=settings) as connection:
        connection.register("people", people)
        connection.execute(query)
        written = b"".join(path.read_bytes() for path in spill.rglob("*") if path.is_file())
    monkeypatch.chdir(here)
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(here))
    with pytest.raises(cohort._TooLarge):  # a shard that does not fit is halved, and nothing is written
        cohort._run({"people": people}, ["SELECT DISTINCT note, count(*) FROM people GROUP BY note"], memory="5MB")
    attack_row.case("D", works=PLANTED.encode() in written, through=any(here.rglob("*")))


def test_polars_is_never_asked_to_stream_through_the_disk():
    """Its streaming engine may spill to a folder of its own: nothing of ours calls for it."""
    rooms = ("pipelines", "pseudonymisation", "analysis", "flows", "portal", "reports")
    source = [path.read_text(encoding="utf-8") for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    asks = re.compile(r"engine\s*=\s*[\"']streaming|streaming\s*=\s*True|\.sink_\w+\(")
    assert asks.search('frame.collect(engine="streaming")')
    assert not [text for text in source if asks.search(text)]


def test_polars_own_error_quotes_the_value_and_what_is_kept_of_a_crash_does_not(attack_row):
    with pytest.raises(pl.exceptions.PolarsError) as plain:
        pl.Series("x", [f"x{PLANTED}"]).cast(pl.Int64, strict=True)
    attack_row.case("D", works=PLANTED in str(plain.value), through=PLANTED in described(plain.value))


def test_presidios_decision_log_would_say_the_text_and_redaction_says_nothing(attack_row, caplog, capfd):
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    class Nothing(NlpEngine):
        def load(self): ...
        def is_loaded(self):
            return True

        def process_text(self, text, language):
            return NlpArtifacts([], [], [], [], self, language)

        def process_batch(self, texts, language, **_):
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word, language):
            return False

        def is_punct(self, word, language):
            return False

        def get_supported_entities(self):
            return []

        def get_supported_languages(self):
            return ["da"]

    registry = RecognizerRegistry(supported_languages=["da"])
    registry.add_recognizer(PatternRecognizer("CPR", patterns=[Pattern("c", r"\d{10}", 0.9)], supported_language="da"))
    with caplog.at_level(logging.DEBUG):
        engine = AnalyzerEngine(
            registry=registry, nlp_engine=Nothing(), log_decision_process=True, supported_languages=["da"]
        )
        engine.app_tracer.logger.addHandler(caplog.handler)
        engine.app_tracer.logger.setLevel(logging.DEBUG)
        engine.analyze(f"Se {PLANTED}", language="da", return_decision_process=True)
        seen = caplog.text + "".join(capfd.readouterr())
        caplog.clear()
        assert PLANTED not in str(redact_column(pl.Series("t", [f"Se {PLANTED}"])).texts.to_list())
        ours = caplog.text + "".join(capfd.readouterr())
    asked = [
        path.name
        for room in ("pseudonymisation", "pipelines")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"log_decision_process|return_decision_process", path.read_text(encoding="utf-8"))
    ]
    attack_row.case("D", works="CPR" in seen, through=bool(PLANTED in ours or asked))


def test_a_crash_leaves_no_picture_of_the_memory_behind(attack_row):
    """A core dump holds every value that the process held. The command turns it off for itself and its children."""
    ask = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    raised = f"import resource; resource.setrlimit(resource.RLIMIT_CORE, ({hard}, {hard})); {ask}"
    plain = subprocess.run([sys.executable, "-c", raised], capture_output=True, text=True, check=True).stdout.strip()
    ours = subprocess.run(
        [sys.executable, "-c", raised.replace(ask, f"import flows.quiet; {ask}")],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout.strip()  # fmt: skip
    assert json.loads(plain) == hard
    attack_row.case("D", works=plain != "0" or hard == 0, through=ours != "0")
