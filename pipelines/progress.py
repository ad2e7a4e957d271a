"""What a run shows while it works: one line a step, with how far it is, what came of it and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from reports import catalogue
from reports.catalogue import Language
from reports.numbers import seconds

__all__ = ["Progress", "Step"]

LEFT, RESULT = 46, 22  # columns of a line: label with dots, then the result, then the time
REDRAW_EVERY = 0.1  # seconds between two redrawn lines


@dataclass(slots=True)
class Step:
    """A step under way: tell it how far it is, and at the end what came of it (counts, never values)."""

    name: str
    show: Callable[[float], None]
    facts: dict[str, str | int] = field(default_factory=dict)

    def update(self, share: float) -> None:
        """Say how far the step is: 0 to 1."""
        self.show(min(max(share, 0.0), 1.0))

    def result(self, **facts: str | int) -> None:
        """Say what came of it: the facts of the catalogue message `progress.NAME.done`."""
        self.facts.update(facts)


class Progress:
    """Writes a line a step to a stream, rewritten in place on a terminal; nothing at all where there is no stream.

    The words of a step are `progress.NAME.name` in the catalogue (`.doing` where it has facts to fill), its result
    `progress.NAME.done`. A name that the catalogue lacks is shown as it is: a run never fails over a word.
    """

    def __init__(
        self,
        language: Language = Language.DA,
        *,
        total: int = 0,
        stream: TextIO | None = sys.stderr,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.language = language
        self.total = total
        self._stream = stream
        self._terminal = stream is not None and stream.isatty()
        self._clock = clock
        self._number = 0
        self._current: Step | None = None

    @classmethod
    def none(cls) -> Progress:
        """Return a progress that shows nothing: for flows and tests."""
        return cls(stream=None)

    @contextmanager
    def step(
        self, name: str, number: int | None = None, total: int | None = None, **facts: str | int
    ) -> Iterator[Step]:
        """Show one step while its block runs, and then its result and time; a step that fails says that it stopped."""
        self._number = number if number is not None else self._number + 1
        self.total = total if total is not None else self.total
        label = f"{self._place()} {self._label(name, facts)}"
        began, drawn = self._clock(), 0.0

        def show(share: float) -> None:
            nonlocal drawn
            now = self._clock()
            if self._terminal and now - drawn >= REDRAW_EVERY:
                drawn = now
                self._write(self._line(label, f"{int(100 * share)} %", now - began), ends=False)

        step = Step(name=name, show=show)
        outer, self._current = self._current, step
        try:
            if self._terminal:
                self._write(self._line(label, "", None), ends=False)
            yield step
        except BaseException:
            self._write(self._line(label, self._word("progress.stopped", {}), self._clock() - began), ends=True)
            raise
        else:
            result = self._word(f"progress.{name}.done", step.facts)
            self._write(self._line(label, result, self._clock() - began), ends=True)
        finally:
            self._current = outer

    def update(self, share: float) -> None:
        """Say how far the step under way is: 0 to 1."""
        if self._current is not None:
            self._current.update(share)

    def _place(self) -> str:
        width = len(str(self.total)) if self.total else 1
        return f" {self._number:>{width}}/{self.total}" if self.total else f" {self._number}"

    def _label(self, name: str, facts: dict[str, str | int]) -> str:
        doing = self._word(f"progress.{name}.doing", facts) if facts else ""
        return doing or self._word(f"progress.{name}.name", facts) or name

    def _word(self, key: str, facts: dict[str, str | int]) -> str:
        try:
            return catalogue.text(self.language, key, facts)
        except KeyError:  # no such message, or a fact that it needs was not given
            return ""

    def _line(self, label: str, result: str, took: float | None) -> str:
        duration = "" if took is None else seconds(took, self.language)
        return f"{label + ' ':.<{LEFT}} {result:<{RESULT}} {duration:>8}".rstrip()

    def _write(self, line: str, *, ends: bool) -> None:
        if self._stream is None:
            return
        start, end = ("\r\x1b[2K", "\n" if ends else "") if self._terminal else ("", "\n")
        self._stream.write(f"{start}{line}{end}")
        self._stream.flush()
