"""The same page in two languages as PDF, each in a process of its own: two cores print two pages in the time of one.

A page goes to `python -m pipelines.printing LANGUAGE` through a pipe, and its PDF comes back through another: no file,
and a process whose parent is killed finds the pipe closed and ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines import atomic
from pipelines.papers import DRAFT, REPORTS
from reports.catalogue import Language
from reports.values import Report

__all__ = ["main", "print_pages", "write_pages"]

UNAVAILABLE = 3


def write_pages(folder: Path, report: Report, *, mark: str = "") -> dict[str, str]:
    """Write a report's pages in both languages and its data files; return the pages by name, to be printed.

    `mark` stands in a page's name after its first word: `papers.DRAFT` of a draft.
    """
    from reports.data_files import fund_csv, fund_json
    from reports.html import render

    pages = {name.replace(DRAFT, mark): render(report, language=language) for language, name in REPORTS.items()}
    for name, html in pages.items():
        atomic.write_text(folder / f"{name}.html", html)
    atomic.write_bytes(folder / "fund.csv", fund_csv(report, language=Language.DA))
    atomic.write_text(folder / "fund.json", json.dumps(fund_json(report), ensure_ascii=False, indent=1) + "\n")
    return pages


def print_pages(folder: Path, pages: Mapping[str, str]) -> bool:
    """Print pages beside themselves as PDF; return whether this machine can. The portal answers others meanwhile."""
    from reports.paper import PdfUnavailable

    with ThreadPoolExecutor(len(pages)) as waiting:
        printed = {name: waiting.submit(_elsewhere, html, _language(name)) for name, html in pages.items()}
        try:
            for name, one in printed.items():
                atomic.write_bytes(folder / f"{name}.pdf", one.result())
        except PdfUnavailable:
            return False
    return True


def main(language: str) -> int:
    """Print the page on standard input to standard output."""
    from reports.paper import PdfUnavailable, pdf

    try:
        sys.stdout.buffer.write(pdf(sys.stdin.buffer.read().decode("utf-8"), language=language))
    except PdfUnavailable:
        return UNAVAILABLE
    return 0


def _elsewhere(html: str, language: Language) -> bytes:
    from reports.paper import PdfUnavailable

    command = [sys.executable, "-P", "-m", "pipelines.printing", language.value]  # -P: nothing from where one stands
    done = subprocess.run(command, input=html.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if done.returncode == UNAVAILABLE:
        raise PdfUnavailable("elsewhere")
    done.check_returncode()
    return done.stdout


def _language(name: str) -> Language:
    return Language.EN if name.endswith(".en") else Language.DA


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
