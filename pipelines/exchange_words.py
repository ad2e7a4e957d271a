"""Recipes and answers in words, for the terminal."""

from __future__ import annotations

from pathlib import Path

from pipelines.answer import Answer
from pipelines.answers import standing
from pipelines.recipe import Figures, Recipe
from pipelines.replicate import Seen
from pipelines.signed_file import Sealed, fingerprint
from reports import catalogue
from reports.cards import per_unit
from reports.catalogue import Language
from reports.numbers import decimal, whole
from reports.values import Unit
from reports.wording import Speaker

__all__ = ["answer_lines", "came_lines", "counted_line", "own_recipe_lines", "recipe_lines", "seen_lines"]


def recipe_lines(sealed: Sealed[Recipe], language: Language) -> list[str]:
    """Return what somebody else's recipe says, and who signed it."""
    one = sealed.told
    facts = {"finding": one.finding, "municipality": one.municipality, "pattern": _pattern(one, language)}
    who = {"name": sealed.name, "mark": fingerprint(sealed.public_key)}
    return [
        _say(language, "recipe", **facts, outcome=Speaker(language).words(one.outcome.label)),
        _say(language, "theirs", gap=_gap(one.figures, one.unit, language), people=one.figures.people),
        _say(language, "signed", **who),
    ]


def own_recipe_lines(sealed: Sealed[Recipe], language: Language) -> list[str]:
    """Return what our own recipe tells others, with what has no standard name."""
    one = sealed.told
    lines = [_say(language, "own", finding=one.finding, pattern=_pattern(one, language))]
    lines.append(_say(language, "theirs_needs", gap=_gap(one.figures, one.unit, language), needed=one.needed_people))
    for told in (*(part.variable for part in one.parts), one.outcome):
        key = "standard" if told.meaning.standard else "own_words"
        codes = ", ".join(told.meaning.codes) or "–"
        lines.append(_say(language, key, name=told.name, label=Speaker(language).words(told.label), codes=codes))
    return [*lines, _say(language, "key_mark", mark=fingerprint(sealed.public_key))]


def seen_lines(seen: Seen, language: Language) -> list[str]:
    """Return whether a pattern can be seen here, before any outcome is looked at."""
    recipe = seen.recipe
    both = "both" if len(recipe.parts) == 2 else "all"
    per = per_unit(recipe.figures.per, recipe.unit, Speaker(language))
    gap = whole(abs(recipe.figures.gap), language)
    lines = [
        _say(language, f"see_{both}", people=seen.people),
        _say(language, "see_needed", needed=seen.needed, gap=gap, per=per),
        _say(language, "see_enough" if seen.enough else "see_too_few"),
    ]
    return [*lines, _say(language, "see_account", left=seen.left)] if seen.locked else lines


def answer_lines(told: Answer, recipe: Recipe, language: Language) -> list[str]:
    """Return an answer, theirs beside ours."""
    lines = [_say(language, f"verdict.{told.verdict}")]
    lines.append(_say(language, "row", who=told.asked_by, row=_row(recipe.figures, recipe.unit, language)))
    lines.append(_say(language, "row", who=told.municipality, row=_answered(told, recipe.unit, language)))
    if told.unmatched:
        lines.append(_say(language, "unmatched", names=", ".join(told.unmatched)))
    return lines


def came_lines(found: Sealed[Answer], language: Language) -> list[str]:
    """Return an answer as it came from outside: not yet counted."""
    one = found.told
    lines = [_say(language, "came", municipality=one.municipality, finding=one.finding, tried=one.tried)]
    lines.append(_say(language, f"verdict.{one.verdict}"))
    lines.append(_say(language, "row", who=one.municipality, row=_answered(one, None, language)))
    if one.unmatched:
        lines.append(_say(language, "unmatched", names=", ".join(one.unmatched)))
    if one.differences:
        lines.append(_say(language, "differences", text=one.differences))
    return [*lines, _say(language, "signed", name=found.name, mark=fingerprint(found.public_key))]


def counted_line(workspace: Path, finding: str, language: Language) -> str:
    """Return in how many municipalities a finding was found again, of how many that tried."""
    told = standing(workspace, finding)
    key = "counted_one" if told.asked == 1 else "counted"
    if told.asked == 1:
        key += "_yes" if told.found else "_no"
    return _say(language, key, finding=finding, found=told.found, asked=told.asked)


def _pattern(one: Recipe, language: Language) -> str:
    return " + ".join(Speaker(language).words(part.variable.label) for part in one.parts)


def _gap(figures: Figures, unit: Unit | None, language: Language) -> str:
    key = "more" if figures.gap >= 0 else "fewer"
    low, high = sorted((abs(figures.gap_low), abs(figures.gap_high)))
    if figures.gap_low < 0 < figures.gap_high:
        key, low, high = f"{key}_across", figures.gap_low, figures.gap_high
    shown = {"gap": whole(abs(figures.gap), language), "low": whole(low, language), "high": whole(high, language)}
    return _say(language, key, **shown, per=per_unit(figures.per, unit, Speaker(language)))


def _row(figures: Figures, unit: Unit | None, language: Language) -> str:
    base = figures.follow_up or figures.people
    rates = [decimal(figures.per * count / base, language, digits=0) for count in (figures.observed, figures.expected)]
    return _say(language, "figures", observed=rates[0], expected=rates[1], people=figures.people,
                per=per_unit(figures.per, unit, Speaker(language)), gap=_gap(figures, unit, language))  # fmt: skip


def _answered(told: Answer, unit: Unit | None, language: Language) -> str:
    if told.figures is not None:
        return _row(told.figures, unit, language)
    if told.people is None:
        return _say(language, "too_few_people")
    return _say(language, "coarse", people=told.people)


def _say(language: Language, key: str, **facts: str | int) -> str:
    return catalogue.text(language, f"replicate.{key}", facts)
