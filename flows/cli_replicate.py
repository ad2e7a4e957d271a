"""`undring replicate`, `finding recipe` and `finding add-answer`: a finding tried by others, and what they answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_key import signer
from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, Place, Yes, chosen, passphrase, sure
from flows.said import help_text, said
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.replicate import Seen

__all__ = ["add_exchange", "replicate_command"]

By = Annotated[str, typer.Option("--by", metavar="ID", help=help_text("replicate.by"))]
StudyFd = Annotated[int | None, typer.Option("--study-passphrase-fd", metavar="N", help=help_text("release.study_fd"))]
File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=help_text("replicate.file"))]


def replicate_command(
    file: File,
    by: By,
    place: Place = None,
    workspace: Here = None,
    yes: Yes = False,
    fd: PassphraseFd = None,
    study_fd: StudyFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Try another municipality's finding here."""
    with worded(language, workspace=place or workspace):
        from pipelines.exchange_told import page_of
        from pipelines.exchange_words import answer_lines, recipe_lines
        from pipelines.recipe_mapping import mapping_file, read_mapping
        from pipelines.replicate import begin, replicate

        here = chosen(place, workspace)
        asked = begin(here, file)
        typer.echo("\n".join(recipe_lines(asked.sealed, language)))
        if mapping_file(here, asked.recipe).exists() and asked.before is None:
            read_mapping(here, asked.recipe, asked.study)  # before anybody gives a passphrase

        def ask(seen: Seen) -> None:
            _can_it_be_seen(seen, yes, language)

        told, path, fresh = replicate(
            here,
            asked,
            signer(here, by, fd),
            ask=ask,
            passphrase=passphrase(here, study_fd),
            language=language,
        )
        if not fresh:
            typer.echo(catalogue.text(language, "replicate.before", date=told.tried))
        typer.echo("\n".join(answer_lines(told, asked.recipe, language)))
        typer.echo(catalogue.text(language, "exchange.page", path=str(page_of(path, language))))
        facts = {"path": str(path), "finding": asked.name, "receiver": told.asked_by, "workspace": str(here)}
        typer.echo(catalogue.text(language, "replicate.next", facts))


def _can_it_be_seen(seen: Seen, yes: bool, language: Language) -> None:
    """Say what can be seen here, and what it costs; nothing is paid, and no outcome read, without a yes."""
    from pipelines.exchange_words import seen_lines

    typer.echo("\n".join(seen_lines(seen, language)))
    sure(yes, language, "replicate.sure_locked" if seen.locked else "replicate.sure")


def add_exchange(finding: typer.Typer) -> None:
    """Add what a finding has to do with other municipalities to `undring finding`."""

    @finding.command("recipe", **said("finding_recipe.text"))
    def recipe_command(
        finding_id: Annotated[str, typer.Argument(metavar="F-…", help=help_text("finding_id"))],
        by: By,
        workspace: Here = None,
        fd: PassphraseFd = None,
        language: Lang = DEFAULT_LANGUAGE,
    ) -> None:
        """Describe a finding, so that others can try it."""
        with worded(language, workspace=workspace):
            from pipelines.exchange_words import own_recipe_lines
            from pipelines.recipe import read, write

            here = chosen(workspace)
            path = write(here, finding_id, signer(here, by, fd))
            typer.echo("\n".join(own_recipe_lines(read(path), language)))
            facts = {"path": str(path), "finding": finding_id, "workspace": str(here), "by": by}
            typer.echo(catalogue.text(language, "replicate.recipe_made", facts))

    @finding.command("add-answer", **said("finding_add_answer.text"))
    def add_answer_command(
        file: File,
        workspace: Here = None,
        heard: Annotated[
            str, typer.Option("--fingerprint", metavar="XXXX-…", help=help_text("finding_add_answer.fingerprint"))
        ] = "",
        study_fd: StudyFd = None,
        language: Lang = DEFAULT_LANGUAGE,
    ) -> None:
        """Take in another municipality's answer."""
        with worded(language, workspace=workspace):
            from pipelines import answers
            from pipelines.errors import InputError
            from pipelines.exchange_words import came_lines, counted_line
            from pipelines.run import add_answer
            from pipelines.signed_file import fingerprint

            here = chosen(workspace)
            found = answers.received(here, file)
            typer.echo("\n".join(came_lines(found, language)))
            mark = fingerprint(found.public_key)
            if heard and heard.strip().upper() != mark:
                raise InputError("answer_mark", file=file)
            known = answers.known_key(here, found)
            sure(bool(heard) or known, language, "replicate.heard", mark=mark)
            secret = passphrase(here, study_fd)
            add_answer(here, found, file, passphrase=secret)
            typer.echo(counted_line(here, found.told.finding, language))
