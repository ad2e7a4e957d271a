"""What discovery says: conditions, the evidence for a combination, a finding, and a whole search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Scalar = str | int | float | bool | None
Operator = Literal["==", "in", ">=", "<", "between"]
Direction = Literal["more", "fewer"]
Reading = Literal["pair", "joint", "contrast"]
Kind = Literal["yes_no", "count", "time"]
Scale = Literal["ratio", "additive"]  # odds, rates or hazards multiply; risks or rates add
Scales = Literal["both", "ratio_only", "additive_only"]
Status = Literal["lead", "discovered", "confirmed", "replicated", "refuted", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One yes/no statement about a person: a characteristic. A missing value is `==` None; `between` is half open."""

    column: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]
    also: tuple[Condition, ...] = ()  # near-duplicates merged into this one before the search

    @property
    def bare(self) -> Condition:
        """Return the statement alone, without its near-duplicates: what two conditions are compared by."""
        return replace(self, also=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One of the 2^k cells of a combination: who has exactly these of its conditions."""

    holds: tuple[bool, ...]  # in the order of the finding's conditions
    people: int
    observed: int
    expected: float  # by the background model refitted without this finding's own term
    follow_up: float | None = None  # counts and time to event: their follow-up in all
    happened: int | None = None  # counts and time to event: how many of them had it at all


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCut:
    """A finding read with one of its thresholds moved: its own term's log odds ratio there, over the finding's."""

    condition: Condition
    size: float  # 1: the same; below 0: the other way


@dataclass(frozen=True, slots=True, kw_only=True)
class YearGap:
    """A finding's group in one year (or other round)."""

    year: str
    people: int
    observed: int
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeControl:
    """The same combination in an outcome that it should have nothing to do with."""

    name: str
    p: float
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """The same combination in another outcome of the same people, or without some of them."""

    name: str  # the column that was the outcome, or that said who was left out
    people: int  # of the group, for whom it is known
    observed: int
    size: float  # its own term there, over the finding's: 1 the same, below 0 the other way
    p: float | None = None  # None where nothing was fitted anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """What a finding was held against beyond its decision: see analysis/robustness.py. True numbers."""

    resamples: int
    same_sign: float  # share of resamples
    half_size: float  # share of resamples that keep the sign and half the size
    cuts: tuple[OtherCut, ...] = ()
    years: tuple[YearGap, ...] = ()
    controls: tuple[NegativeControl, ...] = ()
    redone: tuple[Redone, ...] = ()
    explains: tuple[tuple[Condition, ...], ...] = ()  # simpler leads that are gone once the finding is known: a few
    explained: int = 0  # ... and how many in all
    people_to_fall: int = 0  # in the group, who would have to have fared otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one part of the people (searched or locked) says of a combination.

    Counts are people; `observed` and `expected` are events where the outcome is a count or a time (`happened` is set).
    """

    people: int  # for whom all conditions hold
    observed: int  # of these, with the outcome
    expected: float  # of these, by the background model refitted without this finding's own term
    expected_low: float  # 95 % interval of `expected`
    expected_high: float
    expected_crude: float  # from the cells alone: the k-way contrast on the deciding scale is zero
    ratio_low: float  # 95 % interval of observed / expected
    ratio_high: float
    robustness: Robustness | None = None  # of discovered findings, and of confirmed ones in the locked part
    cells: tuple[Cell, ...]  # 2^k of them, the one where nothing holds first, where all hold last
    follow_up: float | None = None  # of these people in all; None for yes/no
    happened: int | None = None  # of these, who had it at all; None for yes/no

    def __post_init__(self) -> None:
        if self.happened is None and not 0 <= self.observed <= self.people:
            raise ValueError("observed counts some of the people: it lies between 0 and people")

    @property
    def ratio(self) -> float:
        """Observed over expected: 1 is no surprise, nan where nothing was expected."""
        return self.observed / self.expected if self.expected else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One outcome that is searched: its column, and what in it counts."""

    column: str
    positive: Scalar = True
    kind: Kind = "yes_no"
    follow_up: str | None = None  # the column of exposure (counts) or time
    without: tuple[str, ...] = ()  # columns that give it away, when that is known beforehand

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the outcome's columns: itself, and its follow-up where it has one."""
        return (self.column,) if self.follow_up is None else (self.column, self.follow_up)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A combination that went forward, with its status. True numbers: never leaves the vault's side."""

    conditions: tuple[Condition, ...]  # of different columns, sorted by column
    direction: Direction
    status: Status
    above_parts: bool  # order 3: the excess stands above its three pairs too; order 2: always True
    p_search: float  # adjusted for everything searched
    p_confirm: float | None  # Holm-adjusted over the batch; None when not tried
    search: Evidence
    locked: Evidence | None = None  # set when tried
    reading: Reading = "pair"  # what the decision read: a pair's contrast, a triple as a whole, or its contrast
    proposed: bool = False  # somebody wrote it down before the lock was opened
    same_sign_on_both_scales: bool = True  # ratio and additive; where False the finding is never a card
    scales: Scales = "both"  # where it passes the search's own threshold
    outcome: str | None = None  # its column, where a run searches several; None: the first, or only, one
    unfit: str = ""  # tried where its outcome cannot be fitted: why, by `CannotSearch.code`; undecided then, p 1

    @property
    def order(self) -> int:
        return len(self.conditions)

    @property
    def bare(self) -> tuple[Condition, ...]:
        """Return the combination alone, without near-duplicates: what two findings of one outcome are compared by."""
        return tuple(sorted((one.bare for one in self.conditions), key=lambda one: one.column))

    @property
    def shown(self) -> Evidence:
        """The evidence a reader sees first: the locked part's when it was tried, else the searched part's."""
        return self.locked if self.locked is not None else self.search


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A column (or characteristic) that the search did not use, and why."""

    column: str
    reason: Literal["constant", "too_few", "gives_outcome_away", "too_many_levels", "collinear", "not_readable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Combinations of one strength that a positive control planted, and how many of them came out as planted."""

    odds: float  # the odds of the outcome in the group, times this
    planted: int
    found: int
    confirmed: int = 0  # of these, where a part is locked


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """What the whole procedure did where nothing was there, and where something was: see `self_test`."""

    placebo_runs: int = 0
    placebo_discovered: int = 0  # placebo runs in which anything was discovered
    placebo_confirmed: int = 0  # ... in which anything was confirmed in the locked part
    control_runs: int = 0
    planted: tuple[Planted, ...] = ()  # by strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """A whole search: how much was looked through, what was found, what was left out."""

    outcome_column: str
    outcome_positive: Scalar
    people_searched: int
    people_locked: int
    outcomes_searched: int
    searched: int  # all combinations
    tested: int  # those above the floors
    alpha: float
    findings: tuple[Finding, ...]  # sorted: confirmed first, then by p_search
    left_out: tuple[LeftOut, ...] = ()
    adjusted_for: tuple[str, ...] = ()  # columns in the background beside the characteristics' main effects
    tried: int = 0  # leads tried in the locked part
    known: tuple[tuple[Condition, ...], ...] = ()  # combinations that stood in the background from the start
    kind: Kind = "yes_no"
    scale: Scale = "ratio"  # the one that decides
    follow_up_column: str | None = None  # exposure of counts, end of follow-up of times
    follow_up_searched: float | None = None
    dispersion: float = 1.0  # of counts around what is expected; the decision has allowed for it
    notes: tuple[str, ...] = field(default=())  # keys of things a reader must know ("separation", "collinear", ...)
    label: str | None = None  # what its findings say is their outcome: None for a run's first, or only, one
    unknown: int = 0  # people of whom this outcome is not known: not searched ...
    unknown_locked: int = 0  # ... and not counted in the locked part
    others: tuple[Discovery, ...] = ()  # the run's other outcomes, where it searched several; they share `alpha`

    @property
    def each(self) -> tuple[Discovery, ...]:
        """Return the searches one outcome at a time, the first one first."""
        return (replace(self, others=()), *self.others)

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Return the findings of all outcomes: confirmed ones first, then by `p_search`."""
        if not self.others:
            return self.findings
        held = ("confirmed", "replicated")
        found = [one for search in self.each for one in search.findings]
        return tuple(sorted(found, key=lambda one: (one.status not in held, one.p_search)))

    @property
    def asked(self) -> Asked:
        """Return what this search asked of whom, as it was read: without what gives the outcome away."""
        return Asked(
            column=self.outcome_column,
            positive=self.outcome_positive,
            kind=self.kind,
            follow_up=self.follow_up_column,
            without=self.leaked,
        )

    def of(self, label: str | None) -> Discovery:
        """Return the search that a finding belongs to, by `Finding.outcome`."""
        return next(one for one in self.each if one.label == label)

    def with_findings(self, findings: Sequence[Finding], *, tried: int) -> Discovery:
        """Return the run with these findings in place of its own, each with its outcome's search."""

        def mine(search: Discovery) -> Discovery:
            return replace(search, findings=tuple(one for one in findings if one.outcome == search.label))

        return replace(mine(self), others=tuple(mine(one) for one in self.others), tried=tried)

    @property
    def outcome_columns(self) -> frozenset[str]:
        """Return every column that is an outcome or its follow-up: none of them is a characteristic."""
        return frozenset(name for one in self.each for name in one.asked.columns)

    @property
    def searched_in_all(self) -> int:
        """Return the combinations of all outcomes."""
        return sum(one.searched for one in self.each)

    @property
    def tested_in_all(self) -> int:
        """Return those above the floors, of all outcomes."""
        return sum(one.tested for one in self.each)

    @property
    def people(self) -> int:
        return self.people_searched + self.people_locked

    @property
    def leaked(self) -> tuple[str, ...]:
        """Return the columns that were left out because they give the outcome away."""
        return tuple(one.column for one in self.left_out if one.reason == "gives_outcome_away")
