"""The portal as people use it, in Chromium without JavaScript: an analyst, a decider and a DPO over one demo.

Marked `browser`: skipped, loudly, where there is no Chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.journeys.conftest import Demo

CHROMIUM = "/usr/bin/chromium"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium: the portal was NOT tried in a browser"),
]
PASSPHRASE = "demo"
MENU = {
    "demo-analytiker": [
        *("/", "/runs", "/findings", "/quality", "/quarantine", "/contracts", "/exchange", "/releases", "/rights"),
    ],
    "demo-dpo": [
        *("/", "/runs", "/findings", "/quality", "/quarantine", "/contracts", "/exchange", "/releases"),
        *("/dpo", "/log", "/rights", "/deadlines", "/record", "/breach"),
    ],
    "demo-godkender": [
        *("/", "/runs", "/findings", "/quality", "/contracts", "/exchange", "/releases"),
        *("/dpo", "/log", "/rights", "/deadlines", "/record", "/breach"),
    ],
    "demo-laeser": ["/", "/findings", "/quality"],
}


@dataclass
class Served:
    address: str
    workspace: Path


@pytest.fixture(scope="module")
def served(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The portal by its own command, over a copy of the demo that these tests may change."""
    place = tmp_path_factory.mktemp("portal")
    workspace = place / "kommune"
    shutil.copytree(demo.workspace, workspace)
    shutil.copytree(demo.home, place / "home")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "UNDRING_HOME": str(place / "home")}
    command = [str(Path(sys.executable).with_name("undring")), "portal", str(workspace), "--port", str(port)]
    process = subprocess.Popen(command, env=env, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(240):
            try:
                assert urlopen(f"http://127.0.0.1:{port}/health", timeout=2).read() == b"ok\n"
                break
            except OSError:
                time.sleep(0.25)
        else:
            raise AssertionError("the portal did not answer within a minute")
        yield Served(f"http://127.0.0.1:{port}", workspace)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def people(served, browser):
    """A page for each person, logged in once, without JavaScript."""
    kept = {}

    def page_of(person):
        if person not in kept:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
            page = context.new_page()
            page.set_default_timeout(240_000)
            page.goto(served.address + "/login")
            page.get_by_label("Konto").fill(person)
            page.get_by_label("Adgangssætning").fill(PASSPHRASE)
            page.get_by_role("button", name="Log ind").click()
            page.wait_for_url(served.address + "/")
            kept[person] = page
        return kept[person]

    yield page_of
    for page in kept.values():
        page.context.close()


def test_the_analysts_first_hour(served, people):
    """From the front page to the draft, a run of their own, and a release asked for."""
    page = people("demo-analytiker")
    page.goto(served.address)
    page.get_by_role("link", name="Fund og spor", exact=True).click()
    first = page.locator("tbody th a").first
    name = first.inner_text()
    first.click()
    assert name in page.locator("main").inner_text()
    page.get_by_role("link", name="Kvalitet").click()
    assert "Register" in page.locator("main").inner_text()
    page.get_by_role("link", name="Kørsler").click()
    page.get_by_role("button", name="Start en kørsel").click()
    page.wait_for_url(served.address + "/runs")
    mine = page.locator("tr", has=page.get_by_role("link", name="K-0002"))
    mine.locator(".chip", has_text="Færdig").wait_for(timeout=900_000)  # the page comes anew by itself
    page.locator("tbody th a").first.click()
    assert "borgere" in page.locator(".steps").inner_text()  # counts are for the analyst
    page.get_by_role("link", name="Udgivelser").click()
    page.get_by_label("Modtager").fill("Alle (kommunens hjemmeside)")
    page.get_by_label("Hvad den skal bruges til").fill("Til udvalgets møde")
    page.get_by_label("Din adgangssætning").fill(PASSPHRASE)
    page.get_by_role("button", name="Bed om en udgivelse").click()
    page.wait_for_url(re.compile(r"/releases/(making|U-)"))  # at once; the files come beside it
    page.wait_for_url(re.compile(r"/releases/U-\d{4}-01$"))
    assert "Venter på DPO'ens udtalelse" in page.locator("main").inner_text()
    assert not (served.workspace / "outbox").exists()


def test_the_release_with_three_accounts(served, people):
    """The decider cannot before the DPO, must answer the advice, and then it lies in the outbox."""
    decider, dpo = people("demo-godkender"), people("demo-dpo")
    decider.goto(served.address + "/releases")
    decider.locator("tbody th a").first.click()
    where = decider.url
    assert decider.get_by_role("button", name="Godkend").count() == 0
    dpo.goto(served.address)
    dpo.get_by_role("link", name=re.compile("Udtalelse om U-")).click()
    dpo.get_by_role("radio", name="Frarådes").check()
    dpo.get_by_label("Begrundelse").fill("Vent til efter høringen")
    dpo.get_by_label("Din adgangssætning").fill(PASSPHRASE)
    dpo.get_by_role("button", name="Underskriv udtalelsen").click()
    dpo.wait_for_url(where)
    assert dpo.get_by_role("button", name="Underskriv").count() == 1  # until it is decided, another statement
    assert dpo.get_by_role("button", name="Godkend").count() == 0
    decider.goto(where)
    form = decider.locator("form", has=decider.get_by_role("button", name="Godkend"))
    form.get_by_label("Din adgangssætning").fill("forkert")
    form.get_by_label("Dit svar").fill("Høringen er slut")
    form.get_by_role("button", name="Godkend").click()
    assert "passer" in decider.get_by_role("alert").inner_text()
    assert not (served.workspace / "outbox").exists()
    decider.goto(where)
    form.get_by_label("Dit svar").fill("Høringen er slut")
    form.get_by_label("Din adgangssætning").fill(PASSPHRASE)
    form.get_by_role("button", name="Godkend").click()
    decider.wait_for_url(where)
    assert "Udgivet" in decider.locator("main").inner_text()
    out = next((served.workspace / "outbox").iterdir())
    assert "Høringen er slut" in (out / "AFGOERELSE.txt").read_text(encoding="utf-8")
    assert "UDKAST" not in (out / "rapport.html").read_text(encoding="utf-8")


def test_the_dpos_ten_minutes(served, people):
    """The verdict, the sample, the log by filter, the evidence; and nothing on the way shows a citizen."""
    page = people("demo-dpo")
    page.goto(served.address + "/dpo")
    page.get_by_role("button", name="Regn kontrollerne efter nu").click()
    page.wait_for_url(served.address + "/dpo")
    assert page.locator("h1").inner_text().startswith("✓ Ingen fejl")
    assert "U-" in page.locator("#ude").inner_text()
    page.get_by_role("radio", name="Forklaret", exact=True).first.check()
    page.locator("#stikproeve").get_by_label("Din adgangssætning").fill(PASSPHRASE)
    page.get_by_role("button", name="Underskriv vurderingen").click()
    page.wait_for_url(served.address + "/dpo")
    assert "Forklaret" in page.locator("#stikproeve").inner_text()
    page.get_by_role("link", name="Log", exact=True).click()
    page.get_by_label("Handling").select_option("release.approve")
    page.get_by_role("button", name="Vis").click()
    assert page.locator("tbody tr").count() == 1
    assert "demo-godkender" in page.locator("tbody").inner_text()


def test_keyboard_alone_is_enough_to_log_in_and_read(served, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(240_000)
    page.goto(served.address + "/login")
    page.keyboard.press("Tab")
    assert page.locator("a.skip:focus").count() == 1
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator("#person:focus").count():
            break
    page.keyboard.type("demo-laeser")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    page.wait_for_url(served.address + "/")
    reached = set()
    for _ in range(14):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            break  # out of the page, into the browser
        reached.add(focused.get_attribute("href") or focused.inner_text())
    assert {"/", "/findings", "/quality"} <= reached
    page.locator("nav.menu a[href='/findings']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(served.address + "/findings")
    context.close()


def test_the_keyboard_alone_starts_the_clock_of_a_breach(served, people):
    """What is done in a hurry: day and passphrase by the keyboard, and the 72 hours stand on the first page."""
    page = people("demo-dpo")
    page.goto(served.address + "/breach")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator("#day:focus").count():
            break
    page.keyboard.press("ArrowDown")  # yesterday
    for _ in range(3):
        page.keyboard.press("Tab")  # over hour and minute, which stand at midnight
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    page.locator("section.verdict").wait_for()
    page.goto(served.address)
    assert re.search(r"Brud på persondatasikkerheden: \d\d timer tilbage", page.locator("main").inner_text())
    page.goto(served.address + "/breach")
    page.get_by_text("Læs udkastet her").click()
    assert "72 timer er timer, der går" in page.locator("main").inner_text()
    page.get_by_role("radio", name="Det var ikke et brud").check()
    page.locator("form", has=page.get_by_role("radio")).get_by_label("Din adgangssætning").fill(PASSPHRASE)
    page.get_by_role("button", name="Stop uret").click()
    page.get_by_role("cell", name="Det var ikke et brud").wait_for()


@pytest.mark.parametrize("person", sorted(MENU))
def test_the_menu_holds_what_the_role_may_see(served, people, person):
    page = people(person)
    page.goto(served.address)
    links = [one.get_attribute("href") for one in page.locator("nav.menu a").all()]
    assert links == MENU[person]


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_page_at_320_and_1280_pixels_with_no_violation_by_axe(served, browser, people, language):
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    worst = {}
    for person in ("demo-analytiker", "demo-dpo", "demo-godkender"):
        state = people(person).context.storage_state()
        context = browser.new_context(viewport={"width": 1280, "height": 900}, storage_state=state)
        page = context.new_page()
        page.set_default_timeout(240_000)
        page.goto(f"{served.address}/?language={language}")
        if person == "demo-dpo":
            paths = [*MENU[person], "/annexes", "/contracts/advis", "/runs/K-0001", "/nothing-here"]
        elif person == "demo-analytiker":
            paths = [
                "/",
                "/releases",
                "/runs",
                *_first(page, served, "/findings"),
                *_first(page, served, "/releases"),
                "/log",
            ]
        else:
            paths = ["/dpo", *_first(page, served, "/releases")]
        for path in paths:
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(served.address + path)
            if path != "/nothing-here":
                assert page.locator("html").get_attribute("lang") == language
                found = axe.run(page).response["violations"]
                for one in found:
                    worst[f"{person} {path} {one['id']}"] = [node["html"][:120] for node in one["nodes"][:2]]
            page.set_viewport_size({"width": 320, "height": 700})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > 320:
                worst[f"{person} {path} reflow"] = wide
        context.close()
    context = browser.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.goto(f"{served.address}/login?language={language}")
    for one in axe.run(page).response["violations"]:
        worst[f"login {one['id']}"] = [node["html"][:120] for node in one["nodes"][:2]]
    context.close()
    assert worst == {}


def _first(page, served, path):
    page.goto(served.address + path)
    link = page.locator("tbody th a")
    return [link.first.get_attribute("href")] if link.count() else []
