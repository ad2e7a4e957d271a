"""An answer to a recipe: what another municipality's people said, in figures that its own gate let through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from analysis.values import Condition, Direction, Evidence, Status
from pipelines import signed_file
from pipelines.errors import InputError
from pipelines.recipe import Figures, Recipe
from pipelines.signed_file import Sealed
from pipelines.standard_names import names_a_unit
from pipelines.study import Study
from reports import rates
from reports.values import Words

__all__ = ["SCHEMA", "Answer", "Counts", "Verdict", "counts_of", "figures_of", "read",
           "rendered_answer", "said_of"]  # fmt: skip

SCHEMA = "undring/answer/1"
Verdict = Literal["found_again", "not_found", "too_few", "not_shown"]
VERDICTS: dict[Status, Verdict] = {"replicated": "found_again", "refuted": "not_found"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the gate let through of a group; None is too few to show."""

    people: int | None
    observed: int | None
    expected: int | None
    expected_low: int | None
    expected_high: int | None
    follow_up: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer, as it is signed."""

    schema: str
    finding: str
    recipe_sha256: str
    asked_by: str
    municipality: str
    study: str
    demo: bool
    made: str
    tried: str
    verdict: Verdict
    direction: Direction | None  # the way it points here; None where nothing may be shown
    test: str  # how it was decided
    people_tested: Literal["locked", "all"]
    people: int | None  # of the group, rounded; None: too few to show
    figures: Figures | None  # None: too few, or rounding would show another picture than the true one
    parts: tuple[Words, ...]  # what they are called here
    unmatched: tuple[str, ...]  # what the recipe adjusts for, and we could not
    differences: str
    legal_basis_for_information: str
    made_with: str


def counts_of(figures: Mapping[str, Any]) -> Counts:
    """Return what the gate let through."""
    names = ("people", "observed", "expected", "expected_low", "expected_high", "follow_up")
    return Counts(**{name: figures[name] for name in names})


def read(path: Path) -> Sealed[Answer]:
    """Return an answer as it was signed. Raises: InputError as `signed_file.read`."""
    return signed_file.read(path, Answer, SCHEMA)


def rendered_answer(
    sealed: Sealed[Recipe],
    study: Study,
    *,
    status: Status,
    seen: Evidence | None,
    printed: Counts,
    part: Literal["locked", "all"],
    unmatched: Sequence[str],
    differences: str,
    basis: str,
    conditions: Sequence[Condition],
    made: str,
    tried: str,
) -> Answer:
    """Return the answer to a recipe. A group too small to be shown is not told of, not even which way it points.

    Raises: InputError `recipe_unit_words` where our own words name a unit.
    """
    labels = {one.name: one.label for one in study.characteristics}
    words = tuple(labels[one.column] for one in conditions)
    for one in words:
        if names_a_unit(one.da) or names_a_unit(one.en):
            raise InputError("recipe_unit_words", file="study.toml", variable=one.da)
    verdict, direction = said_of(status, seen, printed)
    return Answer(
        schema=SCHEMA,
        finding=sealed.told.finding,
        recipe_sha256=sealed.sha256,
        asked_by=sealed.told.municipality,
        municipality=study.controller,
        study=study.id,
        demo=study.invented,
        made=made,
        tried=tried,
        verdict=verdict,
        direction=direction,
        test="one-sided in the recipe's direction, p <= 0.025, and the 95 % interval off no difference",
        people_tested=part,
        people=printed.people if direction is not None else None,
        figures=figures_of(printed),
        parts=words,
        unmatched=tuple(unmatched),
        differences=differences,
        legal_basis_for_information=basis,
        made_with=version("undring"),
    )


def said_of(status: Status, seen: Evidence | None, printed: Counts) -> tuple[Verdict, Direction | None]:
    """Return what may be said of a test in words: of a group too small to be shown, nothing."""
    if seen is None or printed.people is None or printed.observed is None:
        return "not_shown", None
    return VERDICTS.get(status, "too_few"), "more" if seen.observed >= seen.expected else "fewer"


def figures_of(printed: Counts) -> Figures | None:
    """Return the printed counts with their gap; None where one of them is held back."""
    numbers = (printed.people, printed.observed, printed.expected, printed.expected_low, printed.expected_high)
    people, observed, expected, low, high = numbers
    if people is None or observed is None or expected is None or low is None or high is None:
        return None
    base = printed.follow_up or people
    per = rates.unit(base, observed, expected)
    gap = rates.gap(observed, expected, low, high, base, per=per)
    return Figures(
        people=people, observed=observed, expected=expected, expected_low=low, expected_high=high,
        follow_up=printed.follow_up, per=per, gap=gap.value, gap_low=gap.low, gap_high=gap.high,
    )  # fmt: skip
