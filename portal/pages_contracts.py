"""Contracts: what each says, in which lines it differs from the one that was approved, and the form that approves."""

from __future__ import annotations

import json

from pipelines import atomic, contract_changes
from pipelines.contracts import Contract, contract_of
from pipelines.errors import InputError
from pipelines.run import last_done
from portal.asking import NOT_FOUND, Ask, Reply, page, to

__all__ = ["HANDLERS"]

CHIP = {"same": "ok", "changed": "wait", "new": "wait", "unapproved": "no"}


def contracts(ask: Ask) -> Reply:
    """List the contracts: approved or not, and whether each is as the last run read it."""
    read = ask.site.contracts()
    before, approved = _read_by_last_run(ask), ask.site.approved()
    rows = [(name, one, _state(one, before, approved)) for name, one in sorted(read.items())]
    return page(ask, "contracts", rows=rows, gone=sorted(before.keys() - read.keys()), chips=CHIP)


def contract(ask: Ask) -> Reply:
    """Show one contract: each column, what it is, what happens to it, and what was changed since it was approved."""
    found = ask.site.contracts().get(ask.path["register"])
    if found is None:
        raise NOT_FOUND
    trouble, approved = "", ask.site.approved()
    try:
        lines = contract_changes.difference(ask.site.workspace, found, approved.get(found.register))
    except InputError as error:
        lines, trouble = [], error.text(ask.language)
    state = _state(found, _read_by_last_run(ask), approved)
    return page(ask, "contract", contract=found, state=state, chips=CHIP, lines=lines, trouble=trouble)


def approve(ask: Ask) -> Reply:
    """Approve the contract that the visitor saw: no other, should the file have been changed in between."""
    if ask.path["register"] not in ask.site.contracts():
        raise NOT_FOUND
    signer = ask.signer()
    with atomic.folder_lock(ask.site.workspace):
        now = contract_of(ask.site.workspace, ask.path["register"])
        if ask.form.get("seen") != now.sha256:
            raise InputError("portal_changed_since", file=f"contracts/{now.register}.yaml")
        contract_changes.approve(ask.site.workspace, ask.site.study(), now, by=signer.account)
    return to(f"/contracts/{now.register}")


def _state(one: Contract, before: dict[str, str], approved: dict[str, str]) -> str:
    if approved.get(one.register, one.sha256) != one.sha256:
        return "unapproved"
    if one.register not in before:
        return "new"
    return "same" if before[one.register] == one.sha256 else "changed"


def _read_by_last_run(ask: Ask) -> dict[str, str]:
    """Return the contracts' hashes as the last whole run had them."""
    try:
        path = ask.site.workspace / "runs" / last_done(ask.site.workspace) / "run.json"
        told = json.loads(path.read_text(encoding="utf-8"))["contracts"]
    except (InputError, OSError, ValueError, KeyError):
        return {}
    return {str(name): str(digest) for name, digest in told.items()}


HANDLERS = {
    ("GET", "/contracts"): contracts,
    ("GET", "/contracts/{register}"): contract,
    ("POST", "/contracts/{register}/approve"): approve,
}
