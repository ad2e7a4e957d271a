"""A run that stops before it has a folder is not silent: the page that started it says why, and what to do."""

from __future__ import annotations

import subprocess
import sys
import time
from html import unescape

from portal import pages_runs


def until_said(portal, seconds=60):
    for _ in range(seconds * 10):
        if portal.site.stopped is not None:
            return
        time.sleep(0.1)
    raise AssertionError("the run said nothing of why it stopped")


def test_a_run_that_cannot_begin_says_so_in_the_readers_language(portal):
    browser = portal.browser("anna")
    answer = portal.post(browser, "/runs", language="da", study_passphrase="forkert")
    assert answer.status_code == 303
    until_said(portal)
    danish = unescape(browser.get("/runs").text)
    assert "Kørslen, der blev startet her, stoppede" in danish
    assert "FEJL" in danish
    assert "gør sådan:" in danish
    assert "forkert" not in danish
    english = unescape(portal.browser("anna").get("/runs?language=en").text)
    assert "ERROR" in english
    assert "FEJL" not in english
    for other in ("dorte", "britt"):  # what stopped it may count rows: for the analyst alone
        assert "FEJL" not in portal.browser(other).get("/runs").text


def test_a_fault_of_ours_is_told_without_its_words(portal):
    command = [sys.executable, "-c", "print('0101' + '500000'); raise SystemExit(1)"]
    portal.site.worker = process = subprocess.Popen(command, stdout=subprocess.PIPE)
    pages_runs._heard(portal.site, process)
    page = unescape(portal.browser("anna").get("/runs").text)
    assert "En fejl i programmet stoppede kørslen" in page
    assert "0101" not in page


def test_a_run_that_was_whole_says_nothing(portal):
    for code in (0, 3):
        command = [sys.executable, "-c", f"raise SystemExit({code})"]
        portal.site.worker = process = subprocess.Popen(command, stdout=subprocess.PIPE)
        pages_runs._heard(portal.site, process)
        assert portal.site.stopped is None
