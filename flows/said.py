"""The command's words: which language they are in, and help texts that come from the catalogue."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

from reports import catalogue
from reports.catalogue import Language

__all__ = ["LANGUAGE", "SaidCommand", "SaidGroup", "help_text", "language_of", "said"]


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language asked for: `--language en` before UNDRING_LANGUAGE, before Danish.

    A help text is made before its command reads its arguments, so the language is looked up ahead of them.
    """
    asked = environment.get("UNDRING_LANGUAGE", "")
    for position, argument in enumerate(arguments):
        if argument.startswith("--language="):
            asked = argument.partition("=")[2]
        elif argument == "--language" and position + 1 < len(arguments):
            asked = arguments[position + 1]
    return Language.EN if asked.lower() == "en" else Language.DA


LANGUAGE = language_of(sys.argv[1:], os.environ)


def help_text(key: str) -> str:
    """Return a help text of the catalogue, in the language asked for."""
    return catalogue.text(LANGUAGE, f"help.{key}")


def said(key: str) -> dict[str, Any]:
    """Return what a command needs to be told of its words; its first paragraph stands in the list of commands."""
    words = help_text(key)
    return {"cls": SaidCommand, "help": words, "short_help": words.partition("\n\n")[0]}


_HEADINGS = {  # what typer writes -> the catalogue's word for it
    "Usage: ": "usage",
    "Arguments:": "arguments",
    "Options:": "options",
    "Commands:": "commands",
    "Show this message and exit.": "help",
    "[required]": "required",
    "; required]": "both_required",
}
_DEFAULT = re.compile(r"\[default:(\s+)")  # a long line breaks after the colon
_RANGE = re.compile(r"<(int|float) range>")


def _in_words(page: str) -> str:
    for english, key in _HEADINGS.items():
        page = page.replace(english, help_text(key))
    page = _DEFAULT.sub(lambda found: help_text("default").rstrip() + found[1], page)
    kinds = {"int": "whole", "float": "decimal"}
    return _RANGE.sub(lambda found: help_text(kinds[found[1]]).ljust(len(found[0])), page)  # columns stay straight


class SaidCommand(TyperCommand):
    """A command whose help page has its headings from the catalogue too."""

    def get_help(self, ctx: Any) -> str:
        return _in_words(super().get_help(ctx))


class SaidGroup(TyperGroup):
    """A group of commands, likewise."""

    def get_help(self, ctx: Any) -> str:
        return _in_words(super().get_help(ctx))
