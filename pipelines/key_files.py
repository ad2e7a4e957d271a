"""Key files: one 256-bit secret a study, wrapped with a passphrase, in a place apart from all data.

They lie in `$UNDRING_HOME/keys/` (0700) as `KEYID.key.json` (0600). The passphrase comes from a prompt, a file
descriptor or a systemd credential: never an argument or the environment, which others on the machine can read.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from pipelines import atomic, workspaces
from pipelines.errors import InputError
from pseudonymisation import keys

__all__ = [
    "DEMO_PASSPHRASE",
    "StudyKey",
    "check_folder",
    "create",
    "folder",
    "misplaced",
    "new_passphrase",
    "open_key",
    "path_of",
    "read_document",
    "read_passphrase",
    "read_private",
    "read_secret",
    "rotate",
]

DEMO_PASSPHRASE = "demo"  # noqa: S105 - a demo's key hides nothing: its seed is printed
SHORTEST_PASSPHRASE = 12
KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LARGEST = 16_384  # bytes in a key file


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyKey:
    """An unwrapped key. Printing it shows no secret, and it cannot be pickled into somebody's store of results."""

    key_id: str
    epoch: int
    secret: bytes = field(repr=False)
    demo: bool

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key stays in the process that unwrapped it")


def folder() -> Path:
    """Return where the key files of this machine lie."""
    return workspaces.home() / "keys"


def path_of(key_id: str) -> Path:
    """Return the file of a key. Raises: InputError `key_id` for an id that could be a path."""
    if not KEY_ID.fullmatch(key_id):
        raise InputError("key_id", file="study.toml")
    return folder() / f"{key_id}.key.json"


def create(key_id: str, *, study: str, passphrase: str, secret: bytes | None = None, demo: bool = False) -> Path:
    """Make a key file and return its path; without `secret` the key is 32 random bytes.

    Raises: InputError when the id is taken, or when the folder is one that others can read or that travels with data.
    """
    path = path_of(key_id)
    atomic.make_private(path.parent)
    check_folder(path.parent)
    if path.exists() or path.is_symlink():
        raise InputError("key_exists", file=path)
    if demo and secret is None:
        raise ValueError("a demo's key is made from its seed: give the secret")
    header: dict[str, str | int] = {
        "kid": key_id,
        "project": study,
        "epoch": 1,
        "created": f"{datetime.now(UTC):%Y-%m-%d}",
        "demo": int(demo),
    }
    document = keys.wrap(
        secret if secret is not None else secrets.token_bytes(32),
        passphrase,
        header=header,
        salt=secrets.token_bytes(16),
        nonce=secrets.token_bytes(12),
    )
    atomic.write_bytes(path, _written(document))
    return path


def open_key(key_id: str, passphrase: str, *, allow_demo: bool, study: str | None = None) -> StudyKey:
    """Unwrap a study's key: about a second of Argon2id, so once a run.

    `allow_demo` is the study's own `demo`: a demo's key opens no real study, a real key no demo.
    Raises: InputError, which never says more of a wrong passphrase than that it or the file is wrong.
    """
    path = path_of(key_id)
    document = _read(path)
    demo, epoch = document.get("demo"), document.get("epoch")
    if document.get("kid") != key_id or type(epoch) is not int or demo not in (0, 1):
        raise InputError("key_damaged", file=path)
    if demo and not allow_demo:
        raise InputError("key_is_demo", file=path)
    if allow_demo and not demo:
        raise InputError("key_is_real", file=path)
    if study is not None and document.get("project") != study:
        raise InputError("key_other_study", file=path)
    try:
        secret = keys.unwrap(document, passphrase)
    except (ValueError, KeyError, TypeError):
        raise InputError("key_passphrase", file=path) from None
    return StudyKey(key_id=key_id, epoch=epoch, secret=secret, demo=bool(demo))


def rotate(key_id: str, passphrase: str, new_passphrase: str, *, allow_demo: bool, study: str) -> int:
    """Write a study's key anew for its next epoch, under a new passphrase; return the epoch. Whole, or as it was."""
    opened = open_key(key_id, passphrase, allow_demo=allow_demo, study=study)
    before = read_document(key_id)
    kept = {name: before[name] for name in ("kid", "project", "created", "demo")}
    header: dict[str, str | int] = {**kept, "epoch": opened.epoch + 1, "rotated": f"{datetime.now(UTC):%Y-%m-%d}"}
    document = keys.wrap(
        opened.secret,
        new_passphrase,
        header=header,
        salt=secrets.token_bytes(16),
        nonce=secrets.token_bytes(12),
    )
    atomic.write_bytes(path_of(key_id), _written(document))
    return opened.epoch + 1


def read_document(key_id: str) -> dict[str, Any]:
    """Return a key file's document, still sealed. Raises: InputError where the file is not as we write it."""
    document = _read(path_of(key_id))
    if document.get("kid") != key_id or type(document.get("epoch")) is not int:
        raise InputError("key_damaged", file=path_of(key_id))
    return document


def misplaced(place: Path) -> str | None:
    """Return what a key folder lies in that it must not (`workspace`, `git`), or None: it never travels with data."""
    for above in (place.resolve(), *place.resolve().parents):
        if (above / "study.toml").exists():
            return "workspace"
        if (above / ".git").exists():
            return "git"
    return None


def read_passphrase(study: str, *, fd: int | None = None, prompt: bool = True) -> str:
    """Return the passphrase from a file descriptor, else the systemd credential `undring-STUDY`, else a prompt.

    Raises: InputError `passphrase_missing` when there is none, or when there is no terminal to ask at.
    """
    text = _from_descriptor(fd) if fd is not None else _from_credential(study)
    if text is None and prompt:
        text = _ask(f"Adgangssætning / passphrase ({study}): ")
    if not text:
        raise InputError("passphrase_missing", file=f"undring-{study}")
    return text


def read_secret(words: str, *, fd: int | None = None) -> str:
    """Return a line that is not to be seen, from a file descriptor or the terminal. Raises: `passphrase_missing`."""
    text = _from_descriptor(fd) if fd is not None else _ask(words)
    if not text:
        raise InputError("passphrase_missing", file="-")
    return text


def new_passphrase(study: str) -> str:
    """Ask twice for a new passphrase. Raises: InputError when the two differ, or it is too short to protect."""
    first = _ask(f"Ny adgangssætning / new passphrase ({study}): ")
    if first is None:
        raise InputError("passphrase_missing", file=f"undring-{study}")
    if len(first) < SHORTEST_PASSPHRASE:
        raise InputError("passphrase_short", file=f"undring-{study}", shortest=SHORTEST_PASSPHRASE)
    if first != _ask("Igen / again: "):
        raise InputError("passphrase_differs", file=f"undring-{study}")
    return first


def check_folder(place: Path) -> None:
    """Raise the InputError of a key folder that others can open, that is a link, or that lies with data."""
    if place.is_symlink():
        raise InputError("key_symlink", file=place)
    _check_mode(place.stat(), place, folder=True)
    wrong = misplaced(place)
    if wrong:
        raise InputError(f"key_in_{wrong}", file=place)


def read_private(path: Path) -> bytes:
    """Return the bytes of a file in the key folder. Raises: InputError when anyone else could read or plant it."""
    if not path.parent.is_dir():
        raise InputError("key_missing", file=path)
    check_folder(path.parent)
    if path.is_symlink():
        raise InputError("key_symlink", file=path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise InputError("key_missing", file=path) from None
    except OSError:
        raise InputError("key_unreadable", file=path) from None
    with open(descriptor, "rb") as file:
        _check_mode(os.fstat(descriptor), path, folder=False)  # of what was opened, not of what stands there now
        return file.read(LARGEST + 1)


def _read(path: Path) -> dict[str, Any]:
    data = read_private(path)
    try:
        document = json.loads(data.decode("ascii"))
    except (ValueError, RecursionError):
        raise InputError("key_damaged", file=path) from None
    # Byte for byte as we write it: no room for a changed space, a second "demo", or a word the seal does not cover.
    if not isinstance(document, dict) or _written(document) != data:
        raise InputError("key_damaged", file=path)
    return document


def _written(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode("ascii")


def _check_mode(status: os.stat_result, path: Path, *, folder: bool) -> None:
    if (stat.S_ISDIR if folder else stat.S_ISREG)(status.st_mode) is False:
        raise InputError("key_unreadable", file=path)
    if status.st_uid != os.getuid():
        raise InputError("key_owner", file=path)
    if status.st_mode & 0o077:
        raise InputError("key_readable_by_others", file=path, mode=f"{stat.S_IMODE(status.st_mode):04o}")


def _from_descriptor(fd: int) -> str | None:
    try:
        with open(fd, "rb", closefd=False) as file:
            return _line(file.readline(4_097))
    except OSError:
        raise InputError("passphrase_missing", file=f"fd {fd}") from None


def _from_credential(study: str) -> str | None:
    place = os.environ.get("CREDENTIALS_DIRECTORY")
    if not place:
        return None
    try:
        return _line((Path(place) / f"undring-{study}").read_bytes()[:4_097])
    except OSError:
        return None


def _line(data: bytes) -> str | None:
    try:
        return data.split(b"\n", 1)[0].removesuffix(b"\r").decode("utf-8") or None
    except UnicodeDecodeError:
        return None


def _ask(words: str) -> str | None:
    """Ask at the terminal itself. Without one: None, for getpass would then read and echo on standard input."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return None
    return getpass.getpass(words) or None
