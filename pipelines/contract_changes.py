"""A changed contract is a diff that somebody approves, and the ledger records: until then no run takes anything in.

What was approved last is the ledger's word; a copy of its text lies in `contracts/approved/`, to be compared with.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pipelines import atomic, ledger
from pipelines.accounts import Account
from pipelines.contracts import FOLDER, Contract
from pipelines.errors import InputError
from pipelines.study import Study
from pipelines.upkeep_log import log_upkeep

__all__ = ["CODES", "approve", "changed", "diff", "difference", "note_first"]

APPROVED = "approved"
CODES = ("contract.first", "contract.approve")


def changed(workspace: Path, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Return the registers whose contract is another than the one that was approved last."""
    last = _approved(workspace)
    return tuple(name for name, one in contracts.items() if last.get(name, one.sha256) != one.sha256)


def refusals(workspace: Path, contracts: Mapping[str, Contract]) -> list[InputError]:
    """Return a refusal for each contract that was changed and not approved."""
    return [InputError("contract_changed", file=_file(name), register=name) for name in changed(workspace, contracts)]


def note_first(workspace: Path, study: Study, contracts: Mapping[str, Contract]) -> None:
    """Put in the ledger the contracts that a study is first run with: from then on a change is approved."""
    last = _approved(workspace)
    for name, contract in contracts.items():
        if name not in last:
            _record(workspace, study, contract, "contract.first")


def approve(workspace: Path, study: Study, contract: Contract, *, by: Account | None = None) -> None:
    """Approve a contract as it now stands. Raises: InputError `contract_unchanged`."""
    if contract.register not in changed(workspace, {contract.register: contract}):
        raise InputError("contract_unchanged", file=_file(contract.register))
    _record(workspace, study, contract, "contract.approve", by)


def diff(workspace: Path, contract: Contract) -> list[str]:
    """Return the lines in which a contract differs from the one approved last.

    Raises: InputError `contract_copy` when the copy of what was approved is not what the ledger says.
    """
    return difference(workspace, contract, _approved(workspace).get(contract.register))


def difference(workspace: Path, contract: Contract, approved: str | None) -> list[str]:
    """Return the lines in which a contract differs from the one with the hash that was approved. As `diff`."""
    if approved is None or approved == contract.sha256:
        return []
    copy = workspace / FOLDER / APPROVED / f"{contract.register}.yaml"
    data = copy.read_bytes() if copy.is_file() else b""
    if sha256(data).hexdigest() != approved:
        raise InputError("contract_copy", file=f"{FOLDER}/{APPROVED}/{contract.register}.yaml")
    now = _text(workspace, contract)
    before, after = data.decode("utf-8-sig").splitlines(), now.decode("utf-8-sig").splitlines()
    return list(difflib.unified_diff(before, after, APPROVED, _file(contract.register), n=2, lineterm=""))


def _record(workspace: Path, study: Study, contract: Contract, code: str, by: Account | None = None) -> None:
    folder = atomic.make_private(workspace / FOLDER / APPROVED)
    atomic.write_bytes(folder / f"{contract.register}.yaml", _text(workspace, contract))
    log_upkeep(
        workspace, study, "config.change", by=by, register=contract.register, object_sha256=contract.sha256, code=code
    )


def _approved(workspace: Path) -> dict[str, str]:
    """Return the hash of each register's contract that the ledger names last."""
    last: dict[str, str] = {}
    for line in ledger.read(workspace):
        if line["action"] == "config.change" and line["code"] in CODES:
            last[str(line["register"])] = str(line["object"]["sha256"])
    return last


def _text(workspace: Path, contract: Contract) -> bytes:
    """Return the bytes of the contract's file: the one whose hash was read."""
    folder = workspace / FOLDER
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        data = path.read_bytes()
        if sha256(data).hexdigest() == contract.sha256:
            return data
    raise InputError("contract_unreadable", file=_file(contract.register))


def _file(register: str) -> str:
    return f"{FOLDER}/{register}.yaml"
