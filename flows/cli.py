"""The `undring` command: DESIGN.md's verbs, thin over `pipelines`.

Everything heavy is imported inside the verb that needs it, so that `undring --help` stays quick.
"""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import quiet  # noqa: F401 - first: nothing that is imported later may dial out
from flows.cli_audit import audit
from flows.cli_cohort import cohort_command
from flows.cli_documents import add_documents
from flows.cli_init import init_command
from flows.cli_key import key
from flows.cli_kinds import (
    Exposure,
    KindOption,
    OutcomeKind,
    OutcomeScale,
    ScaleOption,
    Time,
    TimeUnit,
    UnitOption,
)  # fmt: skip
from flows.cli_person import person, rest
from flows.cli_portal import portal
from flows.cli_privacy import privacy
from flows.cli_propose import propose_command
from flows.cli_release import release
from flows.cli_replicate import add_exchange, replicate_command
from flows.cli_report import report_command
from flows.cli_rerun import rerun_command
from flows.cli_table import table_command
from flows.cli_upkeep import contract, quarantine, retention_command
from flows.cli_user import user
from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, Place, Quiet, Yes, chosen, passphrase, sure
from flows.said import LANGUAGE, SaidGroup, help_text, said
from flows.usage import said_usage_error
from flows.verbs import VerbGroup
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.progress import Progress
    from pipelines.run import RunResult

app = typer.Typer(
    cls=VerbGroup,
    help=help_text("app"),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # pretty ones can print locals: citizens
    add_completion=False,
)
finding = typer.Typer(cls=SaidGroup, help=help_text("finding.text"), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(finding, name="finding")
add_exchange(finding)
add_documents(audit)
app.add_typer(audit, name="audit")
app.add_typer(key, name="key")
app.add_typer(person, name="person")
app.add_typer(rest)
app.add_typer(release, name="release")
app.add_typer(user, name="user")
app.command("init", **said("init.text"))(init_command)
app.add_typer(quarantine, name="quarantine")
app.add_typer(contract, name="contract")
app.command("retention", **said("retention_verb.text"))(retention_command)
app.command("report", **said("report.text"))(report_command)
app.command("rerun", **said("rerun.text"))(rerun_command)
app.command("replicate", **said("replicate.text"))(replicate_command)
app.command("propose", **said("propose.text"))(propose_command)
app.command("cohort", **said("cohort.text"))(cohort_command)
app.command("table", **said("table.text"))(table_command)
app.add_typer(portal)
app.add_typer(privacy)  # without a name: its verbs stand beside the others

USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]  # typer names only the kinds of it


def main() -> None:
    """Run the command; a wrong use of it is worded too, and never repeats what was typed."""
    try:
        code = app(prog_name="undring", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except USAGE_ERROR as error:
        print(said_usage_error(error, LANGUAGE), file=sys.stderr)
        raise SystemExit(2) from None
    if code == 130:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # pressed again while threads end, it would print a traceback
    raise SystemExit(code if isinstance(code, int) else 0)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("undring"))
        raise typer.Exit


@app.callback()
def everything(
    version: Annotated[
        bool, typer.Option("--version", help=help_text("version"), callback=_version, is_eager=True)
    ] = False,
    language: Lang = DEFAULT_LANGUAGE,  # read ahead of everything: see said.LANGUAGE
) -> None:
    """The command as a whole (its help text is in the catalogue)."""


@app.command("demo", **said("demo.text"))
def demo_command(
    people: Annotated[int, typer.Option(min=500, help=help_text("demo.people"))] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help=help_text("demo.seed"))] = 1,
    null: Annotated[bool, typer.Option("--null", help=help_text("demo.null"))] = False,
    folder: Annotated[Path, typer.Option("--dir", help=help_text("demo.dir"), metavar="DIR")] = Path("demo"),
    language: Lang = DEFAULT_LANGUAGE,
    silent: Quiet = False,
) -> None:
    """Make a synthetic municipality and take the whole way."""
    with worded(language, workspace=folder, resume=f"undring run {folder} --resume --confirm"):
        from pipelines.run import demo

        progress = _progress(language, silent)
        made = demo(folder, people=people, seed=seed, null=null, language=language, progress=progress)
        _ended(made, folder, language)
        typer.echo(catalogue.text(language, "release.demo_next", workspace=str(folder), year=f"{datetime.now(UTC):%Y}"))


@app.command("run", **said("run.text"))
def run_command(
    place: Place = None,
    workspace: Here = None,
    confirm: Annotated[bool, typer.Option("--confirm", help=help_text("run.confirm"))] = False,
    resume: Annotated[bool, typer.Option("--resume", help=help_text("run.resume"))] = False,
    yes: Yes = False,
    fd: PassphraseFd = None,
    language: Lang = DEFAULT_LANGUAGE,
    silent: Quiet = False,
) -> None:
    """Take the whole way, from inbox to report."""
    named = place or workspace
    again = " ".join(["undring run", *([str(named)] if named else []), "--resume", *(["--confirm"] if confirm else [])])
    with worded(language, workspace=named, resume=again):
        here = chosen(place, workspace)
        if confirm:
            sure(yes, language, "cli.confirm_all")
        from pipelines.run import run

        secret = passphrase(here, fd)
        progress = _progress(language, silent)
        done = run(here, passphrase=secret, confirm=confirm, resume=resume, language=language, progress=progress)
        _ended(done, here, language)


@app.command("check", **said("check.text"))
def check_command(place: Place = None, workspace: Here = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Say everything that is missing, before anything runs."""
    with worded(language, workspace=place or workspace):
        here = chosen(place, workspace)
        from pipelines import workspaces
        from pipelines.errors import told_together
        from pipelines.legal import consequences_of
        from pipelines.study import read_study
        from pipelines.workspace_check import check, check_lines

        problems = check(here)
        for line in [*consequences_of(here, language), *check_lines(here, language)]:
            typer.echo(line)
        if problems:
            typer.echo(told_together(problems, language) + "\n", err=True)
            words = catalogue.text(language, "cli.check_missing", count=len(problems), workspace=str(here))
            typer.echo(words, err=True)
            raise typer.Exit(2)
        workspaces.register(read_study(here).id, here)  # so that flows can be given its id
        typer.echo(catalogue.text(language, "cli.check_whole", workspace=str(here)))


@app.command("findings", **said("findings.text"))
def findings_command(workspace: Here = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """List findings and leads."""
    with worded(language, workspace=workspace):
        here = chosen(workspace)
        from pipelines.listing import list_findings

        lines = list_findings(here, language)
        typer.echo("\n".join(lines) if lines else catalogue.text(language, "cli.no_findings"))


@finding.command("show", **said("finding_show.text"))
def finding_show_command(
    finding_id: Annotated[str, typer.Argument(metavar="F-…", help=help_text("finding_id"))],
    workspace: Here = None,
    recompute: Annotated[bool, typer.Option("--verify", help=help_text("finding_show.verify"))] = False,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Show one finding's card."""
    with worded(language, workspace=workspace):
        here = chosen(workspace)
        if recompute:
            from pipelines.verify import lines, verify

            checked = verify(here, finding_id, language)
            typer.echo("\n".join(lines(checked, language)))
            if not all(one.agrees for one in checked):
                raise typer.Exit(1)
            return
        from pipelines.listing import show

        typer.echo(show(here, finding_id, language))


@app.command("confirm", **said("confirm.text"))
def confirm_command(
    finding_id: Annotated[str, typer.Argument(metavar="F-…", help=help_text("finding_id"))],
    workspace: Here = None,
    yes: Yes = False,
    fd: PassphraseFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Try one lead in the locked part."""
    with worded(language, workspace=workspace):
        here = chosen(workspace)
        sure(yes, language, "cli.confirm_one", finding=finding_id)
        from pipelines.papers import report_file
        from pipelines.run import confirm

        typer.echo(confirm(here, finding_id, passphrase=passphrase(here, fd), language=language))
        typer.echo(catalogue.text(language, "cli.report", path=str(report_file(here, language))))


@app.command("discover", **said("discover.text"))
def discover_command(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE", exists=True, dir_okay=False, help=help_text("discover.table"))
    ],
    outcome: Annotated[list[str], typer.Option(help=help_text("discover.outcome"), metavar="COL")],
    out: Annotated[Path, typer.Option(help=help_text("discover.out"), metavar="DIR")],
    positive: Annotated[list[str] | None, typer.Option(help=help_text("discover.positive"), metavar="VALUE")] = None,
    kind: KindOption = OutcomeKind.YES_NO,
    exposure: Exposure = None,
    time: Time = None,
    unit: UnitOption = TimeUnit.YEARS,
    scale: ScaleOption = OutcomeScale.RATIO,
    adjust: Annotated[str, typer.Option(help=help_text("discover.adjust"), metavar="COL,…")] = "",
    id_column: Annotated[str | None, typer.Option("--id", help=help_text("discover.id_column"), metavar="COL")] = None,
    cluster: Annotated[str | None, typer.Option(help=help_text("discover.cluster"), metavar="COL")] = None,
    exclude: Annotated[str, typer.Option(help=help_text("discover.exclude"), metavar="COL,…")] = "",
    max_order: Annotated[int, typer.Option(min=2, max=5, help=help_text("discover.max_order"))] = 3,
    alpha: Annotated[float, typer.Option(min=0.0001, max=0.5, help=help_text("discover.alpha"))] = 0.05,
    lock: Annotated[float, typer.Option(min=0.0, max=0.9, help=help_text("discover.lock"))] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help=help_text("discover.seed"))] = 1,
    negative_control: Annotated[str, typer.Option(help=help_text("discover.negative_control"), metavar="COL,…")] = "",
    year: Annotated[str | None, typer.Option(help=help_text("discover.year"), metavar="COL")] = None,
    known: Annotated[list[str] | None, typer.Option(help=help_text("discover.known"), metavar='"a=ja & b=ja"')] = None,
    self_test_seconds: Annotated[float, typer.Option(min=0.0, help=help_text("discover.self_test_seconds"))] = 10.0,
    exact: Annotated[bool, typer.Option("--exact", help=help_text("discover.exact"))] = False,
    language: Lang = DEFAULT_LANGUAGE,
    silent: Quiet = False,
) -> None:
    """Discovery alone, on any one-row-a-person table."""
    with worded(language):
        from pipelines.table import discover_table

        result = discover_table(
            table,
            outcome=outcome,
            positive=positive,
            kind=kind.value,
            exposure=exposure,
            time=time,
            unit=unit.value,
            scale=scale.value,
            adjust=_columns(adjust),
            id_column=id_column,
            cluster=cluster,
            exclude=_columns(exclude),
            max_order=max_order,
            alpha=alpha,
            lock=lock,
            seed=seed,
            exact=exact,
            self_test_seconds=self_test_seconds,
            negative_controls=_columns(negative_control),
            year=year,
            known=tuple(known or ()),
            out=out,
            language=language,
            progress=_progress(language, silent),
        )
        typer.echo("\n".join(result.lines))


def _columns(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _progress(language: Language, silent: bool) -> Progress:
    from pipelines.progress import Progress

    return Progress(language, stream=None if silent else sys.stderr)


def _ended(result: RunResult, workspace: Path, language: Language) -> None:
    """Say where the outputs are and what a person should know; end with the run's own exit code."""
    sys.stderr.flush()
    for line in result.lines:
        typer.echo(line)
    typer.echo(catalogue.text(language, "cli.report", path=str(result.report)))
    typer.echo(catalogue.text(language, "cli.dpo", path=str(result.dpo)))
    if result.package is not None:
        typer.echo(catalogue.text(language, "cli.package", path=str(result.package)))
    typer.echo(catalogue.text(language, "cli.next", workspace=str(workspace)))
    if result.exit_code:
        raise typer.Exit(result.exit_code)


if __name__ == "__main__":
    main()
