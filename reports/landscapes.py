"""Appendix E: the landscape of each outcome, and what a plain analysis of it would have shown, as printed words."""

from __future__ import annotations

from markupsafe import Markup

from reports import rates
from reports.landscape import landscape_chart
from reports.numbers import whole
from reports.values import Crude, Plain, PrintedLandscape, Report
from reports.wording import Speaker, capital

__all__ = ["landscapes", "undrawn"]


def landscapes(report: Report, say: Speaker) -> list[dict[str, object]]:
    """Return what the appendix prints, a page an outcome; of a run that searched several, each page names its own."""
    pages: list[dict[str, object]] = []
    for mine in report.each:
        if mine.landscape is None or mine.plain is None:
            continue
        label = say.words(mine.outcome.label)
        pages.append(
            {
                "heading": say("outcomes.landscape", outcome=label) if report.others else say("landscape.heading"),
                "table": say("outcomes.landscape_table", outcome=label) if report.others else say("landscape.table"),
                "picture": _drawn(len(pages) + 1, mine.landscape, say),
                "seen": mine.landscape,
                "cards": len(mine.cards),
                "plain": mine.plain,
                "crude": [_crude(one, report, say) for one in mine.plain.alone],
                "together": _together(mine.plain, say),
            }
        )
    return pages


def undrawn(report: Report, say: Speaker) -> str:
    """Return which outcomes have no landscape, where others have."""
    if not report.others:
        return ""
    without = [say.words(mine.outcome.label) for mine in report.each if mine.kind != "yes_no"]
    return say("outcomes.landscape_none", outcomes=say.listed(without)) if without else ""


def _drawn(number: int, seen: PrintedLandscape, say: Speaker) -> Markup:
    rows = [
        say("landscape.row", number=finding, expected=expected, observed=observed)
        for finding, expected, observed in seen.marks
    ]
    title = say("landscape.title", count=seen.combinations, rows=" ".join(rows))
    drawings = [
        landscape_chart(name, title=title, seen=seen, language=say.language, narrow=narrow)
        for name, narrow in ((f"l{number}", False), (f"l{number}n", True))
    ]
    return Markup("".join(drawings))  # noqa: S704 - texts are escaped


def _crude(one: Crude, report: Report, say: Speaker) -> dict[str, str]:
    """Return a row of the plain analysis, each rate from its printed counts."""
    few = say("report.too_few")

    def rate(count: int | None, people: int | None) -> str:
        return few if count is None or not people else whole(rates.rounded(1000 * count / people), say.language)

    label = say.words(one.label)
    return {
        "label": label if report.own_eyes else capital(label),
        "people": few if one.people is None else whole(one.people, say.language),
        "rate": rate(one.observed, one.people),
        "rate_without": rate(one.observed_without, one.people_without),
        "answer": say(f"landscape.{one.answer}"),
    }


def _together(plain: Plain, say: Speaker) -> str:
    """Return what became of the combinations that strike the eye: only what became of any."""
    counts = {"explained": plain.explained, "leads": plain.leads, "fell": plain.fell, "held": plain.held}
    return "; ".join(
        say(f"landscape.together_{name}{'_one' if count == 1 else ''}", count=count)
        for name, count in counts.items()
        if count
    )
