"""A finding card's front and back as printed words: every rate, gap and interval from the card's printed counts."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from reports import charts, rates
from reports.charts_narrow import expected_and_seen_narrow
from reports.checks import check_lines
from reports.expected import how, row_by_row
from reports.numbers import day, whole
from reports.rates import Gap, Rate
from reports.titles import shortened, title
from reports.values import Card, CareHome, Kind, Report, Row, Said, Unit, row_order
from reports.wording import Speaker, capital, lowered, past, sentence


@dataclass(frozen=True, slots=True)
class CardNumbers:
    """What follows from the printed counts; None where they are too few."""

    per: int
    kind: Kind
    unit: Unit | None
    observed: Rate
    expected: Rate | None
    gap: Gap | None
    crude: int | None  # observed minus the crude expected


def numbers(card: Card, report: Report) -> CardNumbers:
    """Compute a card's printed rates and gap from its printed counts."""
    report = report.of(card)
    base = card.follow_up or card.people
    per = rates.unit(base, card.observed, card.expected)
    observed = rates.observed_rate(card.observed, base, per=per, dispersion=_dispersion(report))
    expected, gap = None, None
    if card.expected is not None and card.expected_low is not None and card.expected_high is not None:
        ends = (card.expected, card.expected_low, card.expected_high)
        expected = rates.expected_rate(*ends, base, per=per)
        gap = rates.gap(card.observed, *ends, base, per=per)
    crude = None
    if card.expected_crude is not None:
        crude = observed.value - rates.rounded(per * card.expected_crude / base)
    return CardNumbers(per, report.kind, report.unit, observed, expected, gap, crude)


def _dispersion(report: Report) -> float | None:
    return None if report.kind == "yes_no" else max(1.0, report.dispersion)


def per_words(per: int, report: Report, say: Speaker) -> str:
    """Return what rates are counted per: 1,000, or 1,000 person-years."""
    return per_unit(per, report.unit, say)


def per_unit(per: int, unit: Unit | None, say: Speaker) -> str:
    """Return the same of any unit; None where rates are of people."""
    return whole(per, say.language) if unit is None else say(f"rate.unit.{unit}", per=per)


def view(card: Card, number: int, report: Report, say: Speaker) -> dict[str, object]:
    """Return everything the card's template prints, by name."""
    report = report.of(card)
    figures = numbers(card, report)
    head, tail = title(card, report, say)
    both = _together(len(card.parts), say)
    trials = _trials(card, figures, report, say)
    return {
        "id": card.id,
        "number": number,
        "anchor": f"fund-{number}",
        "head": head,
        "tail": tail,
        "full": f"{sentence(card, report, say)}." if shortened(card, report, say) else "",
        "numbers": figures,
        "per": per_unit(figures.per, figures.unit, say),
        "follow_up": say(f"rate.follow_up.{report.unit}") if report.unit is not None else "",
        "with_outcome": say("report.back.with_outcome" if report.kind == "yes_no" else "rate.events"),
        "scales": "" if card.scales == "both" else say(f"scale.{card.scales}{'_rate' * (report.kind != 'yes_no')}"),
        "competing": say("rate.competing") if report.kind == "time" else "",
        "step": step_of(card),
        "ladder": _ladder(card, report, say),
        "lead": _lead(card, figures, report, say),
        "who": _who(card, report, say),
        "not_above": "" if card.above_parts else say(f"report.card.not_above{'_n' * (len(card.parts) > 3)}"),
        "dense": len(card.rows) > 4,
        "checked": card.checks is not None,
        "crowded": card.checks is not None,
        "crude_line": _crude_line(figures, say),
        "chart_a": _chart_a(card, number, figures, both, report, say),
        "chart_b": _chart_b(card, number, figures, report, say),
        "note": say("report.card.note" + ("_seen" if figures.gap is None else "_n" * (len(card.parts) > 2)))
        + " "
        + _which_people(report, card, say),
        "sure": _sure(card, figures, report, say),
        "not": _not(card, report, say),
        "questions": [say.words(question) for question in card.notes.questions],
        "coarse": card.coarse,
        "test": None if card.notes.smallest_test is None else say.words(card.notes.smallest_test),
        "owner": card.notes.owner,
        "cost": "" if card.notes.cost is None else say("said.cost", cost=say.words(card.notes.cost).rstrip(".")),
        "field": _field(card, say),
        "by_row": row_by_row(card),
        "table": _table(card, figures, both, report, say),
        "rounded": _rounded(card, figures, both, report, say),
        "definitions": [
            say.rich(
                "report.back.word",
                label=capital(say.words(part.label)),
                definition=say.words(part.definition).rstrip("."),
            )
            for part in card.parts
        ],
        "outcome": say.rich(
            "report.back.word",
            label=capital(say.words(report.outcome.label)),
            definition=say.words(report.outcome.definition).rstrip("."),
        ),
        "seen": "" if report.outcome.seen is None else say.words(report.outcome.seen),
        "adjusted": _adjusted(figures, report, say),
        "objection": say.words(card.notes.objection),
        "service": say("report.back.service") if card.contains_service else "",
        "trials": trials,
        "history": _history(card, report, say),
        "brief": _brief(card, figures, say),
    }


def step_of(card: Card) -> int:
    """Return how far up the ladder a finding is: the fourth step is set by people, with a day and what was measured."""
    return 4 if card.notes.practice is not None else card.step


def part_word(report: Report, say: Speaker) -> str:
    """Return halvdel where the locked part is a half, else del."""
    return say("report.part.half" if report.lock_share == 0.5 else "report.part.part")


def spent_at_once(report: Report) -> bool:
    """Return whether all attempts are used though fewer leads were tried: a demo spends its account on one batch."""
    technical = report.technical
    return report.demo and technical.attempts_used == technical.attempts > report.funnel.tried > 0


def gap_words(figures: CardNumbers, say: Speaker, *, plain: bool = False) -> str:
    """Return the gap with its unit, and its interval unless plain."""
    if figures.gap is None:
        return say("report.too_few")
    value = figures.gap.value
    if plain:
        key = "report.back.gap_plain" if value >= 0 else "report.back.gap_fewer_plain"
        return say(key, value=abs(value), per=per_unit(figures.per, figures.unit, say))
    key = "report.back.gap_plain" if value >= 0 else "report.back.gap_fewer_plain"
    return f"{say(key, value=abs(value), per=per_unit(figures.per, figures.unit, say))} ({span(figures.gap, say)})"


def span(gap: Gap, say: Speaker) -> str:
    """Return a gap's interval, turned to positive numbers where both ends are below zero."""
    low, high = (gap.low, gap.high) if gap.value >= 0 else (-gap.high, -gap.low)
    return say("report.back.span", low=low, high=high)


def _together(parts: int, say: Speaker) -> str:
    key = {2: "report.card.both", 3: "report.card.all_three"}.get(parts, "report.card.all_n")
    return say(key, count=say.number(parts))


def _which(parts: int, say: Speaker, kind: str = "which") -> str:
    key = f"report.card.{kind}_{parts if parts in (2, 3) else 'n'}"
    return say(key, count=say.number(parts))


def _ladder(card: Card, report: Report, say: Speaker) -> list[dict[str, object]]:
    steps: list[dict[str, object]] = []
    now = step_of(card)
    for step in range(1, 5):
        what = say(f"report.step.{step}_what", part=part_word(report, say))
        if step == 3 and card.replicated is not None and card.replicated != (1, 1):
            what = say("report.step.3_count", found=card.replicated[0], asked=card.replicated[1])
        name = say(f"report.step.{step}")
        on = step <= card.step or step == now
        on &= step != 2 or card.step < 3 or card.p_confirm is not None  # found elsewhere, never tried in a lock
        steps.append({"number": step, "name": name, "what": what, "on": on, "now": step == now})
    return steps


def _lead(card: Card, figures: CardNumbers, report: Report, say: Speaker) -> Markup:
    own = "_own" if report.own_eyes else ""
    lead = "report.card.lead" if report.kind == "yes_no" else "rate.lead"
    facts: dict[str, str | int] = {
        "per": per_unit(figures.per, figures.unit, say),
        "which": _which(len(card.parts), say),
        "count": say.number(len(card.parts)),
    }
    what = past(report, say) if report.kind == "yes_no" else say.words(report.outcome.label)
    facts |= {"group": say.words(report.population), "past": what}
    observed = Markup('<strong class="obs">{}</strong>').format(whole(figures.observed.value, say.language))
    if card.coarse:
        way = say("chart.more" if card.direction == "more" else "chart.fewer")
        return say.rich(f"report.card.lead_coarse{own}", people=card.people, way=way, **facts)
    if figures.expected is None or figures.gap is None:
        return say.rich(f"{lead}_few{own}", observed=observed, **facts)
    expected = Markup("<strong>{}</strong>").format(whole(figures.expected.value, say.language))
    value = figures.gap.value
    key = "gap_small"
    if value and (value > 0) == (card.direction == "more"):
        key = "gap_more" if value > 0 else "gap_fewer"
    gap = Markup('<strong class="sur">{}</strong>').format(say(f"report.card.{key}", value=abs(value)))
    return say.rich(f"{lead}{own}", observed=observed, expected=expected, gap=gap, **facts)


def _brief(card: Card, figures: CardNumbers, say: Speaker) -> str:
    """Return both levels and the people concerned in one line, for page 1."""
    if card.coarse:
        return say("report.first.coarse", people=card.people)
    if figures.expected is None:
        return say("report.first.few")
    return say(
        "report.first.numbers" if figures.kind == "yes_no" else "rate.first",
        observed=figures.observed.value,
        expected=figures.expected.value,
        per=per_unit(figures.per, figures.unit, say),
        people=card.people,
    )


def _who(card: Card, report: Report, say: Speaker) -> str:
    facts: dict[str, str | int] = {"people": card.people, "period": lowered(say.words(report.period).rstrip("."))}
    facts["population"] = capital(say.words(report.population_definition)).rstrip(".")
    if report.own_eyes:
        return say("report.card.who_own", facts, period=say.words(report.period).rstrip("."))
    if report.index_date is None:
        return say("report.card.who", facts)
    return say("report.card.who_index", facts, date=day(report.index_date, say.language))


def _crude_line(figures: CardNumbers, say: Speaker) -> str:
    """Return crude and adjusted side by side where they differ by more than a fifth, or in sign; else nothing."""
    if figures.crude is None or figures.gap is None:
        return ""
    crude, adjusted = figures.crude, figures.gap.value
    if abs(crude - adjusted) <= 0.2 * abs(adjusted) and (crude >= 0) == (adjusted >= 0):
        return ""
    return say("report.card.crude", crude=_signed(crude, figures, say), adjusted=gap_words(figures, say, plain=True))


def _signed(value: int, figures: CardNumbers, say: Speaker) -> str:
    if value == 0:
        return say("report.back.gap_none")
    key = "report.back.gap_plain" if value > 0 else "report.back.gap_fewer_plain"
    return say(key, value=abs(value), per=per_unit(figures.per, figures.unit, say))


def _which_people(report: Report, card: Card, say: Speaker) -> str:
    if report.people_locked and card.step >= 2 and card.p_confirm is not None:
        return say("report.card.note_locked", part=part_word(report, say))
    return say("report.card.note_searched")


def _row_label(holds: tuple[bool, ...], card: Card, both: str, say: Speaker) -> str:
    labels = [say.words(part.label) for part, here in zip(card.parts, holds, strict=True) if here]
    if not labels:
        return say("report.card.neither")
    if len(labels) == len(card.parts):
        return both
    if len(labels) == 1:
        return say("report.card.only", label=labels[0])
    return say("report.card.two_of", first=", ".join(labels[:-1]), second=labels[-1])


def _row_rate(row: Row, figures: CardNumbers, report: Report) -> Rate:
    base = row.follow_up or row.people or 1
    return rates.observed_rate(row.observed or 0, base, per=figures.per, dispersion=_dispersion(report))


def _chart_a(card: Card, number: int, figures: CardNumbers, both: str, report: Report, say: Speaker) -> Markup:
    bars, spoken = [], []
    for row in sorted(card.rows, key=lambda row: row_order(row.holds)):
        if all(row.holds):
            continue
        label = _row_label(row.holds, card, both, say)
        people = say("report.too_few") if row.people is None else say("report.card.people", people=row.people)
        rate = None
        if row.people and row.observed is not None:
            rate = _row_rate(row, figures, report)
            facts: dict[str, str | int] = {"label": label, "value": rate.value, "low": rate.low, "high": rate.high}
            spoken.append(say("chart.a.row", facts))
        else:
            spoken.append(say("chart.a.row_few", label=label))
        bars.append(charts.Bar(label, people, rate))
    spoken = [*spoken, *_spoken_combination(figures, both, say)]
    words = "chart.a." if report.kind == "yes_no" else "rate.chart_"
    of = past(report, say) if report.kind == "yes_no" else say.words(report.outcome.label)
    facts = {"per": per_unit(figures.per, figures.unit, say), "past": of}
    drawings = [
        draw(
            f"a{number}{suffix}",
            title=say(f"{words}title", facts, rows=" ".join(spoken)),
            axis=say(f"{words}axis", facts, group=say.words(report.population)),
            bars=bars,
            whole_label=both,
            whole_people=say("report.card.people", people=card.people),
            observed=figures.observed,
            expected=figures.expected,
            gap=figures.gap,
            language=say.language,
        )
        for suffix, draw in (("", charts.expected_and_seen), ("n", expected_and_seen_narrow))  # paper, phone
    ]
    return Markup("".join(drawings))  # noqa: S704 - the drawing escapes its texts


def _spoken_combination(figures: CardNumbers, both: str, say: Speaker) -> list[str]:
    spoken = []
    for key, rate in (("expected_row", figures.expected), ("seen_row", figures.observed)):
        if rate is not None:
            spoken.append(say(f"chart.a.{key}", label=both, value=rate.value, low=rate.low, high=rate.high))
    if figures.gap is not None:
        key = "chart.a.gap_more" if figures.gap.value >= 0 else "chart.a.gap_fewer"
        spoken.append(say(key, value=abs(figures.gap.value)))
    return spoken


def _chart_b(card: Card, number: int, figures: CardNumbers, report: Report, say: Speaker) -> dict[str, object] | None:
    if figures.expected is None or figures.gap is None or report.kind != "yes_no":
        return None  # a mark is a person; an event is none
    more = figures.gap.value >= 0
    filled = figures.expected.value if more else figures.observed.value
    ringed = abs(figures.gap.value)
    facts = {"filled": filled, "ringed": ringed, "rest": figures.per - filled - ringed, "per": figures.per}
    title = say("chart.b.title_more" if more else "chart.b.title_fewer", facts)
    own = "_own" if report.own_eyes else ""
    heading = say(
        f"report.card.thousand{own}",
        per=figures.per,
        group=say.words(report.population),
        which=_which(len(card.parts), say, kind="with"),
    )
    return {
        "heading": heading,
        "svg": Markup(charts.thousand(f"b{number}", title=title, filled=filled, ringed=ringed, total=figures.per)),  # noqa: S704
        "filled": say("chart.b.expected" if more else "chart.b.seen", value=filled),
        "ringed": say("chart.b.unexplained" if more else "chart.b.fewer", value=ringed),
        "rest": say("chart.b.rest", value=facts["rest"]),
        "each": say("report.card.each_mark", people=figures.per // 1000) if figures.per > 1000 else "",
    }


def _sure(card: Card, figures: CardNumbers, report: Report, say: Speaker) -> list[Markup]:
    strength = say.rich(f"report.sure.{card.sureness}")
    if figures.gap is not None:
        gap = figures.gap
        strength += " " + say("report.sure.best", value=gap_words(figures, say, plain=True))
        if gap.low >= 0 or gap.high <= 0:
            low, high = (gap.low, gap.high) if gap.low >= 0 else (-gap.high, -gap.low)
            key = "span_more" if gap.low >= 0 else "span_fewer"
        else:
            low, high, key = -gap.low, gap.high, "span_both"
        strength += " " + say(f"report.sure.{key}", low=low, high=high, per=per_unit(figures.per, figures.unit, say))
        if gap.value in (gap.low, gap.high):
            strength += " " + say("report.sure.edge")
    if card.p_confirm is not None and card.step >= 2:
        locked = say.rich("report.sure.locked", part=part_word(report, say))
    else:
        locked = say.rich("report.sure.untried")
    if card.replicated is not None and card.replicated[0] == 0:
        key = "one" if card.replicated[1] == 1 else "many"
        elsewhere = say.rich(f"report.sure.elsewhere_none_{key}", asked=card.replicated[1])
    elif card.replicated is not None and card.replicated != (1, 1):
        elsewhere = say.rich("report.sure.elsewhere_yes", found=card.replicated[0], asked=card.replicated[1])
    else:
        elsewhere = say.rich("report.sure.elsewhere" if card.step >= 3 else "report.sure.elsewhere_no")
    return [strength, locked, elsewhere]


def _not(card: Card, report: Report, say: Speaker) -> list[str]:
    parts = len(card.parts)
    key = f"report.ikke.cause_{parts}" if parts in (2, 3) else "report.ikke.cause_n"
    cause = say(key, outcome=say.words(report.outcome.label), count=say.number(parts))
    return [cause, say("report.ikke.judgement"), say("report.ikke.citizen")]


def _table(card: Card, figures: CardNumbers, both: str, report: Report, say: Speaker) -> list[dict[str, str]]:
    """Return the numbers behind the picture, one row a group; the combination last, with the expected."""
    table = []
    few = say("report.too_few")
    held = say("report.card.coarse") if card.coarse else few
    for row in sorted(card.rows, key=lambda row: row_order(row.holds)):
        if all(row.holds):
            continue
        line = {"label": _row_label(row.holds, card, both, say), "people": few, "observed": "", "rate": "", "span": ""}
        line["follow_up"] = "" if row.follow_up is None else whole(row.follow_up, say.language)
        line["wanted"] = "" if row.expected is None else whole(row.expected, say.language)
        if row.people is not None:
            line["people"] = whole(row.people, say.language)
            line["observed"] = few
        if row.people and row.observed is not None:
            rate = _row_rate(row, figures, report)
            line |= _printed(row.observed, rate, say)
        table.append(line)
    last = {"label": both, "people": whole(card.people, say.language)}
    last["follow_up"] = "" if card.follow_up is None else whole(card.follow_up, say.language)
    last["wanted"] = "" if card.expected is None else whole(card.expected, say.language)
    last |= _printed(card.observed, figures.observed, say)
    if card.expected is not None and figures.expected is not None:
        expected = _printed(card.expected, figures.expected, say)
        last |= {"count": expected["observed"], "expected": expected["rate"], "expected_span": expected["span"]}
    else:
        last |= {"count": held, "expected": "", "expected_span": ""}
    return [*table, last]


def _printed(count: int, rate: Rate, say: Speaker) -> dict[str, str]:
    interval = say("report.back.span", low=rate.low, high=rate.high)
    return {"observed": whole(count, say.language), "rate": whole(rate.value, say.language), "span": interval}


def _rounded(card: Card, figures: CardNumbers, both: str, report: Report, say: Speaker) -> str:
    base = card.follow_up or card.people
    facts: dict[str, str | int] = {"observed": card.observed, "people": base, "rate": figures.observed.value}
    facts["per"] = per_unit(figures.per, figures.unit, say)
    words = say("report.back.rounded" if figures.kind == "yes_no" else "rate.rounded", facts)
    if card.expected is not None and card.expected_low is not None and card.expected_high is not None:
        ends = {"expected": card.expected, "low": card.expected_low, "high": card.expected_high}
        words += " " + say("report.back.rounded_expected", ends, people=base)
        if figures.crude is not None and card.expected_crude is not None:
            words += " " + say("report.back.rounded_crude", crude=card.expected_crude)
            if report.scale == "additive":
                words += " " + say(f"several_scales.added_{2 if len(card.parts) == 2 else 'n'}")
    return f"{words} {how(card, both, say)}".rstrip()


def _adjusted(figures: CardNumbers, report: Report, say: Speaker) -> str:
    # The background holds every characteristic's own effect, not only the columns a study names.
    others = say("report.back.other_characteristics")
    names = capital(say.listed([*(say.words(words) for words in report.adjusted_for), others]))
    if figures.gap is None:
        return f"{names}."
    words = say("report.back.adjusted_list", list=names, gap=gap_words(figures, say))
    if figures.crude is not None:
        words += " " + say("report.back.crude", gap=_signed(figures.crude, figures, say))
    return words


def _trials(card: Card, figures: CardNumbers, report: Report, say: Speaker) -> list[tuple[str, str, str]]:
    part = part_word(report, say)
    runs = rates.rounded(1 / report.technical.alpha)

    def trial(name: str, answer: str, words: str, **facts: int | str) -> tuple[str, str, str]:
        return (
            say(f"report.trial.{name}", part=part),
            say(f"report.trial.{answer}"),
            say(f"report.trial.{words}", facts, runs=runs),
        )

    trials = []
    if card.scales != "both":
        trials.append((say("scale.trial"), say("report.trial.partly"), say(f"scale.{card.scales}_short")))
    if card.p_confirm is not None and card.step >= 2:
        if card.gap_in_search is not None and figures.gap is not None and figures.per == 1000:
            facts: dict[str, str | int] = {
                "before": _bare(card.gap_in_search, say),
                "after": _bare(figures.gap.value, say),
                "per": per_unit(figures.per, figures.unit, say),
            }
            name, answer, words = trial("locked", "passed", "locked_shrunk", **facts)
            if card.in_search is not None:
                people, observed, expected = card.in_search
                counts = say("robust.searched", people=people, observed=observed, expected=expected)
                words = f"{words} {counts}"
            trials.append((name, answer, words))
        else:
            trials.append(trial("locked", "passed", "locked_passed"))
    elif report.people_locked:
        trials.append(trial("locked", "untried", "locked_untried"))
    if card.p_search <= report.technical.alpha:
        trials.append(trial("many", "passed", "many_passed"))
    else:
        trials.append(trial("many", "partly", "many_partly" if card.step >= 2 else "many_failed"))
    if len(card.parts) > 2:
        name = "pairs" if len(card.parts) == 3 else "parts"
        stood = "passed" if card.above_parts else "partly"
        trials.append(trial(name, stood, f"{name}_{stood}"))
    if figures.crude is not None and figures.gap is not None:
        same = figures.crude * figures.gap.value > 0
        trials.append(trial("crude", *(("passed", "crude_passed") if same else ("partly", "crude_partly"))))
    if card.checks is None:
        trials.append(trial("not_yet", "untried", "later"))
    else:
        trials += check_lines(card, card.checks, report, say)
    if card.replicated is not None and card.replicated != (1, 1):
        counted = {"found": card.replicated[0], "asked": card.replicated[1]}
        key = "counted" if card.replicated[0] else "none_one" if card.replicated[1] == 1 else "none_many"
        trials.append(trial("elsewhere", "passed" if card.replicated[0] else "partly", f"elsewhere_{key}", **counted))
    elif card.step >= 3:
        trials.append(trial("elsewhere", "passed", "elsewhere_passed"))
    else:
        name, answer, words = trial("elsewhere", "untried", "elsewhere_untried")
        trials.append((name, answer, say("own.elsewhere_untried") if report.own_eyes else words))
    return trials


def _bare(value: int, say: Speaker) -> str:
    return say("chart.c.more" if value >= 0 else "chart.c.fewer", value=abs(value))


def _field(card: Card, say: Speaker) -> list[tuple[str, str]]:
    """Return what people in the field have said: known beforehand, read by whom, tried again when, and in practice."""
    notes = card.notes

    def told(one: Said) -> str:
        who = say("said.who", role=capital(one.role), day=day(one.on, say.language))
        return who if one.words is None else f"{say.words(one.words).rstrip('.')}. {who}"

    rows = [
        (say("said.known"), told(notes.known) if notes.known is not None else say("said.known_none")),
        (say("said.read"), "; ".join(map(told, notes.read_by)) if notes.read_by else say("said.read_none")),
        (say("said.again"), day(notes.again, say.language) if notes.again is not None else say("said.again_none")),
    ]
    if card.care_home is not None:
        rows.append((say("seen.care_home"), _care_home(card.care_home, say)))
    if card.needs_yes:
        rows.append((say("said.yes"), told(notes.yes) if notes.yes is not None else say("said.yes_none")))
    return rows if notes.practice is None else [*rows, (say("said.practice"), told(notes.practice))]


def _care_home(share: CareHome, say: Speaker) -> str:
    if share.percent is None:
        return say("seen.care_home_few")
    ends = {"low": share.percent, "high": share.percent + 5}
    which = {0: "least", 95: "most"}.get(share.percent, "share")
    return say(f"seen.care_home_{which}", ends)


def _history(card: Card, report: Report, say: Speaker) -> list[tuple[str, str]]:
    history = [(say("report.history.found"), say("report.history.run", run=report.technical.run_id))]
    if card.proposed:
        history.append((say("propose.history"), say("propose.history_where")))
    if card.p_confirm is not None and card.step >= 2:
        key = "report.history.attempts_demo" if spent_at_once(report) else "report.history.attempts"
        used = say(key, used=report.technical.attempts_used, attempts=report.technical.attempts)
        history.append((say("report.history.tried", part=part_word(report, say)), used))
    return [*history, (say("report.history.printed"), day(report.made, say.language))]
