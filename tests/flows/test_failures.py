"""Exit codes and what is kept of a crash: type, code and our own source lines; never a message or a value."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from flows.failures import described, worded
from flows.scrubbed import Stopped, scrubbed
from pipelines.errors import InputError, NeedsPerson
from reports.catalogue import Language

SECRET = "6101" + "50-4321 Agnete Prøvesen"


def ended(error: BaseException, **more) -> int:
    with pytest.raises(typer.Exit) as leaving, worded(Language.DA, **more):
        raise error
    assert leaving.value.__suppress_context__  # nothing with data in it is printed
    return leaving.value.exit_code


def test_each_kind_of_failure_has_its_exit_code(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path))
    assert ended(InputError("busy", file="mappe")) == 2
    assert capsys.readouterr().err.startswith("FEJL mappe")
    assert ended(NeedsPerson("cli.not_confirmed")) == 3
    assert ended(KeyboardInterrupt(), resume="undring run x --resume") == 130
    assert "undring run x --resume" in capsys.readouterr().err
    assert ended(ValueError(SECRET)) == 1


def test_a_crash_leaves_one_line_and_a_file_without_data(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path))
    run = tmp_path / "workspace" / "runs" / "K-0007"
    run.mkdir(parents=True)
    assert ended(ValueError(SECRET), workspace=tmp_path / "workspace") == 1
    (file,) = run.glob("fejl-*.txt")
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert str(file) in said
    kept = file.read_text(encoding="utf-8")
    assert "builtins.ValueError" in kept
    assert "flows/failures.py" in kept
    for part in (*SECRET.split(), "test_failures"):
        assert part not in said
        assert part not in kept
    assert file.stat().st_mode & 0o077 == 0


def test_the_description_follows_causes_and_keeps_error_numbers():
    try:
        try:
            Path("/nowhere", SECRET).read_text(encoding="utf-8")
        except OSError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError as error:
        kept = described(error)
    assert "builtins.RuntimeError" in kept
    assert "builtins.FileNotFoundError (errno 2)" in kept
    assert not any(part in kept for part in SECRET.split())


def test_prefect_is_told_type_and_code_only(monkeypatch, tmp_path):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path))

    @scrubbed
    def step(study: str) -> None:
        raise ValueError(SECRET)

    @scrubbed
    def mended(study: str) -> None:
        raise InputError("missing_column", file=SECRET, column=SECRET)

    for work, code in ((step, "ValueError"), (mended, "InputError missing_column")):
        with pytest.raises(Stopped) as stopped:
            work("demo")
        assert str(stopped.value) == code
        assert stopped.value.__context__ is None
        assert stopped.value.__cause__ is None


def test_a_reader_that_has_enough_is_no_fault_of_ours(tmp_path):
    program = (
        "import sys, typer\n"
        "from flows.failures import worded\n"
        "from reports.catalogue import Language\n"
        "try:\n"
        "    with worded(Language.DA, workspace=None):\n"
        "        for _ in range(100_000): print('linje')\n"
        "except typer.Exit as stop:\n"
        "    sys.exit(stop.exit_code)\n"
    )
    command = f'{sys.executable} -c "$PROGRAM" | head -n 1; exit ${{PIPESTATUS[0]}}'
    environment = {**os.environ, "PROGRAM": program, "UNDRING_HOME": str(tmp_path)}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout == "linje\n"
    assert done.stderr == ""
    assert not list(tmp_path.rglob("fejl-*"))
