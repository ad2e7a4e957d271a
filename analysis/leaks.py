"""Columns that give the outcome away: known only afterwards, or the outcome under another name."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaincinv

SURE = 0.9  # nine in ten or more of those with a level have the outcome, with 97.5 % certainty ...
ODDS = 20.0  # ... and at 20 times the odds of everybody else
AREA = 0.95  # or the column alone orders people with and without the outcome nearly perfectly
FEW = 1_000  # levels beyond this are an id, and any id "predicts"


def gives_outcome_away(column: pl.Series, outcome: NDArray[np.bool_]) -> bool:
    """Tell whether one column alone predicts the outcome better than any honest risk factor does.

    Two rules. A level (of any size) in which the outcome's share is above 0.9 by the lower 97.5 % Clopper-Pearson
    bound, and its odds above 20 times those of everybody else: a visit cancelled because the person lay in hospital.
    Or an area under the ROC curve above 0.95, in the column's order (numbers) or its levels ordered by their own
    shares (categories; levels below ten people taken as one). A risk factor of odds ratio 20 in an outcome of 10 %
    reaches neither.
    """
    events = int(np.count_nonzero(outcome))
    if not 0 < events < len(outcome):
        return False
    numeric = column.dtype.is_numeric()
    if numeric and column.n_unique() > 50:
        known = column.is_not_null().to_numpy()
        return _area(column.drop_nulls().to_numpy(), outcome[known], float(known.mean()))
    if column.dtype == pl.Boolean and not column.has_nulls():
        yes = column.cast(pl.UInt8).to_numpy().view(np.bool_)
        people, with_it = _of_two(len(yes), yes), _of_two(events, yes & outcome)
    else:
        codes = column.cast(pl.String).fill_null("\0").rank("dense").to_numpy() - 1
        people, with_it = np.bincount(codes), np.bincount(codes, weights=outcome)
    if not 1 < len(people) <= FEW or not people.all():  # one level alone; a Boolean that is always true
        return False
    share = with_it / people
    if bool(np.any(share > SURE)):  # a lower bound is lower
        rest, rest_with = len(outcome) - people, events - with_it
        low = betaincinv(np.maximum(with_it, 1e-9), people - with_it + 1, 0.025)
        odds = (with_it + 0.5) / (people - with_it + 0.5) / ((rest_with + 0.5) / (rest - rest_with + 0.5))
        if bool(np.any((low > SURE) & (odds > ODDS))):
            return True
    small = people < 10  # levels this small would each order their own few people perfectly
    if small.any():
        share[small] = with_it[small].sum() / people[small].sum()
    place = np.unique(share, return_inverse=True)[1]
    had = np.bincount(place, weights=with_it).astype(np.float64)
    return _area_of_levels(had, np.bincount(place, weights=people).astype(np.float64) - had)


def _of_two(everybody: int, yes: NDArray[np.bool_]) -> NDArray[np.int64]:
    those = int(np.count_nonzero(yes))
    return np.array([everybody - those, those])


def _area(score: NDArray[np.float64], outcome: NDArray[np.bool_], known: float) -> bool:
    events = int(outcome.sum())
    others = len(outcome) - events
    if known < 0.5 or events < 10 or others < 10:
        return False
    area = (pl.Series(score).rank("average").to_numpy()[outcome].sum() - events * (events + 1) / 2) / (events * others)
    return bool(max(area, 1 - area) > AREA)


def _area_of_levels(events: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """The same from counts, level by level in ascending order of the score."""
    if events.sum() < 10 or others.sum() < 10:
        return False
    below = np.concatenate([[0.0], np.cumsum(others)[:-1]])
    area = float((events * (below + others / 2)).sum() / (events.sum() * others.sum()))
    return max(area, 1 - area) > AREA
