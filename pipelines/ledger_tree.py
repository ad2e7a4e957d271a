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

    def text(self) -> str:
        """Return what the tree remembers, as a text: enough to go on growing from."""
        return ",".join(f"{height}:{peak.hex()}" for height, peak in self._peaks)

    @classmethod
    def resumed(cls, size: int, text: str) -> Tree:
        """Return the tree that `text` was taken of. Raises: ValueError where the two do not belong together."""
        tree = cls()
        tree._peaks = [(int(height), bytes.fromhex(peak)) for height, peak in _parted(text)]
        tree.size = size
        if sum(1 << height for height, _ in tree._peaks) != size:
            raise ValueError("the tree is not of that size")
        return tree


def _parted(text: str) -> list[tuple[str, str]]:
    parts = [part.partition(":") for part in text.split(",") if part]
    return [(height, peak) for height, _, peak in parts]
