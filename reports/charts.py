"""The three charts of findings: A expected and seen, B a thousand people, C differences from the expected.

Each returns one `<svg>` whose title holds every figure in words. Shape and pattern tell marks apart; colour helps.
Callers give words and printed rates; a rate of None is "too few to show".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from reports.catalogue import Language, text
from reports.numbers import whole
from reports.rates import Gap, Rate
from reports.svg import (
    GRID,
    INK,
    MUTED,
    OBSERVED,
    OTHERS,
    SMALL,
    UNEXPLAINED,
    UNEXPLAINED_TEXT,
    Drawing,
    text_width,
    wrapped,
)

RIGHT = 684.0  # chart A's plot ends here, and begins at 200, or at 318 where there are many rows
Scale = Callable[[float], float]  # a value to its place on the x axis
MARK, SIDE, COLUMNS, ROWS = 6.6, 5, 50, 20  # chart B: pitch and side of its 50 x 20 marks


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of chart A."""

    label: str
    people: str  # "ca. 1.620 borgere", or why there is no number
    rate: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The combination again, of other people: below the first, on its scale. `observed` None: why is said in words."""

    label: str
    people: str
    observed: Rate | None
    expected: Rate | None
    gap: Gap | None
    why_not: str = ""


def expected_and_seen(
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
    """Return chart A: the parts' rates as grey dots, then the combination, expected (diamond) and seen (dot).

    `elsewhere`: the same of other people, a row each below it.
    """
    dense = len(bars) > 3 or any(len(wrapped(bar.label, 184, 13.5)) > 2 for bar in bars)
    left, size = (318.0, 13.0) if dense else (200.0, 13.5)
    labels = [wrapped(bar.label, left - 16, size) for bar in bars]
    # Where there are many rows, the group's size stands after its name; else on a line of its own.
    beside = [
        dense and text_width(lines[-1], size) + text_width(bar.people, SMALL) + 8 < left - 12
        for bar, lines in zip(bars, labels, strict=True)
    ]
    tall = [
        15.0 * len(lines) + (9 if near else 23 if dense else 25) for lines, near in zip(labels, beside, strict=True)
    ]
    rule = 12 + sum(tall)
    bottom = rule + 82 * (1 + len(elsewhere))
    others = [rate for one in elsewhere for rate in (one.observed, one.expected)]
    step = step_for([*(bar.rate for bar in bars), observed, expected, *others], ticks=5)
    drawing = Drawing(name, 700, bottom + 40, title)

    def x(value: float) -> float:
        return left + (RIGHT - left) * min(value, 5 * step) / (5 * step)

    drawing.add(hatch(name))
    for tick in range(6):
        drawing.line(x(tick * step), 10, x(tick * step), bottom, stroke=GRID)
        drawing.text(x(tick * step), bottom + 17, whole(tick * step, language), anchor="middle")
    drawing.text(RIGHT, bottom + 35, axis, size=12.5, anchor="end")
    y = 12.0
    for bar, lines, near, height in zip(bars, labels, beside, tall, strict=True):
        _row_names(drawing, y, lines, bar.people, size, near)
        middle = y + 3 + 15 * len(lines) / 2
        if bar.rate is None:
            drawing.text(x(0) + 8, middle + 5, text(language, "chart.too_few"), size=12.5)
        else:
            drawing.line(x(bar.rate.low), middle, x(bar.rate.high), middle, stroke=MUTED, width=2)
            drawing.circle(x(bar.rate.value), middle, 5.5, fill=MUTED)
            _value(drawing, x(bar.rate.high) + 9, middle + 5, whole(bar.rate.value, language), fill=MUTED, size=14)
        y += height
    first = Elsewhere(label=whole_label, people=whole_people, observed=observed, expected=expected, gap=gap)
    for place, one in enumerate((first, *elsewhere)):
        top = rule + 82 * place
        drawing.line(0, top, RIGHT, top)
        _combination(drawing, top, left, x, one, place, language)
    return drawing.written()


def _combination(
    drawing: Drawing, rule: float, left: float, x: Scale, one: Elsewhere, place: int, language: Language
) -> None:
    label, people, observed, expected, gap = one.label, one.people, one.observed, one.expected, one.gap
    lines = wrapped(label, left - 20, 16, bold=True)
    first = rule + 44 - 9 * len(lines)
    for index, line in enumerate(lines):
        drawing.text(0, first + 18 * index, line, size=16, fill=INK, weight=700)
    drawing.text(0, first + 18 * len(lines) - 1, people)
    if observed is None:
        for index, line in enumerate(wrapped(one.why_not, RIGHT - left - 16, 13, bold=True)):
            _value(drawing, x(0) + 8, rule + 38 + 17 * index, line, fill=MUTED, size=13)
        return
    upper, lower = rule + 22, rule + (62 if expected is not None else 42)  # alone it stands in the middle
    if expected is not None and gap is not None and gap.value != 0:
        gap_box(drawing, x(expected.value), x(observed.value), upper, lower, more=' fill-opacity="1"', place=place)
    if expected is not None:
        drawing.line(x(expected.low), upper, x(expected.high), upper, width=2)
        diamond(drawing, x(expected.value), upper)
        words = text(language, "chart.a.expected", value=expected.value)
        _beside(
            drawing,
            words,
            x(expected.low),
            x(expected.high),
            upper + 5,
            left,
            observed.value < expected.value,
            INK,
            600,
        )
    drawing.line(x(observed.low), lower, x(observed.high), lower, stroke=OBSERVED, width=3)
    drawing.circle(x(observed.value), lower, 7.5, fill=OBSERVED)
    words = text(language, "chart.a.seen", value=observed.value)
    right = expected is None or observed.value >= expected.value
    _beside(drawing, words, x(observed.low), x(observed.high), lower + 5, left, right, OBSERVED, 700)
    if expected is not None and gap is not None and gap.value != 0:
        words = text(language, "chart.a.unexplained" if gap.value > 0 else "chart.a.fewer", value=abs(gap.value))
        wide = text_width(words, 13, bold=True) + 10
        middle = (x(expected.value) + x(observed.value)) / 2
        middle = min(max(middle, left + wide / 2), RIGHT - wide / 2)
        drawing.rect(middle - wide / 2, rule + 32.5, wide, 19, extra='rx="2"')
        drawing.text(middle, rule + 47, words, size=13, anchor="middle", fill=UNEXPLAINED_TEXT, weight=700)


def gap_box(
    drawing: Drawing, expected: float, seen: float, upper: float, lower: float, *, more: str = "", place: int = 0
) -> None:
    """Draw the hatched box between what was expected and what was seen."""
    low, high = sorted((expected, seen))
    number = place or ""
    drawing.rect(
        low,
        upper,
        max(high - low, 2),
        lower - upper,
        fill=f"url(#{drawing.name}-h)",
        stroke=UNEXPLAINED,
        extra=f'stroke-width="1.5"{more} id="{drawing.name}-gap{number}"',
    )


def diamond(drawing: Drawing, x: float, y: float) -> None:
    """Draw the mark of what was expected."""
    drawing.path(f"M{x:.1f} {y - 7.5:.1f} l7.5 7.5 -7.5 7.5 -7.5 -7.5z", fill="#fff", stroke=INK, width=2)


def thousand(name: str, *, title: str, filled: int, ringed: int, total: int) -> str:
    """Return chart B: 1,000 marks, filled from the left: squares, then open rings, the rest pale.

    `filled` and `ringed` are out of `total` (1,000 or 10,000); a mark stands for total / 1,000 people. A column of
    marks is one dashed line: a thousand marks written one by one would be a tenth of the whole file.
    """
    share = total // 1000
    squares = round(filled / share)
    rings = round((filled + ringed) / share) - squares
    drawing = Drawing(name, COLUMNS * MARK, ROWS * MARK, title)
    for first, last, fill in ((squares + rings, COLUMNS * ROWS, OTHERS), (0, squares, OBSERVED)):
        if first < last:
            drawing.path(
                _squares(first, last), stroke=fill, width=SIDE, extra=f'stroke-dasharray="{SIDE} {MARK - SIDE:.1f}"'
            )
    if rings:  # round dots of a line without length, and white ones in them
        dots = _dots(squares, squares + rings)
        round_ = f'stroke-linecap="round" stroke-dasharray="0 {MARK}"'
        drawing.path(dots, stroke=UNEXPLAINED, width=5.9, extra=round_)
        drawing.path(dots, stroke="#fff", width=2.5, extra=round_)
    return drawing.written()


def _squares(first: int, last: int) -> str:
    """Return a line down each column of marks `first` to `last`; its dashes are the squares."""
    return "".join(
        f"M{x:.1f} {top * MARK + 0.8:.1f}v{count * MARK - MARK + SIDE:.1f}" for x, top, count in _columns(first, last)
    )


def _dots(first: int, last: int) -> str:
    """Return a line down each column through the middles of its marks; a little longer, so that the last is drawn."""
    return "".join(
        f"M{x:.1f} {top * MARK + 0.8 + SIDE / 2:.1f}v{(count - 1) * MARK + 0.2:.1f}"
        for x, top, count in _columns(first, last)
    )


def _columns(first: int, last: int) -> Iterator[tuple[float, int, int]]:
    """Give each column that holds marks from `first` to before `last`: its middle, its first row, and how many."""
    for column in range(first // ROWS, -(-last // ROWS)):
        top = max(first - column * ROWS, 0)
        yield column * MARK + 0.8 + SIDE / 2, top, min(last - column * ROWS, ROWS) - top


def differences(
    name: str,
    *,
    title: str,
    gaps: Sequence[tuple[int, Gap | None]],
    rows: Sequence[int],
    language: Language,
    coarse: Mapping[int, str],
    kind: str = "",
) -> str:
    """Return chart C: each finding's gap on one scale, in the order of the cards, beside a list with these rows.

    Where no gap has figures the scale has none either: the arrows say which way.
    """
    known = [gap for _, gap in gaps if gap is not None]
    low = min([0, *(gap.low for gap in known)])
    high = max([0, *(gap.high for gap in known)])
    step = step_of(max(high - low, 5) / 5)
    first, last = floor(low / step), ceil(high / step)
    first, last = (first if first < 0 else -1), (last if last > 0 else 1)
    bottom = 24 + sum(rows)
    drawing = Drawing(name, 290, bottom + 22, title, kind=kind)

    def x(value: float) -> float:
        return 40 + 228 * (value - first * step) / ((last - first) * step)

    for tick in range(first, last + 1) if known else (0,):
        drawing.line(x(tick * step), 20, x(tick * step), bottom, stroke=GRID if tick else INK, width=1 if tick else 1.5)
        sign = "+" if tick > 0 else ""
        drawing.text(x(tick * step), bottom + 16, sign + whole(tick * step, language), anchor="middle")
    drawing.text(x(0) - 8, 13, text(language, "chart.fewer"), size=12.5, anchor="end")
    drawing.text(x(0) + 8, 13, text(language, "chart.more"), size=12.5)
    for index, (number, gap) in enumerate(gaps):
        y = 24.0 + sum(rows[:index]) + 36
        drawing.text(2, y + 5, str(number), size=14, fill=INK, weight=700)
        if gap is None and number in coarse:
            way = 1 if coarse[number] == "more" else -1
            drawing.line(x(0), y, x(0) + 34 * way, y, stroke=OBSERVED, width=3)
            tip = x(0) + 42 * way
            drawing.path(f"M{tip:.1f} {y}l{-9 * way} -6v12z", fill=OBSERVED)
            words = text(language, "chart.more" if way > 0 else "chart.fewer")
            drawing.text(x(0) + 20 * way, y - 13, words, size=14, anchor="middle", fill=OBSERVED, weight=700)
            continue
        if gap is None:
            drawing.text(x(0) + 8, y + 5, text(language, "chart.too_few"), size=12.5)
            continue
        drawing.line(x(gap.low), y, x(gap.high), y, stroke=OBSERVED, width=3)
        drawing.circle(x(gap.value), y, 7, fill=OBSERVED)
        words = text(language, "chart.c.more" if gap.value >= 0 else "chart.c.fewer", value=abs(gap.value))
        half = text_width(words, 14, bold=True) / 2
        middle = min(max(x(gap.value), 20 + half), 288 - half)
        drawing.text(middle, y - 13, words, size=14, anchor="middle", fill=OBSERVED, weight=700)
    return drawing.written()


def step_for(rates: Sequence[Rate | None], *, ticks: int) -> int:
    """Return the step between so many ticks that every rate's interval lies below the last."""
    highest = max([rate.high for rate in rates if rate is not None] + [5])
    return step_of(highest / ticks, (10, 12, 15, 20, 25, 30, 40, 50, 60, 80))


def step_of(at_least: float, factors: Sequence[int] = (10, 20, 50)) -> int:
    """Return the smallest round number that is not below: of the factors, times a power of ten."""
    size = 1
    while True:
        for factor in factors:
            if size * factor % 10 == 0 and size * factor / 10 >= at_least:
                return size * factor // 10
        size *= 10


def hatch(name: str) -> str:
    """Return the pattern that fills what is unexplained."""
    return (
        f'<defs><pattern id="{name}-h" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fdf0e6"/>'
        f'<line x1="0" y1="0" x2="0" y2="6" stroke="{UNEXPLAINED}" stroke-width="2"/></pattern></defs>'
    )


def _row_names(drawing: Drawing, y: float, lines: Sequence[str], people: str, size: float, near: bool) -> None:
    for index, line in enumerate(lines):
        drawing.text(0, y + 15 + 15 * index, line, size=size, fill=INK)
    if near:
        drawing.text(text_width(lines[-1], size) + 8, y + 15 * len(lines), people)
    else:
        drawing.text(0, y + 15 + 15 * len(lines) - 1, people)


def _value(drawing: Drawing, x: float, y: float, words: str, *, fill: str, size: float) -> None:
    """Write a value after its interval; where that is at the edge, over the interval's end, not on it."""
    last = 700 - text_width(words, size, bold=True)
    drawing.text(min(x, last), y if x <= last else y - 12, words, size=size, fill=fill, weight=600)


def _beside(
    drawing: Drawing, words: str, low: float, high: float, y: float, left: float, right: bool, fill: str, weight: int
) -> None:
    """Write a label beside an interval, on the side away from the gap; where it does not fit there, over or under."""
    wide = text_width(words, 14.5, bold=True) + 8
    if right and high + wide <= 700:
        drawing.text(high + 8, y, words, size=14.5, fill=fill, weight=weight)
    elif not right and low - wide >= left - 60:
        drawing.text(low - 8, y, words, size=14.5, anchor="end", fill=fill, weight=weight)
    else:
        over = -14 if fill == INK else 15
        place = (700 if fill == INK else min(high, 700)) if right else min(max(low, left) + wide, 700)
        drawing.text(place, y + over, words, size=14.5, anchor="end", fill=fill, weight=weight)
