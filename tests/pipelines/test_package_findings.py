from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analysis import Discovery, search
from pipelines import package, state, vault
from pipelines.context import Run
from pipelines.key_files import StudyKey
from pipelines.package_findings import as_read, still_visible
from pipelines.steps import definitions, settings
from tests.attacks.package_world import study_of

QUASI = ["alder", "koen", "distrikt"]


def world() -> pl.DataFrame:
    """Men of Nord who fell come to hospital; so do those of 85 and more who live alone in a care home."""
    random, people = np.random.default_rng(1), 6_000
    frame = pl.DataFrame(
        {
            "person": [f"{n:06d}" for n in range(people)],
            "alder": random.integers(65, 100, people),
            "koen": random.choice(["F", "M"], people),
            "distrikt": random.choice(["Nord", "Syd", "Vest"], people),
            "bolig": random.choice(["ejer", "leje"], people),
            "timer": random.integers(0, 3, people),
            "sygdom": random.choice(["a", "b", "c", "d"], people),
            "faldt": random.random(people) < 0.4,
        }
    )
    planted = frame.select(
        a=(pl.col("koen") == "M") & pl.col("faldt"), b=(pl.col("distrikt") == "Nord") & (pl.col("bolig") == "leje")
    )
    chance = 0.1 + 0.2 * planted["a"].to_numpy() + 0.2 * planted["b"].to_numpy()
    return frame.with_columns(
        indlagt=pl.Series(random.random(people) < chance), cluster=pl.col("person"), locked=pl.lit(False)
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    work = tmp_path_factory.mktemp("findings") / "w"
    study = study_of(work, 10)
    study = replace(study, package=replace(study.package, quasi=("alder", "koen", "distrikt"), sensitive=()))
    made = Run(
        workspace=work, study=study, contracts={}, id="K-0001", try_leads=False,
        key=StudyKey(key_id="demo", epoch=1, secret=b"s" * 32, demo=True),
    )  # fmt: skip
    made.folder.mkdir(parents=True)
    made.vault.mkdir()
    frame = world()
    vault.write_frame(made.folder / "split.vault", frame, made.subkey("vault"))
    found = search(
        frame, definitions(made, frame), outcome="indlagt", positive=True, cluster="cluster", settings=settings(made)
    )
    assert sum(one.status == "discovered" for one in found.findings) >= 2
    state.write(made.folder / "confirmed.json", found)
    return made


def known(run):
    return [one for one in state.read(run.folder / "confirmed.json", Discovery).findings if one.status != "lead"]


def test_all_are_seen_in_rows_as_they_are_and_none_where_a_column_is_gone_or_told_as_anything(run):
    rows = world()
    texts = rows.with_columns(pl.col(QUASI).cast(pl.String))
    columns = [name for name in rows.columns if name not in ("cluster", "locked")]
    number = len(known(run))
    assert still_visible(run, texts, rows, quasi=QUASI, columns=columns) == (number, number)
    speak = [one for one in known(run) if {condition.column for condition in one.conditions} & set(QUASI)]
    nothing = texts.with_columns(pl.lit("*").alias(name) for name in QUASI)
    assert still_visible(run, nothing, rows, quasi=QUASI, columns=columns) == (number - len(speak), number)
    assert still_visible(run, texts, rows, quasi=QUASI, columns=["person"]) == (0, number)


def test_the_package_says_so(run):
    package.write_package(run, run.workspace / "package")
    told = json.loads((run.workspace / "package" / "risk.json").read_text(encoding="utf-8"))
    assert told["findings_known"] == len(known(run))
    assert 1 <= told["findings_visible"] <= told["findings_known"]
    for name, words in (("LAES_MIG.md", "fund, som kommunen kender"), ("README.md", "findings that the municipality")):
        text = (run.workspace / "package" / name).read_text(encoding="utf-8")
        assert f"{told['findings_visible']} " in next(line for line in text.splitlines() if words in line)


def test_a_told_cell_is_read_as_a_receiver_would():
    true = pl.DataFrame({"alder": [70], "koen": ["F"], "alene": [True]})
    told = pl.DataFrame(
        {
            "alder": ["65-74", "90+", "71", None, "*"],
            "koen": ["F", "{F, M}", "*", None, "M"],
            "alene": ["true", "false", "*", None, "true"],
        }
    )
    read = as_read(told, true, ["alder", "koen", "alene"])
    assert read["alder"].to_list() == [70, 90, 71, None, None]
    assert read["koen"].to_list() == ["F", None, None, None, "M"]
    assert read["alene"].to_list() == [True, False, None, None, True]
