"""From a recipe's names to the study's own: guesses with their reasons in a file, and a person who answers for each.

`fund/replicate-F-….toml`. Nothing in it counts before somebody has set `seen = true`; a guess is never used in silence.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines import atomic
from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.exchange_files import name_of
from pipelines.recipe import Part, Recipe, Told
from pipelines.shown import names_somebody, shown_name
from pipelines.standard_names import Meaning, meaning_of, names_a_unit
from pipelines.study import Study, Variable
from reports import catalogue
from reports.catalogue import Language
from reports.values import Words

__all__ = ["NONE", "Mapped", "mapping_file", "pattern_hash", "read_mapping", "theirs", "write_mapping"]

NONE = "-"  # we have no such column: only of what was adjusted for
Guess = tuple[str, str]  # ours, and the catalogue's word for why


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A mapping that a person has answered for, line by line."""

    pattern: str  # "a=ja & b=ja", in our names
    outcome: str
    unmatched: tuple[str, ...]  # what they adjusted for, and we cannot
    basis: str  # on which legal basis it is tried here: our own words
    differences: str  # what is otherwise here; travels in the answer


def pattern_hash(recipe: Recipe) -> str:
    """Return what a recipe asks, as a hash: the same for the same finding however often it is signed anew."""
    asked = [asdict(part) for part in recipe.parts]
    told = [recipe.municipality, recipe.study, recipe.finding, asked, asdict(recipe.outcome), recipe.direction]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def mapping_file(workspace: Path, recipe: Recipe) -> Path:
    """Return where a recipe's mapping lies: its own, whatever another municipality calls its findings."""
    name = name_of(recipe.municipality, recipe.study, recipe.finding).replace(".", "-")
    return workspace / "fund" / f"replicate-{name}.toml"


def theirs(part: Part) -> str:
    """Return a part as it is written over there."""
    if part.value is None:
        return f"{part.variable.name}=?"
    value = "ja" if part.value is True else str(part.value)
    return f"{part.variable.name}{'=' if part.operator == '==' else part.operator}{value}"


def write_mapping(
    workspace: Path, recipe: Recipe, study: Study, contracts: Mapping[str, Contract], language: Language
) -> Path:
    """Write a mapping to be completed, with a guess and its reason on each line."""
    lines = [_comment("heading", language, finding=recipe.finding, municipality=recipe.municipality)]
    lines += [f"pattern = {_quoted(pattern_hash(recipe))}", "", _comment("differences", language), 'differences = ""']
    lines += ["", "[basis]", _comment("basis", language, theirs=recipe.legal_basis_for_information or "–")]
    lines += [_comment("own_basis", language, ours=study.legal_basis or "–"), 'ours = ""', "", "[population]"]
    lines += [_comment("theirs", language, words=_in(recipe.population, recipe.population_definition, language))]
    people = study.population
    lines += [_comment("ours", language, words=_in(people.label, people.definition, language))]
    lines += [_comment("same", language), "same = false"]
    lines += ["", "[outcome]", _comment("theirs", language, words=_in_words(recipe.outcome, language))]
    lines += _answer(_guess(recipe.outcome, study.searched, contracts), study, contracts, language)
    for part in recipe.parts:
        lines += ["", "[[part]]", f"theirs = {_quoted(theirs(part))}"]
        lines += [_comment("theirs", language, words=_in_words(part.variable, language))]
        name, why = _guess(part.variable, study.characteristics, contracts)
        lines += _answer((name, why), study, contracts, language, ours=_ours(part, name, study))
    known = (*study.adjust, *study.characteristics)
    for one in recipe.adjusted_for:
        lines += ["", "[[adjust]]", f"theirs = {_quoted(one.name)}"]
        lines += [_comment("theirs", language, words=_in_words(one, language)), _comment("none", language)]
        lines += _answer(_guess(one, known, contracts), study, contracts, language)
    path = mapping_file(workspace, recipe)
    atomic.make_private(path.parent)
    atomic.write_text(path, "\n".join(lines) + "\n")
    return path


def read_mapping(workspace: Path, recipe: Recipe, study: Study) -> Mapped:
    """Return a completed mapping.

    Raises: InputError `replicate_open` naming what nobody has answered for; `mapping_unreadable`, `mapping_other`,
    `mapping_outcome`, `replicate_kind`, `mapping_adjust`, `mapping_words` for an answer that will not do.
    """
    path = mapping_file(workspace, recipe)
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError("mapping_unreadable", file=path) from None
    if written.get("pattern") != pattern_hash(recipe):
        raise InputError("mapping_other", file=path)
    parts = _same(written.get("part"), [theirs(one) for one in recipe.parts])
    adjust = _same(written.get("adjust", []), [one.name for one in recipe.adjusted_for])
    tables = [written.get(name) for name in ("basis", "population", "outcome")]
    if parts is None or adjust is None or not all(isinstance(one, dict) for one in tables):
        raise InputError("mapping_unreadable", file=path)
    basis, population, outcome = (one if isinstance(one, dict) else {} for one in tables)
    open_ = [] if _text(basis, "ours") else ["basis"]
    open_ += [] if population.get("same") is True else ["population"]
    open_ += [] if _seen(outcome) else ["outcome"]
    open_ += [f"part {shown_name(str(one['theirs']))}" for one in parts if not _seen(one)]
    open_ += [f"adjust {shown_name(str(one['theirs']))}" for one in adjust if not _seen(one)]
    if open_:
        raise InputError("replicate_open", file=path, count=len(open_), open=", ".join(open_))
    made = Mapped(
        pattern=" & ".join(_text(one, "ours") for one in parts),
        outcome=_text(outcome, "ours"),
        unmatched=tuple(str(one["theirs"]) for one in adjust if _text(one, "ours") == NONE),
        basis=_text(basis, "ours"),
        differences=_text(written, "differences"),
    )
    _check(made, adjust, recipe, study, path)
    return made


def _check(made: Mapped, adjust: Sequence[dict[str, Any]], recipe: Recipe, study: Study, path: Path) -> None:
    searched = {one.name: one for one in study.searched}
    if made.outcome not in searched:
        raise InputError("mapping_outcome", file=path, outcome=", ".join(searched))
    kind = searched[made.outcome].kind
    if kind != recipe.kind or study.scale != recipe.scale:
        facts = {"theirs": f"{recipe.kind}, {recipe.scale}", "ours": f"{kind}, {study.scale}"}
        raise InputError("replicate_kind", file=path, **facts)
    known = {NONE, *(one.name for one in (*study.adjust, *study.characteristics))}
    for one in adjust:
        if _text(one, "ours") not in known:
            raise InputError("mapping_adjust", file=path, part=shown_name(str(one["theirs"])))
    for text in (made.basis, made.differences):
        if names_somebody(text) or names_a_unit(text) or len(text) > 500:
            raise InputError("mapping_words", file=path)


def _guess(one: Told, ours: Sequence[Variable], contracts: Mapping[str, Contract]) -> Guess:
    """Return the likeliest of our variables, and why: the same standard codes, the same name, the same words."""
    best: tuple[int, str, str] = (0, "", "none")
    for variable in ours:
        mine = meaning_of(variable, contracts)
        codes = mine.told == one.meaning.told and bool(mine.codes or mine.measure or variable.name == one.name)
        score = (4 if codes and mine.standard else 2 if codes else 0) + (codes and mine.window == one.meaning.window)
        score += 2 * (variable.name == one.name) + (variable.label.da.casefold() == one.label.da.casefold())
        if score > best[0]:
            best = score, variable.name, _why(mine, one, codes=codes, name=variable.name == one.name)
    return best[1], best[2]


def _why(mine: Meaning, one: Told, *, codes: bool, name: bool) -> str:
    if codes and mine.standard:
        return "standard" if mine.window == one.meaning.window else "standard_window"
    if codes:
        return "codes" if mine.window == one.meaning.window else "codes_window"
    return "name" if name else "words"


def _ours(part: Part, name: str, study: Study) -> str:
    variable = next((one for one in study.characteristics if one.name == name), None)
    if variable is None or (part.value is True) != variable.yes_no:
        return ""
    return theirs(part).replace(part.variable.name, name, 1)


def _same(found: Any, wanted: Sequence[str]) -> list[dict[str, Any]] | None:
    """Return the tables when they speak of just what the recipe names, in its order."""
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return None
    return found if [one.get("theirs") for one in found] == list(wanted) else None


def _seen(one: Mapping[str, Any]) -> bool:
    return one.get("seen") is True and bool(_text(one, "ours"))


def _text(one: Mapping[str, Any], name: str) -> str:
    value = one.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _answer(
    guess: Guess, study: Study, contracts: Mapping[str, Contract], language: Language, *, ours: str | None = None
) -> list[str]:
    """Return what a person is to answer for: the guess with its reason, and what our own variable means."""
    name, why = guess
    written = name if ours is None else ours
    lines = [_comment(f"why.{why if written else 'none'}", language)]
    if written:
        mine = next(one for one in study.variables if one.name == name)
        told = Told(
            name=name,
            label=mine.label,
            definition=mine.definition or Words(da="", en=""),
            meaning=meaning_of(mine, contracts),
        )
        lines.append(_comment("ours", language, words=_in_words(told, language)))
    return [*lines, f"ours = {_quoted(written)}", "seen = false"]


def _in_words(one: Told, language: Language) -> str:
    codes = ", ".join(one.meaning.codes)
    window = "" if one.meaning.window is None else f" [{one.meaning.window[0]}, {one.meaning.window[1]}]"
    return _in(one.label, one.definition, language) + (f" ({one.meaning.rule} {codes}{window})" if codes else "")


def _in(label: Words, definition: Words, language: Language) -> str:
    pick = [one.da if language == Language.DA else one.en for one in (label, definition)]
    return ": ".join(one for one in pick if one)


def _comment(key: str, language: Language, **facts: str) -> str:
    text = catalogue.text(language, f"replicate.mapping.{key}", facts)
    return "\n".join(f"# {line}" for line in text.splitlines())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
