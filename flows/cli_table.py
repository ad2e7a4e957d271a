"""`undring table`: a table of counts that somebody is to be sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.failures import worded
from flows.options import DEFAULT_LANGUAGE, Lang
from flows.said import help_text

__all__ = ["table_command"]


def table_command(
    counts: Annotated[
        Path, typer.Argument(metavar="COUNTS", exists=True, dir_okay=False, help=help_text("table.counts"))
    ],
    out: Annotated[Path, typer.Option(file_okay=False, help=help_text("table.out"), metavar="DIR")],
    by: Annotated[str, typer.Option(help=help_text("table.by"), metavar="COL,…")] = "",
    count: Annotated[str, typer.Option(help=help_text("table.count"), metavar="COL")] = "",
    together: Annotated[str, typer.Option(help=help_text("table.together"), metavar="AXIS=N")] = "",
    smallest_group: Annotated[
        int, typer.Option("--smallest-group", min=3, help=help_text("table.smallest_group"))
    ] = 10,
    smallest_difference: Annotated[
        int, typer.Option("--smallest-difference", min=2, help=help_text("table.smallest_difference"))
    ] = 5,
    language: Lang = DEFAULT_LANGUAGE,
) -> None:
    """A table of counts without its small cells, and without what gives them away."""
    with worded(language):
        from pipelines.hide_counts import protect_table

        made = protect_table(
            counts,
            out=out,
            by=tuple(name.strip() for name in by.split(",") if name.strip()),
            count=count,
            together=together,
            smallest_group=smallest_group,
            smallest_difference=smallest_difference,
            language=language,
        )
        typer.echo("\n".join(made.lines))
