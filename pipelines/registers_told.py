"""What the registers turned out to hold, and what was done about it, a line each: for report, DPO, run and check.

Numbers changed, a mass of rows on one day, columns true on one day only, people with protection, codes and laws that
changed, columns that give the outcome away, registers that cannot be linked. Counts pass the gate like all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from analysis.values import Discovery
from pipelines.account import RegisterAccount, RunAccount
from pipelines.cohort_columns import columns_read
from pipelines.contracts import Contract
from pipelines.gate import Gate
from pipelines.guards import no_of_newcomers
from pipelines.study import Study
from pipelines.words import both, known_words, study_words
from reports.values import Words

__all__ = ["contract_lines", "people_told", "seen"]

FEW = 10  # a mean of other days is nobody's count; it is told as coarsely as one all the same
STRANGERS = 0.1  # of a register's rows: numbers typed wrong are fewer
Extracted = Mapping[str, date | None]


def seen(
    study: Study,
    contracts: Mapping[str, Contract],
    account: RunAccount,
    found: Discovery,
    *,
    gate: Gate,
    outcomes: int,
    extracted: Extracted,
) -> tuple[Words, ...]:
    """Return the lines of a run. `outcomes`: how many have the outcome, as the report prints it."""
    labels = {one.name: one.label for one in study.variables}
    lines: list[Words] = []
    if account.renumbered:
        rows = sum(one.renumbered for one in account.registers)
        lines.append(_line("renumbered", people=people_told(gate, "renumbered", account.renumbered),
                           rows=gate.rows("renumbered", rows)))  # fmt: skip
    home = contracts.get(study.population.register)
    for one in account.registers:
        if home is not None and home.population and one.strangers > STRANGERS * one.rows:
            lines.append(_line("strangers", register=_name(contracts[one.register]), population=_name(home)))
        lines += _mass_days(contracts[one.register], one, gate)
    protected = dict(account.notes).get("protected", 0)
    if protected:
        lines.append(_line("protected", people=people_told(gate, "flow|protected", protected)))
    late = dict(account.notes).get("arrived_late_unknown", 0)
    if late:
        lines.append(_line("arrived_late", people=people_told(gate, "flow|arrived_late_unknown", late)))
    lines += [
        _line("leak", column=labels.get(one.column, Words(da=one.column, en=one.column)))
        for one in found.left_out
        if one.reason == "gives_outcome_away"
    ]
    lines += [_line("known", combination=known_words(one, study_words(study))) for one in found.known]
    lines += contract_lines(study, contracts, extracted)
    told = dict(account.levels)
    lines += [
        _line("level", register=_name(contracts[one.register]), label=one.label,
              theirs=gate.total(f"level|{one.name}", told[one.name]), ours=outcomes)
        for one in study.levels if one.name in told
    ]  # fmt: skip
    return tuple(lines)


def contract_lines(study: Study, contracts: Mapping[str, Contract], extracted: Extracted) -> list[Words]:
    """Return what the contracts alone say: before any row is read."""
    newcomers = no_of_newcomers(study, contracts)
    used = {(register, column) for register, columns in columns_read(study).items() for column in columns}
    unsaid = [_line("arrival_unsaid", count=newcomers)] if newcomers else []
    return unsaid + [
        line
        for contract in contracts.values()
        for line in (*_snapshots(contract, used, extracted), *_breaks(contract), *_unlinked(study, contract))
    ]


def _mass_days(contract: Contract, one: RegisterAccount, gate: Gate) -> Iterator[Words]:
    for mass in one.mass_days:
        column = contract.column(mass.column)
        yield _line(
            f"mass_{mass.rule or 'unsaid'}",
            register=_name(contract),
            column=Words(da=column.label_da, en=column.label_en),
            day=mass.day,
            rows=gate.rows(f"{contract.register}|{mass.column}|{mass.day.isoformat()}", mass.rows),
            usual=both("registers.few") if mass.usual < FEW else round(mass.usual, -1),
        )


def _snapshots(contract: Contract, used: set[tuple[str, str]], extracted: Extracted) -> Iterator[Words]:
    columns = [
        column
        for column in contract.properties
        if column.time == "snapshot" and column.time_said and (contract.register, column.name) not in used
        and column.role not in ("linking_identifier", "direct_identifier", "person_identifier")
        and not (contract.part_of and (contract.part_of, column.name) in used)
    ]  # fmt: skip
    if columns:
        made = extracted.get(contract.register)
        yield _line(
            "snapshot" if made else "snapshot_undated",
            register=_name(contract),
            columns=_listed(Words(da=one.label_da, en=one.label_en) for one in columns),
            day=made or "",
        )


def _breaks(contract: Contract) -> Iterator[Words]:
    for one in contract.breaks:
        columns = [contract.column(name) for name in one.columns]
        yield _line(
            ("break_mapped" if one.mapping else "break_unmapped") if columns else "break_whole",
            register=_name(contract),
            what=one.what,
            day=one.date,
            columns=_listed(Words(da=column.label_da, en=column.label_en) for column in columns),
        )


def _unlinked(study: Study, contract: Contract) -> Iterator[Words]:
    if contract.unlinked:
        read = any(level.register == contract.register for level in study.levels)
        yield _line("unlinked_level" if read else "unlinked", register=_name(contract))


def _name(contract: Contract) -> Words:
    return Words(da=contract.label_da, en=contract.label_en)


def people_told(gate: Gate, definition: str, people: int) -> int | Words:
    """Return a number of people as the gate lets it through, or in words that they are few."""
    printed = gate.group(definition, people)
    return printed if printed is not None else both("registers.few")


def _listed(words: Iterator[Words]) -> Words:
    every = list(words)
    return Words(da=", ".join(f"»{one.da}«" for one in every), en=", ".join(f'"{one.en}"' for one in every))


def _line(name: str, **facts: str | int | date | Words) -> Words:
    told = both(f"registers.{name}", **facts)
    if "people" not in facts:
        return told
    return Words(da=told.da[:1].upper() + told.da[1:], en=told.en[:1].upper() + told.en[1:])  # "fewer than ten …"
