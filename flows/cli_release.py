"""`undring release`: asked for by one, advised on by the DPO, decided by another, each with their own key."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_key import signer
from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, PassphraseFd, Place, chosen, passphrase
from flows.said import SaidGroup, help_text, said
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.release_record import Release

release = typer.Typer(cls=SaidGroup, help=help_text("release.text"), no_args_is_help=True, rich_markup_mode=None)


class KindName(StrEnum):
    """What may be released."""

    REPORT = "report"
    PACKAGE = "package"
    RECIPE = "recipe"
    ANSWER = "answer"


ReleaseId = Annotated[str, typer.Argument(metavar="U-…", help=help_text("release.id"))]
By = Annotated[str, typer.Option("--by", metavar="ID", help=help_text("release.by"))]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=help_text("release.reason"))]


@release.command("request", **said("release_request.text"))
def request_command(
    by: By,
    to: Annotated[str, typer.Option("--to", metavar="TEXT", help=help_text("release.to"))],
    place: Place = None,
    workspace: Here = None,
    what: Annotated[KindName, typer.Option("--what", help=help_text("release.kind"))] = KindName.REPORT,
    finding: Annotated[str, typer.Option("--finding", metavar="F-…", help=help_text("release.finding"))] = "",
    reason: Reason = "",
    corrects: Annotated[str, typer.Option("--corrects", metavar="U-…", help=help_text("release.corrects"))] = "",
    follows: Annotated[str, typer.Option("--follows", metavar="U-…", help=help_text("release.follows"))] = "",
    fd: PassphraseFd = None,
    study_fd: Annotated[
        int | None, typer.Option("--study-passphrase-fd", metavar="N", help=help_text("release.study_fd"))
    ] = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Ask for a release."""
    with worded(language, workspace=place or workspace):
        here = chosen(place, workspace)
        from pipelines import releases

        person = signer(here, by, fd)
        made = releases.request(
            here,
            person,
            kind=what.value,
            receiver=to,
            reason=reason,
            corrects=corrects,
            follows=follows,
            study_passphrase=passphrase(here, study_fd) if what == KindName.PACKAGE else None,
            finding=finding,
        )
        facts = {"release": made.id, "path": str(made.folder), "hash": made.manifest.sha256[:16]}
        typer.echo(catalogue.text(language, "release.made", facts))
        key = "release.next_statement" if made.manifest.statement_required else "release.next_decision"
        typer.echo(catalogue.text(language, key, {"release": made.id, "workspace": str(here)}))


@release.command("list", **said("release_list.text"))
def list_command(place: Place = None, workspace: Here = None, language: Lang = DEFAULT_LANGUAGE) -> None:
    """List all releases."""
    with worded(language, workspace=place or workspace):
        from pipelines.release_record import read_releases
        from pipelines.release_words import state_words

        found = read_releases(chosen(place, workspace))
        if not found:
            typer.echo(catalogue.text(language, "release.none"))
        for one in found:
            facts = {
                "release": one.id,
                "what": catalogue.text(language, f"release.kind.{one.manifest.kind}"),
                "receiver": one.manifest.receiver,
                "state": state_words(one, language),
            }
            typer.echo(catalogue.text(language, "release.show.line", facts))


@release.command("show", **said("release_show.text"))
def show_command(
    release_id: ReleaseId, place: Place = None, workspace: Here = None, language: Lang = DEFAULT_LANGUAGE
) -> None:
    """Show one release."""
    with worded(language, workspace=place or workspace):
        from pipelines.release_record import read_release, read_releases
        from pipelines.release_words import shown

        here = chosen(place, workspace)
        found = next((one for one in read_releases(here) if one.id == release_id), None)
        typer.echo("\n".join(shown(found or read_release(here, release_id), language)))


@release.command("statement", **said("release_statement.text"))
def statement_command(
    release_id: ReleaseId,
    place: Place = None,
    workspace: Here = None,
    by: By = "",
    none: Annotated[bool, typer.Option("--none", help=help_text("release.none"))] = False,
    remarks: Annotated[bool, typer.Option("--remarks", help=help_text("release.remarks"))] = False,
    against: Annotated[bool, typer.Option("--advise-against", help=help_text("release.advise_against"))] = False,
    reason: Reason = "",
    seen: Annotated[bool, typer.Option("--dictionary-seen", help=help_text("release.seen"))] = False,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", metavar="FILE", exists=True, help=help_text("release.bundle"))
    ] = None,
    signed: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", exists=True, help=help_text("release.import"))
    ] = None,
    fd: PassphraseFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Give the DPO's statement."""
    with worded(language, workspace=place or workspace):
        from pipelines import release_acts, release_bundle, releases
        from pipelines.errors import InputError

        if signed is not None:
            here = chosen(place, workspace)
            done = releases.take_statement(here, release_id, release_bundle.read_statement(signed))
            _told(done, here, language)
            return
        asked = [word for word, on in (("none", none), ("remarks", remarks), ("advised_against", against)) if on]
        if len(asked) != 1:
            raise InputError("release_statement", file=release_id)
        says = release_acts.statement_word(asked[0])
        if bundle is not None:
            person = signer(None, by, fd)
            path = release_bundle.state_on_bundle(
                bundle, person, release_id=release_id, says=says, reason=reason, dictionary_seen=seen
            )
            facts = {"path": str(path), "name": path.name, "release": release_id}
            typer.echo(catalogue.text(language, "release.bundle_signed", facts))
            return
        here = chosen(place, workspace)
        person = signer(here, by, fd)
        done = releases.statement(here, release_id, person, says=says, reason=reason, dictionary_seen=seen)
        _told(done, here, language)


@release.command("approve", **said("release_approve.text"))
def approve_command(
    release_id: ReleaseId,
    by: By,
    place: Place = None,
    workspace: Here = None,
    reason: Reason = "",
    fd: PassphraseFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Decide for a release."""
    with worded(language, workspace=place or workspace):
        from pipelines import releases

        here = chosen(place, workspace)
        done = releases.approve(here, release_id, signer(here, by, fd), reason=reason)
        typer.echo(catalogue.text(language, "release.out", path=str(here / "outbox" / done.id)))


def _verb(name: str) -> None:
    """Add a verb that ends or stops a release, with a reason: they differ in the act alone."""

    @release.command(name, **said(f"release_{name}.text"))
    def command(
        release_id: ReleaseId,
        by: By,
        reason: Reason,
        place: Place = None,
        workspace: Here = None,
        fd: PassphraseFd = None,
        language: Lang = DEFAULT_LANGUAGE,
    ) -> None:
        with worded(language, workspace=place or workspace):
            from pipelines import releases

            act = {"return": releases.return_, "reject": releases.reject, "withdraw": releases.withdraw}[name]
            here = chosen(place, workspace)
            _told(act(here, release_id, signer(here, by, fd), reason=reason), here, language)


for _name in ("return", "reject", "withdraw"):
    _verb(_name)


@release.command("bundle", **said("release_bundle.text"))
def bundle_command(
    release_id: ReleaseId,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=help_text("release.out"))],
    place: Place = None,
    workspace: Here = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Pack a release for a DPO elsewhere."""
    with worded(language, workspace=place or workspace):
        from pipelines.release_bundle import pack

        path = pack(chosen(place, workspace), release_id, out)
        facts = {"path": str(path), "name": path.name, "release": release_id}
        typer.echo(catalogue.text(language, "release.bundle_made", facts))


def _told(done: Release, workspace: Path, language: Language) -> None:
    from pipelines.release_words import state_words

    typer.echo(f"{done.id}: {state_words(done, language)}")
    if done.state == "requested":
        facts = {"release": done.id, "workspace": str(workspace)}
        typer.echo(catalogue.text(language, "release.next_decision", facts))
