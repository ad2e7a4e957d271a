"""The options that say what an outcome is: its kind, its follow-up, and the scale that decides."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from flows.said import help_text

__all__ = ["Exposure", "KindOption", "OutcomeKind", "OutcomeScale", "ScaleOption", "Time", "TimeUnit", "UnitOption"]


class OutcomeKind(StrEnum):
    """What happened to a person."""

    YES_NO = "yes_no"
    COUNT = "count"
    TIME = "time"


class OutcomeScale(StrEnum):
    """How effects are put together."""

    RATIO = "ratio"
    ADDITIVE = "additive"


class TimeUnit(StrEnum):
    """What follow-up is measured in."""

    YEARS = "years"
    MONTHS = "months"
    WEEKS = "weeks"
    DAYS = "days"


KindOption = Annotated[OutcomeKind, typer.Option("--kind", help=help_text("discover.kind"))]
ScaleOption = Annotated[OutcomeScale, typer.Option("--scale", help=help_text("discover.scale"))]
UnitOption = Annotated[TimeUnit, typer.Option("--unit", help=help_text("discover.unit"))]
Exposure = Annotated[list[str] | None, typer.Option("--exposure", help=help_text("discover.exposure"), metavar="COL")]
Time = Annotated[list[str] | None, typer.Option("--time", help=help_text("discover.time"), metavar="COL")]
