"""The pictures for a phone tell the same figures as those on paper, and fit into 290 pixels."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from reports import charts, diagrams, render_report
from reports.catalogue import Language
from reports.rates import Gap
from tests.reports import builders


def drawn(svg):
    return BeautifulSoup(svg, "html.parser").svg


@pytest.mark.parametrize("language", ["da", "en"])
def test_each_picture_of_the_report_has_a_twin_for_the_phone_with_the_same_words(language):
    page = BeautifulSoup(render_report(builders.example_report(), language), "html.parser")
    wide = [svg for svg in page.select("figure.both svg") if "narrow" not in svg.get("class", [])]
    narrow = page.select("figure.both svg.narrow")
    assert len(wide) == len(narrow) >= 4  # C, an A, D, E
    for one, other in zip(wide, narrow, strict=True):
        assert one.title.text == other.title.text
        assert float(other["width"]) == 290
        assert one.title["id"] != other.title["id"]


def test_no_mark_of_the_narrow_division_lies_outside_it():
    report = builders.example_report()
    for locked in (report.people_locked, 0):
        svg = drawn(
            diagrams.halves_narrow(
                "d",
                people=20_000,
                searched=14_000,
                locked=locked,
                share=0.3,
                funnel=report.funnel,
                language=Language.DA,
            )
        )
        for box in svg.select("rect"):
            assert 0 <= float(box["x"]) <= float(box["x"]) + float(box["width"]) <= 290
            assert float(box["y"]) + float(box["height"]) <= float(svg["height"])


def differences(gaps, coarse):
    return drawn(
        charts.differences("c", title="x", gaps=gaps, rows=[60] * len(gaps), language=Language.DA, coarse=coarse)
    )


def test_a_chart_without_any_figure_has_a_line_at_zero_and_no_scale():
    texts = [one.text for one in differences([(1, None)], {1: "more"}).select("text")]
    assert texts.count("0") == 1
    assert not [text for text in texts if re.fullmatch(r"[+−]\d+", text)]
    gap = Gap(value=61, low=19, high=103)
    texts = [one.text for one in differences([(1, None), (2, gap)], {1: "more"}).select("text")]
    assert [text for text in texts if re.fullmatch(r"\+\d+", text)]


def test_one_hidden_pattern_is_told_in_the_singular_and_whether_it_was_found():
    report = replace(builders.example_report(), planted=1, planted_found=0)
    assert "Vi gemte ét kendt mønster i data. Søgningen fandt det ikke." in render_report(report, "da")
    assert "Søgningen fandt det. " in render_report(replace(report, planted_found=1), "da")
