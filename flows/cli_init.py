"""`undring init`: unknown files in, drafts of contracts and a study out, and what a person must answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Lang
from flows.said import help_text
from reports import catalogue


def init_command(
    inbox: Annotated[Path, typer.Argument(metavar="INBOX", help=help_text("init.inbox"))],
    folder: Annotated[Path, typer.Option("--dir", help=help_text("init.dir"), metavar="WORKSPACE")] = Path("studie"),
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Draft contracts and a study from unknown files."""
    with worded(language):
        from pipelines.init import init

        drafted = init(inbox, folder)
        for line in drafted.lines:
            typer.echo(line.text(language))
        contracts = len(drafted.registers)
        facts: dict[str, str | int] = {"study": "study.toml", "contracts": contracts, "folder": f"{folder}/"}
        typer.echo("\n" + catalogue.text(language, f"init.end.{'written' if contracts > 1 else 'one_written'}", facts))
        if drafted.open:
            typer.echo(catalogue.text(language, "init.end.open", count=drafted.open))
        for file, rows in drafted.questions:
            numbers = ", ".join(str(row) for row in rows)
            typer.echo(catalogue.text(language, "init.end.lines", file=f"{folder}/{file}", lines=numbers))
        typer.echo(catalogue.text(language, "init.end.next", workspace=f"{folder}/"))
        if drafted.open:
            raise typer.Exit(3)
