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
from pathlib import Path
from typing import Any

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipelines import atomic
from pipelines.errors import InputError

__all__ = ["read_frame", "read_register", "read_shard", "registers", "shards", "write_frame", "write_register"]

MAGIC = b"UV1\n"
NONCE = 12
MANIFEST = "manifest.vault"
PERSON = "person"


def write_frame(path: Path, frame: pl.DataFrame, key: bytes) -> None:
    """Seal a frame under a 32-byte key: whole or not at all, 0600. No plain byte of it touches the disk."""
    atomic.make_private(path.parent)
    atomic.write_bytes(path, _seal(_parquet(frame), key, name=_name(path)))


def read_frame(path: Path, key: bytes, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Open a sealed frame. Raises: InputError `vault_missing`, or `vault_damaged` for a changed byte or another key."""
    return _frame(_open(path, key, name=_name(path)), columns)


def write_register(folder: Path, register: str, frame: pl.DataFrame, key: bytes, *, shards: int = 8) -> None:
    """Put a pseudonymised register in the vault, sharded by person; without a `person` column it is one shard.

    A person's rows lie in one shard, in the order given. The register that stood there stands until this one is whole.
    """
    atomic.make_private(folder)
    new = folder / f".{register}.{secrets.token_hex(6)}.tmp"
    atomic.make_private(new)
    try:
        parts = _shards(frame, shards)
        entries = []
        for number, part in enumerate(parts):
            file = f"{number:04d}.vault"
            data = _parquet(part)
            atomic.write_bytes(new / file, _seal(data, key, name=f"{register}/{file}"))
            entries.append({"file": file, "rows": part.height, "hmac": _digest(data, key)})
        manifest = {
            "register": register,
            "rows": frame.height,
            "people": frame[PERSON].n_unique() if PERSON in frame.columns else 0,
            "columns": frame.columns,
            "shards": entries,
        }
        body = json.dumps(manifest, sort_keys=True).encode()
        atomic.write_bytes(new / MANIFEST, _seal(body, key, name=f"{register}/{MANIFEST}"))
        atomic.swap_folder(new, folder / register)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def read_register(folder: Path, register: str, key: bytes, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return a register, its shards one after another: rows of one person stay in their order.

    Raises: InputError `vault_missing`, or `vault_damaged` when a byte, a shard or the manifest was changed.
    """
    atomic.restore_folder(folder / register)
    manifest = _manifest(folder, register, key)
    parts = []
    for shard in manifest["shards"]:
        path = folder / register / str(shard["file"])
        data = _open(path, key, name=f"{register}/{path.name}")
        if not hmac.compare_digest(_digest(data, key), str(shard["hmac"])):
            raise InputError("vault_damaged", file=path)  # a shard of another night, sealed under the same key
        parts.append(_frame(data, columns))
    return pl.concat(parts)


def shards(folder: Path, register: str, key: bytes) -> tuple[int, tuple[str, ...]]:
    """Return how many shards a register lies in, and its columns. A register without people is one shard."""
    atomic.restore_folder(folder / register)
    manifest = _manifest(folder, register, key)
    return len(manifest["shards"]), tuple(str(name) for name in manifest["columns"])


def read_shard(
    folder: Path, register: str, number: int, key: bytes, *, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """Return one shard of a register: of every register with as many shards, the rows of the same people."""
    shard = _manifest(folder, register, key)["shards"][number]
    path = folder / register / str(shard["file"])
    data = _open(path, key, name=f"{register}/{path.name}")
    if not hmac.compare_digest(_digest(data, key), str(shard["hmac"])):
        raise InputError("vault_damaged", file=path)
    return _frame(data, columns)


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
    numbered = frame.with_columns((_bucket(frame[PERSON].cast(pl.String)) % shards).alias("__shard"))
    parts = numbered.partition_by("__shard", as_dict=True, maintain_order=True)
    empty = frame.clear()
    return [parts[(number,)].drop("__shard") if (number,) in parts else empty for number in range(shards)]


def _bucket(people: pl.Series) -> pl.Series:
    """Return a stable number of two of a pseudonym's characters, which are evenly spread already."""
    characters = people.str.slice(3, 2).fill_null("").rename("__shard")
    names = characters.unique()
    numbers = [int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:4]) for name in names]
    return characters.replace_strict(names, pl.Series(numbers, dtype=pl.UInt32), return_dtype=pl.UInt32)


def _manifest(folder: Path, register: str, key: bytes) -> dict[str, Any]:
    path = folder / register / MANIFEST
    manifest: dict[str, Any] = json.loads(_open(path, key, name=f"{register}/{MANIFEST}"))
    return manifest


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    # Statistics hold a column's smallest and largest value in the footer: off, though the footer is sealed too.
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def _frame(data: bytes, columns: Sequence[str] | None) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(data), columns=list(columns) if columns is not None else None)


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _seal(data: bytes, key: bytes, *, name: str) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return MAGIC + nonce + AESGCM(key).encrypt(nonce, data, MAGIC + name.encode("utf-8"))


def _open(path: Path, key: bytes, *, name: str) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("vault_missing", file=path) from None
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
