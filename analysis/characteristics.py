"""From the columns of a table to yes/no characteristics, without a look at any outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.conditions import columns_of, extents, known
from analysis.counting import shared_by_pairs
from analysis.lists import packed_words
from analysis.settings import CannotSearch, Settings
from analysis.values import Condition, Discovery, Finding, LeftOut, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """The characteristics of a study: what `search` may combine, and the columns it may not use."""

    conditions: tuple[Condition, ...]
    left_out: tuple[LeftOut, ...] = ()

    def without(self, columns: frozenset[str]) -> Definitions:
        """Return the definitions that speak of none of these columns."""
        return replace(self, conditions=tuple(one for one in self.conditions if not columns_of(one) & columns))

    def used_by(self, discovery: Discovery) -> Definitions:
        """Return what that search could use: nothing of its outcome, its follow-up, or a column that gives it away."""
        return self.without(frozenset({*discovery.leaked, *discovery.asked.columns}))

    def places(self) -> dict[Condition, int]:
        """Return where each bare condition stands among the characteristics."""
        return {one.bare: place for place, one in enumerate(self.conditions)}

    def members(self, finding: Finding) -> tuple[int, ...]:
        """Return where a finding's conditions stand, in order. Raises: CannotSearch `unknown_condition`."""
        places = self.places()
        if not all(one.bare in places for one in finding.conditions):
            raise CannotSearch("unknown_condition")
        return tuple(sorted(places[one.bare] for one in finding.conditions))


def define(
    frame: pl.DataFrame, *, columns: Sequence[str] | None = None, exclude: Sequence[str] = (), settings: Settings
) -> Definitions:
    """Return the characteristics that the columns of a table give.

    Shape: one row a person. Outcome-blind: pass every person, and name outcome, id and cluster in `exclude`.
    A Boolean gives "yes"; a text, category or whole number with few values each level (of two, the rarer); another
    number is "at least" each of its quantile cuts; a missing value is a level of its own. Whatever holds, or does
    not hold, for fewer than `floor_people` is dropped; near-duplicates are merged (`Condition.also`).
    Raises: CannotSearch `too_many_characteristics`.
    """
    frame = known(frame)
    conditions: list[Condition] = []
    left_out: list[LeftOut] = []
    for column in frame.columns if columns is None else columns:
        if column in exclude:
            continue
        found = _characteristics(frame[column], settings)
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            conditions.extend(found)
    if len(conditions) > settings.most_characteristics:
        raise CannotSearch("too_many_characteristics", count=len(conditions), most=settings.most_characteristics)
    held = extents(conditions, frame)
    people = held.sum(axis=1)
    enough = np.minimum(people, frame.height - people) >= settings.floor_people
    kept = [one for one, keep in zip(conditions, enough, strict=True) if keep]
    still = {one.column for one in kept}
    gone = dict.fromkeys(one.column for one in conditions if one.column not in still)
    left_out.extend(LeftOut(column=column, reason="too_few") for column in gone)
    return Definitions(conditions=_merged(kept, held[enough], settings.same_extent), left_out=tuple(left_out))


def holds(definitions: Definitions, frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Return for whom each characteristic holds, in any frame. Shape: (characteristics, people)."""
    return extents(definitions.conditions, frame)


def _characteristics(series: pl.Series, settings: Settings) -> list[Condition] | LeftOut:
    column, kind = series.name, series.dtype
    values = series.drop_nulls()
    if kind.is_float():
        values = values.filter(values.is_finite())
    missing = [Condition(column=column, operator="==", value=None)] if series.null_count() else []
    distinct = int(values.any()) + int(not values.all()) if kind == pl.Boolean else values.n_unique()
    if distinct + bool(missing) <= 1:
        return LeftOut(column=column, reason="constant")
    if kind == pl.Boolean:
        return [Condition(column=column, operator="==", value=True), *missing]
    if isinstance(kind, (pl.String, pl.Categorical, pl.Enum)):
        if distinct > settings.max_levels:
            return LeftOut(column=column, reason="too_many_levels")
        return _levels(series.cast(pl.String)) + missing
    if kind.is_integer() and distinct <= settings.few_values:
        return _levels(series) + missing
    if kind.is_float() and distinct <= settings.few_values and bool((values == values.round(0)).all()):
        return _levels(series) + missing
    if kind.is_numeric():
        return _cuts(values.cast(pl.Float64), column, settings.cuts) + missing
    return LeftOut(column=column, reason="not_readable")


def _levels(series: pl.Series) -> list[Condition]:
    """Every level; of two the rarer, for the other says the same.

    Of three or more the commonest stays: "lives alone and ..." must be found where most live alone, and what differs
    between rare levels may stand out only against it.
    """
    counts = series.drop_nulls().value_counts().sort(["count", series.name], descending=[True, False])
    names = counts[series.name].to_list()
    levels: list[Scalar] = sorted(names if len(names) > 2 else names[1:])
    return [Condition(column=series.name, operator="==", value=level) for level in levels]


def _cuts(values: pl.Series, column: str, shares: Sequence[float]) -> list[Condition]:
    """Nested thresholds of one number. A cut is a value that occurs, so that "at least" splits where it says."""
    lowest = values.min()
    cuts = sorted({float(cut) for share in shares if (cut := values.quantile(share, "nearest")) is not None})
    if values.n_unique() > 1 and cuts == [lowest]:  # most people have the lowest value: cut just above it
        above = values.filter(values > cuts[0]).min()
        cuts = [float(above)] if isinstance(above, float) else []
    return [Condition(column=column, operator=">=", value=cut) for cut in cuts if cut != lowest]


def _merged(conditions: list[Condition], held: NDArray[np.bool_], limit: float) -> tuple[Condition, ...]:
    """Join each characteristic to the first one that holds for nearly the same people."""
    if not conditions:
        return ()
    both = _together(held)
    alone = both.diagonal()
    either = alone[:, None] + alone[None, :] - both
    alike = both > limit * np.maximum(either, 1)
    joined: dict[int, list[Condition]] = {}
    for index, condition in enumerate(conditions):
        first = next((kept for kept in joined if alike[kept, index]), None)
        if first is None:
            joined[index] = []
        else:
            joined[first].append(condition)
    return tuple(replace(conditions[index], also=tuple(also)) for index, also in joined.items())


def _together(held: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the people for whom both of two characteristics hold."""
    both = np.zeros((len(held), len(held)), dtype=np.int64)
    shared_by_pairs(packed_words(held), both)
    return both
