"""`undring user`: accounts and their personal keys. Passphrases come from a prompt or a file descriptor."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Lang, PassphraseFd
from flows.said import SaidGroup, help_text, said
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.accounts import Account

user = typer.Typer(cls=SaidGroup, help=help_text("user.text"), no_args_is_help=True, rich_markup_mode=None)


class RoleName(StrEnum):
    """The four roles."""

    ANALYST = "analyst"
    DECIDER = "decider"
    DPO = "dpo"
    READER = "reader"


PersonId = Annotated[str, typer.Argument(metavar="ID", help=help_text("user.id"))]
RoleOption = Annotated[RoleName, typer.Option("--role", help=help_text("user.role"))]


@user.command("add", **said("user_add.text"))
def add_command(
    person: Annotated[str | None, typer.Argument(metavar="ID", help=help_text("user.id"), show_default=False)] = None,
    role: RoleOption = RoleName.READER,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help=help_text("user.name"))] = "",
    public: Annotated[Path | None, typer.Option("--public", metavar="FILE", help=help_text("user.public"))] = None,
    fd: PassphraseFd = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Make an account."""
    with worded(language):
        from pipelines import accounts, key_files
        from pipelines.account_acts import noted
        from pipelines.errors import InputError

        if public is not None:
            made = accounts.add_public(_bytes(public), role=role.value)
            noted("user.add")
            _say(language, "user.added_public", made)
            return
        if person is None:
            raise InputError("user_id", file="user add")
        if fd is not None:
            words = key_files.read_passphrase(person, fd=fd, prompt=False)
        else:
            accounts.check_new(person, name or person)
            words = key_files.new_passphrase(person)
        made = accounts.add(person, name=name or person, role=role.value, passphrase=words)
        noted("user.add")
        _say(language, "user.added", made)


@user.command("role", **said("user_role.text"))
def role_command(
    person: PersonId,
    role: Annotated[RoleName, typer.Argument(metavar="ROLE", help=help_text("user.role"))],
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Give an account another role."""
    with worded(language):
        from pipelines import accounts
        from pipelines.account_acts import noted

        changed = accounts.set_role(person, role.value)
        noted("user.role")
        _say(language, "user.changed", changed)


@user.command("disable", **said("user_disable.text"))
def disable_command(person: PersonId, language: Lang = DEFAULT_LANGUAGE) -> None:
    """Close an account."""
    with worded(language):
        from pipelines import accounts
        from pipelines.account_acts import noted

        closed = accounts.disable(person)
        noted("user.disable")
        _say(language, "user.closed", closed)


@user.command("list", **said("user_list.text"))
def list_command(language: Lang = DEFAULT_LANGUAGE) -> None:
    """List all accounts."""
    with worded(language):
        from pipelines import accounts

        everyone = accounts.everyone()
        if not everyone:
            typer.echo(catalogue.text(language, "user.list_none"))
        for one in everyone:
            notes = [catalogue.text(language, "user.state_closed" if one.disabled else "user.state_open")]
            notes += [catalogue.text(language, "user.state_demo")] if one.demo else []
            notes += [] if one.has_key else [catalogue.text(language, "user.state_elsewhere")]
            role = catalogue.text(language, f"user.role.{one.role}")
            typer.echo(f"{one.id:<20} {role:<12} {', '.join(notes):<14} {one.name}")


@user.command("export", **said("user_export.text"))
def export_command(
    person: PersonId,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=help_text("user.out"))],
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Write an account's public key."""
    with worded(language):
        from pipelines import accounts, atomic

        atomic.write_bytes(out, accounts.public_document(person), mode=0o644)
        typer.echo(str(out))


def _bytes(path: Path) -> bytes:
    from pipelines.errors import InputError

    try:
        return path.read_bytes()[:16_384]
    except OSError:
        raise InputError("user_document", file=path) from None


def _say(language: Language, key: str, one: Account) -> None:
    role = catalogue.text(language, f"user.role.{one.role}")
    typer.echo(catalogue.text(language, key, {"name": one.name, "id": one.id, "role": role}))
