"""Every sentence stands in both languages, says no cause, and is plain enough for a committee."""

from __future__ import annotations

import re
import string

import pytest
from bs4 import BeautifulSoup

from reports import render_report
from reports.catalogue import has, keys, text
from tests.reports import builders

CAUSE = r"fører til|skyldes|forårsager|på grund af|øger risikoen|\bbeviser\b"
# One says that nothing is shown to cause; the others speak of the log, and of a bundle of "beviser", evidence.
ALLOWED = {"listing.not_cause", "help.audit_expire.text", "error.bundle_unreadable.found"}
OURS = ("report.", "chart.", "words.", "dpo.")


def test_both_languages_have_the_same_messages_with_the_same_fields():
    assert keys("da") == keys("en")
    for key in keys("da"):
        if key.startswith(OURS):
            danish, english = (
                {field for _, field, _, _ in string.Formatter().parse(_raw(key, language)) if field}
                for language in ("da", "en")
            )
            assert danish == english, key


def _raw(key: str, language: str) -> str:
    from reports.catalogue import Language, _messages

    return _messages(Language(language))[key]


def test_no_message_but_the_not_ones_says_that_one_thing_causes_another():
    assert re.search(CAUSE, "Flytning fører til indlæggelse")  # the lint can bite
    english = r"\bcause[sd] |leads? to|because of|due to|increases? the risk|\bproves\b"
    assert re.search(english, "Moving causes an admission")
    for key in set(keys("da")) - ALLOWED:  # pages, papers, portal, commands, errors: every text there is
        if not key.startswith(("report.ikke.", "words.glossary.")):
            assert not re.search(CAUSE, _raw(key, "da"), re.IGNORECASE), key
            assert not re.search(english, _raw(key, "en"), re.IGNORECASE), key


def test_the_pages_keep_to_one_danish_word_for_one_thing():
    strays = (
        r"hypotese|pseudonym(?!iser)|udeblevet|\bfeature|\bdatas[eæ]t|outcome|sample\b|\bscore\b|signifikan|p-værdi"
        r"|\bscope\b|\bdefault|\bupdate"
    )
    assert re.search(strays, "et signifikant outcome")
    for key in keys("da"):
        # A command's help and an error name options and columns as they are typed; the glossary explains a word once.
        if not key.startswith(("help.", "error.", "words.glossary.")):
            words = re.sub(r"`[^`]*`|{.*?}|undring [a-z]+.*", "", _raw(key, "da"))
            assert not re.search(strays, words, re.IGNORECASE), key


def _sentences(page: BeautifulSoup, selector: str) -> list[str]:
    words = []
    for part in page.select(selector):
        for svg in part.select("svg, .eyebrow, .foot, table"):
            svg.decompose()
        for block in part.select("h1, h2, h3, p, li, dt, figcaption, span.small"):
            if not block.select("p, li, span.small"):
                words.append(block.get_text(" "))
    # A point between figures ends no sentence.
    return [one for block in words for one in re.split(r"(?<=[.!?:])\s+(?=[A-ZÆØÅ»])", block) if one.strip()]


def lix(sentences: list[str]) -> float:
    """Return C. H. Björnsson's readability index: words a sentence, plus percent of words over six letters."""
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-zÆØÅæøåé]+", sentence)]
    return len(words) / len(sentences) + 100 * sum(len(word) > 6 for word in words) / len(words)


def test_the_index_knows_hard_words_from_easy_ones():
    assert lix(["Vi ser på tal."]) < 10 < 60 < lix(["Signifikante interaktionseffekter forekommer regelmæssigt"])


@pytest.mark.parametrize("selector", ["section.page:first-of-type", "section.front"])
@pytest.mark.parametrize("name", ["example_report", "empty_report", "unlocked_report"])
def test_page_one_and_card_fronts_are_plain(name, selector):
    report = getattr(builders, name)()
    if not report.cards and selector == "section.front":
        assert not BeautifulSoup(render_report(report, "da"), "html.parser").select(selector)
        return
    sentences = _sentences(BeautifulSoup(render_report(report, "da"), "html.parser"), selector)
    assert len(sentences) > 10
    assert lix(sentences) <= 40


def test_no_message_of_page_one_or_a_front_is_longer_than_twenty_words():
    for key in keys("da"):
        if key.startswith(
            ("report.lead.", "report.first.", "report.card.", "report.sure.", "report.ikke.", "report.wonder.")
        ):
            for sentence in re.split(r"(?<=[.?:])\s+", _raw(key, "da")):
                assert len(sentence.split()) <= 20, key


def test_titles_are_short_enough_to_say_in_one_breath():
    page = BeautifulSoup(render_report(builders.example_report(), "da"), "html.parser")
    for title in page.select("section.front h2"):
        assert len(title.text) <= 170
        assert len(title.text.split()) <= 30


def test_small_numbers_are_words_and_every_glossary_word_is_explained():
    assert text("da", "words.number.3") == "tre"
    assert text("en", "words.number.3") == "three"
    words = [key for key in keys("da") if key.startswith("words.glossary.") and key.endswith(".word")]
    assert len(words) > 70
    assert all(has(key.removesuffix("word") + "meaning") for key in words)
