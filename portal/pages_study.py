"""What the study rests on: quality."""

from __future__ import annotations

from portal.asking import Ask, Reply, page

__all__ = ["HANDLERS"]


def quality(ask: Ask) -> Reply:
    """Show sources, what is missing, and which checks failed, as the report prints them."""
    return page(ask, "quality", report=ask.report())


HANDLERS = {("GET", "/quality"): quality}
