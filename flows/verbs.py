"""The list of verbs on the command's first help page: by what somebody wants to do, in the order of the work."""

from __future__ import annotations

from typing import Any

from flows.said import SaidGroup, help_text

__all__ = ["SECTIONS", "VerbGroup"]

SECTIONS = {
    "way": ("demo", "init", "check", "run", "rerun"),
    "findings": ("findings", "finding", "confirm", "propose", "replicate", "discover", "report"),
    "registers": ("contract", "quarantine", "cohort", "retention"),
    "people": ("redact", "anonymise", "table", "person", "reidentify"),
    "out": ("release", "portal", "audit"),
    "keys": ("key", "user", "close"),
}


class VerbGroup(SaidGroup):
    """The command itself: its verbs stand in sections, each with its whole first paragraph."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        found = {name: one for name in self.list_commands(ctx) if (one := self.get_command(ctx, name)) is not None}
        for section, names in SECTIONS.items():
            with formatter.section(help_text(f"section.{section}")):
                formatter.write_dl([(name, (found[name].help or "").partition("\n\n")[0]) for name in names])
