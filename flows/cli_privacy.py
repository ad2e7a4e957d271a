"""`undring redact` and `undring anonymise`: what keeps people apart from their data, outside any study."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Lang, Quiet
from flows.said import SaidGroup, help_text, said


class Method(StrEnum):
    """How a table is generalised."""

    MONDRIAN = "mondrian"
    LATTICE = "lattice"


privacy = typer.Typer(cls=SaidGroup, no_args_is_help=True, rich_markup_mode=None)


@privacy.command("redact", **said("redact.text"))
def redact_command(
    file: Annotated[Path, typer.Argument(metavar="FILE|-", help=help_text("redact.file"))],
    names: Annotated[Path | None, typer.Option("--names", help=help_text("redact.names"), metavar="FILE")] = None,
    closed: Annotated[bool, typer.Option("--closed", help=help_text("redact.closed"))] = False,
    silent: Quiet = False,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """Free text in, the same text out, without traces of people."""
    with worded(language):
        from pipelines import redact

        made = redact.redactor(names=names, closed=closed)
        stream = str(file) == redact.STREAM
        seen = redact.Seen()
        try:
            with sys.stdin.buffer if stream else redact.open_notes(file) as notes:
                for line in redact.redact_lines(notes, made, source="-" if stream else file.name, seen=seen):
                    sys.stdout.buffer.write(line)
                    if stream:
                        sys.stdout.buffer.flush()  # somebody may be waiting at the other end
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # the reader had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        if not silent:
            typer.echo(redact.summary(seen, language), err=True)


@privacy.command("anonymise", **said("anonymise.text"))
def anonymise_command(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE", exists=True, dir_okay=False, help=help_text("anonymise.table"))
    ],
    quasi: Annotated[str, typer.Option(help=help_text("anonymise.quasi"), metavar="COL,…")],
    k: Annotated[int, typer.Option("--k", min=2, help=help_text("anonymise.k"))],
    out: Annotated[Path, typer.Option(file_okay=False, help=help_text("anonymise.out"), metavar="DIR")],
    sensitive: Annotated[str, typer.Option(help=help_text("anonymise.sensitive"), metavar="COL,…")] = "",
    keep: Annotated[str, typer.Option(help=help_text("anonymise.keep"), metavar="COL,…")] = "",
    id_column: Annotated[str | None, typer.Option("--id", help=help_text("anonymise.id_column"), metavar="COL")] = None,
    l: Annotated[  # noqa: E741  the field's own letter
        int | None, typer.Option("--l", min=1, help=help_text("anonymise.l"), show_default=False)
    ] = None,
    max_share: Annotated[
        float, typer.Option("--max-share", min=0.01, max=1.0, help=help_text("anonymise.max_share"))
    ] = 0.8,
    method: Annotated[Method, typer.Option(help=help_text("anonymise.method"))] = Method.MONDRIAN,
    max_suppressed: Annotated[
        float, typer.Option("--max-suppressed", min=0.0, max=1.0, help=help_text("anonymise.max_suppressed"))
    ] = 0.02,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """A table in which everybody stands among at least k."""
    with worded(language):
        from pipelines.anonymise import anonymise_table

        result = anonymise_table(
            table,
            quasi=_columns(quasi),
            sensitive=_columns(sensitive),
            keep=_columns(keep),
            id_column=id_column,
            k=k,
            l=l,
            max_share=max_share,
            method=method.value,
            max_suppressed=max_suppressed,
            out=out,
            language=language,
        )
        typer.echo("\n".join(result.lines))


def _columns(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
