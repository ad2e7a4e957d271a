"""A release on its way: files are written and printed beside the pages, and who asked for it sees how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.errors import InputError
from pipelines.release_files import ACTS, FILES
from pipelines.release_record import Release

__all__ = ["Making", "begin"]


@dataclass(slots=True)
class Making:
    """One request: who made it, of what, and what came of it."""

    person: str
    kind: str
    receiver: str
    begun: datetime
    release: str = ""  # its number, when it is there
    error: InputError | None = None
    broken: bool = False  # ended by something that is no fault of the one who asked
    done: threading.Event = field(default_factory=threading.Event)

    def files(self, workspace: Path) -> int:
        """Return how many files are written so far: of the folder that nobody has signed yet."""
        unsigned = [path for path in (workspace / "releases").glob("U-*") if not (path / ACTS).exists()]
        return sum(1 for folder in unsigned for path in (folder / FILES).glob("*") if not path.name.startswith("."))


def begin(making: Making, make: Callable[[], Release]) -> None:
    """Make a release beside the pages. What the one who asked can mend is kept for the page that waits for it."""

    def work() -> None:
        try:
            making.release = make().id
        except InputError as error:
            making.error = error
        except BaseException:
            making.broken = True
            raise
        finally:
            making.done.set()

    threading.Thread(target=work, name="release", daemon=True).start()
