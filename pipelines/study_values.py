"""What a study says, as values: its variables, people, limits and guards. `study.py` reads them from `study.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipelines.contract_schema import Eligibility
from pipelines.legal import Legal
from pipelines.study_toml import NO_WORDS, Scalar
from reports.values import Unit, Words

Kind = Literal["yes_no", "count", "time"]
Scale = Literal["ratio", "additive"]
Rule = Literal["any", "never", "count", "sum", "latest", "time_since", "value", "missing"]
NOTHING_IS_NO = ("any", "never", "count", "sum", "missing")  # rules in which a row that is not there says something
Stay = Literal["keep", "unknown"]
Where = tuple[tuple[str, tuple[Scalar, ...]], ...]  # columns, and the values that count
NO_ANSWERS = Legal(basis={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How small a printed group may be. Looser than the defaults needs a reason, which goes to the ledger."""

    smallest_group: int = 10
    smallest_difference: int = 5
    search_floor: int = 50
    search_expected: float = 5.0
    package_k: int = 10
    package_l: int = 3
    package_membership: float = 0.55  # what an attacker may learn of who is in a package; 0.5 is nothing
    reason: str = ""

    @property
    def looser(self) -> tuple[str, ...]:
        """The limits that are looser than their defaults."""
        defaults = Limits()
        names = ("smallest_group", "smallest_difference", "search_floor", "search_expected", "package_k", "package_l")
        low = [name for name in names if getattr(self, name) < getattr(defaults, name)]
        wide = self.package_membership > defaults.package_membership
        return (*low, *(["package_membership"] if wide else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept, in days."""

    vault_days: int = 730
    quarantine_days: int = 90
    run_days: int = 730
    package_days: int = 365
    log_days: int = 1825


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """Guards that are on unless a text says why not: see `guards`."""

    age: str = ""
    history: str = ""
    season: str = ""
    run_in: str = ""
    selection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageColumns:
    """What the package protects: what an outsider may know of somebody, and what must stay unknown."""

    quasi: tuple[str, ...]  # columns of the cohort; at most five
    sensitive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How a register says that somebody died or moved: rows that match `where`, dated by `date`."""

    where: Where
    date: str
    died: Where = ()  # which of them died; the others moved
    all_died: bool = False  # the date is that of a death
    died_in_window: Stay = "keep"  # an outcome that did not come before a death is no; or nothing is known
    moved_in_window: Stay = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """When a person came, and what becomes of those who came so late that the time before was not seen."""

    date: str  # a column of the population
    days: int  # before the index date, that a person must have been there
    rule: Literal["leave_out", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Who the study is about: people in one register on the index date."""

    register: str
    where: Where = ()
    min_age: int | None = None
    max_age: int | None = None
    age: str | None = None  # the column of whole years at the index date
    cluster: str | None = None  # household, care home: people whose outcomes go together
    first: str | None = None  # of several rows a person, the one with the lowest value here
    left: Left | None = None  # who died or moved on or before the index date
    arrived: Arrived | None = None  # who came after the time that the characteristics look at
    came: str | None = None  # of the contract: the column of the day from which a person has lived here
    never_resident: Where = ()  # counted by themselves: a register knows of people who never lived here
    protected: Where = ()  # name and address protection: nothing of where they live is known to the study
    label: Words = NO_WORDS
    definition: Words = NO_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Where a person must have been seen before the index date, for a variable to be known at all."""

    register: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """The order of two events: a row counts only so many days after a row of another register, of the same person."""

    register: str
    where: Where
    date: str
    within: tuple[int, int]  # [from, to) in days, from at least 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """Codes that a break changed: before its day, a column's old code is read as the new one."""

    column: str
    day: int  # from the index date
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column of the cohort, computed from the rows of one register: see docs/studies.md for the rules."""

    name: str
    register: str
    rule: Rule
    where: Where = ()
    date: str | None = None
    window: tuple[int, int] | None = None  # days from the index date, [from, to)
    column: str | None = None
    at_least: float | None = None
    is_: tuple[Scalar, ...] = ()
    groups: Where = ()  # a text into named groups, the first that fits
    via: str | None = None
    unknown_unless: Known | None = None  # without a row there before the index date, nothing is known of the person
    after: After | None = None
    eligible: tuple[Eligibility, ...] = ()  # of the contract: outside it, undefined
    mapped: tuple[Mapped, ...] = ()  # of the contract's breaks
    empty_is_never: bool = False  # of the contract: a row without the date is one of what did not happen
    geography: bool = False  # where a person lives: unknown of those with address protection
    label: Words = NO_WORDS
    definition: Words | None = None

    @property
    def columns(self) -> set[str]:
        """The register's columns whose values it reads; not its date."""
        return {column for column, _ in self.where} | ({self.column} if self.column is not None else set())

    @property
    def yes_no(self) -> bool:
        """Whether the column holds yes and no, rather than categories or numbers."""
        return self.rule in ("any", "never", "missing") or self.at_least is not None or bool(self.is_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic(Variable):
    """What was known of a person before the index date, and may be part of a combination."""

    service: bool = False  # given by need: a finding with it gets the fixed objection
    named_yes: bool = False  # of whom people are easily judged: a card that names it needs one more named yes
    selected: bool = False  # of people who are in the study for being clients: the objection says so
    clause: Words | None = None
    clause_not: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Variable):
    """What happened after the index date: yes or no, a number of events, or when the first one came; or not known."""

    known_after: bool = False  # the register dates nothing, but the column is known only after the index date
    observed_to: str | None = None  # the population's column of the last day on which the outcome could be seen
    ended: Where = ()  # whose time ended for good (death): nothing more could happen, and that is known
    kind: Kind = "yes_no"  # count, time: everybody is followed to the window's end or until they are no longer seen
    unit: Unit = "years"  # of the follow-up
    more: Words = NO_WORDS
    fewer: Words = NO_WORDS
    past: Words = NO_WORDS
    searched: bool = True  # false: a column of the cohort and the package, and no more

    @property
    def follow_up(self) -> str | None:
        """Return the cohort's column with how long each person was followed: no name of a study's own has a space."""
        return None if self.kind == "yes_no" else f"{self.name} follow_up"


NO_GUARDS_OFF = Guards()


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A register that can be joined with nobody, as a check of the outcome's level: how many has it in the window?"""

    name: str
    register: str
    count: str  # the column of whose different values there are so many: a number of the register's own
    date: str
    window: tuple[int, int]  # days from the index date, [from, to)
    where: Where = ()
    label: Words = NO_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A whole `study.toml`, checked."""

    id: str
    demo: bool
    invented: bool  # a demo whose people do not exist: it says so where they do, as the examples with public data do
    controller: str
    dpo: str
    title: Words
    purpose: Words
    legal_basis: str
    key: str
    inbox: str
    reference_date: date | None  # None: dates are already whole days, counted from a day of each person's own
    index_day: int  # that count on the index date; windows are counted from there
    alpha: float
    lock: float
    attempts: int
    publish_from: Literal["discovered", "confirmed"]
    scale: Scale  # on which a combination is expected and decided: ratio (odds, rates, hazards) or additive
    max_order: int
    seed: int
    known: tuple[str, ...]  # combinations everybody knows of, "a=ja & b=ja": not to be found
    negative_controls: tuple[str, ...]  # outcomes that no finding should have anything to do with
    self_test_seconds: float  # about so long the run tests itself; 0: not at all
    alarm_webhook: str
    witness_folder: str  # where each night's head of the ledger is laid: mounted from another machine
    not_adjusted_for: tuple[Words, ...]
    limits: Limits
    retention: Retention
    population: Population
    characteristics: tuple[Characteristic, ...]
    adjust: tuple[Variable, ...]
    outcomes: tuple[Outcome, ...]
    sha256: str
    guards: Guards = NO_GUARDS_OFF
    care_home: str | None = None  # a yes/no characteristic: findings are redone without those who live in one
    again: tuple[Variable, ...] = ()  # what findings are redone in: see `redone`; no part of anybody's choice
    levels: tuple[Level, ...] = ()  # what registers that cannot be linked say of the first outcome's level
    package: PackageColumns | None = None  # None: the run makes no package
    legal: Legal = NO_ANSWERS  # what was decided; real data do not run while a question is open
    statement_required: bool = True  # nothing leaves the house without the DPO's statement

    @property
    def searched(self) -> tuple[Outcome, ...]:
        """The outcomes that a run searches, in the file's order: they share alpha. At least one; the first leads."""
        return tuple(one for one in self.outcomes if one.searched and one.name not in self.negative_controls)

    @property
    def outcome(self) -> Outcome:
        """The first outcome that is searched: the one that a report's headline is of."""
        return self.searched[0]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every column of the cohort but the person and the cluster, in the cohort's order."""
        return (*self.characteristics, *self.adjust, *self.outcomes, *self.again)

    @property
    def registers(self) -> tuple[str, ...]:
        """Every register that the study reads, sorted."""
        names = {self.population.register} | {variable.register for variable in self.variables}
        names |= {variable.after.register for variable in self.variables if variable.after is not None}
        return tuple(
            sorted(names | {v.unknown_unless.register for v in self.variables if v.unknown_unless is not None})
        )
