"""What a report is made of: printed (safe, rounded) numbers and words. No true count ever gets this far.

`pipelines/release.py` makes these values; nothing else may. A number is an `int` that was rounded and let through,
or None: too few to show. Rates, gaps and intervals are computed here, from printed counts and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from reports.numbers import Language

Step = Literal[1, 2, 3, 4]  # discovered, confirmed, replicated, tried in practice
Sureness = Literal["very", "fairly", "somewhat"]
Kind = Literal["yes_no", "count", "time"]
Scales = Literal["both", "ratio_only", "additive_only"]
Unit = Literal["years", "months", "weeks", "days"]  # of follow-up


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The same words in Danish and English."""

    da: str
    en: str

    def said(self, language: Language) -> str:
        """Return them in one of the two."""
        return self.da if language == Language.DA else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One characteristic of a finding, in words."""

    label: Words  # noun phrase for tables: "flyttet for nylig"
    clause: Words  # after "der": "er flyttet for nylig"
    definition: Words  # what the contract and study mean by it


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCondition:
    """One condition as `fund.json` writes it: DESIGN.md's findings.json schema."""

    column: str
    operator: Literal["==", "in", ">=", "<", "between"]
    value: str | int | float | bool | tuple[str | int | float | bool | None, ...] | None
    also: tuple[PrintedCondition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cell of a finding's table: who has exactly these parts. Printed counts; None is "too few to show"."""

    holds: tuple[bool, ...]
    people: int | None
    observed: int | None
    follow_up: int | None = None  # counts and times: the denominator, in the report's unit
    expected: int | None = None  # by the background that decides, adjusted; of all rows or of the last one alone


def row_order(holds: tuple[bool, ...]) -> tuple[int, tuple[bool, ...]]:
    """Return a sorting key: nothing holds first, then each part alone in the parts' order, everything last."""
    return sum(holds), tuple(not one for one in holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome in words."""

    label: Words  # "akut indlæggelse"
    more: Words  # "bliver oftere akut indlagt"
    fewer: Words  # "bliver sjældnere akut indlagt"
    past: Words  # "akut indlagt inden for 90 dage"
    definition: Words
    seen: Words | None = None  # for whom it can be seen; None: a table's, that says nothing of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody in the field said of a finding: by role and day, never by name."""

    role: str
    on: date
    words: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardNotes:
    """What people wrote in fund/F-….yaml; an empty tuple or None where nobody has."""

    objection: Words
    questions: tuple[Words, ...] = ()
    smallest_test: Words | None = None
    owner: str | None = None
    cost: Words | None = None  # of the smallest test
    known: Said | None = None  # whether it was known beforehand
    read_by: tuple[Said, ...] = ()  # who in the field has read it
    again: date | None = None  # when it is tried again, at the latest
    yes: Said | None = None  # who has said that this group may be named
    practice: Said | None = None  # practice was changed, and this was measured: step 4 of the ladder


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What a finding was held against beyond its decision. Shares are whole percent, rounded down to 5."""

    same_sign: int  # of 100 random halves of the people, the gap points the same way in at least so many ...
    half_size: int  # ... and is at least half as large in so many
    cuts: tuple[int, int] | None = None  # neighbouring cut-offs at which it holds, of so many; None: no number in it
    years: tuple[int, int] | None = None  # years in which it points the same way, of so many; None: one index date
    controls: tuple[tuple[Words, bool], ...] = ()  # negative-control outcomes, and whether the gap is absent there
    redone: tuple[tuple[str, str], ...] = ()  # in what, and what it said: more, fewer, none; same, weaker, other; few
    explains: tuple[Words, ...] = ()  # simpler leads that are gone once the finding is known: a few of them
    explained: int = 0  # ... of so many
    people_to_fall: int | None = None  # about so many would have to have fared otherwise; 0: too few to show

    @property
    def failed(self) -> tuple[str, ...]:
        """The checks it did not stand, by name."""
        wrong = {
            "halves": self.same_sign < 90 or self.half_size < 50,
            "cuts": self.cuts is not None and 2 * self.cuts[0] < self.cuts[1],
            "years": self.years is not None and 3 * self.years[0] < 2 * self.years[1],
            "control": not all(absent for _, absent in self.controls),
            "redone": any(answer in ("hidden", "other") for _, answer in self.redone),
        }
        return tuple(name for name, holds in wrong.items() if holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareHome:
    """How many of a group live in a care home: from so many whole percent to less than 5 more."""

    percent: int | None = None  # a multiple of 5; None: too few to show


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One finding as people see it: front and back."""

    id: str  # F-2026-014
    step: Step
    sureness: Sureness
    direction: Literal["more", "fewer"]
    above_parts: bool
    parts: tuple[Part, ...]
    rows: tuple[Row, ...]  # the 2^k cells; printed in `row_order`
    people: int
    observed: int
    expected: int | None  # printed as a count; so are the ends of its interval
    expected_low: int | None
    expected_high: int | None
    expected_crude: int | None
    ratio: float | None  # for the appendix and the data file only
    ratio_low: float | None
    ratio_high: float | None
    p_search: float
    p_confirm: float | None
    gap_in_search: int | None  # per 1,000, in the people searched, when the shown numbers are the locked part's
    in_search: tuple[int, int, int] | None = None  # ... from these: people, observed, expected
    checks: Checks | None = None
    proposed: bool = False  # an analyst wrote it down before the lock was opened
    notes: CardNotes
    contains_service: bool  # a part is a service given by need: the fixed objection applies
    needs_yes: bool = False  # names a group that is easily judged: nobody reads of it before somebody vouches for that
    conditions: tuple[PrintedCondition, ...] = ()  # in the order of `parts`; for fund.json and fund.csv
    coarse: bool = False  # rounded figures would give a wrong picture of the gap: words stand in their place
    follow_up: int | None = None  # counts and times: rates are per so much of it, not per person
    scales: Scales = "both"  # ratio (odds, rates, hazards) and additive: where the finding passes
    replicated: tuple[int, int] | None = None  # found again in the first of so many municipalities (step 3)
    outcome: str = ""  # the column of its outcome, where that is not the report's first
    care_home: CareHome | None = None  # None: the study does not say who lives in one, or the finding does


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A lead that was tried and not confirmed, or not tried yet (appendix B)."""

    id: str
    status: Literal["refuted", "undecided", "lead", "discovered"]
    parts: tuple[Part, ...]
    direction: Literal["more", "fewer"]
    people: int | None
    observed: int | None
    expected: int | None
    above_parts: bool = True
    expected_crude: int | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    p_search: float | None = None
    p_confirm: float | None = None
    conditions: tuple[PrintedCondition, ...] = ()
    outcome: str = ""
    unfit: str = ""  # tried, and its outcome could not be weighed in the locked part: why, as a code


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One register in the report's account of data and quality; row counts are rounded to 100."""

    name: Words
    files: int
    rows: int
    refused: int
    refused_reasons: tuple[tuple[Words, int], ...]  # rounded to 10; small ones are summed as "other"
    duplicates: int
    checks_passed: int
    checks_failed: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """How much of a column is missing, whole percent of rows."""

    column: Words
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutColumn:
    """A column the search did not use, and why, in words."""

    column: Words
    reason: Literal["constant", "too_few", "gives_outcome_away", "too_many_levels", "collinear", "not_readable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """From all combinations to the findings."""

    searched: int
    tested: int
    discovered: int
    tried: int
    confirmed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Technical:
    """Appendix D: enough for an expert to repeat it."""

    run_id: str
    version: str
    alpha: float
    lock_share: float
    attempts: int
    attempts_used: int
    max_order: int
    smallest_group: int
    smallest_difference: int
    search_floor: int
    study_sha256: str
    packages: tuple[tuple[str, str], ...]  # name, version


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One line of the learning log, as people wrote it."""

    kind: Literal["health", "together", "data"]
    learned: Words
    differently: Words
    who: str = ""  # owner and date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedStrength:
    """One strength of the positive control: so many patterns planted, so many found just as they were planted."""

    odds: float  # the outcome's odds in the group, times this
    planted: int
    found: int
    confirmed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LandscapeBin:
    """A square of the search landscape: combinations, never people. Log2 of counts in half steps, below 10 first."""

    expected: int
    observed: int
    size: int  # 1 to 5: at least 10, 30, 100, 300, 1,000 combinations


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLandscape:
    """Every combination of the search by expected and observed."""

    bins: tuple[LandscapeBin, ...]
    marks: tuple[tuple[int, int, int], ...]  # a finding's number, expected and observed in the people searched
    combinations: int
    percent: int = 100  # of the triples that were read


@dataclass(frozen=True, slots=True, kw_only=True)
class Crude:
    """One characteristic by itself, as a plain analysis shows it. Printed counts; None is too few to show."""

    label: Words
    more: bool
    answer: Literal["holds", "gone", "turned", "adjusted_for"]  # once everything is taken into account
    people: int | None = None
    observed: int | None = None
    people_without: int | None = None
    observed_without: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What a plain analysis would have shown: the strongest characteristics, and the most striking combinations."""

    alone: tuple[Crude, ...]
    together: int  # so many combinations with the most striking crude rates, of which ...
    explained: int  # ... their parts and the adjustment explain so many
    leads: int  # ... may be chance after so many looks
    fell: int  # ... did not hold in the locked part
    held: int  # ... are findings


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsoSearched:
    """One more outcome of a run that searched several: what a report says of its first one."""

    column: str
    positive: str | int | float | bool | None
    words: Outcome
    period: Words
    outcomes: int  # with the outcome, rounded to 100
    kind: Kind
    unit: Unit | None
    dispersion: float
    landscape: PrintedLandscape | None = None
    plain: Plain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report. Everything in it may be printed."""

    title: Words
    controller: str  # "Eksempel Kommune"
    dpo_contact: str
    made: date
    draft: bool
    demo: bool
    own_eyes: bool  # made by `undring discover`: for the analyst's own eyes
    population: Words  # "ældre" / "older people": plural noun used in sentences
    population_definition: Words
    index_date: date | None
    period: Words
    people: int  # rounded to 100
    people_searched: int
    people_locked: int
    lock_share: float
    publish_from: Literal["discovered", "confirmed"]
    outcome: Outcome
    outcomes: int  # with the outcome, rounded to 100; 0 when held back
    adjusted_for: tuple[Words, ...]
    not_adjusted_for: tuple[Words, ...]
    cards: tuple[Card, ...]
    fallen: tuple[Fallen, ...]
    funnel: Funnel
    sources: tuple[Source, ...]
    missing: tuple[Missing, ...]  # worst first, at most 12
    left_out: tuple[LeftOutColumn, ...]
    cohort_flow: tuple[tuple[Words, int], ...]  # who was left out and why; rounded to 100
    held_back: int  # printed cells that the small-group rules withheld
    legal_basis: str
    purpose: Words
    technical: Technical
    placebo_runs: int = 0  # the whole search on data with nothing to find: so many runs ...
    placebo_false: int = 0  # ... of which so many reported something
    planted: int = 0  # positive control: so many known patterns hidden in the data ...
    planted_found: int = 0  # ... of which the search found so many
    placebo_confirmed: int = 0  # placebo runs in which something was confirmed in the locked part
    known: tuple[Words, ...] = ()  # combinations taken as known: in the background from the start
    lessons: tuple[Lesson, ...] = ()  # laering.yaml
    planted_by: tuple[PlantedStrength, ...] = ()  # the positive control, by strength
    outcome_column: str = ""  # for fund.json
    outcome_positive: str | int | float | bool | None = True
    kind: Kind = "yes_no"  # yes or no, a number of events, or a time to an event
    unit: Unit | None = None  # of follow-up; None: counted per person
    dispersion: float = 1.0  # counts: variance over mean, one digit after the point
    landscape: PrintedLandscape | None = None  # of yes/no outcomes
    plain: Plain | None = None  # stands with the landscape
    seen: tuple[Words, ...] = ()  # what the registers turned out to hold, and what was done: a line each
    withdrawn: tuple[Words, ...] = ()  # releases that were taken back or corrected, a line each
    changed_contracts: tuple[Words, ...] | None = None  # registers, since the run before; None: there was none
    scale: Literal["ratio", "additive"] = "ratio"  # how effects are put together: the expected, and the decision
    others: tuple[AlsoSearched, ...] = ()  # outcomes beside the first, in a run that searched several

    def of(self, finding: Card | Fallen) -> Report:
        """Return the report as a finding's page needs it: with that finding's outcome in the first one's place."""
        return self._about(finding.outcome)

    def _about(self, outcome: str) -> Report:
        if not outcome:
            return self
        other = next(one for one in self.others if one.column == outcome)
        return replace(
            self,
            outcome=other.words,
            period=other.period,
            outcomes=other.outcomes,
            kind=other.kind,
            unit=other.unit,
            dispersion=other.dispersion,
            outcome_column=other.column,
            outcome_positive=other.positive,
            landscape=other.landscape,
            plain=other.plain,
        )

    @property
    def each(self) -> tuple[Report, ...]:
        """Return the report one outcome at a time: with that outcome in the first one's place, and its cards alone."""
        columns = ("", *(one.column for one in self.others))
        return tuple(
            replace(self._about(column), cards=tuple(card for card in self.cards if card.outcome == column))
            for column in columns
        )


# --- the DPO's page -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control of `undring audit verify`: recomputed, never read from a stored verdict."""

    key: str  # catalogue key: "control.chain", "control.groups", ...
    passed: bool | None  # None: not applicable yet (nothing released, no witness)
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the ledger as the DPO sees it."""

    at: datetime
    actor: str
    action: str
    register: str | None
    people: int | None  # rounded to 100
    purpose: str
    about: str = ""  # which release, where it was one


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A citizen's request that was decided: never whose it was."""

    line: int  # of the log
    at: datetime
    right: str  # access, object, erase
    decision: str  # granted, refused; empty for an access, which is given
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """One column of one register: what happens to it, and why."""

    register: str
    column: str
    role: str
    treatment: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One nightly run on the strip of 14 nights."""

    day: date
    state: Literal["passed", "late", "stopped"]
    note: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTested:
    """The method's test of itself: nobody's own outcome is in it."""

    placebo_runs: int
    placebo_false: int
    placebo_confirmed: int
    planted: int
    planted_found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DpoPage:
    """What the DPO sees after a run. No citizen, no pseudonym, no value."""

    title: Words
    controller: str
    made: datetime
    demo: bool
    controls: tuple[Control, ...]
    ledger_lines: int
    ledger_head: str  # hex
    first_line: datetime
    waiting: tuple[Words, ...]
    nights: tuple[Night, ...]
    acts: tuple[Act, ...]  # newest first, at most 50
    treatments: tuple[Treatment, ...]
    left_the_house: tuple[Words, ...]
    package: tuple[tuple[str, str], ...]  # risk.json's figures: k, l, classes, people, suppressed, highest_risk
    legal_basis: str
    purpose: Words
    deadlines: tuple[tuple[Words, date], ...] = ()  # of all that is to be deleted or waits for an answer
    seen: tuple[Words, ...] = ()  # what the registers turned out to hold, and what was done: of the last report
    self_test: SelfTested | None = None  # None: the latest run has not tested itself
    cases: tuple[Case, ...] = ()  # what citizens asked for, newest first
    register_names: tuple[tuple[str, Words], ...] = ()  # what the registers are called
