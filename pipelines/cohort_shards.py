"""The cohort from the vault: shard by shard, only the columns that the study reads, nothing decrypted on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from pipelines import vault
from pipelines.cohort import MEMORY, Cohort, build_sharded_cohort
from pipelines.cohort_columns import columns_read, registers_by_link
from pipelines.study import Study

__all__ = ["reader", "vault_cohort"]


def vault_cohort(
    study: Study,
    folder: Path,
    key: bytes,
    *,
    memory: str = MEMORY,
    tell: Callable[[float], None] | None = None,
) -> Cohort:
    """Return the study's cohort from a vault's registers. Raises: as `cohort.build_cohort`; InputError of the vault."""
    read, shards = reader(study, folder, key)
    return build_sharded_cohort(study, read, shards=shards, memory=memory, tell=tell)


def reader(study: Study, folder: Path, key: bytes) -> tuple[Callable[[str, int | None], pl.DataFrame], int]:
    """Return what reads a register's shard, and how many shards there are.

    Where the registers about people do not lie in equally many shards, each is read whole, as one: an empty register
    lies in one shard whatever the others do, and is everybody's.
    """
    wanted = columns_read(study)
    held = {register: vault.shards(folder, register, key) for register in study.registers}
    linked = registers_by_link(study)
    shards = held[study.population.register][0]
    sharded = {name for name, (count, _) in held.items() if count == shards and name not in linked}
    for name, (count, columns) in held.items():
        if name not in sharded and name not in linked and "person" in columns and count > 1:
            shards, sharded = 1, set()  # cut in another way: no shard of it holds the same people

    def read(register: str, number: int | None) -> pl.DataFrame:
        columns = [name for name in held[register][1] if name in wanted[register]]
        if number is None or register not in sharded:
            return vault.read_register(folder, register, key, columns=columns)
        return vault.read_shard(folder, register, number, key, columns=columns)

    return read, shards
