"""`undring cohort`: what a study looks at, in dates, and the query that does it. Reads no data."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, Place, chosen
from flows.said import help_text


def cohort_command(
    place: Place = None,
    workspace: Here = None,
    sql: Annotated[bool, typer.Option("--sql", help=help_text("cohort.sql"))] = False,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Say what each variable looks at, or print the query."""
    with worded(language, workspace=place or workspace):
        from pipelines.cohort_told import told_query, told_windows

        here = chosen(place, workspace)
        typer.echo(told_query(here) if sql else "\n".join(told_windows(here, language)))
