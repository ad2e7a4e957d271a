"""Titles: never above 130 characters whatever a study's words, never a word cut, and the whole sentence on the card."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from reports import catalogue, render_report
from reports.catalogue import Language
from reports.titles import LONGEST, shortened, title
from reports.values import Part, Words
from reports.wording import Speaker, sentence
from tests.reports import builders

WORD = st.text("abcdefghijklmnopqrstuvwxyzæøå", min_size=1, max_size=25)
PHRASE = st.lists(WORD, min_size=1, max_size=14).map(" ".join).map(lambda text: Words(da=text, en=text))
PART = st.builds(Part, label=PHRASE, clause=PHRASE, definition=PHRASE)


def words_of(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


@given(
    parts=st.lists(PART, min_size=2, max_size=5), group=PHRASE, more=PHRASE, fewer=PHRASE, own=st.booleans(),
    direction=st.sampled_from(["more", "fewer"]), language=st.sampled_from(list(Language)),
)  # fmt: skip
def test_a_title_is_short_whatever_the_words_and_cuts_none(parts, group, more, fewer, own, direction, language):
    report = builders.example_report()
    outcome = replace(report.outcome, more=more, fewer=fewer)
    report = replace(report, population=group, outcome=outcome, own_eyes=own)
    card = replace(builders.triple_card(), parts=tuple(parts), direction=direction)
    say = Speaker(language)
    made = " ".join(title(card, report, say))
    assert len(made) <= LONGEST
    studys = [group, more, fewer, *(words for part in parts for words in (part.label, part.clause))]
    known = set().union(*(words_of(say.words(one)) for one in studys))
    house = {key for key in catalogue.keys(language) if key.startswith(("title.", "report.title.", "words.number."))}
    known |= set().union(*(words_of(say(key, dict.fromkeys(FACTS, ""))) for key in house))
    assert words_of(made) <= known | {str(len(parts)), str(len(parts) - 1)}
    if all(len(sentence(card, report, Speaker(one))) <= LONGEST for one in Language):
        assert made == sentence(card, report, say)
        assert not shortened(card, report, say)


FACTS = ("group", "Group", "more", "count", "named", "first", "last", "rest", "clauses", "labels", "sentence")


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_whole_sentence_stands_under_a_shortened_title(language):
    report = builders.example_report()
    page = BeautifulSoup(render_report(report, language), "html.parser")
    say = Speaker(Language(language))
    for card, front in zip(report.cards, page.select("section.front"), strict=True):
        heading = front.h2.text.replace("\u00a0", " ")
        assert len(heading) <= LONGEST
        whole = sentence(card, report, say)
        after = front.h2.find_next_sibling("p").text
        assert heading == whole or after == f"{whole}."
        assert (after == f"{whole}.") == shortened(card, report, say)
    assert shortened(report.cards[1], report, say)  # three things
    listed = [" ".join(one.text.split()) for one in page.select("ol.finds li")]
    assert all(len(one.split(". ")[1]) <= LONGEST for one in listed)
