"""Every clock that runs in a workspace: what is to be deleted and when, what waits for an answer; overdue first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pipelines import retention
from pipelines.breaches import breaches
from pipelines.sample_acts import Sample
from pipelines.study import Study
from pipelines.words import both
from reports.numbers import HERE
from reports.values import Words

__all__ = ["Clocks", "clocks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """All that run, as they stand at one moment."""

    rows: tuple[tuple[Words, date], ...]  # what each is for, and the day it runs out, soonest first
    kept_too_long: bool  # something is to be deleted now


def clocks(
    workspace: Path, study: Study, *, now: datetime, log_begun: datetime | None, sample: Sample | None = None
) -> Clocks:
    """Return every clock that runs.

    Of what is not overdue, the first of each kind: a hundred runs' intermediate results have one clock that matters.
    """
    late, waiting = retention.judged(workspace, study, now=now)
    rows = [(_words(one), _day(one.due)) for one in late]
    first: dict[str, retention.Kept] = {}
    for one in sorted(waiting, key=lambda one: one.due):
        first.setdefault(one.kind, one)
    rows += [(_words(one), _day(one.due)) for one in first.values()]
    if log_begun is not None and not any(one.kind == "log" for one in late):
        rows.append((both("retention.log"), _day(log_begun + timedelta(days=study.retention.log_days))))
    for line in sample.unexplained if sample is not None else ():
        rows.append((both("portal.deadlines.unexplained", line=line.number), line.due))
    rows += [(both("portal.deadlines.breach"), _day(one.due)) for one in breaches(workspace) if not one.ended]
    return Clocks(rows=tuple(sorted(rows, key=lambda row: row[1])), kept_too_long=bool(late))


def _words(one: retention.Kept) -> Words:
    if one.kind == "vault":
        return both("retention.vault")
    name = one.release.id if one.release is not None else one.place.rpartition("/")[2]
    return both(f"portal.deadlines.{one.kind}", name=name)


def _day(at: datetime) -> date:
    return at.astimezone(HERE).date()
