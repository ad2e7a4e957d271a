"""A file that one municipality sends another: a recipe, or the answer to one. A person's key has signed its bytes.

What is read back is whole or refused: the file must be written as we write it, to the byte, hold the fields of its
schema and no others, and bear the signature of the key that it names. That the key is who it says is for a person to
find out, by another road: `fingerprint` is what two people read aloud to one another.
"""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from pipelines import atomic
from pipelines.accounts import Signer
from pipelines.ed25519 import signed_with
from pipelines.errors import InputError
from pipelines.shown import names_somebody

__all__ = ["Sealed", "fingerprint", "read", "rendered", "write"]

T = TypeVar("T")
LARGEST = 200_000
LONGEST_TEXT = 2_000
HASH = re.compile(r"\b[0-9a-f]{64}\b")  # of another file: one in thirteen has ten digits in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed(Generic[T]):
    """What a signed file says, who signed it, and the hash of its bytes."""

    told: T
    name: str  # of the person who signed
    role: str
    public_key: str
    sha256: str


def write(path: Path, told: Any, signer: Signer) -> str:
    """Sign a value and write it whole or not at all; return the file's hash. Raises: InputError `exchange_somebody`."""
    one = signer.account
    body = {**_plain(asdict(told)), "signed_by": {"name": one.name, "role": one.role, "public_key": one.public_key}}
    if names_somebody(HASH.sub("", rendered(body).decode("utf-8").replace(one.public_key, ""))):
        raise InputError("exchange_somebody", file=path)
    signature = base64.b64encode(signer.sign(_domain(told.schema) + rendered(body))).decode()
    data = rendered({**body, "signature": signature})
    atomic.write_bytes(path, data)
    return sha256(data).hexdigest()


def read(path: Path, kind: type[T], schema: str) -> Sealed[T]:
    """Return what a signed file says.

    Raises: InputError `exchange_not_json`, `exchange_schema` (another kind of file, or other fields),
    `exchange_changed` (not as it was signed), `exchange_somebody`. None quotes what stands there.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        body = json.loads(data.decode("utf-8"), parse_constant=_no_number)
        if len(data) > LARGEST or not isinstance(body, dict):
            raise ValueError
        rendered(body)  # half a character, written as its number, cannot be written again
    except (OSError, ValueError, RecursionError):
        raise InputError("exchange_not_json", file=path) from None
    if body.get("schema") != schema:
        raise InputError("exchange_schema", file=path, schema=schema)
    signature, named = body.pop("signature", ""), body.get("signed_by")
    by: dict[str, Any] = named if isinstance(named, dict) else {}
    if rendered({**body, "signature": signature}) != data or not _signed(schema, body, by, signature):
        raise InputError("exchange_changed", file=path)
    del body["signed_by"]
    try:
        told = TypeAdapter(kind).validate_python(body)
    except ValidationError:
        raise InputError("exchange_schema", file=path, schema=schema) from None
    if _plain(asdict(told)) != body or not all(_clean(one) for one in (*_texts(body), *_texts(by))):  # type: ignore[call-overload]
        raise InputError("exchange_schema", file=path, schema=schema)
    if any(names_somebody(HASH.sub("", one)) for one in (*_texts(body), by["name"])):
        raise InputError("exchange_somebody", file=path)
    return Sealed(
        told=told, name=by["name"], role=by["role"], public_key=by["public_key"], sha256=sha256(data).hexdigest()
    )


def rendered(body: dict[str, Any]) -> bytes:
    """Return the one way in which such a file is written: readable, a field a line."""
    return (json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")


def fingerprint(public_key: str) -> str:
    """Return a key's mark, short enough to be read aloud: four groups of four."""
    digest = sha256(public_key.encode()).hexdigest()[:16].upper()
    return "-".join(digest[start : start + 4] for start in range(0, 16, 4))


def _domain(schema: str) -> bytes:
    return f"{schema}/signature\n".encode()  # a signature for this kind of file and nothing else


def _signed(schema: str, body: dict[str, Any], by: dict[str, Any], signature: Any) -> bool:
    fields = ("name", "role", "public_key")
    if tuple(by) != fields or not all(isinstance(by[one], str) for one in fields):
        return False
    return signed_with(by["public_key"], str(signature), _domain(schema) + rendered(body))


def _no_number(word: str) -> None:
    raise ValueError("NaN and Infinity are no numbers")


def _plain(value: Any) -> Any:
    """Return a value as JSON gives it back."""
    return json.loads(json.dumps(value, ensure_ascii=False))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def _clean(text: str) -> bool:
    """Whether a text may be shown: its words come from another house."""
    return len(text) <= LONGEST_TEXT and not any(unicodedata.category(letter)[0] == "C" for letter in text)
