"""What a run says of its delivery: rules across registers that failed, rows that came late, files delivered before."""

from __future__ import annotations

from pipelines.context import Run
from pipelines.steps import read_account
from reports import catalogue
from reports.catalogue import Language

__all__ = ["delivery_lines"]

TOGETHER = ("after_death", "dead_held", "drift_rows", "drift_missing", "drift_codes")


def delivery_lines(run: Run, language: Language) -> list[str]:
    """Return the lines; [] where all is as in the last delivery."""
    lines = []
    for one in read_account(run).registers:
        for check, column in one.checks_failed:
            if check in TOGETHER:
                facts: dict[str, str | int] = {
                    "register": one.register,
                    "column": column or "-",
                    "rule": catalogue.text(language, f"check.expectation.{check}"),
                }
                lines.append(catalogue.text(language, "delivery.failed", facts))
        if one.late:
            lines.append(catalogue.text(language, "delivery.late", {"register": one.register, "rows": one.late}))
        if one.again:
            lines.append(catalogue.text(language, "delivery.again", {"register": one.register, "files": one.again}))
    return lines
