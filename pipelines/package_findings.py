"""How many of the findings that are known can still be seen in a package: its rows are tried as a receiver would."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from pipelines import state
from pipelines.context import Run

__all__ = ["as_read", "still_visible"]

KNOWN = ("discovered", "confirmed", "replicated")
_SPAN = re.compile(r"(?P<low>-?\d+(?:\.\d+)?)(?:(?:-|\.\.)(?P<high>-?\d+(?:\.\d+)?)|\+)?")


def still_visible(
    run: Run, told: pl.DataFrame, everybody: pl.DataFrame, *, quasi: Sequence[str], columns: Sequence[str]
) -> tuple[int, int]:
    """Return how many known findings a package still shows, and how many are known. `everybody`: the run's cohort.

    Each is tried as in the locked part: the same contrast, against the same background, in its own direction, all of
    them by Holm at the study's alpha. A told number counts as the middle of its span, a set of values as unknown; a
    finding that speaks of a column the package does not have is not seen. `told` may hold more than `columns`: the
    background is the study's own.
    """
    file = run.folder / "confirmed.json"
    if not file.exists():
        return 0, 0
    from analysis import CannotSearch, Discovery, confirm
    from analysis.conditions import columns_of
    from pipelines.steps import definitions, settings

    found = state.read(file, Discovery)
    known = [one for one in found.all_findings if one.status in KNOWN]
    told_of = [one for one in known if frozenset().union(*map(columns_of, one.conditions)) <= set(columns)]
    if not told_of:
        return 0, len(known)
    read = as_read(told, everybody, quasi)
    try:
        tried = confirm(
            found, read, definitions(run, everybody), told_of, level=run.study.alpha, cluster="cluster",
            settings=settings(run), answer_all=True,
        )  # fmt: skip
    except CannotSearch:  # nobody is left: then nothing is seen there
        return 0, len(known)
    mine = {(one.outcome, one.conditions) for one in told_of}
    seen = sum(one.status == "confirmed" and (one.outcome, one.conditions) in mine for one in tried.all_findings)
    return seen, len(known)


def as_read(told: pl.DataFrame, true: pl.DataFrame, quasi: Sequence[str]) -> pl.DataFrame:
    """Return a package's rows with its quasi-identifiers as values again, in the types that they had."""
    columns = []
    for name in quasi:
        dtype, texts = true[name].dtype, told[name].cast(pl.String).to_list()
        if dtype.is_numeric():
            values: list[object] = [_middle(text) for text in texts]
            columns.append(pl.Series(name, values, dtype=pl.Float64).round().cast(dtype))
        elif dtype == pl.Boolean:
            columns.append(pl.Series(name, [{"true": True, "false": False}.get(text or "") for text in texts]))
        else:
            one = [None if text is None or text.startswith(("{", "*")) else text for text in texts]
            columns.append(pl.Series(name, one, dtype=pl.String).cast(dtype, strict=False))
    return told.with_columns(columns)


def _middle(text: str | None) -> float | None:
    span = _SPAN.fullmatch(text or "")
    if span is None:
        return None
    low = float(span["low"])
    return (low + float(span["high"] or low)) / 2
