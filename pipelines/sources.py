"""Where a register's rows come from: files of the inbox, plain or packed, read once and in a stream.

The bytes that are hashed are the bytes that are read: a file that changes meanwhile is refused.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.shown import names_somebody, shown_name

GROWTH = 200  # a packed file may hold so many times its own size: registers pack 10 to 30 times
SMALL = 64 << 20
PACKED = {".gz": 8, ".zip": 8, "parquet": 6, "duckdb": 8, "xlsx": 8, "xlsb": 8, "ods": 12}  # text for each byte, about
LARGEST = 4 << 30  # of what is held in memory whole: a workbook
_BLOCK = 1 << 20


@dataclass(slots=True, kw_only=True)
class Source:
    """One file of a register. What it was is known when it has been read to its end."""

    name: str  # fit to be shown
    path: Path
    size: int  # on disk
    _stamp: tuple[int, int] = field(default=(0, 0), repr=False)
    _digest: str = field(default="", repr=False)

    @property
    def sha256(self) -> str:
        """The hash of the bytes that were read. Raises: ValueError before they were."""
        if not self._digest:
            raise ValueError("the file is not read yet")
        return self._digest

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open the file's bytes, unpacked. Raises: InputError; at the end also when the file changed meanwhile."""
        with _opened(self) as file:
            hashed = _Hashed(file, self)
            packed = self.path.suffix.lower()
            try:
                if packed == ".zip":
                    with _zip_member(file, self) as stream:
                        yield stream
                    file.seek(0)
                    hashed = _Hashed(file, self)
                elif packed == ".gz":
                    with gzip.open(io.BufferedReader(hashed, _BLOCK)) as stream:
                        yield io.BufferedReader(_Bounded(cast(IO[bytes], stream), self), _BLOCK)
                else:
                    yield io.BufferedReader(hashed, _BLOCK)
            except (gzip.BadGzipFile, EOFError, zlib.error):
                raise InputError("gzip_damaged", file=self.name) from None
            except OSError:
                raise InputError("file_unreadable", file=self.name) from None
            self._close(file, hashed)

    def whole(self) -> bytes:
        """Return the whole file: for what cannot be read in a stream. Raises: InputError, also when it is too large."""
        with _opened(self) as file:
            if self.size > LARGEST:
                raise InputError("file_too_large", file=self.name)
            data = file.read()
            self._digest = hashlib.sha256(data).hexdigest()
            if len(data) != self.size or _stamp(file) != self._stamp:
                raise InputError("file_changed", file=self.name)
        return data

    @contextmanager
    def held(self) -> Iterator[Path]:
        """Give the path to a reader that goes back and forth in the file; hashed first, looked at again afterwards."""
        with _opened(self) as file:
            hashed = _Hashed(file, self)
            while hashed.read(_BLOCK):
                pass
            yield self.path
            self._close(file, hashed)

    def hashed(self) -> str:
        """Return the file's hash, read for this alone."""
        with self.held():
            pass
        return self._digest

    def _close(self, file: IO[bytes], hashed: _Hashed) -> None:
        while hashed.read(_BLOCK):  # whatever a reader left
            pass
        if _stamp(file) != self._stamp or hashed.count != self.size:
            raise InputError("file_changed", file=self.name)
        self._digest = hashed.digest.hexdigest()


def find_files(contract: Contract, inbox: Path) -> list[Path]:
    """Return the register's files, sorted by name.

    Raises: InputError when there is none, a name holds a person's number, or a link leads out of the inbox.
    """
    if not inbox.is_dir():
        raise InputError("inbox_missing", file=shown_name(inbox.name))
    pattern = contract.server.database if contract.format == "duckdb" and contract.server else contract.files
    files = [path for path in inbox.glob(pattern) if not path.is_dir()]
    files = sorted(path for path in files if not path.name.startswith((".", "~$")))
    if not files:
        raise InputError("file_missing", file=shown_name(pattern), register=contract.register)
    for path in files:
        check_place(path, inbox)
    return files


def text_bytes(contract: Contract, inbox: Path) -> int:
    """Return about how many bytes of text a register's files hold. Raises: InputError, as `find_files`."""
    size = sum(path.stat().st_size * PACKED.get(path.suffix.lower(), 1) for path in find_files(contract, inbox))
    return size * PACKED.get(contract.format, 1)


def check_place(path: Path, inbox: Path) -> None:
    """Raise InputError for a file whose name names somebody, a link out of the inbox, or what is no file."""
    if names_somebody(path.name):
        raise InputError("file_name_person", file=shown_name(path.name))
    if not path.resolve().is_relative_to(inbox.resolve()):
        raise InputError("file_outside", file=shown_name(path.name))
    if not path.is_file():
        raise InputError("file_unreadable", file=shown_name(path.name))


def source_of(path: Path) -> Source:
    """Return a file as a source. Raises: InputError for an empty one, or one that cannot be opened."""
    name = shown_name(path.name)
    try:
        size = path.stat().st_size
    except OSError:
        raise InputError("file_unreadable", file=name) from None
    if not size:
        raise InputError("file_empty", file=name)
    return Source(name=name, path=path, size=size)


class _Hashed(io.RawIOBase):
    """A file whose bytes are counted and hashed as they are read."""

    def __init__(self, file: IO[bytes], source: Source) -> None:
        self.file, self.source, self.digest, self.count = file, source, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self.file.readinto(buffer)  # type: ignore[attr-defined]
        self.digest.update(memoryview(buffer)[:count])
        self.count += count
        if self.count > self.source.size:  # somebody writes as fast as we read: there would be no end
            raise InputError("file_changed", file=self.source.name)
        return int(count)


class _Bounded(io.RawIOBase):
    """Unpacked bytes, until there are too many of them. Raises: InputError `archive_too_large`."""

    def __init__(self, stream: IO[bytes], source: Source) -> None:
        self.stream, self.source = stream, source
        self.left = max(GROWTH * source.size, SMALL)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self.stream.read(len(buffer))
        self.left -= len(data)
        if self.left < 0:
            raise InputError("archive_too_large", file=self.source.name)
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    try:
        file = open(source.path, "rb", buffering=0)  # noqa: SIM115 - its own OSError, apart from those within
    except OSError:
        raise InputError("file_unreadable", file=source.name) from None
    with file:
        source._stamp = _stamp(file)
        source.size = source._stamp[0]
        yield file


def _stamp(file: IO[bytes]) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


@contextmanager
def _zip_member(file: IO[bytes], source: Source) -> Iterator[IO[bytes]]:
    """Open the one file of a zip archive; nothing is unpacked to disk, so no path in it leads anywhere."""
    try:
        archive = zipfile.ZipFile(file)
        inner = [
            entry
            for entry in archive.infolist()
            if not entry.is_dir() and not Path(entry.filename).name.startswith(".") and "__MACOSX" not in entry.filename
        ]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise InputError("zip_damaged", file=source.name) from None
    if len(inner) != 1:
        raise InputError("zip_members", file=source.name, files=len(inner))
    if names_somebody(inner[0].filename):
        raise InputError("file_name_person", file=source.name)
    if inner[0].flag_bits & 0x1:
        raise InputError("zip_password", file=source.name)
    if inner[0].file_size > max(GROWTH * source.size, SMALL):
        raise InputError("archive_too_large", file=source.name)
    try:
        stream = archive.open(inner[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise InputError("zip_damaged", file=source.name) from None
    try:
        yield io.BufferedReader(_Bounded(stream, source), _BLOCK)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise InputError("zip_damaged", file=source.name) from None
    finally:
        with suppress(OSError):
            stream.close()
