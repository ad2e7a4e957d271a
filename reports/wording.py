"""Sentences put together from the catalogue and a study's own words: titles, lists, emphasis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from reports import catalogue
from reports.catalogue import Language
from reports.numbers import whole
from reports.values import Card, Fallen, Report, Words

Fact = str | int | Markup


class Speaker:
    """The catalogue in one language, with plain text and (for `**strong**` and `code`) marked-up text."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, facts: Mapping[str, str | int] | None = None, **more: str | int) -> str:
        return catalogue.text(self.language, key, facts, **more)

    def words(self, words: Words) -> str:
        return words.said(self.language)

    def rich(self, key: str, **facts: Fact) -> Markup:
        """Return a message as HTML: the facts escaped unless marked safe, `**` made strong and backticks code."""
        hidden = {name: f"\ue000{name}\ue001" for name in facts}
        words = str(escape(catalogue.text(self.language, key, hidden)))
        for sign, tag in (("**", "strong"), ("`", "code")):
            pieces = words.split(sign)
            words = pieces[0]
            for index, piece in enumerate(pieces[1:]):
                words += f"<{'/' if index % 2 else ''}{tag}>{piece}"
        for name, fact in facts.items():
            shown = whole(fact, self.language) if isinstance(fact, int) else fact
            words = words.replace(f"\ue000{name}\ue001", str(escape(shown)))
        return Markup(words)  # noqa: S704 - every piece was escaped above

    def number(self, count: int) -> str:
        """Return a small count as a word (to, tre), a larger one as figures."""
        key = f"words.number.{count}"
        return self(key) if catalogue.has(key) else whole(count, self.language)

    def listed(self, items: Sequence[str]) -> str:
        """Return a, b og c."""
        if len(items) < 2:
            return "".join(items)
        return self("report.title.and", first=", ".join(items[:-1]), last=items[-1])


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def lowered(words: str) -> str:
    """Return the words as they stand inside a sentence: a first letter that is no abbreviation's becomes small."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def full_title(finding: Card | Fallen, report: Report, say: Speaker) -> tuple[str, str]:
    """Return a finding's one sentence in two pieces, the group and what is seen, however long; no full stop."""
    report = report.of(finding)
    own = "own_" if report.own_eyes else ""
    more = report.outcome.more if finding.direction == "more" else report.outcome.fewer
    facts = {"more": say.words(more), "count": say.number(len(finding.parts))}
    tail = say(f"report.title.{own}tail", facts)
    if own:
        head = say("report.title.own_group", labels=say.listed([say.words(part.label) for part in finding.parts]))
    else:
        clauses = say.listed([say.words(part.clause) for part in finding.parts])
        head = say("report.title.group", group=capital(say.words(report.population)), clauses=clauses)
    return head, tail


def sentence(finding: Card | Fallen, report: Report, say: Speaker) -> str:
    """Return a finding's whole sentence as one line, without the full stop."""
    return " ".join(full_title(finding, report, say))


def past(report: Report, say: Speaker) -> str:
    """Return the outcome as a participle: "akut indlagt ..."; a study may write it with or without its verb."""
    return say.words(report.outcome.past).removeprefix("blev ").removeprefix("were ").removeprefix("was ")


def unfit_key(code: str) -> str:
    """Return the message that says why an outcome could not be weighed in the locked part."""
    return f"unfit.{code}" if catalogue.has(f"unfit.{code}") else "unfit.other"
