"""A pseudonym: 128 bits that only the key's holder can make, in letters that can be read aloud and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

import numpy as np
import polars as pl
from numpy.typing import NDArray

PREFIX = "p1-"
LENGTH = 30
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_CHECK = _ALPHABET + "*~$=U"
_LETTERS = 26  # of five bits; the first holds three, for 128 in all
_TWO_64_MOD_37 = 2**64 % 37


def pseudonym(normalised: str, *, key: bytes) -> str:
    """Return the pseudonym of one normalised id: `p1-`, 26 letters and a check character, 30 in all.

    The letters are the first 16 bytes of HMAC-SHA256(key, id), read as one number.
    Raises: ValueError if the key is not 32 bytes: an empty or short one would be guessed.
    """
    return _texts([normalised], key)[0]


def pseudonym_column(values: pl.Series, *, key: bytes) -> pl.Series:
    """Return `pseudonym` of every value; null stays null. Each distinct value is hashed once.

    Shape: (rows,) of normalised text -> (rows,) of text; name kept.
    """
    name = values.name
    distinct = values.drop_nulls().unique().cast(pl.String)
    made = pl.Series("_pseudonym", _texts(distinct.to_list(), key), dtype=pl.String)
    table = pl.DataFrame({"_value": distinct, "_pseudonym": made})
    joined = (
        values.cast(pl.String)
        .alias("_value")
        .to_frame()
        .join(table, on="_value", how="left", maintain_order="left")
        .get_column("_pseudonym")
    )
    return joined.alias(name)


def check(text: str) -> bool:
    """Return whether a text is a pseudonym without a typing slip."""
    if len(text) != LENGTH or not text.startswith(PREFIX):
        return False
    letters, last = text[len(PREFIX) : -1], text[-1]
    number = 0
    for letter in letters:
        digit = _ALPHABET.find(letter)
        if digit < 0:
            return False
        number = number * 32 + digit
    return number < 2**128 and last == _CHECK[number % 37]


def _texts(ids: Sequence[str], key: bytes) -> list[str]:
    if len(key) != 32:
        raise ValueError(f"a pseudonym's key has 32 bytes, this one {len(key)}")
    if not ids:
        return []
    raw = b"".join(_digests(ids, key))
    halves = np.frombuffer(raw, dtype=">u8").reshape(-1, 2).astype(np.uint64)
    page = _letters(halves[:, 0], halves[:, 1]).tobytes().decode("ascii")
    return [page[start : start + LENGTH] for start in range(0, len(page), LENGTH)]


def _digests(ids: Sequence[str], key: bytes) -> Iterator[bytes]:
    """Return the first 16 bytes of HMAC-SHA256(key, id) of each id.

    The two halves of a key are hashed once, and copied: `hmac.digest` looks for its algorithm anew with each id.
    Source: RFC 2104.
    """
    padded = key.ljust(sha256().block_size, b"\0")
    inner, outer = sha256(bytes(byte ^ 0x36 for byte in padded)), sha256(bytes(byte ^ 0x5C for byte in padded))
    for text in ids:
        first, second = inner.copy(), outer.copy()
        first.update(text.encode())
        second.update(first.digest())
        yield second.digest()[:16]


def _letters(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the ASCII codes of the texts. Shape: (ids,), (ids,): two halves of 64 bits -> (ids, 30)."""
    table = np.frombuffer(_ALPHABET.encode(), dtype=np.uint8)
    codes = np.empty((len(high), LENGTH), dtype=np.uint8)
    codes[:, : len(PREFIX)] = np.frombuffer(PREFIX.encode(), dtype=np.uint8)
    five = np.uint64(31)
    for place in range(_LETTERS):
        shift = 5 * (_LETTERS - 1 - place)  # of the 130-bit number
        if shift >= 64:
            bits = high >> np.uint64(shift - 64)
        elif shift > 59:  # the letter that holds bits of both halves
            bits = (low >> np.uint64(shift)) | (high << np.uint64(64 - shift))
        else:
            bits = low >> np.uint64(shift)
        codes[:, len(PREFIX) + place] = table[(bits & five).astype(np.intp)]
    mod = np.uint64(37)
    remainder = ((high % mod) * np.uint64(_TWO_64_MOD_37) + low % mod) % mod
    codes[:, -1] = np.frombuffer(_CHECK.encode(), dtype=np.uint8)[remainder.astype(np.intp)]
    return codes
