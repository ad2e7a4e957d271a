"""Which columns of which register a study reads: no other is opened, and what nothing reads can be left out."""

from __future__ import annotations

from pipelines.study import Outcome, Study, Variable, Where

__all__ = ["columns_read", "registers_by_link"]

PERSON = "person"


def columns_read(study: Study) -> dict[str, tuple[str, ...]]:
    """Return the columns that the study reads of each register, sorted; `person` among them."""
    found: dict[str, set[str]] = {register: {PERSON} for register in study.registers}
    population = study.population
    home = found[population.register]
    for where in (population.where, population.never_resident, population.protected):
        home |= _names(where)
    home |= _given(population.age, population.cluster, population.first, population.came)
    if population.left is not None:
        home |= _names(population.left.where) | _names(population.left.died) | {population.left.date}
    if population.arrived is not None:
        home.add(population.arrived.date)
    for variable in study.variables:
        found[variable.register] |= _of_variable(variable)
        home |= {column for one in variable.eligible for column, _ in one.where}
        if variable.via is not None:
            home.add(variable.via)
            found[variable.register].add(variable.via)
        if variable.unknown_unless is not None:
            found[variable.unknown_unless.register].add(variable.unknown_unless.date)
        if variable.after is not None:
            found[variable.after.register] |= _names(variable.after.where) | {variable.after.date}
        if isinstance(variable, Outcome):
            home |= _names(variable.ended) | _given(variable.observed_to)
    return {register: tuple(sorted(columns)) for register, columns in found.items()}


def registers_by_link(study: Study) -> frozenset[str]:
    """Return the registers that a person reaches by a household or another link: their rows may lie in any shard."""
    return frozenset(variable.register for variable in study.variables if variable.via is not None)


def _of_variable(variable: Variable) -> set[str]:
    return _names(variable.where) | _given(variable.column, variable.date)


def _names(where: Where) -> set[str]:
    return {column for column, _ in where}


def _given(*names: str | None) -> set[str]:
    return {name for name in names if name is not None}
