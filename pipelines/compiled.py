"""Compile the way in's inner loops before anybody waits for them: `python -m pipelines.compiled`, in `make setup`."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines import splitting
from pipelines.coding import Column

TEXT = "8æ;a text of more than eight bytes\n".encode("cp1252") * 2


def compile_kernels() -> None:
    """Go through every kernel with the kinds of arrays that real files have; what comes out is of no interest."""
    table, lengths = np.ones((256, 3), dtype=np.uint8), np.full(256, 2, dtype=np.uint8)
    read = np.frombuffer(TEXT, dtype=np.uint8)
    splitting.encoded(read, table, lengths, np.empty(3 * len(read), dtype=np.uint8))
    data = np.concatenate((read, np.zeros(splitting.PAD, dtype=np.uint8)))
    ends = np.flatnonzero(read == ord("\n"))
    kinds, cells = np.empty(len(ends), dtype=np.int32), np.empty((len(ends), 2, 2), dtype=np.uint32)
    splitting.find_cells(data, ends, ord(";"), ord('"'), 2, 100, kinds, cells)
    rows, texts = np.arange(len(ends)), Column()
    texts.add(data, cells, 1, rows, len(read))
    texts.numbered = False
    texts.add(data, cells, 1, rows, len(read))
    hashes = pl.Series(["a", "b"]).hash().to_numpy()
    splitting.mix_in(hashes, np.zeros(2, dtype=np.uint64), np.zeros(2, dtype=np.uint64))
    splitting.fill_table(texts.table, texts.hashes, texts.bounds, 0)


if __name__ == "__main__":
    compile_kernels()
