"""The page of a finding: the one drawing that fits the window, and the numbers under the headings of the report."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from portal.site import Site
from reports import html
from tests.reports.builders import example_report

CHROMIUM = "/usr/bin/chromium"
TABLE = re.compile(r"<thead>.*?</tbody>", re.S)


def counted(report):
    """The report as one of events and the time they were looked for in."""
    cards = tuple(
        replace(card, follow_up=card.people * 2, rows=tuple(replace(row, follow_up=400) for row in card.rows))
        for card in report.cards
    )
    return replace(report, kind="count", unit="months", cards=cards)


@pytest.mark.parametrize("kind", ["yes_no", "count"])
def test_the_numbers_stand_under_the_same_headings_as_in_the_report(portal, monkeypatch, kind):
    report = example_report() if kind == "yes_no" else counted(example_report())
    monkeypatch.setattr(Site, "report", lambda self: report)
    card = report.cards[0]
    page = portal.browser("anna").get(f"/findings/{card.id}").text
    back = html.render(report).split('<table class="numbers">')[1]
    shown = TABLE.search(page)[0]
    assert shown == TABLE.search(back)[0]
    headings = [unescape(one) for one in re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", shown)]
    assert len(headings) == (6 if kind == "yes_no" else 7)
    assert ("med udfaldet" in " ".join(headings).lower()) == (kind == "yes_no")


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium: the drawing was NOT looked for in a browser")
def test_one_drawing_is_shown_in_a_wide_window_and_the_other_on_a_phone(portal, monkeypatch):
    from playwright.sync_api import sync_playwright

    monkeypatch.setattr(Site, "report", lambda self: example_report())
    content = portal.browser("anna").get(f"/findings/{example_report().cards[0].id}").text
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(content)
        for width, phone in ((1280, False), (761, False), (760, True), (320, True)):
            page.set_viewport_size({"width": width, "height": 700})
            shown = [one for one in page.locator("figure.both svg").all() if one.is_visible()]
            assert [one.get_attribute("class") == "narrow" for one in shown] == [phone], width
            box = shown[0].bounding_box()
            assert box["x"] + box["width"] <= width
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()


@pytest.mark.parametrize(("who", "may"), [("anna", True), ("britt", False), ("dorte", False), ("rikke", False)])
def test_who_may_not_describe_a_finding_for_others_is_not_sent_to_the_form(portal, monkeypatch, who, may):
    monkeypatch.setattr(Site, "report", lambda self: example_report())
    page = portal.browser(who).get(f"/findings/{example_report().cards[0].id}").text
    assert ('<a href="/exchange">Beskriv et fund for andre</a>' in page) == may
