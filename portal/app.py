"""The application: every request passes the same guards, in the same order, before a page is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from pipelines import accounts
from pipelines.accounts import Account
from pipelines.errors import InputError
from portal import (
    pages_contracts,
    pages_dpo,
    pages_exchange,
    pages_findings,
    pages_login,
    pages_overview,
    pages_papers,
    pages_quarantine,
    pages_releases,
    pages_rights,
    pages_runs,
    pages_study,
)
from portal.asking import Ask, Reply, page, to
from portal.guard import COOKIE, VISITOR_COOKIE
from portal.menu import ACCESS
from portal.site import Settings, Site
from portal.web import TooLargeError, Wall
from reports.catalogue import Language

if TYPE_CHECKING:
    from starlette.datastructures import FormData

__all__ = ["create", "create_site"]

Handler = Callable[[Ask], Reply]
LANGUAGE_COOKIE = "sprog"
HANDLERS: dict[tuple[str, str], Handler] = {
    **pages_login.HANDLERS,
    **pages_overview.HANDLERS,
    **pages_findings.HANDLERS,
    **pages_runs.HANDLERS,
    **pages_study.HANDLERS,
    **pages_papers.HANDLERS,
    **pages_contracts.HANDLERS,
    **pages_quarantine.HANDLERS,
    **pages_rights.HANDLERS,
    **pages_exchange.HANDLERS,
    **pages_releases.HANDLERS,
    **pages_dpo.HANDLERS,
}
# Pages that compute: beside the event loop, as every form.
SLOW = {"/exchange", "/exchange/{exchange}", "/dpo/evidence/{name}", "/record/{name}", "/annexes", "/breach"}


def create(settings: Settings) -> Wall:
    """Return the portal behind its wall."""
    return create_site(Site(settings=settings))[0]


def create_site(site: Site) -> tuple[Wall, FastAPI]:
    """Return the portal, and the application inside it (for its OpenAPI description)."""
    if HANDLERS.keys() != ACCESS.keys():
        raise ValueError("a page without an entry in the table of roles, or the reverse")
    app = FastAPI(title="Undring", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for (method, path), handler in HANDLERS.items():
        app.add_api_route(
            path,
            _endpoint(site, method, path, handler),
            methods=[method],
            response_class=Response,
            name=f"{method} {path}",
        )

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return _plain(error.status_code)

    @app.exception_handler(TooLargeError)
    async def too_large(request: Request, error: TooLargeError) -> Response:
        return _plain(413)

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        return _plain(500)  # no type, no place: what went wrong stands in the server's own log

    return Wall(app, hosts=site.settings.hosts), app


def _endpoint(site: Site, method: str, path: str, handler: Handler) -> Callable[[Request], object]:
    roles = ACCESS[method, path]

    async def endpoint(request: Request) -> Response:
        form = await _form(request) if method == "POST" else {}
        if form is None:
            return _plain(400)
        if method == "POST" or path in SLOW:
            return await run_in_threadpool(_answer, site, request, method, form, handler, roles)
        return _answer(site, request, method, form, handler, roles)

    return endpoint


def _answer(
    site: Site,
    request: Request,
    method: str,
    form: dict[str, str],
    handler: Handler,
    roles: frozenset[str] | None,
) -> Response:
    language, chosen = _language(request)
    address = request.client.host if request.client is not None else ""
    visitor, owner, cookies = _who(site, request, address)
    if chosen:
        cookies[LANGUAGE_COOKIE] = language.value
    ask = Ask(
        site=site,
        visitor=visitor,
        owner=owner,
        language=language,
        path=dict(request.path_params),
        query=dict(request.query_params),
        form=form,
        address=address,
        here=request.url.path,
    )
    reply = _guarded(ask, method, handler, roles)
    return _response(site, reply, cookies)


def _guarded(ask: Ask, method: str, handler: Handler, roles: frozenset[str] | None) -> Reply:
    """Ask the page, if this visitor may: logged in, in the right role, with a form of our own making."""
    if roles is not None and ask.visitor is None:
        return to("/login")
    if roles is not None and ask.person.role not in roles:
        return page(ask, "refused", status=403)
    if method == "POST" and not ask.site.guard.spend(ask.form.get("token", ""), ask.owner):
        return page(ask, "stale", status=403)
    try:
        return handler(ask)
    except InputError as error:
        missing = error.key in ("portal_not_found", "finding_unknown", "release_unknown", "exchange_missing")
        status = 404 if missing else 429 if error.key == "portal_slow_down" else 422
        return page(ask, "error", status=status, error=error.text(ask.language))


def _who(site: Site, request: Request, address: str) -> tuple[Account | None, str, dict[str, str]]:
    """Return the visitor (if any), what their form tokens are bound to, and cookies to set."""
    settings = site.settings
    if settings.proxy_header and address in settings.proxy_addresses:
        named = request.headers.getlist(settings.proxy_header)
        account = _account(site, named[0]) if len(named) == 1 else None
        return account, f"proxy {named[0] if len(named) == 1 else ''}", {}
    session = site.guard.session_of(request.cookies.get(COOKIE))
    if session is not None:
        account = _account(site, session.person)
        if account is not None:
            return account, f"session {session.id}", {}
        site.guard.end(session.id)
    known = site.guard.opened(request.cookies.get(VISITOR_COOKIE))
    if known is not None:
        return None, f"visitor {known}", {}
    import secrets

    made = secrets.token_urlsafe(24)
    return None, f"visitor {made}", {VISITOR_COOKIE: site.guard.cookie_of(made)}


def _account(site: Site, person: str) -> Account | None:
    """Return an account that is open and may be used here: a role that was changed holds from the next click."""
    try:
        found = accounts.find(person)
        accounts.usable(found, demo=site.study().demo)
    except InputError:
        return None
    return found


async def _form(request: Request) -> dict[str, str] | None:
    """Return a form's fields: plain text, each once; None for anything else (files, JSON, doubled fields)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    sent: FormData = await request.form(max_files=0, max_fields=100)
    fields = {name: value for name, value in sent.multi_items() if isinstance(value, str)}
    return fields if len(fields) == len(sent.multi_items()) else None


def _language(request: Request) -> tuple[Language, bool]:
    asked = request.query_params.get("language")
    if asked in ("da", "en"):
        return Language(asked), True
    kept = request.cookies.get(LANGUAGE_COOKIE)
    return (Language(kept) if kept in ("da", "en") else Language.DA), False


def _response(site: Site, reply: Reply, cookies: dict[str, str]) -> Response:
    made = Response(reply.body, status_code=reply.status, headers=dict(reply.headers), media_type=None)
    if reply.status != 303:
        made.headers["content-type"] = reply.kind
    for name, value in {**cookies, **reply.cookies}.items():
        if value:
            made.set_cookie(name, value, httponly=True, samesite="strict", secure=site.settings.https, path="/")
        else:
            made.delete_cookie(name, httponly=True, samesite="strict", secure=site.settings.https, path="/")
    return made


def _plain(status: int) -> Response:
    policy = "default-src 'none'; frame-ancestors 'none'"
    return Response(
        f"{status}\n", status_code=status, media_type="text/plain", headers={"content-security-policy": policy}
    )
