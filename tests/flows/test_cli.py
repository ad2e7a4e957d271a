"""The command at its border: words in two languages, exit codes, and nothing repeated that somebody typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.said import language_of
from reports.catalogue import Language

ROOT = Path(__file__).resolve().parents[2]
TYPED = "6101" + "50-1234"  # somebody's number on the command line: a synthetic one


@pytest.fixture
def undring(tmp_path):
    """Run the command as a person does, in an empty home and folder."""

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("UNDRING_")}
        return subprocess.run(
            [sys.executable, "-c", "from flows.cli import main; main()", *arguments],
            cwd=tmp_path,
            env={
                **clean,
                "PYTHONPATH": str(ROOT),
                "UNDRING_HOME": str(tmp_path / "home"),
                "COLUMNS": "100",
                **environment,
            },
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    return call


def verbs(page: str) -> list[str]:
    return re.findall(r"(?m)^  (\w+) ", page.rpartition("  --help ")[2])


def test_help_is_danish_unless_english_is_asked_for(undring):
    assert undring("--help").stdout.startswith("Brug: undring")
    assert undring("run", "--help", "--language", "en").stdout.startswith("Usage: undring run")
    assert undring("--help", UNDRING_LANGUAGE="en").stdout.startswith("Usage: undring")


def test_every_verb_has_a_help_page_with_an_example_in_both_languages(undring):
    def pages(*path: str) -> list[tuple[str, ...]]:
        below = verbs(undring(*path, "--help").stdout)
        return [path] if not below else [page for verb in below for page in pages(*path, verb)]

    found = pages()
    assert len(found) >= 12
    for page in found:
        assert f"undring {' '.join(page)}" in undring(*page, "--help").stdout.partition("Eksempel:")[2], page
        assert (
            f"undring {' '.join(page)}"
            in undring(*page, "--help", UNDRING_LANGUAGE="en").stdout.partition("Example:")[2]
        ), page


@pytest.mark.parametrize(
    "arguments",
    [
        ("findings", "--workspace", TYPED),
        (TYPED,),
        ("run", f"--{TYPED}"),
        ("demo", "--people", TYPED),
        ("discover", TYPED, "--outcome", "x", "--out", "y"),
        ("finding", "show"),
    ],
)
def test_wrong_use_ends_with_2_in_the_one_form_and_never_repeats_what_was_typed(undring, arguments):
    done = undring(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("FEJL undring")
    assert "gør sådan: undring" in done.stderr
    assert TYPED not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert undring(*arguments, UNDRING_LANGUAGE="en").stderr.startswith("ERROR undring")


def test_a_verb_outside_a_workspace_says_so(undring):
    for arguments in (("findings",), ("run",), ("audit", "show"), ("key", "status"), ("check",)):
        done = undring(*arguments)
        assert done.returncode == 2, arguments
        assert "study.toml" in done.stderr


def test_nothing_is_tried_without_a_yes_in_words(undring, tmp_path):
    (tmp_path / "study.toml").write_text("", encoding="utf-8")
    done = undring("confirm", "F-2026-001")
    assert done.returncode == 3
    assert "Intet er prøvet" in done.stderr


def test_the_language_option_comes_before_the_environment():
    assert language_of(["run", "--language", "en"], {}) == Language.EN
    assert language_of(["run", "--language=da"], {"UNDRING_LANGUAGE": "en"}) == Language.DA
    assert language_of(["run"], {"UNDRING_LANGUAGE": "en"}) == Language.EN
    assert language_of(["run", "--language"], {}) == Language.DA


def test_the_first_page_lists_every_verb_once_in_its_section_and_takes_a_language(undring):
    from flows.cli import app
    from flows.verbs import SECTIONS

    listed = [verb for verbs in SECTIONS.values() for verb in verbs]
    own = {one.name for one in app.registered_commands} | {one.name for one in app.registered_groups if one.name}
    beside = {
        command.name
        for group in app.registered_groups
        if not group.name
        for command in group.typer_instance.registered_commands
    }
    assert sorted(listed) == sorted(own | beside)
    for language, heading in (("da", "Hele vejen:"), ("en", "The whole way:")):
        page = undring("--help", "--language", language).stdout
        assert heading in page
        assert verbs(page) == listed
