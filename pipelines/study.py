"""A study: one question, on one legal basis, with one key, as `study.toml` says it."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

from pipelines import patterns
from pipelines.contract_schema import Eligibility
from pipelines.errors import InputError, InputErrors
from pipelines.legal import Legal, read_legal
from pipelines.shown import number_within, shown_name
from pipelines.study_toml import NO_WORDS, Scalar, Table
from reports.values import Unit, Words

Kind = Literal["yes_no", "count", "time"]
Scale = Literal["ratio", "additive"]
Rule = Literal["any", "never", "count", "sum", "latest", "time_since", "value", "missing"]
NOTHING_IS_NO = ("any", "never", "count", "sum", "missing")  # rules in which a row that is not there says something
RULES: tuple[Rule, ...] = ("any", "never", "count", "sum", "latest", "time_since", "value", "missing")
Stay = Literal["keep", "unknown"]
STUDY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
Where = tuple[tuple[str, tuple[Scalar, ...]], ...]  # columns, and the values that count
DATA_VARIABLE = "UNDRING_DATA"
NO_ANSWERS = Legal(basis={})
MOST_QUASI = 5  # more quasi-identifiers leave classes of everything


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


def read_study(workspace: Path) -> Study:
    """Return the study of a workspace. Raises: InputErrors with everything that is wrong, each with its key path."""
    file = workspace / "study.toml"
    try:
        content = file.read_bytes()
        values = tomllib.loads(content.decode("utf-8"))
    except FileNotFoundError:
        raise InputErrors([InputError("study_not_found", file=file)]) from None
    except UnicodeDecodeError:
        raise InputErrors([InputError("study_encoding", file=file)]) from None
    except tomllib.TOMLDecodeError as error:
        raise InputErrors([InputError("study_syntax", file=file, **_row(error))]) from None
    person = number_within(values)
    if person is not None:  # before anything of it is said, printed or logged
        raise InputErrors([InputError("names_somebody", file=file, field=person or "study.toml")])
    errors: list[InputError] = []
    top = Table(values, file=file, errors=errors)
    study = _study(top, hashlib.sha256(content).hexdigest())
    if errors:
        raise InputErrors(errors)
    return study


def is_demo(workspace: Path) -> bool:
    """Return whether a study that may have other faults says that it is a demo."""
    try:
        return tomllib.loads((workspace / "study.toml").read_text(encoding="utf-8")).get("demo") is True
    except (OSError, ValueError):
        return False


def inbox_folder(study: Study, workspace: Path) -> Path:
    """Return the folder that the study's files come in: below the workspace, elsewhere, or in `$UNDRING_DATA`.

    Where the variable is not set, the data are the nearest folder `data/` upward: where `make data` puts them.
    Raises: InputError `study_data_missing` when neither is there.
    """
    first, *rest = Path(study.inbox).parts or (".",)
    if first not in (f"${DATA_VARIABLE}", f"${{{DATA_VARIABLE}}}"):
        return workspace / study.inbox
    named = os.environ.get(DATA_VARIABLE)
    above = [Path(named)] if named else [folder / "data" for folder in workspace.resolve().parents]
    for data in above:
        if data.joinpath(*rest).exists():
            return data.joinpath(*rest)
    raise InputError("study_data_missing", file=workspace / "study.toml", variable=DATA_VARIABLE)


def _row(error: tomllib.TOMLDecodeError) -> dict[str, int]:
    words = str(error).replace(",", " ").replace(")", " ").split()  # "… (at line 3, column 7)"
    return {"row": int(words[words.index("line") + 1])} if "line" in words else {}


def _study(top: Table, sha256: str) -> Study:
    demo = top.flag("demo", False)
    publish = "confirmed" if top.values.get("lock", 0.3) else "discovered"
    optional = {"default": ""} if demo else {}  # real data does not run without its legal fields
    study = Study(
        id=top.text("id"),
        demo=demo,
        invented=top.flag("invented", demo) and demo,
        controller=top.text("controller", **optional),
        dpo=top.text("dpo", **optional),
        title=top.words("title"),
        purpose=top.words("purpose"),
        legal_basis=top.text("legal_basis", **optional),
        key=top.text("key"),
        inbox=top.text("inbox", "inbox"),
        reference_date=top.maybe_day("reference_date"),
        index_day=top.whole("index_day", 0),
        alpha=top.number("alpha", 0.05, low=1e-6, high=0.2),
        lock=top.number("lock", 0.3, low=0, high=0.9),
        attempts=top.whole("attempts", 20, low=1, high=10_000),
        publish_from=cast(
            Literal["discovered", "confirmed"], top.choice("publish_from", ("discovered", "confirmed"), publish)
        ),
        scale=cast(Scale, top.choice("scale", ("ratio", "additive"), "ratio")),
        max_order=top.whole("max_order", 3, low=2, high=5),
        seed=top.whole("seed", 1, low=0),
        known=tuple(str(one) for one in top.scalars("known")),
        negative_controls=tuple(str(name) for name in top.scalars("negative_controls")),
        care_home=top.maybe_text("care_home"),
        self_test_seconds=top.number("self_test_seconds", 20, low=0, high=36_000),
        alarm_webhook=top.text("alarm_webhook", "") if top.values.get("alarm_webhook") else top.skip("alarm_webhook"),
        witness_folder=top.text("witness_folder", "")
        if top.values.get("witness_folder")
        else top.skip("witness_folder"),
        not_adjusted_for=top.list_of_words("not_adjusted_for"),
        limits=_limits(top.table("limits")),
        retention=_retention(top.table("retention")),
        guards=_guards(top.table("guards")),
        population=_population(top.table("population", required=True)),
        characteristics=tuple(_characteristic(table) for table in top.tables("characteristic", at_least_one=True)),
        adjust=tuple(_adjustment(table) for table in top.tables("adjust")),
        outcomes=tuple(_outcome(table) for table in top.tables("outcome", at_least_one=True)),
        sha256=sha256,
        levels=tuple(_level(table) for table in top.tables("level")),
        package=_package(top.table("package")) if "package" in top.values else None,
        legal=read_legal(top),
        statement_required=top.flag("statement_required", True),
    )
    top.done()
    _check_names(top, study)
    if study.index_day and study.reference_date is not None:
        top.note("study_index_day", "index_day")
    if study.id and not STUDY_ID.fullmatch(study.id):
        top.note("study_id_shape", "id")
    if study.lock == 0 and study.publish_from == "confirmed":
        top.note("study_confirmed_without_lock", "publish_from")
    return study


def _check_names(top: Table, study: Study) -> None:
    seen = {"person", "cluster"}
    for variable in study.variables:
        if variable.name in seen:
            top.note("study_name_twice", variable.name)
        seen.add(variable.name)

    names = {one.name for one in study.characteristics}
    for text in study.known:
        try:
            parts = patterns.parse(text, file=top.file)
        except InputError as error:
            top.errors.append(error)
            continue
        for part in parts:
            if part.column not in names:
                top.note("pattern_column", "known", part=shown_name(part.column))
    others = {outcome.name for outcome in study.outcomes[1:]}
    for name in study.negative_controls:
        if name not in others:
            top.note("study_negative_control", "negative_controls")
    if study.outcomes and not study.searched:
        top.note("study_no_outcome", "searched")
    if study.care_home is not None and study.care_home not in {one.name for one in study.characteristics if one.yes_no}:
        top.note("study_care_home", "care_home")
    if study.package is not None:
        names = {variable.name for variable in study.variables}
        for column in (*study.package.quasi, *study.package.sensitive):
            if column not in names:
                top.note("study_package_column", "package", column=column)
        if not 1 <= len(study.package.quasi) <= MOST_QUASI:
            top.note("study_package_quasi", "package.quasi", most=MOST_QUASI)


def _package(table: Table) -> PackageColumns:
    made = PackageColumns(
        quasi=tuple(str(name) for name in table.scalars("quasi")),
        sensitive=tuple(str(name) for name in table.scalars("sensitive")),
    )
    table.done()
    return made


def _level(table: Table) -> Level:
    window = table.window("window")
    if window is None and "window" not in table.values:
        table.note("study_missing_key", "window")
    level = Level(
        name=table.name("name"),
        register=table.name("from"),
        count=table.text("count"),
        date=table.text("date"),
        window=window or (0, 1),
        where=_where(table),
        label=table.words("label"),
    )
    table.done()
    return level


def _limits(table: Table) -> Limits:
    limits = Limits(
        smallest_group=table.whole("smallest_group", 10, low=1),
        smallest_difference=table.whole("smallest_difference", 5, low=1),
        search_floor=table.whole("search_floor", 50, low=1),
        search_expected=table.number("search_expected", 5, low=0),
        package_k=table.whole("package_k", 10, low=2),
        package_l=table.whole("package_l", 3, low=1),
        package_membership=table.number("package_membership", 0.55, low=0.5, high=1),
        reason=table.text("reason", ""),
    )
    table.done()
    for name in limits.looser if not limits.reason.strip() else ():
        table.note("study_limit_reason", name, default=f"{getattr(Limits(), name):g}")
    return limits


def _guards(table: Table) -> Guards:
    guards = Guards(**{name: table.text(name, "") for name in Guards.__dataclass_fields__})
    table.done()
    return guards


def _retention(table: Table) -> Retention:
    retention = Retention(
        vault_days=table.whole("vault_days", 730, low=1),
        quarantine_days=table.whole("quarantine_days", 90, low=1),
        run_days=table.whole("run_days", 730, low=1),
        package_days=table.whole("package_days", 365, low=1),
        log_days=table.whole("log_days", 1825, low=1),
    )
    table.done()
    return retention


def _population(table: Table) -> Population:
    left = table.table("left")
    population = Population(
        register=table.name("from"),
        where=_where(table),
        min_age=table.maybe_whole("min_age", low=0, high=120),
        max_age=table.maybe_whole("max_age", low=0, high=120),
        age=table.maybe_text("age"),
        cluster=table.maybe_text("cluster"),
        first=table.maybe_text("first"),
        left=_left(left) if left.values else None,
        arrived=_arrived(table.table("arrived")),
        never_resident=_where(table, "never_resident"),
        protected=_where(table, "protected"),
        label=table.words("label"),
        definition=table.words("definition"),
    )
    left.done()
    table.done()
    if population.age is None and (population.min_age is not None or population.max_age is not None):
        table.note("study_age_column", "age")
    return population


def _left(table: Table) -> Left:
    stays: tuple[Stay, ...] = ("keep", "unknown")
    return Left(
        where=_where(table),
        date=table.text("date"),
        died=() if table.values.get("died") is True else _where(table, "died"),
        all_died=table.flag("died", False) if table.values.get("died") is True else False,
        died_in_window=cast(Stay, table.choice("died_in_window", stays, "keep")),
        moved_in_window=cast(Stay, table.choice("moved_in_window", stays, "keep")),
    )


def _arrived(table: Table) -> Arrived | None:
    if not table.values:
        return None
    rules = ("leave_out", "unknown")
    made = Arrived(
        date=table.text("date"),
        days=table.whole("days", low=1, high=36_525),
        rule=cast(Literal["leave_out", "unknown"], table.choice("rule", rules)),
    )
    table.done()
    return made


def _where(table: Table, name: str = "where") -> Where:
    where = table.table(name)
    return tuple((column, where.scalars(column)) for column in where.values)


def _characteristic(table: Table) -> Characteristic:
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


def _adjustment(table: Table) -> Variable:
    variable = _common(table)
    table.done()
    _check_variable(table, variable)
    if variable.window is not None and variable.window[1] > 0:
        table.note("study_look_ahead", "window")
    return variable


def _outcome(table: Table) -> Outcome:
    outcome = Outcome(
        **_fields(_common(table)),
        known_after=table.flag("known_after", False),
        observed_to=table.maybe_text("observed_to"),
        ended=_where(table, "ended"),
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
        where=_where(table),
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
    made = After(register=below.name("from"), where=_where(below), date=below.text("date"), within=within or (0, 1))
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
