"""`undring key`: make the study's key, and see whether it is there."""

from __future__ import annotations

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, chosen
from flows.said import SaidGroup, help_text, said
from reports import catalogue

key = typer.Typer(cls=SaidGroup, help=help_text("key.text"), no_args_is_help=True, rich_markup_mode=None)


@key.command("create", **said("key_create.text"))
def create_command(workspace: Here = None, fd: PassphraseFd = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Make the study's key."""
    with worded(language, workspace=workspace):
        from pipelines import key_files
        from pipelines.study import read_study

        study = read_study(chosen(workspace))
        if fd is not None:
            words = key_files.read_passphrase(study.id, fd=fd, prompt=False)
        else:
            words = key_files.new_passphrase(study.id)
        path = key_files.create(study.key, study=study.id, passphrase=words)
        typer.echo(catalogue.text(language, "cli.key_made", {"key": study.key, "path": str(path)}))


@key.command("status", **said("key_status.text"))
def status_command(workspace: Here = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Say which key the study uses, and whether it is there."""
    with worded(language, workspace=workspace):
        from pipelines import key_files
        from pipelines.study import read_study

        study = read_study(chosen(workspace))
        path = key_files.path_of(study.key)
        there = path.exists()
        typer.echo(
            catalogue.text(
                language, "cli.key_there" if there else "cli.key_absent", {"key": study.key, "path": str(path)}
            )
        )
        if not there:
            raise typer.Exit(2)
