"""The tree over the ledger's lines (RFC 6962): one hash, its head, stands for all of them and their order."""

from __future__ import annotations

from hashlib import sha256

__all__ = ["Tree", "leaf_hash"]

EMPTY = sha256(b"").digest()


def leaf_hash(raw: bytes) -> bytes:
    """Return a line's leaf: SHA-256 of a zero byte and the line, so that no line can pass for a branch."""
    return sha256(b"\x00" + raw).digest()


class Tree:
    """A tree that grows leaf by leaf and knows its head at every size, holding log2(size) hashes.

    Source: RFC 6962, section 2.1.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # full subtrees, (height, hash), the largest first

    def add(self, leaf: bytes) -> None:
        """Put a leaf at the end; two full subtrees of one height become one."""
        height = 0
        while self._peaks and self._peaks[-1][0] == height:
            leaf = sha256(b"\x01" + self._peaks.pop()[1] + leaf).digest()
            height += 1
        self._peaks.append((height, leaf))
        self.size += 1

    def root(self) -> bytes:
        """Return the head over all leaves so far."""
        if not self._peaks:
            return EMPTY
        head = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            head = sha256(b"\x01" + peak + head).digest()
        return head
