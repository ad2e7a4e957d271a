"""`undring audit`: the DPO's evidence. None of it needs a key."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, Place, chosen
from flows.said import SaidGroup, help_text, said

audit = typer.Typer(cls=SaidGroup, help=help_text("audit.text"), no_args_is_help=True, rich_markup_mode=None)


@audit.command("show", **said("audit_show.text"))
def show_command(
    place: Place = None,
    workspace: Here = None,
    lines: Annotated[int, typer.Option(min=1, help=help_text("audit_sample.lines"))] = 50,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Show the ledger's lines, newest first."""
    with worded(language, workspace=place or workspace):
        from pipelines import audit as evidence

        typer.echo("\n".join(evidence.show(chosen(place, workspace), lines=lines, language=language)))


@audit.command("verify", **said("audit_verify.text"))
def verify_command(
    place: Place = None,
    workspace: Here = None,
    head: Annotated[str | None, typer.Option(help=help_text("audit_verify.head"), metavar="HASH")] = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Recompute every control of the ledger; 2 when one fails."""
    with worded(language, workspace=place or workspace):
        from pipelines import audit as evidence

        controls = evidence.verify(chosen(place, workspace), head=head)
        for line in evidence.said(controls, language):
            typer.echo(line)
        if any(control.passed is False for control in controls):
            raise typer.Exit(2)
