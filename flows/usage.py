"""A wrong use of the command, in words. What was typed is never repeated: it could be a CPR number."""

from __future__ import annotations

from typing import Any

from reports import catalogue
from reports.catalogue import Language

__all__ = ["said_usage_error"]


def said_usage_error(error: Any, language: Language) -> str:
    """Return a usage error in Undring's one form of an error."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "undring"
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return str(error.format_message())
    facts: dict[str, str | int] = {}
    parameter = getattr(error, "param", None)
    if kind == "MissingParameter" and parameter is not None:
        key, facts = "missing", {"name": _name(parameter)}
    elif kind == "NoSuchOption":
        # an option's own name only: `--1234` could be somebody's number
        key, facts = "unknown_option", {"name": _letters(str(error.option_name))}
    elif parameter is not None:
        key, facts = "value", {"name": _name(parameter)}
    elif context is not None and hasattr(context.command, "commands"):
        key = "unknown_command"
    else:
        key = "other"
    said = catalogue.text(language, f"cli.usage.{key}", facts)
    return "\n".join(
        [
            f"{catalogue.text(language, 'cli.error')} {command}",
            f"  {catalogue.text(language, 'error.place.found'):<10} {said}",
            f"  {catalogue.text(language, 'error.place.cure'):<10} {command} --help",
        ]
    )


def _name(parameter: Any) -> str:
    return str(
        parameter.opts[0]
        if parameter.opts and parameter.opts[0].startswith("-")
        else parameter.metavar or parameter.name
    )


def _letters(option: str) -> str:
    return "".join("…" if character.isdigit() else character for character in option)[:40]
