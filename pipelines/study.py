"""A study: one question, on one legal basis, with one key, as `study.toml` says it."""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path

from pipelines.errors import InputError, InputErrors
from pipelines.shown import number_within
from pipelines.study_tables import study_of
from pipelines.study_toml import Table
from pipelines.study_values import (
    NOTHING_IS_NO,
    Characteristic,
    Known,
    Level,
    Mapped,
    Outcome,
    Population,
    Study,
    Variable,
    Where,
)

__all__ = [
    "NOTHING_IS_NO",
    "Characteristic",
    "Known",
    "Level",
    "Mapped",
    "Outcome",
    "Population",
    "Study",
    "Variable",
    "Where",
    "inbox_folder",
    "is_demo",
    "read_study",
]

DATA_VARIABLE = "UNDRING_DATA"


def read_study(workspace: Path) -> Study:
    """Return the study of a workspace. Raises: InputErrors with everything that is wrong, each with its key path."""
    file = workspace / "study.toml"
    try:
        content = file.read_bytes()
        values = tomllib.loads(content.decode("utf-8"))
    except FileNotFoundError:
        raise InputErrors([InputError("study_not_found", file=file)]) from None
    except UnicodeDecodeError:
        raise InputErrors([InputError("study_encoding", file=file)]) from None
    except tomllib.TOMLDecodeError as error:
        raise InputErrors([InputError("study_syntax", file=file, **_row(error))]) from None
    person = number_within(values)
    if person is not None:  # before anything of it is said, printed or logged
        raise InputErrors([InputError("names_somebody", file=file, field=person or "study.toml")])
    errors: list[InputError] = []
    top = Table(values, file=file, errors=errors)
    study = study_of(top, hashlib.sha256(content).hexdigest())
    if errors:
        raise InputErrors(errors)
    return study


def is_demo(workspace: Path) -> bool:
    """Return whether a study that may have other faults says that it is a demo."""
    try:
        return tomllib.loads((workspace / "study.toml").read_text(encoding="utf-8")).get("demo") is True
    except (OSError, ValueError):
        return False


def inbox_folder(study: Study, workspace: Path) -> Path:
    """Return the folder that the study's files come in: below the workspace, elsewhere, or in `$UNDRING_DATA`.

    Where the variable is not set, the data are the nearest folder `data/` upward: where `make data` puts them.
    Raises: InputError `study_data_missing` when neither is there.
    """
    first, *rest = Path(study.inbox).parts or (".",)
    if first not in (f"${DATA_VARIABLE}", f"${{{DATA_VARIABLE}}}"):
        return workspace / study.inbox
    named = os.environ.get(DATA_VARIABLE)
    above = [Path(named)] if named else [folder / "data" for folder in workspace.resolve().parents]
    for data in above:
        if data.joinpath(*rest).exists():
            return data.joinpath(*rest)
    raise InputError("study_data_missing", file=workspace / "study.toml", variable=DATA_VARIABLE)


def _row(error: tomllib.TOMLDecodeError) -> dict[str, int]:
    words = str(error).replace(",", " ").replace(")", " ").split()  # "… (at line 3, column 7)"
    return {"row": int(words[words.index("line") + 1])} if "line" in words else {}
