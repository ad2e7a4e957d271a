"""From a condition to the words a reader meets: the study's own, or a plain reading of the column's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analysis.values import Condition, Scalar
from pipelines.study import Study, Variable
from reports import catalogue
from reports.catalogue import Language
from reports.numbers import day, decimal, whole
from reports.values import Part, PrintedCondition, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnWords:
    """What a study says of one column: a noun phrase, what follows "der", its opposite, and what is meant."""

    label: Words
    clause: Words | None = None
    clause_not: Words | None = None
    definition: Words | None = None
    service: bool = False  # given by need: a finding with it gets the fixed objection
    named_yes: bool = False  # a card that names it needs one more named yes
    selected: bool = False  # the people are those whom a register of clients knows


def study_words(study: Study) -> Mapping[str, ColumnWords]:
    """Return what a study says of each of its characteristics."""
    return {
        one.name: ColumnWords(
            label=one.label,
            clause=one.clause,
            clause_not=one.clause_not,
            definition=meant(one),
            service=one.service,
            named_yes=one.named_yes,
            selected=one.selected,
        )
        for one in study.characteristics
    }


def meant(variable: Variable) -> Words:
    """Return the study's own definition, else one made of the rule: which rows of which register, and when.

    The names of register and column, the count and the window; never a code, which may be anybody's own word.
    """
    if variable.definition is not None:
        return variable.definition
    what, when = _rows_meant(variable), _window_meant(variable)
    return Words(da=what.da + when.da, en=what.en + when.en)


def part(condition: Condition, columns: Mapping[str, ColumnWords]) -> Part:
    """Return one condition in words, Danish and English, with the near-duplicates that were merged into it."""
    column = columns.get(condition.column)
    label = column.label if column else Words(da=condition.column, en=condition.column)
    definition = _definition(condition, column, columns)
    if isinstance(condition.value, bool) and condition.operator == "==":
        if condition.value:
            clause = (column.clause if column else None) or _worded("part.yes", label)
            return Part(
                label=label if column else _worded("part.yes_label", label), clause=clause, definition=definition
            )
        negated = _worded("part.no_label", label)
        return Part(
            label=negated,
            clause=(column.clause_not if column else None) or _worded("part.no", label),
            definition=definition,
        )
    kind = _kind(condition)
    return Part(
        label=_worded(f"part.{kind}_label", label, condition),
        clause=_worded(f"part.{kind}", label, condition),
        definition=definition,
    )


def parts(conditions: Sequence[Condition], columns: Mapping[str, ColumnWords]) -> tuple[Part, ...]:
    """Return the words of a whole combination, in the order of its conditions."""
    return tuple(part(condition, columns) for condition in conditions)


def known_words(combination: Sequence[Condition], columns: Mapping[str, ColumnWords]) -> Words:
    """Return a combination as "a + b": what a study takes as known."""
    labels = [one.label for one in parts(combination, columns)]
    return Words(da=" + ".join(one.da for one in labels), en=" + ".join(one.en for one in labels))


def printed_condition(condition: Condition) -> PrintedCondition:
    """Return the condition as the data files write it."""
    return PrintedCondition(
        column=condition.column,
        operator=condition.operator,
        value=condition.value,
        also=tuple(printed_condition(other) for other in condition.also),
    )


def both(key: str, **facts: str | int | date | Words) -> Words:
    """Return a catalogue message in both languages; dates and words in it are each language's own."""
    return Words(
        da=catalogue.text(Language.DA, key, {name: _fact(fact, Language.DA) for name, fact in facts.items()}),
        en=catalogue.text(Language.EN, key, {name: _fact(fact, Language.EN) for name, fact in facts.items()}),
    )


def _fact(fact: str | int | date | Words, language: Language) -> str | int:
    if isinstance(fact, Words):
        return fact.said(language)
    return day(fact, language) if isinstance(fact, date) else fact


def _rows_meant(variable: Variable) -> Words:
    chosen = "_where" if variable.where else ""
    if variable.rule in ("any", "never", "missing"):
        return both(f"meant.{variable.rule}{chosen}", register=variable.register)
    if variable.rule == "count" and variable.at_least is not None:
        return both(f"meant.count{chosen}", register=variable.register, least=f"{variable.at_least:g}")
    if variable.column is None:
        return both(f"meant.rows{chosen}", register=variable.register)
    return both("meant.column", register=variable.register, column=variable.column)


def _window_meant(variable: Variable) -> Words:
    if variable.window is None or variable.date is None:
        return Words(da="", en="")
    first, last = variable.window
    if last <= 1:
        return both("meant.before", days=-first)
    return both("meant.after" if first >= 0 else "meant.around", first=first, last=last - 1)


def _definition(condition: Condition, column: ColumnWords | None, columns: Mapping[str, ColumnWords]) -> Words:
    meant = (column.definition if column else None) or _worded(
        "part.column", Words(da=condition.column, en=condition.column)
    )
    if not condition.also:
        return meant
    others = [part(other, columns).label for other in condition.also]
    return Words(
        da=meant.da + " " + catalogue.text(Language.DA, "part.also", others=", ".join(word.da for word in others)),
        en=meant.en + " " + catalogue.text(Language.EN, "part.also", others=", ".join(word.en for word in others)),
    )


def _kind(condition: Condition) -> str:
    if condition.value is None:
        return "missing"
    return {"==": "equal", "in": "one_of", ">=": "at_least", "<": "below", "between": "between"}[condition.operator]


def _worded(key: str, label: Words, condition: Condition | None = None) -> Words:
    return Words(
        da=catalogue.text(Language.DA, key, {"label": label.da, **_values(condition, Language.DA)}),
        en=catalogue.text(Language.EN, key, {"label": label.en, **_values(condition, Language.EN)}),
    )


def _values(condition: Condition | None, language: Language) -> dict[str, str]:
    if condition is None:
        return {}
    value = condition.value
    if condition.operator == "between" and isinstance(value, tuple):
        return {"low": _shown(value[0], language), "high": _shown(value[1], language)}
    if isinstance(value, tuple):
        return {"value": ", ".join(_shown(entry, language) for entry in value)}
    return {"value": _shown(value, language)}


def _shown(value: Scalar, language: Language) -> str:
    if isinstance(value, bool):
        return catalogue.text(language, "part.true" if value else "part.false")
    if isinstance(value, int):
        return whole(value, language) if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return _shown(int(value), language) if value.is_integer() else decimal(value, language, digits=2)
    return str(value)
