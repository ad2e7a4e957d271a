"""The report and the DPO's page in a real browser: no axe violation, no sideways scrolling, nothing fetched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports import render_dpo, render_report
from tests.reports import builders

CHROMIUM = os.environ.get("UNDRING_CHROMIUM", "/usr/bin/chromium")
PAGES = {
    "report": lambda language: render_report(builders.example_report(), language),
    "no_finding": lambda language: render_report(builders.empty_report(), language),
    "without_lock": lambda language: render_report(builders.unlocked_report(), language),
    "own_eyes": lambda language: render_report(builders.own_eyes_report(), language),
    "dpo": lambda language: render_dpo(builders.example_dpo(), language),
}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"LOUD: {CHROMIUM} is missing, no page was looked at"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_is_fetched_or_scrolls_sideways(name, language, browser, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    file = tmp_path / f"{name}.html"
    file.write_text(PAGES[name](language), encoding="utf-8")
    asked: list[str] = []
    for width in (1280, 390, 320):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width != 390:
            results = axe.Axe().run(page)
            assert results.violations_count == 0, results.generate_report()
        page.close()
    assert set(asked) == {file.as_uri()}


def test_the_keyboard_reaches_the_findings_by_the_skip_link(browser, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(PAGES["report"]("da"), encoding="utf-8")
    page = browser.new_page(java_script_enabled=True)
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#fund-1"
    page.close()
