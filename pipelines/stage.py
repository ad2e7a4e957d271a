"""A register's typed rows on their way to the vault, larger than memory: in buckets, sealed on disk, read one by one.

Rows that may be alike, and all rows of one person, lie in one bucket: what holds in each bucket (no two rows alike,
each person's pseudonym made once) holds in the register. Without a folder the rows stay in memory, in one bucket.
"""

from __future__ import annotations

import hmac
import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from pipelines import atomic, state, vault
from pipelines.alongside import Behind
from pipelines.stage_words import Words

ROOM = 40 << 20  # bytes of text that a bucket may come from: about 250,000 rows of 20 columns
MOST = 512
HELD = 200_000  # rows that wait in memory before they are written; fewer where they have more columns than
WIDE = 20
Keep = Literal["first", "last"]
HASHES = ("__a", "__b")


class Stage:
    """Rows that arrive in any order, and are given back bucket by bucket, one of the rows that are alike only.

    `by` are the columns that decide the bucket; `unique` those in which two rows may not be alike. The columns of
    `words` may come as numbers of these, and are given back as texts.
    """

    def __init__(
        self,
        *,
        by: Sequence[str],
        unique: Sequence[str],
        keep: Keep = "first",
        text_bytes: int = 0,
        words: Mapping[str, Words] | None = None,
    ) -> None:
        self.by, self.unique, self.keep = list(by), list(unique), keep
        self.words = dict(words or {})
        self.rows = 0
        self.kept = 0  # of the rows, without those that are alike: known when all of them are here
        self.buckets = 1
        self._folder: Path | None = None
        self._key, self._register = b"", ""
        self._wanted = min(MOST, 1 << max(0, -(-text_bytes // ROOM) - 1).bit_length())
        self._waiting: list[pl.DataFrame] = []
        self._segments: list[tuple[int, list[tuple[int, int]]]] = []  # file, and each bucket's place in it
        self._schema: dict[str, pl.DataType] = {}
        self._behind = Behind()

    def seal(self, folder: Path, register: str, key: bytes) -> Stage:
        """Keep the rows on disk, under a key: no plain byte of them touches it."""
        shutil.rmtree(folder, ignore_errors=True)
        atomic.make_private(folder)
        self._folder, self._register, self._key, self.buckets = folder, register, key, self._wanted
        return self

    def add(self, frame: pl.DataFrame) -> None:
        """Take some rows."""
        if not self._schema:
            self._schema = {**frame.schema, **dict.fromkeys(self.words, pl.String())}
        if not frame.height:
            return
        self.rows += frame.height
        for name, words in self.words.items():
            words.always = words.always and frame.schema[name] != pl.String
        self._waiting.append(frame)
        held = sum(part.height * max(part.width, WIDE) for part in self._waiting)
        if self._folder is not None and held >= HELD * WIDE:
            self._write()

    def done(self) -> None:
        """Write what still waits, and where everything is; count the rows that are kept."""
        self._write()
        self._behind.wait()
        self._behind.end()
        self.kept = sum(frame.height for frame in self.frames(self.unique)) if self.unique else self.rows
        if self._folder is None:
            return
        index = {
            "format": state.FORMAT, "by": self.by, "unique": self.unique, "keep": self.keep, "rows": self.rows,
            "kept": self.kept, "buckets": self.buckets, "words": list(self.words),
            "always": [name for name, words in self.words.items() if words.always],
        }  # fmt: skip
        manifest = pl.DataFrame(
            {
                "file": [file for file, _ in self._segments for _ in range(self.buckets)],
                "bucket": [bucket for _ in self._segments for bucket in range(self.buckets)],
                "start": [start for _, places in self._segments for start, _ in places],
                "length": [length for _, places in self._segments for _, length in places],
            },
            schema=dict.fromkeys(("file", "bucket", "start", "length"), pl.Int64),
        )
        atomic.write_bytes(self._folder / "index", _packed(manifest, self._key, f"{self._register}/index"))
        empty = pl.DataFrame(schema=self._schema)
        atomic.write_bytes(self._folder / "empty", _packed(empty, self._key, f"{self._register}/empty"))
        named = [(name, text) for name, words in self.words.items() for text in words.texts]
        texts = pl.DataFrame(named, schema={"column": pl.String, "text": pl.String}, orient="row")
        atomic.write_bytes(self._folder / "words", _packed(texts, self._key, f"{self._register}/words"))
        about = pl.DataFrame({name: [value] for name, value in index.items()}, strict=False)
        atomic.write_bytes(self._folder / "about", _packed(about, self._key, f"{self._register}/about"))

    @classmethod
    def of(cls, folder: Path, register: str, key: bytes) -> Stage:
        """Open a register's stage as an earlier step left it.

        Raises: InputError `vault_missing`, `vault_damaged`; `state.OtherVersion` where another version left it.
        """
        try:
            about = _unpacked(folder / "about", key, f"{register}/about").row(0, named=True)
        except pl.exceptions.PolarsError:  # the first format was no Parquet
            raise state.OtherVersion(register) from None
        if about.get("format") != state.FORMAT:
            raise state.OtherVersion(register)
        stage = cls(by=about["by"] or [], unique=about["unique"] or [], keep=about["keep"])
        stage._folder, stage._register, stage._key = folder, register, key
        stage.rows, stage.kept, stage.buckets = about["rows"], about["kept"], about["buckets"]
        index = _unpacked(folder / "index", key, f"{register}/index")
        for (file,), places in index.group_by("file", maintain_order=True):
            stage._segments.append((int(str(file)), list(places.sort("bucket").select("start", "length").iter_rows())))
        texts = _unpacked(folder / "words", key, f"{register}/words")
        for name in about["words"] or []:
            stage.words[name] = Words(texts.filter(pl.col("column") == name)["text"].to_list())
            stage.words[name].always = name in (about["always"] or [])
        stage._schema = dict(_unpacked(folder / "empty", key, f"{register}/empty").schema)
        return stage

    def frames(self, columns: Sequence[str] | None = None, *, ordered: bool = False) -> Iterator[pl.DataFrame]:
        """Return the kept rows bucket by bucket, at least one frame, without the hashes.

        `ordered`: columns whose rows all came as numbers are an Enum, sorted as its texts.
        """
        names = list(columns) if columns is not None else [name for name in self._schema if name not in HASHES]
        alike = self.unique if self.kept < self.rows else []  # none are: nothing to look for a second time
        wanted = list(dict.fromkeys([*names, *alike]))
        for bucket in range(self.buckets):
            parts = [self._texts(part, ordered=ordered) for part in self._bucket(bucket, wanted)]
            empty = pl.DataFrame(schema=self._schema).select(wanted)
            frame = pl.concat(parts, rechunk=True) if parts else empty
            del parts  # not in memory twice while the frame is used
            if alike and self._some_alike(frame.select(alike)):
                frame = frame.unique(subset=alike, keep=self.keep, maintain_order=True)
            yield frame.select(names)

    def remove(self) -> None:
        """Forget everything, also on disk."""
        self._behind.end()
        self._waiting, self._segments = [], []
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _some_alike(self, keys: pl.DataFrame) -> bool:
        if self.unique == list(HASHES) and keys.to_series(0).n_unique() == keys.height:
            return False  # nor are two with the second hash
        return keys.n_unique() < keys.height

    def _texts(self, part: pl.DataFrame, *, ordered: bool) -> pl.DataFrame:
        made = [
            words.ordered(part[name]) if ordered and words.always else words.decoded(part[name])
            for name, words in self.words.items()
            if name in part.columns
        ]
        return part.with_columns(made) if made else part

    def _bucket(self, bucket: int, columns: list[str]) -> Iterator[pl.DataFrame]:
        if self._folder is None:
            yield from (part.select(columns) for part in self._waiting)
            return
        for file, places in self._segments:
            start, length = places[bucket]
            if length:
                with open(self._folder / f"{file:06d}", "rb") as stream:
                    stream.seek(start)
                    sealed = stream.read(length)
                plain = vault.unseal(sealed, self._key, name=f"{self._register}/{file}/{bucket}", path=self._folder)
                yield pl.read_ipc(io.BytesIO(plain), columns=columns)

    def _write(self) -> None:
        if not self._waiting or self._folder is None:
            return
        waiting, self._waiting = self._waiting, []
        for name, words in self.words.items():
            if len({part.schema[name] for part in waiting}) > 1:
                waiting = [part.with_columns(words.decoded(part[name])) for part in waiting]
        self._behind.do(partial(self._seal_segment, self._folder, waiting))

    def _seal_segment(self, folder: Path, waiting: list[pl.DataFrame]) -> None:
        frame = pl.concat(waiting, rechunk=True)
        waiting.clear()
        file = len(self._segments)
        bounds = np.array([0, frame.height])
        if self.buckets > 1:
            # A seed from the key: where a person lies tells nothing to those who have the files and not the key.
            seed = int.from_bytes(hmac.digest(self._key, b"undring/stage", "sha256")[:8])
            bucket_of = (frame.select(self.by).hash_rows(seed) % self.buckets).to_numpy()
            frame = frame[np.argsort(bucket_of, kind="stable")]
            bounds = np.append(0, np.cumsum(np.bincount(bucket_of.astype(np.int64), minlength=self.buckets)))
        places: list[tuple[int, int]] = []
        blocks: list[bytes] = []
        at = 0
        for bucket, (begin, end) in enumerate(pairwise(bounds.tolist())):
            part = frame.slice(begin, end - begin)
            sealed = _sealed_rows(part, self._key, f"{self._register}/{file}/{bucket}") if part.height else b""
            places.append((at, len(sealed)))
            blocks.append(sealed)
            at += len(sealed)
        atomic.write_bytes(folder / f"{file:06d}", b"".join(blocks))
        self._segments.append((file, places))


def _sealed_rows(frame: pl.DataFrame, key: bytes, name: str) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")  # read once or twice, and gone: less work counts for more than room
    return vault.sealed(buffer.getvalue(), key, name=name)


def _packed(frame: pl.DataFrame, key: bytes, name: str) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="lz4", statistics=False)
    return vault.sealed(buffer.getvalue(), key, name=name)


def _unpacked(path: Path, key: bytes, name: str) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(vault.opened(path, key, name=name)))
