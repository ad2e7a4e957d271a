"""Whether a key signed a message (RFC 8032), key and signature written as base64: as they stand in files and acts."""

from __future__ import annotations

import base64
from binascii import Error as Base64Error

__all__ = ["signed_with"]


def signed_with(public_key: str, signature: str, message: bytes) -> bool:
    """Return whether the signature is the key's on exactly this message; what is no key or no signature is not."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError, Base64Error):
        return False
    return True
