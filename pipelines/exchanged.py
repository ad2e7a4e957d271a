"""A recipe or an answer on its way out: the very bytes that were signed, where they still say what this house says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pipelines import accounts, answer, recipe
from pipelines.errors import InputError
from pipelines.study import read_study

__all__ = ["Current", "current_file"]

FINDING = re.compile(r"F-[0-9]{4}-[0-9]{3,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A draft that may be asked to go out."""

    name: str
    content: bytes


def current_file(workspace: Path, kind: Literal["report", "package", "recipe", "answer"], finding: str) -> Current:
    """Return the signed draft of a finding's recipe, or of the answer to somebody's.

    Raises: InputError `exchange_missing` where there is none, `exchange_old` where it was signed by nobody here, or its
    words or figures are not those of the last run (a recipe) or of the record (an answer).
    """
    suffix = "opskrift" if kind == "recipe" else "svar"
    path = workspace / "draft" / f"{finding}.{suffix}.json"
    if not FINDING.fullmatch(finding) or not path.is_file():
        raise InputError("exchange_missing", file="draft/")
    content = path.read_bytes()
    if kind == "recipe":
        sealed = recipe.read(path)
        now = recipe.made(workspace, finding)
        same, key = replace(now, made=sealed.told.made) == sealed.told, sealed.public_key
    else:
        told = answer.read(path)
        same, key = _as_recorded(workspace, told.told), told.public_key
    if not same or all(one.public_key != key or one.disabled for one in accounts.everyone()):
        raise InputError("exchange_old", file=path)
    return Current(name=path.name, content=content)


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
