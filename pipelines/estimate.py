"""What a run will take, before it begins: time, memory and disk, from its files and its study; and columns without use.

Rough on purpose. Rates are as `python -m benchmarks.estimates` measures them (docs/contracts.md), on the safe side:
memory within a factor two and time within a factor three of the demo's.
"""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipelines import atomic
from pipelines.cohort_columns import columns_read
from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.sources import find_files, text_bytes
from pipelines.study import Study
from reports import catalogue
from reports.catalogue import Language

__all__ = ["Estimate", "estimate", "estimate_lines", "idle_columns", "note_columns", "refusals"]

GIB, MIB = 2**30, 2**20
BASE_SECONDS = 15  # to load libraries, test and draw a report; on one core, as all seconds here
SECONDS_A_MIB = 0.12  # of the files as text, from inbox to cohort
SECONDS_A_CELL = 1.6e-5  # a cell is a person's characteristic; the search, what findings are held against, and drawing
BASE_MEMORY = 0.7 * GIB
STREAMED, MEMORY_STREAMED = 32 * MIB, 8.0  # files that are streamed are in memory in part: more of them take no more
MEMORY_HELD = 5.0  # a byte, of the largest workbook
MEMORY_A_CELL = 60.0  # bytes
DISK_A_BYTE = 1.5  # the stage, the new vault and the old one, each sealed and packed
HELD = ("xlsx", "xls", "xlsb", "ods")
LOOKED, A_ROW = 1 << 18, 60  # bytes that the length of a row is told from; bytes of a row where none can be seen
USED_FILE, RUNS = "columns.json", 5  # columns that none of so many runs has used are proposed for removal
MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run may take, and what the machine has; None where it does not say."""

    seconds: float
    memory: float  # bytes
    disk: float
    memory_free: float | None
    disk_free: float

    @property
    def minutes(self) -> int:
        return max(1, round(self.seconds / 60))


def estimate(workspace: Path, contracts: Mapping[str, Contract], inbox: Path, study: Study | None = None) -> Estimate:
    """Return the estimate of a run on the files that lie in the inbox now; without a study, of the way in alone."""
    streamed, held, people = [0], [0], 0
    for contract in contracts.values():
        try:
            size = text_bytes(contract, inbox)
            people += rows_about(contract, inbox, size) if contract.population else 0
        except (InputError, OSError):  # said elsewhere
            continue
        (held if contract.format in HELD else streamed).append(size)
    size = sum(streamed) + sum(held)
    cells = people * len(study.characteristics) if study is not None else 0
    testing = study.self_test_seconds if study is not None else 0
    way_in = MEMORY_STREAMED * min(max(streamed), STREAMED) + MEMORY_HELD * max(held)
    return Estimate(
        seconds=BASE_SECONDS + SECONDS_A_MIB * size / MIB + SECONDS_A_CELL * cells + testing,
        memory=BASE_MEMORY + max(way_in, MEMORY_A_CELL * cells),
        disk=DISK_A_BYTE * size,
        memory_free=_memory_free(),
        disk_free=float(shutil.disk_usage(workspace).free),
    )


def rows_about(contract: Contract, inbox: Path, size: int) -> int:
    """Return about how many rows a register of so many bytes of text has: by the first lines of its first file."""
    head = b""
    if contract.format in ("csv", "fixed"):
        path = find_files(contract, inbox)[0]
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as packed, suppress(EOFError, zlib.error):
                head = packed.read(LOOKED)
        elif path.suffix.lower() != ".zip":
            with open(path, "rb") as plain:
                head = plain.read(LOOKED)
    lines = head.count(b"\n")
    return round(size / (len(head) / lines if lines else A_ROW))


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
