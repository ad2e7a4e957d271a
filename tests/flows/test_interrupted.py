"""Ctrl-C while the search counts: the command ends with 130, says so, and leaves nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
PRESSED = """
import os, signal, threading
from analysis.scan import Scanner
from flows.cli import main

counting = Scanner.{stage}
def pressed(*given, **named):
    if {after}:
        threading.Timer({after}, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        threading._register_atexit(os.kill, os.getpid(), signal.SIGINT)  # pressed once more while threads end
        os.kill(os.getpid(), signal.SIGINT)
    return counting(*given, **named)
Scanner.{stage} = pressed
main()
"""


@pytest.fixture
def pressed(tmp_path):
    """Run the command; Ctrl-C comes so many seconds after the search has begun to count."""

    def call(stage: str, after: float, *arguments: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("UNDRING_")}
        return subprocess.run(
            [sys.executable, "-c", PRESSED.format(stage=stage, after=after), *arguments],
            cwd=tmp_path,
            env={**clean, "PYTHONPATH": str(ROOT), "UNDRING_HOME": str(tmp_path / "home"), "NUMBA_NUM_THREADS": "2"},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=900,
        )

    return call


def test_a_search_of_a_table_is_stopped_at_once(tmp_path, pressed):
    rng = np.random.default_rng(1)
    columns = {f"c{place}": rng.uniform(size=20_000) < 0.4 for place in range(160)}
    pl.DataFrame({**columns, "y": rng.uniform(size=20_000) < 0.2}).write_parquet(tmp_path / "table.parquet")
    ended = pressed(
        "_fours", 0.3, "discover", "table.parquet", "--outcome", "y", "--positive", "true", "--max-order", "4",
        "--out", "found", "--language", "en",
    )  # fmt: skip
    assert ended.returncode == 130, ended.stderr
    assert "Interrupted" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "found").exists()
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "home") == ["table.parquet"]


def test_a_run_is_stopped_at_once_and_says_how_to_go_on(tmp_path, pressed):
    ended = pressed("scan", 0, "demo", "--people", "2000", "--dir", "place", "--language", "en")
    assert ended.returncode == 130, ended.stderr
    assert "undring run place --resume" in ended.stderr
    assert "Traceback" not in ended.stderr
    left = {one.relative_to(tmp_path / "place").as_posix() for one in (tmp_path / "place").rglob("*")}
    assert not {one for one in left if one.endswith(("findings.json", "report.html", ".tmp", ".partial"))}
