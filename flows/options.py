"""The options that many verbs share, and what they mean: the workspace, the language, the passphrase."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.said import LANGUAGE, help_text
from reports import catalogue
from reports.catalogue import Language

__all__ = ["Here", "Lang", "PassphraseFd", "Place", "Quiet", "Yes", "chosen", "passphrase", "sure"]

Place = Annotated[
    Path | None,
    typer.Argument(metavar="WORKSPACE", exists=True, file_okay=False, help=help_text("workspace"), show_default=False),
]
Here = Annotated[
    Path | None, typer.Option("--workspace", exists=True, file_okay=False, help=help_text("workspace"), metavar="DIR")
]
Lang = Annotated[Language, typer.Option("--language", help=help_text("language"))]
Quiet = Annotated[bool, typer.Option("--quiet", help=help_text("quiet"))]
Yes = Annotated[bool, typer.Option("--yes", help=help_text("yes"))]
PassphraseFd = Annotated[int | None, typer.Option("--passphrase-fd", help=help_text("passphrase_fd"), metavar="N")]

DEFAULT_LANGUAGE = LANGUAGE


def chosen(place: Path | None, workspace: Path | None = None) -> Path:
    """Return the workspace that is meant: the one named, else the nearest folder upward with a study."""
    named = place or workspace
    if named is not None:
        return named
    from pipelines.workspaces import nearest_workspace

    return nearest_workspace(Path.cwd())


def passphrase(workspace: Path, fd: int | None, *, prompt: bool = True) -> str:
    """Return the passphrase of the study's key; a demo's is known to all."""
    from pipelines import key_files
    from pipelines.study import read_study

    study = read_study(workspace)
    if study.demo:
        return key_files.DEMO_PASSPHRASE
    return key_files.read_passphrase(study.id, fd=fd, prompt=prompt)


def sure(yes: bool, language: Language, key: str, **facts: str | int) -> None:
    """Ask first, where nobody has said yes already; without it the command ends with 3 and has done nothing."""
    if not yes and not _agreed(language, key, **facts):
        typer.echo(catalogue.text(language, "cli.not_confirmed"), err=True)
        raise typer.Exit(3)


def _agreed(language: Language, key: str, **facts: str | int) -> bool:
    """Ask for a yes in words: what cannot be undone is not done by a stray return key."""
    typer.echo(catalogue.text(language, key, facts) + " ", nl=False, err=True)
    try:
        answer = input()
    except EOFError:
        answer = ""
    return answer.strip().lower() == catalogue.text(language, "cli.confirm_word")
