"""Controls 3 to 6: what left or may leave the house was approved, names nobody, and cannot be computed backwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from pipelines.audit_text import addresses, files_below, text_of, traces

__all__ = ["comparing", "groups", "identifiers"]

Verdict = tuple[bool | None, dict[str, str | int]]
COUNTS = ("people", "observed")  # people counted; an expected count is a model's
OUTPUTS = ("draft", "exchange", "releases", "outbox", "ledger")
ROUNDED = 5  # everything printed is a multiple of it
CELLS = "published_cells.jsonl"


def identifiers(workspace: Path, settings: dict[str, Any]) -> Verdict:
    """No CPR-shaped number in any spelling in outputs and ledger; in outputs no e-mail but study.toml's own."""
    known = addresses(settings)
    read = 0
    for path in files_below(*(workspace / name for name in OUTPUTS)):
        numbers, mails = traces(path.name, known=known)
        text = text_of(path)
        if text is not None:
            read += 1
            more = traces(text, known=known)
            numbers, mails = numbers + more[0], mails + more[1]
        if path.is_relative_to(workspace / "ledger"):
            mails = 0  # staff are named there, some by their address
        if numbers or mails:
            return False, {"reason": "identifier", "file": _safe_name(path), "numbers": numbers, "mails": mails}
    return (True if read else None), {"files": read}


def groups(workspace: Path, settings: dict[str, Any]) -> Verdict:
    """No printed count from 1 to `smallest_group` - 1, and no package class below `package_k`."""
    limits = settings.get("limits", {})
    smallest, k, l_ = (int(limits.get(name, usual)) for name, usual in _LIMITS)
    figures = 0
    for path, document in _documents(workspace, "fund.json"):
        for count in _counts(document):
            figures += 1
            if 0 < count < smallest:
                return False, {"reason": "small_group", "file": path.name, "limit": smallest}
    for path, document in _documents(workspace, "risk.json"):
        figures += 1
        if int(document.get("people", 0)) and (int(document.get("k", 0)) < k or int(document.get("l", 1)) < l_):
            return False, {"reason": "small_class", "file": path.name, "limit": k}
        smallest_class = _smallest_class(path.parent, settings)
        if smallest_class is not None and smallest_class < k:
            return False, {"reason": "small_class", "file": "data.csv", "limit": k}
    return (True if figures else None), {"figures": figures, "limit": smallest}


_LIMITS = (("smallest_group", 10), ("package_k", 10), ("package_l", 3))


def _smallest_class(package: Path, settings: dict[str, Any]) -> int | None:
    """Count a package's classes again, from its rows: what risk.json says is only what it said when it was made."""
    quasi = settings.get("package", {}).get("quasi", [])
    path = package / "data.csv"
    if not quasi or not path.is_file():
        return None
    import polars as pl

    rows = pl.read_csv(path, separator=";", infer_schema=False)
    if set(quasi) - set(rows.columns):
        raise ValueError("a quasi-identifier is not in the package")
    smallest = rows.group_by(quasi).agg(pl.col("person").n_unique().alias("people"))["people"].min()
    return int(str(smallest)) if smallest is not None else None


def comparing(workspace: Path, settings: dict[str, Any]) -> Verdict:
    """No two printed figures, of one release or several, subtract to 1 to `smallest_difference` - 1 people.

    Compared: the same cell in every release, and cells of which one is inside the other (a combination and its
    parts). The printed cells are those of `ledger/published_cells.jsonl` and of every fund.json.
    """
    smallest = int(settings.get("limits", {}).get("smallest_difference", 5))
    printed: dict[tuple[str, frozenset[str]], set[int]] = {}
    for measure, cell, count in (*_listed(workspace), *_found(workspace)):
        printed.setdefault((measure, cell), set()).add(count)
    pairs = 0
    for (measure, cell), counts in printed.items():
        inside = set().union(*(printed.get((measure, part), set()) for part in _parts(cell)))
        for one, other in (*combinations(sorted(counts), 2), *((a, b) for a in counts for b in inside)):
            pairs += 1
            rounded = one % ROUNDED == other % ROUNDED == 0  # such a difference is no count of people
            if 0 < abs(one - other) < smallest and not rounded:
                return False, {"reason": "difference", "limit": smallest}
    return (True if printed else None), {"cells": len(printed), "pairs": pairs, "limit": smallest}


def _parts(cell: frozenset[str]) -> Iterator[frozenset[str]]:
    """The cells that a cell lies in: fewer conditions, more people."""
    for size in range(len(cell)):
        yield from (frozenset(part) for part in combinations(sorted(cell), size))


def _listed(workspace: Path) -> Iterator[tuple[str, frozenset[str], int]]:
    path = workspace / "ledger" / CELLS
    for raw in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        line = json.loads(raw)
        if isinstance(line.get("printed"), int):
            yield (
                f"{line.get('outcome', '')}|{line['measure']}",
                frozenset(map(str, line["cell"])),
                int(line["printed"]),
            )


def _found(workspace: Path) -> Iterator[tuple[str, frozenset[str], int]]:
    for _, document in _documents(workspace, "fund.json"):
        outcome = str(document.get("outcome", {}).get("column", ""))
        for finding in document.get("findings", ()):
            # The figures of the searched and of the locked part are of different people: only like with like.
            part = "searched" if finding.get("p_confirm") is None or finding.get("unfit") else "locked"
            cell = frozenset(
                json.dumps(one, sort_keys=True, ensure_ascii=False) for one in finding.get("conditions", ())
            )
            for measure in COUNTS:
                if isinstance(finding.get(measure), int):
                    yield f"{outcome}|{part}|{measure}", cell, int(finding[measure])


def _documents(workspace: Path, name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in files_below(workspace / "draft", workspace / "releases", workspace / "outbox"):
        if path.name == name:
            document = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(document, dict):
                raise ValueError("not an object")
            yield path, document


def _counts(document: dict[str, Any]) -> Iterator[int]:
    for finding in document.get("findings", ()):
        for cell in (finding, *finding.get("cells", ())):
            yield from (int(cell[name]) for name in COUNTS if isinstance(cell.get(name), int))


def _safe_name(path: Path) -> str:
    return f"*{path.suffix}" if any(traces(path.name)) else path.name
