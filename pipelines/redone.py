"""What a finding is redone in: a death, the outcome or a death, a gap of 90 days, each side of a break.

Columns of the cohort beside the study's own. Nobody is chosen by them, nothing is searched in them, and none is
printed: each tells a finding whether it stands there too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipelines.contracts import Contract
from pipelines.study import Outcome, Study, Variable

__all__ = ["again_columns", "redone_in", "with_either"]

GAP = 90  # days
DIED, EITHER, GAPPED, BEFORE, AFTER = "died", "either", "gap", "before", "after"


def redone_in(study: Study, contracts: Mapping[str, Contract]) -> tuple[Variable, ...]:
    """Return the cohort's columns that findings are redone in, as far as the study's registers allow.

    Of each outcome that is searched. A death: where `left` says who died. A gap: where the outcome's register was
    extracted so late that it is whole for 90 days more, and no break lies there. Sides: of each mapped break inside the
    outcome's window.
    """
    return tuple(one for outcome in study.searched for one in _of_outcome(study, outcome, contracts))


def _of_outcome(study: Study, outcome: Outcome, contracts: Mapping[str, Contract]) -> tuple[Variable, ...]:
    found = []
    left, window = study.population.left, outcome.window
    contract = contracts.get(outcome.register)
    if window is None or contract is None:
        return ()
    if left is not None and (left.died or left.all_died):
        found.append(
            Variable(
                name=column(outcome, DIED),
                register=study.population.register,
                rule="any",
                label=outcome.label,
                where=left.where if left.all_died else left.died,
                date=left.date,
                window=window,
                empty_is_never=left.all_died,
            )
        )
    if study.reference_date is None or outcome.date is None or outcome.after is not None:
        return tuple(found)
    first, last = (study.reference_date + timedelta(days=day) for day in (window[0] + GAP, window[1] - 1 + GAP))
    if _whole(contract, last) and not any(window_holds(one.date, first, last) for one in contract.breaks):
        found.append(_moved(outcome, GAPPED, (window[0] + GAP, window[1] + GAP)))
    for one in contract.breaks:
        day = (one.date - study.reference_date).days
        if window[0] < day < window[1]:
            found.append(_moved(outcome, f"{BEFORE} {one.date.isoformat()}", (window[0], day)))
            found.append(_moved(outcome, f"{AFTER} {one.date.isoformat()}", (day, window[1])))
    return tuple(found)


def again_columns(study: Study, outcome: Outcome) -> tuple[str, ...]:
    """Return the names of one outcome's columns, in the order in which they are told."""
    names = [one.name for one in study.again if one.name.startswith(column(outcome, ""))]
    died = column(outcome, DIED)
    either = [column(outcome, EITHER)] if died in names else []
    return (*names[: names.index(died) + 1], *either, *names[names.index(died) + 1 :]) if either else tuple(names)


def with_either(outcome: Outcome, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the outcome or a death, where deaths are known."""
    died = column(outcome, DIED)
    if died not in frame.columns:
        return frame
    happened = pl.col(outcome.name) if outcome.kind != "count" else pl.col(outcome.name) > 0
    either = happened.cast(pl.Boolean) | pl.col(died)
    return frame.with_columns(either.alias(column(outcome, EITHER)))


def column(outcome: Outcome, way: str) -> str:
    """Return a column's name: no name of a study's own has a space."""
    return f"{outcome.name} {way}"


def window_holds(day: date, first: date, last: date) -> bool:
    """Tell whether a break lies in a window."""
    return first < day <= last


def _whole(contract: Contract, last: date) -> bool:
    if not isinstance(contract.extracted, date):
        return False
    return last <= contract.extracted - timedelta(days=contract.maturity or 0)


def _moved(outcome: Outcome, way: str, window: tuple[int, int]) -> Variable:
    kept: dict[str, Any] = {one.name: getattr(outcome, one.name) for one in fields(Variable)}
    if outcome.kind == "count":
        kept["rule"] = "any"
    return Variable(**{**kept, "name": column(outcome, way), "window": window})
