"""The cohort: one row a person, characteristics before the index date, outcomes after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines import cohort_sql
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
REASONS = (  # in the order in which people leave the study
    "not_in_where", "unknown_in_where", "age_unknown", "too_young", "too_old", "left_before", "left_unknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cohort:
    """One row a person, how they were chosen, and the query that made it."""

    frame: pl.DataFrame  # person, cluster, then the study's columns; sorted by person; some outcome is known
    flow: tuple[tuple[str, int], ...]  # catalogue key below `flow.` and people: all, those left out, kept
    sql: str


def build_cohort(study: Study, read: Callable[[str], pl.DataFrame], *, memory: str = "1GiB") -> Cohort:
    """Return the study's cohort from pseudonymised registers.

    `read` gives a register by name: `person` in text, dates as whole days from the index date, which is day 0.
    Raises: InputErrors for registers, columns and types that the study names and the data lack; InputError when a
    person stands twice in the population, when nobody is left, and (never quoting a value) when the query fails.
    """
    frames = {register: read(register) for register in study.registers}
    errors = check_columns(study, {register: frame.schema for register, frame in frames.items()})
    if errors:
        raise InputErrors(errors)
    sql = cohort_sql.compile(study, {register: frame.schema for register, frame in frames.items()})
    counted, frame = _run(frames, [cohort_sql.compile_flow(study), sql], memory=memory)
    known = frame.filter(pl.any_horizontal(pl.col(outcome.name).is_not_null() for outcome in study.outcomes))
    flow = _flow(counted, unknown=frame.height - known.height)
    if not known.height:
        raise InputError("study_nobody", file=STUDY_FILE)
    return Cohort(frame=known, flow=flow, sql=sql)


def _flow(counted: pl.DataFrame, *, unknown: int) -> tuple[tuple[str, int], ...]:
    people: dict[str, int] = dict(counted.select("reason", "people").iter_rows())
    twice = int(counted["twice"].to_list()[0]) if counted.height else 0
    if twice:
        raise InputError("study_population_rows", file=STUDY_FILE, people=twice)
    left_out = [(reason, people[reason]) for reason in REASONS if people.get(reason)]
    if unknown:
        left_out.append(("outcome_unknown", unknown))
    return (("all", sum(people.values())), *left_out, ("kept", people.get("kept", 0) - unknown))


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
    if kind:  # raised out here: no cause and no context carries the message along
        raise InputError("study_cohort_engine", file=STUDY_FILE, kind=kind)
    return results
