"""What a flow's form offers: choices only. Prefect stores and shows parameters in clear text, so there is no free text.

Built from `$UNDRING_HOME/workspaces.toml` when imported: deploy again after a study was added or removed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pipelines import workspaces
from pipelines.errors import InputError

__all__ = ["StudyId", "studies_now"]


def studies_now() -> list[str]:
    """Return the ids of all studies that this machine knows; a damaged list offers none."""
    try:
        return list(workspaces.known())
    except InputError:
        return []


# an enumeration cannot be empty: a machine without studies offers one that is none
StudyId: Any = StrEnum("StudyId", [(name, name) for name in studies_now() or ["intet-studie"]])  # type: ignore[misc]
