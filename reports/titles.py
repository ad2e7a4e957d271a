"""A finding's title: one sentence of at most 130 characters, shortened by leaving words out, never by cutting one."""

from __future__ import annotations

from collections.abc import Iterator

from reports.catalogue import Language
from reports.values import Card, Fallen, Report
from reports.wording import Speaker, capital, full_title

__all__ = ["LONGEST", "shortened", "title"]

LONGEST = 130  # characters (REPORT.md 2.2)


def title(finding: Card | Fallen, report: Report, say: Speaker) -> tuple[str, str]:
    """Return the title in two pieces, the group (bold on page 1) and what is seen; no full stop.

    The first of several ways to say it that is short enough in every language, which keep the same tree: all parts in
    words, the parts by their names, one part and how many more, how many parts. The last is short whatever a study
    calls its people and its outcome.
    """
    languages = [say.language, *(one for one in Language if one != say.language)]
    made = [list(_ways(finding, report.of(finding), Speaker(one))) for one in languages]
    for place, way in enumerate(made[0]):
        if all(len(" ".join(ways[place])) <= LONGEST for ways in made):
            return way
    raise ValueError("the last way to say a title is short")


def shortened(finding: Card | Fallen, report: Report, say: Speaker) -> bool:
    """Tell whether the title leaves something out: then the whole sentence stands under it."""
    return title(finding, report, say) != full_title(finding, report, say)


def _ways(finding: Card | Fallen, report: Report, say: Speaker) -> Iterator[tuple[str, str]]:
    yield full_title(finding, report, say)
    count = len(finding.parts)
    more = say.words(report.outcome.more if finding.direction == "more" else report.outcome.fewer)
    group = say.words(report.population)
    facts: dict[str, str | int] = {"group": group, "Group": capital(group), "more": more, "count": say.number(count)}
    tails = [say(f"title.{name}", facts) for name in ("tail", "tail_least")]
    all_of_it = full_title(finding, report, say)[0]
    named = say.listed([say.words(part.label) for part in finding.parts])
    yield all_of_it, tails[0]
    for tail in tails:
        if report.own_eyes:
            yield all_of_it, tail
        else:
            yield say("title.named", named=capital(named)), f"{group} {tail}"
    rest = say("title.rest_one" if count == 2 else "title.rest", count=say.number(count - 1))
    first = min((say.words(part.label) for part in finding.parts), key=len)
    for tail in tails:
        yield say("title.first", facts, first=first, rest=rest), tail
    for tail in tails:
        yield say("title.counted", facts), tail
    yield say("title.bare", facts), say(f"title.bare_{finding.direction}")
