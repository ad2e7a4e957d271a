# ruff: noqa: S608 -- every name here is quoted() and every value a literal()
"""From a study to SQL that an analyst can read: one pass over each register, one row a person.

Missing is never silently "no". A row whose date or code is missing may or may not count, so `any`, `never`, `count`
and `sum` are unknown for a person when such a row could decide them. No rows at all mean "no" (or 0) only where the
rows are dated, that is in a register of events; `value` and `latest` of nothing are unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from pipelines.study import Known, Outcome, Study, Variable, Where
from pipelines.study_toml import Scalar

OTHER = "andet"  # what fits none of a characteristic's groups
Source = tuple[str, str, str]  # table, the column to group by, the population's column to join by


def compile(study: Study, schema: Mapping[str, pl.Schema]) -> str:
    """Return one DuckDB query for the whole cohort, sorted by person. Tables are named as the registers."""
    sources: dict[Source, list[Variable]] = {}
    for variable in study.variables:
        sources.setdefault(_source(study, variable), []).append(variable)
    names = {source: f"facts {number} of {source[0]}" for number, source in enumerate(sources, 1)}
    facts = [
        _facts(names[source], source, group, schema[group[0].register], study.index_day)
        for source, group in sources.items()
    ]
    known = {_known_table(v.unknown_unless): v.unknown_unless for v in study.variables if v.unknown_unless is not None}
    facts += [f"{name} AS (\n  {_seen(seen, study.index_day)}\n)" for name, seen in known.items()]
    columns = ["p.person", 'p."the cluster" AS cluster'] + [
        f"{_result(variable, names[_source(study, variable)], study.index_day)} AS {quoted(variable.name)}"
        for variable in study.variables
    ]
    joins = [
        f"LEFT JOIN {quoted(name)} ON {quoted(name)}.joined = p.{quoted(by)}" for (_, _, by), name in names.items()
    ]
    joins += [f"LEFT JOIN {name} ON {name}.person = p.person" for name in known]
    return (
        "WITH "
        + ",\n".join([*_population(study), *facts])
        + "\nSELECT\n  "
        + ",\n  ".join(columns)
        + "\nFROM people AS p\n"
        + "\n".join(joins)
        + "\nWHERE p.\"the reason\" = 'kept'\nORDER BY p.person"
    )


def compile_flow(study: Study) -> str:
    """Return the query that counts who is in the study, and why the others are not.

    Columns: reason, people, and twice (rows more than people, the same in each row).
    """
    return (
        "WITH "
        + ",\n".join(_population(study))
        + '\nSELECT "the reason" AS reason, count(*) AS people,'
        + "\n  (SELECT count(*) - count(DISTINCT person) FROM people) AS twice\nFROM people GROUP BY reason"
    )


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Scalar) -> str:
    """Return a value as an SQL literal."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"


def one_of(expression: str, values: Iterable[Scalar]) -> str:
    """Return the condition that a column holds one of the values; `*` and `?` in a text stand for any letters, one."""
    patterns = [value for value in values if isinstance(value, str) and re.search(r"[*?]", value)]
    plain = [value for value in values if value not in patterns]
    parts = [f"{expression} IN ({', '.join(literal(value) for value in plain)})"] if plain else []
    for pattern in patterns:
        like = re.sub(r"[%_\\]", r"\\\g<0>", pattern).replace("*", "%").replace("?", "_")
        parts.append(f"{expression} LIKE {literal(like)} ESCAPE '\\'")
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"


def _population(study: Study) -> list[str]:
    population = study.population
    first = ""
    if population.first is not None:  # rank, not row_number: two first rows are told, not drawn between
        first = f"\n  QUALIFY rank() OVER (PARTITION BY person ORDER BY {quoted(population.first)}) = 1"
    cluster = (
        "person" if population.cluster is None else f"coalesce(CAST({quoted(population.cluster)} AS VARCHAR), person)"
    )
    observed = {outcome.observed_to for outcome in study.outcomes}
    observed |= {column for outcome in study.outcomes for column, _ in outcome.ended}
    linked = {variable.via for variable in study.variables}
    listed = ", ".join(["person", *(quoted(name) for name in sorted({*observed, *linked} - {None, "person"}))])  # type: ignore[type-var, arg-type]
    return [
        f"chosen AS (\n  SELECT * FROM {quoted(population.register)} WHERE person IS NOT NULL{first}\n)",
        f'people AS (\n  SELECT\n    {listed},\n    {cluster} AS "the cluster",\n'
        f"    CASE\n      {_reasons(study)}\n      ELSE 'kept'\n    END AS \"the reason\"\n  FROM chosen\n)",
    ]


def _reasons(study: Study) -> str:
    population = study.population
    where = _where(population.where)
    reasons = (
        [f"WHEN NOT ({where}) THEN 'not_in_where'", f"WHEN ({where}) IS NULL THEN 'unknown_in_where'"] if where else []
    )
    if population.age is not None and (population.min_age is not None or population.max_age is not None):
        age = quoted(population.age)
        reasons.append(f"WHEN {age} IS NULL THEN 'age_unknown'")
        if population.min_age is not None:
            reasons.append(f"WHEN {age} < {population.min_age} THEN 'too_young'")
        if population.max_age is not None:
            reasons.append(f"WHEN {age} > {population.max_age} THEN 'too_old'")
    if population.left is not None:
        day, gone = quoted(population.left.date), _where(population.left.where) or "TRUE"
        reasons.append(f"WHEN {gone} AND {day} <= {study.index_day} THEN 'left_before'")
        if population.left.where:  # a register that only dates the departure has no date for those who stayed
            reasons.append(f"WHEN {gone} AND {day} IS NULL THEN 'left_unknown'")
    return "\n      ".join(reasons) or "WHEN FALSE THEN ''"


def _source(study: Study, variable: Variable) -> Source:
    population = study.population
    by = variable.via or "person"
    chosen = variable.register == population.register and variable.date is None and variable.via is None
    return ("chosen" if chosen else variable.register, by, by)


def _facts(name: str, source: Source, variables: list[Variable], schema: pl.Schema, index_day: int) -> str:
    table, by, _ = source
    rows = [f"{quoted(by)} AS joined"]
    facts = ["joined"]
    for variable in variables:
        rows += _row_columns(variable, index_day)
        facts.append(f"{_fact(variable, schema)} AS {quoted(variable.name)}")
    return (
        f"{quoted(name)} AS (\n  SELECT\n    "
        + ",\n    ".join(facts)
        + "\n  FROM (\n    SELECT\n      "
        + ",\n      ".join(rows)
        + f"\n    FROM {quoted(table)} WHERE {quoted(by)} IS NOT NULL\n  ) GROUP BY joined\n)"
    )


def _row_columns(variable: Variable, index_day: int) -> Iterator[str]:
    yield f"{_counts(variable, index_day)} AS {quoted(variable.name + ' counts')}"
    if variable.column is not None:
        yield f"{quoted(variable.column)} AS {quoted(variable.name + ' value')}"
    if variable.rule == "latest" and variable.date is not None:
        yield f"{quoted(variable.date)} AS {quoted(variable.name + ' day')}"


def _counts(variable: Variable, index_day: int) -> str:
    """The condition that a row counts: true, false, or unknown."""
    parts = [_where(variable.where)] if variable.where else []
    if variable.date is not None and variable.window is not None:
        day, (start, end) = quoted(variable.date), variable.window
        parts.append(f"{day} >= {start + index_day} AND {day} < {end + index_day}")
    return " AND ".join(parts) or "TRUE"


def _seen(known: Known, index_day: int) -> str:
    return f"SELECT DISTINCT person FROM {quoted(known.register)} WHERE {quoted(known.date)} < {index_day}"


def _known_table(known: Known) -> str:
    return quoted(f"seen in {known.register} by {known.date}")


def _where(where: Where) -> str:
    return " AND ".join(one_of(quoted(column), values) for column, values in where)


def _fact(variable: Variable, schema: pl.Schema) -> str:
    counts, value, day = (quoted(f"{variable.name} {part}") for part in ("counts", "value", "day"))
    match variable.rule:
        case "any":
            return f"CASE WHEN bool_or({counts}) THEN TRUE WHEN NOT bool_or({counts} IS NULL) THEN FALSE END"
        case "never":
            return f"CASE WHEN bool_or({counts}) THEN FALSE WHEN NOT bool_or({counts} IS NULL) THEN TRUE END"
        case "count" if variable.at_least is not None:
            least = literal(variable.at_least)
            surely, perhaps = f"count(*) FILTER ({counts})", f"count(*) FILTER ({counts} IS NOT FALSE)"
            return f"CASE WHEN {surely} >= {least} THEN TRUE WHEN {perhaps} < {least} THEN FALSE END"
        case "count":
            return f"CASE WHEN NOT bool_or({counts} IS NULL) THEN count(*) FILTER ({counts}) END"
        case "sum":
            unsure = f"{counts} IS NULL OR ({counts} AND {value} IS NULL)"
            return f"CASE WHEN NOT bool_or({unsure}) THEN {_sum(variable, value, counts, schema)} END"
        case "latest":  # of two on one day the larger: never the one that happened to stand last in the file
            seen = f"{counts} AND {value} IS NOT NULL"
            return f"(max({{'day': {day}, 'value': {value}}}) FILTER ({seen})).value"
        case "value":  # two different values are no value
            low, high = (f"{extreme}({value}) FILTER ({counts})" for extreme in ("min", "max"))
            return f"CASE WHEN {low} = {high} THEN {low} END"
        case "missing":
            return f"coalesce(bool_and({value} IS NULL) FILTER ({counts}), TRUE)"


def _sum(variable: Variable, value: str, counts: str, schema: pl.Schema) -> str:
    if schema[variable.column or ""].is_integer():
        return f"CAST(coalesce(sum({value}) FILTER ({counts}), 0) AS BIGINT)"
    # Exact: a sum of doubles depends on the order of the rows in its last digit.
    return f"CAST(coalesce(sum(CAST({value} AS DECIMAL(38, 6))) FILTER ({counts}), 0) AS DOUBLE)"


def _result(variable: Variable, table: str, index_day: int) -> str:
    """The fact of a person, who may have no row in the register, as the cohort's column."""
    fact, joined = f"{quoted(table)}.{quoted(variable.name)}", f"{quoted(table)}.joined"
    nothing = _of_nothing(variable)
    if nothing is not None:
        fact = f"CASE WHEN {joined} IS NULL THEN {nothing} ELSE {fact} END"
    if variable.via is not None and nothing is not None:
        fact = f"CASE WHEN p.{quoted(variable.via)} IS NOT NULL THEN {fact} END"
    if variable.rule != "count" and variable.at_least is not None:
        fact = f"({fact}) >= {literal(variable.at_least)}"
    elif variable.is_:
        fact = one_of(f"({fact})", variable.is_)
    elif variable.groups:
        cases = " ".join(f"WHEN {one_of(fact, values)} THEN {literal(name)}" for name, values in variable.groups)
        fact = f"CASE WHEN {fact} IS NULL THEN NULL {cases} ELSE {literal(OTHER)} END"
    if variable.unknown_unless is not None:
        fact = f"CASE WHEN {_known_table(variable.unknown_unless)}.person IS NOT NULL THEN {fact} END"
    if isinstance(variable, Outcome) and variable.observed_to is not None and variable.window is not None:
        # Who could not be seen for the whole window is unknown, also with an outcome: the choice may not know of it.
        whole = f"p.{quoted(variable.observed_to)} >= {variable.window[1] - 1 + index_day}"
        ended = "".join(f" OR {one_of(f'p.{quoted(column)}', values)}" for column, values in variable.ended)
        fact = f"CASE WHEN {whole}{ended} THEN {fact} END"
    return fact


def _of_nothing(variable: Variable) -> str | None:
    """What a person without any row in the register has; None: nothing is known."""
    if variable.rule == "missing":
        return "TRUE"
    if variable.date is None:
        return None
    if variable.rule == "count":
        return "0" if variable.at_least is None else literal(variable.at_least <= 0)
    return {"any": "FALSE", "never": "TRUE", "sum": "0"}.get(variable.rule)
