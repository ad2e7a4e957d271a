"""The variables of `study.toml`: characteristics, adjustments and outcomes, each with its rule, window and words."""

from __future__ import annotations

from typing import Any, cast

from pipelines.study_toml import Table
from pipelines.study_values import (
    After,
    Characteristic,
    Kind,
    Known,
    Outcome,
    Rule,
    Variable,
    Where,
)
from reports.values import Unit

RULES: tuple[Rule, ...] = ("any", "never", "count", "sum", "latest", "time_since", "value", "missing")


def read_where(table: Table, name: str = "where") -> Where:
    """Return the columns of a table `where`, each with the values that count."""
    where = table.table(name)
    return tuple((column, where.scalars(column)) for column in where.values)


def read_characteristic(table: Table) -> Characteristic:
    """Return one `[[characteristic]]`."""
    characteristic = Characteristic(
        **_fields(_common(table)),
        service=table.flag("service", False),
        named_yes=table.flag("named_yes", False),
        clause=table.maybe_words("clause"),
        clause_not=table.maybe_words("clause_not"),
    )
    table.done()
    _check_variable(table, characteristic)
    if characteristic.window is not None and characteristic.window[1] > 0:
        table.note("study_look_ahead", "window")
    return characteristic


def read_adjustment(table: Table) -> Variable:
    """Return one `[[adjust]]`."""
    variable = _common(table)
    table.done()
    _check_variable(table, variable)
    if variable.window is not None and variable.window[1] > 0:
        table.note("study_look_ahead", "window")
    return variable


def read_outcome(table: Table) -> Outcome:
    """Return one `[[outcome]]`."""
    outcome = Outcome(
        **_fields(_common(table)),
        known_after=table.flag("known_after", False),
        observed_to=table.maybe_text("observed_to"),
        ended=read_where(table, "ended"),
        kind=cast(Kind, table.choice("kind", ("yes_no", "count", "time"), "yes_no")),
        unit=cast(Unit, table.choice("unit", ("years", "months", "weeks", "days"), "years")),
        more=table.words("more"),
        fewer=table.words("fewer"),
        past=table.words("past"),
        searched=table.flag("searched", True),
    )
    table.done()
    _check_variable(table, outcome)
    if outcome.window is not None and outcome.window[0] < 1:
        table.note("study_outcome_early", "window")
    if outcome.date is None and not outcome.known_after:
        table.note("study_outcome_undated", "date")
    if outcome.observed_to is not None and outcome.window is None:
        table.note("study_missing_key", "window")
    if outcome.ended and outcome.observed_to is None:
        table.note("study_missing_key", "observed_to")
    if outcome.kind != "yes_no":
        _check_followed(table, outcome)
    elif not outcome.yes_no:
        table.note("study_outcome_yes_no", "rule")
    return outcome


def _check_followed(table: Table, outcome: Outcome) -> None:
    """What a count or a time needs: dated events of the person's own, in a window."""
    if outcome.window is None:
        table.note("study_missing_key", "window")
    wanted = "count" if outcome.kind == "count" else "any"
    if outcome.rule != wanted or outcome.at_least is not None or outcome.via is not None:
        table.note("study_outcome_followed", "rule", kind=outcome.kind, rule=wanted)


def _common(table: Table) -> Variable:
    groups = table.table("groups")
    return Variable(
        name=table.name("name"),
        register=table.name("from"),
        rule=cast(Rule, table.choice("rule", RULES)),
        where=read_where(table),
        date=table.maybe_text("date"),
        window=table.window("window"),
        column=table.maybe_text("column"),
        at_least=table.maybe_number("at_least"),
        is_=table.scalars("is"),
        groups=tuple((name, groups.scalars(name)) for name in groups.values),
        via=table.maybe_text("via"),
        unknown_unless=_known(table),
        after=_after(table),
        label=table.words("label"),
        definition=table.maybe_words("definition"),
    )


def _after(table: Table) -> After | None:
    """Another register's rows, which must come first: look-ahead and look-back stay impossible (cohort_sql)."""
    if "after" not in table.values:
        return None
    below = table.table("after")
    within = below.window("within")
    if within is None and "within" not in below.values:
        below.note("study_missing_key", "within")
    if within is not None and within[0] < 0:
        below.note("study_after_before", "within")
    made = After(register=below.name("from"), where=read_where(below), date=below.text("date"), within=within or (0, 1))
    below.done()
    if table.values.get("date") is None:
        table.note("study_missing_key", "date")
    if table.values.get("via") is not None:
        table.note("study_after_via", "via")
    return made


def _known(table: Table) -> Known | None:
    """A register and its date; the variable's own register may stand alone, its date is known."""
    named = table.values.get("unknown_unless")
    if named is None or isinstance(named, str):
        register = table.maybe_text("unknown_unless")
        if register is None:
            return None
        own_date = table.values.get("date")
        if register != table.values.get("from") or not isinstance(own_date, str):
            table.note("study_known_date", "unknown_unless")
            return None
        return Known(register=register, date=own_date)
    below = table.table("unknown_unless")
    known = Known(register=below.name("from"), date=below.text("date"))
    below.done()
    return known


def _fields(variable: Variable) -> dict[str, Any]:
    return {name: getattr(variable, name) for name in Variable.__slots__}


def _check_variable(table: Table, variable: Variable) -> None:
    """What a rule needs, and what it has no use for."""
    rule = variable.rule
    if (variable.date is None) != (variable.window is None):
        table.note("study_missing_key", "window" if variable.window is None else "date")
    if rule in ("latest", "time_since") and variable.date is None:
        table.note("study_missing_key", "date")
    needs_column = rule in ("sum", "latest", "value", "missing")
    if needs_column != (variable.column is not None):
        table.note("study_missing_key" if needs_column else "study_rule_column", "column")
    if variable.at_least is not None and rule not in ("count", "sum", "latest", "value", "time_since"):
        table.note("study_rule_threshold", "at_least")
    for name, used in (("is", variable.is_), ("groups", variable.groups)):
        if used and rule not in ("latest", "value"):
            table.note("study_rule_threshold", name)
    if sum((variable.at_least is not None, bool(variable.is_), bool(variable.groups))) > 1:
        table.note("study_one_threshold", "at_least" if variable.at_least is not None else "is")
