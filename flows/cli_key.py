"""`undring key`: make the study's key, see its state, turn it to a new epoch, and end it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, chosen, passphrase, sure
from flows.said import SaidGroup, help_text, said
from reports import catalogue

if TYPE_CHECKING:
    from pipelines.accounts import Signer

__all__ = ["By", "Reason", "Second", "SecondFd", "key", "signer"]

key = typer.Typer(cls=SaidGroup, help=help_text("key.text"), no_args_is_help=True, rich_markup_mode=None)

By = Annotated[str, typer.Option("--by", metavar="ID", help=help_text("two.by"))]
Second = Annotated[str, typer.Option("--second", metavar="ID", help=help_text("two.second"))]
SecondFd = Annotated[int | None, typer.Option("--second-passphrase-fd", metavar="N", help=help_text("two.second_fd"))]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=help_text("two.reason"))]


def signer(workspace: Path | None, person: str, fd: int | None) -> Signer:
    """Return a person who has given their own passphrase; a demo's people's is `demo`. No workspace: no demo."""
    from pipelines import accounts, key_files
    from pipelines.study import read_study

    demo = workspace is not None and read_study(workspace).demo
    if demo:
        accounts.ensure_demo()
        if fd is None and person in accounts.DEMO_PEOPLE and accounts.find(person).demo:
            return accounts.unlock(person, accounts.DEMO_PASSPHRASE, demo=True)
    return accounts.unlock(person, key_files.read_passphrase(person, fd=fd), demo=demo)


@key.command("create", **said("key_create.text"))
def create_command(workspace: Here = None, fd: PassphraseFd = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Make the study's key."""
    with worded(language, workspace=workspace):
        from pipelines import key_files, key_life
        from pipelines.study import read_study

        here = chosen(workspace)
        study = read_study(here)
        if fd is not None:
            words = key_files.read_passphrase(study.id, fd=fd, prompt=False)
        else:
            words = key_files.new_passphrase(study.id)
        path = key_life.create(here, study, passphrase=words)
        typer.echo(catalogue.text(language, "cli.key_made", {"key": study.key, "path": str(path)}))


@key.command("status", **said("key_status.text"))
def status_command(workspace: Here = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Say which key the study uses, whether it is there, and whether it is closed to others."""
    with worded(language, workspace=workspace):
        from pipelines import key_files, key_life
        from pipelines.study import read_study

        study = read_study(chosen(workspace))
        path = key_files.path_of(study.key)
        if not path.exists() and not path.is_symlink():
            typer.echo(catalogue.text(language, "cli.key_absent", {"key": study.key, "path": str(path)}))
            raise typer.Exit(2)
        told = key_life.state(study)
        typer.echo(catalogue.text(language, "cli.key_there", {"key": study.key, "path": str(path)}))
        facts: dict[str, str | int] = {"epoch": told.epoch, "created": told.created, "rotated": told.rotated or "-"}
        typer.echo(catalogue.text(language, "key.state", facts))


@key.command("rotate", **said("key_rotate.text"))
def rotate_command(
    workspace: Here = None,
    fd: PassphraseFd = None,
    new_fd: Annotated[
        int | None, typer.Option("--new-passphrase-fd", metavar="N", help=help_text("key_rotate.new_fd"))
    ] = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Turn the key to a new epoch, under a new passphrase."""
    with worded(language, workspace=workspace):
        from pipelines import key_files, key_life
        from pipelines.study import read_study

        here = chosen(workspace)
        study = read_study(here)
        old = passphrase(here, fd)
        if study.demo:
            new = key_files.DEMO_PASSPHRASE
        elif new_fd is not None:
            new = key_files.read_passphrase(study.id, fd=new_fd, prompt=False)
        else:
            new = key_files.new_passphrase(study.id)
        epoch = key_life.rotate(here, study, passphrase=old, new_passphrase=new)
        typer.echo(catalogue.text(language, "key.rotated", {"key": study.key, "epoch": epoch}))


@key.command("destroy", **said("key_destroy.text"))
def destroy_command(
    by: By,
    second: Second,
    reason: Reason,
    workspace: Here = None,
    fd: PassphraseFd = None,
    second_fd: SecondFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """End the key, two people together; leaves a signed receipt."""
    with worded(language, workspace=workspace):
        from pipelines import key_life
        from pipelines.study import read_study

        here = chosen(workspace)
        study = read_study(here)
        key_life.state(study)
        typer.echo(catalogue.text(language, "receipt.key.achieves"), err=True)
        typer.echo(catalogue.text(language, "receipt.key.does_not"), err=True)
        sure(fd is not None or study.demo, language, "key.sure", name=study.key)
        people = [signer(here, by, fd), signer(here, second, second_fd)]
        receipt = key_life.destroy(here, study, people, reason=reason)
        typer.echo(catalogue.text(language, "key.destroyed", {"key": study.key, "path": str(receipt)}))
