"""A study's cohort in words and as SQL, before any data is read: what each variable looks at, and from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl

from pipelines import cohort_sql
from pipelines.contracts import read_contracts
from pipelines.errors import InputError, InputErrors
from pipelines.gate import Gate
from pipelines.meaning import carried
from pipelines.registers_told import people_told
from pipelines.study import Outcome, Study, Variable, read_study
from pipelines.study_check import check_columns, vault_schema
from pipelines.words import both
from reports import catalogue
from reports.catalogue import Language

__all__ = ["HALVED", "note_lines", "told_query", "told_windows"]

HALVED = "halved"


def told_query(workspace: Path) -> str:
    """Return the DuckDB query of a workspace's cohort. Raises: InputErrors for what does not fit together."""
    study, schema = _read(workspace)
    return cohort_sql.compile(study, schema)


def told_windows(workspace: Path, language: Language) -> list[str]:
    """Return a line a variable: its name, register, rule, and the days it looks at, first and last."""
    study, _ = _read(workspace)
    lines = []
    for variable in study.variables:
        if variable in study.again:
            continue
        kind = (
            "outcome" if isinstance(variable, Outcome) else "adjust" if variable in study.adjust else "characteristic"
        )
        facts: dict[str, str | int] = {
            "name": variable.name,
            "register": variable.register,
            "rule": variable.rule,
            "kind": catalogue.text(language, f"cohort.{kind}"),
        }
        facts["when"] = _when(study, variable, language)
        lines.append(catalogue.text(language, "cohort.line", facts))
    return lines


def note_lines(notes: Sequence[tuple[str, int]], language: Language, gate: Gate) -> list[str]:
    """Return what a run says of the people whom the study's stated rules are about; [] where there is nobody.

    In the very counts that the report has: what a run says may be kept in a log.
    """
    told = []
    for reason, people in notes:
        if reason != HALVED and people:
            printed = people_told(gate, f"flow|{reason}", people)
            line = both("run_notes.line", reason=both(f"flow.{reason}"), people=printed)
            told.append(f"  {line.said(language)}")
    head = [catalogue.text(language, "run_notes.head")] if told else []
    halved = dict(notes).get(HALVED)
    return [*head, *told, *([catalogue.text(language, "run_notes.halved", times=halved)] if halved else [])]


def _when(study: Study, variable: Variable, language: Language) -> str:
    if variable.window is None:
        return catalogue.text(language, "cohort.undated")
    start, end = variable.window
    if study.reference_date is None:
        return catalogue.text(language, "cohort.days", {"first": start, "last": end - 1})
    try:
        first = (study.reference_date + timedelta(days=start)).isoformat()
    except OverflowError:
        first = "-"
    last = (study.reference_date + timedelta(days=end - 1)).isoformat()
    return catalogue.text(language, "cohort.dates", {"first": first, "last": last})


def _read(workspace: Path) -> tuple[Study, dict[str, pl.Schema]]:
    contracts = read_contracts(workspace)
    study = carried(read_study(workspace), contracts)
    missing = [
        InputError("register_without_contract", file="study.toml", register=name)
        for name in study.registers
        if name not in contracts
    ]
    schema = {register: vault_schema(contract) for register, contract in contracts.items()}
    errors = missing or check_columns(study, schema)
    if errors:
        raise InputErrors(errors)
    return study, schema
