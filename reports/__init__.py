"""The reports room: released numbers and words in, HTML, PDF and data files out.

It opens no file but its own catalogue and templates, reads no clock, and is never given a true count. Heavy parts
(Jinja, WeasyPrint) are imported when first used, so that a command's help stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.catalogue import Language
    from reports.values import DpoPage, Report

__all__ = ["fund_csv", "fund_json", "pdf", "render_dpo", "render_report"]


def render_report(report: Report, language: Language | str = "da") -> str:
    """Return the report as one self-contained HTML file."""
    from reports.html import render

    return render(report, language=language)


def render_dpo(page: DpoPage, language: Language | str = "da") -> str:
    """Return the DPO's page as one self-contained HTML file."""
    from reports.dpo import render_dpo as render

    return render(page, language=language)


def pdf(html: str, *, language: Language | str = "da") -> bytes:
    """Return the same HTML as a tagged PDF (PDF/UA-1)."""
    from reports.paper import pdf as printed

    return printed(html, language=language)


def fund_csv(report: Report, language: Language | str = "da") -> bytes:
    """Return the findings as a table that opens in Danish Excel."""
    from reports.data_files import fund_csv as table

    return table(report, language=language)


def fund_json(report: Report) -> dict[str, Any]:
    """Return the findings in DESIGN.md's schema, released numbers only."""
    from reports.data_files import fund_json as data

    return data(report)
