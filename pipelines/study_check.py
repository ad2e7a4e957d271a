"""Does the study fit its registers: every register, column and value that it names, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.meaning import carried, check_meaning, extraction_days
from pipelines.study import Outcome, Study, Variable, Where
from pipelines.study_toml import Scalar

STUDY_FILE = Path("study.toml")
_TREATED: Mapping[str, pl.DataType] = {
    "pseudonym": pl.String(), "redact": pl.String(), "district": pl.String(), "band": pl.String(),
    "concepts": pl.Boolean(), "offset": pl.Int32(), "age_band": pl.Int16(),
}  # fmt: skip
_KEPT: Mapping[str, pl.DataType] = {
    "string": pl.String(), "integer": pl.Int64(), "number": pl.Float64(), "boolean": pl.Boolean(), "date": pl.Date(),
}  # fmt: skip


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
        for name in ("never_resident", "protected"):
            errors += _where(f"population.{name}", getattr(population, name), columns)
        if population.arrived is not None:
            errors += _days("population.arrived.date", population.arrived.date, columns)
        if population.age in columns:
            errors += _kind("population.age", columns[population.age or ""], "number")
        if population.left is not None:
            errors += _where("population.left.where", population.left.where, columns)
            errors += _days("population.left.date", population.left.date, columns)
            errors += _where("population.left.died", population.left.died, columns)
        for outcome in study.outcomes:
            if outcome.observed_to is not None:
                errors += _days(f"{outcome.name}.observed_to", outcome.observed_to, columns)
            errors += _where(f"{outcome.name}.ended", outcome.ended, columns)
        for variable in study.variables:
            errors += _column(f"{variable.name}.via", variable.via, columns)
            for eligible in variable.eligible:
                errors += _where(f"{variable.name}.eligibility", eligible.where, columns)
                if population.age is None and (eligible.min_age, eligible.max_age) != (None, None):
                    errors.append(InputError("study_age_column", file=STUDY_FILE, field=f"{variable.name}.eligibility"))
    for variable in study.variables:
        known = variable.unknown_unless
        if known is not None and known.register in schema:
            errors += _days(f"{variable.name}.unknown_unless.date", known.date, schema[known.register])
        after = variable.after
        if after is not None and after.register in schema:
            errors += _where(f"{variable.name}.after.where", after.where, schema[after.register])
            errors += _days(f"{variable.name}.after.date", after.date, schema[after.register])
        if variable.register in schema:
            errors += _variable(variable, schema[variable.register])
    return errors


def check_contracts(
    study: Study, contracts: Mapping[str, Contract], extracted: Mapping[str, date | None] | None = None
) -> list[InputError]:
    """Return everything in the study that the contracts cannot answer, and every look into the future.

    An undated column must be historic: undated rows of an event register are those after the index date too. What a
    snapshot, a break or a register without the dead means is `meaning`'s. `extracted`: see `extraction_days`.
    """
    schemas = {register: vault_schema(contract) for register, contract in contracts.items()}
    errors = check_columns(carried(study, contracts), schemas)
    errors += check_levels(study, contracts)
    for variable in study.variables:
        contract = contracts.get(variable.register)
        if contract is None or variable.date is not None or isinstance(variable, Outcome):
            continue
        times = {name: column.time for column in contract.held for name in (column.name, *column.told)}
        for name in sorted(variable.columns):
            if times.get(name) == "event":
                errors.append(InputError("study_event", file=STUDY_FILE, field=f"{variable.name}: {name}"))
    return errors + check_meaning(study, contracts, extracted or extraction_days(contracts, None))


def check_levels(study: Study, contracts: Mapping[str, Contract]) -> list[InputError]:
    """Return what is wrong with registers that cannot be linked: read as a person's, or a level that they cannot show.

    A register without anybody's number is `unlinked` by its contract; only a `[[level]]` may read it.
    """
    errors = [
        InputError("study_unlinked", file=STUDY_FILE, field=variable.name, register=variable.register)
        for variable in study.variables
        if variable.register in contracts and contracts[variable.register].unlinked
    ]
    for level in study.levels:
        contract = contracts.get(level.register)
        if contract is None:
            errors.append(InputError("register_without_contract", file="study.toml", register=level.register))
            continue
        schema = vault_schema(contract)
        errors += _where(f"{level.name}.where", level.where, schema)
        errors += _days(f"{level.name}.date", level.date, schema)
        errors += _column(f"{level.name}.count", level.count, schema)
        if not contract.unlinked:
            errors.append(InputError("study_level_linked", file=STUDY_FILE, field=level.name, register=level.register))
    return errors


def unprotected(study: Study, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Return the variables that a package must leave out: told by what a neighbour may know, and not protected in it.

    A variable that reads a contract's `quasi_identifier` is protected in `package.quasi`, one that tells a `sensitive`
    column by its values in `package.sensitive` (either way in either).
    """
    if study.package is None:
        return ()
    found = []
    protected = {*study.package.quasi, *study.package.sensitive}
    for variable in (*study.characteristics, *study.outcomes):
        contract = contracts.get(variable.register)
        if contract is None or variable.name in protected:
            continue
        roles = {name: column.role for column in contract.held for name in (column.name, *column.told)}
        known = any(roles.get(name) == "quasi_identifier" for name in variable.columns)
        told = variable.rule == "value" and not variable.yes_no and roles.get(variable.column or "") == "sensitive"
        if known or told:
            found.append(variable.name)
    return tuple(found)


def vault_schema(contract: Contract) -> pl.Schema:
    """Return the columns that a register has after pseudonymisation."""
    columns: dict[str, pl.DataType] = {"person": pl.String()} if contract.person is not None else {}
    for column in contract.held:
        if not column.dropped and column.role != "person_identifier":
            kept = _TREATED.get(column.treatment) or _KEPT[column.logical_type]
            columns.update(dict.fromkeys(column.told, kept))
    return pl.Schema(columns)


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


def _where(field: str, where: Where, columns: pl.Schema) -> Iterator[InputError]:
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
