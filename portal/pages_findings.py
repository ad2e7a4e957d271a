"""Findings and their cards, from the released report alone: no page here is ever given a true count."""

from __future__ import annotations

from pipelines.errors import InputError
from pipelines.exchange_files import own_recipes
from pipelines.papers import REPORTS
from portal.asking import NOT_FOUND, Ask, Reply, file, page
from reports import cards
from reports.catalogue import Language
from reports.values import Card, Report
from reports.wording import sentence

__all__ = ["HANDLERS"]

PAGES = {
    "rapport": (f"{REPORTS[Language.DA]}.html", "text/html; charset=utf-8"),
    "report": (f"{REPORTS[Language.EN]}.html", "text/html; charset=utf-8"),
    "rapport.pdf": (f"{REPORTS[Language.DA]}.pdf", "application/pdf"),
    "report.pdf": (f"{REPORTS[Language.EN]}.pdf", "application/pdf"),
    "fund.csv": ("fund.csv", "text/csv; charset=utf-8"),
}
STATES = ("card", "discovered", "lead", "undecided", "refuted")


def findings(ask: Ask) -> Reply:
    """List findings and leads, each as its sentence; `show` keeps one kind."""
    report = ask.report()
    show = ask.query.get("show", "")
    say = ask.say
    rows = []
    for number, card in enumerate(report.cards, 1):
        rows.append(
            {
                "id": card.id,
                "kind": "card",
                "state": say("portal.findings.finding", number=number),
                "sentence": sentence(card, report, say),
                "gap": _gap(card, report, ask),
                "step": say(f"portal.step.{cards.step_of(card)}"),
                "owner": card.notes.owner or say("portal.findings.no_owner"),
            }
        )
    for fallen in report.fallen:
        rows.append(
            {
                "id": fallen.id,
                "kind": fallen.status,
                "state": say(f"status.{fallen.status}"),
                "sentence": sentence(fallen, report, say),
                "gap": "",
                "step": "",
                "owner": "",
            }
        )
    kinds = [kind for kind in STATES if any(row["kind"] == kind for row in rows)]
    shown = [row for row in rows if not show or row["kind"] == show]
    whole = any(one.landscape is not None and one.plain is not None for one in report.each)
    return page(ask, "findings", landscape=whole, rows=shown, show=show if show in kinds else "", kinds=kinds)


def finding(ask: Ask) -> Reply:
    """Show one card: front and back, with the pictures of the report."""
    report = ask.report()
    say = ask.say
    for number, card in enumerate(report.cards, 1):
        if card.id == ask.path["finding"]:
            recipe = card.id in own_recipes(ask.site.workspace)
            return page(ask, "finding", report=report, recipe=recipe, card=cards.view(card, number, report, say))
    for fallen in report.fallen:
        if fallen.id == ask.path["finding"]:
            state = say(f"status.{fallen.status}")
            parts = [(say.words(part.label), say.words(part.definition)) for part in fallen.parts]
            return page(ask, "fallen", id=fallen.id, state=state, sentence=sentence(fallen, report, say), parts=parts)
    raise InputError("portal_not_found", file="portal")


def report_file(ask: Ask) -> Reply:
    """Show the draft itself."""
    named = PAGES.get(ask.path["name"])
    if named is None:
        raise NOT_FOUND
    name, kind = named
    path = ask.site.workspace / "draft" / name
    if not path.is_file():
        raise NOT_FOUND
    return file(path.read_bytes(), kind, name=None if kind.startswith("text/html") else name)


def _gap(card: Card, report: Report, ask: Ask) -> str:
    figures = cards.numbers(card, report)
    if figures.gap is None:
        return ask.say(f"portal.findings.words_{card.direction}")
    return cards.gap_words(figures, ask.say, plain=True)


HANDLERS = {
    ("GET", "/findings"): findings,
    ("GET", "/findings/{finding}"): finding,
    ("GET", "/report/{name}"): report_file,
}
