"""What gives a person away in a text: the last net under the outputs, told as places and kinds, never as values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["READABLE", "addresses", "files_below", "traces"]

MARKED_UP = {
    ".html",
    ".htm",
    ".json",
    ".jsonl",
    ".csv",
    ".tsv",
    ".txt",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".svg",
    ".xml",
}
READABLE = MARKED_UP | {".sql", ".log", ".checkpoint", ".sig", ".part", ".noted", ".eml", ".err", ".out"}
LARGEST = 200_000_000
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\t"), " ")
# A day (61-91 too), a month, a year, four digits; not a piece of a longer number, a decimal or a hash.
CPR = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.,])"
    r"(?:[06][1-9]|[1278][0-9]|[39][01])[ .\-/]?(?:0[1-9]|1[0-2])[ .\-/]?[0-9]{2}[ .\-]{0,3}[0-9]{4}(?![0-9A-Za-z])"
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def traces(text: str, *, known: Iterable[str] = ()) -> tuple[int, int]:
    """Return how many CPR-shaped numbers and how many e-mail addresses (but the known ones) a text holds."""
    allowed = {address.lower() for address in known}
    plain = text.translate(DASHES | SPACES)
    numbers = sum(1 for _ in CPR.finditer(plain))
    mails = sum(1 for match in EMAIL.finditer(text) if match[0].lower().rstrip(".") not in allowed)
    return numbers, mails


def addresses(settings: object) -> set[str]:
    """Return the addresses that study.toml itself names: the DPO's contact stands in every report."""
    if isinstance(settings, str):
        return {match[0].lower() for match in EMAIL.finditer(settings)}
    if isinstance(settings, dict):
        return set().union(*(addresses(value) for value in settings.values())) if settings else set()
    if isinstance(settings, list):
        return set().union(*(addresses(value) for value in settings)) if settings else set()
    return set()


def files_below(*folders: Path) -> Iterator[Path]:
    """Return every file below some folders, sorted, links not followed."""
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def text_of(path: Path) -> str | None:
    """Return what a file says, or None for one that is not text (a table's cells count as text)."""
    if path.suffix == ".parquet":
        return _cells(path)
    if path.suffix not in READABLE or path.stat().st_size > LARGEST:
        return None
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _cells(path: Path) -> str:
    import polars as pl

    frame = pl.read_parquet(path)
    values = (frame[name].cast(pl.String).unique().drop_nulls() for name in frame.columns)
    return "\n".join("\n".join(column) for column in values)
