"""Controls 7 to 9: the key lies apart, nothing is kept too long, and no person stands in logs or leftovers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines import accounts, key_files, ledger
from pipelines.audit_text import addresses, files_below, people_named, text_of, traces
from pipelines.errors import InputError
from pipelines.workspaces import home

__all__ = ["key_apart", "logs", "overdue_month", "retention"]

Verdict = tuple[bool | None, dict[str, str | int]]
TABLES = {".parquet", ".csv", ".tsv", ".xlsx", ".xls", ".arrow", ".feather"}
SAID = {".log", ".err", ".out", ".txt", ".tmp"}  # what a program says
PLAIN = TABLES | {".duckdb", ".db", ".sqlite", ".pkl", ".pickle", ".npy"}


def key_apart(workspace: Path, settings: dict[str, Any]) -> Verdict:
    """No key in the workspace; the key folder and the study's key file closed to others, and outside data and git."""
    strays = [path for path in files_below(workspace) if path.name.endswith((".key.json", ".audit"))]
    if strays:
        return False, {"reason": "key_in_workspace", "file": strays[0].name}
    place = key_files.folder()
    if not place.is_dir():
        return None, {"reason": "no_key_here"}
    try:
        key_files.check_folder(place)
        found = [path for path in sorted(place.iterdir()) if path.name.endswith((".key.json", ".audit"))]
        for path in found:
            key_files.read_private(path)
        key_id = settings.get("key")
        mine = isinstance(key_id, str) and key_files.path_of(key_id) in found
    except InputError as error:
        return False, {"reason": error.key, "file": str(error.facts["file"])}
    return (True if mine else None), {"keys": len(found), **({} if mine else {"reason": "no_key_here"})}


def retention(workspace: Path, settings: dict[str, Any], now: datetime) -> Verdict:
    """Nothing in the vault and quarantine is older than `vault_days`, no month of the ledger than `log_days`."""
    limits = settings.get("retention", {})
    vault_days, log_days = int(limits.get("vault_days", 730)), int(limits.get("log_days", 1825))
    kept = list(files_below(workspace / "vault", workspace / "quarantine"))
    oldest = now - timedelta(days=vault_days)
    late = [path for path in kept if datetime.fromtimestamp(path.stat().st_mtime, UTC) < oldest]
    months = [path.stem for path in ledger.segments(workspace)]
    old = [month for month in months if overdue_month(month, now, log_days)]
    if late or old:
        return False, {"reason": "overdue", "files": len(late), "months": len(old)}
    return (True if kept or months else None), {"files": len(kept), "vault_days": vault_days, "log_days": log_days}


def overdue_month(segment: str, now: datetime, days: int) -> bool:
    """Return whether a month ended more than so many days ago."""
    year, month = map(int, segment.split("-"))
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return now - after > timedelta(days=days)


def logs(workspace: Path, settings: dict[str, Any]) -> Verdict:
    """No CPR-shaped number, foreign e-mail or name in run folders, logs and errors, no plain table left behind there.

    Names are looked for in logs and errors alone: a run's state has the words of the study, and the staff in it.

    A run's own `draft/` is judged as an output: it holds the package that is on its way out.
    """
    known = addresses(settings)
    staff = _staff()
    places = [*files_below(workspace / "runs", home() / "logs")]
    places += [path for path in sorted(workspace.iterdir()) if path.is_file() and path.suffix in (".log", ".tmp")]
    for path in places:
        on_its_way = path.is_relative_to(workspace / "runs") and "draft" in path.relative_to(workspace).parts
        if path.suffix in PLAIN and not on_its_way:
            return False, {"reason": "plain_data", "file": f"*{path.suffix}"}
        text = text_of(path) if path.suffix != ".tmp" else path.read_bytes().decode("latin-1")
        numbers, mails = traces(f"{path.name}\n{text or ''}", known=known)
        if numbers or mails:
            return False, {"reason": "identifier", "file": f"*{path.suffix}", "numbers": numbers, "mails": mails}
        if path.suffix in SAID and people_named(text or "", known=staff):
            return False, {"reason": "name", "file": f"*{path.suffix}"}
    return (True if places else None), {"files": len(places)}


def _staff() -> list[str]:
    """Return the names of those who have an account here: a log may say who did something."""
    try:
        return [one.name for one in accounts.everyone()]
    except InputError:  # a file of accounts that others can write says nothing of who is staff
        return []
