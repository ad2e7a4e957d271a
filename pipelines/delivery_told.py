"""What a run says of its delivery: rules across registers that failed, rows that came late, files delivered before.

Numbers that do not fit modulus 11 are counted as a warning: they are allowed, and no row is refused for it.
"""

from __future__ import annotations

from dataclasses import asdict

from pipelines import state
from pipelines.account import NO_CHANGES, RunAccount
from pipelines.context import Run
from pipelines.steps import read_account
from reports import catalogue
from reports.catalogue import Language

__all__ = ["delivery_lines"]

TOGETHER = ("after_death", "dead_held", "drift_rows", "drift_missing", "drift_codes")


def delivery_lines(run: Run, language: Language) -> list[str]:
    """Return the lines; [] where all is as in the last delivery."""
    lines = []
    if _unchanged(run):
        lines.append(catalogue.text(language, "delivery.unchanged"))
    for one in read_account(run).registers:
        if one.modulus and not run.study.invented:  # invented people have invented numbers
            told: dict[str, str | int] = {"register": one.register, "rows": one.modulus}
            lines.append(catalogue.text(language, "delivery.modulus", told))
        for check, column in one.checks_failed:
            if check in TOGETHER:
                facts: dict[str, str | int] = {
                    "register": one.register,
                    "column": column or "-",
                    "rule": catalogue.text(language, f"check.expectation.{check}"),
                }
                lines.append(catalogue.text(language, "delivery.failed", facts))
        if one.changes != NO_CHANGES:
            counts: dict[str, str | int] = {**asdict(one.changes), "register": one.register}
            lines.append(catalogue.text(language, "delivery.changes", counts))
        if one.again:
            lines.append(catalogue.text(language, "delivery.again", {"register": one.register, "files": one.again}))
    return lines


def _unchanged(run: Run) -> bool:
    """Whether every file was in the last finished run too, and none is gone: known by content, whatever its name."""
    before = [path for path in sorted(run.folder.parent.glob("K-*")) if path.name < run.folder.name]
    done = [path for path in before if (path / "done.json").exists() and (path / "account.json").exists()]
    if not done:
        return False
    try:
        last = state.read(done[-1] / "account.json", RunAccount)
    except (OSError, ValueError):  # of an older version
        return False
    mine = _contents(read_account(run))
    return bool(mine) and mine == _contents(last)


def _contents(account: RunAccount) -> frozenset[tuple[str, str]]:
    return frozenset((one.register, digest) for one in account.registers for _, digest in one.files if digest)
