"""What is known of one finding in several municipalities, as the values that a page prints: printed counts alone."""

from __future__ import annotations

from pathlib import Path

from pipelines import answer, answers, atomic, recipe
from pipelines.answer import Answer
from pipelines.errors import InputError
from pipelines.exchange_files import FOLDER, NAME, recipe_file, reply_file
from pipelines.recipe import Figures, Recipe
from pipelines.signed_file import Sealed
from reports.catalogue import Language
from reports.exchange import Place, Told, Tried, page

__all__ = ["PAGES", "asked_here", "page_of", "pages", "sent_out", "tried", "write_pages"]

PAGES = {Language.DA: ".svar.html", Language.EN: ".svar.en.html"}


def sent_out(workspace: Path, finding: str) -> tuple[Sealed[Recipe], tuple[Answer, ...]]:
    """Return a recipe of ours and the answers that count. Raises: InputError `exchange_missing` where there is none."""
    path = recipe_file(workspace, finding)
    if not NAME.fullmatch(finding) or not path.is_file():
        raise InputError("exchange_missing", file=f"{FOLDER}/")
    return recipe.read(path), answers.standing(workspace, finding).answers


def asked_here(workspace: Path, name: str) -> tuple[Sealed[Recipe], Sealed[Answer]]:
    """Return another municipality's recipe and our answer to it. Raises: InputError `exchange_missing`."""
    theirs, ours = recipe_file(workspace, name), reply_file(workspace, name)
    if not NAME.fullmatch(name) or not (theirs.is_file() and ours.is_file()):
        raise InputError("exchange_missing", file=f"{FOLDER}/")
    return recipe.read(theirs), answer.read(ours)


def tried(one: Recipe, came: tuple[Answer, ...]) -> Tried:
    """Return a recipe and its answers as a page prints them."""
    return Tried(
        finding=one.finding,
        kind=one.kind,
        unit=one.unit,
        population=one.population,
        outcome=one.outcome.label,
        outcome_definition=one.outcome.definition,
        parts=tuple((part.variable.label, part.variable.definition) for part in one.parts),
        needed=one.needed_people,
        first=Place(name=one.municipality, day=one.made, verdict="first", people=one.figures.people,
                    told=_told(one.figures)),
        others=tuple(_place(told) for told in came),
        demo=one.demo,
    )  # fmt: skip


def pages(one: Recipe, told: Answer, *, draft: bool) -> dict[str, str]:
    """Return an answer's page in both languages, by the end of its name."""
    return {suffix: page(tried(one, (told,)), language, draft=draft) for language, suffix in PAGES.items()}


def write_pages(workspace: Path, name: str, one: Recipe, told: Answer) -> None:
    """Write an answer's pages beside it."""
    for suffix, text in pages(one, told, draft=True).items():
        atomic.write_text(workspace / FOLDER / f"{name}{suffix}", text)


def page_of(path: Path, language: Language) -> Path:
    """Return where the page of an answer lies."""
    return path.with_name(path.name.removesuffix(".svar.json") + PAGES[language])


def _place(told: Answer) -> Place:
    return Place(
        name=told.municipality,
        day=told.tried,
        verdict=told.verdict,
        people=told.people,
        told=None if told.figures is None else _told(told.figures),
        locked=told.people_tested == "locked",
        unmatched=told.unmatched,
        differences=told.differences,
        parts=told.parts,
    )


def _told(figures: Figures) -> Told:
    return Told(
        people=figures.people,
        observed=figures.observed,
        expected=figures.expected,
        expected_low=figures.expected_low,
        expected_high=figures.expected_high,
        follow_up=figures.follow_up,
    )
