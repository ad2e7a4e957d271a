"""`discover` on counts, times and the additive scale, through the command's own door; and what it refuses, by row."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.worlds import additive_world, count_world, time_world
from pipelines.errors import InputError
from pipelines.table import discover_table
from pipelines.verify import verify_page
from reports import catalogue
from reports.catalogue import Language

PAIR = frozenset({"c000", "c001"})


def recomputed(result, language: Language) -> None:  # type: ignore[no-untyped-def]
    """The card of the pair is worked out from its page, the adjusted expected count from the rows of its table."""
    content = json.loads(result.findings.read_text(encoding="utf-8"))
    mine = next(one for one in content["findings"] if {part["column"] for part in one["conditions"]} == PAIR)
    checked = verify_page(result.report, content, mine["id"], language)
    assert [one for one in checked if not one.agrees] == []
    ratio = catalogue.text(language, "expected.ratio")
    assert ratio in [one.what for one in checked]


def written(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_csv(folder / "people.csv")
    return folder / "people.csv"


@pytest.mark.parametrize("kind", ["count", "time"])
@pytest.mark.parametrize("language", [Language.DA, Language.EN])
def test_a_planted_pair_is_found_and_told_in_rates_that_the_printed_table_gives(
    kind: str, language: Language, tmp_path: Path
) -> None:
    world = count_world if kind == "count" else time_world
    frame = world(np.random.default_rng(3), people=5_000, count=6, truth={PAIR: 0.9})
    result = discover_table(
        written(frame, tmp_path), outcome="outcome", kind=kind, unit="months", adjust=["age"], out=tmp_path / "out",
        language=language, **({"exposure": "time"} if kind == "count" else {"time": "time"}),
    )  # fmt: skip
    content = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert (content["kind"], content["follow_up"], content["scale"]) == (kind, "time", "ratio")
    found = [one for one in content["findings"] if {c["column"] for c in one["conditions"]} == PAIR]
    assert [one["status"] for one in found] == ["discovered"]
    page = result.report.read_text(encoding="utf-8")
    assert ("1.000 personmåneder" if language == Language.DA else "1,000 person-months") in page
    assert not re.search(r"[Uu]d af 1\.000|[Oo]ut of 1,000", page)  # an event is not a person out of so many
    assert ("Den, der døde før" if language == Language.DA else "Who died before") in page or kind == "count"
    rows = re.findall(r'<tr class="sum">.*?</tr>', page)[0]
    cells = [int(re.sub(r"\D", "", one)) for one in re.findall(r'class="n">([^<]*)<', rows)]
    people, time, events, expected, rate = cells[:5]
    assert people % 10 == time % 10 == events % 5 == expected % 5 == 0
    per = 10_000 if rate > 2_000 * events / time else 1_000
    assert rate == int(per * events / time + 0.5)
    recomputed(result, language)


def test_the_additive_scale_finds_what_is_added_and_says_which_scale_decided(tmp_path: Path) -> None:
    frame = additive_world(np.random.default_rng(4), people=10_000, count=8, truth={PAIR: 0.15})
    result = discover_table(
        written(frame, tmp_path), outcome="outcome", scale="additive", out=tmp_path / "out", language=Language.EN
    )
    content = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert content["scale"] == "additive"
    found = [one for one in content["findings"] if {c["column"] for c in one["conditions"]} == PAIR]
    assert found[0]["status"] == "discovered"
    assert found[0]["scales"] in ("both", "additive_only")
    recomputed(result, Language.EN)


ROWS = "a,n,t,e\n" + "\n".join(f"{i % 2},{i % 3},{1 + i % 5},{i % 2}" for i in range(40)) + "\n"


def spoiled(row: int, column: int, value: str) -> str:
    lines = ROWS.split("\n")
    cells = lines[row - 1].split(",")
    cells[column] = value
    lines[row - 1] = ",".join(cells)
    return "\n".join(lines)


COUNT, TIME = {"kind": "count", "exposure": "t"}, {"kind": "time", "time": "t"}


@pytest.mark.parametrize(
    ("text", "outcome", "how", "key", "row"),
    [
        (spoiled(7, 2, "0"), "n", COUNT, "table_follow_up", 7),
        (spoiled(7, 2, "-3"), "e", TIME, "table_follow_up", 7),
        (spoiled(9, 2, "somewhen"), "e", TIME, "table_follow_up_text", 9),
        (spoiled(9, 2, ""), "n", COUNT, "table_follow_up_missing", 9),
        (spoiled(11, 1, "many"), "n", COUNT, "table_count_text", 11),
        (spoiled(11, 1, "-1"), "n", COUNT, "table_count", 11),
        (spoiled(11, 1, "0.5"), "n", COUNT, "table_count", 11),
        (ROWS, "e", {"kind": "time"}, "table_time_missing", None),
        (ROWS, "e", {"time": "t"}, "table_follow_up_unused", None),
        (ROWS, "n", {**COUNT, "time": "t"}, "table_exposure_twice", None),
        (ROWS.replace(",1,", ",0,").replace(",2,", ",0,"), "n", {"kind": "count"}, "search_outcome_constant", None),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column_and_never_by_value(text, outcome, how, key, row, tmp_path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text)
    with pytest.raises(InputError) as raised:
        discover_table(file, outcome=outcome, out=tmp_path / "out", **how)
    assert raised.value.key == key
    assert raised.value.facts.get("row") == row
    for language in Language:
        said = raised.value.text(language)
        assert not any(value in said for value in ("somewhen", "many", "-3", "0.5"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("scale", ["ratio", "additive"])
def test_a_gap_that_points_both_ways_is_never_a_card(scale: str, tmp_path: Path) -> None:
    """Risks of 5, 15, 20 and 35 %: 50 more per 1,000 where risks add, 106 fewer where odds multiply."""
    people = 4_000
    rows = []
    for a, b, risk in ((0, 0, 0.05), (1, 0, 0.15), (0, 1, 0.20), (1, 1, 0.35)):
        rows += [{"a": a, "b": b, "noise": i // 2 % 2, "outcome": int(i < people * risk)} for i in range(people)]
    result = discover_table(
        written(pl.DataFrame(rows), tmp_path), outcome="outcome", scale=scale, out=tmp_path / "out", exact=True,
        language=Language.EN,
    )  # fmt: skip
    found = json.loads((tmp_path / "out" / "findings.json").read_text())["findings"]
    [one] = [one for one in found if {c["column"] for c in one["conditions"]} == {"a", "b"}]
    assert one["status"] == "discovered"
    assert one["scales"] == "opposite"
    gap = 1_000 * (one["observed"] - one["expected_crude"]) / one["people"]
    assert gap == pytest.approx(-106 if scale == "ratio" else 50, abs=0.5)
    assert 'id="fund-1"' not in result.report.read_text(encoding="utf-8")
