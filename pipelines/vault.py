"""The vault: pseudonymised registers, encrypted at rest. Parquet in memory, AES-256-GCM on disk.

A frame's file is `UV1` + a 12-byte nonce + the sealed bytes. Its name within its folder is sealed with it, so that
two files cannot be swapped unseen; so is what kind of thing it is.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import secrets
import shutil
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipelines import atomic
from pipelines.alongside import Behind
from pipelines.errors import InputError

__all__ = [
    "Register", "alike", "opened", "read_frame", "read_register", "read_shard", "registers", "sealed", "shards",
    "unseal", "write_frame", "write_register",
]  # fmt: skip

MAGIC = b"UV1\n"
NONCE = 12
MANIFEST = "manifest.vault"
PERSON = "person"


def write_frame(path: Path, frame: pl.DataFrame, key: bytes) -> None:
    """Seal a frame under a 32-byte key: whole or not at all, 0600. No plain byte of it touches the disk."""
    atomic.make_private(path.parent)
    atomic.write_bytes(path, sealed(_parquet(frame), key, name=_name(path)))


def read_frame(path: Path, key: bytes, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Open a sealed frame. Raises: InputError `vault_missing`, or `vault_damaged` for a changed byte or another key."""
    return _frame(opened(path, key, name=_name(path)), columns)


class Register:
    """A pseudonymised register on its way into the vault, part by part: `with Register(...) as new: new.add(frame)`.

    It is sharded by person, so that all of a person's rows lie in one shard, in the order given; without a `person`
    column it is one shard. A shard is one file a part. The register that stood there stands until this one is whole.
    """

    def __init__(self, folder: Path, register: str, key: bytes, *, shards: int = 8) -> None:
        self.folder, self.register, self.key, self.shards = folder, register, key, shards
        self.rows, self.parts = 0, 0
        self.columns: list[str] = []
        self._entries: list[dict[str, Any]] = []
        self._people: list[pl.Series] = []
        self._empty: pl.DataFrame | None = None
        self._behind = Behind()
        self._new = folder / f".{register}.{secrets.token_hex(6)}.tmp"

    def __enter__(self) -> Register:
        atomic.make_private(self.folder)
        atomic.make_private(self._new)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._behind.wait()
                self._finish()
        finally:
            self._behind.end()
            shutil.rmtree(self._new, ignore_errors=True)

    @property
    def people(self) -> int:
        """How many distinct people there are so far."""
        return pl.concat(self._people).n_unique() if self._people else 0

    def add(self, frame: pl.DataFrame) -> None:
        """Take some rows: a person's rows all come in one call, or in calls one after another."""
        self.columns = frame.columns
        if frame.is_empty():  # the first part tells how many shards there are: it must have rows, where any part has
            self._empty = frame
            return
        self._behind.do(partial(self._seal_part, frame, self.parts))
        if PERSON in frame.columns:
            # 64 bits of 128 are enough to count people by, and half the room.
            self._people.append(frame[PERSON].drop_nulls().unique().hash())
        self.rows += frame.height
        self.parts += 1

    def _seal_part(self, frame: pl.DataFrame, place: int) -> None:
        for number, part in enumerate(_shards(frame, self.shards)):
            if part.is_empty() and place:
                continue
            file = f"{number:04d}.vault" if not place else f"{number:04d}-{place:04d}.vault"
            data = _parquet(part)
            atomic.write_bytes(self._new / file, sealed(data, self.key, name=f"{self.register}/{file}"))
            entry = {"file": file, "shard": number, "rows": part.height, "hmac": _digest(data, self.key)}
            self._entries.append(entry)

    def _finish(self) -> None:
        if not self.parts and self._empty is not None:
            self._seal_part(self._empty, 0)
        manifest = {
            "register": self.register,
            "rows": self.rows,
            "people": self.people,
            "columns": self.columns,
            "shards": sorted(self._entries, key=lambda entry: (entry["shard"], entry["file"])),
        }
        body = json.dumps(manifest, sort_keys=True).encode()
        atomic.write_bytes(self._new / MANIFEST, sealed(body, self.key, name=f"{self.register}/{MANIFEST}"))
        atomic.swap_folder(self._new, self.folder / self.register)


def write_register(folder: Path, register: str, frame: pl.DataFrame, key: bytes, *, shards: int = 8) -> None:
    """Put a pseudonymised register that is one frame in the vault. See `Register`."""
    with Register(folder, register, key, shards=shards) as new:
        new.add(frame)


def read_register(folder: Path, register: str, key: bytes, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return a register, its shards one after another: rows of one person stay in their order.

    Raises: InputError `vault_missing`, or `vault_damaged` when a byte, a shard or the manifest was changed.
    """
    atomic.restore_folder(folder / register)
    return _parts(folder, register, key, columns)


def shards(folder: Path, register: str, key: bytes) -> tuple[int, tuple[str, ...]]:
    """Return how many shards a register lies in, and its columns. A register without people is one shard."""
    atomic.restore_folder(folder / register)
    manifest = _manifest(folder, register, key)
    return 1 + max(int(entry["shard"]) for entry in manifest["shards"]), tuple(
        str(name) for name in manifest["columns"]
    )


def read_shard(
    folder: Path, register: str, number: int, key: bytes, *, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """Return one shard of a register: of every register with as many shards, the rows of the same people."""
    return _parts(folder, register, key, columns, number)


def _parts(
    folder: Path, register: str, key: bytes, columns: Sequence[str] | None, shard: int | None = None
) -> pl.DataFrame:
    parts = []
    for entry in _manifest(folder, register, key)["shards"]:
        if shard is not None and entry["shard"] != shard:
            continue
        path = folder / register / str(entry["file"])
        data = opened(path, key, name=f"{register}/{path.name}")
        if not hmac.compare_digest(_digest(data, key), str(entry["hmac"])):
            raise InputError("vault_damaged", file=path)  # a shard of another night, sealed under the same key
        parts.append(_frame(data, columns))
    return pl.concat(parts)


def alike(one: Path, other: Path, register: str, key: bytes) -> bool:
    """Whether a register lies in two vaults byte for byte, as their manifests say: nothing is opened but these."""
    entries = [
        [(entry["shard"], entry["rows"], entry["hmac"]) for entry in _manifest(place, register, key)["shards"]]
        for place in (one, other)
    ]
    return entries[0] == entries[1]


def registers(folder: Path) -> tuple[str, ...]:
    """Return the registers that the vault holds, sorted."""
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(entry.name for entry in folder.iterdir() if (entry / MANIFEST).is_file() and entry.name[0] != ".")
    )


def _shards(frame: pl.DataFrame, shards: int) -> list[pl.DataFrame]:
    if PERSON not in frame.columns or shards < 2 or frame.is_empty():
        return [frame]
    shard = (_bucket(frame[PERSON].cast(pl.String)) % shards).to_numpy()
    ordered = frame[np.argsort(shard.astype(np.uint16), kind="stable")]
    ends = np.cumsum(np.bincount(shard, minlength=shards)).tolist()
    return [ordered.slice(begin, end - begin) for begin, end in pairwise([0, *ends])]


def _bucket(people: pl.Series) -> pl.Series:
    """Return a stable number of two of a pseudonym's characters, which are evenly spread already."""
    characters = people.str.slice(3, 2).fill_null("").rename("__shard")
    names = characters.unique()
    numbers = [int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:4]) for name in names]
    return characters.replace_strict(names, pl.Series(numbers, dtype=pl.UInt32), return_dtype=pl.UInt32)


def _manifest(folder: Path, register: str, key: bytes) -> dict[str, Any]:
    path = folder / register / MANIFEST
    manifest: dict[str, Any] = json.loads(opened(path, key, name=f"{register}/{MANIFEST}"))
    return manifest


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    # Statistics hold a column's smallest and largest value in the footer: off, though the footer is sealed too.
    frame.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    return buffer.getvalue()


def _frame(data: bytes, columns: Sequence[str] | None) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(data), columns=list(columns) if columns is not None else None)


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def sealed(data: bytes, key: bytes, *, name: str) -> bytes:
    """Return bytes sealed under a key and a name."""
    nonce = secrets.token_bytes(NONCE)
    return MAGIC + nonce + AESGCM(key).encrypt(nonce, data, MAGIC + name.encode("utf-8"))


def opened(path: Path, key: bytes, *, name: str) -> bytes:
    """Return a sealed file's bytes. Raises: InputError `vault_missing`, `vault_damaged`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("vault_missing", file=path) from None
    return unseal(data, key, name=name, path=path)


def unseal(data: bytes, key: bytes, *, name: str, path: Path) -> bytes:
    """Return sealed bytes' content; `path` is for the words. Raises: InputError `vault_damaged`."""
    start = len(MAGIC) + NONCE
    if not data.startswith(MAGIC) or len(data) < start:
        raise InputError("vault_damaged", file=path)
    try:
        return AESGCM(key).decrypt(data[len(MAGIC) : start], data[start:], MAGIC + name.encode("utf-8"))
    except InvalidTag:
        raise InputError("vault_damaged", file=path) from None


def _digest(data: bytes, key: bytes) -> str:
    """Return a keyed hash: an unkeyed one would let anybody test a guess at the whole content."""
    return hmac.new(hmac.digest(key, b"undring/vault/manifest", "sha256"), data, "sha256").hexdigest()
