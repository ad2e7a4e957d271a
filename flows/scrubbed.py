"""What Prefect may be told of a failure: its type and code. A message, or a chained exception, could hold a citizen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flows.failures import keep_description
from pipelines import workspaces
from pipelines.errors import InputError, NeedsPerson

__all__ = ["Stopped", "scrubbed"]

P = ParamSpec("P")
R = TypeVar("R")


class Stopped(Exception):  # noqa: N818 - what happened to a step, in the words of the alarm
    """A step that stopped, by type and code only: `InputError missing_column`, `ZeroDivisionError`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def scrubbed(work: Callable[P, R]) -> Callable[P, R]:
    """Let nothing out of a function but its value, or `Stopped`; its first argument is a study's id.

    Our own faults are described, without data, in the run's folder.
    """

    @wraps(work)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except Stopped as stopped:
            code = stopped.code
        except InputError as error:
            code = f"InputError {error.key}"
        except NeedsPerson as waiting:
            code = f"NeedsPerson {waiting.key}"
        except (KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError):
            raise
        except BaseException as error:
            code = type(error).__name__
            keep_description(error, workspaces.known().get(str(args[0])) if args else None)
        raise Stopped(code)  # here, outside `except`: no context, no message, no values

    return told
