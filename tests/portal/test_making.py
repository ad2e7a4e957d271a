"""A release asked for at the portal: the page answers at once, and the files are made beside it."""

from __future__ import annotations

import threading
import time

import pytest

from pipelines import release_files
from pipelines.release_record import read_releases
from tests.pipelines.release_builders import PASSPHRASE

ASK = {"kind": "report", "receiver": "Byrådet", "reason": "Til mødet", "passphrase": PASSPHRASE}


@pytest.fixture
def held(portal, monkeypatch):
    """Files that are written when the test says so, the first at once."""
    go = threading.Event()

    def write(workspace, folder, kind, *, receiver, study_passphrase):
        folder.mkdir(parents=True)
        (folder / "rapport.html").write_text("<p>110 af 640</p>")
        assert go.wait(30)
        (folder / "fund.json").write_text("{}")
        return "K-0001"

    monkeypatch.setattr(release_files, "write_files", write)
    return go


def until(browser, path, status):
    for _ in range(200):
        answer = browser.get(path)
        if answer.status_code == status:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{path} stayed {answer.status_code}")


@pytest.fixture
def asking(portal):
    """An analyst's browser, and a way to ask: the form is there as soon as there is a report."""
    browser = portal.browser("anna")
    return browser, lambda who, **more: portal.post(who, "/releases", page="/releases", **{**ASK, **more})


def test_the_page_answers_at_once_tells_how_far_it_is_and_ends_at_the_release(portal, held, asking):
    browser, ask = asking
    before = len(read_releases(portal.site.workspace))
    assert ask(browser).headers["location"] == "/releases/making"
    waits = browser.get("/releases/making")
    assert waits.status_code == 200
    assert 'http-equiv="refresh"' in waits.text
    assert "1 filer er skrevet" in waits.text
    assert len(read_releases(portal.site.workspace)) == before  # nobody has signed it yet
    assert "/releases/making" in browser.get("/releases").text
    other = portal.browser("asger")
    assert ask(other).status_code == 422  # one at a time
    assert other.get("/releases/making").headers["location"] == "/releases"  # and nobody sees another's
    held.set()
    made = until(browser, "/releases/making", 303).headers["location"]
    assert read_releases(portal.site.workspace)[-1].requested.by == "anna"
    assert made == f"/releases/{read_releases(portal.site.workspace)[-1].id}"


@pytest.mark.parametrize(
    "wrong",
    [{"receiver": ""}, {"kind": "everything"}, {"passphrase": "forkert"}, {"reason": "Ring til 710190-1234"},
     {"receiver": "x" * 200}],
)  # fmt: skip
def test_what_is_wrong_with_the_form_is_said_before_anything_is_made(portal, held, asking, wrong):
    browser, ask = asking
    folders = sorted(path.name for path in (portal.site.workspace / "releases").iterdir())
    assert ask(browser, **wrong).status_code == 422
    assert portal.site.making is None
    assert sorted(path.name for path in (portal.site.workspace / "releases").iterdir()) == folders


def test_what_goes_wrong_on_the_way_is_told_once_on_the_page_that_waits(portal, held, asking):
    browser, ask = asking
    held.set()
    assert ask(browser, follows="U-2026-01").status_code == 303  # it was never returned: found while it is made
    told = until(browser, "/releases/making", 422).text
    assert "U-2026-01" in told
    assert browser.get("/releases/making").headers["location"] == "/releases"


def test_a_crash_on_the_way_asks_for_nothing_and_says_so(portal, asking, monkeypatch):
    def write(*_, **__):
        raise RuntimeError("secret of a crash")

    monkeypatch.setattr(release_files, "write_files", write)
    monkeypatch.setattr(threading, "excepthook", lambda told: None)
    before = len(read_releases(portal.site.workspace))
    browser, ask = asking
    ask(browser)
    portal.site.making.done.wait(10)
    told = browser.get("/releases/making").text
    assert 'role="alert"' in told
    assert "secret" not in told
    assert len(read_releases(portal.site.workspace)) == before
