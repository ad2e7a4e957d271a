"""Quarantine: rows that broke their contract, encrypted, so that somebody can mend them; beside them counts only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from pipelines import atomic, vault

__all__ = ["counts", "delete", "keep", "read"]

FOLDER = "quarantine"


def keep(
    workspace: Path, run: str, register: str, rejected: pl.DataFrame | Iterable[pl.DataFrame], *, key: bytes
) -> Path:
    """Keep a run's refused rows of a register, sealed. Beside them stands in clear how many fell for which reason.

    Rows that come in several frames lie in several files: not all of them are in memory at once.
    Returns the first sealed file. Kept twice, the second stands: a resumed run reads the same files.
    """
    path = _path(workspace, run, register)
    for folder in (path.parent.parent, path.parent):
        atomic.make_private(folder)
    counted: list[pl.DataFrame] = []
    rows, number = 0, 0
    for number, frame in enumerate([rejected] if isinstance(rejected, pl.DataFrame) else rejected):
        vault.write_frame(_part(path, number), frame, key)
        counted.append(frame.select("column", "reason"))
        rows += frame.height
    for older in _parts(path)[number + 1 :]:
        older.unlink()
    body = {"register": register, "rows": rows, "reasons": _reasons(pl.concat(counted))}
    atomic.write_text(path.with_suffix(".json"), json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    return path


def read(workspace: Path, run: str, register: str, *, key: bytes) -> pl.DataFrame:
    """Return a run's refused rows: file, row, column, reason, the row as text. Raises: InputError `vault_missing`."""
    path = _path(workspace, run, register)
    return pl.concat([vault.read_frame(part, key) for part in _parts(path) or [path]])


def delete(workspace: Path, run: str, register: str) -> None:
    """Delete a run's refused rows of a register, and their counts."""
    path = _path(workspace, run, register)
    for part in reversed(_parts(path)):
        part.unlink()
    path.with_suffix(".json").unlink(missing_ok=True)


def counts(workspace: Path, run: str) -> list[dict[str, object]]:
    """Return each register's counts of a run, sorted by register; needs no key."""
    folder = workspace / FOLDER / run
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def _reasons(rejected: pl.DataFrame) -> list[dict[str, object]]:
    table = rejected.group_by("column", "reason").agg(pl.len().alias("rows"))
    return list(table.sort("rows", "column", "reason", descending=[True, False, False]).iter_rows(named=True))


def _part(path: Path, number: int) -> Path:
    return path if number == 0 else path.with_name(f"{path.stem}.{number:04d}.vault")


def _parts(path: Path) -> list[Path]:
    """Return the files that hold a register's refused rows, in order."""
    more = sorted(path.parent.glob(f"{path.stem}.[0-9][0-9][0-9][0-9].vault"))
    return [path, *more] if path.exists() else []


def _path(workspace: Path, run: str, register: str) -> Path:
    return workspace / FOLDER / run / f"{register}.vault"
