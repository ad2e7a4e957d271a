"""A request that has passed the guards, and what a page answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.accounts import Account, Signer
from pipelines.errors import InputError
from portal.site import Site
from reports.catalogue import Language
from reports.values import Report
from reports.wording import Speaker

__all__ = ["NOT_FOUND", "Ask", "Reply", "page", "to"]

PAGE_POLICY = (
    "default-src 'none'; style-src {style}; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FILE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; sandbox"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who asks for what. `visitor` is None only on the page where one logs in."""

    site: Site
    visitor: Account | None
    owner: str  # what form tokens are bound to
    language: Language
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    here: str = "/"

    @property
    def say(self) -> Speaker:
        return Speaker(self.language)

    @property
    def person(self) -> Account:
        """The one who is logged in."""
        if self.visitor is None:
            raise PermissionError
        return self.visitor

    def may(self, *roles: str) -> bool:
        return self.visitor is not None and self.visitor.role in roles

    def report(self) -> Report:
        """Return the released numbers of the last run. Raises: InputError `no_findings` before the first."""
        report = self.site.report()
        if report is None:
            raise InputError("no_findings", file="portal")
        return report

    def signer(self) -> Signer:
        """Return the visitor as one who may sign, from the passphrase in the form.

        Raises: InputError `user_passphrase`, or `portal_slow_down` after too many wrong ones.
        """
        return unlocked(self.site, self.person.id, self.form.get("passphrase", ""), self.address)

    def study_passphrase(self) -> str:
        """Return the study's own passphrase from the form. Raises: InputError `passphrase_missing`, but in a demo."""
        typed = self.form.get("study_passphrase", "")
        study = self.site.study()
        if not study.demo and not typed:
            raise InputError("passphrase_missing", file=f"undring-{study.id}")
        return typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A page's answer."""

    status: int = 200
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)  # an empty value takes the cookie away


def page(ask: Ask, name: str, *, status: int = 200, **facts: Any) -> Reply:
    """Return a page from its template."""
    from portal.rendering import rendered, style_hash

    policy = PAGE_POLICY.format(style=f"'sha256-{style_hash()}'")
    return Reply(status=status, body=rendered(ask, name, facts).encode(), headers={"content-security-policy": policy})


def to(path: str, **more: Any) -> Reply:
    """Send the browser on after a form, to a page of ours: never to an address that somebody gave."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or "\n" in path:
        raise ValueError("a path of our own")
    return Reply(status=303, headers={"location": path}, **more)


def file(body: bytes, kind: str, *, name: str | None = None) -> Reply:
    """Return a file: shown without any right to do something, or saved under a name of ours."""
    headers = {"content-security-policy": FILE_POLICY}
    if name is not None:
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return Reply(body=body, kind=kind, headers=headers)


NOT_FOUND = InputError("portal_not_found", file="portal")


def unlocked(site: Site, person: str, passphrase: str, address: str) -> Signer:
    """Return a person who has given the right passphrase; one Argon2id at a time, and not too many tries."""
    from pipelines import accounts

    if not site.guard.may_try(person, address):
        raise InputError("portal_slow_down", file="portal")
    with site.signing:
        try:
            signer = accounts.unlock(person, passphrase, demo=site.study().demo)
        except InputError:
            site.guard.failed(person)
            raise
    site.guard.succeeded(address)
    return signer
