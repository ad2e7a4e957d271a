"""A command in a process of its own: what it took."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a command took."""

    seconds: float  # on the clock
    cpu: float  # seconds of processor time
    peak: float  # bytes of resident memory


def measured(command: list[str], *, shown: bool = False) -> Taken:
    """Run a command, its output away unless `shown`. Raises: SystemExit where it fails."""
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        if not shown:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(command[0], command)  # noqa: S606 - our own command
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(command[:2])} failed")
    seconds = time.perf_counter() - began
    return Taken(seconds=seconds, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss * 1024.0)
