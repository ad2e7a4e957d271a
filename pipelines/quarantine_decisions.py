"""What a person decides about refused rows: read the faulty cell as missing from now on, or delete the rows kept.

Released is a kind of fault, (register, column, reason), never a row: the next run reads such a cell as missing and
keeps its row. A person's number and a required column are never released: without them the row is about nobody, or
means nothing. Every decision is a line in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import polars as pl

from pipelines import atomic, quarantine
from pipelines.accounts import Account
from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.study import Study
from pipelines.upkeep_log import log_upkeep

__all__ = ["Kind", "drop", "kinds", "may_release", "places", "release", "released", "with_released", "withdraw"]

FILE = "decisions.json"
ROW_REASONS = ("fields_few", "fields_many", "quotes", "required")  # the row itself is wrong: no cell can be left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """So many rows of a register that were refused for one reason, in one run."""

    run: str
    register: str
    column: str
    reason: str
    rows: int
    released: bool


def kinds(workspace: Path) -> tuple[Kind, ...]:
    """Return what lies in quarantine, newest run first; counts only, needs no key."""
    allowed = released(workspace)
    folder = workspace / quarantine.FOLDER
    runs = sorted((path.name for path in folder.glob("K-*") if path.is_dir()), reverse=True)
    return tuple(
        Kind(
            run=run,
            register=str(one["register"]),
            column=str(reason["column"]),
            reason=str(reason["reason"]),
            rows=int(str(reason["rows"])),
            released=(str(one["register"]), str(reason["column"]), str(reason["reason"])) in allowed,
        )
        for run in runs
        for one in quarantine.counts(workspace, run)
        for reason in _reasons(one)
    )


def places(workspace: Path, run: str, register: str, *, key: bytes) -> pl.DataFrame:
    """Return file, row, column and reason of each refused row: where to mend it. The row itself is not shown."""
    _must_be_there(workspace, run, register)
    return quarantine.read(workspace, run, register, key=key).select("file", "row", "column", "reason")


def may_release(contract: Contract, column: str, reason: str) -> bool:
    """Return whether a cell with this fault may be read as missing, and the row still means something."""
    named = next((one for one in contract.properties if one.name == column), None)
    return named is not None and not named.required and named.name not in contract.key and reason not in ROW_REASONS


def release(
    workspace: Path, study: Study, contract: Contract, column: str, reason: str, *, by: Account | None = None
) -> None:
    """Let rows with this fault in from the next run on, the cell read as missing.

    Raises: InputError `quarantine_release` for a column or reason without which a row means nothing.
    """
    if not may_release(contract, column, reason):
        raise InputError("quarantine_release", file=f"contracts/{contract.register}.yaml", column=column, reason=reason)
    _write(workspace, released(workspace) | {(contract.register, column, reason)})
    _log(workspace, study, contract.register, "quarantine.release", {"column": column, "reason": reason}, by)


def withdraw(
    workspace: Path, study: Study, register: str, column: str, reason: str, *, by: Account | None = None
) -> None:
    """Take a release back. Raises: InputError `quarantine_not_released`."""
    before = released(workspace)
    if (register, column, reason) not in before:
        raise InputError("quarantine_not_released", file=f"contracts/{register}.yaml", column=column, reason=reason)
    _write(workspace, before - {(register, column, reason)})
    _log(workspace, study, register, "quarantine.withdraw", {"column": column, "reason": reason}, by)


def drop(
    workspace: Path,
    study: Study,
    run: str,
    register: str,
    *,
    column: str | None,
    reason: str | None,
    key: bytes,
    by: Account | None = None,
) -> int:
    """Delete a run's refused rows of a register, all of them or those of one column and reason; return how many."""
    _must_be_there(workspace, run, register)
    frame = quarantine.read(workspace, run, register, key=key)
    chosen = pl.lit(True)
    if column is not None:
        chosen &= pl.col("column") == column
    if reason is not None:
        chosen &= pl.col("reason") == reason
    kept = frame.filter(~chosen)
    gone = frame.height - kept.height
    if kept.is_empty():
        quarantine.delete(workspace, run, register)
    elif gone:
        quarantine.keep(workspace, run, register, kept, key=key)
    if gone:
        log_upkeep(workspace, study, "delete", by=by, register=register, rows=gone, code="quarantine.drop")
    return gone


def released(workspace: Path) -> frozenset[tuple[str, str, str]]:
    """Return the kinds of fault that somebody has released."""
    path = workspace / quarantine.FOLDER / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return frozenset((str(one["register"]), str(one["column"]), str(one["reason"])) for one in found)
    except FileNotFoundError:
        return frozenset()
    except (ValueError, TypeError, KeyError):
        raise InputError("quarantine_decisions", file=f"{quarantine.FOLDER}/{FILE}") from None


def with_released(contracts: Mapping[str, Contract], workspace: Path) -> dict[str, Contract]:
    """Return the contracts with what a person has released."""
    allowed = released(workspace)
    return {
        name: replace(
            contract, released=frozenset((column, why) for register, column, why in allowed if register == name)
        )
        for name, contract in contracts.items()
    }


def _must_be_there(workspace: Path, run: str, register: str) -> None:
    folder = workspace / quarantine.FOLDER
    there = {f"{path.parent.name}/{path.stem}" for path in folder.glob("K-*/*.vault")}
    if f"{run}/{register}" not in there:  # looked up, never put together: what was typed names no other file
        raise InputError("quarantine_nothing", file=f"{quarantine.FOLDER}/")


def _write(workspace: Path, decided: frozenset[tuple[str, str, str]]) -> None:
    atomic.make_private(workspace / quarantine.FOLDER)
    body = [{"register": one, "column": column, "reason": reason} for one, column, reason in sorted(decided)]
    atomic.write_text(workspace / quarantine.FOLDER / FILE, json.dumps(body, indent=1) + "\n")


def _log(workspace: Path, study: Study, register: str, code: str, what: dict[str, str], by: Account | None) -> None:
    digest = sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
    log_upkeep(workspace, study, "config.change", by=by, register=register, code=code, params_sha256=digest)


def _reasons(counts: dict[str, object]) -> list[dict[str, object]]:
    found = counts["reasons"]
    return found if isinstance(found, list) else []
