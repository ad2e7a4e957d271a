"""Several outcomes in one study and in one `discover`: searched together, told apart, and safe beside each other."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.values import Cell, Condition, Discovery, Evidence, Finding
from pipelines import attempts, findings, listing, proposals, rerun, run, state, steps, tried
from pipelines.demo import make_municipality
from pipelines.errors import InputError, InputErrors
from pipelines.gate import Gate
from pipelines.release import earlier_groups, gate_findings
from pipelines.release_outcomes import Outcomes, within
from pipelines.study import read_study
from pipelines.table import discover_table
from reports.catalogue import Language
from reports.values import Report, Words
from tests.pipelines.study_builders import HEAD, OUTCOME, study_text, written

WORDS = Words(da="x", en="x")
SECOND = OUTCOME.replace('name = "indlagt"', 'name = "faldt_igen"')


# the study


def test_all_outcomes_but_controls_and_those_left_out_are_searched(tmp_path):
    third = OUTCOME.replace('name = "indlagt"', 'name = "hoefeber"')
    fourth = OUTCOME.replace('name = "indlagt"', 'name = "flyttet"') + "searched = false\n"
    head = HEAD + 'negative_controls = ["hoefeber"]\n'
    study = written(tmp_path, study_text(head=head, outcome=OUTCOME + SECOND + third + fourth))
    assert [one.name for one in study.searched] == ["indlagt", "faldt_igen"]
    assert study.outcome.name == "indlagt"
    with pytest.raises(InputErrors) as caught:
        written(tmp_path / "b", study_text(outcome=OUTCOME + "searched = false\n"))
    assert [one.key for one in caught.value.errors] == ["study_no_outcome"]


def test_a_study_of_one_outcome_keeps_the_terms_of_its_account_and_another_outcome_changes_them(tmp_path):
    one = written(tmp_path / "a", study_text())
    aside = written(tmp_path / "b", study_text(outcome=OUTCOME + SECOND + "searched = false\n"))
    two = written(tmp_path / "c", study_text(outcome=OUTCOME + SECOND))
    assert attempts.terms(one) == attempts.terms(aside) != attempts.terms(two)


# keys and files


def made(columns: str, outcome: str | None, cells: dict[str, tuple[int, int]], **more: object) -> Finding:
    """A confirmed finding: `cells` are people and outcomes, by which conditions hold ("01")."""
    listed = tuple(
        Cell(holds=holds, people=people, observed=observed, expected=observed / 1.5)
        for holds in product((False, True), repeat=len(columns))
        for people, observed in [cells["".join("1" if hold else "0" for hold in holds)]]
    )
    last = listed[-1]
    seen = Evidence(
        people=last.people, observed=last.observed, expected=last.observed / 1.5, expected_low=1, expected_high=99,
        expected_crude=last.observed / 1.4, ratio_low=1.2, ratio_high=1.9, cells=listed,
    )  # fmt: skip
    return Finding(
        conditions=tuple(Condition(column=one, operator="==", value=True) for one in columns), outcome=outcome,
        direction="more", status="confirmed", above_parts=True, p_search=1e-6, p_confirm=1e-4, search=seen,
        locked=seen, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def together(*found: Finding, unknown: int = 0) -> Discovery:
    """A run of the outcomes y and z."""
    one = Discovery(
        outcome_column="y", outcome_positive=True, people_searched=7000, people_locked=3000, outcomes_searched=700,
        searched=10, tested=5, alpha=0.05, findings=tuple(one for one in found if one.outcome is None),
        tried=len(found),
    )  # fmt: skip
    other = replace(
        one, outcome_column="z", label="z", findings=tuple(one for one in found if one.outcome == "z"), unknown=unknown
    )
    return replace(one, others=(other,))


LARGE = {"00": (2000, 420), "01": (400, 140), "10": (300, 130), "11": (150, 60)}


def test_the_same_combination_of_two_outcomes_is_two_findings_with_ids_of_their_own():
    run_of_two = together(made("ab", None, LARGE), made("ab", "z", LARGE))
    items = findings.numbered(run_of_two.all_findings)
    content = findings.as_json(run_of_two, items, rounded=False)
    assert [one["id"] for one in content["findings"]] == ["F-001", "F-002"]
    assert [one["outcome"]["column"] for one in content["findings"]] == ["y", "z"]
    assert (content["outcome"]["column"], content["searched"], content["tested"]) == ("y", 20, 10)
    assert [one["column"] for one in content["outcomes"]] == ["y", "z"]
    keys = [findings.entry_key(one, content) for one in content["findings"]]
    assert keys == [findings.finding_key(item.finding) for item in items]
    alone = findings.as_json(replace(run_of_two, others=()), items[:1], rounded=False)
    assert "outcome" not in alone["findings"][0]
    assert "outcomes" not in alone
    assert findings.entry_key(alone["findings"][0], alone) == keys[0]  # one outcome more changes no id


# the gate


def gate(published=None) -> Gate:  # type: ignore[no-untyped-def]
    return Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5, published=published or {})


def gated(discovery: Discovery, door: Gate, *, lying_within=()):  # type: ignore[no-untyped-def]
    return gate_findings(
        discovery, findings.numbered(discovery.all_findings), gate=door, publish_from="confirmed", columns={}, notes={},
        objection=WORDS, service_objection=WORDS, within=lying_within,
    )  # fmt: skip


def nested(few: int) -> tuple[Finding, Finding]:
    """Two outcomes of the same groups; of those with a and b, all but `few` who have y have z as well."""
    narrower = {cell: (people, observed - 50) for cell, (people, observed) in LARGE.items()}
    narrower["11"] = (150, 60 - few)
    return made("ab", None, LARGE), made("ab", "z", narrower)


def test_figures_of_two_outcomes_that_subtract_to_a_few_people_are_held_back():
    for few, shown in ((3, 1), (12, 2)):
        apart = [gated(together(one), gate()) for one in nested(few)]
        assert sum(len(one.cards) for one in apart) == 2  # each alone gives nothing away: the attack needs both
        both = gated(together(*nested(few)), gate(), lying_within=[("z", "y")])
        assert len([card for card in both.cards if card.observed is not None]) == shown, few


def test_the_same_people_are_printed_alike_for_every_outcome():
    both = gated(together(*nested(12)), gate(), lying_within=[("z", "y")])
    first, second = both.cards
    assert [row.people for row in first.rows] == [row.people for row in second.rows]
    assert (first.outcome, second.outcome) == ("", "z")


def test_people_of_whom_an_outcome_is_not_known_are_a_group_that_must_not_be_few():
    narrower = {cell: (people - 3, observed - 30) for cell, (people, observed) in LARGE.items()}
    both = gated(together(made("ab", None, LARGE), made("ab", "z", narrower), unknown=12), gate())
    assert len(both.cards) == 1  # 150 less 147 people: three whose z nobody knows
    wider = {cell: (people - 13, observed - 30) for cell, (people, observed) in LARGE.items()}
    assert len(gated(together(made("ab", None, LARGE), made("ab", "z", wider), unknown=52), gate()).cards) == 2


def test_the_next_night_remembers_which_outcome_a_figure_was_of():
    door = gate()
    gated(together(*nested(12)), door, lying_within=[("z", "y")])
    groups = earlier_groups(gate(published=door.now))
    assert {(one.part, one.people, one.observed) for one in groups} == {("locked", 150, 60), ("locked z", 150, 48)} | {
        ("searched", 150, 60), ("searched z", 150, 48)
    }  # fmt: skip
    beside = Outcomes(first="y", within=frozenset([("z", "y")]), several=True).side_by_side(groups)
    assert any(one.conditions >= {"outcome y", "outcome z"} and one.people == 48 for one in beside)


def test_which_outcomes_lie_within_others():
    frame = pl.DataFrame({"y": [True, True, False, None], "z": [True, False, False, True], "n": [0, 0, 2, 1]})
    assert within(frame, ["y", "z", "n"]) == (("z", "y"),)


# a table


def table(folder: Path) -> Path:
    draw = np.random.default_rng(5)
    people = 6_000
    holds = {f"c{one}": draw.random(people) < 0.35 for one in range(7)}
    both = holds["c0"] & holds["c1"]
    risk = 1 / (1 + np.exp(1.8 - 0.4 * holds["c2"]))
    more = 1 / (1 + np.exp(1.8 - 0.4 * holds["c2"] - 1.3 * both))
    frame = pl.DataFrame({name: np.where(one, "ja", "nej") for name, one in holds.items()}).with_columns(
        pl.Series("fald, ude", np.where(draw.random(people) < risk, "ja", "nej")),
        pl.Series("indlagt", np.where(draw.random(people) < more, "ja", "nej")),
    )
    frame = frame.with_columns(pl.when(pl.col("c5") == "ja").then(None).otherwise("fald, ude").alias("fald, ude"))
    folder.mkdir(parents=True, exist_ok=True)
    frame.write_csv(folder / "people.csv")
    return folder / "people.csv"


def test_discover_searches_several_outcomes_and_says_of_which_each_finding_is(tmp_path):
    """A name may hold a comma: an outcome is named by an option of its own."""
    result = discover_table(
        table(tmp_path), outcome=["fald, ude", "indlagt"], positive="ja", lock=0.3, self_test_seconds=0.5,
        out=tmp_path / "out", language=Language.DA,
    )  # fmt: skip
    content = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert content["outcome"] == {"column": "fald, ude", "positive": "ja"}
    first, second = content["outcomes"]
    assert first["people_searched"] < second["people_searched"]
    held = [one for one in content["findings"] if one["status"] == "confirmed"]
    assert [one["outcome"]["column"] for one in held] == ["indlagt"]
    page = result.report.read_text(encoding="utf-8")
    assert "Der er ledt efter: fald, ude (intet mønster) og indlagt (ét mønster)." in page
    assert page.count('<figure class="both land">') == 2
    assert "har oftere indlagt" in page or "oftere: indlagt" in page or "indlagt" in page
    assert any(line.startswith("fald, ude: ") for line in result.lines)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"outcome": ["indlagt", "indlagt"]}, "table_outcome_twice"),
        ({"outcome": ["indlagt", "fald, ude"], "positive": ["ja", "ja", "nej"]}, "table_each"),
        ({"outcome": ["indlagt", "nothing"]}, "table_column"),
        ({"outcome": ["indlagt", "c0"], "positive": ["ja", "maybe"]}, "table_positive"),
    ],
)
def test_what_cannot_be_asked_of_several_is_refused(more, key, tmp_path):
    with pytest.raises(InputError, match=key):
        discover_table(table(tmp_path), out=tmp_path / "out", **more)


# the whole way


def asked_for_two(folder):
    """A municipality whose study asks for two outcomes, with a lead that somebody wrote down for each."""
    make_municipality(folder, people=1_500, seed=4)
    text = (folder / "study.toml").read_text(encoding="utf-8").replace("self_test_seconds = 1", "self_test_seconds = 0")
    first = text[text.index("[[outcome]]") :]
    month = first.replace("akut_indlagt_90d", "akut_indlagt_30d").replace("[1, 91]", "[1, 31]")
    month = month.replace('da = "akut indlæggelse"', 'da = "indlæggelse i januar"')
    (folder / "study.toml").write_text(f"{text}\n{month}", encoding="utf-8")
    lead = "flyttet_180d=ja & bor_alene=ja"
    proposals.propose(folder, lead, outcome="akut_indlagt_30d", because="de ansatte ser det")
    proposals.propose(folder, lead, outcome="akut_indlagt_90d", because="de ansatte ser det")
    return folder


def test_two_outcomes_go_the_whole_way(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    folder = asked_for_two(tmp_path / "k")
    study = read_study(folder)
    assert [one.name for one in study.searched] == ["akut_indlagt_90d", "akut_indlagt_30d"]
    lead = "flyttet_180d=ja & bor_alene=ja"
    with pytest.raises(InputError, match="propose_outcome"):
        proposals.propose(folder, lead, outcome="andet", because="x")
    run.run(folder, confirm=True)
    found = state.read(folder / "runs" / "K-0001" / "confirmed.json", Discovery)
    mine = [one for one in found.all_findings if one.proposed]
    assert sorted(str(one.outcome) for one in mine) == ["None", "akut_indlagt_30d"]
    assert all(one.p_confirm is not None for one in mine)
    content = findings.read_json(folder)
    assert {one["outcome"]["column"] for one in content["findings"]} == {"akut_indlagt_90d", "akut_indlagt_30d"}
    released = json.loads((folder / "draft" / "fund.json").read_text())
    assert {one["id"]: one["outcome"] for one in released["findings"]} == {
        one["id"]: one["outcome"] for one in content["findings"]
    }
    assert "udfald" in (folder / "draft" / "fund.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(";")
    lines = listing.list_findings(folder, Language.DA)
    assert any("[indlæggelse i januar]" in line for line in lines)
    january = next(one["id"] for one in content["findings"] if one["outcome"]["column"] == "akut_indlagt_30d")
    assert "Udfald: indlæggelse i januar" in listing.show(folder, january, Language.DA)
    report = state.read(folder / "runs" / "K-0001" / "report.json", Report)
    assert all(one.outcome.seen is not None and "alle i undersøgelsen" in one.outcome.seen.da for one in report.each)
    page = (folder / "draft" / "rapport.UDKAST.html").read_text(encoding="utf-8")
    assert page.count('<figure class="both land">') == 2
    assert "Bilag E. Hele landskabet: indlæggelse i januar" in page
    with pytest.raises(InputError, match="finding_tried"):
        run.confirm(folder, january)
    again = rerun.rerun(folder, "K-0001")
    assert (again.differing, again.lock, again.exit_code) == ((), "same_batches", 0)


def test_an_outcome_that_nobody_in_the_locked_part_has_is_told_and_the_others_leads_are_answered(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    folder = asked_for_two(tmp_path / "k")
    parts = steps.parts
    month = (pl.col("akut_indlagt_30d") & ~pl.col("locked")).alias("akut_indlagt_30d")
    monkeypatch.setattr(steps, "parts", lambda some: parts(some).with_columns(month))
    done = run.run(folder, confirm=True, language=Language.EN)
    released = json.loads((folder / "draft" / "fund.json").read_text())["findings"]
    tried_of = {
        column: [one for one in released if one["outcome"]["column"] == column and one["p_confirm"] is not None]
        for column in ("akut_indlagt_90d", "akut_indlagt_30d")
    }
    answered, january = tried_of.values()
    assert answered
    assert january
    assert {(one["status"], one["p_confirm"], one["unfit"]) for one in january} == {
        ("undecided", 1.0, "outcome_constant")
    }
    assert not any("unfit" in one for one in answered)
    weighed = state.read(folder / "runs" / "K-0001" / "confirmed.json", Discovery).each[0].findings
    assert sum(one.locked is not None for one in weighed) == len(answered)
    said = "in the locked part everybody has the same outcome"
    assert [line for line in done.lines if said in line and f"could not be decided: {len(january)};" in line]
    assert said in (folder / "draft" / "report.UDKAST.en.html").read_text(encoding="utf-8")
    assert "i den låste del har alle samme udfald" in listing.show(folder, january[0]["id"], Language.DA)
    assert attempts.used(folder) >= len(january) + len(answered)
    found = state.read(folder / "runs" / "K-0001" / "discovery.json", Discovery)  # as the next night finds it
    again = tried.with_answers(found, tried.read(folder, read_study(folder))).all_findings
    assert sum(one.unfit == "outcome_constant" for one in again) == len(january)
    with pytest.raises(InputError, match="finding_tried"):
        run.confirm(folder, january[0]["id"])
