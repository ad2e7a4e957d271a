"""`undring propose`: an own lead, written down before the lock is opened."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, chosen
from flows.said import help_text
from reports import catalogue

__all__ = ["propose_command"]


class Direction(StrEnum):
    """Which way the lead points."""

    MORE = "more"
    FEWER = "fewer"


def propose_command(
    pattern: Annotated[str, typer.Argument(metavar='"a=ja & b=ja"', help=help_text("propose.pattern"))],
    outcome: Annotated[str, typer.Option(help=help_text("propose.outcome"), metavar="COL")],
    because: Annotated[str, typer.Option(help=help_text("propose.because"), metavar="TEXT")],
    direction: Annotated[Direction | None, typer.Option(help=help_text("propose.direction"))] = None,
    workspace: Here = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Write an own lead down."""
    with worded(language, workspace=workspace):
        from pipelines.proposals import propose

        here = chosen(workspace)
        made = propose(
            here, pattern, outcome=outcome, because=because, direction=direction.value if direction else None
        )
        typer.echo(catalogue.text(language, "propose.done", pattern=made.pattern, at=made.at, workspace=str(here)))
