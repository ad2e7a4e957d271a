"""Chart B draws a column of marks as one dashed line: as many dashes as there are people, and none twice."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from reports import charts
from reports.svg import OBSERVED, OTHERS, UNEXPLAINED


def marks(svg, colour):
    """The places of the marks of a colour, as a renderer lays dashes of that pitch along each line."""
    places = set()
    for d, length in re.findall(rf'<path d="([^"]*)"[^>]*stroke="{colour}"[^>]*stroke-dasharray="([\d.]+) ', svg):
        for x, y, tall in re.findall(r"M([\d.]+) ([\d.]+)v([\d.]+)", d):
            dashes = (
                int((float(tall) + charts.MARK - float(length) + 1e-6) // charts.MARK)
                if float(length)
                else (int((float(tall) + 1e-6) // charts.MARK) + 1)
            )
            top = float(y) - (0 if float(length) else charts.SIDE / 2)
            column = round((float(x) - 0.8 - charts.SIDE / 2) / charts.MARK)
            places |= {(column, round((top - 0.8) / charts.MARK) + dash) for dash in range(dashes)}
    return places


@given(filled=st.integers(0, 1000), ringed=st.integers(0, 1000))
def test_a_thousand_marks_are_a_thousand_and_each_stands_once(filled, ringed):
    ringed = min(ringed, 1000 - filled)
    svg = charts.thousand("b1", title="x", filled=filled, ringed=ringed, total=1000)
    solid, open_, pale = (marks(svg, colour) for colour in (OBSERVED, UNEXPLAINED, OTHERS))
    assert (len(solid), len(open_), len(pale)) == (filled, ringed, 1000 - filled - ringed)
    assert len(solid | open_ | pale) == 1000
    in_order = sorted(solid | open_ | pale)  # column by column from the left, each from the top
    assert set(in_order[:filled]) == solid
    assert set(in_order[filled : filled + ringed]) == open_


def test_the_picture_is_small():
    assert len(charts.thousand("b1", title="x", filled=172, ringed=61, total=1000)) < 2_000
