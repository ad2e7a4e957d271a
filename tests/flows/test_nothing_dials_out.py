"""A whole run, told that there is no network: whoever tries to reach it fails, and so does this test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Loaded by Python itself at start, before any of our code, in the run and in every process that it starts.
WALL = """
import os, socket, sys

def _loopback(address):
    host = address[0] if isinstance(address, tuple) else address
    return not isinstance(address, tuple) or str(host) in ("127.0.0.1", "::1", "localhost", "")

def _refuse(what):
    with open(os.environ["DIALLED"], "a") as log:
        log.write(what + "\\n")
    raise OSError("no network here")

def _guard(name, original):
    def guarded(self, address, *rest):
        return original(self, address, *rest) if _loopback(address) else _refuse(name)
    return guarded

def _lookup(host, *rest, **more):
    return _getaddrinfo(host, *rest, **more) if host is None or _loopback((host, 0)) else _refuse("getaddrinfo")

_getaddrinfo = socket.getaddrinfo
socket.getaddrinfo = _lookup
socket.gethostbyname = lambda host: _refuse("gethostbyname")
for _name in ("connect", "connect_ex"):
    setattr(socket.socket, _name, _guard(_name, getattr(socket.socket, _name)))
"""


def walled(tmp_path: Path, *command: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run Python behind the wall; return how it ended, and what tried to get out."""
    wall = tmp_path / "wall"
    wall.mkdir()
    (wall / "sitecustomize.py").write_text(WALL, encoding="utf-8")
    log = tmp_path / "dialled.txt"
    log.touch()
    quiet = ("CI", "DO_NOT_TRACK", "PREFECT_SERVER_ANALYTICS_ENABLED", "GX_ANALYTICS_ENABLED", "PYTEST_CURRENT_TEST")
    clean = {name: value for name, value in os.environ.items() if name not in quiet}
    home = {"UNDRING_HOME": str(tmp_path / "home"), "HOME": str(tmp_path / "person"), "DIALLED": str(log)}
    environment = {**clean, **home, "PYTHONPATH": f"{wall}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return done, log.read_text(encoding="utf-8")


def test_the_wall_stands(tmp_path):
    program = "import urllib.request; urllib.request.urlopen('http://example.invalid/')"
    done, dialled = walled(tmp_path, "-c", program)
    assert done.returncode != 0
    assert "getaddrinfo" in dialled


def test_a_whole_run_dials_nobody(attack_row, tmp_path):
    program = "from flows.cli import main; main()"
    done, dialled = walled(tmp_path, "-c", program, "demo", "--people", "1000", "--dir", str(tmp_path / "demo"))
    attack_row.row(
        "15", tried="a demo of 1,000 people, CI unset, no resolver", twin="a plain urlopen is stopped and told",
        result=f"{len(dialled.splitlines())} tries", limit="0", held=dialled == "",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "draft" / "rapport.UDKAST.html").is_file()
