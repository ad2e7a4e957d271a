"""`undring finding recipe F-…`: a finding described, so that another municipality can try it on its own people.

It holds definitions, the expected model and the figures that the last run let through (rounded, gated), and nothing
of a person. It goes out only as a release of its own: `undring release request --what recipe`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from analysis.values import Direction, Discovery, Finding, Kind, Reading, Scale
from pipelines import atomic, findings, signed_file, state
from pipelines.contracts import Contract, read_contracts
from pipelines.errors import InputError
from pipelines.exchange_files import FINDING, recipe_file
from pipelines.meaning import carried
from pipelines.release_acts import may
from pipelines.signed_file import Sealed
from pipelines.standard_names import Meaning, meaning_of, names_a_unit, unit_columns, words_of_variable
from pipelines.study import Study, Variable, read_study
from reports.cards import numbers
from reports.values import Card, Report, Unit, Words

if TYPE_CHECKING:
    from analysis.visible import Effect
    from pipelines.accounts import Signer

__all__ = ["MOST", "SCHEMA", "Figures", "Recipe", "Told", "effect_of", "made", "read", "write"]

SCHEMA = "undring/recipe/1"
MOST = 3  # parts that can be mapped
NOTHING = Words(da="", en="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was printed of a group: rounded counts, and the gap that they give."""

    people: int
    observed: int
    expected: int
    expected_low: int
    expected_high: int
    follow_up: int | None
    per: int  # the gap and its 95 % interval are per so many people (or units of follow-up)
    gap: int
    gap_low: int
    gap_high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One variable, as it is told to others."""

    name: str
    label: Words
    definition: Words
    meaning: Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One condition of the finding."""

    operator: Literal["==", ">=", "<"]
    value: bool | int | float | str | None
    variable: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One of the cells of the combination, as it was printed; None is too few to show."""

    holds: tuple[bool, ...]
    people: int | None
    observed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A whole recipe, as it is signed."""

    schema: str
    finding: str
    municipality: str
    study: str
    demo: bool
    status: str
    made: str
    run: str
    population: Words
    population_definition: Words
    min_age: int | None
    max_age: int | None
    outcome: Told
    kind: Kind
    unit: Unit | None
    scale: Scale
    parts: tuple[Part, ...]
    direction: Direction
    reading: Reading
    adjusted_for: tuple[Told, ...]
    main_effects: int  # so many characteristics stood in the background, one by one
    figures: Figures
    cells: tuple[Cell, ...]
    needed_people: int  # who have all of it: to be seen in 8 of 10 tries
    legal_basis_for_information: str  # ours: the receiver needs its own
    made_with: str


def write(workspace: Path, finding_id: str, signer: Signer, *, now: datetime | None = None) -> Path:
    """Write a finding's recipe to `exchange/`, signed by a person. Raises: InputError as `made`, and of who may not."""
    may(signer, "request", None)
    path = recipe_file(workspace, finding_id)
    told = made(workspace, finding_id, now=now)
    atomic.make_private(path.parent)
    signed_file.write(path, told, signer)
    return path


def read(path: Path) -> Sealed[Recipe]:
    """Return a recipe as it was signed. Raises: InputError as `signed_file.read`."""
    found = signed_file.read(path, Recipe, SCHEMA)
    one = found.told
    whole = 2 <= len(one.parts) <= MOST and all(len(cell.holds) == len(one.parts) for cell in one.cells)
    sizes = one.figures
    if (
        not FINDING.fullmatch(one.finding)
        or not whole
        or not sizes.people > 0
        or min(sizes.observed, sizes.expected) < 0
        or sizes.per < 1
    ):
        raise InputError("exchange_schema", file=path, schema=SCHEMA)
    return found


def made(workspace: Path, finding_id: str, *, now: datetime | None = None) -> Recipe:
    """Return a finding of the last run as a recipe.

    Raises: InputError `finding_unknown`, `recipe_no_card` (not found, or not shown in figures), `recipe_parts`,
    `needs_named_yes`, `recipe_unit` or `recipe_unit_words` for a definition that names a unit, a home or a provider.
    """
    from pipelines.run import last_done

    run = workspace / "runs" / last_done(workspace)
    contracts = read_contracts(workspace)
    study = carried(read_study(workspace), contracts)
    written = findings.entry(workspace, finding_id)
    report = state.read(run / "report.json", Report)
    card = next((one for one in report.cards if one.id == finding_id), None)
    if card is None or card.coarse or card.expected is None:
        raise InputError("recipe_no_card", file=workspace / "findings.json", finding=finding_id)
    if card.needs_yes and card.notes.yes is None:  # as for a report: a group that is easily judged
        raise InputError("needs_named_yes", file=workspace / "fund", findings=finding_id)
    if len(card.parts) > MOST:
        raise InputError("recipe_parts", file=workspace / "findings.json", most=MOST)
    found = state.read(run / "confirmed.json", Discovery)
    finding = next(one for one in found.all_findings if findings.finding_key(one) == written["key"])
    search = found.of(finding.outcome)
    by_name = {one.name: one for one in study.variables}
    columns = [condition.column for condition in finding.conditions]
    outcome = by_name[search.outcome_column]
    _refuse_units(workspace, study, [*(by_name[name] for name in columns), outcome], contracts)
    figures = _figures(card, report)
    recipe = Recipe(
        schema=SCHEMA,
        finding=finding_id,
        municipality=study.controller,
        study=study.id,
        demo=study.invented,
        status=written["status"],
        made=f"{now or datetime.now(UTC):%Y-%m-%d}",
        run=run.name,
        population=study.population.label,
        population_definition=study.population.definition,
        min_age=study.population.min_age,
        max_age=study.population.max_age,
        outcome=_told(outcome, contracts),
        kind=search.kind,
        unit=report.of(card).unit,
        scale=search.scale,
        parts=_parts(finding, by_name, contracts),
        direction=finding.direction,
        reading=finding.reading,
        adjusted_for=tuple(_told(by_name[name], contracts) for name in search.adjusted_for if name in by_name),
        main_effects=len(study.characteristics),
        figures=figures,
        cells=tuple(Cell(holds=row.holds, people=row.people, observed=row.observed) for row in card.rows),
        needed_people=0,
        legal_basis_for_information=study.legal_basis,
        made_with=version("undring"),
    )
    return replace(recipe, needed_people=_needed(recipe))


def _parts(finding: Finding, by_name: dict[str, Variable], contracts: dict[str, Contract]) -> tuple[Part, ...]:
    parts = []
    for condition in finding.conditions:
        if condition.operator not in ("==", ">=", "<") or isinstance(condition.value, tuple):
            raise InputError("recipe_parts", file="findings.json", most=MOST)
        told = _told(by_name[condition.column], contracts)
        parts.append(Part(operator=condition.operator, value=condition.value, variable=told))
    return tuple(parts)


def _told(variable: Variable, contracts: dict[str, Contract]) -> Told:
    return Told(
        name=variable.name,
        label=variable.label,
        definition=variable.definition or NOTHING,
        meaning=meaning_of(variable, contracts),
    )


def _figures(card: Card, report: Report) -> Figures:
    shown = numbers(card, report)
    if shown.gap is None or card.expected is None or card.expected_low is None or card.expected_high is None:
        raise InputError("recipe_no_card", file="findings.json", finding=card.id)
    return Figures(
        people=card.people,
        observed=card.observed,
        expected=card.expected,
        expected_low=card.expected_low,
        expected_high=card.expected_high,
        follow_up=card.follow_up,
        per=shown.per,
        gap=shown.gap.value,
        gap_low=shown.gap.low,
        gap_high=shown.gap.high,
    )


def effect_of(recipe: Recipe) -> Effect:
    """Return how large a recipe's pattern is, by its printed figures and the sizes of its printed cells."""
    from analysis.visible import Effect, share_left

    told, cells = recipe.figures, {one.holds: float(one.people or 0) for one in recipe.cells}
    whole = len(cells) == 2 ** len(recipe.parts) and all(cells.values())
    return Effect.of(
        people=told.people,
        observed=told.observed,
        expected=told.expected,
        kind=recipe.kind,
        scale=recipe.scale,
        share=share_left(cells, pairs=recipe.reading == "contrast") if whole else 1.0,
    )


def _needed(recipe: Recipe) -> int:
    """Return how many people with all of it are needed where the groups' sizes are as ours; rounded up to 10.

    The receiver's own figure counts with the sizes that are there.
    """
    from analysis.visible import share_left

    cells = {one.holds: float(one.people or 0) for one in recipe.cells}
    share = share_left(cells, pairs=recipe.reading == "contrast") if all(cells.values()) else 1.0
    return min(-(-effect_of(recipe).needed(share) // 10) * 10, 10**8)


def _refuse_units(workspace: Path, study: Study, variables: Sequence[Variable], contracts: dict[str, Contract]) -> None:
    file = workspace / "study.toml"
    for variable in variables:
        if columns := unit_columns(variable, contracts):
            raise InputError("recipe_unit", file=file, variable=variable.name, columns=", ".join(columns))
        if any(names_a_unit(text) for words in words_of_variable(variable) for text in (words.da, words.en)):
            raise InputError("recipe_unit_words", file=file, variable=variable.name)
    people = study.population
    if any(names_a_unit(text) for words in (people.label, people.definition) for text in (words.da, words.en)):
        raise InputError("recipe_unit_words", file=file, variable="population")
