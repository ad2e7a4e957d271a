"""`undring report`: where the report is, and the papers that go with it to a committee and to the citizens."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, Place, chosen
from flows.said import help_text
from reports import catalogue

__all__ = ["report_command"]


def report_command(
    place: Place = None,
    workspace: Here = None,
    sagsfremstilling: Annotated[bool, typer.Option("--sagsfremstilling", help=help_text("report.paper"))] = False,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Say where the report is; write the committee paper and the text to citizens."""
    with worded(language, workspace=place or workspace):
        from pipelines.papers import report_file, write_papers

        here = chosen(place, workspace)
        typer.echo(catalogue.text(language, "cli.report", path=str(report_file(here, language))))
        if sagsfremstilling:
            for name, path in write_papers(here, language).items():
                typer.echo(catalogue.text(language, f"papers.{name}", path=str(path)))
            typer.echo(catalogue.text(language, "papers.fill"))
