"""Papers for DPO and lawyer, as HTML, .docx and JSON: what was asked, what the answer is, and where it stands.

Every paper is a draft. An answer that nobody has given is an open question, told as one; nothing is made up for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from reports.catalogue import Language
from reports.html import environment
from reports.word import laid_out, speaks, word_table
from reports.wording import Speaker

__all__ = ["Document", "Field", "Part", "Table", "document_docx", "document_html", "document_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing a paper must say."""

    label: str
    answer: str  # "" is an open question
    source: str  # where the answer stands, or would stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a heading of their own; the first cell of a row names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One section of a paper."""

    key: str  # the law's own letter or number: "a", "C.2"
    heading: str
    text: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    tables: tuple[Table, ...] = ()
    questions: tuple[str, ...] = ()  # what a person must still answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole paper, in one language."""

    kind: str  # article30, dpia, annexes, breach, access
    language: Language
    title: str
    subject: str  # the study
    controller: str
    law: str
    lead: str
    made: datetime
    made_words: str
    demo: bool
    parts: tuple[Part, ...]
    personal: bool = False  # an answer to one citizen: the only paper with anybody's data
    danish: frozenset[str] = frozenset()  # what the municipality wrote in Danish alone, in a paper that is not

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """Every open question, with the section it stands in."""
        return tuple((part.heading, question) for part in self.parts for question in part.questions)

    def all_text(self) -> str:
        """Return every word of the paper, a line each: what the last net looks through."""
        words = [self.title, self.subject, self.controller, self.law, self.lead]
        for part in self.parts:
            words += [part.heading, *part.text, *part.questions]
            words += [word for one in part.fields for word in (one.label, one.answer, one.source)]
            for table in part.tables:
                words += [table.caption, *table.head, *(cell for row in table.rows for cell in row)]
        return "\n".join(words)


def document_html(paper: Document) -> str:
    """Return the paper as one self-contained HTML file."""
    say = Speaker(paper.language)
    template = environment().get_template("document.html.j2")
    return template.render(paper=paper, say=say, rich=say.rich, language=paper.language.value, marks=_marks(paper, say))


def document_json(paper: Document) -> str:
    """Return the paper as JSON: the same words, for whoever reads them into another system."""
    told: dict[str, Any] = {
        "schema": "undring/document/1",
        "document": paper.kind,
        "draft": True,
        "demo": paper.demo,
        "language": paper.language.value,
        "title": paper.title,
        "subject": paper.subject,
        "controller": paper.controller,
        "law": paper.law,
        "made": paper.made.isoformat(timespec="seconds"),
        "open_questions": len(paper.questions),
        "parts": [_part(part) for part in paper.parts],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def document_docx(paper: Document) -> bytes:
    """Return the paper as a Word file: what is open stands in square brackets, to be filled in by hand."""
    from docx import Document as Word

    say = Speaker(paper.language)
    made: Any = Word()
    about = made.core_properties
    about.title, about.author = f"{paper.title}: {paper.subject}", paper.controller
    speaks(made, paper.language)
    about.created = about.modified = paper.made.replace(tzinfo=None)
    about.last_modified_by, about.comments = "", ""
    laid_out(made, page=say("word.page", page="{page}", pages="{pages}"))
    for section in made.sections:
        section.header.paragraphs[0].text = " · ".join(_marks(paper, say))
    made.add_heading(paper.title, level=0)
    made.add_paragraph(paper.subject)
    made.add_paragraph(f"{paper.controller + ', ' if paper.controller else ''}{paper.made_words}. {paper.law}")
    made.add_paragraph(paper.lead)
    made.add_paragraph(say("document.open", count=len(paper.questions)))
    for part in paper.parts:
        made.add_heading(part.heading, level=1)
        for words in part.text:
            made.add_paragraph(words)
        if part.fields:
            head = tuple(say(f"document.head.{name}") for name in ("what", "answer", "source"))
            rows = [(one.label, one.answer or f"[{say('document.unanswered')}]", one.source) for one in part.fields]
            word_table(made, head, rows, paper.danish)
        for table in part.tables:
            if table.caption:
                made.add_heading(table.caption, level=2)
            word_table(made, table.head, table.rows, paper.danish)
            if table.source:
                made.add_paragraph(f"{say('document.head.source')}: {table.source}")
        for question in part.questions:
            made.add_paragraph(f"[{say('document.question')}: {question}]", style="List Bullet")
    held = BytesIO()
    made.save(held)
    return held.getvalue()


def _marks(paper: Document, say: Speaker) -> list[str]:
    marks = [say("document.draft")]
    if paper.demo:
        marks.append(say("report.demo_long"))
    return marks


def _part(part: Part) -> dict[str, Any]:
    return {
        "key": part.key,
        "heading": part.heading,
        "text": list(part.text),
        "fields": [
            {"label": one.label, "answer": one.answer or None, "source": one.source, "open": not one.answer}
            for one in part.fields
        ],
        "tables": [
            {"caption": one.caption, "head": list(one.head), "rows": [list(row) for row in one.rows],
             "source": one.source}
            for one in part.tables
        ],
        "open_questions": list(part.questions),
    }  # fmt: skip
