"""`undring person`, `reidentify` and `close`: what concerns one citizen, and the end of a study."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_key import By, Reason, Second, SecondFd, signer
from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, Yes, chosen, passphrase, sure
from flows.said import SaidGroup, help_text, said
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.rights import Right

person = typer.Typer(cls=SaidGroup, help=help_text("person.text"), no_args_is_help=True, rich_markup_mode=None)
rest = typer.Typer(cls=SaidGroup, rich_markup_mode=None)


class DecisionName(StrEnum):
    """What the controller's case worker decided."""

    GRANTED = "granted"
    REFUSED = "refused"


PersonFd = Annotated[int | None, typer.Option("--person-fd", metavar="N", help=help_text("person.fd"))]
StudyFd = Annotated[int | None, typer.Option("--study-passphrase-fd", metavar="N", help=help_text("person.study_fd"))]
Decided = Annotated[DecisionName | None, typer.Option("--decision", help=help_text("person.decision"))]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help=help_text("person.reason"))]
Filed = Annotated[str, typer.Option("--journal", metavar="TEXT", help=help_text("person.journal"))]


@person.command("access", **said("person_access.text"))
def access_command(
    by: By,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help=help_text("person_access.out"))],
    workspace: Here = None,
    person_fd: PersonFd = None,
    fd: PassphraseFd = None,
    study_fd: StudyFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Write what is held of somebody, and what the log says of it."""
    with worded(language, workspace=workspace):
        from pipelines import persons, rights
        from pipelines.run import opened

        here = chosen(workspace)
        run = opened(here, passphrase=passphrase(here, study_fd))
        written = rights.access(
            run, persons.the_person(_number(person_fd, language)), out, signer(here, by, fd), language
        )
        typer.echo(catalogue.text(language, "rights.written", path=str(written)))


@person.command("object", **said("person_object.text"))
def object_command(
    by: By,
    workspace: Here = None,
    decision: Decided = None,
    reason: Why = "",
    journal: Filed = "",
    person_fd: PersonFd = None,
    fd: PassphraseFd = None,
    study_fd: StudyFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Somebody objects: the effect, and where it is decided, the decision."""
    _case("object", by, workspace, decision, reason, journal, person_fd, fd, study_fd, language)


@person.command("erase", **said("person_erase.text"))
def erase_command(
    by: By,
    workspace: Here = None,
    decision: Decided = None,
    reason: Why = "",
    journal: Filed = "",
    person_fd: PersonFd = None,
    fd: PassphraseFd = None,
    study_fd: StudyFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Somebody asks to be erased: the effect, and where it is decided, the decision."""
    _case("erase", by, workspace, decision, reason, journal, person_fd, fd, study_fd, language)


@rest.command("reidentify", **said("reidentify.text"))
def reidentify_command(
    codes: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=help_text("reidentify.codes"))
    ],
    by: By,
    second: Second,
    reason: Reason,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help=help_text("reidentify.out"))],
    receiver: Annotated[
        str, typer.Option("--receiver", metavar="TEXT", help=help_text("reidentify.receiver"))
    ] = "internal",
    workspace: Here = None,
    fd: PassphraseFd = None,
    second_fd: SecondFd = None,
    study_fd: StudyFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Find who stands behind a few codes: two people, a reason, a trace."""
    with worded(language, workspace=workspace):
        from pipelines.reidentify import reidentify
        from pipelines.run import opened

        here = chosen(workspace)
        run = opened(here, passphrase=passphrase(here, study_fd))
        asked = codes.read_text(encoding="utf-8", errors="replace").split()
        people = [signer(here, by, fd), signer(here, second, second_fd)]
        found = reidentify(run, asked, people, receiver=receiver, reason=reason, out=out)
        typer.echo(catalogue.text(language, "reidentify.done", found=found, asked=len(asked), path=str(out)))


@rest.command("close", **said("close.text"))
def close_command(
    by: By,
    second: Second,
    reason: Reason,
    workspace: Here = None,
    packages: Annotated[str, typer.Option("--packages", metavar="TEXT", help=help_text("close.packages"))] = "",
    fd: PassphraseFd = None,
    second_fd: SecondFd = None,
    yes: Yes = False,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """End a study."""
    with worded(language, workspace=workspace):
        from pipelines.closing import close

        here = chosen(workspace)
        sure(yes, language, "close.sure")
        receipt = close(here, [signer(here, by, fd), signer(here, second, second_fd)], reason=reason, packages=packages)
        typer.echo(catalogue.text(language, "close.done", path=str(receipt)))


def _case(
    right: Right,
    by: str,
    workspace: Path | None,
    decision: DecisionName | None,
    reason: str,
    journal: str,
    person_fd: int | None,
    fd: int | None,
    study_fd: int | None,
    language: Language,
) -> None:
    with worded(language, workspace=workspace):
        from pipelines import persons, rights
        from pipelines.run import opened

        here = chosen(workspace)
        run = opened(here, passphrase=passphrase(here, study_fd))
        who = persons.the_person(_number(person_fd, language))
        for line in rights.effect_lines(rights.effect(run, who), right, language):
            typer.echo(line)
        if decision is None:
            typer.echo(catalogue.text(language, "rights.undecided"), err=True)
            raise typer.Exit(3)
        case_worker = signer(here, by, fd)
        made = rights.decide(run, who, right, case_worker, decision=decision.value, reason=reason, journal=journal)
        typer.echo(catalogue.text(language, "rights.decided", path=str(made)))


def _number(fd: int | None, language: Language) -> str:
    """Read a number without showing it: never from an argument, which the machine's other users and its history see."""
    from pipelines import key_files

    sys.stderr.flush()
    return key_files.read_secret(catalogue.text(language, "rights.ask") + " ", fd=fd)
