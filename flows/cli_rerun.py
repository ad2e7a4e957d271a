"""`undring rerun RUN`: the same run once more, held against its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, chosen, passphrase
from flows.said import help_text
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.rerun import Rerun

__all__ = ["rerun_command"]

SHOWN = 20


def rerun_command(
    run_id: Annotated[str, typer.Argument(metavar="K-…", help=help_text("rerun.run"))],
    workspace: Here = None,
    fd: PassphraseFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Compute a run once more from its record; say what differs and why."""
    with worded(language, workspace=workspace):
        from pipelines.rerun import rerun

        here = chosen(workspace)
        done = rerun(here, run_id, passphrase=passphrase(here, fd))
        _say(done, language)
        if done.exit_code:
            raise typer.Exit(done.exit_code)


def _say(done: Rerun, language: Language) -> None:
    key = "same" if not done.differing else "differ"
    same = done.compared - len(done.differing)
    typer.echo(catalogue.text(language, f"rerun.{key}", run=done.run, compared=done.compared, same=max(same, 0)))
    for name in done.differing[:SHOWN]:
        typer.echo(f"  {name}")
    if len(done.differing) > SHOWN:
        typer.echo(catalogue.text(language, "rerun.more", more=len(done.differing) - SHOWN))
    for reason, what in done.reasons:
        typer.echo(catalogue.text(language, f"rerun.reason.{reason}", what=what))
    if done.differing and not done.reasons:
        typer.echo(catalogue.text(language, "rerun.unexplained"), err=True)
    typer.echo(catalogue.text(language, f"rerun.lock.{done.lock}"))
