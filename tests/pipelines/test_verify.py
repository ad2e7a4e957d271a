"""A card is computed again from what is printed; whichever printed figure is changed, it is missed by name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipelines.errors import InputError
from pipelines.papers import REPORTS
from pipelines.verify import lines, verify
from reports import render_report
from reports.catalogue import Language
from reports.data_files import fund_json
from tests.reports import builders

LANGUAGES = (Language.DA, Language.EN)


def workspace(folder: Path, change=lambda page: page) -> Path:  # type: ignore[no-untyped-def]
    report = builders.example_report()
    (folder / "draft").mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        page = change(render_report(report, language))
        (folder / "draft" / f"{REPORTS[language]}.html").write_text(page, encoding="utf-8")
    (folder / "draft" / "fund.json").write_text(json.dumps(fund_json(report)), encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_an_honest_card_agrees(tmp_path: Path, language: Language) -> None:
    here = workspace(tmp_path)
    for card in builders.example_report().cards:
        checked = verify(here, card.id, language)
        assert len(checked) >= 15
        assert [one for one in checked if not one.agrees] == []
        assert lines(checked, language)[-1].startswith(("Alle", "All"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("label", ["bmi at least 22.5", "born: before 1940, e.g. 1939", "a (b) [c] + d?"])
def test_whatever_a_part_is_called_an_honest_card_agrees(tmp_path: Path, language: Language, label: str) -> None:
    def named(page: str) -> str:
        for old in ("flyttet for nylig", "moved recently"):
            page = page.replace(old, label)
        return page

    here = workspace(tmp_path, named)
    checked = verify(here, builders.example_report().cards[0].id, language)
    assert label in (here / "draft" / f"{REPORTS[language]}.html").read_text(encoding="utf-8")
    assert [one for one in checked if not one.agrees] == []


def _changed(place: str):  # type: ignore[no-untyped-def]
    """Raise one printed figure of the first card by ten."""
    patterns = {
        "rate": r'(Kun flyttet for nylig</th>(?:<td class="n">[\d.]+</td>){3}<td class="n">)(\d+)',
        "interval": r'(Kun flyttet for nylig</th>(?:<td class="n">[\d.]+</td>){4}<td class="n">)(\d+)',
        "row": r'(Kun flyttet for nylig</th>(?:<td class="n">[\d.]+</td>){2}<td class="n">)(\d+)',
        "sum": r"(lige så mange, som vi så: )(\d+)",
        "front": r'(<strong class="obs">)(\d+)',
        "gap": r'(<strong class="sur">)(\d+)',
        "expected": r"(Det forventede antal er )(\d+)",
        "crude": r"(Uden dem er forskellen )(\d+)",
        "searched": r"(I søgningen: )(\d+)",
        "hidden": r"(E-værdi )(\d+)",
    }

    def change(page: str) -> str:
        new, times = re.subn(patterns[place], lambda m: m[1] + str(int(m[2]) + 10), page, count=1)
        return new if times else page

    return change


@pytest.mark.parametrize(
    "place", ["rate", "interval", "front", "gap", "expected", "crude", "searched", "hidden", "row", "sum"]
)
def test_a_changed_figure_is_missed(tmp_path: Path, place: str) -> None:
    here = workspace(tmp_path, _changed(place))
    wrong = [one for one in verify(here, builders.example_report().cards[0].id, Language.DA) if not one.agrees]
    assert wrong


def test_a_finding_without_a_card_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="finding_no_card"):
        verify(workspace(tmp_path), "F-2026-999", Language.DA)
