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

from pipelines.study import NOTHING_IS_NO, Known, Outcome, Population, Study, Variable, Where
from pipelines.study_toml import Scalar

OTHER = "andet"  # what fits none of a characteristic's groups
DAYS = {"years": 365.25, "months": 30.4375, "weeks": 7.0, "days": 1.0}
Source = tuple[str, str, str]  # table, the column to group by, the population's column to join by


def compile(study: Study, schema: Mapping[str, pl.Schema]) -> str:
    """Return one DuckDB query for the whole cohort, sorted by person. Tables are named as the registers."""
    sources: dict[Source, list[Variable]] = {}
    for variable in study.variables:
        sources.setdefault(_source(study, variable), []).append(variable)
    names = {source: f"facts {number} of {source[0]}" for number, source in enumerate(sources, 1)}
    facts = [
        _facts(names[source], source, group, schema[group[0].register], study) for source, group in sources.items()
    ]
    facts = [part for variable in study.variables for part in _anchors(variable, study.index_day)] + facts
    known = {_known_table(v.unknown_unless): v.unknown_unless for v in study.variables if v.unknown_unless is not None}
    facts += [f"{name} AS (\n  {_seen(seen, study.index_day)}\n)" for name, seen in known.items()]
    columns = ["p.person", 'p."the cluster" AS cluster'] + [
        f"{_guarded(study, variable, _result(variable, names[_source(study, variable)], study.index_day))}"
        f" AS {quoted(variable.name)}"
        for variable in study.variables
    ]
    columns += [
        f"{_follow_up(study, outcome, names[_source(study, outcome)])} AS {quoted(outcome.follow_up or '')}"
        for outcome in study.outcomes
        if outcome.kind != "yes_no"
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


def compile_notes(study: Study) -> str:
    """Return the query that counts, among those in the study, the people whom a stated rule is about.

    Columns: reason, people. See `notes` below `flow.` in the catalogue.
    """
    notes = {"protected": '"the protection"'} if study.population.protected else {}
    if study.population.left is not None:
        end = max((outcome.window[1] for outcome in study.outcomes if outcome.window is not None), default=0)
        gone = f'"the departure" > {study.index_day} AND "the departure" < {end + study.index_day}'
        notes["died_in_window"] = f'{gone} AND "the death"'
        notes["moved_in_window"] = f'{gone} AND NOT coalesce("the death", FALSE)'
    unseen = [day for variable in study.variables if (day := _seen_from(study, variable)) is not None]
    if unseen:
        notes["arrived_late_unknown"] = f'"the arrival" > {min(unseen)}'
    if study.population.age is not None:
        notes["children"] = f"{quoted(study.population.age)} < 18"
    parts = [
        f"SELECT {literal(name)} AS reason, count(*) AS people FROM people"
        f" WHERE \"the reason\" = 'kept' AND {condition}"
        for name, condition in notes.items()
    ]
    nobody = "SELECT '' AS reason, 0 AS people WHERE FALSE"
    return "WITH " + ",\n".join(_population(study)) + "\n" + "\nUNION ALL ".join(parts or [nobody])


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
    asked = {column for variable in study.variables for one in variable.eligible for column, _ in one.where}
    listed = ", ".join(
        ["person", *(quoted(name) for name in sorted({*observed, *linked, *asked, population.age} - {None, "person"}))]  # type: ignore[type-var, arg-type]
    )
    if population.protected:
        listed += f',\n    coalesce({_where(population.protected)}, FALSE) AS "the protection"'
    if population.left is not None:
        left = population.left
        gone = _where(left.where) or "TRUE"
        listed += f',\n    CASE WHEN {gone} THEN {quoted(left.date)} END AS "the departure"'
        listed += f',\n    {"TRUE" if left.all_died else _where(left.died) or "FALSE"} AS "the death"'
    came = _arrival(population)
    if came is not None:
        listed += f',\n    {quoted(came)} AS "the arrival"'
    return [
        f"chosen AS (\n  SELECT * FROM {quoted(population.register)} WHERE person IS NOT NULL{first}\n)",
        f'people AS (\n  SELECT\n    {listed},\n    {cluster} AS "the cluster",\n'
        f"    CASE\n      {_reasons(study)}\n      ELSE 'kept'\n    END AS \"the reason\"\n  FROM chosen\n)",
    ]


def _reasons(study: Study) -> str:
    population = study.population
    where = _where(population.where)
    reasons = [f"WHEN {_where(population.never_resident)} THEN 'never_resident'"] if population.never_resident else []
    reasons += (
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
    arrived = population.arrived
    if arrived is not None and arrived.rule == "leave_out":  # without a date: born here, or never moved
        reasons.append(f"WHEN {quoted(arrived.date)} > {study.index_day - arrived.days} THEN 'arrived_late'")
    if population.came is not None:
        reasons.append(f"WHEN {quoted(population.came)} > {study.index_day} THEN 'arrived_after'")
    return "\n      ".join(reasons) or "WHEN FALSE THEN ''"


def _source(study: Study, variable: Variable) -> Source:
    population = study.population
    by = variable.via or "person"
    chosen = variable.register == population.register and variable.date is None and variable.via is None
    return ("chosen" if chosen else variable.register, by, by)


def _facts(name: str, source: Source, variables: list[Variable], schema: pl.Schema, study: Study) -> str:
    table, by, _ = source
    rows = [f"{quoted(by)} AS joined"]
    facts = ["joined"]
    for variable in variables:
        rows += _row_columns(variable, study.index_day)
        facts.append(f"{_fact(variable, schema)} AS {quoted(variable.name)}")
        if isinstance(variable, Outcome) and variable.kind == "time":
            counts, day = quoted(f"{variable.name} counts"), quoted(f"{variable.name} day")
            facts.append(f"min({day}) FILTER ({counts}) AS {quoted(variable.name + ' first')}")
    followed = "".join(
        f"\n      LEFT JOIN (SELECT person AS {quoted(one.name + ' followed')},"
        f" {_end(study, one)} AS {quoted(one.name + ' end')} FROM people)"
        f" ON {quoted(by)} = {quoted(one.name + ' followed')}"
        for one in variables
        if isinstance(one, Outcome) and one.kind != "yes_no"
    )
    return (
        f"{quoted(name)} AS (\n  SELECT\n    "
        + ",\n    ".join(facts)
        + "\n  FROM (\n    SELECT\n      "
        + ",\n      ".join(rows)
        + f"\n    FROM {quoted(table)}{''.join(_after_joins(variable) for variable in variables)}{followed}"
        + f" WHERE {quoted(by)} IS NOT NULL\n  ) GROUP BY joined\n)"
    )


def _row_columns(variable: Variable, index_day: int) -> Iterator[str]:
    yield f"{_counts(variable, index_day)} AS {quoted(variable.name + ' counts')}"
    if variable.column is not None:
        yield f"{_read(variable, variable.column, index_day)} AS {quoted(variable.name + ' value')}"
    timed = isinstance(variable, Outcome) and variable.kind == "time"
    if (variable.rule in ("latest", "time_since") or timed) and variable.date is not None:
        yield f"{quoted(variable.date)} AS {quoted(variable.name + ' day')}"


def _counts(variable: Variable, index_day: int) -> str:
    """The condition that a row counts: true, false, or unknown."""
    parts = [one_of(_read(variable, column, index_day), values) for column, values in variable.where]
    if variable.date is not None and variable.window is not None:
        day, (start, end) = quoted(variable.date), variable.window
        if variable.empty_is_never:
            parts.append(f"{day} IS NOT NULL")
        parts.append(f"{day} >= {start + index_day} AND {day} < {end + index_day}")
        if isinstance(variable, Outcome) and variable.kind != "yes_no":  # nobody's event counts when not followed
            parts.append(f"({day} < {quoted(variable.name + ' end')}) IS NOT FALSE")
        if variable.after is not None:
            name, last = variable.name, variable.after.within[1]
            parts.append(
                f"CASE WHEN {day} IS NULL THEN NULL WHEN {day} - {quoted(name + ' anchor day')} < {last} THEN TRUE"
                f" WHEN {quoted(name + ' unsure person')} IS NOT NULL THEN NULL ELSE FALSE END"
            )
    return " AND ".join(parts) or "TRUE"


def _read(variable: Variable, column: str, index_day: int) -> str:
    """A column as it is read: before a break's day in the codes of after it."""
    read = quoted(column)
    for one in sorted((one for one in variable.mapped if one.column == column), key=lambda one: one.day):
        cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in one.codes)
        before = f"{quoted(variable.date or '')} < {one.day + index_day}"
        read = f"CASE WHEN {before} THEN CASE {read} {cases} ELSE {read} END ELSE {read} END"
    return read


def _anchors(variable: Variable, index_day: int) -> Iterator[str]:
    """The rows that a variable's own must come after: on the same side of the index date, so that nothing looks over.

    Beside them the people for whom some row there may or may not have been such a one.
    """
    after = variable.after
    if after is None:
        return
    day = quoted(after.date)
    side = f"{day} > {index_day}" if isinstance(variable, Outcome) else f"{day} < {index_day}"
    holds = " AND ".join([*([_where(after.where)] if after.where else []), side])
    name = variable.name
    rows = f"FROM {quoted(after.register)} WHERE person IS NOT NULL"
    yield (
        f"{quoted('anchors of ' + name)} AS (\n  SELECT DISTINCT person AS {quoted(name + ' anchor person')},"
        f" {day} AS {quoted(name + ' anchor day')} {rows} AND {holds}\n)"
    )
    yield (
        f"{quoted('unsure of ' + name)} AS (\n  SELECT DISTINCT person AS {quoted(name + ' unsure person')}"
        f" {rows} AND ({holds}) IS NULL\n)"
    )


def _after_joins(variable: Variable) -> str:
    """The nearest anchor that lies far enough back: if any lies within, it does."""
    after = variable.after
    if after is None:
        return ""
    name, day = variable.name, quoted(variable.date or "")
    return (
        f"\n      ASOF LEFT JOIN {quoted('anchors of ' + name)} ON person = {quoted(name + ' anchor person')}"
        f" AND {day} - {after.within[0]} >= {quoted(name + ' anchor day')}"
        f"\n      LEFT JOIN {quoted('unsure of ' + name)} ON person = {quoted(name + ' unsure person')}"
    )


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
        case "time_since":  # days from the latest row that counts; whoever may have a later one is unknown
            latest, perhaps = (f"max({day}) FILTER ({counts}{kind})" for kind in ("", " IS NOT FALSE"))
            unsure = f"bool_or({counts} IS NULL AND {day} IS NULL)"
            return f"CASE WHEN NOT {unsure} AND {latest} = {perhaps} THEN {latest} END"
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
    if variable.rule == "time_since":
        fact = f"{index_day} - {fact}"
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
    if isinstance(variable, Outcome) and variable.kind != "yes_no":
        return fact  # who was seen for a part of the window counts for that part
    if isinstance(variable, Outcome) and variable.observed_to is not None and variable.window is not None:
        # Who could not be seen for the whole window is unknown, also with an outcome: the choice may not know of it.
        whole = f"p.{quoted(variable.observed_to)} >= {variable.window[1] - 1 + index_day}"
        ended = "".join(f" OR {one_of(f'p.{quoted(column)}', values)}" for column, values in variable.ended)
        fact = f"CASE WHEN {whole}{ended} THEN {fact} END"
    return fact


def _guarded(study: Study, variable: Variable, fact: str) -> str:
    """The column, unknown where a stated rule or the contract says that nothing is known, or that it has no meaning."""
    population, unknown = study.population, []
    for eligible in variable.eligible:
        holds = [one_of(f"p.{quoted(column)}", values) for column, values in eligible.where]
        age = f"p.{quoted(population.age or '')}"
        holds += [f"{age} >= {eligible.min_age}"] if eligible.min_age is not None else []
        holds += [f"{age} <= {eligible.max_age}"] if eligible.max_age is not None else []
        unknown.append(f"({' AND '.join(holds)}) IS NOT TRUE")
    if population.protected and variable.geography:
        unknown.append('p."the protection"')
    if isinstance(variable, Outcome) and variable.kind != "yes_no" and variable.window is not None:
        unknown.append(f"{_end(study, variable, 'p.')} <= {variable.window[0] + study.index_day}")
    elif isinstance(variable, Outcome):
        unknown += _gone_in_window(study, variable)
    else:
        seen_from = _seen_from(study, variable)
        unknown += [f'p."the arrival" > {seen_from}'] if seen_from is not None else []
    return f"CASE WHEN NOT ({' OR '.join(_never_null(unknown))}) THEN {fact} END" if unknown else fact


def _arrival(population: Population) -> str | None:
    return population.arrived.date if population.arrived is not None else population.came


def _seen_from(study: Study, variable: Variable) -> int | None:
    """The last day on which somebody may have come, for a variable to be known of them; None: it does not matter.

    Where a row that is not there says no, the person must have been here for the whole window, and for as long before
    it as another event may lie; where the study states a number of days, for these too.
    """
    population, days = study.population, []
    if variable.date is None or isinstance(variable, Outcome):
        return None
    if population.arrived is not None and population.arrived.rule == "unknown":
        days.append(-population.arrived.days)
    itself = (variable.register, variable.date) == (population.register, _arrival(population))
    if population.came is not None and variable.rule in NOTHING_IS_NO and variable.window is not None and not itself:
        before = variable.after.within[1] - 1 if variable.after is not None else 0
        days.append(variable.window[0] - before)
    return study.index_day + min(days) if days else None


def _never_null(conditions: list[str]) -> list[str]:
    return [f"coalesce({condition}, FALSE)" for condition in conditions]


def _end(study: Study, outcome: Outcome, of: str = "") -> str:
    """The first day on which a person is no longer followed: the window's end, or the day after the last one seen."""
    assert outcome.window is not None
    end = str(outcome.window[1] + study.index_day)
    seen = [f"{of}{quoted(outcome.observed_to)}"] if outcome.observed_to is not None else []
    seen += [f'{of}"the departure"'] if study.population.left is not None else []
    return f"least({', '.join([end, *(f'coalesce({day} + 1, {end})' for day in seen)])})" if seen else end


def _follow_up(study: Study, outcome: Outcome, table: str) -> str:
    """How long a person was followed: to the end, or (times) to the first event, its day included."""
    assert outcome.window is not None
    start, end = outcome.window[0] + study.index_day, _end(study, outcome, "p.")
    days = f"{end} - {start}"
    if outcome.kind == "time":
        first = f"{quoted(table)}.{quoted(outcome.name + ' first')}"
        days = f"CASE WHEN {first} IS NOT NULL THEN {first} - {start} + 1 ELSE {days} END"
    known = _guarded(study, outcome, _result(outcome, table, study.index_day))
    return f"CASE WHEN ({known}) IS NOT NULL THEN ({days}) / {DAYS[outcome.unit]} END"


def _gone_in_window(study: Study, outcome: Outcome) -> list[str]:
    left = study.population.left
    if left is None or outcome.window is None:
        return []
    gone = f'p."the departure" > {study.index_day} AND p."the departure" < {outcome.window[1] + study.index_day}'
    died = f'{gone} AND p."the death"'
    moved = f'{gone} AND NOT coalesce(p."the death", FALSE)'
    kinds = ((died, left.died_in_window), (moved, left.moved_in_window))
    return [condition for condition, rule in kinds if rule == "unknown"]


def _of_nothing(variable: Variable) -> str | None:
    """What a person without any row in the register has; None: nothing is known."""
    if variable.rule == "missing":
        return "TRUE"
    if variable.date is None:
        return None
    if variable.rule == "count":
        return "0" if variable.at_least is None else literal(variable.at_least <= 0)
    return {"any": "FALSE", "never": "TRUE", "sum": "0"}.get(variable.rule)
