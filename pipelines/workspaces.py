"""Where things lie: Undring's home (keys, the list of workspaces), and which workspace a command means."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

from pipelines import atomic
from pipelines.errors import InputError

__all__ = ["find", "home", "known", "nearest_workspace", "register"]

STUDY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def home() -> Path:
    """Return Undring's home on this machine: `$UNDRING_HOME`, else ~/.local/share/undring. It may not exist yet."""
    named = os.environ.get("UNDRING_HOME")
    return Path(named).expanduser().absolute() if named else Path.home() / ".local" / "share" / "undring"


def register(study_id: str, workspace: Path) -> None:
    """Remember where a study lies, so that flows can be given its id instead of a path.

    Raises: InputError `study_id` for an id that could not be a file name or a choice in a form.
    """
    if not STUDY_ID.fullmatch(study_id):
        raise InputError("study_id", file=workspace / "study.toml")
    place = str(workspace.resolve())
    if known().get(study_id) == Path(place):
        return
    atomic.make_private(home())
    entries = {**{name: str(path) for name, path in known().items()}, study_id: place}
    lines = [f"{name} = {json.dumps(path, ensure_ascii=False)}" for name, path in sorted(entries.items())]
    atomic.write_text(_list(), "\n".join(["[workspaces]", *lines, ""]))


def known() -> dict[str, Path]:
    """Return every study that this machine knows, and where it lies."""
    if not _list().exists():
        return {}
    try:
        entries = tomllib.loads(_list().read_text(encoding="utf-8")).get("workspaces", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InputError("workspaces_list", file=_list()) from None
    return {str(name): Path(str(path)) for name, path in sorted(entries.items())}


def find(study_id: str) -> Path:
    """Return the workspace of a study. Raises: InputError `study_unknown` when it is not known, or is gone."""
    place = known().get(study_id)
    if place is None or not (place / "study.toml").is_file():
        raise InputError("study_unknown", file=_list(), known=len(known()))
    return place


def nearest_workspace(start: Path) -> Path:
    """Return the nearest folder upward that holds `study.toml`. Raises: InputError `no_workspace` when none does."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "study.toml").is_file():
            return folder
    raise InputError("no_workspace", file=start)


def _list() -> Path:
    return home() / "workspaces.toml"
