"""What each role finds in the menu, and the one table that says which role may ask for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.accounts import ROLES

if TYPE_CHECKING:
    from portal.asking import Ask

__all__ = ["ACCESS", "MENU", "menu_of"]

ALL = frozenset(ROLES)
ANALYST, DECIDER, DPO = frozenset({"analyst"}), frozenset({"decider"}), frozenset({"dpo"})
STAFF = ANALYST | DECIDER | DPO
WATCH = DECIDER | DPO  # who looks after how it is done

# Every route and who may use it; a route that is not here is not served. None: without login.
ACCESS: dict[tuple[str, str], frozenset[str] | None] = {
    ("GET", "/login"): None,
    ("POST", "/login"): None,
    ("GET", "/health"): None,
    ("POST", "/logout"): ALL,
    ("GET", "/"): ALL,
    ("GET", "/findings"): ALL,
    ("GET", "/findings/{finding}"): ALL,
    ("GET", "/quality"): ALL,
    ("GET", "/report/{name}"): ALL,
    ("GET", "/runs"): STAFF,
    ("POST", "/runs"): ANALYST,
    ("GET", "/runs/{run}"): STAFF,
    ("GET", "/quarantine"): ANALYST | DPO,
    ("POST", "/quarantine/release"): ANALYST,
    ("POST", "/quarantine/withdraw"): ANALYST,
    ("POST", "/quarantine/drop"): ANALYST,
    ("GET", "/contracts"): STAFF,
    ("GET", "/contracts/{register}"): STAFF,
    ("POST", "/contracts/{register}/approve"): ANALYST | DECIDER,
    ("GET", "/exchange"): STAFF,
    ("POST", "/exchange"): ANALYST,
    ("GET", "/exchange/{exchange}"): STAFF,
    ("POST", "/exchange/{exchange}/release"): ANALYST,
    ("GET", "/releases"): STAFF,
    ("POST", "/releases"): ANALYST,
    ("GET", "/releases/making"): ANALYST,
    ("GET", "/releases/{release}"): STAFF,
    ("GET", "/releases/{release}/files/{name}"): STAFF,
    ("POST", "/releases/{release}/statement"): DPO,
    ("POST", "/releases/{release}/approve"): DECIDER,
    ("POST", "/releases/{release}/return"): DECIDER,
    ("POST", "/releases/{release}/reject"): DECIDER,
    ("POST", "/releases/{release}/withdraw"): ANALYST | DECIDER,
    ("GET", "/dpo"): WATCH,
    ("POST", "/dpo/verify"): STAFF,
    ("POST", "/dpo/sample"): DPO,
    ("GET", "/dpo/evidence/{name}"): WATCH,
    ("GET", "/record"): WATCH,
    ("GET", "/record/{name}"): WATCH,
    ("GET", "/annexes"): WATCH,
    ("GET", "/breach"): WATCH,
    ("POST", "/breach"): WATCH,
    ("POST", "/breach/end"): WATCH,
    ("GET", "/rights"): STAFF,
    ("GET", "/deadlines"): WATCH,
    ("GET", "/log"): WATCH,
}
MENU = (
    "/",
    "/runs",
    "/findings",
    "/quality",
    "/quarantine",
    "/contracts",
    "/exchange",
    "/releases",
    "/dpo",
    "/log",
    "/rights",
    "/deadlines",
    "/record",
    "/breach",
)


def menu_of(ask: Ask) -> list[tuple[str, str]]:
    """Return the pages that the visitor may open: path and catalogue key."""
    if ask.visitor is None:
        return []
    role = ask.visitor.role
    return [
        (path, f"portal.menu.{path.strip('/') or 'overview'}") for path in MENU if role in (ACCESS["GET", path] or ())
    ]
