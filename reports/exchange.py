"""One finding in several municipalities, on one scale: chart A with a row for each, and the numbers behind it.

Every rate and gap is computed here from printed counts, whoever printed them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from markupsafe import Markup

from reports import charts, rates
from reports.cards import per_unit
from reports.catalogue import Language
from reports.charts_narrow import expected_and_seen_narrow
from reports.html import environment
from reports.numbers import day, whole
from reports.rates import Gap, Rate
from reports.values import Kind, Unit, Words
from reports.wording import Speaker, capital

__all__ = ["Place", "Told", "Tried", "page", "view"]

Verdict = Literal["first", "found_again", "not_found", "too_few", "not_shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Printed counts of a group."""

    people: int
    observed: int
    expected: int
    expected_low: int
    expected_high: int
    follow_up: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One municipality, and what its own people said."""

    name: str
    day: str  # when it was found or tried, as the file says it
    verdict: Verdict
    people: int | None  # rounded; None: too few to show
    told: Told | None  # None: too few, or rounding would show another picture than the true one
    locked: bool = False
    unmatched: tuple[str, ...] = ()
    differences: str = ""
    parts: tuple[Words, ...] = ()  # what they are called there, where it was tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A finding, where it was made and where it was tried."""

    finding: str
    kind: Kind
    unit: Unit | None
    population: Words
    outcome: Words
    outcome_definition: Words
    parts: tuple[tuple[Words, Words], ...]  # label and definition
    needed: int  # people with all of it, to see it in 8 of 10 tries
    first: Place  # who found it
    others: tuple[Place, ...]
    demo: bool


def page(tried: Tried, language: Language, *, draft: bool) -> str:
    """Return the whole as one HTML file of its own."""
    say = Speaker(language)
    template = environment().get_template("exchange.html.j2")
    shown = view(tried, say)
    return template.render(tried=shown, say=say, rich=say.rich, language=language.value, draft=draft, demo=tried.demo)


def view(tried: Tried, say: Speaker) -> dict[str, object]:
    """Return everything that a page of it prints, by name."""
    places = (tried.first, *tried.others)
    per = max((_per(one.told) for one in places if one.told is not None), default=1000)
    shown_per = per_unit(per, tried.unit, say)
    labels = say.listed([say.words(label) for label, _ in tried.parts])
    return {
        "id": tried.finding,
        "heading": say(f"exchange.heading_{len(tried.others) if len(tried.others) < 2 else 'n'}", finding=tried.finding,
                       municipality=tried.others[0].name if tried.others else tried.first.name,
                       count=say.number(len(tried.others))),
        "pattern": say("exchange.pattern", parts=capital(labels), outcome=say.words(tried.outcome),
                       population=say.words(tried.population)),
        "verdicts": [(one.name, say(f"replicate.verdict.{one.verdict}")) for one in tried.others],
        "chart": _chart(tried, per, say),
        "head": [say(f"exchange.head.{name}", per=shown_per) for name in ("who", "people", "seen", "expected", "gap")],
        "rows": [_row(one, tried, per, say) for one in places],
        "definitions": [(say.words(label), say.words(definition)) for label, definition in
                        (*tried.parts, (tried.outcome, tried.outcome_definition))],
        "notes": [note for one in tried.others for note in _notes(one, tried, say)],
        "needed": say("exchange.needed", needed=tried.needed),
    }  # fmt: skip


def _per(told: Told) -> int:
    return rates.unit(told.follow_up or told.people, told.observed, told.expected)


def _rates(told: Told, kind: Kind, per: int) -> tuple[Rate, Rate, Gap]:
    """Return seen, expected and gap. Of events how uneven they fall is not in the file: their mark bears no line."""
    base = told.follow_up or told.people
    ends = (told.expected, told.expected_low, told.expected_high)
    value = rates.rounded(per * told.observed / base)
    seen = rates.observed_rate(told.observed, base, per=per) if kind == "yes_no" else Rate(value, value, value)
    return seen, rates.expected_rate(*ends, base, per=per), rates.gap(told.observed, *ends, base, per=per)


def _chart(tried: Tried, per: int, say: Speaker) -> Markup:
    """Return chart A, wide and for a phone: the municipality that found it first, below it each that tried."""
    if tried.first.told is None:  # a recipe always has its figures
        raise ValueError("a finding without figures has no picture")
    rows, spoken = [], []
    for one in (tried.first, *tried.others):
        people = say("report.too_few") if one.people is None else say("report.card.people", people=one.people)
        if one.told is None:
            why = say("exchange.too_few" if one.people is None else "exchange.coarse")
            rows.append(
                charts.Elsewhere(label=one.name, people=people, observed=None, expected=None, gap=None, why_not=why)
            )
            spoken.append(say("exchange.row_few", who=one.name, why=why))
            continue
        seen, expected, gap = _rates(one.told, tried.kind, per)
        rows.append(charts.Elsewhere(label=one.name, people=people, observed=seen, expected=expected, gap=gap))
        for key, rate in (("expected_row", expected), ("seen_row", seen)):
            spoken.append(say(f"chart.a.{key}", label=one.name, value=rate.value, low=rate.low, high=rate.high))
        spoken.append(say("chart.a.gap_more" if gap.value >= 0 else "chart.a.gap_fewer", value=abs(gap.value)))
    first = rows[0]
    assert first.observed is not None
    facts: dict[str, str | int] = {"per": per_unit(per, tried.unit, say), "outcome": say.words(tried.outcome)}
    drawings = [
        draw(
            f"e{suffix}",
            title=say("exchange.title", facts, rows=" ".join(spoken)),
            axis=say("exchange.axis", facts, population=say.words(tried.population)),
            bars=(),
            whole_label=first.label,
            whole_people=first.people,
            observed=first.observed,
            expected=first.expected,
            gap=first.gap,
            language=say.language,
            elsewhere=rows[1:],
        )
        for suffix, draw in (("", charts.expected_and_seen), ("n", expected_and_seen_narrow))
    ]
    return Markup("".join(drawings))  # noqa: S704 - the drawing escapes its texts


def _row(one: Place, tried: Tried, per: int, say: Speaker) -> list[str]:
    people = say("report.too_few") if one.people is None else whole(one.people, say.language)
    if one.told is None:
        why = say("exchange.too_few" if one.people is None else "exchange.coarse")
        return [one.name, people, why]
    seen, expected, gap = _rates(one.told, tried.kind, per)
    shown = f"{whole(expected.value, say.language)} ({say('report.back.span', low=expected.low, high=expected.high)})"
    low, high = (gap.low, gap.high) if gap.value >= 0 else (-gap.high, -gap.low)
    words = say("exchange.gap_more" if gap.value >= 0 else "exchange.gap_fewer", value=abs(gap.value))
    return [one.name, people, whole(seen.value, say.language), shown,
            f"{words} ({say('report.back.span', low=low, high=high)})"]  # fmt: skip


def _notes(one: Place, tried: Tried, say: Speaker) -> list[str]:
    """Return what somebody must know who reads the two beside one another."""
    notes = [say("exchange.tried_locked" if one.locked else "exchange.tried_all", who=one.name, day=_day(one.day, say))]
    if one.parts != tuple(label for label, _ in tried.parts):
        notes.append(say("exchange.called", who=one.name, names=say.listed([say.words(part) for part in one.parts])))
    if one.unmatched:
        notes.append(say("exchange.unmatched", who=one.name, names=", ".join(one.unmatched)))
    if one.differences:
        notes.append(say("exchange.differences", who=one.name, text=one.differences))
    return notes


def _day(written: str, say: Speaker) -> str:
    """Return a day in words; it came from another house, and may be no day."""
    try:
        return day(date.fromisoformat(written), say.language)
    except ValueError:
        return written
