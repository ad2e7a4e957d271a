"""Guards that are on unless the study says why not: age in whole years, longer history, season, run-in, selection.

`[guards]` in study.toml turns one off by a text that says why. The first two and the season put a column in the
background; a study without a run-in, or whose people have dates of their own and no month, is refused by `check`; where
the population is a register of clients, each card's objection says so. See docs/traps.md, rows 3, 6, 10, 13 and 14.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipelines.contracts import Contract
from pipelines.errors import InputError
from pipelines.study import NOTHING_IS_NO, Characteristic, Study, Variable
from pipelines.words import both

__all__ = ["check_guards", "guarded", "may_be_clients", "no_of_newcomers"]

LONGER = 3  # times as far back as a recent count
_MONTH = re.compile(
    r"(?:^|[_ ])(?:indeks)?(?:maaned|måned|month|kvartal|quarter|season|saeson|sæson|årstid|aarstid)(?:[_ ]|$)"
)


def guarded(study: Study, contracts: Mapping[str, Contract]) -> Study:
    """Return the study with the columns in its background that its registers call for and it does not have itself."""
    home = contracts.get(study.population.register)
    found = [*_age(study, home), *_histories(study, contracts), *_season(study, home)]
    taken = {one.name for one in study.variables}
    made: list[Variable] = []
    for one in found:
        name, number = one.name, 2
        while name in taken:
            name, number = f"{one.name}_{number}", number + 1
        taken.add(name)
        made.append(replace(one, name=name))
    arrived = study.population.arrived
    came = arrived.date if arrived is not None else home.arrival if home is not None else None
    selected = home is not None and not home.population and not study.guards.selection
    return replace(
        study,
        population=replace(study.population, came=None if study.guards.run_in else came),
        adjust=(*study.adjust, *made),
        characteristics=tuple(replace(one, selected=selected) for one in study.characteristics),
    )


def check_guards(study: Study, contracts: Mapping[str, Contract]) -> Iterator[InputError]:
    """Return what no column can mend: "never" of people who came late, and a season that nobody can see."""
    home = contracts.get(study.population.register)
    known = study.population.arrived is not None or (home is not None and home.arrival is not None)
    never = [one.name for one in study.characteristics if one.rule == "never"]
    if never and not known and not study.guards.run_in:
        yield InputError("study_guard_run_in", file="study.toml", field=", ".join(never))
    if study.reference_date is None and home is not None and not study.guards.season and not _months(study, home):
        yield InputError("study_guard_season", file="study.toml", field="guards.season")


def no_of_newcomers(study: Study, contracts: Mapping[str, Contract]) -> int:
    """Return how many characteristics say no of people who came too late to be seen: nothing says when anybody came."""
    home = contracts.get(study.population.register)
    if study.population.arrived is not None or study.guards.run_in or (home is not None and home.arrival is not None):
        return 0
    return sum(one.date is not None and one.rule in NOTHING_IS_NO for one in study.characteristics)


def may_be_clients(study: Study, contracts: Mapping[str, Contract]) -> bool:
    """Whether the population, said to be everybody, has no sign of those who died or moved: as of clients."""
    home = contracts.get(study.population.register)
    if home is None or not home.population or study.population.left is not None or study.guards.selection:
        return False
    told = {column for column, _ in study.population.where}
    gone = any({"80", "90"} <= set(one.codes) or (one.name in told and one.codes) for one in home.held)
    return not gone and sum(one.person is not None for one in contracts.values()) > 1


def _age(study: Study, home: Contract | None) -> Iterator[Variable]:
    """Whole years of age, as a curve: an age in two bands makes combinations of what the oldest have."""
    name = study.population.age
    if name is None or study.guards.age or home is None:
        return
    column = next((one for one in home.held if one.name == name), None)
    if column is None or column.time != "historic":
        return
    if not any(_whole(one) and (one.register, one.column) == (home.register, name) for one in study.adjust):
        yield Variable(
            name="alder_hele_aar", register=home.register, rule="value", column=name, label=both("guard.age")
        )


def _whole(one: Variable) -> bool:
    return one.rule == "value" and one.at_least is None and not one.is_ and not one.groups


def _histories(study: Study, contracts: Mapping[str, Contract]) -> Iterator[Variable]:
    """How often, over three times as long: a recent extreme is partly chance, and goes back to its mean."""
    recent: dict[tuple[object, ...], list[Characteristic]] = {}
    for one in study.characteristics:
        if one.rule == "count" and (one.at_least or 0) >= 2 and one.date and one.window is not None and not one.after:
            recent.setdefault((one.register, one.where, one.date, one.via), []).append(one)
    for (register, where, day, _), group in recent.items() if not study.guards.history else ():
        windows = [one.window for one in group if one.window is not None]
        end = max(last for _, last in windows)
        shortest = max(first for first, _ in windows)
        contract = contracts.get(str(register))
        start = _seen_from(study, contract, group[0], min(LONGER * shortest, *(first for first, _ in windows)), end)
        longer = [
            one
            for one in study.adjust
            if (one.register, one.where, one.date) == (register, where, day)
            and one.window is not None
            and one.window[0] < shortest
        ]
        if start < shortest and not longer:
            yield Variable(
                name=f"{group[0].name}_laengere", register=group[0].register, rule="count", where=group[0].where,
                date=group[0].date, via=group[0].via, window=(start, end),
                label=both("guard.history", label=group[0].label),
            )  # fmt: skip


def _seen_from(study: Study, contract: Contract | None, one: Variable, start: int, end: int) -> int:
    """Return the first day that the register can be read from: it is whole, and no break lies after."""
    if contract is None or study.reference_date is None:
        return start
    reference = study.reference_date
    days = [(contract.whole_from - reference).days] if contract.whole_from is not None else []
    touched = one.columns | ({one.date} if one.date else set())
    days += [
        (broken.date - reference).days
        for broken in contract.breaks
        if not broken.mapping and broken.touches(touched) and (broken.date - reference).days < end
    ]
    return max([start, *days])


def _season(study: Study, home: Contract | None) -> Iterator[Variable]:
    """The month of a person's own index date, where people have one."""
    if study.reference_date is not None or home is None or study.guards.season:
        return
    for name in _months(study, home):
        if not any(one.column == name for one in (*study.adjust, *study.characteristics)):
            yield Variable(
                name="indeksmaaned", register=home.register, rule="value", column=name, label=both("guard.season")
            )


def _months(study: Study, home: Contract) -> list[str]:
    """Return the population's columns that say in which month somebody's index date lies: the first is enough."""
    mine = {one.column for one in study.adjust if one.register == home.register}
    told = [
        one.name
        for one in home.held
        if not one.dropped and one.time == "historic" and one.logical_type in ("string", "integer")
        and (_MONTH.search(one.name) or _MONTH.search(one.header.lower()))
    ]  # fmt: skip
    return sorted(told, key=lambda name: name not in mine)[:1]
