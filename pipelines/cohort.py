"""The cohort: one row a person, characteristics before the index date, outcomes after it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines import cohort_sql
from pipelines.cohort_columns import registers_by_link
from pipelines.errors import InputError, InputErrors
from pipelines.study import Study
from pipelines.study_check import check_columns

STUDY_FILE = Path("study.toml")
SETTINGS = {
    "temp_directory": "",  # nothing may spill: DuckDB cannot encrypt what it writes
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "2",
}
MEMORY = "1GiB"  # DuckDB's own, beside the shard; too little halves a shard, it does not stop the run
SMALLEST_PART = 100  # people; a part of fewer that does not fit is no matter of size
REASONS = (  # in the order in which people leave the study
    "never_resident", "not_in_where", "unknown_in_where", "age_unknown", "too_young", "too_old", "left_before",
    "left_unknown", "arrived_late", "arrived_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cohort:
    """One row a person, how they were chosen, and the query that made it."""

    frame: pl.DataFrame  # person, cluster, then the study's columns; sorted by person; some outcome is known
    flow: tuple[tuple[str, int], ...]  # catalogue key below `flow.` and people: all, those left out, kept
    sql: str
    notes: tuple[tuple[str, int], ...] = ()  # of those kept, people whom a stated rule is about; `flow.` too
    halvings: int = 0  # how often a shard did not fit in memory and was halved


Read = Callable[[str, int | None], pl.DataFrame]  # a register's shard, or with None all of it


def build_cohort(study: Study, read: Callable[[str], pl.DataFrame], *, memory: str = MEMORY) -> Cohort:
    """Return the study's cohort from pseudonymised registers.

    `read` gives a register by name: `person` in text, dates as whole days from the index date, which is day 0.
    Raises: InputErrors for registers, columns and types that the study names and the data lack; InputError when a
    person stands twice in the population, when nobody is left, and (never quoting a value) when the query fails.
    """
    return build_sharded_cohort(study, lambda register, _: read(register), shards=1, memory=memory)


def build_sharded_cohort(
    study: Study, read: Read, *, shards: int, memory: str = MEMORY, tell: Callable[[float], None] | None = None
) -> Cohort:
    """Return the same cohort, made from one shard of people after the other: no more than one lies in memory.

    A person's rows lie in the shard of the same number in every register; a register that people reach by a link is
    read whole, once. Raises: as `build_cohort`.
    """
    linked = registers_by_link(study)
    whole = {register: read(register, None) for register in study.registers if register in linked}
    counted: list[pl.DataFrame] = []
    noted: list[pl.DataFrame] = []
    parts: list[pl.DataFrame] = []
    queries: list[str] = []
    halvings = 0
    for number in range(shards):
        frames = {name: whole[name] if name in whole else read(name, number) for name in study.registers}
        if not number:
            schema = {register: frame.schema for register, frame in frames.items()}
            errors = check_columns(study, schema)
            if errors:
                raise InputErrors(errors)
            queries = [
                cohort_sql.compile_flow(study),
                cohort_sql.compile_notes(study),
                cohort_sql.compile(study, schema),
            ]
        made, halved = _halved(frames, queries, linked, memory=memory)
        halvings += halved
        for flow, notes, frame in made:
            counted.append(flow)
            noted.append(notes)
            parts.append(frame)
        if tell is not None:
            tell((number + 1) / shards)
    frame = pl.concat(parts).sort("person")
    known = frame.filter(pl.any_horizontal(pl.col(outcome.name).is_not_null() for outcome in study.outcomes))
    flow_of_all = _flow(pl.concat(counted), unknown=frame.height - known.height)
    if not known.height:
        raise InputError("study_nobody", file=STUDY_FILE)
    notes_of_all = pl.concat(noted).group_by("reason").agg(pl.col("people").sum()).sort("reason")
    kept = tuple((str(reason), int(people)) for reason, people in notes_of_all.iter_rows() if people)
    return Cohort(frame=known, flow=flow_of_all, sql=queries[-1], notes=kept, halvings=halvings)


def _flow(counted: pl.DataFrame, *, unknown: int) -> tuple[tuple[str, int], ...]:
    table = counted.group_by("reason").agg(pl.col("people").sum(), pl.col("twice").max())
    people: dict[str, int] = dict(table.select("reason", "people").iter_rows())
    twice = int(table["twice"].max() or 0)  # type: ignore[arg-type]
    if twice:
        raise InputError("study_population_rows", file=STUDY_FILE, people=twice)
    left_out = [(reason, people[reason]) for reason in REASONS if people.get(reason)]
    if unknown:
        left_out.append(("outcome_unknown", unknown))
    return (("all", sum(people.values())), *left_out, ("kept", people.get("kept", 0) - unknown))


class _TooLarge(Exception):  # noqa: N818 - never leaves this module
    """A shard that did not fit in memory."""


def _halved(
    frames: dict[str, pl.DataFrame], queries: list[str], linked: AbstractSet[str], *, memory: str
) -> tuple[list[list[pl.DataFrame]], int]:
    """Return the queries' results for a shard, or for its halves where it does not fit; and how often it was halved."""
    try:
        return [_run(frames, queries, memory=memory)], 0
    except _TooLarge:
        made, halvings = [], 1
    people = max(frame["person"].n_unique() for frame in frames.values() if "person" in frame.columns)
    if people < SMALLEST_PART:
        raise InputError("study_cohort_engine", file=STUDY_FILE, kind="OutOfMemoryException")
    for half in (0, 1):
        part = {
            name: frame
            if name in linked or "person" not in frame.columns
            else frame.filter((pl.col("person").hash(seed=people) % 2 == half) & pl.col("person").is_not_null())
            for name, frame in frames.items()
        }
        results, more = _halved(part, queries, linked, memory=memory)
        made += results
        halvings += more
    return made, halvings


def _run(frames: dict[str, pl.DataFrame], queries: list[str], *, memory: str) -> list[pl.DataFrame]:
    """Return each query's result. DuckDB's own messages quote values, so none gets out: only what kind it was."""
    import duckdb

    kind = ""
    results = []
    try:
        with duckdb.connect(":memory:", config={**SETTINGS, "memory_limit": memory}) as connection:
            for register, frame in frames.items():
                connection.register(register, frame)
            connection.execute("SET enable_external_access = false")
            results = [connection.sql(query).pl() for query in queries]
    except duckdb.Error as error:
        kind = type(error).__name__
    if kind == "OutOfMemoryException":
        raise _TooLarge
    if kind:  # raised out here: no cause and no context carries the message along
        raise InputError("study_cohort_engine", file=STUDY_FILE, kind=kind)
    return results
