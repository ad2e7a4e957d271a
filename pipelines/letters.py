"""Danish letters that were written as UTF-8, read as cp1252 and written again: `Ã¦` is æ, in bytes and in text."""

from __future__ import annotations

from typing import Protocol

_GOOD = "æøåÆØÅäöüÄÖÜéèÉáóíëêçñß–—’‘“”…€·½§°«»´\u00a0"
_NOT_IN_CP1252 = (0x81, 0x8D, 0x8F, 0x90, 0x9D)


def _twice(letter: str) -> str:
    read = letter.encode("utf-8")
    return "".join(chr(byte) if byte in _NOT_IN_CP1252 else bytes([byte]).decode("cp1252") for byte in read)


WRONG = {
    wrong: letter for letter in _GOOD for wrong in (_twice(letter), letter.encode("utf-8").decode("iso-8859-1"))
}  # as cp1252 and as Latin 1
FIRST = sorted({wrong[0] for wrong in WRONG})  # Ã, Â, â
_BYTES = {wrong.encode("utf-8"): letter.encode("utf-8") for wrong, letter in WRONG.items()}
_FIRST = tuple(letter.encode("utf-8") for letter in FIRST)
_LONGEST = max(map(len, _BYTES))


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Mended:
    """A UTF-8 stream in which each letter that became two or three is itself again. Lines stay where they were."""

    def __init__(self, raw: _Readable) -> None:
        self.raw, self.held = raw, b""

    def read(self, size: int) -> bytes:
        """Return about so many bytes, b"" at the end."""
        while True:
            data = self.raw.read(size)
            whole = self.held + data
            self.held = b""
            if not data or whole.isascii():
                return mended_bytes(whole)
            cut = whole.rfind(b"\xc3", max(0, len(whole) - _LONGEST))
            if cut >= 0 and (whole[cut : cut + 2] in _FIRST or cut == len(whole) - 1):
                whole, self.held = whole[:cut], whole[cut:]  # the rest of it may be in what comes
            if whole:
                return mended_bytes(whole)


def mended_bytes(data: bytes) -> bytes:
    """Return UTF-8 in which each letter that became two or three is itself again."""
    if any(first in data for first in _FIRST):
        for wrong, letter in _BYTES.items():
            data = data.replace(wrong, letter)
    return data


def written_twice(data: bytes) -> bool:
    """Return whether a UTF-8 file holds Danish letters that were written twice."""
    return any(_twice(letter).encode("utf-8") in data for letter in "æøåÆØÅ")
