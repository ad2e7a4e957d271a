"""What a stranger needs to recompute the controls: both chains, signed heads, what was released. No data, no key."""

from __future__ import annotations

import io
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from pipelines import atomic, audit
from pipelines.audit_text import files_below
from pipelines.errors import InputError
from reports.values import Control

__all__ = ["pack", "verify_bundle"]

FOLDERS = ("ledger", "releases", "outbox", "draft", "exchange")
MICRODATA = {".parquet", ".vault", ".arrow", ".xlsx"}
MOST_BYTES, MOST_FILES = 500_000_000, 20_000


def pack(workspace: Path, out: Path) -> int:
    """Write the bundle, whole or not at all; return how many files are in it. Packages' rows are left at home.

    The log's names are in it until they are deleted on time: it is for the DPO and whoever checks on their behalf.
    """
    files = [workspace / "study.toml", *files_below(*(workspace / name for name in FOLDERS))]
    files = [path for path in files if path.is_file() and not _microdata(path) and path.name != ".lock"]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in files:
            bundle.writestr(path.relative_to(workspace).as_posix(), path.read_bytes())
    atomic.write_bytes(out, made.getvalue())
    return len(files)


def verify_bundle(bundle: Path, *, head: Path | None = None) -> tuple[Control, ...]:
    """Return the nine controls of a bundle, unpacked for the moment in a folder that only its reader may open.

    Raises: InputError `bundle_unreadable` for a file that is no such bundle, or that would unpack elsewhere.
    """
    with tempfile.TemporaryDirectory(prefix="undring-") as place:
        _unpack(bundle, Path(place))
        return audit.verify(Path(place), head=head)


def _unpack(bundle: Path, place: Path) -> None:
    try:
        with zipfile.ZipFile(bundle) as packed:
            entries = packed.infolist()
            if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > MOST_BYTES:
                raise InputError("bundle_unreadable", file=bundle)
            for one in entries:
                name = PurePosixPath(one.filename)
                allowed = one.filename == "study.toml" or name.parts[:1] in {(folder,) for folder in FOLDERS}
                link = stat.S_ISLNK(one.external_attr >> 16)
                if not allowed or link or ".." in name.parts or name.is_absolute() or "\\" in one.filename:
                    raise InputError("bundle_unreadable", file=bundle)
                if one.is_dir():
                    continue
                target = place.joinpath(*name.parts)
                atomic.make_private(target.parent)
                atomic.write_bytes(target, packed.read(one))
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError):
        raise InputError("bundle_unreadable", file=bundle) from None


def _microdata(path: Path) -> bool:
    return path.suffix in MICRODATA or path.name == "data.csv" or (path.suffix == ".csv" and "package" in path.parts)
