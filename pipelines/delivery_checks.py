"""What is held against the registers together, before the vault takes them in: deaths, and the last delivery.

A rule that fails is counted like those of one register's own; only a register that those who died or moved have left,
and of which nobody has said so, stops the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from pipelines import state, vault
from pipelines.context import Run
from pipelines.cross_file import Crossed, cross, departures_of, refuse_survivors
from pipelines.delivery_changes import Changes, Compared, changes_between, dated
from pipelines.drift import EMPTY, comparable, drift, last_month, profile
from pipelines.meaning import extraction_days, known_then
from pipelines.study import inbox_folder
from pipelines.validate import Check, Fact, held

__all__ = ["check_delivery"]

PROFILE = "profile.vault"
COMPARED = "compared.json"  # counts, in the run's folder: the vault before is gone when the step is taken again
PREVIOUS = "previous.vault"  # in the run's folder: a step that is taken again is held against the same delivery


def check_delivery(run: Run, folder: Path) -> dict[str, tuple[tuple[Check, ...], Changes]]:
    """Return each register's checks, and how its rows differ from the last delivery's.

    Writes the profile that the next delivery is held against.

    Raises: InputErrors `meaning_dead_missing`.
    """
    key = run.subkey("vault")
    before = _previous(run)
    crossed = _crossed(run, folder)
    refuse_survivors(crossed, run.contracts)
    facts: list[tuple[str, Fact]] = [pair for one in crossed for pair in _of_deaths(one)]
    profiles, pairs = [], {}
    for name, contract in run.contracts.items():
        count, columns = vault.shards(folder, name, key)
        kept = [column for column in columns if column != "person"] or list(columns)
        parts = (vault.read_shard(folder, name, number, key, columns=kept) for number in range(count))
        now = profile(contract, parts, reference=str(run.study.reference_date))
        old = before.filter(pl.col("register") == name).drop("register")
        profiles.append(now.select(pl.lit(name).alias("register"), pl.all()))
        pairs[name] = old, now
        facts += [(name, fact) for fact in drift(old, now, full=contract.delivery != "changes")]
    vault.write_frame(folder / PROFILE, pl.concat(profiles), key)
    changes = _compared(run, folder, pairs)
    checks = held([fact for _, fact in facts])
    found: dict[str, tuple[tuple[Check, ...], Changes]] = {}
    for name in run.contracts:
        mine = tuple(check for check, (register, _) in zip(checks, facts, strict=True) if register == name)
        found[name] = mine, changes.get(name, Changes())
    return found


def _compared(run: Run, folder: Path, profiles: Mapping[str, tuple[pl.DataFrame, pl.DataFrame]]) -> dict[str, Changes]:
    """Return how each register's rows differ from those of the vault that still stands, once for a run."""
    kept, before, key = run.folder / COMPARED, run.vault / "registers", run.subkey("vault")
    if not kept.exists():
        found = []
        for name, (old, now) in profiles.items():
            if comparable(old, now) and name in vault.registers(before):
                contract = run.contracts[name]
                last = last_month(old, dated(contract, vault.shards(folder, name, key)[1]))
                found.append((name, changes_between(before, folder, contract, key, last=last)))
        state.write(kept, Compared(registers=tuple(found)))
    return dict(state.read(kept, Compared).registers)


def _crossed(run: Run, folder: Path) -> tuple[Crossed, ...]:
    key, home = run.subkey("vault"), run.study.population.register
    told = departures_of(run.study, run.contracts[home])
    made = extraction_days({home: run.contracts[home]}, inbox_folder(run.study, run.workspace))[home]
    # In an extract from before the index date nobody has died since.
    if told is None or (told.date is None and known_then(run.study, made)):
        return ()
    return cross(
        run.contracts,
        run.study,
        lambda register, number, columns: vault.read_shard(folder, register, number, key, columns=columns),
        shards={name: vault.shards(folder, name, key)[0] for name in run.contracts},
        told=told,
    )


def _of_deaths(one: Crossed) -> Iterator[tuple[str, Fact]]:
    for column, rows in one.after_death:
        yield one.register, Fact(id="after_death", column=column, number=rows, low=None, high=0, failed_rows=rows)
    if one.departed:
        missing = int(one.survivors_only)
        yield one.register, Fact(id="dead_held", column="", number=missing, low=None, high=0, failed_rows=missing)


def _previous(run: Run) -> pl.DataFrame:
    """The profile of the delivery before this run, kept beside the run."""
    key, kept = run.subkey("vault"), run.folder / PREVIOUS
    if not kept.exists():
        last = run.vault / "registers" / PROFILE
        vault.write_frame(kept, vault.read_frame(last, key) if last.exists() else EMPTY, key)
    return vault.read_frame(kept, key)
