"""`undring audit`: the DPO's evidence. None of it needs a key or the data."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, Place, chosen
from flows.said import SaidGroup, help_text, said
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.ledger import Line

audit = typer.Typer(cls=SaidGroup, help=help_text("audit.text"), no_args_is_help=True, rich_markup_mode=None)

Lines = Annotated[int, typer.Option("--lines", min=1, help=help_text("audit_sample.lines"))]


@audit.command("show", **said("audit_show.text"))
def show_command(
    place: Place = None, workspace: Here = None, lines: Lines = 20, language: Lang = DEFAULT_LANGUAGE
) -> None:
    """Show the ledger's last lines, newest first."""
    with worded(language, workspace=place or workspace):
        from pipelines.audit import show

        _print(show(chosen(place, workspace), lines), language)


@audit.command("verify", **said("audit_verify.text"))
def verify_command(
    place: Place = None,
    workspace: Here = None,
    head: Annotated[Path | None, typer.Option(help=help_text("audit_verify.head"), metavar="FILE")] = None,
    bundle: Annotated[
        Path | None, typer.Option(help=help_text("audit_verify.bundle"), metavar="ZIP", exists=True, dir_okay=False)
    ] = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Recompute the nine controls, one a line; 2 when one fails."""
    with worded(language, workspace=place or workspace):
        from pipelines.audit import verify
        from pipelines.audit_bundle import verify_bundle

        if bundle is not None:
            controls = verify_bundle(bundle, head=head)
        else:
            controls = verify(chosen(place, workspace), head=head)
        for control in controls:
            state = {True: "passed", False: "failed", None: "none"}[control.passed]
            mark = {True: "✓", False: "✕", None: "–"}[control.passed]
            typer.echo(
                f"{mark} {catalogue.text(language, f'{control.key}.name')}: {_state(language, state, control.facts)}"
            )
        if any(control.passed is False for control in controls):
            raise typer.Exit(2)


@audit.command("sample", **said("audit_sample.text"))
def sample_command(
    place: Place = None, workspace: Here = None, lines: Lines = 5, language: Lang = DEFAULT_LANGUAGE
) -> None:
    """Show a few lines drawn by a rule that anyone can repeat."""
    with worded(language, workspace=place or workspace):
        from pipelines.audit import sample

        _print(sample(chosen(place, workspace), lines), language)


@audit.command("checkpoint", **said("audit_checkpoint.text"))
def checkpoint_command(
    place: Place = None,
    workspace: Here = None,
    to: Annotated[
        Path | None, typer.Option("--to", help=help_text("audit_checkpoint.to"), metavar="DIR", file_okay=False)
    ] = None,
    mail: Annotated[bool, typer.Option("--mail", help=help_text("audit_checkpoint.mail"))] = False,
    paper: Annotated[
        Path | None, typer.Option("--paper", help=help_text("audit_checkpoint.paper"), metavar="FILE", dir_okay=False)
    ] = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Sign the ledger's head and print it: the copy that counts is the one kept elsewhere."""
    with worded(language, workspace=place or workspace):
        from pipelines import witness
        from pipelines.ledger_heads import checkpoint

        head = checkpoint(chosen(place, workspace))
        typer.echo(witness.mail_text(head, language) if mail else head.text, nl=False)
        if to is not None:
            witness.hand_out(head, to)
        if paper is not None:
            witness.write_paper(head, paper, language)
        typer.echo(catalogue.text(language, "cli.checkpoint", lines=head.size), err=True)


@audit.command("bundle", **said("audit_bundle.text"))
def bundle_command(
    out: Annotated[Path, typer.Argument(metavar="ZIP", dir_okay=False, help=help_text("audit_bundle.out"))],
    workspace: Here = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Pack what the controls need, without data and keys."""
    with worded(language, workspace=workspace):
        from pipelines.audit_bundle import pack

        files = pack(chosen(workspace), out)
        typer.echo(catalogue.text(language, "bundle.made", files=files, path=str(out)))


@audit.command("expire", **said("audit_expire.text"))
def expire_command(place: Place = None, workspace: Here = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Delete the log's months that are past the study's period."""
    with worded(language, workspace=place or workspace):
        from pipelines.ledger_deletion import delete_due
        from pipelines.log import study_event
        from pipelines.study import read_study

        here = chosen(place, workspace)
        study = read_study(here)
        event, actor = study_event(study, "log.delete", role="analyst")
        months = delete_due(here, event, actor=actor, days=study.retention.log_days)
        key = "expire.done" if months else "expire.nothing"
        facts: dict[str, str | int] = {"first": months[0], "last": months[-1]} if months else {}
        typer.echo(catalogue.text(language, key, {"days": study.retention.log_days, **facts}))


def _state(language: Language, state: str, facts: tuple[tuple[str, str], ...]) -> str:
    """Say a control's state, its reason where the catalogue has one, and its figures."""
    known = dict(facts)
    words = [catalogue.text(language, f"control.state.{state}")]
    reason = f"control.reason.{known.pop('reason', '')}"
    if catalogue.has(reason):
        words.append(catalogue.text(language, reason))
    for name, value in known.items():
        key = f"control.fact.{name}"
        words.append(f"{catalogue.text(language, key) if catalogue.has(key) else name}: {value}")
    return " · ".join(words)


def _print(lines: Iterable[Line], language: Language) -> None:
    shown = 0
    for line in lines:
        body = line.body
        parts = [body.get("ts"), body.get("actor"), body.get("action"), body.get("run"), body.get("register")]
        counts = [
            f"{name}={body[name]}" for name in ("people", "rows", "outcome", "code") if body.get(name) is not None
        ]
        typer.echo(f"{line.number:>5}  " + "  ".join(str(part) for part in [*parts, *counts] if part is not None))
        shown += 1
    if not shown:
        typer.echo(catalogue.text(language, "cli.no_lines"))
