"""A file's text in a stream of blocks of lines: UTF-8 bytes, with the places where its lines end.

Bytes go by in whole blocks, never letter by letter nor line by line, but for the few lines that somebody asks for.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import InputError
from pipelines.letters import Mended
from pipelines.reading import CHUNK
from pipelines.sources import Source

LINES = CHUNK
BYTES = 2 << 20  # of a block, as the file has them: more of them are slower, since no cache holds them
LONGEST_LINE = 524_288  # letters
ONE_BYTE = ("cp1252", "iso-8859-1", "cp850")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAMPLE = 1 << 20
_NEW, _RETURN = 10, 13


@contextmanager
def opened_text(encoding: str, source: Source) -> Iterator[Text]:
    """Open a file's text by an encoding, without a byte-order mark; \\r\\n and \\r are line ends too.

    Raises: InputError where the bytes are no text of this encoding, with the row; also from within, while it is read.
    """
    with source.open() as raw:
        head = raw.peek(_SAMPLE)[:_SAMPLE]  # type: ignore[attr-defined]
        if not head:
            raise InputError("file_empty", file=source.name)
        _check_head(head, encoding, source.name)
        name = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
        if encoding == "utf-16" and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            name = "utf-16-le"
        watched = _Watched(raw, encoding, source.name)
        yield Text(Mended(watched) if encoding.startswith("utf-8") else watched, name, source.name)
        watched.finish()


def _check_head(head: bytes, encoding: str, file: str) -> None:
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if encoding == "utf-16":
        even = head[: len(head) // 2 * 2]
        if "\x00" in even.decode("utf-16" if marked else "utf-16-le", errors="replace"):
            raise InputError("file_binary", file=file, encoding=encoding)
    elif marked or _CONTROL.search(head):
        raise InputError("encoding_utf16" if marked else "file_binary", file=file, encoding=encoding)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Watched:
    """Bytes that pass by: is what is said to be cp1252 in truth UTF-8? Read on, every æ would be two wrong letters."""

    def __init__(self, raw: IO[bytes], encoding: str, file: str) -> None:
        self.raw, self.encoding, self.file = raw, encoding, file
        self.ascii = True
        self.utf8 = codecs.getincrementaldecoder("utf-8")() if encoding in ONE_BYTE else None

    def read(self, size: int) -> bytes:
        data = self.raw.read(size)
        if self.utf8 is not None:
            self.ascii = self.ascii and data.isascii()
            try:
                if not self.ascii:
                    self.utf8.decode(data)
            except UnicodeDecodeError:
                self.utf8 = None  # it is not: nothing more to look for
        return data

    def finish(self) -> None:
        """Raise InputError when all of it was UTF-8, and not plain ASCII."""
        if self.utf8 is None or self.ascii:
            return
        with suppress(UnicodeDecodeError):  # an å as the last byte of all: it began a letter that did not come
            self.utf8.decode(b"", final=True)
            raise InputError("encoding_is_utf8", file=self.file, encoding=self.encoding)


class Text:
    """A stream's text by an encoding; a byte that the encoding does not have is an InputError with its row."""

    def __init__(self, raw: _Readable, encoding: str, file: str) -> None:
        self.raw, self.encoding, self.file = raw, encoding, file
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.letters = _letters(encoding) if encoding in ONE_BYTE else None
        self.out = np.empty(
            0, dtype=np.uint8
        )  # room to write in: made anew for each block, it costs as much as writing
        self.rows, self.ended, self.held = 1, False, b""

    def read(self, size: int) -> bytes:
        """Return about so many bytes of the text as UTF-8, b"" at the end. A \\r in it stands before a \\n."""
        while not self.ended:
            data = self.raw.read(size)
            self.ended = not data
            text, new_lines, paired = self._quick(data)
            if not text:
                text = self._slow(data)
                new_lines, paired = text.count(b"\n"), b"\r" not in text
            if self.held or not paired or text.endswith(b"\r"):  # half of \r\n waits for its other half
                text = self.held + text
                self.held = b"\r" if text.endswith(b"\r") and not self.ended else b""
                text = _ended_by_new_lines(text[:-1] if self.held else text)
                new_lines = text.count(b"\n")
            self.rows += new_lines
            if text:
                return text
        return b""

    def _slow(self, data: bytes) -> bytes:
        try:
            return self.decoder.decode(data, final=self.ended).encode()
        except UnicodeDecodeError as error:
            row = self.rows + self._line_ends(self.held + error.object[: error.start])
            shown = self.encoding.removesuffix("-sig").removesuffix("-le")
            raise InputError("encoding_wrong", file=self.file, row=row, encoding=shown) from None

    def _line_ends(self, data: bytes) -> int:
        """Return how many lines end in bytes that are not text yet: \\n, \\r\\n and \\r are each one end."""
        if self.letters is None and self.encoding.startswith("utf-16"):
            data = data.replace(b"\x00", b"")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")

    def _quick(self, data: bytes) -> tuple[bytes, int, bool]:
        """Return the text of one-byte letters as UTF-8, its new lines, and whether each \\r in it stands before one.

        Nothing where it is another encoding, or has a byte that it must not have.
        """
        if self.letters is None:
            return b"", 0, True
        from pipelines import splitting  # compiled: not needed by who asks for a name of this module only

        if len(self.out) < 3 * len(data):
            self.out = np.empty(3 * len(data), dtype=np.uint8)
        read = np.frombuffer(data, dtype=np.uint8)
        count, new_lines, paired = splitting.encoded(read, *self.letters, self.out)
        return self.out[: max(count, 0)].tobytes(), new_lines, paired


def _letters(encoding: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the UTF-8 of each byte, and how many bytes that is: 0 for one that is no letter."""
    table, lengths = np.zeros((256, 3), dtype=np.uint8), np.zeros(256, dtype=np.uint8)
    for byte in range(256):
        with suppress(UnicodeDecodeError):
            letters = bytes([byte]).decode(encoding).encode()
            table[byte, : len(letters)], lengths[byte] = list(letters), len(letters)
    return table, lengths


def _ended_by_new_lines(text: bytes) -> bytes:
    """Return a text in which no \\r ends a line alone."""
    letters = np.frombuffer(text, dtype=np.uint8)
    returns = np.flatnonzero(letters == _RETURN)
    if len(returns) and (returns[-1] + 1 == len(text) or (letters[returns + 1] != _NEW).any()):
        return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text


class Lines:
    """Lines in blocks; read one by one from any place of the block on, as csv does."""

    def __init__(self, stream: Text, file: str) -> None:
        self.stream, self.file = stream, file
        self.data = b""  # the block, each line with its end: \n or \r\n
        self.ends: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # where in it the \n of each line stands
        self.at = 0
        self._ends: list[int] = []  # the same, once one of the lines is asked for
        self.read_rows = 0
        self._fetched, self._all = b"", self.ends  # what waits, from its line `_next` on
        self._next = 0
        self._rest = b""

    def refill(self) -> bool:
        """Take the next block. Returns whether there was one."""
        self._fetch()
        first, last = self._next, min(self._next + LINES, len(self._all))
        begin, end = self._place(first), self._place(last)
        whole = end - begin == len(self._fetched)
        self.data = self._fetched if whole else self._fetched[begin:end]
        self.ends = self._all[first:last] - begin
        self._next = last
        self.at = 0
        self._ends = []
        return last > first

    def texts(self) -> list[str]:
        """Return all of the block's lines, without their ends."""
        return self.data.decode().replace("\r\n", "\n").split("\n")[:-1]

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        at = self.at
        if at < len(self.ends):
            ends = self._ends = self._ends or self.ends.tolist()
            line = _line(self.data, ends[at - 1] + 1 if at else 0, ends[at])
        else:
            self._fetch()
            if self._next >= len(self._all):
                raise StopIteration
            line = _line(self._fetched, self._place(self._next), int(self._all[self._next]))
            self._next += 1
        self.at = at + 1
        return line + "\n"

    def _place(self, line: int) -> int:
        return int(self._all[line - 1]) + 1 if line else 0

    def _fetch(self) -> None:
        """Where none waits, read on to the end of a line."""
        while self._next >= len(self._all):
            text = self.stream.read(BYTES)
            cut = text.rfind(b"\n") + 1
            if text:
                self._fetched = b"".join((self._rest, memoryview(text)[:cut])) if cut else b""
                self._rest = text[cut:] if cut else self._rest + text
            else:
                self._fetched, self._rest = self._rest + b"\n" if self._rest else b"", b""
            self._next = 0
            self._all = np.flatnonzero(np.frombuffer(self._fetched, dtype=np.uint8) == _NEW)
            self._check_lengths()
            if not text:
                return
            self.read_rows += len(self._all)

    def _check_lengths(self) -> None:  # in bytes first, which are no fewer
        for place in np.flatnonzero(np.diff(self._all, prepend=-1) > LONGEST_LINE).tolist():
            if len(_line(self._fetched, self._place(place), int(self._all[place]))) > LONGEST_LINE:
                raise InputError("field_endless", file=self.file, row=self.read_rows + place + 1)
        if len(self._rest) > LONGEST_LINE and len(self._rest.decode()) > LONGEST_LINE:
            raise InputError("field_endless", file=self.file, row=self.read_rows + len(self._all) + 1)


def _line(data: bytes, begin: int, end: int) -> str:
    return data[begin:end].removesuffix(b"\r").decode()
