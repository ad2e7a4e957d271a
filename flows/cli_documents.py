"""`undring audit article30 | dpia | annexes | breach`: papers for DPO and lawyer, as drafts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_key import signer
from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, Place, chosen
from flows.said import help_text, said
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.documents.write import Kind

__all__ = ["add_documents"]

Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", file_okay=False, help=help_text("document.out"))]


def article30_command(
    place: Place = None, workspace: Here = None, out: Out = None, language: Lang = DEFAULT_LANGUAGE
) -> None:
    """Write the Article 30 record."""
    _write("article30", place, workspace, out, language)


def dpia_command(
    place: Place = None, workspace: Here = None, out: Out = None, language: Lang = DEFAULT_LANGUAGE
) -> None:
    """Write a draft of the impact assessment, with the risks as measured."""
    _write("dpia", place, workspace, out, language)


def annexes_command(
    recipient: Annotated[str, typer.Option("--recipient", metavar="TEXT", help=help_text("document.recipient"))],
    place: Place = None,
    workspace: Here = None,
    out: Out = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Write annexes A-C for one processor."""
    _write("annexes", place, workspace, out, language, recipient=recipient)


def breach_command(
    known_at: Annotated[str, typer.Option("--known-at", metavar="TEXT", help=help_text("document.known_at"))],
    place: Place = None,
    workspace: Here = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help=help_text("document.days"))] = 30,
    out: Out = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Write a draft notice of a breach, with its deadline."""
    _write("breach", place, workspace, out, language, known_at=known_at, days=days)


def breaches_command(
    place: Place = None,
    workspace: Here = None,
    known_at: Annotated[str, typer.Option("--known-at", metavar="TEXT", help=help_text("audit_breaches.start"))] = "",
    end: Annotated[int, typer.Option("--end", metavar="N", min=0, help=help_text("audit_breaches.end"))] = 0,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help=help_text("audit_breaches.how"))] = "",
    by: Annotated[str, typer.Option("--by", metavar="ID", help=help_text("audit_breaches.by"))] = "",
    fd: PassphraseFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Show breaches and their clock; start one, or stop it."""
    with worded(language, workspace=place or workspace):
        from datetime import UTC, datetime

        from pipelines import breaches
        from pipelines.documents.facts import moment

        here = chosen(place, workspace)
        if known_at:
            begun = breaches.start(here, known_at, signer(here, by, fd).account)
            typer.echo(catalogue.text(language, "breach.started", due=moment(begun.due, language)))
            return
        if end:
            over = breaches.end(here, end, why, signer(here, by, fd).account)
            reason = catalogue.text(language, f"portal.breach.ending.{over.ended}")
            typer.echo(catalogue.text(language, "breach.stopped", why=reason))
            return
        told = breaches.breaches(here)
        if not told:
            typer.echo(catalogue.text(language, "breach.none"))
        for one in told:
            left = one.hours_left(datetime.now(UTC))
            key = f"portal.breach.ending.{one.ended}" if one.ended else f"breach.{'running' if left >= 0 else 'over'}"
            facts: dict[str, str | int] = {
                "number": one.number,
                "state": catalogue.text(language, key, hours=abs(left)),
            }
            facts |= {"known": moment(one.known, language), "due": moment(one.due, language)}
            typer.echo(catalogue.text(language, "breach.line", facts))


def add_documents(audit: typer.Typer) -> None:
    """Put the papers among the DPO's verbs."""
    audit.command("article30", **said("audit_article30.text"))(article30_command)
    audit.command("dpia", **said("audit_dpia.text"))(dpia_command)
    audit.command("annexes", **said("audit_annexes.text"))(annexes_command)
    audit.command("breach", **said("audit_breach.text"))(breach_command)
    audit.command("breaches", **said("audit_breaches.text"))(breaches_command)


def _write(
    kind: Kind,
    place: Path | None,
    workspace: Path | None,
    out: Path | None,
    language: Language,
    *,
    recipient: str = "",
    known_at: str = "",
    days: int = 30,
) -> None:
    with worded(language, workspace=place or workspace):
        from pipelines.documents.write import paper, write

        here = chosen(place, workspace)
        done = paper(here, kind, language, recipient=recipient, known_at=known_at, days=days)
        for path in write(here, done, out):
            typer.echo(str(path))
        for field in (field for part in done.parts[:1] for field in part.fields if kind == "breach"):
            typer.echo(f"{field.label}: {field.answer}")
        typer.echo(catalogue.text(language, "document.open", count=len(done.questions)))
