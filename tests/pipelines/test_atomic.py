from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import time

import pytest

from pipelines import atomic
from pipelines.errors import InputError

HOLD = "import sys, time; from pathlib import Path; from pipelines import atomic\n"


def test_a_file_is_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        atomic.write_text(tmp_path / "a.txt", "æ")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o600
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "æ"


def test_a_writer_killed_halfway_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    atomic.write_text(path, "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        atomic.write_text(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_full_disk_is_said_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    atomic.write_bytes(path, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(InputError, match="disk_full"):
            atomic.write_bytes(path, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]


def test_a_folder_is_swapped_in_whole(tmp_path):
    target, new = tmp_path / "draft", tmp_path / "new"
    target.mkdir()
    (target / "yesterday.txt").write_text("1")
    new.mkdir()
    (new / "today.txt").write_text("2")
    atomic.swap_folder(new, target)
    assert [entry.name for entry in target.iterdir()] == ["today.txt"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["draft"]


def test_a_swap_killed_between_its_two_renames_is_put_back(tmp_path, monkeypatch):
    target, new = tmp_path / "draft", tmp_path / "new"
    target.mkdir()
    (target / "yesterday.txt").write_text("1")
    new.mkdir()
    rename = os.rename

    def killed(source, destination):
        if source == new:
            raise KeyboardInterrupt
        rename(source, destination)

    monkeypatch.setattr(os, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        atomic.swap_folder(new, target)
    monkeypatch.undo()
    assert not target.exists()
    atomic.restore_folder(target)
    assert (target / "yesterday.txt").read_text() == "1"


def test_a_second_run_is_told_that_the_workspace_is_busy_until_the_first_is_killed(tmp_path):
    program = HOLD + "with atomic.folder_lock(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(InputError, match="busy"), atomic.folder_lock(tmp_path):
            pass
        other.kill()
        other.wait()
        time.sleep(0.05)
        with atomic.folder_lock(tmp_path):
            pass
