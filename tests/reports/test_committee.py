"""The committee paper and the text to citizens: drafts, with no number that the report does not hold."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from docx import Document

from reports import render_report
from reports.committee import citizen_text, committee_paper
from tests.reports import builders

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
    assert paper.core_properties.language == language


def test_the_same_report_gives_the_same_words_and_a_released_one_no_draft_mark() -> None:
    report = replace(builders.example_report(), draft=False, demo=False)
    first, mark = _text(committee_paper(report))
    assert first == _text(committee_paper(report))[0]
    assert "UDKAST" not in mark
