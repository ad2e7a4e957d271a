"""The report on paper: tagged, named, whole cards on sheets of their own."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from reports import pdf, render_dpo, render_report
from tests.reports import builders

pikepdf = pytest.importorskip("pikepdf")
weasyprint = pytest.importorskip("weasyprint", reason="the system's pango is missing: no PDF is made")


def _walk(node, found):
    """Collect every structure element below a node of the tag tree."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            _walk(child, found)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            found.append(node)
        if "/K" in node:
            _walk(node["/K"], found)


@pytest.fixture(scope="module", params=["da", "en"])
def printed(request):
    html = render_report(builders.example_report(), request.param)
    return request.param, html, pikepdf.open(io.BytesIO(pdf(html, language=request.param)))


def test_the_pdf_is_tagged_and_says_its_language_and_title(printed):
    language, _, document = printed
    assert str(document.Root.Lang) == language
    assert bool(document.Root.MarkInfo.Marked)
    assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
    with document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert "Undringsrapport 4" in metadata["dc:title"] or "Wonder report 4" in metadata["dc:title"]


def test_every_figure_has_its_alternative_and_every_table_its_headers(printed):
    _, html, document = printed
    elements = []
    _walk(document.Root.StructTreeRoot, elements)
    kinds = [str(element.S) for element in elements]
    figures = [element for element in elements if str(element.S) == "/Figure"]
    assert len(figures) == html.count("<svg") - html.count('<svg class="narrow"')  # those are for phones
    assert all(len(str(figure.Alt)) > 40 for figure in figures)
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") > 5
    # A table that goes on to the next sheet is two there, each with the headers.
    assert kinds.count("/Table") >= html.count("<table")
    assert kinds.count("/TH") >= html.count("<th ")


def _sheets(report, language):
    pages = weasyprint.HTML(string=render_report(report, language)).render().pages
    return {name: index for index, page in enumerate(pages) for name in page.anchors}, len(pages)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("cards", [2, 5])
def test_page_one_and_each_side_of_a_card_fill_one_sheet(language, cards):
    pair, triple = builders.pair_card(), builders.triple_card()
    report = replace(builders.example_report(), cards=(triple, pair, pair, triple, pair)[-cards:])
    place, _ = _sheets(report, language)
    for number in range(1, cards + 1):
        assert place[f"fund-{number}"] == 2 * number - 1
        assert place[f"fund-{number}-b"] == 2 * number
    assert place["metode"] == 2 * cards + 1


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_long_list_of_what_is_adjusted_for_leaves_a_back_on_its_sheet(language):
    """As in the demo: English words that are longer than the Danish, and every check tried."""
    report = builders.example_report()
    many = [
        builders.words(f"hjælp {one} (antal gange over tid)", f"help {one} (how often over time)") for one in "abcd"
    ]
    cards = (builders.pair_card(), replace(builders.triple_card(), checks=builders.pair_card().checks))
    place, _ = _sheets(replace(report, cards=cards, adjusted_for=(*report.adjusted_for, *many)), language)
    assert [place[f"fund-{number}{side}"] for number in (1, 2) for side in ("", "-b")] == [1, 2, 3, 4]
    assert place["metode"] == 5


@pytest.mark.parametrize("language", ["da", "en"])
def test_several_outcomes_leave_page_one_on_its_sheet_and_each_landscape_on_one(language):
    place, sheets = _sheets(builders.several_report(), language)
    assert place["fund-1"] == 1
    assert place["landskab2"] == place["landskab"] + 1 == sheets - 1


def test_eight_findings_stay_below_600_kilobytes():
    cards = (builders.pair_card(), builders.triple_card()) * 4
    html = render_report(replace(builders.example_report(), cards=cards), "da")
    assert len(html.encode()) <= 330_000  # promised: 400 kB; a finding more should not break it
    assert len(pdf(html)) <= 600_000


def test_the_dpos_page_can_be_printed_too():
    assert pdf(render_dpo(builders.example_dpo(), "da")).startswith(b"%PDF")


def test_nothing_is_fetched(tmp_path):
    picture = tmp_path / "x.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>secret</text></svg>')
    without = pdf('<html lang="da"><title>x</title><p>x</p>')
    for address in (picture.as_uri(), "https://example.invalid/x.png"):
        html = f'<html lang="da"><title>x</title><style>p{{background:url("{address}")}}</style><p>x</p>'
        assert abs(len(pdf(html)) - len(without)) < 50  # nothing of the picture is in the PDF
