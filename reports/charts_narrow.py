"""Chart A for a phone: names above their marks, so that nothing scrolls sideways. The same marks, the same words."""

from __future__ import annotations

from collections.abc import Sequence

from reports.catalogue import Language, text
from reports.charts import Bar, Elsewhere, Scale, diamond, gap_box, hatch, step_for
from reports.numbers import whole
from reports.rates import Gap, Rate
from reports.svg import GRID, INK, MUTED, OBSERVED, SMALL, UNEXPLAINED_TEXT, Drawing, text_width, wrapped

__all__ = ["expected_and_seen_narrow"]

WIDTH, LEFT, RIGHT = 290.0, 10.0, 278.0  # a phone of 320 px has 288 of them for us
TICKS = 4


def expected_and_seen_narrow(
    name: str,
    *,
    title: str,
    axis: str,
    bars: Sequence[Bar],
    whole_label: str,
    whole_people: str,
    observed: Rate,
    expected: Rate | None,
    gap: Gap | None,
    language: Language,
    elsewhere: Sequence[Elsewhere] = (),
) -> str:
    """Return chart A, 290 wide: each name with its group's size over its mark."""
    others = [rate for one in elsewhere for rate in (one.observed, one.expected)]
    step = step_for([*(bar.rate for bar in bars), observed, expected, *others], ticks=TICKS)
    names = [wrapped(bar.label, WIDTH - 4, 13) for bar in bars]
    near = [
        text_width(lines[-1], 13) + text_width(bar.people, SMALL) + 10 < WIDTH
        for bar, lines in zip(bars, names, strict=True)
    ]
    tall = [16.0 * len(lines) + (0 if beside else 15) + 26 for lines, beside in zip(names, near, strict=True)]
    first = Elsewhere(label=whole_label, people=whole_people, observed=observed, expected=expected, gap=gap)
    heights = [_height(one) for one in (first, *elsewhere)]
    rule = 10 + sum(tall)
    bottom = rule + sum(heights)
    under = wrapped(axis, WIDTH - 4, SMALL)
    drawing = Drawing(name, WIDTH, bottom + 22 + 15 * len(under), title, kind="narrow")

    def x(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(value, TICKS * step) / (TICKS * step)

    drawing.add(hatch(name))
    for tick in range(TICKS + 1):
        drawing.line(x(tick * step), 4, x(tick * step), bottom, stroke=GRID)
        drawing.text(x(tick * step), bottom + 15, whole(tick * step, language), anchor="middle")
    for place, line in enumerate(under):
        drawing.text(WIDTH - 4, bottom + 32 + 15 * place, line, anchor="end")
    y = 6.0
    for bar, lines, beside, height in zip(bars, names, near, tall, strict=True):
        _name(drawing, y, lines, bar.people, beside)
        middle = y + height - 15
        if bar.rate is None:
            drawing.text(x(0) + 6, middle + 4, text(language, "chart.too_few"))
        else:
            _interval(drawing, bar.rate, x, middle, MUTED, 2)
            drawing.circle(x(bar.rate.value), middle, 5.5, fill=MUTED)
            _label(drawing, whole(bar.rate.value, language), x(bar.rate.low), x(bar.rate.high), middle + 5, MUTED)
        y += height
    for place, one in enumerate((first, *elsewhere)):
        _combination(drawing, rule + sum(heights[:place]), x, one, place, language)
    return drawing.written()


def _height(one: Elsewhere) -> float:
    heads = 18 * len(wrapped(one.label, WIDTH - 4, 15, bold=True)) + 17
    both = 112 if one.expected is not None else 70  # what was seen, alone, needs no second line
    marks = both if one.observed is not None else 16 + 17 * len(wrapped(one.why_not, WIDTH - 4, 13, bold=True))
    return heads + marks


def _combination(drawing: Drawing, rule: float, x: Scale, one: Elsewhere, place: int, language: Language) -> None:
    observed, expected, gap = one.observed, one.expected, one.gap
    head = wrapped(one.label, WIDTH - 4, 15, bold=True)
    drawing.line(0, rule, WIDTH, rule)
    for number, line in enumerate(head):
        _on_white(drawing, 0, rule + 19 + 18 * number, line, 15, INK, 700)
    _on_white(drawing, 0, rule + 18 * len(head) + 17, one.people, SMALL, MUTED, 400)
    upper = rule + 18 * len(head) + 17 + 38
    lower = upper + (42 if expected is not None else 0)
    if observed is None:
        for number, line in enumerate(wrapped(one.why_not, WIDTH - 4, 13, bold=True)):
            _on_white(drawing, 0, upper - 16 + 17 * number, line, 13, MUTED, 600)
        return
    if expected is not None and gap is not None and gap.value:
        gap_box(drawing, x(expected.value), x(observed.value), upper, lower, place=place)
    if expected is not None:
        _interval(drawing, expected, x, upper, INK, 2)
        centre = x(expected.value)
        diamond(drawing, centre, upper)
        _centred(drawing, text(language, "chart.a.expected", value=expected.value), centre, upper - 13, INK)
    _interval(drawing, observed, x, lower, OBSERVED, 3)
    drawing.circle(x(observed.value), lower, 7.5, fill=OBSERVED)
    _centred(drawing, text(language, "chart.a.seen", value=observed.value), x(observed.value), lower + 24, OBSERVED)
    if expected is not None and gap is not None and gap.value:
        words = text(language, "chart.a.unexplained" if gap.value > 0 else "chart.a.fewer", value=abs(gap.value))
        middle = (x(expected.value) + x(observed.value)) / 2
        _centred(drawing, words, middle, (upper + lower) / 2 + 5, UNEXPLAINED_TEXT)


def _name(drawing: Drawing, y: float, lines: Sequence[str], people: str, beside: bool) -> None:
    for place, line in enumerate(lines):
        _on_white(drawing, 0, y + 12 + 16 * place, line, 13, INK, 400)
    last = y + 12 + 16 * (len(lines) - 1)
    if beside:
        _on_white(drawing, text_width(lines[-1], 13) + 8, last, people, SMALL, MUTED, 400)
    else:
        _on_white(drawing, 0, last + 15, people, SMALL, MUTED, 400)


def _interval(drawing: Drawing, rate: Rate, x: Scale, y: float, stroke: str, width: float) -> None:
    drawing.line(x(rate.low), y, x(rate.high), y, stroke=stroke, width=width)


def _label(drawing: Drawing, words: str, low: float, high: float, y: float, fill: str) -> None:
    wide = text_width(words, 13.5, bold=True)
    if high + 8 + wide <= WIDTH:
        _on_white(drawing, high + 8, y, words, 13.5, fill, 600)
    else:
        _on_white(drawing, low - 8 - wide, y, words, 13.5, fill, 600)


def _centred(drawing: Drawing, words: str, centre: float, y: float, fill: str) -> None:
    wide = text_width(words, 14, bold=True)
    _on_white(drawing, min(max(centre - wide / 2, 0), WIDTH - wide), y, words, 14, fill, 700)


def _on_white(drawing: Drawing, x: float, y: float, words: str, size: float, fill: str, weight: int) -> None:
    """Write over the grid: the lines stop at the words."""
    wide = text_width(words, size, bold=weight >= 600)
    drawing.rect(x - 1, y - 0.82 * size, wide + 2, 1.1 * size)
    drawing.text(x, y, words, size=size, fill=fill, weight=weight)
