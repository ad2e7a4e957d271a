"""Can a pattern that others found be seen here? From who has which characteristic, before any outcome is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, log, sqrt

import numpy as np
import polars as pl
from scipy.special import logit, ndtr

from analysis.adjustment import background_columns
from analysis.characteristics import Definitions
from analysis.conditions import extents
from analysis.values import Condition, Kind, Scale

Z975, Z80 = 1.959963984540054, 0.8416212335729143
RIDGE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A pattern's size on the deciding scale, and what one person in the group tells of it."""

    size: float  # log odds, log rate, or a difference of risks (rates)
    weight: float  # information a person, where nothing else shares it

    @classmethod
    def of(
        cls, *, people: float, observed: float, expected: float, kind: Kind, scale: Scale, share: float = 1.0
    ) -> Effect:
        """Return the effect that a group's figures say. Nobody's risk is taken as 0 or 1: half a person is added.

        `share`: of the group's information, what its own background left. The rest of the effect is in `expected`:
        main effects that were fitted without the combination's own term take their part of it.
        """
        seen, usual = (observed + 0.5) / (people + 1.0), (expected + 0.5) / (people + 1.0)
        middle = (seen + usual) / 2.0
        spread = middle * max(1.0 - middle, 1e-6) if kind == "yes_no" else middle
        if scale == "additive":
            return cls(size=(seen - usual) / share, weight=1.0 / spread)
        size = float(logit(min(seen, 0.999)) - logit(min(usual, 0.999))) if kind == "yes_no" else log(seen / usual)
        return cls(size=size / share, weight=spread)

    def needed(self, share: float = 1.0) -> int:
        """Return how many people a group must have, to be seen in 8 of 10 tries at one-sided 2.5 %.

        `share`: of a person's information, what the background leaves.
        """
        if not self.size or share <= 0:
            return 10**9
        return ceil(((Z975 + Z80) / self.size) ** 2 / (self.weight * share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What can be seen in these people."""

    people: int  # who have all of it
    needed: int
    power: float  # the chance of finding it again, if it is here and as large


def share_left(cells: Mapping[tuple[bool, ...], float], *, pairs: bool) -> float:
    """Return the share of the group's information that its parts' main effects (and `pairs`) leave, from cell sizes.

    `cells`: people by which conditions hold. An empty table says nothing: then all of it is left.
    """
    holds = np.array(list(cells), dtype=np.float64)
    people = np.array(list(cells.values()), dtype=np.float64)
    own = holds.prod(axis=1)
    if not (people * own).sum() > 0:
        return 1.0
    columns = [np.ones(len(holds)), *holds.T]
    if pairs and holds.shape[1] > 2:
        columns += [holds[:, a] * holds[:, b] for a, b in combinations(range(holds.shape[1]), 2)]
    design = np.column_stack(columns)
    gram = (design.T * people) @ design
    gram[np.diag_indices_from(gram)] += RIDGE
    left = own - design @ np.linalg.solve(gram, design.T @ (people * own))
    return float(np.clip((people * left**2).sum() / (people * own).sum(), 0.01, 1.0))


def sight(
    frame: pl.DataFrame,
    definitions: Definitions,
    conditions: Sequence[Condition],
    effect: Effect,
    *,
    adjust: Sequence[str],
) -> Sight:
    """Return what can be seen of a combination in a frame of characteristics and adjustment. It holds no outcome.

    The group's indicator is set against the background's columns; what they leave of it is what the group tells.
    Clusters are not counted in: a few more people may be needed.
    """
    held = extents(definitions.conditions, frame)
    group = np.logical_and.reduce(extents(conditions, frame))
    people = int(group.sum())
    if not people:
        return Sight(people=0, needed=effect.needed(), power=0.0)
    columns, _ = background_columns(held, definitions.conditions, frame, adjust)
    design, own = np.column_stack(columns).astype(np.float64), group.astype(np.float64)
    gram = design.T @ design
    gram[np.diag_indices_from(gram)] += RIDGE
    left = own - design @ np.linalg.solve(gram, design.T @ own)
    information = effect.weight * float(left @ left)
    power = float(ndtr(abs(effect.size) * sqrt(information) - Z975)) if information > 0 else 0.0
    return Sight(people=people, needed=effect.needed(float(left @ left) / people), power=power)
