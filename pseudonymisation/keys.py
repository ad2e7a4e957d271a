"""A study's secret: what is derived from it, and how a passphrase wraps it. Bytes in, bytes out; no files here."""

from __future__ import annotations

import json
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
FORMAT = "undring/key/1"
AEAD = "AES-256-GCM"
MEMORY_KIB, PASSES, LANES = 262_144, 3, 4
KDF = {"name": "argon2id", "memory_kib": MEMORY_KIB, "passes": PASSES, "lanes": LANES}
_LABEL = b"undring/pseudonym/v1"


class KeyDocumentError(ValueError):
    """The passphrase is wrong, or the key document was changed: nobody can tell which, and that is the point."""


def derive(secret: bytes, *, study: str, recipient: str, kind: str, epoch: str | int) -> bytes:
    """Return the 32-byte key of one study, recipient, kind and epoch: HKDF-SHA256 without salt.

    Each field is preceded by its length in UTF-8 bytes (two bytes, big-endian), so that no two sets of fields meet.
    Raises: ValueError if `secret` is not 32 bytes or a field is longer than 65,535 bytes.
    Source: RFC 5869; PRIVACY.md "Pseudonym".
    """
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a secret has {SECRET_BYTES} bytes, this one {len(secret)}")
    info = _LABEL
    for text in (study, recipient, kind, str(epoch)):
        field = text.encode()
        if len(field) > 0xFFFF:
            raise ValueError("a field of the derivation is longer than 65,535 bytes")
        info += len(field).to_bytes(2, "big") + field
    return HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=info).derive(secret)


def wrap(secret: bytes, passphrase: str, *, header: Mapping[str, Any], salt: bytes, nonce: bytes) -> dict[str, Any]:
    """Return the key document: the header as it is, and the secret sealed under the passphrase.

    Argon2id (256 MiB, 3 passes, 4 lanes), then AES-256-GCM; everything but the sealed bytes is authenticated.
    `salt` (16) and `nonce` (12) are fresh random bytes from the caller. `header` holds what JSON can hold.
    """
    if len(secret) != SECRET_BYTES or len(salt) != SALT_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError(f"secret, salt and nonce have {SECRET_BYTES}, {SALT_BYTES} and {NONCE_BYTES} bytes")
    ours = {"fmt", "kdf", "aead", "nonce", "wrapped"}
    if taken := ours & header.keys():
        raise ValueError(f"the header may not set {sorted(taken)}")
    document: dict[str, Any] = {
        "fmt": FORMAT,
        **header,
        "kdf": {**KDF, "salt": b64encode(salt).decode()},
        "aead": AEAD,
        "nonce": b64encode(nonce).decode(),
    }
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, secret, _authenticated(document))
    return {**document, "wrapped": b64encode(sealed).decode()}


def unwrap(document: Mapping[str, Any], passphrase: str) -> bytes:
    """Return the secret in a key document.

    Raises: KeyDocumentError if the passphrase is wrong or anything in the document was changed.
    """
    try:
        kdf = dict(document["kdf"])
        salt = b64decode(kdf.pop("salt"), validate=True)
        nonce = b64decode(document["nonce"], validate=True)
        sealed = b64decode(document["wrapped"], validate=True)
        authenticated = _authenticated({key: value for key, value in document.items() if key != "wrapped"})
    except (KeyError, TypeError, ValueError, AttributeError, Base64Error):
        raise KeyDocumentError("the key document is not whole") from None
    # Only our own parameters: a changed document must not choose how much memory is used.
    if kdf != KDF or document.get("fmt") != FORMAT or document.get("aead") != AEAD:
        raise KeyDocumentError("the key document has another format")
    if len(salt) != SALT_BYTES or len(nonce) != NONCE_BYTES or len(sealed) != SECRET_BYTES + 16:
        raise KeyDocumentError("the key document is not whole")
    try:
        return AESGCM(_stretched(passphrase, salt)).decrypt(nonce, sealed, authenticated)
    except InvalidTag:
        raise KeyDocumentError("the passphrase is wrong, or the key document was changed") from None


def demo_secret(seed: int) -> bytes:
    """Return a demo's secret: the same for a seed, known to everybody, and never to be used for real people."""
    return sha256(f"undring/demo-secret/v1/{seed}".encode()).digest()


def _stretched(passphrase: str, salt: bytes) -> bytes:
    # NFC: a passphrase with å typed on two keyboards is one passphrase.
    typed = unicodedata.normalize("NFC", passphrase).encode()
    return Argon2id(salt=salt, length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB).derive(typed)


def _authenticated(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
