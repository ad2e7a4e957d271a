"""What a register's rows mean for a study: breaks, maturity, coverage, eligibility, and who is no longer in it.

The contract says it, `check` refuses a study that goes against it, naming contract, column and dates; and what a
contract says of a column is carried into the study's own variables, so that the cohort's query shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from pipelines.contract_schema import FILE_NAME, Break, SeenFor
from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.guards import check_guards, guarded
from pipelines.redone import redone_in
from pipelines.study import NOTHING_IS_NO, Characteristic, Known, Mapped, Outcome, Study, Variable

__all__ = [
    "ANSWERS",
    "CPR_DAY",
    "FULL_DAY",
    "carried",
    "check_answers",
    "check_meaning",
    "extraction_days",
    "known_then",
]

STUDY_FILE = Path("study.toml")
ANSWERS = ("dead_and_moved", "whole_from", "seen_for", "delivery")
CPR_DAY = re.compile(r"(?<![A-Za-z0-9])D(\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\.")  # D251001.L431101
FULL_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
AnyVariable = TypeVar("AnyVariable", bound=Variable)
Extracted = Mapping[str, date | None]


def extraction_days(contracts: Mapping[str, Contract], inbox: Path | None) -> dict[str, date | None]:
    """Return the day of extraction of each register: as its contract says, or as its newest file's name does."""
    from pipelines.sources import find_files

    found: dict[str, date | None] = {}
    for register, contract in contracts.items():
        found[register] = contract.extracted if isinstance(contract.extracted, date) else None
        if contract.extracted == FILE_NAME and inbox is not None:
            try:
                names = [path.name for path in find_files(contract, inbox)]
            except InputError:  # said elsewhere
                continue
            days = [day for name in names for day in _days_in(name)]
            found[register] = max(days, default=None)
    return found


def check_answers(contracts: Mapping[str, Contract], registers: tuple[str, ...]) -> list[InputError]:
    """Return each of the four questions that nobody has answered, for registers about people that the study reads."""
    errors = []
    for register in registers:
        contract = contracts.get(register)
        if contract is not None and contract.person is not None:
            missing = [name for name in ANSWERS if getattr(contract, name) in ("", None)]
            if missing:
                errors.append(InputError("meaning_unanswered", file=_file(register), properties=", ".join(missing)))
    return errors


def check_meaning(study: Study, contracts: Mapping[str, Contract], extracted: Extracted) -> list[InputError]:
    """Return everything in the study that its contracts say cannot be meant.

    A characteristic may not read a column that was overwritten after the index date, nor a register that those who
    died or moved have left; no window may straddle a break without a mapping, begin before the register is whole, or
    end before what happened in it has come in.
    """
    errors: list[InputError] = []
    for variable in study.variables:
        contract = contracts.get(variable.register)
        if contract is not None:
            errors += _of_variable(study, variable, contract, extracted.get(variable.register))
            seen = contract.seen_for
            if isinstance(seen, SeenFor) and seen.register not in contracts:
                errors.append(_error("meaning_seen_for", contract, variable, register=seen.register))
        if variable.after is not None and variable.after.register in contracts:
            anchor = contracts[variable.after.register]
            errors += _of_anchor(study, variable, anchor, extracted.get(anchor.register))
    errors += check_guards(study, contracts)
    population = contracts.get(study.population.register)
    if population is not None:
        errors += _of_population(study, population, extracted.get(population.register))
    return errors


def carried(study: Study, contracts: Mapping[str, Contract]) -> Study:
    """Return the study with what its contracts say of each variable: need, coverage, eligibility, mapped codes."""
    study = guarded(study, contracts)
    made = replace(
        study,
        characteristics=tuple(_carried(study, one, contracts) for one in study.characteristics),
        adjust=tuple(_carried(study, one, contracts) for one in study.adjust),
        outcomes=tuple(_carried(study, one, contracts) for one in study.outcomes),
    )
    return replace(made, again=redone_in(made, contracts))


def _carried(study: Study, variable: AnyVariable, contracts: Mapping[str, Contract]) -> AnyVariable:
    contract = contracts.get(variable.register)
    if contract is None:
        return variable
    columns = contract.read_by(variable.columns)
    eligible = (contract.eligibility, *(column.eligibility for column in columns))
    made = replace(variable, eligible=tuple(dict.fromkeys(one for one in eligible if one is not None)))
    seen = contract.seen_for
    known = isinstance(seen, SeenFor) and seen.register in contracts
    if (
        known
        and isinstance(seen, SeenFor)
        and variable.unknown_unless is None
        and variable.via is None
        and variable.date
    ):
        made = replace(made, unknown_unless=Known(register=seen.register, date=seen.date))
    if study.reference_date is not None and variable.date is not None:
        mapped = [
            Mapped(column=name, day=(one.date - study.reference_date).days, codes=one.mapping)
            for one in contract.breaks
            if one.mapping
            for name in one.columns
        ]
        made = replace(made, mapped=tuple(mapped))
    if any(column.name == variable.date and column.empty == "never" for column in contract.properties):
        made = replace(made, empty_is_never=True)
    if any(column.treatment == "district" for column in columns):
        made = replace(made, geography=True)
    if isinstance(made, Characteristic) and any(column.service for column in columns):
        made = replace(made, service=True)
    return made


def _of_variable(study: Study, variable: Variable, contract: Contract, extracted: date | None) -> Iterator[InputError]:
    used = variable.columns
    if not isinstance(variable, Outcome):
        yield from _overwritten(study, variable.name, used, contract, extracted)
        if contract.dead_and_moved == "gone" and not contract.population and not known_then(study, extracted):
            yield _error("meaning_survivors", contract, variable, extracted=_shown(extracted))
    if variable.window is None or variable.date is None or study.reference_date is None:
        return
    first, last = _days(study, variable)
    dated = used | {variable.date}
    yield from _straddled(contract, variable, dated, first, last)
    if contract.whole_from is not None and first < contract.whole_from and variable.rule in NOTHING_IS_NO:
        yield _error(
            "meaning_before_whole", contract, variable, column=variable.date, first=first.isoformat(),
            whole=contract.whole_from.isoformat(),
        )  # fmt: skip
    if contract.maturity:
        whole = None if extracted is None else extracted - timedelta(days=contract.maturity)
        if whole is None:
            yield _error("meaning_extracted_missing", contract, variable, days=contract.maturity)
        elif last > whole:
            yield _error(
                "meaning_not_mature", contract, variable, column=variable.date, last=last.isoformat(),
                whole=whole.isoformat(), days=contract.maturity,
            )  # fmt: skip


def _of_anchor(study: Study, variable: Variable, contract: Contract, extracted: date | None) -> Iterator[InputError]:
    """What an event counts after is read under the same rules as the event itself."""
    after = variable.after
    if after is None:
        return
    used = {column for column, _ in after.where}
    if not isinstance(variable, Outcome):
        yield from _overwritten(study, f"{variable.name}.after", used, contract, extracted)
    if variable.window is not None and study.reference_date is not None:
        first, last = _days(study, variable)
        if not isinstance(variable, Outcome):
            first -= timedelta(days=after.within[1] - 1)
        yield from _straddled(contract, variable, used | {after.date}, first, last)


def _of_population(study: Study, contract: Contract, extracted: date | None) -> Iterator[InputError]:
    used = {column for column, _ in study.population.where}
    yield from _overwritten(study, "population.where", used, contract, extracted)
    if contract.dead_and_moved == "gone" and not known_then(study, extracted):
        yield InputError(
            "meaning_population_survivors",
            file=_file(contract.register),
            field="population",
            extracted=_shown(extracted),
        )


def _overwritten(
    study: Study, field: str, used: set[str], contract: Contract, extracted: date | None
) -> Iterator[InputError]:
    if known_then(study, extracted):
        return
    for column in contract.read_by(used):
        if column.time == "snapshot":
            yield InputError(
                "meaning_snapshot" if column.time_said else "meaning_time_not_said",
                file=_file(contract.register), column=column.name, field=field, extracted=_shown(extracted),
                index=_shown(study.reference_date),
            )  # fmt: skip


def _straddled(
    contract: Contract, variable: Variable, columns: set[str], first: date, last: date
) -> Iterator[InputError]:
    columns = columns | {one.name for one in contract.read_by(columns)}
    for one in contract.breaks:
        if not one.mapping and one.touches(columns) and first < one.date <= last:
            yield _error(
                "meaning_break", contract, variable, column=", ".join(_named(one, columns)) or "*",
                day=one.date.isoformat(), what=one.what, first=first.isoformat(), last=last.isoformat(),
            )  # fmt: skip


def _named(one: Break, columns: set[str]) -> list[str]:
    return sorted(columns.intersection(one.columns))


def known_then(study: Study, extracted: date | None) -> bool:
    """Whether the extract was made on or before the index date: nothing in it can know of what came after."""
    return extracted is not None and study.reference_date is not None and extracted <= study.reference_date


def _days(study: Study, variable: Variable) -> tuple[date, date]:
    """Return the first and the last day of a variable's window."""
    start, end = variable.window or (0, 1)
    return _plus(study.reference_date, start), _plus(study.reference_date, end - 1)


def _plus(day: date | None, days: int) -> date:
    try:
        return (day or date.max) + timedelta(days=days)
    except OverflowError:
        return date.min if days < 0 else date.max


def _error(key: str, contract: Contract, variable: Variable, **facts: str | int) -> InputError:
    return InputError(key, file=_file(contract.register), field=variable.name, **facts)


def _days_in(name: str) -> Iterator[date]:
    found = [(int(year), month, day) for year, month, day in FULL_DAY.findall(name)]
    found += [(2000 + int(year), month, day) for year, month, day in CPR_DAY.findall(name)]
    for year, month, day in found:
        try:
            yield date(year, int(month), int(day))
        except ValueError:
            continue


def _shown(day: date | None) -> str:
    return "?" if day is None else day.isoformat()


def _file(register: str) -> str:
    return f"contracts/{register}.yaml"
