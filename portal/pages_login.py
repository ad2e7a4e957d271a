"""Logging in and out, and whether the portal is up."""

from __future__ import annotations

from pipelines.errors import InputError
from portal.asking import Ask, Reply, page, to, unlocked
from portal.guard import COOKIE, VISITOR_COOKIE

__all__ = ["HANDLERS"]


def login_page(ask: Ask) -> Reply:
    """Ask for account and passphrase."""
    if ask.visitor is not None:
        return to("/")
    if ask.site.study().demo:
        from pipelines import accounts

        with ask.site.signing:
            accounts.ensure_demo()
    return page(ask, "login")


def log_in(ask: Ask) -> Reply:
    """Open a session for who shows the right passphrase: a new one, whatever cookie the browser came with."""
    person = ask.form.get("person", "")[:40]
    try:
        signer = unlocked(ask.site, person, ask.form.get("passphrase", ""), ask.address)
    except InputError as error:
        status = 429 if error.key == "portal_slow_down" else 403
        shown = "portal.login.slow" if status == 429 else "portal.login.wrong"
        return page(ask, "login", status=status, error=ask.say(shown))
    return to("/", cookies={COOKIE: ask.site.guard.begin(signer.account.id), VISITOR_COOKIE: ""})


def log_out(ask: Ask) -> Reply:
    """End the session."""
    if ask.owner.startswith("session "):
        ask.site.guard.end(ask.owner.removeprefix("session "))
    return to("/login", cookies={COOKIE: ""})


def health(ask: Ask) -> Reply:
    """Say that the portal answers, and nothing else."""
    return Reply(body=b"ok\n", kind="text/plain; charset=utf-8")


HANDLERS = {
    ("GET", "/login"): login_page,
    ("POST", "/login"): log_in,
    ("POST", "/logout"): log_out,
    ("GET", "/health"): health,
}
