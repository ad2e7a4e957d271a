"""Each role against each route: what is not in this table is refused, and nobody without a login sees anything."""

from __future__ import annotations

import pytest

from pipelines import releases
from pipelines.release_record import read_releases
from portal.app import HANDLERS
from portal.menu import ACCESS
from tests.pipelines.release_builders import workspace

PERSON = {"analyst": "anna", "decider": "britt", "dpo": "dorte", "reader": "rikke"}
A, D, P, R = "analyst", "decider", "dpo", "reader"
# Written by hand, not read from the portal: who may do what.
MAY = {
    ("GET", "/"): {A, D, P, R},
    ("GET", "/findings"): {A, D, P, R},
    ("GET", "/findings/{finding}"): {A, D, P, R},
    ("GET", "/quality"): {A, D, P, R},
    ("GET", "/report/{name}"): {A, D, P, R},
    ("POST", "/logout"): {A, D, P, R},
    ("GET", "/runs"): {A, D, P},
    ("POST", "/runs"): {A},
    ("GET", "/runs/{run}"): {A, D, P},
    ("GET", "/quarantine"): {A, P},
    ("POST", "/quarantine/release"): {A},
    ("POST", "/quarantine/withdraw"): {A},
    ("POST", "/quarantine/drop"): {A},
    ("GET", "/contracts"): {A, D, P},
    ("GET", "/contracts/{register}"): {A, D, P},
    ("POST", "/contracts/{register}/approve"): {A, D},
    ("GET", "/exchange"): {A, D, P},
    ("POST", "/exchange"): {A},
    ("GET", "/exchange/{exchange}"): {A, D, P},
    ("POST", "/exchange/{exchange}/release"): {A},
    ("GET", "/releases"): {A, D, P},
    ("POST", "/releases"): {A},
    ("GET", "/releases/making"): {A},
    ("GET", "/releases/{release}"): {A, D, P},
    ("GET", "/releases/{release}/files/{name}"): {A, D, P},
    ("POST", "/releases/{release}/statement"): {P},
    ("POST", "/releases/{release}/approve"): {D},
    ("POST", "/releases/{release}/return"): {D},
    ("POST", "/releases/{release}/reject"): {D},
    ("POST", "/releases/{release}/withdraw"): {A, D},
    ("GET", "/dpo"): {D, P},
    ("POST", "/dpo/verify"): {A, D, P},
    ("POST", "/dpo/sample"): {P},
    ("GET", "/dpo/evidence/{name}"): {D, P},
    ("GET", "/record"): {D, P},
    ("GET", "/record/{name}"): {D, P},
    ("GET", "/annexes"): {D, P},
    ("GET", "/breach"): {D, P},
    ("POST", "/breach"): {D, P},
    ("POST", "/breach/end"): {D, P},
    ("GET", "/rights"): {A, D, P},
    ("GET", "/deadlines"): {D, P},
    ("GET", "/log"): {D, P},
}
OPEN = {("GET", "/login"), ("POST", "/login"), ("GET", "/health")}
FIELDS = {"says": "none", "reason": "x", "kind": "report", "receiver": "B", "language": "da", "passphrase": "forkert"}
ROUTES = sorted(ACCESS)


def filled(path):
    return (
        path.replace("{release}", "U-2026-01")
        .replace("{finding}", "F-2026-001")
        .replace("{exchange}", "F-2026-001")
        .replace("{run}", "K-0001")
        .replace("{register}", "cpr")
        .replace("{name}", "rapport.html" if "releases" in path else "rapport")
    )


def test_the_table_speaks_of_every_route_and_no_other():
    assert set(HANDLERS) == set(ACCESS) == set(MAY) | OPEN


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: " ".join(route))
@pytest.mark.parametrize("role", [*PERSON, None])
def test_each_role_against_each_route(portal, role, route):
    method, path = route
    browser = portal.browser(PERSON.get(role))
    before = [len(one.acts) for one in read_releases(portal.site.workspace)]
    if method == "GET":
        answer = browser.get(filled(path))
    else:
        owner = f"session {portal.site.guard.opened(browser.cookies.get('undring'))}" if role else "visitor x"
        answer = browser.post(filled(path), data={"token": portal.site.guard.token(owner), **FIELDS})
    assert [len(one.acts) for one in read_releases(portal.site.workspace)] == before  # with a wrong passphrase: nothing
    assert portal.outbox() == []
    if route in OPEN:
        assert answer.status_code in (200, 303, 403)  # 403: the token of somebody else, or a wrong passphrase
        return
    if role is None:
        assert (answer.status_code, answer.headers.get("location")) == (303, "/login")
    elif role not in MAY[route]:
        assert answer.status_code == 403
        assert "location" not in answer.headers
    else:
        assert answer.status_code in (200, 303, 404, 422), answer.text
        assert (answer.headers.get("location") == "/login") == (path == "/logout")


def test_a_page_that_is_in_no_table_is_not_there(portal):
    for path in ("/docs", "/openapi.json", "/redoc", "/admin", "/static/x", "/releases/U-2026-01/manifest.json"):
        for person in (None, "dorte"):
            assert portal.browser(person).get(path).status_code == 404


def test_a_role_changed_or_an_account_closed_holds_from_the_next_click(portal):
    from pipelines import accounts

    browser = portal.browser("britt")
    assert browser.get("/log").status_code == 200
    accounts.set_role("britt", "reader")
    assert browser.get("/log").status_code == 403
    accounts.disable("britt")
    assert browser.get("/").headers["location"] == "/login"


def test_a_policy_tightened_after_the_request_keeps_it_off_the_deciders_list(portal):
    here = workspace(portal.site.workspace, more="statement_required = false\n")
    waits = releases.request(here, portal.people["anna"], kind="report", receiver="Bo")
    link = f'href="/releases/{waits.id}"'
    assert not waits.manifest.statement_required
    assert link in portal.browser("britt").get("/").text
    workspace(here, more="statement_required = true\n")
    assert link not in portal.browser("britt").get("/").text
    assert link in portal.browser("dorte").get("/").text
