"""Pages printed side by side are the pages printed one after the other."""

from __future__ import annotations

import io
import subprocess

import pytest

from pipelines import printing
from reports.paper import PdfUnavailable, pdf

PAGES = {
    "rapport": '<!doctype html><html lang="da"><head><title>Prøve</title></head><body><h1>Ærlig</h1></body></html>',
    "report.en": '<!doctype html><html lang="en"><head><title>Trial</title></head><body><h1>Honest</h1></body></html>',
}


def test_each_page_is_what_it_is_when_printed_alone(tmp_path):
    assert printing.print_pages(tmp_path, PAGES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rapport.pdf", "report.en.pdf"]
    assert (tmp_path / "rapport.pdf").read_bytes() == pdf(PAGES["rapport"], language="da")
    assert (tmp_path / "report.en.pdf").read_bytes() == pdf(PAGES["report.en"], language="en")


def test_a_machine_that_cannot_print_says_so_wherever_it_is_found_out(tmp_path, monkeypatch):
    ended = subprocess.CompletedProcess([], printing.UNAVAILABLE, stdout=b"")
    monkeypatch.setattr(printing.subprocess, "run", lambda *command, **how: ended)
    assert not printing.print_pages(tmp_path, PAGES)

    def cannot(html, *, language):
        raise PdfUnavailable("OSError")

    monkeypatch.setattr("reports.paper.pdf", cannot)
    monkeypatch.setattr(printing.sys, "stdin", io.TextIOWrapper(io.BytesIO(PAGES["rapport"].encode())))
    assert printing.main("da") == printing.UNAVAILABLE


def test_a_page_that_fails_elsewhere_is_no_page(tmp_path, monkeypatch):
    ended = subprocess.CompletedProcess(["x"], 1, stdout=b"half a page")
    monkeypatch.setattr(printing.subprocess, "run", lambda *command, **how: ended)
    with pytest.raises(subprocess.CalledProcessError):
        printing.print_pages(tmp_path, PAGES)
    assert not (tmp_path / "report.en.pdf").exists()
