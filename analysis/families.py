"""Which law the outcome follows, and on which scale effects are put together.

Yes/no: odds multiply (logistic). Counts: rates multiply (Poisson, exposure as offset), with over-dispersion. Time to
event: hazards multiply, by the Poisson trick: whether the event came is a count with the baseline's cumulative hazard
at the end of the follow-up as exposure. In each the additive scale is the other one: risks, or events per unit of
follow-up, add (least squares, weighted by follow-up). The search needs three numbers a person: y, mu, weight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from analysis.kernels import ADDED_RATES, ADDED_RISKS, ODDS, RATES
from analysis.settings import CannotSearch
from analysis.values import Asked, Kind, Scalar, Scale

Floats = NDArray[np.float64]
LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Response:
    """What happened to each person."""

    y: Floats  # 0 or 1; events
    kind: Kind = "yes_no"
    follow_up: Floats | None = None  # above 0; None: one unit each (counts), or of no meaning (yes/no)

    @property
    def happened(self) -> NDArray[np.bool_]:
        """Return who had it at all."""
        return np.asarray(self.y > 0)

    @property
    def constant(self) -> bool:
        """Return whether there is nothing to explain."""
        return not self.y.sum() > 0 or (self.kind == "yes_no" and bool((self.y > 0).all()))


@dataclass(frozen=True, slots=True)
class Family:
    """A law and a scale. `exposure` is what a rate is multiplied by: follow-up, or the cumulative baseline hazard."""

    kind: Kind = "yes_no"
    scale: Scale = "ratio"
    exposure: Floats | None = None
    dispersion: float = 1.0  # counts: the variance over the mean, at least 1

    @property
    def code(self) -> int:
        """Return the kernels' number."""
        if self.scale == "ratio":
            return ODDS if self.kind == "yes_no" else RATES
        return ADDED_RISKS if self.kind == "yes_no" else ADDED_RATES

    @property
    def rates(self) -> bool:
        """Return whether the outcome is a number of events: nothing bounds it above."""
        return self.kind != "yes_no"

    def mean(self, eta: Floats) -> Floats:
        """Return the expected outcome of each linear predictor."""
        if self.scale == "ratio" and not self.rates:
            return np.asarray(expit(eta), dtype=np.float64)
        base = eta if self.scale == "additive" else np.exp(np.minimum(eta, 50.0))
        return base if self.exposure is None else base * self.exposure

    def weight(self, mu: Floats) -> Floats:
        """Return the information that each person has on the linear predictor: what the fit weighs by."""
        if self.scale == "additive":
            return np.ones_like(mu) if self.exposure is None else self.exposure
        return mu if self.rates else mu * (1.0 - mu)

    def variance(self, mu: Floats) -> Floats:
        """Return each outcome's variance, over-dispersion left out; on the additive scale kept within its bounds."""
        if self.scale == "ratio":
            return self.weight(mu)
        if self.rates:
            return np.maximum(mu, LEAST)
        inside = np.clip(mu, 1e-3, 1.0 - 1e-3)
        return inside * (1.0 - inside)

    def deviance(self, eta: Floats, outcome: Floats) -> float:
        """Return twice the negative log-likelihood, up to a constant of the outcome; where effects add, its like."""
        if self.scale == "additive":
            time = np.ones_like(eta) if self.exposure is None else self.exposure
            rate = outcome.sum() / time.sum()
            spread = max(rate if self.rates else rate * (1.0 - rate), 1e-12)
            return float((((outcome - eta * time) ** 2) / np.maximum(time, LEAST)).sum() / spread)
        if self.rates:
            return float(2.0 * np.sum(self.mean(eta) - outcome * eta))
        return float(2.0 * np.sum(np.maximum(eta, 0.0) + np.log1p(np.exp(-np.abs(eta))) - outcome * eta))

    def first(self, outcome: Floats) -> float:
        """Return an intercept to start from."""
        people = float(len(outcome) if self.exposure is None else self.exposure.sum())
        share = (outcome.sum() + 0.5) / (people + (0.0 if self.rates else 1.0))
        return float(np.log(share) if self.rates else np.log(share / (1.0 - share)))

    def dispersed(self, outcome: Floats, mu: Floats, parameters: int) -> Family:
        """Return the family (of counts) with the over-dispersion that they show around their expectation.

        The sum of squares over the sum of means: people who expect most weigh most, and nobody's chance event in a
        short follow-up outweighs the rest (as in Pearson's mean of ratios).
        """
        spread = float(((outcome - mu) ** 2).sum() / max(float(np.maximum(mu, 0.0).sum()), LEAST))
        return replace(self, dispersion=max(1.0, spread * len(outcome) / max(len(outcome) - parameters, 1)))


def cumulative_hazard(time: Floats, events: Floats, risk: Floats) -> Floats:
    """Return Breslow's cumulative baseline hazard at each person's end of follow-up.

    Source: N. Breslow (1972), discussion of D. R. Cox, J R Statist Soc B 34, 216-217.
    """
    ends, place = np.unique(time, return_inverse=True)
    happened = np.bincount(place, weights=events, minlength=len(ends))
    leaving = np.bincount(place, weights=risk, minlength=len(ends))
    at_risk = np.cumsum(leaving[::-1])[::-1]
    steps = np.divide(happened, at_risk, out=np.zeros_like(happened), where=happened > 0)
    return np.asarray(np.cumsum(steps)[place], dtype=np.float64)


def known_of(frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Return the people of whom an outcome is known, with its follow-up where it has one."""
    return frame.drop_nulls(asked.columns) if any(frame[one].has_nulls() for one in asked.columns) else frame


def is_known(frame: pl.DataFrame, asked: Asked) -> NDArray[np.bool_]:
    """Return who they are. Shape: (people of the frame,)."""
    return frame.select(pl.all_horizontal(pl.col(one).is_not_null() for one in asked.columns)).to_series().to_numpy()


def read_response(
    frame: pl.DataFrame, column: str, positive: Scalar, *, kind: Kind = "yes_no", follow_up: str | None = None
) -> Response:
    """Return what happened to each person, by two columns.

    Raises: CannotSearch with code `outcome_missing`, `outcome_positive` (another type than the column),
    `outcome_not_count` (not whole numbers from 0 up), `follow_up_missing`, `follow_up_not_positive` (zero, negative,
    not finite or no number).
    """
    series = frame[column]
    if series.has_nulls():
        raise CannotSearch("outcome_missing")
    time = None
    if follow_up is not None:
        time = _follow_up(frame[follow_up])
    elif kind == "time":
        raise CannotSearch("follow_up_missing")
    if kind == "count":
        return Response(_counts(series), kind, time)
    try:
        if isinstance(series.dtype, (pl.Categorical, pl.Enum)):
            series = series.cast(pl.String)
        yes = series.to_frame().select(pl.first().eq(pl.lit(positive))).to_series().to_numpy()
    except pl.exceptions.PolarsError:
        raise CannotSearch("outcome_positive") from None
    return Response(np.asarray(yes, dtype=np.float64), kind, time)


def _follow_up(series: pl.Series) -> Floats:
    if series.has_nulls():
        raise CannotSearch("follow_up_missing")
    if not series.dtype.is_numeric():
        raise CannotSearch("follow_up_not_positive")
    values = series.cast(pl.Float64).to_numpy()
    if not bool(np.all(np.isfinite(values) & (values > 0))):
        raise CannotSearch("follow_up_not_positive")
    return np.asarray(values, dtype=np.float64)


def _counts(series: pl.Series) -> Floats:
    if not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
        raise CannotSearch("outcome_not_count")
    values = series.cast(pl.Float64).to_numpy()
    if not bool(np.all(np.isfinite(values) & (values >= 0) & (values == np.rint(values)))):
        raise CannotSearch("outcome_not_count")
    return np.asarray(values, dtype=np.float64)
