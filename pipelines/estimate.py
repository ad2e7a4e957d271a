"""What a run will take, before it begins: time, memory and disk, from the files' sizes; and columns nobody has use for.

Rough on purpose: a factor two either way is as good as a file's size tells. The rates are set so that the demo's files
and a messy CSV of ten million rows lie on the safe side (docs/contracts.md).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines import atomic
from pipelines.cohort_columns import columns_read
from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.study import Study
from reports import catalogue
from reports.catalogue import Language

__all__ = ["Estimate", "estimate", "estimate_lines", "idle_columns", "note_columns", "refusals"]

GIB, MIB = 2**30, 2**20
BASE_SECONDS, SECONDS_A_MIB = 60, 0.35
BASE_MEMORY, MEMORY_A_BYTE = 1.2 * GIB, 5.0  # of the largest register, as text
DISK_A_BYTE = 1.5  # the stage, the new vault and the old one, each sealed and packed
USED_FILE, RUNS = "columns.json", 5  # columns that none of so many runs has used are proposed for removal
MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run may take, and what the machine has; None where it does not say."""

    minutes: int
    memory: float  # bytes
    disk: float
    memory_free: float | None
    disk_free: float


def estimate(workspace: Path, contracts: Mapping[str, Contract], inbox: Path) -> Estimate:
    """Return the estimate of a run on the files that lie in the inbox now."""
    from pipelines.sources import text_bytes

    texts = []
    for contract in contracts.values():
        try:
            texts.append(text_bytes(contract, inbox))
        except InputError:  # said elsewhere
            continue
    return Estimate(
        minutes=max(1, round((BASE_SECONDS + SECONDS_A_MIB * sum(texts) / MIB) / 60)),
        memory=BASE_MEMORY + MEMORY_A_BYTE * max(texts, default=0),
        disk=DISK_A_BYTE * sum(texts),
        memory_free=_memory_free(),
        disk_free=float(shutil.disk_usage(workspace).free),
    )


def refusals(one: Estimate) -> list[InputError]:
    """Return why a run would not fit on this machine; [] where it would."""
    found = []
    if one.memory_free is not None and one.memory > one.memory_free:
        found.append(InputError("estimate_memory", file="inbox/", needed=_gib(one.memory), there=_gib(one.memory_free)))
    if one.disk > one.disk_free:
        found.append(InputError("estimate_disk", file="inbox/", needed=_gib(one.disk), there=_gib(one.disk_free)))
    return found


def estimate_lines(one: Estimate, language: Language) -> list[str]:
    """Return the estimate in words."""
    facts: dict[str, str | int] = {
        "minutes": one.minutes,
        "memory": _gib(one.memory),
        "disk": _gib(one.disk),
        "memory_free": "?" if one.memory_free is None else _gib(one.memory_free),
        "disk_free": _gib(one.disk_free),
    }
    if language == Language.DA:
        facts = {name: value.replace(".", ",") if isinstance(value, str) else value for name, value in facts.items()}
    return [catalogue.text(language, "estimate.line", facts)]


def note_columns(study: Study, folder: Path) -> None:
    """Note in a run's folder which columns its study read: names only."""
    body = {register: list(columns) for register, columns in columns_read(study).items()}
    for level in study.levels:
        used = {level.count, level.date, *(column for column, _ in level.where), *body.get(level.register, [])}
        body[level.register] = sorted(used)
    atomic.write_text(folder / USED_FILE, json.dumps(body, sort_keys=True) + "\n")


def idle_columns(workspace: Path, contracts: Mapping[str, Contract]) -> tuple[tuple[str, str], ...]:
    """Return the columns that are taken in and that none of the last runs has used; () before enough runs."""
    runs = sorted(path for path in (workspace / "runs").glob("K-*") if (path / "done.json").exists())
    told = [path / USED_FILE for path in runs if (path / USED_FILE).exists()][-RUNS:]
    if len(told) < RUNS:
        return ()
    used: set[tuple[str, str]] = set()
    for path in told:
        for register, columns in json.loads(path.read_text(encoding="utf-8")).items():
            used |= {(register, column) for column in columns}
    return tuple(
        (register, column.name)
        for register, contract in contracts.items()
        for column in contract.properties
        if not column.dropped
        and column.role != "person_identifier"
        and not used & {(register, name) for name in column.told}
    )


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"


def _memory_free() -> float | None:
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return float(found[0]) * 1024 if found else None
