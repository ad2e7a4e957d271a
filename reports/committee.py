"""Two papers for people, as .docx from the report's own words: the committee paper, and a text to the citizens.

Both are drafts: what only the administration knows stands in square brackets, to be filled in by hand.
"""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO
from typing import Any

from reports import cards, html, rates
from reports.catalogue import Language
from reports.numbers import day
from reports.values import Report
from reports.word import laid_out, speaks
from reports.wording import Speaker, sentence

__all__ = ["citizen_text", "committee_paper"]


def committee_paper(report: Report, language: Language | str = Language.DA) -> bytes:
    """Return the two pages that a committee decides on: summary, background, proposal, money, law, who was heard."""
    say = Speaker(Language(language))
    paper = _begun(report, say, say("committee.title"))
    _heading(paper, say("committee.summary"))
    paper.add_paragraph(html.heading(report, say) + ".")
    paper.add_paragraph(html.lead(report, say))
    for number, card in enumerate(report.cards, start=1):
        view = cards.view(card, number, report, say)
        paper.add_paragraph(f"{sentence(card, report, say)}. {view['brief']}", style="List Number")
    _heading(paper, say("committee.background"))
    paper.add_paragraph(
        f"{say.words(report.purpose).rstrip('.')}. {say.words(report.population_definition).rstrip('.')}."
    )
    runs = rates.rounded(1 / report.technical.alpha)
    paper.add_paragraph(say("committee.how", people=report.people, searched=report.funnel.searched, runs=runs))
    if report.placebo_runs:
        told = {"placebo": report.placebo_runs, "false": report.placebo_false}
        paper.add_paragraph(say("report.first.chance_placebo", told))
    _heading(paper, say("committee.not"))
    for key in ("not_1", "not_2", "not_3" if report.cards else "not_3_none"):
        paper.add_paragraph(say(f"report.first.{key}").replace("**", ""), style="List Bullet")
    _heading(paper, say("committee.proposal"))
    paper.add_paragraph(say("committee.proposal_lead"))
    for key in ("note", "owner", "test") if report.cards else ("note_none", "next_none"):
        paper.add_paragraph(say(f"committee.{key}"), style="List Number 2")
    for card in report.cards:
        if card.notes.smallest_test is not None:
            paper.add_paragraph(f"{card.id}: {say.words(card.notes.smallest_test)}", style="List Bullet")
    for key in ("money", "law", "heard"):
        _heading(paper, say(f"committee.{key}"))
        paper.add_paragraph(say(f"committee.{key}_text", basis=report.legal_basis))
    return _written(paper)


def citizen_text(report: Report, language: Language | str = Language.DA) -> bytes:
    """Return the text that tells citizens what was done with information about them, and what they can do."""
    say = Speaker(Language(language))
    paper = _begun(report, say, say("citizens.title"))
    for part in ("what", "data", "care", "you", "found"):
        _heading(paper, say(f"citizens.{part}"))
        facts: dict[str, str | int] = {
            "purpose": say.words(report.purpose).rstrip("."),
            "population": say.words(report.population_definition).rstrip("."),
            "basis": report.legal_basis,
            "smallest": report.technical.smallest_group,
            "controller": report.controller,
            "contact": report.dpo_contact,
        }
        paper.add_paragraph(say(f"citizens.{part}_text", facts))
        if part == "data":
            for source in report.sources:
                paper.add_paragraph(say.words(source.name), style="List Bullet")
    for card in report.cards:
        paper.add_paragraph(sentence(card, report, say) + ".", style="List Bullet")
    return _written(paper)


def _begun(report: Report, say: Speaker, title: str) -> Any:
    from docx import Document

    paper = Document()
    about = paper.core_properties
    about.title, about.author = f"{title}: {say.words(report.title)}", report.controller
    speaks(paper, say.language)
    laid_out(paper, page=say("word.page", page="{page}", pages="{pages}"))
    made = datetime.combine(report.made, time())
    about.created = about.modified = made
    about.last_modified_by, about.comments = "", ""
    marks = [say("report.draft")] if report.draft else []
    marks += [say("report.demo_long")] if report.demo else []
    if marks:
        paper.sections[0].header.paragraphs[0].text = " · ".join(marks)
    paper.add_heading(title, level=0)
    where = (
        f"{report.controller}, {day(report.made, say.language)}"
        if report.controller
        else day(report.made, say.language)
    )
    paper.add_paragraph(f"{say.words(report.title)}. {where}.")
    return paper


def _heading(paper: Any, words: str) -> None:
    paper.add_heading(words, level=1)


def _written(paper: Any) -> bytes:
    held = BytesIO()
    paper.save(held)
    return held.getvalue()
