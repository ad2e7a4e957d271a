"""`undring quarantine`, `contract` and `retention`: refused rows, changed contracts, and what is kept too long."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, Place, Yes, chosen, passphrase, sure
from flows.said import SaidGroup, help_text, said
from reports import catalogue

quarantine = typer.Typer(cls=SaidGroup, help=help_text("quarantine.text"), no_args_is_help=True, rich_markup_mode=None)
contract = typer.Typer(cls=SaidGroup, help=help_text("contract.text"), no_args_is_help=True, rich_markup_mode=None)

Register = Annotated[str, typer.Argument(metavar="REGISTER", help=help_text("quarantine.register"))]
RunId = Annotated[str, typer.Argument(metavar="K-…", help=help_text("quarantine.run"))]
Column = Annotated[str, typer.Option("--column", metavar="COL", help=help_text("quarantine.column"))]
Reason = Annotated[str, typer.Option("--reason", metavar="WORD", help=help_text("quarantine.reason"))]


@quarantine.command("list", **said("quarantine_list.text"))
def list_command(workspace: Here = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Say what lies in quarantine, by run, register, column and reason."""
    with worded(language, workspace=workspace):
        from pipelines.quarantine_decisions import kinds

        found = kinds(chosen(workspace))
        for one in found:
            mark = catalogue.text(language, "quarantine.released") if one.released else ""
            why = catalogue.text(language, f"row.{one.reason}")
            facts: dict[str, str | int] = {
                "run": one.run, "register": one.register, "column": one.column or "-", "rows": one.rows,
                "reason": one.reason, "why": why, "mark": mark,
            }  # fmt: skip
            typer.echo(catalogue.text(language, "quarantine.line", facts).rstrip())
        if not found:
            typer.echo(catalogue.text(language, "quarantine.empty"))


@quarantine.command("places", **said("quarantine_places.text"))
def places_command(
    run: RunId, register: Register, workspace: Here = None, fd: PassphraseFd = None, language: Lang = DEFAULT_LANGUAGE
) -> None:
    """Say where each refused row stands; needs the key."""
    with worded(language, workspace=workspace):
        from pipelines.quarantine_decisions import places
        from pipelines.run import quarantine_key

        here = chosen(workspace)
        frame = places(here, run, register, key=quarantine_key(here, passphrase(here, fd)))
        for file, row, column, reason in frame.iter_rows():
            where = [file, catalogue.text(language, "error.place.row", {"row": row}), column]
            typer.echo(f"{', '.join(part for part in where if part)}: {catalogue.text(language, f'row.{reason}')}")


@quarantine.command("release", **said("quarantine_release.text"))
def release_command(
    register: Register,
    column: Column,
    reason: Reason,
    withdraw: Annotated[bool, typer.Option("--withdraw", help=help_text("quarantine.withdraw"))] = False,
    workspace: Here = None,
    yes: Yes = False,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Read such a cell as missing from the next run on, and keep its row."""
    with worded(language, workspace=workspace):
        from pipelines import quarantine_decisions as decisions
        from pipelines.contracts import contract_of
        from pipelines.study import read_study

        here = chosen(workspace)
        study, one = read_study(here), contract_of(here, register)
        if withdraw:
            decisions.withdraw(here, study, one.register, column, reason)
            typer.echo(catalogue.text(language, "quarantine.withdrawn"))
            return
        sure(yes, language, "quarantine.ask_release", column=column, register=one.register)
        decisions.release(here, study, one, column, reason)
        typer.echo(catalogue.text(language, "quarantine.let_in", column=column))


@quarantine.command("drop", **said("quarantine_drop.text"))
def drop_command(
    run: RunId,
    register: Register,
    column: Annotated[str | None, typer.Option("--column", metavar="COL", help=help_text("quarantine.column"))] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="WORD", help=help_text("quarantine.reason"))] = None,
    workspace: Here = None,
    yes: Yes = False,
    fd: PassphraseFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Delete refused rows for good; needs the key."""
    with worded(language, workspace=workspace):
        from pipelines import quarantine_decisions as decisions
        from pipelines.run import quarantine_key
        from pipelines.study import read_study

        here = chosen(workspace)
        key = quarantine_key(here, passphrase(here, fd))
        sure(yes, language, "quarantine.ask_drop")
        gone = decisions.drop(here, read_study(here), run, register, column=column, reason=reason, key=key)
        typer.echo(catalogue.text(language, "quarantine.dropped", rows=gone))


@contract.command("diff", **said("contract_diff.text"))
def diff_command(workspace: Here = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Show what was changed in the contracts since somebody approved them."""
    with worded(language, workspace=workspace):
        from pipelines.contract_changes import diff
        from pipelines.contracts import read_contracts

        here = chosen(workspace)
        lines = [line for one in read_contracts(here).values() for line in diff(here, one)]
        typer.echo("\n".join(lines) if lines else catalogue.text(language, "contract.unchanged"))


@contract.command("approve", **said("contract_approve.text"))
def approve_command(
    register: Annotated[str, typer.Argument(metavar="REGISTER", help=help_text("contract.register"))],
    workspace: Here = None,
    yes: Yes = False,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Approve a changed contract as it now stands."""
    with worded(language, workspace=workspace):
        from pipelines.contract_changes import approve, diff
        from pipelines.contracts import contract_of
        from pipelines.study import read_study

        here = chosen(workspace)
        one = contract_of(here, register)
        typer.echo("\n".join(diff(here, one)))
        sure(yes, language, "contract.ask", register=one.register)
        approve(here, read_study(here), one)
        typer.echo(catalogue.text(language, "contract.approved", register=one.register))


def retention_command(
    place: Place = None, workspace: Here = None, yes: Yes = False, language: Lang = DEFAULT_LANGUAGE
) -> None:
    """Say what is kept too long; with --yes delete it."""
    with worded(language, workspace=place or workspace):
        from datetime import UTC, datetime

        from pipelines import retention
        from pipelines.atomic import folder_lock
        from pipelines.study import read_study

        here = chosen(place, workspace)
        study = read_study(here)
        with folder_lock(here):
            things = retention.overdue(here, study, now=datetime.now(UTC))
            for one in things:
                facts: dict[str, str | int] = {
                    "place": one.place, "day": one.written.date().isoformat(), "days": one.days,
                    "kind": catalogue.text(language, f"kept.kind.{one.kind}"),
                }  # fmt: skip
                typer.echo(catalogue.text(language, "kept.line", facts))
            if not things:
                typer.echo(catalogue.text(language, "kept.nothing"))
            elif yes:
                gone = retention.delete(here, study, things, by_person=True)
                typer.echo(catalogue.text(language, "kept.deleted", count=gone))
            else:
                typer.echo(catalogue.text(language, "kept.dry"))
        if things and not yes:
            raise typer.Exit(3)
