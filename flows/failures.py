"""What the command says when something goes wrong, and with which exit code it ends (DESIGN.md, "Exit codes")."""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import typer

from pipelines.errors import InputError, NeedsPerson
from reports import catalogue
from reports.catalogue import Language

__all__ = ["described", "keep_description", "worded"]

OUR_ROOMS = ("analysis", "flows", "pipelines", "pseudonymisation", "reports")
ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def worded(language: Language, *, workspace: Path | None = None, resume: str | None = None) -> Iterator[None]:
    """Turn what goes wrong inside the block into words and an exit code.

    2 what the user can mend; 3 whole, but a person must act; 130 interrupted; 1 our own fault, with a file that
    describes it without any data. Nothing else gets out: a traceback could print a citizen.
    """
    try:
        yield
        return
    except (typer.Exit, typer.Abort):
        raise
    except InputError as error:
        words, code = error.text(language), 2
    except NeedsPerson as waiting:
        words, code = catalogue.text(language, waiting.key, waiting.facts), 3
    except BrokenPipeError:  # whoever read our lines has enough (`| head`): no fault, and nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        key = "cli.interrupted" if resume else "cli.interrupted_plainly"
        words, code = catalogue.text(language, key, command=resume or ""), 130
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        words, code = _crashed(error, language, workspace), 1
    typer.echo(words, err=True)
    raise typer.Exit(code) from None  # whoever prints it must not print what it was


def described(error: BaseException) -> str:
    """Describe a crash without data: types, error codes and our own source lines; no message, no value."""
    lines: list[str] = []
    following: BaseException | None = error
    while following is not None:
        kind = type(following)
        code = getattr(following, "errno", None)
        lines.append(f"{kind.__module__}.{kind.__qualname__}" + (f" (errno {code})" if isinstance(code, int) else ""))
        for frame, number in traceback.walk_tb(following.__traceback__):
            path = Path(frame.f_code.co_filename)
            ours = path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OUR_ROOMS
            if ours:
                source = linecache.getline(str(path), number).strip()
                lines.append(f"  {path.relative_to(ROOT)}:{number} {frame.f_code.co_name}: {source}")
        following = following.__cause__ or following.__context__
    return "\n".join(lines) + "\n"


def keep_description(error: BaseException, workspace: Path | None) -> Path | None:
    """Write the description of a crash where people will find it; return the file, None where there is no room."""
    now = datetime.now(UTC)
    with suppress(OSError, InputError):
        file = _crash_folder(workspace) / f"fejl-{now:%Y%m%d-%H%M%S-%f}.txt"
        file.write_text(f"{now:%Y-%m-%dT%H:%M:%SZ}\n{described(error)}", encoding="utf-8")
        file.chmod(0o600)
        return file
    return None


def _crashed(error: BaseException, language: Language, workspace: Path | None) -> str:
    file = keep_description(error, workspace)
    if file is not None:
        return catalogue.text(language, "cli.crash", file=str(file))
    return catalogue.text(language, "cli.crash_unwritten", type=type(error).__name__)


def _crash_folder(workspace: Path | None) -> Path:
    """Return the newest run's folder in a workspace, else a folder in Undring's home."""
    from pipelines import atomic, workspaces

    runs = workspace / "runs" if workspace is not None else None
    if runs is not None and runs.is_dir():
        newest = max((entry for entry in runs.iterdir() if entry.is_dir()), key=lambda entry: entry.name, default=None)
        if newest is not None:
            return newest
    return atomic.make_private(workspaces.home() / "crash")
