"""Does the study fit its registers: every register, column and value that it names, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from pipelines.errors import InputError
from pipelines.study import Study, Variable
from pipelines.study_toml import Scalar

STUDY_FILE = Path("study.toml")


def check_columns(study: Study, schema: Mapping[str, pl.Schema]) -> list[InputError]:
    """Return everything in the study that the pseudonymised registers cannot answer."""
    errors = [
        InputError("study_register", file=STUDY_FILE, field=register, registers=", ".join(sorted(schema)))
        for register in study.registers
        if register not in schema
    ]
    population = study.population
    if population.register in schema:
        columns = schema[population.register]
        errors += _where("population.where", population.where, columns)
        for name in ("age", "cluster", "first"):
            errors += _column(f"population.{name}", getattr(population, name), columns)
        if population.age in columns:
            errors += _kind("population.age", columns[population.age or ""], "number")
        if population.left is not None:
            errors += _where("population.left.where", population.left.where, columns)
            errors += _days("population.left.date", population.left.date, columns)
        for outcome in study.outcomes:
            if outcome.observed_to is not None:
                errors += _days(f"{outcome.name}.observed_to", outcome.observed_to, columns)
        for variable in study.variables:
            errors += _column(f"{variable.name}.via", variable.via, columns)
    for variable in study.variables:
        if variable.register in schema:
            errors += _variable(variable, schema[variable.register])
    return errors


def _variable(variable: Variable, columns: pl.Schema) -> Iterator[InputError]:
    name = variable.name
    yield from _where(f"{name}.where", variable.where, columns)
    if variable.date is not None:
        yield from _days(f"{name}.date", variable.date, columns)
    yield from _column(f"{name}.via", variable.via, columns)
    yield from _column(f"{name}.column", variable.column, columns)
    dtype = columns.get(variable.column or "")
    if dtype is None:
        return
    if variable.rule == "sum" or (variable.at_least is not None and variable.rule != "count"):
        yield from _kind(f"{name}.column", dtype, "number")
    if variable.groups:
        yield from _kind(f"{name}.groups", dtype, "text")
    yield from _values(f"{name}.is", variable.is_, dtype)


def _where(field: str, where: tuple[tuple[str, tuple[Scalar, ...]], ...], columns: pl.Schema) -> Iterator[InputError]:
    for column, values in where:
        yield from _column(f"{field}.{column}", column, columns)
        if column in columns:
            yield from _values(f"{field}.{column}", values, columns[column])


def _column(field: str, column: str | None, columns: pl.Schema) -> Iterator[InputError]:
    if column is not None and column not in columns:
        yield InputError("study_column", file=STUDY_FILE, field=field, columns=", ".join(columns))


def _days(field: str, column: str, columns: pl.Schema) -> Iterator[InputError]:
    yield from _column(field, column, columns)
    if column in columns and not columns[column].is_integer():
        yield InputError("study_column_type", file=STUDY_FILE, field=field, type=str(columns[column]))


def _values(field: str, values: tuple[Scalar, ...], dtype: pl.DataType) -> Iterator[InputError]:
    kinds = {"flag" if isinstance(v, bool) else "text" if isinstance(v, str) else "number" for v in values}
    for kind in sorted(kinds):
        yield from _kind(field, dtype, kind)


def _kind(field: str, dtype: pl.DataType, kind: str) -> Iterator[InputError]:
    fits = {"flag": dtype == pl.Boolean, "text": dtype == pl.String, "number": dtype.is_numeric()}
    if not fits[kind]:
        yield InputError("study_column_type", file=STUDY_FILE, field=field, type=str(dtype))
