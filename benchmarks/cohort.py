"""The cohort from an encrypted vault beside a hand-written DuckDB query over the same shards already decrypted.

`python -m benchmarks.cohort` (100,000 people, 5 million events); `python -m benchmarks.cohort full` (1,000,000 and 50
million) prints the time of each, their ratio (limit 1.5), decryption beside it, and peak memory (limit 4 GiB). The two
answers are compared. The two take turns shard by shard, so that a machine that is busy is busy for both.
"""

from __future__ import annotations

import json
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from pipelines import vault
from pipelines.cohort import build_sharded_cohort
from pipelines.cohort_shards import reader
from pipelines.study import read_study

SIZES = {"small": (100_000, 5_000_000), "full": (1_000_000, 50_000_000)}
SHARDS, PARTS = 8, 10
KINDS = ("besoeg", "indlagt", "udskrevet", "traening", "laege", "tand")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WORDS = '{da = "x", en = "x"}'
STUDY = f"""
id = "maaling"
demo = true
title = {WORDS}
purpose = {WORDS}
key = "demo"
reference_date = 2025-01-01

[population]
from = "cpr"
min_age = 18
age = "alder"
label = {WORDS}
definition = {WORDS}
""" + "".join(
    f"""
[[{table}]]
name = "{name}"
from = "haendelser"
{rule}
date = "dag"
window = {window}
label = {WORDS}
{extra}
"""
    for table, name, rule, window, extra in (
        ("characteristic", "indlagt_aar", 'rule = "any"\nwhere = {kind = ["indlagt"]}', "[-365, 0]", ""),
        ("characteristic", "besoeg_antal", 'rule = "count"\nwhere = {kind = ["besoeg"]}', "[-180, 0]", ""),
        ("characteristic", "minutter", 'rule = "sum"\ncolumn = "minutter"', "[-90, 0]", ""),
        ("characteristic", "seneste", 'rule = "latest"\ncolumn = "kind"', "[-365, 0]", ""),
        ("characteristic", "aldrig_tand", 'rule = "never"\nwhere = {kind = ["tand"]}', "[-365, 0]", ""),
        ("outcome", "indlagt_90d", 'rule = "any"\nwhere = {kind = ["indlagt"]}', "[1, 91]",
         f"more = {WORDS}\nfewer = {WORDS}\npast = {WORDS}"),
    )
)  # fmt: skip
BY_HAND = """
WITH facts AS (
  SELECT person,
    CASE WHEN bool_or(kind = 'indlagt' AND dag >= -365 AND dag < 0) THEN TRUE
         WHEN NOT bool_or((kind = 'indlagt' AND dag >= -365 AND dag < 0) IS NULL) THEN FALSE END AS indlagt_aar,
    CASE WHEN NOT bool_or((kind = 'besoeg' AND dag >= -180 AND dag < 0) IS NULL)
         THEN count(*) FILTER (kind = 'besoeg' AND dag >= -180 AND dag < 0) END AS besoeg_antal,
    CASE WHEN NOT bool_or((dag >= -90 AND dag < 0) IS NULL OR (dag >= -90 AND dag < 0 AND minutter IS NULL))
         THEN coalesce(sum(minutter) FILTER (dag >= -90 AND dag < 0), 0) END AS minutter,
    arg_max(kind, (dag, kind)) FILTER (dag >= -365 AND dag < 0 AND kind IS NOT NULL) AS seneste,
    CASE WHEN bool_or(kind = 'tand' AND dag >= -365 AND dag < 0) THEN FALSE
         WHEN NOT bool_or((kind = 'tand' AND dag >= -365 AND dag < 0) IS NULL) THEN TRUE END AS aldrig_tand,
    CASE WHEN bool_or(kind = 'indlagt' AND dag >= 1 AND dag < 91) THEN TRUE
         WHEN NOT bool_or((kind = 'indlagt' AND dag >= 1 AND dag < 91) IS NULL) THEN FALSE END AS indlagt_90d
  FROM haendelser GROUP BY person)
SELECT p.person, indlagt_aar, besoeg_antal, minutter, seneste,
  aldrig_tand, indlagt_90d
FROM cpr AS p LEFT JOIN facts AS f ON f.person = p.person WHERE p.alder >= 18 ORDER BY p.person
"""


def main(arguments: list[str]) -> None:
    """Print the figures; with `both FOLDER`, be the process that is measured."""
    if arguments[:1] == ["both"]:
        _both(Path(arguments[1]), bytes.fromhex(sys.stdin.read()))
        return
    people, events = SIZES["full" if "full" in arguments else "small"]
    with tempfile.TemporaryDirectory() as place:
        folder, key = Path(place), secrets.token_bytes(32)
        (folder / "study.toml").write_text(STUDY, encoding="utf-8")
        _write(folder / "registers", key, people, events)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.cohort", "both", place], input=key.hex(), text=True, capture_output=True,
            check=True,
        )  # fmt: skip
    told = json.loads(done.stdout)
    ours, theirs = told["ours"], told["theirs"]
    print(f"cohort: {people:,} people from {events:,} events in {SHARDS} encrypted shards; same answer: {told['same']}")
    print(f"  ours {ours:.1f} s, a hand-written query {theirs:.1f} s: {ours / theirs:.2f} x (limit 1.5)")
    print(f"  decryption and reading {told['decrypt']:.1f} s; peak memory {told['peak']:.2f} GiB (limit 4)")


def _both(folder: Path, key: bytes) -> None:
    """Time the two by turns, shard by shard: a machine that is busy is busy for both."""
    import duckdb

    study = read_study(folder)
    read, shards = reader(study, folder / "registers", key)
    frames: dict[str, pl.DataFrame] = {}
    decrypt, theirs, totals = 0.0, 0.0, np.zeros(6, dtype=np.int64)

    def timed(register: str, number: int | None) -> pl.DataFrame:
        nonlocal decrypt
        began = time.perf_counter()
        frames[register] = read(register, number)
        decrypt += time.perf_counter() - began
        return frames[register]

    def by_hand(_: float) -> None:
        nonlocal theirs, totals
        began = time.perf_counter()
        with duckdb.connect(":memory:", config={"threads": "2"}) as connection:
            for register, frame in frames.items():
                connection.register(register, frame)
            made = connection.sql(BY_HAND).pl()
        theirs += time.perf_counter() - began
        totals = totals + np.array(_total(made))

    began = time.perf_counter()
    made = build_sharded_cohort(study, timed, shards=shards, tell=by_hand)
    ours = time.perf_counter() - began - decrypt - theirs
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    same = _total(made.frame) == totals.tolist()
    print(json.dumps({"ours": ours, "theirs": theirs, "decrypt": decrypt, "peak": peak, "same": same}))


def _total(frame: pl.DataFrame) -> list[int]:
    """Return what two answers are compared by: people, and what the columns sum to where a row tells something."""
    return [
        frame.height,
        int(frame["besoeg_antal"].sum() or 0),
        int(frame["minutter"].sum() or 0),
        int((frame["seneste"] == "indlagt").sum()),
        int(frame["indlagt_aar"].sum() or 0),
        int(frame["indlagt_90d"].sum() or 0),
    ]


def _write(folder: Path, key: bytes, people: int, events: int) -> None:
    """Write the two registers, the events a part at a time: a pseudonym's own shard, as the vault has them."""
    rng = np.random.default_rng(1)
    named = [f"p1-{''.join(LETTERS[int(one)] for one in rng.integers(0, 32, 26))}" for _ in range(people)]
    names = pl.Series("person", [f"{name}0" for name in named])
    ages = rng.integers(10, 100, people)
    population = pl.DataFrame({"person": names, "alder": pl.Series(ages, dtype=pl.Int16)})
    vault.write_register(folder, "cpr", population, key, shards=SHARDS)
    whose = np.sort(rng.integers(0, people, events, dtype=np.int32))
    frame = pl.DataFrame(
        {
            "person": pl.Series(whose),
            "dag": pl.Series(rng.integers(-1500, 365, events, dtype=np.int32)),
            "kind": pl.Series(rng.integers(0, len(KINDS), events, dtype=np.int8)),
            "minutter": pl.Series(rng.integers(1, 120, events, dtype=np.int32)).cast(pl.Int64),
        }
    )
    _write_events(folder, key, frame, names)


def _write_events(folder: Path, key: bytes, frame: pl.DataFrame, names: pl.Series) -> None:
    """Write the events some people at a time: 50 million pseudonyms as text would not lie in memory together."""
    kinds = pl.Series("kind", KINDS)
    each = -(-len(names) // PARTS)
    with vault.Register(folder, "haendelser", key, shards=SHARDS) as new:
        for first in range(0, len(names), each):
            part = frame.filter(pl.col("person").is_between(first, first + each - 1))
            whose, what = names.gather(part["person"]).alias("person"), kinds.gather(part["kind"]).alias("kind")
            new.add(part.with_columns(whose, what))


if __name__ == "__main__":
    main(sys.argv[1:])
