"""What can go wrong in a way that the user can mend, worded from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reports import catalogue
from reports.catalogue import Language

Fact = str | int


class InputError(Exception):
    """Something the analyst can mend: no traceback, exit code 2.

    Holds the place and the shape of what stood there, never the value: logs, Prefect states and mails show it.
    `key` names three messages in the catalogue: `error.KEY.found`, `.expected` and `.cure`.
    """

    def __init__(self, key: str, *, file: Path | str, **facts: Fact) -> None:
        self.key = key
        name = file.name if isinstance(file, Path) else file
        self.facts: dict[str, Fact] = {fact: _shown(value) for fact, value in {"file": name, **facts}.items()}
        super().__init__(f"{key}: {self.facts}")

    def text(self, language: Language) -> str:
        """Return the error in the user's language: the place, what was found, what was expected, what to do."""
        return catalogue.error_text(language, self.key, self.facts)


def _shown(fact: Fact) -> Fact:
    """The last net: a file, a key or a column may be named by a citizen's number. What is clean stays as it is."""
    from pipelines.shown import names_somebody, shown_name  # here: `--help` needs no polars

    return shown_name(fact) if isinstance(fact, str) and names_somebody(fact) else fact


class InputErrors(InputError):  # noqa: N818 - several of them
    """Several of them at once: `check` says everything that is missing in one go."""

    def __init__(self, errors: list[InputError]) -> None:
        if not errors:
            raise ValueError("no errors to report")
        self.errors = errors
        super().__init__(errors[0].key, **errors[0].facts)  # type: ignore[arg-type]

    def text(self, language: Language) -> str:
        return "\n".join(error.text(language) for error in self.errors)


def told_together(errors: Sequence[InputError], language: Language) -> str:
    """Return errors in words: those that ask for the same in one file share the lines that say so."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for error in errors:
        place, found, *asked = error.text(language).split("\n")
        groups.setdefault((place, *asked), []).append(found)
    said = []
    for (place, *asked), founds in groups.items():
        indent = len(founds[0]) - len(founds[0].split(":", 1)[-1].lstrip())
        said.append("\n".join([place, founds[0], *(" " * indent + one[indent:] for one in founds[1:]), *asked]))
    return "\n\n".join(said)


class NeedsPerson(Exception):  # noqa: N818 - not an error: something waits
    """Done and whole, but a person must act: exit code 3. `key` is a catalogue message."""

    def __init__(self, key: str, **facts: Fact) -> None:
        self.key = key
        self.facts = facts
        super().__init__(key)
