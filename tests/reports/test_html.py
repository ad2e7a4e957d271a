"""The report: every printed number follows from printed counts, both languages have one tree, nothing is fetched."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date

import pytest
from bs4 import BeautifulSoup
from scipy.stats import binomtest

from reports import render_report
from reports.numbers import whole
from reports.values import Report, Said, Words
from tests.reports import builders

REPORTS = {
    "example": builders.example_report,
    "empty": builders.empty_report,
    "unlocked": builders.unlocked_report,
    "own_eyes": builders.own_eyes_report,
    "several": builders.several_report,
}
LANGUAGES = ("da", "en")
MARK = {"da": ".", "en": ","}


def soup(report: Report, language: str) -> BeautifulSoup:
    return BeautifulSoup(render_report(report, language), "html.parser")


def number(text: str, language: str) -> int:
    return int(text.replace(MARK[language], "").replace("−", "-"))


def near(printed: int, exact: float) -> bool:
    return abs(printed - exact) <= 0.5 + 1e-9


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["example", "unlocked", "own_eyes"])
def test_every_rate_and_interval_of_a_table_can_be_recomputed_from_its_printed_counts(name, language):
    page = soup(REPORTS[name](), language)
    tables = page.select("table.numbers")
    assert tables
    for table in tables:
        per = number(re.search(r"[\d.,]+$", table.select("thead th")[-2].text.strip()).group(), language)
        for row in table.select("tbody tr"):
            cells = [cell.text for cell in row.select("td")]
            people, count, rate, interval = *cells[:2], *cells[-2:]
            if not rate:
                assert "few" in people + count or "for få" in people + count
                continue
            people, count = number(people, language), number(count, language)
            assert near(number(rate, language), per * count / people)
            if row.get("class") != ["sum", "exp"]:  # the plain road to Wilson's interval: scipy
                ends = binomtest(count, people).proportion_ci(method="wilson")
                low, high = [number(end, language) for end in re.findall(r"[\d.,]+", interval)]
                assert near(low, per * ends.low)
                assert near(high, per * ends.high)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_expected_ends_and_the_gap_follow_from_the_printed_counts(language):
    page = soup(builders.example_report(), language)
    for front, back in zip(page.select("section.front"), page.select("section.back"), strict=True):
        rows = back.select("table.numbers tbody tr")
        people, observed = [number(cell.text, language) for cell in rows[-2].select("td")[:2]]
        told = re.search(r"(\d+) \((\d+) (?:til|to) (\d+)\)", back.select_one("p.small").text)
        expected, low, high = map(int, told.groups())
        assert expected == number(rows[-1].select("td")[1].text, language)
        ends = [number(found, language) for found in re.findall(r"[\d.,]+", rows[-1].select("td")[-1].text)]
        assert near(ends[0], 1000 * low / people)
        assert near(ends[1], 1000 * high / people)
        lead = [number(found.text, language) for found in front.select("p.lead strong")[:2]]
        gap = int(re.search(r"\d+", front.select("p.lead strong")[2].text).group())
        assert near(lead[0], 1000 * observed / people)
        assert near(lead[1], 1000 * expected / people)
        assert gap == abs(lead[0] - lead[1])  # a reader who subtracts gets what is printed
        printed = sorted(abs(lead[0] - end) for end in ends)  # observed less the ends of the expected
        assert all(re.search(rf"\b{int(end)}\b", front.select("ul")[0].li.text) for end in printed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gap_without_adjustment_follows_from_a_printed_count(language):
    page = soup(builders.example_report(), language)
    for card, back in zip(builders.example_report().cards, page.select("section.back"), strict=True):
        people, observed = [
            number(cell.text, language) for cell in back.select("table.numbers tbody tr")[-2].select("td")[:2]
        ]
        crude = int(
            re.search(r"(?:Ujusteret er det forventede antal|Unadjusted, the expected count is) (\d+)", back.text)[1]
        )
        assert crude == card.expected_crude
        gap = round(1000 * observed / people) - round(1000 * crude / people)
        words = {"da": r"Uden dem er forskellen (\d+)", "en": r"Without them the difference is (\d+)"}[language]
        assert int(re.search(words, back.text)[1]) == abs(gap)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_works_the_expected_count_out_from_the_rows(language):
    page = soup(builders.example_report(), language)
    for card, back in zip(builders.example_report().cards, page.select("section.back"), strict=True):
        rows = back.select("table.numbers tbody tr")[: 2 ** len(card.parts)]
        label = getattr(card.parts[0].label, language)
        mine = [row for row in rows if label in row.th.text or row is rows[-1]]
        seen, wanted = ([number(row.select("td")[place].text, language) for row in mine] for place in (1, 2))
        assert sum(seen) - sum(wanted[:-1]) == wanted[-1] == card.expected
        for told in (sum(seen), sum(wanted[:-1]), card.expected):
            assert re.search(rf"\b{told}\b", back.select_one("p.small").text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_with_a_withheld_row_has_no_expected_counts_but_the_last(language):
    page = soup(builders.unlocked_report(), language)
    assert len(page.select("table.numbers thead th")) == 5
    words = {"da": "i en række er der for få til at vise", "en": "one row has too few to show"}[language]
    assert words in page.select_one("section.back p.small").text


def test_a_reason_for_refusal_is_summed_over_the_registers():
    report = builders.example_report()
    first, second = report.sources
    shared = builders.words("en kode, der ikke er på listen", "a code that is not on the list")
    sources = tuple(replace(one, refused_reasons=((shared, rows),)) for one, rows in ((first, 30), (second, 240)))
    page = soup(replace(report, sources=sources), "da")
    [line] = [row for row in page.select("tr") if "en kode, der ikke" in row.text.lower()]
    assert line.td.text == "270"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_promises_no_release_by_two_people(language):
    word = {"da": "to personer godkender", "en": "two people approve"}[language]
    assert word not in soup(builders.example_report(), language).text.lower()
    assert word in soup(replace(builders.example_report(), draft=False), language).text.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pictures_say_the_same_figures_as_the_tables(language):
    page = soup(builders.example_report(), language)
    for index, back in enumerate(page.select("section.back"), start=1):
        alternative = page.select_one(f"#a{index}").text
        for row in back.select("table.numbers tbody tr"):
            rate, interval = [cell.text for cell in row.select("td")][-2:]
            if rate:
                assert f"{rate} ({interval})" in alternative
        field = [number(found, language) for found in re.findall(r"\d[\d.,]*\d|\d", page.select_one(f"#b{index}").text)]
        assert sum(field[2:5]) == field[1] == 1000


@pytest.mark.parametrize("name", REPORTS)
def test_danish_and_english_are_the_same_tree(name):
    danish, english = (soup(REPORTS[name](), language) for language in LANGUAGES)
    for page in (danish, english):
        for glossary in page.select("table.glossary"):
            glossary.decompose()  # each language explains the words it uses, in its own order
        for svg in page.select("svg"):
            svg.clear()  # a long word may need one more line
    tree = [
        [(tag.name, tag.get("class"), tag.get("id")) for tag in page.body.find_all(True)] for page in (danish, english)
    ]
    assert tree[0] == tree[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_the_file_is_alone_and_well_formed(name, language):
    html = render_report(REPORTS[name](), language)
    page = BeautifulSoup(html, "html.parser")
    assert page.html["lang"] == language
    assert not page.select("script, link, img, iframe, object, form")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)", html)
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert all(link["href"][1:] in ids for link in page.select("a[href]"))
    levels = [int(heading.name[1]) for heading in page.select("h1, h2, h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for svg in page.select("svg"):
        assert svg["role"] == "img"
        assert svg.title.text
        assert svg["aria-labelledby"] == svg.title["id"]
        assert all(float(text["font-size"]) >= 11.5 for text in svg.select("text"))
    assert all(header.get("scope") for header in page.select("th"))
    assert len(html.encode()) < 400_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_says_so_in_every_head_and_a_released_report_nowhere(language):
    word = {"da": "UDKAST, ikke frigivet", "en": "DRAFT, not released"}[language]
    draft = soup(builders.example_report(), language)
    assert all(word in head.text for head in draft.select("div.eyebrow"))
    assert word in draft.title.text
    assert word.split(",")[0] in draft.style.text  # the running head on paper
    assert word not in render_report(replace(builders.example_report(), draft=False), language)


def test_the_first_heading_counts_in_words_and_is_proud_of_nothing():
    report = builders.example_report()
    assert soup(report, "da").h1.text == "To ting, vi ikke havde set komme"
    assert soup(replace(report, cards=report.cards[:1]), "da").h1.text == "Én ting, vi ikke havde set komme"
    assert (
        soup(builders.empty_report(), "da").h1.text == "Vi ledte 1.187.412 steder og fandt intet, vi kan stå inde for"
    )


def test_a_title_is_one_sentence_built_from_clauses():
    fronts = soup(builders.example_report(), "da").select("section.front h2")
    assert fronts[0].text.replace("\u00a0", " ") == (
        "Ældre, der både er flyttet for nylig og har fået ny hjemmepleje, bliver oftere akut indlagt, "
        "end de forklarer hver for sig"
    )
    assert "bliver sjældnere akut indlagt" in fronts[1].text
    whole = fronts[1].find_next_sibling("p").text
    assert "der både har fået ny hjemmepleje, bor alene og har sagt nej" in whole
    assert "de tre ting" in whole
    assert not re.search(r"\d", fronts[0].text + fronts[1].text)


def test_a_triple_not_above_its_pairs_says_so_on_its_front():
    fronts = soup(builders.example_report(), "da").select("section.front")
    words = "kan ikke skilles fra to af tingene alene"
    assert words not in fronts[0].text
    assert words in fronts[1].text


def test_a_held_back_cell_is_said_in_words_and_never_as_nothing():
    page = soup(builders.unlocked_report(), "da")
    assert "for få til at vise" in page.select("section.back")[0].text
    assert "None" not in page.text
    assert "nan" not in page.text.split()


def test_a_card_whose_expected_is_held_back_shows_no_gap():
    card = replace(builders.pair_card(), expected=None, expected_low=None, expected_high=None, expected_crude=None)
    page = soup(replace(builders.example_report(), cards=(card,)), "da")
    front = page.select_one("section.front")
    assert "bygger på for få til at vise" in front.text
    assert "uforklaret" not in front.text


def test_rare_outcomes_are_counted_per_ten_thousand():
    front = soup(builders.unlocked_report(), "da").select_one("section.front")
    assert "Ud af 10.000" in front.text
    assert "pr. 10.000" in front.text


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_half_is_said_only_of_a_half(share):
    text = soup(replace(builders.example_report(), lock_share=share), "da").main.text
    assert ("halvdel" in text.lower()) == (share == 0.5)


def test_what_an_analyst_types_is_text_and_never_markup():
    evil = builders.words("<script>alert(1)</script>", '"><b>x')
    card = replace(builders.pair_card(), notes=replace(builders.pair_card().notes, objection=evil, owner="<i>o</i>"))
    report = replace(builders.example_report(), cards=(card,), population=evil, controller="</style><script>")
    for language in LANGUAGES:
        page = soup(report, language)
        assert not page.select("script, b:not(.ladder b), i")


def test_every_whole_number_of_the_page_wears_the_languages_mark():
    for language, other in (("da", ","), ("en", ".")):
        text = soup(builders.example_report(), language).main.get_text(" ")
        assert not re.search(r"(?<![\w-])\d{4,}(?![\w-])", re.sub(r"\b20\d\d\b|7f3a\w+|0[.,]\d{4}", "", text))
        assert whole(1_187_412, language) in text
        assert not re.search(rf"\d{re.escape(other)}\d{{3}}\b", text)


def test_the_fourth_step_is_peoples_and_leaves_the_third_open_where_nobody_found_it_again():
    card = builders.pair_card()
    done = Said(
        role="projektleder", on=date(2027, 3, 1), words=Words(da="Færre blev indlagt", en="Fewer were admitted")
    )
    tried = replace(card, notes=replace(card.notes, practice=done))
    page = soup(replace(builders.example_report(), cards=(tried,)), "da")
    steps = page.select("ol.ladder li")
    assert [("on" in one["class"], one.get("aria-current")) for one in steps] == [
        (True, None), (True, None), (False, None), (True, "step"),
    ]  # fmt: skip
    assert "Færre blev indlagt. Projektleder, 1. marts 2027" in page.text


def test_a_card_says_who_was_asked_and_that_nobody_was():
    page = soup(builders.example_report(), "da").text
    assert "Anet, men ikke målt. Leder af hjemmeplejen, 3. november 2026" in page
    assert "Visitator, 5. november 2026; Overlæge, 6. november 2026" in page
    assert "Pris: 40 timer af en farmaceut." in page
    assert "Ingen i faget er spurgt endnu" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_outcome_has_its_count_on_page_one_and_its_own_landscape(language):
    report = builders.several_report()
    page = soup(report, language)
    lead = page.select_one("section.first p.lead").text
    found = {
        "da": "akut indlæggelse (ét fund), fald med skade (ét fund) og besøg hos lægen (intet fund)",
        "en": "acute admission (one finding), a fall with injury (one finding) and visits to the doctor (no finding)",
    }[language]
    assert found in lead
    drawn = [one.find_parent("section") for one in page.select("figure.land")]
    labels = [getattr(mine.outcome.label, language) for mine in report.each]
    assert [labels[:2][place] in one.h2.text for place, one in enumerate(drawn)] == [True, True]
    circles = [re.findall(r"(?:Fund|Finding) (\d+):", one.select_one("svg title").text) for one in drawn]
    assert circles == [["1"], ["2"]]
    assert labels[2] in drawn[0].p.text  # counted: said not to be drawn
    assert all(labels[place] in one.table.caption.text for place, one in enumerate(drawn))


@pytest.mark.parametrize("language", LANGUAGES)
def test_eight_findings_of_three_outcomes_stay_below_400_kilobytes(language):
    report = builders.several_report()
    cards = report.cards * 4
    third = replace(report.others[1], kind="yes_no", unit=None, landscape=report.landscape, plain=report.plain)
    html = render_report(replace(report, cards=cards, others=(report.others[0], third)), language)
    assert len(html.encode()) < 400_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tables_report_names_no_household_no_file_and_no_command_that_it_does_not_have(language):
    report = builders.own_eyes_report()
    locked = replace(report, people_locked=report.people_searched)
    page = soup(locked, language).text
    assert "findings.json" in page
    for word in ("fund.json", "finding show", "household", "husstand"):
        assert word not in page
    assert "fund.json" in soup(builders.example_report(), language).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_combination_of_the_landscape_is_told_as_one(language):
    report = builders.example_report()
    one = replace(report.plain, explained=1, leads=0, fell=0, held=1)
    page = soup(replace(report, plain=one), language).text
    said = {"da": "1 forklares af sine dele og det, der er taget højde for; 1 er et fund.",
            "en": "1 is explained by its parts and what is adjusted for; 1 is a finding."}  # fmt: skip
    assert said[language] in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_a_row_is_withheld_the_expected_count_is_told_to_be_in_tens_and_is(language):
    card = builders.rare_card()
    assert any(row.observed is None for row in card.rows)
    assert all(count % 10 == 0 for count in (card.expected, card.expected_low, card.expected_high))
    page = soup(replace(builders.example_report(), cards=(card,)), language).text
    assert {"da": "rundet grovere, til hele tiere", "en": "more coarsely here, to whole tens"}[language] in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_step_from_the_unadjusted_difference_is_not_told_as_adjustment_alone(language):
    backs = [back.text for back in soup(builders.example_report(), language).select("section.back")]
    without = {"da": "Uden dem er forskellen", "en": "Without them the difference is"}[language]
    why = {"da": "Ikke hele springet er justering", "en": "Not all of the step is adjustment"}
    assert any(without in back for back in backs)
    assert all((without in back) == (why[language] in back) for back in backs)
