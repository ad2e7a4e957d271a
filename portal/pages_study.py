"""What the study rests on: quality, and the Article 30 record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines import verdict
from portal.asking import NOT_FOUND, Ask, Reply, file, page

if TYPE_CHECKING:
    from pipelines.documents.write import Kind
    from reports.documents import Document

__all__ = ["HANDLERS"]

PAPERS = ("article30", "dpia")  # those that need nobody to be named
FORMS = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def quality(ask: Ask) -> Reply:
    """Show sources, what is missing, and which checks failed, as the report prints them."""
    return page(ask, "quality", report=ask.report())


def record(ask: Ask) -> Reply:
    """Show the Article 30 record as the study, the contracts and the releases give it, and the papers to take away."""
    return page(ask, "record", paper=_paper(ask, "article30"), kinds=PAPERS)


def papers(ask: Ask) -> Reply:
    """Give one of the papers as a file: on the last verdict, which is not computed now."""
    kind, _, suffix = ask.path["name"].partition(".")
    if kind not in PAPERS or suffix not in FORMS:
        raise NOT_FOUND
    from pipelines.documents.write import body

    made = body(_paper(ask, kind), suffix)
    shown = suffix == "html"  # a page to read; the others are saved
    return file(made, FORMS[suffix], name=None if shown else f"{kind}.UDKAST.{suffix}")


def _paper(ask: Ask, kind: str) -> Document:
    from pipelines.documents.write import paper

    last = verdict.last(ask.site.workspace)
    controls = last.controls if last is not None else ()
    which: Kind = "dpia" if kind == "dpia" else "article30"
    return ask.site.kept(
        f"{kind} {ask.language.value}",
        lambda: paper(ask.site.workspace, which, ask.language, now=ask.site.clock(), controls=controls),
    )


HANDLERS = {
    ("GET", "/quality"): quality,
    ("GET", "/record"): record,
    ("GET", "/record/{name}"): papers,
}
