"""Every command that a page or a message names is one that there is: its verbs, and the options it is shown with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from flows.cli import app
from reports import catalogue
from reports.catalogue import Language

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`|^ {3,}(\S.*)$", re.MULTILINE | re.DOTALL)
SAID = re.compile(
    r"(?<!create )(?<!\w)undring((?: [^\s`«»]+)*)"
)  # two spaces end it; `prefect … create undring` is none


def faults(text: str) -> Iterator[str]:
    """What is named in a text and is not there. After a verb, words that are no options are its arguments."""
    for line in text.replace("\\\n", " ").splitlines():
        for found in SAID.finditer(line):
            command: Any = get_command(app)
            words = [word.strip(".,;:()[]") for word in found[1].split()]
            while words and hasattr(command, "commands"):
                word = words.pop(0)
                if not word or word.startswith("-") or word == "…":
                    break
                if word not in command.commands:
                    yield f"{found[0].strip()}: no verb {word}"
                    break
                command = command.commands[word]
            options = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
            for word in words:
                if word.startswith("--") and word.partition("=")[0] not in options:
                    yield f"{found[0].strip()}: no option {word}"


def code_of(page: Path) -> str:
    """The code of a page: fenced, indented, or in backticks; a comment behind a command is none."""
    parts = CODE.findall(page.read_text(encoding="utf-8"))
    return "\n".join(re.sub(r"(^|\s)# .*", "", line) for part in parts for line in "".join(part).splitlines())


@pytest.mark.parametrize("text", ["undring forsvind", "undring audit forsvind", "undring check . --forsvind"])
def test_what_is_not_there_is_seen(text):
    assert list(faults(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_names_only_commands_that_there_are(page):
    assert list(faults(code_of(page))) == []


def test_a_page_names_only_targets_that_there_are():
    targets = set(re.findall(r"(?m)^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    line = re.compile(r"(?m)^make ([\w-]+)(?: [A-Z]+=\S+)*$")
    named = {name for page in PAGES for name in line.findall(code_of(page))}
    assert {"demo", "test"} <= named
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_links_to_is_there(page):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("language", Language)
def test_a_message_names_only_commands_that_there_are(language):
    said = {key: catalogue._messages(language)[key] for key in catalogue.keys(language)}
    assert sum("undring " in text for text in said.values()) > 100
    assert {key: list(faults(text)) for key, text in said.items() if list(faults(text))} == {}
