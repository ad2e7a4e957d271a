"""Pages from templates: everything escaped, an unknown name is an error, the style inside the page."""

from __future__ import annotations

import base64
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from portal.asking import Ask
from portal.menu import menu_of
from reports import catalogue, numbers
from reports.catalogue import Language
from reports.html import environment
from reports.numbers import day, whole

__all__ = ["rendered", "style", "style_hash"]


def rendered(ask: Ask, name: str, facts: dict[str, Any]) -> str:
    """Return a page as HTML."""
    say = ask.say
    study = ask.site.study()
    shared = {
        "say": say,
        "rich": say.rich,
        "words": say.words,
        "language": ask.language.value,
        "other": "en" if ask.language == Language.DA else "da",
        "day": lambda value: day(value, ask.language),
        "moment": lambda value: moment(value, ask.language),
        "whole": lambda value: whole(value, ask.language),
        "named": lambda group, value: named(group, value, ask.language),
        "style": Markup(style()),  # noqa: S704 - our own file
        "visitor": ask.visitor,
        "study": study,
        "menu": menu_of(ask),
        "here": ask.here,
        "token": lambda: ask.site.guard.token(ask.owner),
        "refresh": 0,
        "error": None,
    }
    return environment("portal").get_template(f"{name}.html.j2").render({**shared, **facts})


def moment(value: datetime | str, language: Language) -> str:
    """Return a time in words; a text is one of the ledger's."""
    return numbers.moment(datetime.fromisoformat(value) if isinstance(value, str) else value, language)


def named(group: str, value: str, language: Language) -> str:
    """Return the word for a code, or the code where the catalogue has none."""
    key = f"{group}.{value}"
    return catalogue.text(language, key) if catalogue.has(key) else value


@cache
def style() -> str:
    """Return the one style sheet."""
    return (files("portal") / "templates" / "portal.css").read_text(encoding="utf-8")


@cache
def style_hash() -> str:
    """Return what the content security policy lets in: this style sheet and no other."""
    return base64.b64encode(sha256(f"\n{style()}\n".encode()).digest()).decode()
