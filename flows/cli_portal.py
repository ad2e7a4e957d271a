"""`undring portal`: the web pages, on loopback."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Here, Lang, Place, chosen
from flows.said import help_text, said
from reports import catalogue

portal = typer.Typer(rich_markup_mode=None)


@portal.command("portal", **said("portal.text"))
def portal_command(
    place: Place = None,
    workspace: Here = None,
    port: Annotated[int, typer.Option("--port", min=1024, max=65535, help=help_text("portal.port"))] = 8765,
    public_host: Annotated[str, typer.Option("--public-host", metavar="NAME", help=help_text("portal.public"))] = "",
    header: Annotated[str, typer.Option("--proxy-header", metavar="NAME", help=help_text("portal.header"))] = "",
    addresses: Annotated[
        list[str] | None, typer.Option("--proxy-address", metavar="IP", help=help_text("portal.address"))
    ] = None,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Serve the pages."""
    with worded(language, workspace=place or workspace):
        here = chosen(place, workspace)
        from portal.serve import serve, settings_of

        settings = settings_of(
            here, port=port, public_host=public_host, proxy_header=header, proxy_addresses=tuple(addresses or ())
        )
        typer.echo(catalogue.text(language, "portal.serving", address=f"http://127.0.0.1:{port}/"))
        serve(settings, port=port)
