"""Serve the portal: on the loopback address, by uvicorn, in one process (sessions and one-time tokens live in it)."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.errors import InputError
from pipelines.study import read_study
from portal.site import Settings

__all__ = ["serve", "settings_of"]

LOOPBACK = "127.0.0.1"


def settings_of(
    workspace: Path,
    *,
    port: int,
    public_host: str = "",
    proxy_header: str = "",
    proxy_addresses: tuple[str, ...] = (),
) -> Settings:
    """Return how the portal is served. Raises: InputError `portal_proxy` for a header without the proxy's address."""
    if bool(proxy_header) != bool(proxy_addresses):
        raise InputError("portal_proxy", file="portal")
    local = {f"{name}:{port}" for name in (LOOPBACK, "localhost")}
    return Settings(
        workspace=workspace.resolve(),
        hosts=frozenset(local | ({public_host.lower()} if public_host else set())),
        https=bool(public_host),
        proxy_header=proxy_header.lower(),
        proxy_addresses=frozenset(proxy_addresses),
    )


def serve(settings: Settings, *, port: int) -> None:
    """Serve until interrupted. uvicorn's own reading of forwarding headers is off: an address is the caller's own."""
    import uvicorn

    from portal.app import create

    read_study(settings.workspace)
    os.umask(0o077)
    uvicorn.run(
        create(settings),
        host=LOOPBACK,
        port=port,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        access_log=False,  # who looked at what is no secret to be written twice
        log_level="warning",
        timeout_keep_alive=20,
    )
