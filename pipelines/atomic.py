"""Files that are there whole or not at all, and one run at a time in a workspace."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.errors import InputError

__all__ = [
    "folder_lock",
    "is_locked",
    "make_private",
    "restore_folder",
    "swap_folder",
    "sync_folder",
    "waiting_lock",
    "write_bytes",
    "write_text",
]

LOCK = ".undring.lock"
OLD = ".gammel"  # where the folder that is being replaced stands for the moment between two renames


def write_bytes(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file so that a reader, or a power cut, sees the old bytes or all the new ones.

    Raises: InputError `disk_full` when there is no room; the old file then stands, and nothing is left beside it.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)  # whatever the umask was
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise InputError("disk_full", file=path) from None
        raise
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def write_text(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a text as UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8"), mode=mode)


def make_private(folder: Path) -> Path:
    """Make a folder (and those above it that are missing) that only its owner may open; return it."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        with suppress(FileExistsError):  # another run made it meanwhile
            place.mkdir(mode=0o700)
    return folder


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def swap_folder(new: Path, target: Path) -> None:
    """Move a finished folder into its place; the one that stood there stands until the new one is whole.

    Killed between its two renames it leaves the old folder under another name; `restore_folder` puts it back, so
    call that before reading the folder after a crash. The next swap does it too.
    """
    _sync_tree(new)
    restore_folder(target)
    old = target.with_name(f".{target.name}{OLD}")
    if target.exists() or target.is_symlink():
        os.rename(target, old)
    os.rename(new, target)
    sync_folder(target.parent)
    _remove(old)


def restore_folder(target: Path) -> None:
    """Clear up after a swap that was killed: yesterday's folder is back, or is gone because today's stands."""
    old = target.with_name(f".{target.name}{OLD}")
    if not old.exists() and not old.is_symlink():
        return
    if target.exists():
        _remove(old)
    else:
        os.rename(old, target)
        sync_folder(target.parent)


def _remove(old: Path) -> None:
    """Remove a folder, or the link that stood for one: what it points at is not ours."""
    if old.is_symlink():
        old.unlink()
    else:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def folder_lock(workspace: Path) -> Iterator[None]:
    """Hold a workspace for one run: a second one is told so at once. The lock dies with its process, also by kill -9.

    Raises: InputError `busy` when another run holds it.
    """
    descriptor = os.open(workspace / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError("busy", file=workspace) from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Hold a file's lock: a second holder waits its turn. The lock dies with its process; a link is never followed."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_locked(workspace: Path) -> bool:
    """Return whether somebody holds a workspace; asking holds it from nobody else who asks."""
    try:
        descriptor = os.open(workspace / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _sync_tree(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            descriptor = os.open(Path(place) / name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(place))
