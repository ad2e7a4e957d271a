"""A recipe or an answer on its way out: the very bytes that were signed, where they still say what this house says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pipelines import accounts, answer, recipe
from pipelines.errors import InputError
from pipelines.exchange_files import FINDING, FOLDER, recipe_file, reply_named
from pipelines.exchange_told import asked_here, pages
from pipelines.study import read_study

__all__ = ["Current", "current_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A draft that may be asked to go out."""

    name: str
    content: bytes
    pages: Mapping[str, str]  # for people's eyes: an answer's picture, by file name


def current_file(workspace: Path, kind: Literal["report", "package", "recipe", "answer"], finding: str) -> Current:
    """Return the signed draft of a finding's recipe, or of the answer to somebody's.

    Raises: InputError `exchange_missing` where there is none, `exchange_several` where a number names several answers,
    `exchange_old` where it was signed by nobody here, or its words or figures are not those of the last run (a recipe)
    or of the record (an answer).
    """
    path = recipe_file(workspace, finding) if kind == "recipe" else reply_named(workspace, finding)
    if kind == "recipe" and not (FINDING.fullmatch(finding) and path.is_file()):
        raise InputError("exchange_missing", file=f"{FOLDER}/")
    content, said = path.read_bytes(), {}
    if kind == "recipe":
        sealed = recipe.read(path)
        now = recipe.made(workspace, finding)
        told_now = replace(now, made=sealed.told.made, run=sealed.told.run)  # a new run may have found just the same
        same, key = told_now == sealed.told, sealed.public_key
    else:
        asked, told = asked_here(workspace, path.name.removesuffix(".svar.json"))
        same = told.told.recipe_sha256 == asked.sha256 and _as_recorded(workspace, told.told)
        key, said = told.public_key, pages(asked.told, told.told, draft=False)
    if not same or all(one.public_key != key or one.disabled for one in accounts.everyone()):
        raise InputError("exchange_old", file=path)
    name = path.name.removesuffix(".svar.json")
    return Current(name=path.name, content=content, pages={name + suffix: text for suffix, text in said.items()})


def _as_recorded(workspace: Path, told: answer.Answer) -> bool:
    """Return whether an answer is what the record of tests says: the gate let just these figures through."""
    from pipelines.replicate import read_record

    study = read_study(workspace)
    if (told.municipality, told.study) != (study.controller, study.id):
        return False
    for one in read_record(workspace).tried:
        if (one.municipality, one.finding) == (told.asked_by, told.finding) and one.answered and one.printed:
            verdict, direction = answer.said_of(one.answered.status, one.answered.locked, one.printed)
            facts = (told.verdict, told.direction, told.figures, told.unmatched, told.differences)
            people = one.printed.people if direction is not None else None
            now = (verdict, direction, answer.figures_of(one.printed), one.unmatched, one.differences)
            if (*facts, told.people) == (*now, people):
                return True
    return False
