"""What somebody outside, or inside with one role, tries on the portal."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines import accounts, releases
from portal.app import create_site
from portal.guard import COOKIE, FAILURES, TRIES, Guard
from portal.site import Settings, Site
from tests.pipelines.release_builders import PASSPHRASE
from tests.portal.conftest import HOST, TOKEN


def login(portal, browser, person, passphrase=PASSPHRASE):
    return portal.post(browser, "/login", page="/login", person=person, passphrase=passphrase)


# --- sessions and forms -----------------------------------------------------------------------------------------------


def test_who_logs_in_gets_a_session_of_its_own_whatever_cookie_came_along(portal):
    browser = portal.browser()
    planted = portal.site.guard.cookie_of("planted-by-an-attacker")
    browser.cookies.set(COOKIE, planted)
    answer = login(portal, browser, "anna")
    assert answer.status_code == 303
    given = answer.cookies.get(COOKIE)
    assert given
    assert given != planted
    attacker = portal.browser()
    attacker.cookies.set(COOKIE, planted)
    assert attacker.get("/").headers["location"] == "/login"


def test_the_cookie_is_signed_http_only_and_same_site(portal):
    answer = login(portal, portal.browser(), "anna")
    said = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{COOKIE}="))
    assert "HttpOnly" in said
    assert "SameSite=strict" in said
    cookie = answer.cookies[COOKIE]
    for changed in (cookie[:-1] + ("0" if cookie[-1] != "0" else "1"), cookie.rpartition(".")[0], "x" + cookie):
        other = portal.browser()
        other.cookies.set(COOKIE, changed)
        assert other.get("/").headers["location"] == "/login"


def test_logging_out_ends_the_session_also_for_who_kept_the_cookie(portal):
    browser = portal.browser("anna")
    kept = browser.cookies[COOKIE]
    portal.post(browser, "/logout")
    other = portal.browser()
    other.cookies.set(COOKIE, kept)
    assert other.get("/").headers["location"] == "/login"


def test_a_form_without_its_own_fresh_token_does_nothing(portal):
    browser = portal.browser("britt")
    other = portal.browser("dorte")
    used = portal.token(browser)
    assert browser.post("/dpo/verify", data={"token": used}).status_code == 303
    tokens = {"none": None, "made up": "1.2.3", "somebody else's": portal.token(other), "used": used, "empty": ""}
    for token in tokens.values():
        fields = {"token": token} if token is not None else {}
        answer = browser.post("/releases/U-2026-01/reject", data={**fields, "reason": "x", "passphrase": PASSPHRASE})
        assert answer.status_code == 403
    assert releases.read_release(portal.site.workspace, "U-2026-01").state == "requested"


def test_sessions_end_by_themselves_and_tokens_grow_old():
    now = [0.0]
    guard = Guard(clock=lambda: now[0])
    cookie, token = guard.begin("anna"), guard.token("x")
    now[0] = 29 * 60
    assert guard.session_of(cookie)
    now[0] = 70 * 60
    assert guard.session_of(cookie) is None
    now[0] = 3 * 3600
    assert not guard.spend(token, "x")
    busy = guard.begin("anna")
    for minute in range(0, 11 * 60, 20):
        now[0] = 3 * 3600 + minute * 60
        alive = guard.session_of(busy)
    assert alive is None  # ten hours, however busy


# --- redirects, paths, hosts, bodies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("next_", ["https://ond.invalid", "//ond.invalid", "/\\ond.invalid", "javascript:x"])
def test_no_answer_sends_the_browser_out_of_the_house(portal, next_):
    browser = portal.browser()
    page = browser.get("/login", params={"next": next_, "language": "en"})
    token = TOKEN.search(page.text)[1]
    answer = browser.post(
        "/login",
        params={"next": next_},
        data={"token": token, "person": "anna", "passphrase": PASSPHRASE, "next": next_},
    )
    assert answer.headers["location"] == "/"
    assert "ond.invalid" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/report/..%2f..%2fstudy.toml",
        "/report/../study.toml",
        "/report/%2e%2e%2fstudy.toml",
        "/report/study.toml",
        "/releases/U-2026-01/files/..%2fmanifest.json",
        "/releases/U-2026-01/files/manifest.json",
        "/releases/U-2026-01/files/%2fetc%2fpasswd",
        "/releases/..%2f..%2fledger/files/x",
        "/releases/..%2f",
        "/runs/..%2f..",
        "/contracts/..%2fstudy",
        "/dpo/evidence/..%2f..%2faccounts.json",
        "/findings/..%2f..%2ffindings.json",
        "/releases/U-2026-01/files/rapport.html%00.txt",
    ],
)
def test_no_path_leads_out_of_what_a_page_shows(portal, path):
    answer = portal.browser("dorte").get(path)
    assert answer.status_code in (303, 404, 422)
    assert "proeve" not in answer.text.split("</header>")[-1]


def test_rows_of_people_are_shown_to_nobody(portal):
    from portal.pages_releases import _kind_of

    assert _kind_of("data.csv") is None
    assert _kind_of("data.parquet") is None
    assert _kind_of("dataordbog.csv") == "text/plain; charset=utf-8"


@pytest.mark.parametrize("host", ["ond.invalid", "127.0.0.1", "127.0.0.1:80", "localhost.ond.invalid:8765", ""])
def test_another_host_name_is_refused(portal, host):
    assert portal.browser().get("/health", headers={"host": host}).status_code == 400
    assert portal.browser().get("/health").text == "ok\n"


def test_a_body_too_large_is_refused_said_or_not(portal):
    browser = portal.browser("anna")
    large = "x" * 70_000
    assert browser.post("/releases", data={"reason": large}).status_code == 413

    def pieces():
        for _ in range(100):
            yield b"x" * 1_000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/releases", content=pieces(), headers=kind).status_code == 413


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_a_form_comes_as_a_form(portal, kind):
    assert portal.browser("anna").post("/releases", content=b"{}", headers={"content-type": kind}).status_code == 400


def test_a_field_given_twice_is_refused(portal):
    browser = portal.browser("britt")
    kind = {"content-type": "application/x-www-form-urlencoded"}
    body = f"token={portal.token(browser)}&reason=a&reason=b"
    assert browser.post("/releases/U-2026-01/reject", content=body, headers=kind).status_code == 400


def test_every_answer_forbids_scripts_frames_and_caches(portal):
    browser = portal.browser("dorte")
    for path in ("/", "/dpo", "/nothing", "/releases/U-2026-01/files/rapport.html", "/health"):
        answer = browser.get(path)
        policy = answer.headers.get("content-security-policy", "default-src 'none'")
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
    assert "<script" not in browser.get("/dpo").text


# --- logging in -------------------------------------------------------------------------------------------------------


def test_two_hundred_at_once_get_thirty_tries_and_the_rest_wait(portal, monkeypatch):
    at_once, most = [0], [0]
    counting = threading.Lock()
    real = accounts.unlock

    def slow(*arguments, **named):
        with counting:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        try:
            return real(*arguments, **named)
        finally:
            with counting:
                at_once[0] -= 1

    monkeypatch.setattr(accounts, "unlock", slow)
    browsers = [portal.browser() for _ in range(200)]
    tokens = [portal.token(browser, "/login") for browser in browsers]

    def try_once(number):
        fields = {"token": tokens[number], "person": f"gaet{number}", "passphrase": "forkert nok til at prøve"}
        return browsers[number].post("/login", data=fields).status_code

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(try_once, range(200)))
    assert sorted(set(answers)) == [403, 429]
    assert answers.count(403) == TRIES
    assert most[0] == 1  # one Argon2id at a time: 200 of them would take 50 GiB
    assert login(portal, portal.browser(address="10.0.0.9"), "anna").status_code == 303  # from elsewhere: as before


def test_a_passphrase_is_not_guessed_one_account_at_a_time_either(portal):
    for number in range(FAILURES):
        browser = portal.browser(address=f"10.0.0.{number}")
        assert login(portal, browser, "anna", "forkert nok til at prøve").status_code == 403
    assert login(portal, portal.browser(address="10.0.1.1"), "anna").status_code == 429  # also the right one


def test_signing_is_limited_like_logging_in(portal):
    browser = portal.browser("britt")
    for _ in range(FAILURES):
        answer = portal.post(browser, "/releases/U-2026-01/reject", reason="x", passphrase="forkert nok til at prøve")
        assert answer.status_code == 422
    answer = portal.post(browser, "/releases/U-2026-01/reject", reason="x", passphrase=PASSPHRASE)
    assert answer.status_code == 429


# --- sign-on by a proxy -----------------------------------------------------------------------------------------------


def test_the_proxys_header_counts_from_the_proxy_and_from_nowhere_else(portal):
    site = Site(
        settings=Settings(
            workspace=portal.site.workspace,
            hosts=frozenset({HOST}),
            proxy_header="x-remote-user",
            proxy_addresses=frozenset({"10.1.1.1"}),
        )
    )
    portal.app = create_site(site)[0]
    named = {"x-remote-user": "dorte"}
    assert portal.browser(address="10.1.1.1").get("/log", headers=named).status_code == 200
    for address in ("10.1.1.2", "127.0.0.1", "testclient"):
        answer = portal.browser(address=address).get("/log", headers={**named, "x-forwarded-for": "10.1.1.1"})
        assert answer.headers["location"] == "/login"
    twice = portal.browser(address="10.1.1.1").get(
        "/log", headers=[("x-remote-user", "dorte"), ("x-remote-user", "bo")]
    )
    assert twice.headers["location"] == "/login"
    nobody = portal.browser(address="10.1.1.1").get("/log", headers={"x-remote-user": "nobody"})
    assert nobody.headers["location"] == "/login"


# --- releases by every route ------------------------------------------------------------------------------------------


def test_who_asked_does_not_decide_by_any_route_whatever_role_they_get(portal):
    dpo = portal.browser("dorte")
    portal.post(dpo, "/releases/U-2026-01/statement", says="none", passphrase=PASSPHRASE)
    for role in ("analyst", "decider", "dpo", "reader"):
        accounts.set_role("anna", role)
        browser = portal.browser("anna")
        for act in ("statement", "approve", "return", "reject"):
            answer = portal.post(browser, f"/releases/U-2026-01/{act}", says="none", reason="ja", passphrase=PASSPHRASE)
            assert answer.status_code in (403, 422)
    assert releases.read_release(portal.site.workspace, "U-2026-01").state == "requested"
    assert portal.outbox() == []


def test_three_people_in_three_browsers_get_a_release_out(portal):
    decider = portal.browser("britt")
    early = portal.post(decider, "/releases/U-2026-01/approve", passphrase=PASSPHRASE)
    assert early.status_code == 422
    dpo = portal.browser("dorte")
    portal.post(
        dpo, "/releases/U-2026-01/statement", says="advised_against", reason="For tidligt", passphrase=PASSPHRASE
    )
    assert portal.post(decider, "/releases/U-2026-01/approve", passphrase=PASSPHRASE).status_code == 422
    assert portal.outbox() == []
    done = portal.post(decider, "/releases/U-2026-01/approve", reason="Høringen er slut", passphrase=PASSPHRASE)
    assert done.headers["location"] == "/releases/U-2026-01"
    assert portal.outbox() == ["rapport.html"]
    assert "Høringen er slut" in portal.browser("anna").get("/releases/U-2026-01").text


def test_a_passphrase_of_another_signs_nothing(portal):
    accounts.add("mette", name="Mette", role="decider", passphrase="en helt anden sætning")
    browser = portal.browser("britt")
    answer = portal.post(browser, "/releases/U-2026-01/reject", reason="x", passphrase="en helt anden sætning")
    assert answer.status_code == 422
    assert releases.read_release(portal.site.workspace, "U-2026-01").state == "requested"


def test_a_reason_is_shown_as_text_whatever_is_in_it(portal):
    marked = "<img src=x onerror=alert(1)>"
    dpo = portal.browser("dorte")
    portal.post(
        dpo,
        "/releases/U-2026-01/statement",
        says="remarks",
        reason=marked,
        passphrase=PASSPHRASE,
    )
    text = portal.browser("britt").get("/releases/U-2026-01").text
    assert "<img" not in text
    assert "&lt;img" in text


def test_a_crash_says_nothing_of_itself(portal, monkeypatch):
    from portal.site import Site as OpenSite

    def broken(self):
        raise RuntimeError("secret")

    monkeypatch.setattr(OpenSite, "ledger", broken)
    from starlette.testclient import TestClient

    browser = TestClient(portal.app, base_url=f"http://{HOST}", raise_server_exceptions=False)
    browser.cookies.set(COOKIE, portal.site.guard.begin("dorte"))
    answer = browser.get("/log")
    assert (answer.status_code, answer.text) == (500, "500\n")
