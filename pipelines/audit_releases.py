"""Control 3: what lies in the outbox was approved, byte for byte, and its signatures belong to just these bytes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines import release_files, signatures
from pipelines.audit_text import files_below

__all__ = ["approved", "take"]

Verdict = tuple[bool | None, dict[str, str | int]]


def take(named: set[str], body: dict[str, Any]) -> None:
    """Add what a ledger line says of a release: an approved manifest, a text beside it, or a signed act."""
    action, thing = str(body["action"]), body.get("object")
    if action in ("release", "release.approve") and isinstance(thing, dict):
        named.add(str(thing.get("sha256")))
    if action.startswith("release.") and body.get("params_sha256"):
        named.add(str(body["params_sha256"]))


def approved(workspace: Path, named: set[str]) -> Verdict:
    """Every file in the outbox is named in the ledger, or by a manifest there; every signature is on its manifest."""
    files = list(files_below(workspace / "outbox"))
    if not files:
        return None, {"reason": "nothing_out"}
    for path in files:
        digest = sha256(path.read_bytes()).hexdigest()
        if digest not in named and digest not in _of_manifest(path, named):
            return False, {"reason": "not_approved", "files": len(files), "file": path.name}
        if path.parent.name == release_files.ACTS and not _fits(path):
            return False, {"reason": "signature_swapped", "file": path.name}
    return True, {"files": len(files)}


def _of_manifest(path: Path, named: set[str]) -> set[str]:
    """Return the hash that an approved manifest beside a file gives it."""
    beside = path.parent / release_files.MANIFEST
    if not beside.is_file() or sha256(beside.read_bytes()).hexdigest() not in named:
        return set()
    try:
        manifest = release_files.parse_manifest(beside.read_bytes())
    except ValueError:
        return set()
    return {digest for name, digest, _ in manifest.files if name == path.name}


def _fits(path: Path) -> bool:
    """Return whether a signed act speaks of the manifest it lies beside, by the key that it names."""
    act = signatures.parse(path.read_bytes())
    manifest = path.parent.parent / release_files.MANIFEST
    if act is None or not manifest.is_file():
        return False
    right = act.manifest_sha256 == sha256(manifest.read_bytes()).hexdigest()
    return right and act.release == path.parent.parent.name and signatures.signed_by(act, act.public_key)
