"""Where recipes and answers lie: `exchange/`, which no run clears.

Our own recipe is `F-2026-014.opskrift.json`. Another municipality's, as it was tried here, and our answer to it bear a
mark of whose it is after the finding's number: two municipalities may both have an F-2026-001.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pipelines import atomic
from pipelines.errors import InputError

__all__ = [
    "FINDING",
    "FOLDER",
    "NAME",
    "answers_here",
    "keep_asked",
    "name_of",
    "own_recipes",
    "recipe_file",
    "reply_file",
    "reply_named",
]

FOLDER = "exchange"
RECIPE, ANSWER = ".opskrift.json", ".svar.json"
FINDING = re.compile(r"F-[0-9]{4}-[0-9]{3,5}")
NAME = re.compile(rf"{FINDING.pattern}(\.[0-9a-f]{{8}})?")


def whose(municipality: str, study: str, finding: str) -> str:
    """Return the mark of one municipality's finding: eight letters of a hash."""
    return hashlib.sha256(f"{municipality}\n{study}\n{finding}".encode()).hexdigest()[:8]


def name_of(municipality: str, study: str, finding: str) -> str:
    """Return what another municipality's finding is called here: F-2026-001.3fa2b1c0."""
    return f"{finding}.{whose(municipality, study, finding)}"


def recipe_file(workspace: Path, name: str) -> Path:
    """Return where a recipe lies: ours by the finding's number, another municipality's, as it came, by its name."""
    return workspace / FOLDER / f"{name}{RECIPE}"


def reply_file(workspace: Path, name: str) -> Path:
    """Return where our answer to another municipality's recipe lies."""
    return workspace / FOLDER / f"{name}{ANSWER}"


def keep_asked(workspace: Path, name: str, content: bytes) -> None:
    """Keep a recipe that is tried here, as it came: whoever reads the answer sees what was asked."""
    path = recipe_file(workspace, name)
    atomic.make_private(path.parent)
    atomic.write_bytes(path, content)


def own_recipes(workspace: Path) -> list[str]:
    """Return the findings of ours that have a recipe."""
    return [name for name in _names(workspace, RECIPE) if "." not in name]


def answers_here(workspace: Path) -> list[str]:
    """Return the names of others' findings that were answered here."""
    return [name for name in _names(workspace, ANSWER) if "." in name]


def reply_named(workspace: Path, asked: str) -> Path:
    """Return the answer that somebody means: by its whole name, or by the finding's number where there is one only.

    Raises: InputError `exchange_missing`, `exchange_several`.
    """
    found = [name for name in answers_here(workspace) if asked in (name, name.partition(".")[0])]
    if not NAME.fullmatch(asked) or not found:
        raise InputError("exchange_missing", file=f"{FOLDER}/")
    if len(found) > 1:
        raise InputError("exchange_several", file=f"{FOLDER}/", names=", ".join(found))
    return reply_file(workspace, found[0])


def _names(workspace: Path, suffix: str) -> list[str]:
    paths = sorted((workspace / FOLDER).glob(f"*{suffix}"))
    return [name for path in paths if NAME.fullmatch(name := path.name.removesuffix(suffix))]
