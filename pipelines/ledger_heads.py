"""Signed heads of the ledger: C2SP checkpoints, an Ed25519 key of the machine's own, and copies outside.

A checkpoint is a signed note (c2sp.org/tlog-checkpoint): origin, size, head, then one line a signature. It needs no
data to check. One lies in `ledger/checkpoints/`, one in Undring's home; the one that counts is handed outside.
"""

from __future__ import annotations

import base64
import re
import secrets
from binascii import Error as Base64Error
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipelines import atomic, key_files, ledger, ledger_evidence
from pipelines.errors import InputError
from pipelines.ledger_tree import Tree, leaf_hash
from pipelines.workspaces import home

__all__ = ["Head", "checkpoint", "checkpoints", "origin_of", "own_key", "parse_head", "signed_by", "vkeys"]

ED25519 = b"\x01"  # C2SP's number of the signature's kind
VKEYS = "vkeys.txt"
EVIDENCE = "evidence"
SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
HEAD_LARGEST = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the ledger was at one moment: so many lines, and one hash that stands for them."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes], ...]  # name, four bytes of the key's hash and the signature
    evidence: tuple[int, bytes] | None = None  # the evidence chain's size and head at that moment

    @property
    def body(self) -> bytes:
        """The signed part. The evidence chain's head is an extension line, as the form allows."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        if self.evidence is not None:
            lines.append(f"{EVIDENCE} {self.evidence[0]} {base64.b64encode(self.evidence[1]).decode()}")
        return ("\n".join(lines) + "\n").encode()

    @property
    def text(self) -> str:
        """The whole note, as it stands in a file."""
        lines = [f"— {name} {base64.b64encode(signature).decode()}\n" for name, signature in self.signatures]
        return self.body.decode() + "\n" + "".join(lines)


def checkpoint(workspace: Path) -> Head:
    """Sign the ledger's head, keep it in the workspace and in Undring's home, and return it: hand it outside.

    The end of every closed month gets one too, so that its lines can be deleted on time. Nothing new: the last again.
    Raises: InputError `ledger_empty`, `ledger_damaged` where the last line is cut, or `ledger_changed` when it is not
    a longer version of what was signed before.
    """
    with ledger.locked(workspace):
        origin = origin_of(workspace)
        standing = {head.size: head for head in checkpoints(workspace) if head is not None}
        kept = kept_head(origin)
        gone = ledger_evidence.gone(workspace)
        tree, ends = (gone.tree, []) if gone is not None else (Tree(), [])
        for path in ledger.segments(workspace):
            for leaf in leaves_of(path):
                tree.add(leaf)
                if kept is not None and kept.size == tree.size and kept.root != tree.root():
                    raise InputError("ledger_changed", file=path)  # signing over it would hide what was done
            ends.append((tree.size, tree.root()))
        if kept is not None and kept.size > tree.size:
            raise InputError("ledger_changed", file=ledger.folder(workspace))
        proofs = _evidence_heads(workspace, [size for size, _ in ends])
        if kept is not None and kept.evidence is not None and not _goes_on(workspace, kept.evidence):
            raise InputError("ledger_changed", file=ledger_evidence.file_of(workspace))
        key = _signing_key(origin)
        _publish(workspace, vkey(origin, key.public_key()))
        head = None
        for size, root in ends:
            head = standing.get(size)
            if head is not None and (head.root != root or head.evidence not in (None, proofs[size])):
                raise InputError("ledger_changed", file=ledger.folder(workspace))
            if head is None or head.evidence is None or not _signs(key.public_key(), head):
                head = _sign(key, origin, size, root, proofs[size])
                atomic.write_text(_folder(workspace) / f"{size:08d}.checkpoint", head.text)
        assert head is not None
        atomic.write_text(atomic.make_private(home() / "heads") / _file_of(origin, "checkpoint"), head.text)
        return head


def _evidence_heads(workspace: Path, sizes: list[int]) -> dict[int, tuple[int, bytes]]:
    """Return the evidence chain's size and head as they stood when the log had so many lines."""
    tree, found = Tree(), {}
    waiting = sorted(sizes)
    for line in ledger_evidence.read(workspace):
        while waiting and line.body["log"]["seq"] > waiting[0]:
            found[waiting.pop(0)] = (tree.size, tree.root())
        tree.add(leaf_hash(line.raw))
    return {**found, **{size: (tree.size, tree.root()) for size in waiting}}


def _goes_on(workspace: Path, told: tuple[int, bytes]) -> bool:
    tree = Tree()
    for line in ledger_evidence.read(workspace):
        if tree.size == told[0]:
            break
        tree.add(leaf_hash(line.raw))
    return (tree.size, tree.root()) == told


def leaves_of(path: Path) -> list[bytes]:
    """Return a segment's leaves. Raises: InputError `ledger_damaged` where its last line is cut."""
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        raise InputError("ledger_damaged", file=path)
    return [leaf_hash(raw) for raw in data.split(b"\n")[:-1]]


def origin_of(workspace: Path) -> str:
    """Return the log's name: its study, and the first line's hash, so that no other log has the same."""
    first = next(ledger.read(workspace), None)
    if first is None:
        raise InputError("ledger_empty", file=workspace)
    gone = ledger_evidence.gone(workspace)
    return f"undring/{first['study']}/{gone.first if gone is not None else first.hash[:16]}"


def parse_head(path: Path) -> Head | None:
    """Return the head in a checkpoint's file, or None when it is not one. Raises: InputError `head_missing`."""
    try:
        data = path.read_bytes()[:HEAD_LARGEST]
    except OSError:
        raise InputError("head_missing", file=path) from None
    try:
        body, _, notes = data.decode("utf-8").replace("\r\n", "\n").partition("\n\n")
        origin, size, root, *more = body.split("\n")
        signatures = []
        for line in notes.strip("\n").split("\n"):
            match = SIGNATURE.fullmatch(line)
            if match is None:
                return None
            signatures.append((match[1], base64.b64decode(match[2], validate=True)))
        if not re.fullmatch(r"0|[1-9][0-9]{0,15}", size):
            return None
        head = Head(
            origin=origin,
            size=int(size),
            root=base64.b64decode(root, validate=True),
            signatures=tuple(signatures),
            evidence=_evidence_of(more),
        )
    except (ValueError, Base64Error):
        return None
    return head if len(head.root) == 32 else None


def _evidence_of(lines: list[str]) -> tuple[int, bytes] | None:
    """Read the extension line. Raises: ValueError for any other: what is not read is not vouched for."""
    if not lines:
        return None
    (line,) = lines
    word, size, root = line.split(" ")
    told = (int(size), base64.b64decode(root, validate=True))
    if word != EVIDENCE or str(told[0]) != size or len(told[1]) != 32:
        raise ValueError("not the evidence chain's head")
    return told


def checkpoints(workspace: Path) -> list[Head | None]:
    """Return the workspace's checkpoints, smallest first; None for a file that is not one."""
    return [parse_head(path) for path in sorted(_folder(workspace).glob("*.checkpoint"))]


def kept_head(origin: str) -> Head | None:
    """Return the head that this machine keeps beside its keys: no outsider's word, but outside the workspace."""
    path = home() / "heads" / _file_of(origin, "checkpoint")
    return parse_head(path) if path.is_file() else None


def vkey(origin: str, public: Ed25519PublicKey) -> str:
    """Return a public key in C2SP's text form."""
    raw = ED25519 + public.public_bytes_raw()
    return f"{origin}+{_key_hash(origin, public).hex()}+{base64.b64encode(raw).decode()}"


def vkeys(workspace: Path) -> list[str]:
    """Return the public keys that the workspace names. Whoever can write there can name his own: see `own_key`."""
    path = _folder(workspace) / VKEYS
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def own_key(origin: str) -> str | None:
    """Return this machine's own public key for a log, or None where it has none."""
    path = _key_path(origin)
    return vkey(origin, _load(path).public_key()) if path.is_file() else None


def signed_by(head: Head, keys: list[str]) -> str | None:
    """Return the first of the keys whose signature on a head is right, or None."""
    for text in keys:
        try:
            name, _, encoded = text.split("+", 2)  # base64 may hold a plus sign itself; a name may not
            raw = base64.b64decode(encoded, validate=True)
            public = Ed25519PublicKey.from_public_bytes(raw[1:])
        except (ValueError, Base64Error):
            continue
        if name == head.origin and raw[:1] == ED25519 and _signs(public, head):
            return text
    return None


def _sign(key: Ed25519PrivateKey, origin: str, size: int, root: bytes, evidence: tuple[int, bytes]) -> Head:
    bare = Head(origin=origin, size=size, root=root, signatures=(), evidence=evidence)
    signature = _key_hash(origin, key.public_key()) + key.sign(bare.body)
    return replace(bare, signatures=((origin, signature),))


def _signs(public: Ed25519PublicKey, head: Head) -> bool:
    short = _key_hash(head.origin, public)
    for name, signature in head.signatures:
        if name == head.origin and signature[:4] == short:
            try:
                public.verify(signature[4:], head.body)
            except InvalidSignature:
                continue
            return True
    return False


def _key_hash(origin: str, public: Ed25519PublicKey) -> bytes:
    return sha256(origin.encode() + b"\n" + ED25519 + public.public_bytes_raw()).digest()[:4]


def _publish(workspace: Path, text: str) -> None:
    atomic.make_private(_folder(workspace))
    known = vkeys(workspace)
    if text not in known:
        atomic.write_text(_folder(workspace) / VKEYS, "\n".join([*known, text, ""]))


def _signing_key(origin: str) -> Ed25519PrivateKey:
    """Return the machine's key for this log, made the first time. It is not wrapped: the night signs without people."""
    path = _key_path(origin)
    atomic.make_private(path.parent)
    key_files.check_folder(path.parent)
    if not path.exists():
        atomic.write_text(path, base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    return _load(path)


def _load(path: Path) -> Ed25519PrivateKey:
    data = key_files.read_private(path)
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(data.strip(), validate=True))
    except (ValueError, Base64Error):
        raise InputError("key_damaged", file=path) from None


def _key_path(origin: str) -> Path:
    return key_files.folder() / _file_of(origin, "audit")


def _file_of(origin: str, kind: str) -> str:
    _, study, log = origin.split("/")
    return f"{study}.{log}.{kind}"


def _folder(workspace: Path) -> Path:
    return ledger.folder(workspace) / "checkpoints"
