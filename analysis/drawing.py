"""Outcomes drawn from a fitted background: everybody keeps their own risk, and no combination does anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit

from analysis.characteristics import Definitions
from analysis.expected import Design
from analysis.families import Family, is_known, known_of, read_response
from analysis.settings import Settings
from analysis.table import lay_out, workers
from analysis.values import Condition, Discovery

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Members = tuple[int, ...]
LOWEST = 1e-9


@dataclass(frozen=True, slots=True)
class Clock:
    """A cumulative hazard, by its steps; none: one that is constant in time."""

    moments: Floats  # ascending
    hazard: Floats  # there

    def when(self, hazard: Floats) -> Floats:
        """Return when the cumulative hazard reaches so much; infinity: never."""
        if not len(self.moments):
            return hazard
        return np.asarray(np.append(self.moments, np.inf)[np.searchsorted(self.hazard, hazard)])

    def at(self, moments: Floats) -> Floats:
        """Return the cumulative hazard at these moments."""
        place = np.searchsorted(self.moments, moments, side="right")
        return np.asarray(np.append(0.0, self.hazard)[place])


@dataclass(frozen=True, slots=True)
class Times:
    """When events come, and when people are lost to sight: a hazard each, with everybody's own risk."""

    events: Clock
    losses: Clock
    loss: Floats  # (people,): how many times the hazard of being lost
    seen: Floats  # (people,): each is known to have been seen until then ...
    lost: Bools  # (people,): ... and no longer: the follow-up ended there, without the event
    last: float  # nobody is seen beyond

    def drawn(self, draw: np.random.Generator, risk: Floats) -> tuple[Bools, Floats]:
        """Draw for each person whether the event came, and when it did or the person was last seen.

        Those who were lost to sight are lost on the day they were; of others, whose event hid when they would have
        been, a day after it is drawn.
        """
        event = self.events.when(draw.exponential(size=len(risk)) / np.maximum(risk, LOWEST))
        later = self.losses.when(self.losses.at(self.seen) + draw.exponential(size=len(risk)) / self.loss)
        end = np.where(self.lost, self.seen, np.minimum(later, self.last))
        came = event <= end
        return came, np.where(came, event, end)


@dataclass(frozen=True, slots=True)
class Background:
    """Main effects and adjustment of one outcome, fitted on the searched people: what a placebo is drawn from."""

    discovery: Discovery
    conditions: tuple[Condition, ...]
    held: Bools  # (characteristics, people of whom the outcome is known)
    risk: Floats  # (people,): of yes, of events, or how many times the baseline hazard
    away: Bools  # (people,): locked away
    expected: Floats  # (searched people,): outcomes
    columns: int  # of the background
    known: Bools  # (everybody,): of whom the outcome is known
    times: Times | None = None

    @property
    def searched(self) -> Bools:
        """Return who has what among the searched people."""
        return self.held[:, ~self.away]

    def drawn(self, draw: np.random.Generator, planted: Sequence[tuple[float, Members]] = ()) -> list[pl.Series]:
        """Draw everybody's outcome, with the odds (rate, hazard) of the `planted` combinations multiplied.

        Returns the outcome's column and, for times, the follow-up's; null where the outcome is not known.
        """
        risk = self.risk
        for odds, members in planted:
            more = expit(logit(risk) + np.log(odds)) if self.discovery.kind == "yes_no" else odds * risk
            risk = np.where(self.held[list(members)].all(axis=0), more, risk)
        if self.times is None:
            return [self._column(self.discovery.outcome_column, _drawn(draw, risk, self.discovery))]
        columns = zip(self.discovery.asked.columns, self.times.drawn(draw, risk), strict=True)
        return [self._column(name, values) for name, values in columns]

    def _column(self, name: str, values: NDArray[np.generic]) -> pl.Series:
        if self.known.all():
            return pl.Series(name, values)
        places = np.cumsum(self.known) - 1
        return pl.Series(name, values).gather(pl.Series(np.where(self.known, places, -1)).replace(-1, None))


def background(
    frame: pl.DataFrame,
    definitions: Definitions,
    discovery: Discovery,
    away: Bools,
    *,
    cluster: str | None,
    settings: Settings,
) -> Background:
    """Fit main effects and adjustment on the searched people. No outcome of those who are `away` is used."""
    people = known_of(frame, discovery.asked)
    known = is_known(frame, discovery.asked)
    away = away[known]
    response = read_response(
        people, discovery.outcome_column, discovery.outcome_positive, kind=discovery.kind,
        follow_up=discovery.follow_up_column,
    )  # fmt: skip
    usable = definitions.used_by(discovery)
    settings = replace(settings, scale=discovery.scale)
    follow_up, y = response.follow_up, response.y
    timed = discovery.kind == "time"
    if timed and follow_up is not None:  # how long somebody was seen tells of the outcome too
        follow_up = np.where(away, 1.0, follow_up)
    exposure = None if follow_up is None else follow_up[~away]
    with workers(settings) as pool:
        layout = lay_out(
            people, usable, adjust=discovery.adjusted_for, cluster=cluster, settings=settings, terms=1, pool=pool,
            taken=discovery.known,
        )  # fmt: skip
        whole, base = layout.design, tuple(range(layout.design.base))
        family = Family(discovery.kind, settings.scale, exposure)
        seen = Design(
            [whole.matrix[~away, place] for place in base], terms=1, ridge=settings.ridge, pool=pool, family=family
        )
        if timed:
            seen.settle(y[~away], base, exposure)
        fit = seen.fit(y[~away], base)
        eta = whole.predict(base, fit.beta)
        times = _times(seen, whole, y, follow_up, away) if timed and follow_up is not None else None
    if timed:
        risk = np.exp(np.minimum(eta, 50.0)) if settings.scale == "ratio" else np.maximum(eta, LOWEST)
    else:
        risk = replace(family, exposure=follow_up).mean(eta)
        risk = np.clip(risk, 1e-6, np.inf if discovery.kind == "count" else 1 - 1e-6)
    expected = np.maximum(fit.mu, 1e-6) if timed else risk[~away]
    return Background(discovery, usable.conditions, layout.held, risk, away, expected, len(base), known, times)


def _times(seen: Design, whole: Design, y: Floats, follow_up: Floats, away: Bools) -> Times:
    """Return when events come and people are lost, from the searched; nothing of when those `away` were.

    Being lost is an event like another: Cox's model, with the same columns.
    """
    time, event = follow_up[~away], y[~away] > 0
    base = tuple(range(whole.base))
    losses, loss = Clock(np.zeros(0), np.zeros(0)), np.full(len(follow_up), LOWEST)  # nobody is lost
    if not event.all():
        family = Family("time", "ratio", time)
        design = seen.twin(family)
        design.settle((~event).astype(np.float64), base, time)
        fit = design.fit((~event).astype(np.float64), base)
        losses = _clock(time, design.family)
        loss = np.exp(np.minimum(whole.predict(base, fit.beta), 50.0))
    events = _clock(time, seen.family) if seen.family.scale == "ratio" else Clock(np.zeros(0), np.zeros(0))
    known, lost = np.where(away, 0.0, follow_up), np.where(away, False, y == 0)
    return Times(events, losses, loss, known, lost, float(time.max()))


def _clock(time: Floats, family: Family) -> Clock:
    order = np.argsort(time, kind="stable")
    assert family.exposure is not None
    return Clock(time[order], family.exposure[order])


def _drawn(draw: np.random.Generator, risk: Floats, discovery: Discovery) -> NDArray[np.bool_] | NDArray[np.int64]:
    """Draw yes or no, or a count that spreads as the study's counts do."""
    if discovery.kind != "count":
        return np.asarray(draw.random(len(risk)) < risk, dtype=np.bool_)
    over = discovery.dispersion - 1.0
    rate = draw.gamma(risk / over, over) if over > 1e-3 else risk
    return np.asarray(draw.poisson(rate), dtype=np.int64)
