"""The house's own rules, held by tests: arrows, style, languages, licences, and what no tracked file may say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from reports import catalogue
from tools import no_cpr

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LOCK = ROOT / "requirements.lock"
OURS = "tests/test_house.py"  # names what is forbidden


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def tracked() -> Iterator[tuple[str, str]]:
    """Every tracked text file: name and text."""
    for name in run("git", "ls-files", "-z").stdout.split("\0"):
        if name and (ROOT / name).is_file():
            try:
                yield name, (ROOT / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def lines_with(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    search = re.compile(pattern).search
    return [
        f"{name}:{number}"
        for name, text in tracked()
        if name not in (OURS, *but)
        for number, line in enumerate(text.splitlines(), 1)
        if search(line)
    ]


# --- the code ---------------------------------------------------------------------------------------------------------


def test_rooms_import_one_another_only_in_the_agreed_direction():
    done = run(str(BIN / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout[-3000:]


def test_ruff_has_nothing_to_say():
    done = run(str(BIN / "ruff"), "check", "--no-cache", "--output-format", "concise", ".")
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_code_is_laid_out_by_ruff():
    done = run(str(BIN / "ruff"), "format", "--no-cache", "--check", ".")
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_rooms_are_typed():
    done = run(str(BIN / "mypy"))
    assert done.returncode == 0, done.stdout[-3000:]


def test_help_imports_nothing_heavy():
    heavy = ["polars", "duckdb", "numpy", "numba", "scipy", "sklearn", "pandas", "pyarrow", "pydantic"]
    heavy += ["great_expectations", "prefect", "weasyprint", "cryptography", "yaml"]
    program = (
        "import sys; sys.argv = ['undring', '--help']\n"
        "from flows.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('HEAVY', [name for name in {heavy} if name in sys.modules])"
    )
    assert run(sys.executable, "-c", program).stdout.splitlines()[-1] == "HEAVY []"


# --- the words --------------------------------------------------------------------------------------------------------


def test_danish_and_english_have_the_same_messages():
    assert catalogue.keys("da") ^ catalogue.keys("en") == frozenset()


def test_a_message_has_the_same_fields_in_both_languages():
    def fields(language: str, key: str) -> set[str]:
        return set(re.findall(r"\{(\w+)", catalogue._messages(catalogue.Language(language))[key]))

    different = [key for key in catalogue.keys("da") if fields("da", key) != fields("en", key)]
    # a Danish sentence may inflect by one part where the English needs two, but never for an error or a command
    assert [key for key in different if key.split(".")[0] in ("error", "cli", "progress", "nightly", "alarm")] == []


def test_every_error_that_the_code_raises_has_its_words():
    raised = {
        (name, key)
        for name, text in tracked()
        if name.endswith(".py") and name.split("/")[0] in ("pipelines", "flows")
        for key in re.findall(r'\bInputError\(\s*"(\w+)"', text)
    }
    assert raised
    wordless = sorted(f"{key} ({name})" for name, key in raised if not catalogue.has(f"error.{key}.found"))
    assert wordless == []
    assert sorted(f"{key} ({name})" for name, key in raised if not catalogue.has(f"error.{key}.cure")) == []


# --- what no file may say ---------------------------------------------------------------------------------------------


def test_no_file_holds_a_number_shaped_like_a_living_persons():
    living = "0101" + "50" + "-" + "1234"  # put together here, so that this file holds none
    assert list(no_cpr.offences(f"a\n{living}\n{living.replace('-', '')}")) == [2, 3]  # the alarm can ring
    assert list(no_cpr.offences("6101" + "50-1234")) == []
    assert no_cpr.check(ROOT / name for name, _ in tracked()) == []


def test_no_file_names_a_path_of_this_machine():
    home = re.escape(str(Path.home())) + "/"
    assert (
        lines_with(rf"(?<![\w.])/{'work'}/|{re.escape(str(ROOT))}|(?<!\w)/home/\w+/|{home}", but=("requirements.lock",))
        == []
    )


def test_no_file_but_the_makefile_names_a_folder_beside_the_repository():
    assert lines_with(r"\.\./shared|shared/(data|DESIGN|STYLE|mocks|pins)", but=("Makefile",)) == []
    assert (ROOT / "Makefile").read_text(encoding="utf-8").count("../shared") == 1


def test_no_file_names_a_package_registry():
    hosts = [r"pypi\.org", r"pythonhosted\.org", r"registry\.npmjs", r"deb\.debian\.org"]
    configured = run(sys.executable, "-m", "pip", "config", "list").stdout
    hosts += [re.escape(host) for host in re.findall(r"https?://(?:[^/@\s']*@)?([^/:\s']+)", configured)]
    assert lines_with("|".join(hosts)) == []


def test_the_lock_file_has_a_hash_for_every_package_and_no_address():
    text = LOCK.read_text(encoding="utf-8")
    assert "://" not in text
    assert "@ file" not in text
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("==" in block.splitlines()[0] and "--hash=sha256:" in block for block in blocks)


# --- what we stand on -------------------------------------------------------------------------------------------------


def licence(name: str) -> str:
    """What a package says of its licence: the expression, else the classifiers, else the field, else its file."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return "not installed here"  # needed only by another Python
    said = [about.get("License-Expression") or ""]
    said += [
        line.split("::")[-1].strip() for line in about.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    said.append((about.get("License") or "").strip().partition("\n")[0][:100])
    words = " | ".join(dict.fromkeys(word for word in said if word and word.upper() != "UNKNOWN"))
    if not words and any(
        "licen" in str(file).lower() or "copying" in str(file).lower() for file in metadata.files(name) or []
    ):
        return "a licence file"
    return words


def test_every_dependency_has_a_licence_and_none_is_agpl():
    names = re.findall(r"(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)==", LOCK.read_text(encoding="utf-8"))
    licences = {name: licence(name) for name in names}
    print("\n".join(f"{name}: {words}" for name, words in licences.items()))  # shown when this fails, or with -s
    assert len(licences) > 100
    assert sorted(name for name, words in licences.items() if not words) == []
    assert (
        sorted(name for name, words in licences.items() if re.search(r"AGPL|Affero|SSPL|proprietary", words, re.I))
        == []
    )


def test_the_licence_is_the_whole_eupl():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    for chapter in range(1, 16):
        assert re.search(rf"(?m)^{chapter}\. ", text), f"article {chapter} is missing"
    assert "‘Compatible Licences’ according to Article 5 EUPL" in text


# --- the commands -----------------------------------------------------------------------------------------------------


def test_setup_does_nothing_when_the_lock_file_is_unchanged():
    if not (ROOT / ".venv" / "undring.stamp").exists():
        pytest.skip("this environment was not made by `make setup`")
    done = run("make", "--no-print-directory", "setup")
    assert done.returncode == 0
    assert "Henter" not in done.stdout


def test_ci_runs_the_readmes_test_command_and_nothing_else():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [
        line for line in script.splitlines() if line and not line.startswith(("#", "set ", "cd ", "export ", "unset "))
    ]
    assert commands == ["exec make test"]


def test_every_file_that_the_makefile_runs_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"\b(?:tools|tests|examples)/[\w/.-]+", makefile)
    assert [name for name in named if not (ROOT / name).exists()] == []
