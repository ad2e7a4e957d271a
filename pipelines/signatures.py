"""A person's signature on a release: what they did, on exactly which bytes, chained to what was signed before."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Literal

from pipelines.accounts import Account, Signer
from pipelines.ed25519 import signed_with
from pipelines.ledger import canonical

__all__ = ["ACTS", "STATEMENTS", "Act", "Signed", "Statement", "parse", "sign", "signed_by"]

Act = Literal["request", "statement", "approve", "return", "reject", "withdraw"]
Statement = Literal["none", "remarks", "advised_against"]
ACTS: tuple[Act, ...] = ("request", "statement", "approve", "return", "reject", "withdraw")
STATEMENTS: tuple[Statement, ...] = ("none", "remarks", "advised_against")
DOMAIN = b"undring/release/signature/1\n"  # a signature for this and nothing else
FORMAT = "undring/signature/1"
LARGEST = 32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """One act on a release. `reason` is what the person wrote; a decider's answer to *advised against* stands there."""

    act: Act
    study: str
    release: str
    manifest_sha256: str
    previous: str  # SHA-256 of the signed act before it, as bytes on disk; zeros for the request
    by: str
    name: str
    role: str
    public_key: str
    at: str
    reason: str
    statement: str  # of a DPO's statement: which of the three; else empty
    dictionary_seen: int  # 1: has opened the data dictionary and seen every column
    signature: str

    @property
    def message(self) -> bytes:
        """The signed bytes."""
        told = {name: value for name, value in asdict(self).items() if name != "signature"}
        return DOMAIN + canonical({"format": FORMAT, **told})

    @property
    def document(self) -> bytes:
        """The act as it lies on disk, one canonical line."""
        return canonical({"format": FORMAT, **asdict(self)}) + b"\n"

    @property
    def sha256(self) -> str:
        return sha256(self.document).hexdigest()


def sign(signer: Signer, **facts: Any) -> Signed:
    """Return an act with the person's signature: who, which role and which key come from the account."""
    one: Account = signer.account
    bare = Signed(by=one.id, name=one.name, role=one.role, public_key=one.public_key, signature="", **facts)
    return Signed(**{**asdict(bare), "signature": base64.b64encode(signer.sign(bare.message)).decode()})


def parse(data: bytes) -> Signed | None:
    """Return the act in a file, or None when it is not written as we write it."""
    try:
        told = json.loads(data[: LARGEST + 1].decode("utf-8"))
        if not isinstance(told, dict) or told.pop("format", None) != FORMAT:
            return None
        act = Signed(**told)
        if any(type(value) is not str for name, value in asdict(act).items() if name != "dictionary_seen"):
            return None
        if act.act not in ACTS or type(act.dictionary_seen) is not int:
            return None
        return act if act.document == data else None
    except (ValueError, TypeError, RecursionError):
        return None


def signed_by(act: Signed, public_key: str) -> bool:
    """Return whether an act bears the signature of a key, and says so itself."""
    return act.public_key == public_key and signed_with(public_key, act.signature, act.message)
