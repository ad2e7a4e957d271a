"""The search landscape: every combination by expected and observed, on log axes, and the findings by number."""

from __future__ import annotations

from math import log2

from reports.catalogue import Language, text
from reports.numbers import whole
from reports.svg import GRID, INK, OBSERVED, SMALL, Drawing
from reports.values import PrintedLandscape

SIZES = (0.34, 0.5, 0.66, 0.82, 1.0)  # of a bin, by class: many combinations are a large square
SHADES = ("#9aa7b3", "#8593a0", "#707f8d", "#5b6a78", "#46515c")
LOWEST, HALF = 10, 0.5  # analysis.landscape's bins


def landscape_chart(name: str, *, title: str, seen: PrintedLandscape, language: Language, narrow: bool) -> str:
    """Return the picture, 520 wide for paper or 290 for a phone. The findings' numbers stand in their circles."""
    wide, high, left = (290.0, 300.0, 40.0) if narrow else (520.0, 264.0, 64.0)
    right, top, bottom = wide - 12, 26.0, high - 40
    low = _bin(LOWEST)
    places = [place for one in seen.bins for place in (one.expected, one.observed)]
    counts = [_bin(count) for _, expected, observed in seen.marks for count in (expected, observed)]
    last = max([*places, *counts, low + 4]) + 1

    def x(place: float) -> float:
        return left + (right - left) * (place - low) / (last - low)

    def y(place: float) -> float:
        return bottom - (bottom - top) * (place - low) / (last - low)

    drawing = Drawing(name, wide, high, title, kind="narrow" if narrow else "")
    ticks = [one for one in (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000) if _place(one) <= last]
    if narrow:
        ticks = [one for one in ticks if str(one)[0] == "1"]
    for tick in ticks:
        at = _place(tick)
        drawing.line(x(at), top, x(at), bottom, stroke=GRID)
        drawing.line(left, y(at), right, y(at), stroke=GRID)
        words = text(language, "landscape.below", count=tick) if tick == LOWEST else whole(tick, language)
        drawing.text(x(at), bottom + 16, words, anchor="middle")
        drawing.text(left - 6, y(at) + 4, words, anchor="end")
    drawing.text(right, bottom + 33, text(language, "landscape.expected"), anchor="end")
    drawing.text(0, 14, text(language, "landscape.observed"))
    side = min(right - left, bottom - top) / (last - low)
    for one in seen.bins:
        part = SIZES[one.size - 1]
        centre, middle = x(one.expected + 0.5), y(one.observed + 0.5)
        shade = SHADES[one.size - 1]
        drawing.rect(centre - side * part / 2, middle - side * part / 2, side * part, side * part, fill=shade)
    drawing.line(x(low), y(low), x(last), y(last), stroke=INK, width=1.5)
    drawing.text(left + 10, top + 14, text(language, "landscape.above"))
    drawing.text(right - 10, bottom - 10, text(language, "landscape.under"), anchor="end")
    taken: list[tuple[float, float]] = []
    for number, expected, observed in seen.marks:
        centre, middle = x(_place(expected)), y(_place(observed))
        while any(abs(centre - other) < 17 and abs(middle - level) < 17 for other, level in taken):
            middle -= 17
        taken.append((centre, middle))
        drawing.circle(centre, middle, 9.5, fill="#fff")
        drawing.circle(centre, middle, 8.5, fill=OBSERVED)
        drawing.text(centre, middle + 4.2, str(number), size=SMALL, anchor="middle", fill="#fff", weight=700)
    return drawing.written()


def class_marks() -> tuple[tuple[str, str, int], ...]:
    """Return each class's shade, its width in pixels beside a text, and from how many combinations it goes."""
    return tuple(
        (shade, f"{11 * size:.0f}", least)
        for shade, size, least in zip(SHADES, SIZES, (10, 30, 100, 300, 1000), strict=True)
    )


def _place(count: float) -> float:
    return log2(max(count, LOWEST)) / HALF


def _bin(count: float) -> int:
    return int(_place(count) + 1e-9)
