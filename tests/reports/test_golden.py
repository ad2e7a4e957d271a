"""The pages as agreed: a change of a word shows here as a difference to be read. `make golden` writes them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from reports import render_dpo, render_report
from tests.reports import builders

GOLDEN = Path(__file__).parents[1] / "golden"
PAGES = {
    f"{name}_{language}.html": (make, language)
    for language in ("da", "en")
    for name, make in {
        "report": lambda language: render_report(builders.example_report(), language),
        "no_finding": lambda language: render_report(builders.empty_report(), language),
        "without_lock": lambda language: render_report(builders.unlocked_report(), language),
        "own_eyes": lambda language: render_report(builders.own_eyes_report(), language),
        "dpo": lambda language: render_dpo(builders.example_dpo(), language),
    }.items()
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_reads_as_agreed(name):
    make, language = PAGES[name]
    # Style and marks are left out: the words and the tree are what people agree on.
    page = re.sub(r"<style>.*?</style>", "<style></style>", make(language), flags=re.DOTALL)
    page = re.sub(r"(</title>)(?!<).*?(?=</svg>)|(?<=</title>)<(?!meta|style|/head).*?(?=</svg>)", r"\1", page)
    page = re.sub(r"(?<=>)(?=<(?:section|div|p|li|tr|t[hd]|h\d|figure|dt|table|svg)\b)", "\n", page)
    file = GOLDEN / name
    if os.environ.get("UNDRING_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(page, encoding="utf-8")
    assert file.exists(), "write it with: make golden"
    assert page == file.read_text(encoding="utf-8"), "read the difference; if it is meant: make golden"
