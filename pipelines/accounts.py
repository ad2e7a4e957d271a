"""Accounts: who may do what on this machine, each with a signing key of their own under their own passphrase.

`$UNDRING_HOME/accounts.json` (0600). A person's Ed25519 key is wrapped as a study's key is (Argon2id, AES-256-GCM), so
that the passphrase both logs in and signs, and the machine alone can do neither. Passphrases come from a prompt or a
file descriptor.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import stat
from binascii import Error as Base64Error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NoReturn, cast

from pipelines import atomic, workspaces
from pipelines.errors import InputError
from pipelines.shown import names_somebody, shown_name

__all__ = [
    "DEMO_PEOPLE",
    "ROLES",
    "Account",
    "Role",
    "Signer",
    "add",
    "add_public",
    "check_new",
    "disable",
    "ensure_demo",
    "everyone",
    "file_of",
    "find",
    "public_document",
    "set_role",
    "unlock",
    "usable",
]

Role = Literal["analyst", "decider", "dpo", "reader"]
ROLES: tuple[Role, ...] = ("analyst", "decider", "dpo", "reader")
DEMO_PASSPHRASE = "demo"  # noqa: S105 - a demo's people decide over people who do not exist
DEMO_PEOPLE: dict[str, Role] = {
    "demo-analytiker": "analyst",
    "demo-godkender": "decider",
    "demo-dpo": "dpo",
    "demo-laeser": "reader",
}
DEMO_NAMES: dict[Role, str] = {
    "analyst": "DEMO A. Lund",
    "decider": "DEMO K. Brandt",
    "dpo": "DEMO M. Holm",
    "reader": "DEMO L. Vest",
}
SHORTEST_PASSPHRASE = 12
PERSON_ID = re.compile(r"[a-z][a-z0-9._-]{1,31}")
LARGEST_FILE = 4_000_000
FORMAT = "undring/accounts/1"
PUBLIC_FORMAT = "undring/person/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person, as the machine knows them."""

    id: str
    name: str
    role: Role
    roles: tuple[tuple[str, str], ...]  # since when, which: every role they have had
    public_key: str  # base64 of 32 bytes
    disabled: bool
    demo: bool
    has_key: bool  # False: their key lies on another machine, and their statements come in bundles


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A person who has given their passphrase: for as long as one act takes."""

    account: Account
    secret: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return the person's Ed25519 signature (RFC 8032) on a message."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.secret).sign(message)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key stays in the process that unwrapped it")


def everyone() -> tuple[Account, ...]:
    """Return every account of this machine, by id. Raises: InputError when others could have written the file."""
    return tuple(_account(person_id, entry) for person_id, entry in sorted(_read().items()))


def find(person_id: str) -> Account:
    """Return one account. Raises: InputError `user_unknown`."""
    entry = _read().get(person_id)
    if entry is None:
        raise InputError("user_unknown", file=file_of())
    return _account(person_id, entry)


def add(person_id: str, *, name: str, role: Role, passphrase: str, demo: bool = False) -> Account:
    """Make an account with a new key. Raises: InputError for an id or a name that will not do, or is taken."""
    from pseudonymisation import keys

    check_new(person_id, name)
    if len(passphrase) < SHORTEST_PASSPHRASE and not demo:
        raise InputError("passphrase_short", file=person_id, shortest=SHORTEST_PASSPHRASE)
    secret = secrets.token_bytes(32)
    wrapped = keys.wrap(
        secret,
        passphrase,
        header={"person": person_id, "demo": int(demo)},
        salt=secrets.token_bytes(16),
        nonce=secrets.token_bytes(12),
    )
    return _put(person_id, name=name, role=role, public=_public_of(secret), wrapped=wrapped, demo=demo)


def add_public(document: bytes, *, role: Role) -> Account:
    """Make an account for somebody whose key lies elsewhere (a shared or external DPO), from `user export`'s file."""
    try:
        told = json.loads(document)
        person_id, name, public = str(told["id"]), str(told["name"]), str(told["public_key"])
        whole = told["format"] == PUBLIC_FORMAT and len(base64.b64decode(public, validate=True)) == 32
    except (ValueError, KeyError, TypeError, Base64Error):
        raise InputError("user_document", file=file_of()) from None
    if not whole:
        raise InputError("user_document", file=file_of())
    check_new(person_id, name)
    return _put(person_id, name=name, role=role, public=public, wrapped=None, demo=False)


def public_document(person_id: str) -> bytes:
    """Return what another machine needs to know a person's signatures: no secret is in it."""
    one = find(person_id)
    told = {"format": PUBLIC_FORMAT, "id": one.id, "name": one.name, "public_key": one.public_key}
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def set_role(person_id: str, role: Role) -> Account:
    """Give a person another role from now on. What they did in an earlier one stands."""
    return _change(person_id, role=role)


def disable(person_id: str) -> Account:
    """Close an account: it can no longer log in or sign. Its public key stays: old signatures can be checked."""
    return _change(person_id, disabled=True)


def unlock(person_id: str, passphrase: str, *, demo: bool) -> Signer:
    """Return a person who may sign: about a second of Argon2id.

    `demo`: whether it is for a demo's workspace; a demo's people act nowhere else. An unknown person and a wrong
    passphrase cost the same and say the same. Raises: InputError `user_passphrase`, `user_disabled`, `user_demo`,
    `user_key_elsewhere`.
    """
    from pseudonymisation import keys

    entry = _read().get(person_id)
    document = entry["key"] if entry is not None and entry.get("key") else None
    try:
        secret = keys.unwrap(document or _decoy(), passphrase)
    except ValueError:
        if entry is not None and document is None:
            raise InputError("user_key_elsewhere", file=file_of()) from None
        raise InputError("user_passphrase", file=file_of()) from None
    if entry is None or document is None:
        raise InputError("user_passphrase", file=file_of())
    account = _account(person_id, entry)
    if document.get("person") != person_id or document.get("demo") != int(account.demo):
        raise InputError("user_passphrase", file=file_of())  # somebody's key under another one's name
    usable(account, demo=demo)
    if _public_of(secret) != account.public_key:
        raise InputError("accounts_damaged", file=file_of())
    return Signer(account=account, secret=secret)


def usable(account: Account, *, demo: bool) -> None:
    """Raise the InputError of an account that is closed, or that belongs to a demo when this is none."""
    if account.disabled:
        raise InputError("user_disabled", file=file_of())
    if account.demo and not demo:
        raise InputError("user_demo", file=file_of())


def ensure_demo() -> tuple[Account, ...]:
    """Make the demo's people where they are not there yet; their names say DEMO, and their passphrase is `demo`."""
    known = {one.id: one for one in everyone()}
    made = []
    for person_id, role in DEMO_PEOPLE.items():
        if person_id not in known:
            made.append(add(person_id, name=DEMO_NAMES[role], role=role, passphrase=DEMO_PASSPHRASE, demo=True))
        else:
            made.append(known[person_id])
    return tuple(made)


def _public_of(secret: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()).decode()


def _decoy() -> dict[str, Any]:
    """A key document that no passphrase opens: so that an unknown name takes as long as a known one."""
    from pseudonymisation import keys

    noise = base64.b64encode(bytes(16)).decode()
    return {
        "fmt": keys.FORMAT,
        "kdf": {**keys.KDF, "salt": noise},
        "aead": keys.AEAD,
        "nonce": base64.b64encode(bytes(12)).decode(),
        "wrapped": base64.b64encode(bytes(48)).decode(),
    }


def check_new(person_id: str, name: str) -> None:
    """Raise the InputError of an id or a name that will not do."""
    if not PERSON_ID.fullmatch(person_id) or names_somebody(person_id):
        raise InputError("user_id", file=file_of())
    if not name.strip() or name != shown_name(name):
        raise InputError("user_name", file=file_of())


def _put(person_id: str, *, name: str, role: Role, public: str, wrapped: dict[str, Any] | None, demo: bool) -> Account:
    with _locked():
        people = _read()
        if person_id in people:
            raise InputError("user_exists", file=file_of())
        if any(one["public_key"] == public for one in people.values()):
            raise InputError("user_key_taken", file=file_of())  # two names with one key would be one pair of eyes
        people[person_id] = {
            "name": name,
            "role": role,
            "roles": [[_now(), role]],
            "public_key": public,
            "disabled": 0,
            "demo": int(demo),
            "key": wrapped,
        }
        _write(people)
    return _account(person_id, people[person_id])


def _change(person_id: str, *, role: Role | None = None, disabled: bool = False) -> Account:
    with _locked():
        people = _read()
        entry = people.get(person_id)
        if entry is None:
            raise InputError("user_unknown", file=file_of())
        if role is not None:
            entry["role"] = role
            entry["roles"] = [*entry["roles"], [_now(), role]]
        if disabled:
            entry["disabled"] = 1
        _write(people)
    return _account(person_id, entry)


def _account(person_id: str, entry: dict[str, Any]) -> Account:
    try:
        if entry["role"] not in ROLES:
            raise ValueError("no such role")
        return Account(
            id=person_id,
            name=str(entry["name"]),
            role=cast(Role, entry["role"]),
            roles=tuple((str(since), str(role)) for since, role in entry["roles"]),
            public_key=str(entry["public_key"]),
            disabled=bool(entry["disabled"]),
            demo=bool(entry["demo"]),
            has_key=entry.get("key") is not None,
        )
    except (KeyError, TypeError, ValueError):
        raise InputError("accounts_damaged", file=file_of()) from None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def file_of() -> Path:
    """Return where this machine's accounts stand."""
    return workspaces.home() / "accounts.json"


@contextmanager
def _locked() -> Iterator[None]:
    atomic.make_private(workspaces.home())
    with atomic.waiting_lock(workspaces.home() / ".accounts.lock"):
        yield


def _read() -> dict[str, dict[str, Any]]:
    """Return the accounts by id. One that others could write is refused: they could be deciders."""
    try:
        descriptor = os.open(file_of(), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return {}
    except OSError:
        raise InputError("accounts_damaged", file=file_of()) from None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise InputError("accounts_open", file=file_of(), mode=f"{stat.S_IMODE(status.st_mode):04o}")
        data = file.read(LARGEST_FILE)
    try:
        document = json.loads(data.decode("utf-8"))
        people = document["people"]
        if document["format"] != FORMAT or not all(isinstance(one, dict) for one in people.values()):
            raise ValueError("another format")
        return dict(people)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError("accounts_damaged", file=file_of()) from None


def _write(people: dict[str, dict[str, Any]]) -> None:
    document = {"format": FORMAT, "people": people}
    atomic.write_text(file_of(), json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
