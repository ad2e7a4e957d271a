"""What gives a person away in a text: the last net under the outputs, told as places and kinds, never as values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["READABLE", "addresses", "files_below", "people_named", "traces"]

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
BETWEEN = r"[ \t\u00a0\u2007\u2009\u202f.\-‐‑‒–—―−]"
# A day (61-91 too), a month, a year, four digits; not a piece of a longer number, a decimal, a hash or a pseudonym.
# It begins with a plain digit, and looks back from there: so the search skips quickly over all that is none.
DAY = r"(?:(?<=[06])[1-9]|(?<=[1278])[0-9]|(?<=[39])[01])"
NUMBER = rf"{DAY}(?:{BETWEEN}|/)?(?:0[1-9]|1[0-2])(?:{BETWEEN}|/)?[0-9]{{2}}{BETWEEN}{{0,3}}[0-9]{{4}}"
ALONE = rf"(?<![0-9A-Za-z][0-9])(?<![0-9][.,][0-9]){NUMBER}(?![0-9A-Za-z])"
GLUED = rf"(?<=[a-zæøå]{{2}}[g-zæøå][0-9]){NUMBER}(?![0-9A-Z])"  # to a word, which no hash can be
CPR = re.compile(rf"[0-9](?:{ALONE}|{GLUED})")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Two words in a row that begin with a capital, a comma between them or not; looked at from every word.
PAIR = re.compile(r"(?<![^\W_])(?=([A-ZÆØÅ][^\W\d_]+)(,?)[ \t\u00a0]{1,2}([A-ZÆØÅ][^\W\d_]+))")


def traces(text: str, *, known: Iterable[str] = ()) -> tuple[int, int]:
    """Return how many CPR-shaped numbers and how many e-mail addresses (but the known ones) a text holds."""
    allowed = {address.lower() for address in known}
    numbers = sum(1 for _ in CPR.finditer(text))
    return numbers, sum(1 for mail in _mails(text) if mail.lower().rstrip(".") not in allowed)


def people_named(text: str, *, known: Iterable[str] = ()) -> int:
    """Return how many times a first name and a surname stand side by side, but those of the known people (staff).

    A floor, for a log in which no name should be: common Danish names (`pseudonymisation.name_words`), in either order.
    """
    from pseudonymisation.name_words import FIRST_NAMES, SURE_ENDINGS, SURNAMES

    allowed = {word for name in known for word in name.lower().split()}
    found = 0
    for one, comma, other in (match.groups() for match in PAIR.finditer(text)):
        first, last = (other.lower(), one.lower()) if comma else (one.lower(), other.lower())
        surname = last in SURNAMES or (len(last) > 5 and last.endswith(SURE_ENDINGS))
        found += first in FIRST_NAMES and surname and not {first, last} <= allowed
    return found


def _mails(text: str) -> Iterator[str]:
    """Look around each @ only: most texts have none."""
    place = text.find("@")
    while place >= 0:
        for match in EMAIL.finditer(text, max(0, place - 64), place + 256):
            if match.start() < place < match.end():
                yield match[0]
        place = text.find("@", place + 1)


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
