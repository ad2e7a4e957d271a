"""A release as one file, for a DPO on another machine: look at it there, sign there, send the signed statement back."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pipelines import atomic, ledger, release_files, signatures
from pipelines.accounts import Signer
from pipelines.errors import InputError
from pipelines.release_acts import check_reason
from pipelines.release_files import ACTS, FILES, MANIFEST
from pipelines.release_record import read_release
from pipelines.signatures import Signed, Statement

__all__ = ["pack", "read_statement", "state_on_bundle", "unpack"]

LARGEST = 500_000_000
EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(workspace: Path, release_id: str, out: Path) -> Path:
    """Write a release, its manifest and its signed acts as one zip, and return its path."""
    found = read_release(workspace, release_id)
    if found.state == "void":
        raise InputError("release_void", file=release_id)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        paths = [found.folder / MANIFEST, *(found.folder / FILES / name for name, _, _ in found.manifest.files)]
        paths += sorted((found.folder / ACTS).iterdir())
        for path in paths:
            name = f"{found.id}/{path.relative_to(found.folder)}"
            bundle.writestr(zipfile.ZipInfo(name, EPOCH), path.read_bytes(), zipfile.ZIP_DEFLATED)
    atomic.write_bytes(out, buffer.getvalue())
    return out


def state_on_bundle(
    bundle: Path,
    signer: Signer,
    *,
    release_id: str,
    says: Statement,
    reason: str,
    dictionary_seen: bool,
    out: Path | None = None,
    now: datetime | None = None,
) -> Path:
    """Sign a DPO's statement on a bundle, and return the file to send back. Every file is checked first."""
    manifest, acts = unpack(bundle)
    if manifest.release != release_id:
        raise InputError("release_unknown", file=bundle)
    if signer.account.role != "dpo":
        raise InputError("release_role_dpo", file=bundle)
    check_reason(reason, needed=says != "none")
    if manifest.kind == "package" and not dictionary_seen:
        raise InputError("release_dictionary", file=bundle)
    act = signatures.sign(
        signer,
        act="statement",
        study=manifest.study,
        release=manifest.release,
        manifest_sha256=manifest.sha256,
        previous=acts[-1].sha256,
        at=ledger.timestamp(now or datetime.now(UTC)),
        reason=reason.strip(),
        statement=says,
        dictionary_seen=int(dictionary_seen),
    )
    path = out or bundle.with_name(f"{manifest.release}.udtalelse.json")
    atomic.write_bytes(path, act.document)
    return path


def unpack(bundle: Path) -> tuple[release_files.Manifest, tuple[Signed, ...]]:
    """Return a bundle's manifest and signed acts, when every file in it has the manifest's hash. Writes nothing.

    Raises: InputError `release_bundle`.
    """
    wrong = InputError("release_bundle", file=bundle)
    try:
        with zipfile.ZipFile(bundle) as opened:
            if sum(one.file_size for one in opened.infolist()) > LARGEST:
                raise wrong
            content = {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}
        manifest = release_files.parse_manifest(content.pop(MANIFEST))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        raise wrong from None
    acts = []
    for name in sorted(name for name in content if name.startswith(f"{ACTS}/")):
        act = signatures.parse(content.pop(name))
        if act is None or act.manifest_sha256 != manifest.sha256:
            raise wrong
        acts.append(act)
    told = {f"{FILES}/{name}": digest for name, digest, _ in manifest.files}
    if not acts or {name: sha256(data).hexdigest() for name, data in content.items()} != told:
        raise wrong
    return manifest, tuple(acts)


def read_statement(path: Path) -> Signed:
    """Return the signed statement in a file. Raises: InputError."""
    try:
        act = signatures.parse(path.read_bytes()[: signatures.LARGEST + 1])
    except OSError:
        act = None
    if act is None:
        raise InputError("release_foreign_statement", file=path)
    return act
