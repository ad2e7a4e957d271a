"""What people write beside a finding, and what the tool proposes until they do: one gate for all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analysis.values import Condition, NegativeControl, Robustness, YearGap
from pipelines import release_files, state
from pipelines.doubts import proposed_objection
from pipelines.errors import InputError
from pipelines.findings import numbered
from pipelines.fund import notes_of
from pipelines.learning import read_learning
from pipelines.release_files import refuse_without_yes
from pipelines.run import DONE
from pipelines.words import ColumnWords
from reports import render_report
from reports.values import Said, Words
from tests.pipelines.release_builders import workspace
from tests.pipelines.test_release import LARGE, finding
from tests.reports import builders

WORDS = Words(da="x", en="x")


def test_the_proposed_objection_follows_the_causal_checklist() -> None:
    plain = replace(finding(LARGE, "a", "b"), locked=None)

    def said(**told: object) -> str:
        robustness = Robustness(resamples=1, same_sign=1.0, half_size=1.0, **told)  # type: ignore[arg-type]
        return proposed_objection(replace(plain, search=replace(plain.search, robustness=robustness)), {}).en

    assert "third thing" in said()
    assert "year to year" in said(
        years=tuple(YearGap(year=str(y), people=60, observed=o, expected=10.0) for y, o in ((1, 20), (2, 5), (3, 4)))
    )
    assert "selected" in said(controls=(NegativeControl(name="z", p=1e-6, ratio=2.0),))
    unknown = replace(plain, conditions=(Condition(column="a", operator="==", value=None), plain.conditions[1]))
    assert "missing" in proposed_objection(unknown, {}).en
    assert "died or moved" in proposed_objection(replace(plain, direction="fewer"), {}).en
    given = {"a": ColumnWords(label=WORDS, service=True)}
    assert "need" in proposed_objection(plain, given).en


def test_what_a_person_wrote_stands_in_place_of_the_proposal(tmp_path: Path) -> None:
    items = numbered([finding(LARGE, "a", "b")])
    (tmp_path / "fund").mkdir()
    assert "tredje ting" in notes_of(tmp_path, items)["F-001"].objection.da
    (tmp_path / "fund" / "F-001.yaml").write_text("indvending: Vi målte forkert\nejer: Sygeplejen\n", encoding="utf-8")
    notes = notes_of(tmp_path, items)["F-001"]
    assert (notes.objection.da, notes.owner) == ("Vi målte forkert", "Sygeplejen")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("sundhed:\n  - laert: De 3 borgere faldt\n", "fund_few"),
        ("sundhed:\n  - laert: Ring til 710199-1234\n", "fund_names_somebody"),
        ("vejret:\n  - laert: Det regner\n", "learning_field"),
        ("sundhed:\n  - anderledes: Intet\n", "learning_field"),
        ("sundhed: [", "fund_not_read"),
    ],
)
def test_a_learning_log_passes_the_same_gate(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "laering.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=key):
        read_learning(tmp_path)


def test_lessons_are_read_by_kind_in_both_languages(tmp_path: Path) -> None:
    assert read_learning(tmp_path) == ()
    (tmp_path / "laering.yaml").write_text(
        "samarbejde:\n  - laert: {da: Vi spurgte sent, en: We asked late}\n    anderledes: Spørg først\n"
        "    ejer: Sekretariatet\n",
        encoding="utf-8",
    )
    (lesson,) = read_learning(tmp_path)
    assert (lesson.kind, lesson.learned.en, lesson.differently.da) == ("together", "We asked late", "Spørg først")
    assert lesson.who == "Sekretariatet"


FIELD = """kendt: {rolle: leder af hjemmeplejen, dato: 2026-11-03, svar: Anet}
laest:
  - {rolle: visitator, dato: 2026-11-05}
pris: 40 timer
proeves_igen: 2027-11-01
afproevet: {rolle: projektleder, dato: 2027-03-01, resultat: Færre faldt}
"""


def test_what_the_field_says_stands_by_role_and_day(tmp_path: Path) -> None:
    (tmp_path / "fund").mkdir()
    (tmp_path / "fund" / "F-001.yaml").write_text(FIELD, encoding="utf-8")
    notes = notes_of(tmp_path, numbered([finding(LARGE, "a", "b")]))["F-001"]
    assert notes.known == Said(role="leder af hjemmeplejen", on=date(2026, 11, 3), words=Words(da="Anet", en="Anet"))
    assert notes.read_by == (Said(role="visitator", on=date(2026, 11, 5)),)
    assert (notes.cost, notes.again) == (Words(da="40 timer", en="40 timer"), date(2027, 11, 1))
    assert notes.practice is not None
    assert notes.practice.words == Words(da="Færre faldt", en="Færre faldt")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("kendt: ja\n", "fund_said"),
        ("kendt: {rolle: visitator, svar: Ja}\n", "fund_said"),
        ("kendt: {rolle: visitator, dato: i går, svar: Ja}\n", "fund_said"),
        ("laest:\n  - {rolle: karen jensen, dato: 2026-11-05}\n", "fund_said"),  # a role is no person
        ("laest:\n  - {rolle: '', dato: 2026-11-05}\n", "fund_said"),
        ("afproevet: {rolle: leder, dato: 2026-11-05}\n", "fund_said"),
        ("proeves_igen: til næste år\n", "fund_day"),
        ("laest:\n  - {rolle: visitator, dato: 2026-11-05, svar: 3 borgere}\n", "fund_few"),
    ],
)
def test_what_the_field_says_is_refused_where_a_part_is_missing(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "fund").mkdir()
    (tmp_path / "fund" / "F-001.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        notes_of(tmp_path, numbered([finding(LARGE, "a", "b")]))
    assert refused.value.key == key


def test_a_group_that_is_easily_judged_is_named_in_no_release_before_somebody_vouches_for_it(tmp_path: Path) -> None:
    card = replace(builders.pair_card(), needs_yes=True)
    yes = Said(role="direktør", on=date(2026, 11, 20))
    allowed = replace(card, notes=replace(card.notes, yes=yes))
    here = workspace(tmp_path / "ws")
    place = here / "runs" / "K-0001" / "report.json"
    place.parent.mkdir(parents=True)
    (place.parent / DONE).write_text("{}")
    for shown, refused in ((card, True), (allowed, False)):
        report = replace(builders.example_report(), cards=(shown,))
        state.write(place, report)
        page = render_report(report, "da")
        assert ("mangler et navngivet ja" in page) == refused
        if not refused:
            assert "Direktør, 20. november 2026" in page
            refuse_without_yes(report, file=here / "fund")
            continue
        with pytest.raises(InputError) as told:
            release_files.write_files(here, tmp_path / "files", "report", receiver="Alle", study_passphrase=None)
        assert told.value.key == "needs_named_yes"
        assert not list((tmp_path / "files").iterdir())
