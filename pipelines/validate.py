"""Validate: expectations made from the contract, held against the typed register. Counts out, never a value.

Great Expectations gives the verdict, our own polars counts stand beside it: two roads to each answer. Rows come in
frames, and their counts are summed. A rule on a column has the same verdict on the column's distinct values, so that
is what it is given; rules on rows together reach it as a table of one row, of counts.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Thread
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.contracts import Contract, Property

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Check", "Fact", "Verdict", "held", "load", "validate_register"]

CPR = "[0-9]{10}"
POOL, LONG = 100_000, 20_000  # distinct values of a column: asked about at once; not asked about beside short columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One expectation and what came of it. `id` is worded in the catalogue as `check.expectation.ID`."""

    id: str  # not_null, in_set, between, regex, unique_key, known_people, in_order
    column: str  # ours; "" for the register as a whole
    passed: bool
    failed_rows: int
    rows: int
    raised: bool = False  # the expectation itself broke: neither passed nor failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the register's checks said."""

    register: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def exceptions(self) -> int:
        """How many expectations broke, apart from those that failed."""
        return sum(check.raised for check in self.checks)


@dataclass(frozen=True, slots=True)
class _Rule:
    """An expectation before it is asked: as Great Expectations reads it, and as polars counts it."""

    id: str
    column: str
    expectation: str
    arguments: dict[str, Any]
    fails: pl.Expr


@dataclass(frozen=True, slots=True)
class Fact:
    """A number about all rows together, and the most or the least that it may be."""

    id: str
    column: str
    number: float
    low: float | None
    high: float | None
    failed_rows: int


def load() -> None:
    """Load Great Expectations in a thread: it takes seconds, in which a register can be read."""
    if "great_expectations" not in sys.modules:
        Thread(target=_load).start()


def _load() -> None:
    os.environ.update(GX_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1")  # before the import: it reads them then
    import great_expectations.expectations  # noqa: F401


def validate_register(
    contract: Contract, frames: pl.DataFrame | Iterable[pl.DataFrame], *, population: pl.Series | None = None
) -> Verdict:
    """Return the verdict on a typed register, whole or in frames.

    Rows that may be alike in the contract's key lie in one frame. `population`: the people that the population
    register knows, as ten digits; this register's are held against it.
    """
    ask = _Asked()
    rules: list[_Rule] = []
    answers: list[bool | None] = []
    failed: list[int] = []
    pools = _Pools()
    rows = 0
    facts = _Facts(contract, population)
    for frame in [frames] if isinstance(frames, pl.DataFrame) else frames:
        if not rows:
            rules = [rule for column in contract.properties if column.name in frame.columns for rule in _rules(column)]
            answers, failed = [True] * len(rules), [0] * len(rules)
        facts.add(frame)
        rows += frame.height
        if rules:
            counts = frame.select(rule.fails.sum().alias(str(place)) for place, rule in enumerate(rules)).row(0)
            failed = [before + int(now or 0) for before, now in zip(failed, counts, strict=True)]
            pools.add(frame, rules)
            answers = _both(answers, ask.values(rules, pools.taken(POOL)))
    for values in pools.rest():
        answers = _both(answers, ask.values(rules, values))
    checks = [
        _check(rule.id, rule.column, answer, count, rows)
        for rule, answer, count in zip(rules, answers, failed, strict=True)
    ]
    found = facts.found()
    checks += [
        _check(fact.id, fact.column, answer, fact.failed_rows, rows)
        for fact, answer in zip(found, ask.facts(found), strict=True)
    ]
    return Verdict(register=contract.register, checks=tuple(checks))


def held(facts: Sequence[Fact]) -> tuple[Check, ...]:
    """Return Great Expectations' verdict on facts about registers together: it is given one row of counts."""
    answers = _Asked().facts(facts)
    return tuple(
        _check(fact.id, fact.column, answer, fact.failed_rows, fact.failed_rows)
        for fact, answer in zip(facts, answers, strict=True)
    )


def _check(name: str, column: str, answer: bool | None, failed: int, rows: int) -> Check:
    tolerated = name == "known_people"  # a share of the people, not all of them
    passed = answer is True and (failed == 0 or tolerated)
    return Check(id=name, column=column, passed=passed, failed_rows=failed, rows=rows, raised=answer is None)


def _rules(column: Property) -> list[_Rule]:
    name, value = column.name, pl.col(column.name)
    rules: list[_Rule] = []
    if column.required:
        rules.append(_Rule("not_null", name, "ExpectColumnValuesToNotBeNull", {}, value.is_null()))
    if column.codes:
        codes = list(column.codes)
        rules.append(_Rule("in_set", name, "ExpectColumnValuesToBeInSet", {"value_set": codes}, ~value.is_in(codes)))
    pattern = CPR if column.shape == "cpr" and column.logical_type == "string" else column.pattern
    if pattern:
        whole = f"^(?:{pattern})$"
        rules.append(
            _Rule("regex", name, "ExpectColumnValuesToMatchRegex", {"regex": whole}, ~value.str.contains(whole))
        )
    low, high = column.minimum, column.maximum
    if low is not None or high is not None:
        outside = pl.lit(False) if low is None else value < low
        outside = outside if high is None else outside | (value > high)
        bounds = {"min_value": _moment(low), "max_value": _moment(high)}
        rules.append(_Rule("between", name, "ExpectColumnValuesToBeBetween", bounds, outside))
    return rules


class _Facts:
    """What holds of all rows together, counted frame by frame."""

    def __init__(self, contract: Contract, population: pl.Series | None) -> None:
        self.contract = contract
        self.population = None if population is None else population.drop_nulls().unique()
        self.doubled = self.rows_unknown = 0
        self.keyed = False
        self.early: dict[str, int] = {}
        self.people: list[pl.Series] = []
        self.strangers: list[pl.Series] = []

    def add(self, frame: pl.DataFrame) -> None:
        contract = self.contract
        key = [name for name in contract.key if name in frame.columns]
        if contract.key and len(key) == len(contract.key):
            self.keyed = True
            self.doubled += frame.height - frame.select(key).n_unique()
        person = contract.person
        if self.population is not None and person is not None:
            people = frame[person.name].drop_nulls().unique()
            strange = people.filter(~people.is_in(self.population.implode()))
            self.people.append(people)
            self.strangers.append(strange)
            self.rows_unknown += int(frame[person.name].is_in(strange.implode()).sum() or 0)
        for column in contract.properties:
            if column.not_before and {column.name, column.not_before} <= set(frame.columns):
                early = int((frame[column.name] < frame[column.not_before]).sum() or 0)
                self.early[column.name] = self.early.get(column.name, 0) + early

    def found(self) -> list[Fact]:
        """Return each fact as a number, and what it may be."""
        facts: list[Fact] = []
        person = self.contract.person
        if self.keyed:
            facts.append(Fact("unique_key", "", self.doubled, None, 0, self.doubled))
        if self.people and person is not None:
            people, strange = (pl.concat(parts).n_unique() for parts in (self.people, self.strangers))
            share = 1 - strange / max(people, 1)
            facts.append(
                Fact("known_people", person.name, share, self.contract.min_known_share, None, self.rows_unknown)
            )
        facts += [Fact("in_order", name, early, None, 0, early) for name, early in self.early.items()]
        return facts


class _Pools:
    """Distinct values of the columns that rules look at, until there are enough of them to ask about."""

    def __init__(self) -> None:
        self.values: dict[str, pl.Series] = {}

    def add(self, frame: pl.DataFrame, rules: Sequence[_Rule]) -> None:
        for name in sorted({rule.column for rule in rules}):
            new = frame[name].unique(maintain_order=True)
            held = self.values.get(name)
            self.values[name] = new if held is None else pl.concat([held, new]).unique(maintain_order=True)

    def taken(self, most: int) -> dict[str, pl.Series]:
        """Return, and forget, the columns with at least so many values."""
        return {name: self.values.pop(name) for name in [*self.values] if len(self.values[name]) >= most}

    def rest(self) -> Iterator[dict[str, pl.Series]]:
        """Return what is left: long columns, then short ones, since all of one table are as long as its longest."""
        for values in (self.taken(LONG), self.taken(0)):
            if values:
                yield values


class _Asked:
    """Great Expectations' answer to each rule and fact: true, false, or None where the expectation broke."""

    def __init__(self) -> None:
        self.source: Any = None
        self.asked = 0

    def values(self, rules: Sequence[_Rule], values: Mapping[str, pl.Series]) -> list[bool | None]:
        """Hold rules against columns' distinct values; a rule of a column that is not there holds."""
        here = [place for place, rule in enumerate(rules) if rule.column in values]
        answers: list[bool | None] = [True] * len(rules)
        if here:
            asked = [
                (rules[place].expectation, {"column": rules[place].column, **rules[place].arguments}) for place in here
            ]
            for place, answer in zip(here, self._ask(_side_by_side(values), asked), strict=True):
                answers[place] = answer
        return answers

    def facts(self, facts: Sequence[Fact]) -> list[bool | None]:
        """Hold facts, as a table of one row, against what they may be."""
        if not facts:
            return []
        import pandas as pd

        row = pd.DataFrame({f"fact_{place}": [fact.number] for place, fact in enumerate(facts)})
        bounds = [
            {"column": f"fact_{place}", "min_value": fact.low, "max_value": fact.high}
            for place, fact in enumerate(facts)
        ]
        return self._ask(row, [("ExpectColumnValuesToBeBetween", bound) for bound in bounds])

    def _ask(self, table: pd.DataFrame, asked: list[tuple[str, dict[str, Any]]]) -> list[bool | None]:
        if self.source is None:
            self.source = _source()
        import great_expectations as gx
        import great_expectations.expectations as expectations

        self.asked += 1
        name = f"asked_{self.asked}"
        whole = self.source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
        made = [
            getattr(expectations, kind)(**arguments, meta={"place": place})
            for place, (kind, arguments) in enumerate(asked)
        ]
        batch = whole.get_batch(batch_parameters={"dataframe": table})
        # At this level: on an expectation, the format would be passed over, and values would be kept.
        result = batch.validate(gx.ExpectationSuite(name=name, expectations=made), result_format="BOOLEAN_ONLY")
        self.source.delete_asset(name)
        found: dict[int, bool | None] = {
            one.expectation_config.meta["place"]: None if _raised(one.exception_info) else bool(one.success)
            for one in result.results
            if one.expectation_config is not None
        }
        return [found.get(place) for place in range(len(asked))]


def _source() -> Any:
    """Return a place in memory that Great Expectations takes frames from: nothing sent, nothing stored."""
    _load()
    for logger in ("great_expectations", "posthog"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)  # its warnings quote what it was given
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_pandas("memory")


def _both(one: Sequence[bool | None], other: Sequence[bool | None]) -> list[bool | None]:
    return [None if None in pair else bool(pair[0] and pair[1]) for pair in zip(one, other, strict=True)]


def _side_by_side(values: Mapping[str, pl.Series]) -> pd.DataFrame:
    """Return columns' distinct values side by side, short ones filled up with their own first value."""
    import pandas as pd

    height = max(len(series) for series in values.values())
    table = {}
    for name, series in values.items():
        filled = series.extend_constant(series[0], height - len(series)) if len(series) else pl.Series([None] * height)
        if filled.dtype == pl.Date:
            table[name] = pd.Series(filled.cast(pl.Datetime("us")).to_numpy(), name=name)
        elif filled.dtype == pl.String:
            table[name] = pd.Series(filled.to_list(), name=name, dtype=object)
        else:
            table[name] = filled.to_pandas()
    return pd.DataFrame(table)


def _moment(bound: float | date | None) -> float | datetime | None:
    return datetime(bound.year, bound.month, bound.day) if isinstance(bound, date) else bound


def _raised(info: Any) -> bool:
    """Return whether an expectation broke; what it says of it is not looked at, since it may quote a value."""
    if not isinstance(info, dict):
        return False
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    return any(part.get("raised_exception") is True for part in parts)
