"""Quarantine: rows that broke their contract, encrypted, so that somebody can mend them; beside them counts only."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from pipelines import atomic, vault

__all__ = ["counts", "keep", "read"]

FOLDER = "quarantine"


def keep(workspace: Path, run: str, register: str, rejected: pl.DataFrame, *, key: bytes) -> Path:
    """Keep a run's refused rows of a register, sealed. Beside them stands in clear how many fell for which reason.

    Returns the sealed file. Kept twice, the second stands: a resumed run reads the same files.
    """
    path = _path(workspace, run, register)
    for folder in (path.parent.parent, path.parent):
        atomic.make_private(folder)
    vault.write_frame(path, rejected, key)
    body = {"register": register, "rows": rejected.height, "reasons": _reasons(rejected)}
    atomic.write_text(path.with_suffix(".json"), json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    return path


def read(workspace: Path, run: str, register: str, *, key: bytes) -> pl.DataFrame:
    """Return a run's refused rows: file, row, column, reason, the row as text. Raises: InputError `vault_missing`."""
    return vault.read_frame(_path(workspace, run, register), key)


def counts(workspace: Path, run: str) -> list[dict[str, object]]:
    """Return each register's counts of a run, sorted by register; needs no key."""
    folder = workspace / FOLDER / run
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def _reasons(rejected: pl.DataFrame) -> list[dict[str, object]]:
    table = rejected.group_by("column", "reason").agg(pl.len().alias("rows"))
    return list(table.sort("rows", "column", "reason", descending=[True, False, False]).iter_rows(named=True))


def _path(workspace: Path, run: str, register: str) -> Path:
    return workspace / FOLDER / run / f"{register}.vault"
