"""Receipts: what was done that cannot be undone, in words, signed by the people who did it. They lie in `receipts/`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines import atomic
from pipelines.accounts import Signer
from pipelines.ed25519 import signed_with
from pipelines.errors import InputError
from pipelines.ledger_lines import canonical

__all__ = ["DECIDING", "check_two", "verified", "write"]

FOLDER = "receipts"
FORMAT = "undring/receipt/1"
DOMAIN = b"undring/receipt/signature/1\n"  # a signature for this and nothing else
DECIDING = ("decider",)


def check_two(first: Signer, second: Signer) -> None:
    """Raise the InputError of two people who may not do this together: one alone, or nobody who decides."""
    if first.account.id == second.account.id or first.account.public_key == second.account.public_key:
        raise InputError("two_people", file="accounts.json")
    if second.account.role not in DECIDING or first.account.role in ("reader", "dpo"):
        raise InputError("two_people_role", file="accounts.json")


def write(workspace: Path, name: str, facts: Mapping[str, Any], signers: Sequence[Signer]) -> tuple[Path, str]:
    """Write a receipt that each of the signers has signed; return its file and hash.

    `facts`: texts and whole numbers, and objects of them; never a value of the data.
    """
    people = {
        str(number): {name: getattr(one.account, name) for name in ("id", "name", "role", "public_key")}
        for number, one in enumerate(signers, 1)
    }
    bare = {"format": FORMAT, **facts, "people": people}  # each signs for who the others are, too
    signatures = {
        str(number): base64.b64encode(one.sign(DOMAIN + canonical(bare))).decode()
        for number, one in enumerate(signers, 1)
    }
    data = canonical({**bare, "signatures": signatures}) + b"\n"
    folder = atomic.make_private(workspace / FOLDER)
    atomic.write_bytes(folder / f"{name}.json", data)
    return folder / f"{name}.json", sha256(data).hexdigest()


def verified(data: bytes) -> dict[str, Any] | None:
    """Return what a receipt says where every signature on it is right, else None. Needs nothing but the file."""
    try:
        told = json.loads(data.decode("utf-8"))
        if canonical(told) + b"\n" != data or told.get("format") != FORMAT:
            return None
        people, signatures = told["people"], told["signatures"]
        bare = canonical({name: value for name, value in told.items() if name != "signatures"})
        right = [signed_with(one["public_key"], signatures[number], DOMAIN + bare) for number, one in people.items()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return dict(told) if right and all(right) else None
