"""What a run counts on its way: per register, and for the people who became the cohort. Counts only, no values."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.delivery_changes import Changes
from pipelines.ingest import Place
from pipelines.mass_days import MassDay

NO_CHANGES = Changes()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAccount:
    """One register's way in: rows read, refused, dropped as duplicates, and what the checks said."""

    register: str
    files: tuple[tuple[str, str], ...]  # name, SHA-256
    rows: int
    refused: int
    reasons: tuple[tuple[str, int], ...]  # reason key, rows
    duplicates: int
    places: tuple[Place, ...] = ()  # of the first five refused rows
    repaired: int = 0  # values that got back the leading zero that a spreadsheet ate
    people: int = 0
    missing: tuple[tuple[str, float], ...] = ()  # column, share of rows that have no value
    again: int = 0  # files with the same content as another of the register, not read twice
    modulus: int = 0  # the population's CPR numbers that do not fit modulus 11: allowed since 2007
    renumbered: int = 0  # rows that stood under a former number of somebody's
    mass_days: tuple[MassDay, ...] = ()
    strangers: int = 0  # rows about people whom the population does not know
    changes: Changes = NO_CHANGES  # of its rows, beside the last delivery's
    checks_passed: int = 0
    checks_failed: tuple[tuple[str, str], ...] = ()  # check id, column

    @property
    def rows_rejected(self) -> int:
        return self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAccount:
    """All registers and the cohort's flow: who was left out, and why."""

    registers: tuple[RegisterAccount, ...] = ()
    flow: tuple[tuple[str, int], ...] = ()
    notes: tuple[tuple[str, int], ...] = ()  # of the people in the study, those whom a stated rule is about
    people: int = 0
    outcomes: int = 0
    outcome: str = ""
    within: tuple[tuple[str, str], ...] = ()  # outcomes: everybody with the first of a pair has the second as well
    others: tuple[tuple[str, int], ...] = ()  # the other outcomes that are searched, and how many have each
    renumbered: int = 0  # people of the population who had another number before
    levels: tuple[tuple[str, int], ...] = ()  # the study's levels: name, and how many the register has
    dropped_columns: tuple[tuple[str, str], ...] = field(default=())  # register, column
