"""A finding goes to a neighbour and an answer comes back: each step does what it says, and refuses what it must."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import answer, answers, exchange_files, ledger, recipe, recipe_mapping, releases, signed_file, state
from pipelines import replicate as replication
from pipelines import run as runs
from pipelines.answer import Answer
from pipelines.errors import InputError
from pipelines.exchange_words import recipe_lines
from pipelines.signed_file import Sealed
from reports.catalogue import Language
from reports.values import Report
from tests.pipelines import exchange_builders as builders

FOUND = "F-2026-001"


@pytest.fixture(scope="module")
def land(tmp_path_factory):
    """Four municipalities: one with a finding whose recipe is out, and three neighbours."""
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("land")
        builders.prepared(patch, place / "home")
        home = builders.municipality(place / "hjem", "Hjem Kommune", seed=1)
        assert builders.finding_id(home, "discovered").endswith("-001")
        builders.municipality(place / "nabo", "Nabo Kommune", seed=2)
        builders.municipality(place / "nul", "Nul Kommune", seed=3, effect=0.0)
        builders.municipality(place / "laas", "Låst Kommune", seed=4, people=6_000, lock=0.5)
        builders.recipe_out(home, builders.finding_id(home, "discovered"))
        yield place


@pytest.fixture
def here(land, tmp_path, monkeypatch):
    """Each test has the municipalities as they were."""
    builders.prepared(monkeypatch, tmp_path / "home")  # it holds each ledger's head: a copy goes on from there
    for name in ("home", "hjem", "nabo", "nul", "laas"):
        shutil.copytree(land / name, tmp_path / name)
    return tmp_path


def recipe_of(here: Path) -> Path:
    return next((here / "hjem" / "outbox").glob("*/*.opskrift.json"))


def finding_of(here: Path) -> str:
    return recipe_of(here).name.split(".")[0]


def mapped(here: Path, who: str) -> Path:
    """Let a neighbour complete its mapping."""
    asked = replication.begin(here / who, recipe_of(here))
    with pytest.raises(InputError, match="replicate_written"):
        tried(here, who)
    mapping = recipe_mapping.mapping_file(here / who, asked.recipe)
    builders.completed(mapping)
    return mapping


def tried(here: Path, who: str, file: Path | None = None, seen: list | None = None, now=None):  # type: ignore[no-untyped-def]
    asked = replication.begin(here / who, file or recipe_of(here))
    ask = (seen if seen is not None else []).append
    by = builders.analyst_of(here / who)
    return replication.replicate(here / who, asked, by, ask=ask, passphrase="demo", now=now)


def answered(here: Path, who: str) -> Path:
    """Take a neighbour the whole way, and return its answer as it went out."""
    mapped(here, who)
    tried(here, who)
    return builders.released(here / who, "answer", finding_of(here), "Hjem Kommune")


def refused(key: str, act, *arguments, **named) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as error:
        act(*arguments, **named)
    assert error.value.key == key
    assert error.value.text("da") != error.value.text("en")


def answer_in(file: Path) -> Answer:
    return answer.read(file).told


def added(here: Path, file: Path) -> None:
    runs.add_answer(here / "hjem", answers.received(here / "hjem", file), file, passphrase="demo")


def status(here: Path) -> str:
    written = json.loads((here / "hjem" / "findings.json").read_text(encoding="utf-8"))
    return next(one["status"] for one in written["findings"] if one["id"] == finding_of(here))


# --- the recipe -------------------------------------------------------------------------------------------------------


def test_a_recipe_holds_standard_names_and_only_figures_that_were_printed(here):
    told = recipe.read(recipe_of(here)).told
    assert [part.variable.meaning.codes for part in told.parts] == [("icpc2:A80",), ("sel:§83",)]
    assert all(part.variable.meaning.standard for part in told.parts)
    printed = json.loads((here / "hjem" / "draft" / "fund.json").read_text(encoding="utf-8"))["findings"][0]
    assert {name: getattr(told.figures, name) for name in ("people", "observed", "expected")} == {
        name: printed[name] for name in ("people", "observed", "expected")
    }
    assert all(cell.people is None or cell.people % 10 == 0 for cell in told.cells)
    true = json.loads((here / "hjem" / "findings.json").read_text(encoding="utf-8"))["findings"][0]
    assert f'"observed": {true["observed"]}' not in recipe_of(here).read_text(encoding="utf-8")
    assert 0 < told.needed_people < 2 * told.figures.people


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda text: text.replace('{lovgrundlag = ["SEL § 83"]}', '{enhed = ["Nord"]}'), "recipe_unit"),
        (lambda text: text.replace('da = "hjaelp"', 'da = "hjælp fra Plejecenter Solbakken"'), "recipe_unit_words"),
        (lambda text: text.replace('["SEL § 83"]', '["SEL § 83", "Team 4"]'), "recipe_unit_words"),
        (lambda text: text.replace('da = "alle"', 'da = "Alle på afdeling B12"'), "recipe_unit_words"),
    ],
)
def test_a_definition_that_names_a_unit_is_refused(here, change, key):
    """Whoever works there would be named with it."""
    study = here / "hjem" / "study.toml"
    study.write_text(change(study.read_text(encoding="utf-8")), encoding="utf-8")
    refused(key, recipe.made, here / "hjem", finding_of(here))


def test_a_finding_that_is_not_shown_in_figures_has_no_recipe(here):
    path = here / "hjem" / "runs" / "K-0001" / "report.json"
    report = state.read(path, Report)
    state.write(path, replace(report, cards=tuple(replace(card, coarse=True) for card in report.cards)))
    refused("recipe_no_card", recipe.made, here / "hjem", finding_of(here))
    refused("finding_unknown", recipe.made, here / "hjem", "F-2026-099")


def test_a_group_that_is_easily_judged_is_named_to_nobody_before_somebody_vouched(here):
    path = here / "hjem" / "runs" / "K-0001" / "report.json"
    report = state.read(path, Report)
    state.write(path, replace(report, cards=tuple(replace(card, needs_yes=True) for card in report.cards)))
    refused("needs_named_yes", recipe.made, here / "hjem", finding_of(here))


def test_a_recipe_goes_out_only_as_it_was_signed_and_as_it_still_is(here):
    work, finding = here / "hjem", finding_of(here)
    draft = work / "exchange" / f"{finding}.opskrift.json"
    ask = {"kind": "recipe", "receiver": "Nabo Kommune", "finding": finding}
    draft.write_bytes(draft.read_bytes().replace(b'"needed_people": ', b'"needed_people": 1'))
    refused("exchange_changed", releases.request, work, builders.signer("analyst"), **ask)
    told = replace(recipe.made(work, finding), needed_people=1)
    signed_file.write(draft, told, builders.signer("analyst"))
    refused("exchange_old", releases.request, work, builders.signer("analyst"), **ask)
    draft.unlink()
    refused("exchange_missing", releases.request, work, builders.signer("analyst"), **ask)
    refused("exchange_missing", releases.request, work, builders.signer("analyst"), **{**ask, "finding": "../x"})
    assert len(releases.read_releases(work)) == 1  # what was refused never was


# --- the mapping ------------------------------------------------------------------------------------------------------


def test_no_guess_counts_before_a_person_has_answered_for_it(here):
    mapping = mapped(here, "nabo")
    text = mapping.read_text(encoding="utf-8")
    assert "faldt (any icpc2:A80 [-180, 0])" in text
    for answered_for, open_ in (
        ("\nsame = true", "\nsame = false"),
        ("\nseen = true", "\nseen = false"),
        ('ours = "art. 6, stk. 1, litra e (eget)"', 'ours = ""'),
        ('ours = "faldt=ja"', 'ours = ""'),
    ):
        assert answered_for in text
        mapping.write_text(text.replace(answered_for, open_, 1), encoding="utf-8")
        refused("replicate_open", tried, here, "nabo")
    assert ledger_actions(here / "nabo") == []


def ledger_actions(workspace: Path) -> list[str]:
    return [one for one in builders.actions(workspace) if one in ("attempt", replication.ACTION)]


def test_the_neighbours_basis_is_never_taken_over(here):
    mapping = mapped(here, "nabo")
    assert (
        'ours = ""'
        in recipe_mapping.write_mapping(here / "nabo", recipe.read(recipe_of(here)).told, *_study(here / "nabo"), "da")
        .read_text(encoding="utf-8")
        .split("[population]")[0]
    )
    assert mapping.exists()


def _study(workspace: Path):  # type: ignore[no-untyped-def]
    from pipelines.contracts import read_contracts
    from pipelines.study import read_study

    return read_study(workspace), read_contracts(workspace)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda text: text + "[[", "mapping_unreadable"),
        (lambda text: text.replace('theirs = "faldt=ja"', 'theirs = "andet=ja"'), "mapping_unreadable"),
        (lambda text: text.replace('pattern = "', 'pattern = "0'), "mapping_other"),
        (lambda text: text.replace('ours = "indlagt"', 'ours = "flyttet"'), "mapping_outcome"),
        (lambda text: text.replace('ours = "faldt=ja"', 'ours = "findes_ikke=ja"'), "pattern_column"),
        (lambda text: text.replace('ours = "faldt=ja"', 'ours = "faldt>=3"'), "pattern_value"),
        (lambda text: text.replace('ours = "alder"', 'ours = "hoejde"'), "mapping_adjust"),
        (lambda text: text.replace('differences = ""', 'differences = "kun Plejecenter Solbakken"'), "mapping_words"),
    ],
)
def test_an_answer_in_the_mapping_that_will_not_do_is_told_and_costs_nothing(here, change, key):
    mapping = mapped(here, "nabo")
    mapping.write_text(change(mapping.read_text(encoding="utf-8")), encoding="utf-8")
    refused(key, tried, here, "nabo")
    assert ledger_actions(here / "nabo") == []


# --- the test ---------------------------------------------------------------------------------------------------------


def test_a_pattern_that_is_there_is_found_again_and_paid_for_before_it_is_read(here):
    mapped(here, "nabo")
    seen: list = []
    told, path, fresh = tried(here, "nabo", seen=seen)
    assert (told.verdict, told.direction, fresh) == ("found_again", "more", True)
    assert told.figures is not None
    assert told.figures.gap_low > 0
    assert told.figures.people % 10 == 0
    assert seen[0].people % 10 == 0
    assert seen[0].enough
    assert ledger_actions(here / "nabo") == [replication.ACTION]
    told = recipe.read(recipe_of(here)).told
    assert path.name == f"{exchange_files.name_of(told.municipality, told.study, told.finding)}.svar.json"


def test_a_pattern_that_is_not_there_is_not(here):
    mapped(here, "nul")
    assert tried(here, "nul")[0].verdict in ("not_found", "too_few")


def test_nothing_is_paid_or_read_where_nobody_says_yes(here, monkeypatch):
    mapped(here, "nabo")
    asked = replication.begin(here / "nabo", recipe_of(here))

    def no(seen: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("analysis.replicate.confirm", None)  # whoever reads an outcome falls
    with pytest.raises(KeyboardInterrupt):
        replication.replicate(here / "nabo", asked, builders.signer("analyst"), ask=no, passphrase="demo")
    assert ledger_actions(here / "nabo") == []
    assert replication.read_record(here / "nabo").tried == ()


def test_with_a_lock_it_is_tried_in_the_locked_part_and_costs_an_attempt(here):
    mapped(here, "laas")
    seen: list = []
    told, _, _ = tried(here, "laas", seen=seen)
    lines = [line for line in ledger.evidence(here / "laas") if line["action"] == "attempt"]
    assert [line["leads"] for line in lines][-1] == 1
    assert told.people_tested == "locked"
    assert seen[0].locked
    assert seen[0].left == 20 - sum(int(line["leads"]) for line in lines[:-1])
    assert told.people < 300  # of 6,000 people half are locked, and one in sixteen has both


def test_an_empty_account_refuses_before_anything_is_read(here, monkeypatch):
    mapped(here, "laas")
    monkeypatch.setattr(replication.attempts, "used", lambda workspace: 20)
    refused("attempts_spent", tried, here, "laas")


def test_a_second_time_the_record_answers_whatever_the_mapping_says_by_then(here):
    mapping = mapped(here, "nabo")
    first, _, _ = tried(here, "nabo")
    text = mapping.read_text(encoding="utf-8").replace('ours = "faldt=ja"', 'ours = "flyttet=ja"')
    mapping.write_text(text, encoding="utf-8")
    again, path, fresh = tried(here, "nabo")
    assert not fresh
    assert again == first
    path.unlink()
    mapping.unlink()
    assert tried(here, "nabo")[0] == first
    assert ledger_actions(here / "nabo") == [replication.ACTION]


def test_a_test_that_was_killed_after_it_was_paid_goes_on_with_the_mapping_it_was_paid_for(here, monkeypatch):
    mapping = mapped(here, "nabo")
    with monkeypatch.context() as killed:
        killed.setattr(replication, "_printed", lambda *some, **more: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tried(here, "nabo")
    text = mapping.read_text(encoding="utf-8").replace('ours = "faldt=ja"', 'ours = "flyttet=ja"')
    mapping.write_text(text, encoding="utf-8")
    told, _, fresh = tried(here, "nabo")
    assert fresh
    assert [one.da for one in told.parts] == ["faldt", "hjaelp"]
    assert ledger_actions(here / "nabo") == [replication.ACTION]


def test_the_same_question_from_another_municipality_is_no_second_test(here):
    mapped(here, "nabo")
    first, _, _ = tried(here, "nabo")
    told = replace(recipe.read(recipe_of(here)).told, municipality="Tredje Kommune", finding="F-2026-007")
    other = here / "F-2026-007.opskrift.json"
    signed_file.write(other, told, builders.signer("analyst"))
    with pytest.raises(InputError, match="replicate_written"):
        tried(here, "nabo", other)
    builders.completed(recipe_mapping.mapping_file(here / "nabo", told))
    second, _, fresh = tried(here, "nabo", other, now=datetime.now(UTC) + timedelta(days=3))
    assert not fresh
    assert second.figures == first.figures
    assert second.tried == first.tried  # the day of the one test
    assert ledger_actions(here / "nabo") == [replication.ACTION]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"kind": "count"}, "replicate_kind"),
        ({"scale": "additive"}, "replicate_kind"),
        ({"municipality": " nabo kommune "}, "recipe_own"),
        ({"parts": ()}, "exchange_schema"),
    ],
)
def test_a_recipe_that_cannot_be_tried_here_is_told_before_anything_is_written(here, change, key):
    other = here / "x.opskrift.json"
    signed_file.write(other, replace(recipe.read(recipe_of(here)).told, **change), builders.signer("analyst"))
    refused(key, tried, here, "nabo", other)
    assert not list((here / "nabo").glob("fund/*.toml"))


def test_a_demos_recipe_spends_nothing_of_people_who_exist(here):
    study = here / "nabo" / "study.toml"
    study.write_text(study.read_text(encoding="utf-8").replace("demo = true", "demo = true\ninvented = false"), "utf-8")
    refused("recipe_demo", tried, here, "nabo")


def test_where_too_few_have_it_nothing_is_spent(here, monkeypatch):
    from analysis import visible

    mapped(here, "nabo")
    monkeypatch.setattr(visible, "sight", lambda *some, **more: visible.Sight(people=9, needed=100, power=0.1))
    refused("replicate_nobody", tried, here, "nabo")
    assert ledger_actions(here / "nabo") == []


# --- the answer -------------------------------------------------------------------------------------------------------


def test_an_answer_that_found_it_again_takes_the_finding_to_the_third_step(here):
    assert status(here) == "discovered"
    added(here, answered(here, "nabo"))
    assert status(here) == "replicated"
    page = (here / "hjem" / "draft" / "rapport.UDKAST.html").read_text(encoding="utf-8")
    assert re.search(r'<li class="[^"]*on[^"]*"[^>]*><b>[^<]*3 Genfundet', page)
    assert "genfundet</strong> i en anden kommune" in page
    added(here, answered(here, "nul"))
    page = (here / "hjem" / "draft" / "rapport.UDKAST.html").read_text(encoding="utf-8")
    assert "i 1 af 2 kommuner" in page
    assert status(here) == "replicated"
    english = (here / "hjem" / "draft" / "report.UDKAST.en.html").read_text(encoding="utf-8")
    assert "1 of 2 municipalities" in english
    printed = json.loads((here / "hjem" / "draft" / "fund.json").read_text(encoding="utf-8"))
    assert printed["findings"][0]["status"] == "replicated"


def test_an_answer_that_did_not_is_counted_and_the_finding_stays_where_it_was(here):
    added(here, answered(here, "nul"))
    assert status(here) == "discovered"
    page = (here / "hjem" / "draft" / "rapport.UDKAST.html").read_text(encoding="utf-8")
    assert "prøvet i én anden kommune" in page


def test_the_same_municipality_counts_once(here):
    file = answered(here, "nabo")
    added(here, file)
    refused("answer_again", added, here, file)
    draft = here / "nabo" / "exchange" / file.name
    told = answer_in(draft)
    signed_file.write(draft, replace(told, made="2027-01-01"), builders.signer("decider"))  # another person there
    added(here, draft)
    assert answers.standing(here / "hjem", finding_of(here)).asked == 1


def test_one_pair_of_eyes_is_not_two_municipalities(here):
    file = answered(here, "nabo")
    added(here, file)
    told = answer_in(file)
    other = here / "other.svar.json"
    signed_file.write(other, replace(told, municipality="Fjerde Kommune"), builders.analyst_of(here / "nabo"))
    refused("answer_key", added, here, other)
    assert answers.standing(here / "hjem", finding_of(here)).asked == 1


def test_an_altered_or_foreign_answer_is_refused(here):
    file = answered(here, "nul")
    forged = here / "forged.svar.json"
    verdict = answer_in(file).verdict
    forged.write_bytes(file.read_bytes().replace(verdict.encode(), b"found_again"))
    refused("exchange_changed", added, here, forged)
    told = answer_in(file)
    for change, key in (
        ({"recipe_sha256": "0" * 64}, "answer_other"),
        ({"finding": "F-2026-002"}, "answer_other"),
        ({"municipality": "HJEM KOMMUNE"}, "answer_own"),
    ):
        signed_file.write(forged, replace(told, **change), builders.signer("analyst"))
        refused(key, added, here, forged)
    assert status(here) == "discovered"


def test_an_answer_laid_in_the_folder_by_hand_does_not_count(here):
    """Only what the ledger saw taken in does: the twin of the test above it, without the ledger's line."""
    file = answered(here, "nabo")
    folder = here / "hjem" / "fund" / "svar"
    folder.mkdir(parents=True)
    shutil.copyfile(file, folder / file.name)
    assert answers.standing(here / "hjem", finding_of(here)).asked == 0
    added(here, file)
    assert answers.standing(here / "hjem", finding_of(here)).found == 1


def test_an_answer_goes_out_only_as_the_record_says_it(here):
    mapped(here, "nul")
    told, path, _ = tried(here, "nul")
    signed_file.write(path, replace(told, verdict="found_again"), builders.signer("analyst"))
    ask = {"kind": "answer", "receiver": "Hjem Kommune", "finding": finding_of(here)}
    refused("exchange_old", releases.request, here / "nul", builders.signer("analyst"), **ask)


def test_a_known_key_need_not_be_read_aloud_again(here):
    file = answered(here, "nabo")
    found: Sealed = answers.received(here / "hjem", file)
    assert not answers.known_key(here / "hjem", found)
    added(here, file)
    assert answers.known_key(here / "hjem", found)


def test_rates_of_time_are_told_with_their_unit_and_those_of_people_without(here):
    known = recipe.read(recipe_of(here))
    rates = replace(known, told=replace(known.told, unit="years"))
    for language, words in ((Language.DA, "personår"), (Language.EN, "person-years")):
        assert not any(words in line for line in recipe_lines(known, language))
        assert any(f"1.000 {words}" in line or f"1,000 {words}" in line for line in recipe_lines(rates, language))
