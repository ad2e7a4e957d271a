"""Leads that were tried while their outcome could not be weighed in the locked part: what is said of them, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from analysis.values import Discovery, Finding
from pipelines.words import both
from reports.catalogue import Language
from reports.values import Words
from reports.wording import unfit_key

__all__ = ["unfit_lines", "unfit_reason", "unfit_sentence"]


def unfit_reason(code: str) -> Words:
    """Return the reason in words, from `Finding.unfit`."""
    return both(unfit_key(code))


def unfit_sentence(code: str, language: Language) -> str:
    """Return what is said of one finding."""
    return both("unfit.finding", why=unfit_reason(code)).said(language)


def unfit_lines(
    found: Discovery, labelled: Callable[[str], Words], language: Language, *, of: Callable[[Finding], bool]
) -> list[str]:
    """Return a line an outcome and reason. `labelled`: a column in words; `of`: which findings are told."""
    lines = []
    for search in found.each:
        codes = Counter(one.unfit for one in search.findings if one.unfit and of(one))
        for code, leads in codes.items():
            told = both("unfit.outcome", outcome=labelled(search.outcome_column), leads=leads, why=unfit_reason(code))
            lines.append(told.said(language))
    return lines
