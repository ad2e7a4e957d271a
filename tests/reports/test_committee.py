"""The committee paper and the text to citizens: drafts, with no number that the report does not hold."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from docx import Document
from docx.oxml.ns import qn

from reports import render_report
from reports.committee import citizen_text, committee_paper
from tests.reports import builders
from tests.reports.test_catalogue import lix

LANGUAGES = ("da", "en")
REPORTS = {"example": builders.example_report, "empty": builders.empty_report}


def _text(content: bytes) -> tuple[str, str]:
    paper = Document(io.BytesIO(content))
    return "\n".join(one.text for one in paper.paragraphs), paper.sections[0].header.paragraphs[0].text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("make", [committee_paper, citizen_text])
def test_a_paper_holds_no_number_that_the_report_does_not(name: str, language: str, make) -> None:  # type: ignore[no-untyped-def]
    report = REPORTS[name]()
    text, mark = _text(make(report, language))
    page = BeautifulSoup(render_report(report, language), "html.parser").text
    printed = set(re.findall(r"\d[\d.,]*\d|\d", page))
    assert set(re.findall(r"\d[\d.,]*\d|\d", text)) <= printed
    assert mark.startswith({"da": "UDKAST", "en": "DRAFT"}[language]) == report.draft
    assert "[" in text  # what people must fill in


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paper_has_its_parts_in_order_and_asks_for_the_small_test(language: str) -> None:
    paper = Document(io.BytesIO(committee_paper(builders.example_report(), language)))
    headings = [one.text for one in paper.paragraphs if one.style.name == "Heading 1"]
    assert len(headings) == 7
    text = "\n".join(one.text for one in paper.paragraphs)
    assert builders.pair_card().notes.smallest_test is not None
    assert getattr(builders.pair_card().notes.smallest_test, language) in text
    tag = {"da": "da-DK", "en": "en-GB"}[language]
    assert paper.core_properties.language == tag
    assert {one.get(qn("w:val")) for one in paper.styles.element.iter(qn("w:lang"))} == {tag}


def test_the_same_report_gives_the_same_words_and_a_released_one_no_draft_mark() -> None:
    report = replace(builders.example_report(), draft=False, demo=False)
    first, mark = _text(committee_paper(report))
    assert first == _text(committee_paper(report))[0]
    assert "UDKAST" not in mark


@pytest.mark.parametrize("make", [committee_paper, citizen_text])
def test_no_heading_skips_a_level(make) -> None:  # type: ignore[no-untyped-def]
    styles = [one.style.name for one in Document(io.BytesIO(make(builders.example_report()))).paragraphs]
    levels = [int(name[-1]) if name[-1].isdigit() else 0 for name in styles if name.startswith(("Heading", "Title"))]
    assert levels[0] == 0
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_text_to_citizens_is_plain() -> None:
    """LIX of 40 at most, as page 1; legal bases, registers and titles are the study's own words."""
    paper = Document(io.BytesIO(citizen_text(builders.example_report())))
    body = [one.text for one in paper.paragraphs if one.style.name == "Normal" and "Grundlaget" not in one.text]
    sentences = [one for text in body for one in re.split(r"(?<=[.!?:])\s+(?=[A-ZÆØÅ])", text)]
    assert len(sentences) > 8
    assert lix(sentences) <= 40
    assert max(len(one.split()) for one in sentences) <= 25
