"""The papers that the law asks for: Article 30 record, assessment, a processor's annexes, a breach with its clock."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from pipelines import breaches, verdict
from pipelines.errors import InputError
from portal.asking import NOT_FOUND, Ask, Reply, file, page, to
from reports.numbers import HERE

if TYPE_CHECKING:
    from pipelines.documents.write import Kind
    from pipelines.legal import Receiver
    from reports.documents import Document

__all__ = ["HANDLERS", "record_as_json"]

FORMS = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def record(ask: Ask) -> Reply:
    """Show the Article 30 record as the study, the contracts and the releases give it, and the papers to take away."""
    return page(ask, "record", paper=_paper(ask, "article30"), kinds=("article30", "dpia"), processors=_processors(ask))


def annexes(ask: Ask) -> Reply:
    """Show annexes A-C for one of the processors that the study names."""
    found = _processors(ask)
    chosen = ask.query.get("to", "1")
    number = int(chosen) if chosen.isdecimal() and len(chosen) < 4 else 0
    if found and not 1 <= number <= len(found):
        raise NOT_FOUND
    paper = _paper(ask, "annexes", number) if found else None
    return page(ask, "annexes", paper=paper, processors=found, number=number)


def breach(ask: Ask) -> Reply:
    """Show the clock of each breach that is open, with the draft of its notice, and those that are over."""
    now = ask.site.clock()
    told = ask.site.breaches()
    open_ = [one for one in told if not one.ended]
    return page(
        ask,
        "breach",
        opened=[(one, one.hours_left(now), _paper(ask, "breach", one.number)) for one in open_],
        over=[one for one in told if one.ended],
        hours=breaches.HOURS,
        endings=breaches.ENDINGS,
        days=_days(ask),
    )


def breach_known(ask: Ask) -> Reply:
    """Start the clock: when the municipality knew, as somebody says under their own passphrase."""
    day, hour, minute = (ask.form.get(name, "") for name in ("day", "hour", "minute"))
    if not (hour.isdecimal() and minute.isdecimal()):
        raise InputError("portal_choice", file="portal")
    breaches.start(ask.site.workspace, f"{day} {hour}:{minute}", ask.signer().account, now=ask.site.clock())
    return to("/breach")


def breach_end(ask: Ask) -> Reply:
    """Stop the clock of one breach, and why."""
    number = ask.form.get("breach", "")
    if not number.isdecimal() or len(number) > 9:
        raise InputError("portal_choice", file="portal")
    account = ask.signer().account
    breaches.end(ask.site.workspace, int(number), ask.form.get("ending", ""), account, now=ask.site.clock())
    return to("/breach")


def papers(ask: Ask) -> Reply:
    """Give one of the papers as a file: on the last verdict, which is not computed now."""
    name, _, suffix = ask.path["name"].partition(".")
    kind, _, number = name.partition("-")
    if suffix not in FORMS or kind not in ("article30", "dpia", "annexes", "breach"):
        raise NOT_FOUND
    if (kind in ("annexes", "breach")) != (number.isdecimal() and len(number) < 10):
        raise NOT_FOUND
    from pipelines.documents.write import body

    made = body(_paper(ask, kind, int(number or 0)), suffix)
    shown = suffix == "html"  # a page to read; the others are saved
    return file(made, FORMS[suffix], name=None if shown else f"{name}.UDKAST.{suffix}")


def record_as_json(ask: Ask) -> object:
    """Return the Article 30 record as it stands, for the evidence to take away."""
    from reports.documents import document_json

    return json.loads(document_json(_paper(ask, "article30")))


def _paper(ask: Ask, kind: str, number: int = 0) -> Document:
    """Return a paper: of the processor or the breach with that number, where it is about one. Raises: NOT_FOUND."""
    from pipelines.documents.write import paper

    last = verdict.last(ask.site.workspace)
    controls = last.controls if last is not None else ()
    now = ask.site.clock()
    name, recipient, known, left = f"{kind} {ask.language.value}", "", "", 0
    if kind == "annexes":
        found = _processors(ask)
        if not 1 <= number <= len(found):
            raise NOT_FOUND
        name, recipient = f"{name} {number}", found[number - 1].name
    elif kind == "breach":
        one = next((one for one in ask.site.breaches() if one.number == number), None)
        if one is None:
            raise NOT_FOUND
        name, known, left = f"{name} {number}", one.known.isoformat(), one.hours_left(now)
    which: Kind = "article30"
    for each in ("dpia", "annexes", "breach"):
        which = each if kind == each else which
    return ask.site.kept(
        name,
        lambda: paper(
            ask.site.workspace, which, ask.language, now=now, controls=controls, recipient=recipient, known_at=known
        ),
        also=left,
    )


def _processors(ask: Ask) -> list[Receiver]:
    return [one for one in ask.site.study().legal.receivers if one.role in ("", "processor")]


def _days(ask: Ask) -> list[tuple[str, object]]:
    """Return the last days as choices: a breach is hardly known of for longer before somebody says so here."""
    today = ask.site.clock().astimezone(HERE).date()
    return [((today - timedelta(days=back)).isoformat(), today - timedelta(days=back)) for back in range(15)]


HANDLERS = {
    ("GET", "/record"): record,
    ("GET", "/record/{name}"): papers,
    ("GET", "/annexes"): annexes,
    ("GET", "/breach"): breach,
    ("POST", "/breach"): breach_known,
    ("POST", "/breach/end"): breach_end,
}
