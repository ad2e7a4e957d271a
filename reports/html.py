"""A report as one HTML file: no script, nothing fetched, the same tree in every language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports import cards, charts, diagrams, rates
from reports.catalogue import Language, keys
from reports.landscape import class_marks
from reports.landscapes import landscapes, undrawn
from reports.numbers import MONTHS, day, decimal, whole
from reports.svg import wrapped
from reports.values import Report
from reports.wording import Speaker, capital, lowered, sentence, unfit_key

# How a word of the glossary may end in a running text.
ENDINGS = {"da": "(e|en|et|er|erne|ne|n|t|s|ens|ets)?", "en": "(s|es|ed)?"}
FEW = 3  # so many findings, and page 1 has room for large type
PHONE_ROW = 58  # the height in pixels of a finding in chart C on a phone, where the list stands above it


def render(report: Report, *, language: Language | str = Language.DA) -> str:
    """Return the whole report as one self-contained HTML file.

    Takes released (rounded) numbers only; every rate, gap and interval is computed here from them.
    """
    say = Speaker(Language(language))
    template = environment().get_template("report.html.j2")
    facts = {"report": report, "say": say, "rich": say.rich, "words": say.words, **_facts(report, say)}
    without_glossary = template.render(facts, glossary=[])
    return template.render(facts, glossary=_glossary(without_glossary, say))


@cache
def environment(package: str = "reports") -> Environment:
    """Return the environment of a package's templates, ours beside them: all escaped, an unknown name is an error."""
    templates = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["capital"] = capital
    templates.filters["lowered"] = lowered
    templates.filters["css"] = _in_css
    templates.filters["tied"] = _tied
    return templates


def _facts(report: Report, say: Speaker) -> Mapping[str, object]:
    views = [cards.view(card, number, report, say) for number, card in enumerate(report.cards, start=1)]
    language = say.language
    return {
        "language": language.value,
        "cards": views,
        "heading": heading(report, say),
        "lead": lead(report, say),
        "month": f"{MONTHS[language.value][report.made.month - 1]} {report.made.year}",
        "whole": lambda value: whole(value, language),
        "about": lambda value: say("report.about", count=value),
        "shown": lambda value: say("report.too_few") if value is None else whole(value, language),
        "day": lambda value: day(value, language),
        "p": lambda value: "" if value is None else _p_value(value, language),
        "ratio": lambda value: "" if value is None else decimal(value, language),
        "percent": lambda value: decimal(100 * value, language, digits=0) + (" %" if language == Language.DA else "%"),
        "part": cards.part_word(report, say),
        "planted_first": _planted(report, say, "report.first.chance_planted"),
        "planted_text": _planted(report, say, "report.method.planted_text"),
        "planted_by": _planted_by(report, say),
        "whole_account": cards.spent_at_once(report),
        "basis": basis(report.legal_basis),
        "refused": _refused(report, say),
        "runs": rates.rounded(1 / report.technical.alpha),
        "sentence": lambda finding: sentence(finding, report, say),
        "chart_c": _chart_c(report, views, say),
        "rows": _rows(views),
        "many": len(views) > FEW,
        "chart_d": _chart_d(report, say),
        "chart_e": _chart_e(report, say),
        "landscapes": landscapes(report, say),
        "undrawn": undrawn(report, say),
        "outcomes": outcomes(report, say),
        "classes": class_marks(),
        "headline_tags": " · ".join(_tags(report, say)),
        "page_words": Markup(_page_words(say)),  # noqa: S704 - from the catalogue
        "unfit_key": unfit_key,
        "not_confirmed": [fallen for fallen in report.fallen if fallen.status in ("refuted", "undecided")],
    }


def basis(law: str) -> Markup:
    """Return the legal basis marked as Danish: the law is named in its own language on every page."""
    return Markup('<span lang="da">{}</span>').format(law)


def _planted(report: Report, say: Speaker, key: str) -> str:
    """Return how many known patterns were hidden and found again: one has words of its own."""
    if report.planted == 1:
        return say(f"{key}_one_found" if report.planted_found else f"{key}_one")
    return say(key, planted=report.planted, found=report.planted_found)


def _planted_by(report: Report, say: Speaker) -> str:
    """Return the positive control strength by strength, in one sentence."""
    parts = [
        say("selftest.strength", odds=decimal(one.odds, say.language, digits=1), planted=one.planted, found=one.found)
        for one in report.planted_by
    ]
    return say("selftest.by_strength", strengths="; ".join(parts)) if parts else ""


def _refused(report: Report, say: Speaker) -> list[tuple[str, int]]:
    """Return why rows were refused, the same reason summed over the registers, the commonest first."""
    rows: dict[str, int] = {}
    for source in report.sources:
        for reason, count in source.refused_reasons:
            words = say.words(reason)
            rows[words] = rows.get(words, 0) + count
    return sorted(rows.items(), key=lambda entry: -entry[1])


def _tied(words: str) -> str:
    """Return a title whose last words stay together: no line with one short word on paper."""
    *first, before, last = words.rsplit(" ", 2) if words.count(" ") > 2 else ("", words, "")
    return f"{first[0]} {before}\u00a0{last}" if last else words


def _in_css(words: str) -> Markup:
    """Return text for a CSS string in a `<style>`: letters and figures as they are, all else as CSS escapes."""
    return Markup("".join(c if c.isalnum() or c in " ·.," else f"\\{ord(c):x} " for c in words))  # noqa: S704


def _tags(report: Report, say: Speaker) -> list[str]:
    shown = {"own_eyes": report.own_eyes, "draft": report.draft and not report.own_eyes, "demo": report.demo}
    return [say(f"report.{name}") for name, holds in shown.items() if holds]


def _page_words(say: Speaker) -> str:
    before, _, rest = say("report.page_of", page="\ue000", pages="\ue001").partition("\ue000")
    between, _, after = rest.partition("\ue001")
    return f'{capital(before)}" counter(page) "{between}" counter(pages) "{after}'


def heading(report: Report, say: Speaker) -> str:
    """Return page 1's heading: how many findings, as a sentence without full stop."""
    own = "own_" if report.own_eyes else ""
    count = len(report.cards)
    if count == 0:
        return say(f"report.count.{own}none", searched=report.funnel.searched)
    if count == 1:
        return say(f"report.count.{own}one")
    return say(f"report.count.{own}several", number=capital(say.number(count)))


def lead(report: Report, say: Speaker) -> str:
    """Return page 1's lead: what was looked for, what held, what it does not say."""
    words = _lead(report, say)
    return words if not report.others else f"{words} {say('outcomes.lead', outcomes=_found(report, say))}"


def _found(report: Report, say: Speaker) -> str:
    """Return each outcome of a run that searched several, with how many findings are of it."""

    def one(mine: Report) -> str:
        count = len(mine.cards)
        key = "none" if not count else "one" if count == 1 else "several"
        own = "_own" if report.own_eyes else ""
        return say(f"outcomes.found_{key}{own}", outcome=say.words(mine.outcome.label), count=say.number(count))

    return say.listed([one(mine) for mine in report.each])


def outcomes(report: Report, say: Speaker) -> str:
    """Return the outcomes of a run that searched several, as a list in words."""
    return say.listed([say.words(one.label) for one in (report.outcome, *(other.words for other in report.others))])


def _lead(report: Report, say: Speaker) -> str:
    count = len(report.cards)
    confirmed = sum(card.step >= 2 and card.p_confirm is not None for card in report.cards)
    number = capital(say.number(count))
    looked = say("report.lead.own_looked" if report.own_eyes else "report.lead.looked")
    if count == 0:
        return " ".join((looked, say("report.lead.none_held"), say("report.lead.none_means")))
    how_many = "one" if count == 1 else "several"
    if 0 < confirmed < count:
        held = say("report.lead.mixed", number=number, confirmed=say.number(confirmed))
    else:
        held = say(f"report.lead.{'held' if confirmed else 'discovered'}_{how_many}", number=number)
    last = "own_cannot" if report.own_eyes and count > 1 else "cannot_one" if count == 1 else "cannot"
    return " ".join((looked, held, say(f"report.lead.{last}")))


def _rows(views: list[dict[str, object]]) -> list[int]:
    """Return the height in pixels of each finding's row on page 1: list and chart C share them."""
    size, leading, between = (13.5, 18, 3) if len(views) > FEW else (14.5, 20, 16)
    rows = []
    for view in views:
        words = f"{view['number']}. {view['head']} {view['tail']}. Se fund 00"
        lines = len(wrapped(words, 345, size * 1.03))
        rows.append(max(leading * lines, 2 * leading) + 17 * len(wrapped(str(view["brief"]), 340, 12.5)) + between)
    return rows


def _chart_c(report: Report, views: list[dict[str, object]], say: Speaker) -> dict[str, object] | None:
    if not report.cards:
        return None
    rows, spoken = [], []
    # One scale for all: per 1,000 unless every finding is counted per 10,000.
    per = min(cards.numbers(card, report).per for card in report.cards)
    kinds = {report.of(card).kind for card in report.cards}
    titled = "chart.c.title" if kinds == {"yes_no"} else "chart.c.title_rate"
    units = {cards.per_words(per, report.of(card), say): None for card in report.cards}
    spoken_per = "; ".join(units)  # of several outcomes, each in its own unit
    for number, card in enumerate(report.cards, start=1):
        gap = None
        if card.expected is not None and card.expected_low is not None and card.expected_high is not None:
            ends = (card.expected, card.expected_low, card.expected_high)
            gap = rates.gap(card.observed, *ends, card.follow_up or card.people, per=per)
            key = "chart.c.row_more" if gap.value >= 0 else "chart.c.row_fewer"
            spoken.append(say(key, number=number, value=abs(gap.value), span=cards.span(gap, say)))
        else:
            key = (
                "row_few" if not card.coarse else "row_coarse_more" if card.direction == "more" else "row_coarse_fewer"
            )
            spoken.append(say(f"chart.c.{key}", number=number))
        rows.append((number, gap))
    drawings = [
        charts.differences(
            name,
            title=say(titled, per=spoken_per, rows=" ".join(spoken)),
            gaps=rows,
            coarse={number: card.direction for number, card in enumerate(report.cards, start=1) if card.coarse},
            rows=heights,
            language=say.language,
            kind=kind,
        )
        for name, kind, heights in (("c1", "", _rows(views)), ("c1n", "narrow", [PHONE_ROW] * len(views)))
    ]
    return {"svg": Markup("".join(drawings)), "heading": say("chart.c.heading", per=spoken_per)}  # noqa: S704 - escaped


def _chart_d(report: Report, say: Speaker) -> Markup:
    drawings = [
        draw(
            name,
            people=report.people,
            searched=report.people_searched,
            locked=report.people_locked,
            share=report.lock_share,
            funnel=report.funnel,
            language=say.language,
        )
        for name, draw in (("d1", diagrams.halves), ("d1n", diagrams.halves_narrow))  # paper, phone
    ]
    return Markup("".join(drawings))  # noqa: S704 - texts are escaped


def _chart_e(report: Report, say: Speaker) -> Markup | None:
    if not report.missing:
        return None
    shown = report.missing[:12]
    rows = [say("chart.e.row", label=say.words(column.column), value=column.percent) for column in shown]
    title = say("chart.e.title", rows=" ".join(rows))
    drawings = [
        draw(name, title=title, columns=shown, language=say.language)
        for name, draw in (("e1", diagrams.missing_bars), ("e1n", diagrams.missing_bars_narrow))  # paper, phone
    ]
    return Markup("".join(drawings))  # noqa: S704 - texts are escaped


def _p_value(value: float, language: Language) -> str:
    return f"< {decimal(0.0001, language, digits=4)}" if value < 0.0001 else decimal(value, language, digits=4)


def _glossary(html: str, say: Speaker) -> list[tuple[str, str]]:
    """Return the words of the glossary that the report uses, with their plain explanations."""
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL).lower()
    names = sorted(key.split(".")[2] for key in keys(say.language) if re.fullmatch(r"words\.glossary\.\w+\.word", key))
    found = []
    for name in names:
        word = say(f"words.glossary.{name}.word")
        if re.search(rf"\b{re.escape(word.lower())}{ENDINGS[say.language.value]}\b", text):
            found.append((word, say(f"words.glossary.{name}.meaning")))
    return sorted(found, key=lambda entry: _alphabetical(entry[0]))


def _alphabetical(word: str) -> str:
    """Return a sorting key with æ, ø and å last, as Danish has it."""
    return word.lower().replace("æ", "{").replace("ø", "|").replace("å", "}")
