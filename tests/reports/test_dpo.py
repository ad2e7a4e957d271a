"""The DPO's page: the verdict is the truth about the controls, and no code of ours is left unworded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from reports import render_dpo
from reports.values import Control, Words
from tests.reports import builders


def soup(page, language="da"):
    return BeautifulSoup(render_dpo(page, language), "html.parser")


def with_control(name, passed, **facts):
    controls = tuple(
        Control(key=one.key, passed=passed, facts=tuple(facts.items())) if one.key == f"control.{name}" else one
        for one in builders.example_dpo().controls
    )
    return replace(builders.example_dpo(), controls=controls)


def test_nine_of_nine_is_said_first():
    page = soup(builders.example_dpo())
    assert page.h1.text.strip() == "✓ Ingen fejl: 9 af 9 kontroller bestået"
    assert "bad" not in page.select_one("section.verdict")["class"]


@pytest.mark.parametrize("name", builders.CONTROLS)
@pytest.mark.parametrize("language", ["da", "en"])
def test_one_failed_control_turns_the_verdict_red_by_name(name, language):
    page = soup(with_control(name, False), language)
    failed = page.select_one("#bevis .no").parent.get_text(" ").replace("✕", "").strip()
    assert "bad" in page.select_one("section.verdict")["class"]
    assert failed in page.h1.text
    assert failed in page.title.text
    assert page.h1.text.strip().startswith("✕")


def test_a_control_that_does_not_apply_yet_is_not_counted_as_passed():
    page = soup(with_control("witness", None, reason="no_checkpoint"))
    assert "8 af 9" in page.h1.text
    assert "some" in page.select_one("section.verdict")["class"]


def test_nothing_waiting_and_nothing_released_is_said():
    page = soup(replace(builders.example_dpo(), waiting=(), package=(), nights=(), acts=(), deadlines=()))
    assert "Der venter ikke noget." in page.text
    assert "Intet." in page.select_one("#ude").text


def test_an_unknown_code_is_shown_as_it_is_and_breaks_nothing():
    page = with_control("chain", True, weather="fine")
    page = replace(page, controls=(*page.controls, Control(key="control.moon", passed=True)))
    assert "moon" in soup(page).text
    assert "Weather: fine" in soup(page).text


def test_danish_and_english_are_the_same_tree():
    trees = [
        [(tag.name, tag.get("id")) for tag in soup(builders.example_dpo(), one).find_all(True)] for one in ("da", "en")
    ]
    assert trees[0] == trees[1]


def test_a_night_that_stopped_is_explained_in_words_and_in_the_pictures_alternative():
    page = soup(builders.example_dpo())
    assert "17. november 2026 stoppede kørslen." in page.text
    assert "17. november 2026: stoppede." in page.svg.title.text


def test_what_is_typed_is_text():
    evil = Words(da="<script>x</script>", en="<script>x</script>")
    assert not soup(replace(builders.example_dpo(), waiting=(evil,), title=evil)).select("script, form, link")
