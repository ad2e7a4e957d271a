"""The other pictures: D how the people are divided, E missing information, F fourteen nights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from reports.catalogue import Language, text
from reports.numbers import whole
from reports.svg import GRID, INK, MUTED, PASSED, STOPPED, TINT, WARNING, Drawing, wrapped
from reports.values import Funnel, Missing, Night

SQUARE, PITCH = 34, 40  # chart F


def halves(
    name: str, *, people: int, searched: int, locked: int, share: float, funnel: Funnel, language: Language
) -> str:
    """Return chart D: all people, the part we search and, where there is one, the locked part leads are tried in."""
    told = _told(people, searched, locked, share, funnel, language)
    drawing = Drawing(name, 700, 206 if locked else 84, told["title"][0])
    _arrowhead(drawing)
    box, arrow = partial(_box, drawing), partial(_arrow, drawing)
    if not locked:
        box(1, 14, 150, *told["all"])
        box(205, 14, 250, *told["combinations"])
        box(509, 14, 190, *told["held"], shaded=True, edge=PASSED)
        arrow("M151 42 H201")
        arrow("M455 42 H505")
        return drawing.written()
    box(1, 76, 132, *told["all"])
    box(186, 14, 200, *told["open"])
    box(186, 142, 200, *told["locked"], shaded=True)
    box(446, 14, 252, *told["leads"])
    box(446, 142, 252, *told["attempts"], shaded=True, edge=PASSED)
    arrow("M133 96 L182 46")
    arrow("M133 112 L182 166")
    arrow("M386 42 H442")
    arrow("M572 70 V138")
    arrow("M386 170 H442")
    drawing.rect(478, 93, 188, 20)
    drawing.text(572, 108, told["then"][0], size=12.5, anchor="middle", fill=INK, weight=600)
    return drawing.written()


def halves_narrow(
    name: str, *, people: int, searched: int, locked: int, share: float, funnel: Funnel, language: Language
) -> str:
    """Return chart D for a phone: the same boxes from the top down, the two parts of the people beside each other."""
    told = _told(people, searched, locked, share, funnel, language)
    drawing = Drawing(name, 290, 386 if locked else 260, told["title"][0], kind="narrow")
    _arrowhead(drawing)
    box, arrow = partial(_box, drawing), partial(_arrow, drawing)
    box(60, 2, 170, *told["all"])
    if not locked:
        box(20, 102, 250, *told["combinations"])
        box(20, 202, 250, *told["held"], shaded=True, edge=PASSED)
        arrow("M145 58 V98")
        arrow("M145 158 V198")
        return drawing.written()
    box(1, 102, 138, *told["open"], size=12.5)
    box(151, 102, 138, *told["locked"], shaded=True, size=12.5)
    box(1, 202, 138, *told["leads"], size=12.5)
    box(20, 328, 250, *told["attempts"], shaded=True, edge=PASSED)
    arrow("M120 58 L74 98")
    arrow("M170 58 L216 98")
    arrow("M70 158 V198")
    arrow("M70 258 V324")
    arrow("M220 158 V324")
    drawing.rect(10, 281, 186, 20)
    drawing.text(14, 296, told["then"][0], size=12.5, fill=INK, weight=600)
    return drawing.written()


def missing_bars(name: str, *, title: str, columns: Sequence[Missing], language: Language) -> str:
    """Return chart E: a bar per column, the share that is missing, worst first, the value at the bar's end."""
    rows = [(wrapped(column.column.said(language), 220, 13), column.percent) for column in columns]
    heights = [10 + 15 * max(1, len(lines)) for lines, _ in rows]
    drawing = Drawing(name, 700, sum(heights) + 8, title)
    y = 4.0
    for (lines, percent), height in zip(rows, heights, strict=True):
        for index, line in enumerate(lines):
            drawing.text(0, y + 14 + 15 * index, line, size=13, fill=INK)
        drawing.line(240, y, 240, y + height, stroke=GRID)
        drawing.rect(240, y + 3, 3.9 * percent, height - 8, fill=MUTED)
        drawing.text(
            240 + 3.9 * percent + 8, y + height / 2 + 3.5, text(language, "chart.percent", value=percent), size=13
        )
        y += height
    return drawing.written()


def _told(
    people: int, searched: int, locked: int, share: float, funnel: Funnel, language: Language
) -> Mapping[str, tuple[str, ...]]:
    """Return chart D's words, by the box: its head and what stands below."""
    facts = {
        "people": people, "searched": searched, "locked": locked, "leads": funnel.tried,
        "confirmed": funnel.confirmed, "fallen": funnel.tried - funnel.confirmed,
        "discovered": funnel.discovered, "combinations": funnel.searched,
    }  # fmt: skip

    def say(key: str, **more: int) -> str:
        return text(language, f"chart.d.{key}", facts | more)

    half = "half" if share == 0.5 else "part"
    return {
        "title": (say(f"title_{half}" if locked else "title_open"),),
        "all": (say("all"), say("about", count=people)),
        "combinations": (say("combinations"), whole(funnel.searched, language)),
        "held": (say("held"), say("discovered")),
        "open": (say(f"open_{half}"), say("search_here", count=searched)),
        "locked": (say(f"locked_{half}"), say("locked", count=locked)),
        "leads": (say("leads"), say("written")),
        "attempts": (say("attempts"), say("result")),
        "then": (say("then"),),
    }


def _arrowhead(drawing: Drawing) -> None:
    drawing.add(
        f'<defs><marker id="{drawing.name}-a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{INK}"/></marker></defs>'
    )


def _box(
    drawing: Drawing,
    x: float,
    y: float,
    width: float,
    head: str,
    below: str,
    *,
    shaded: bool = False,
    edge: str = INK,
    size: float = 13.5,
) -> None:
    dashes = ' stroke-dasharray="5 3"' if shaded and edge == INK else ""
    fill = TINT if shaded else "#fff"
    drawing.rect(x, y, width, 56, fill=fill, stroke=edge, extra=f'stroke-width="1.6"{dashes}')
    drawing.text(x + width / 2, y + 25, head, size=size, anchor="middle", fill=INK, weight=700)
    drawing.text(x + width / 2, y + 43, below, size=12.5 if size > 13 else 12, anchor="middle")


def _arrow(drawing: Drawing, d: str) -> None:
    drawing.path(d, stroke=INK, width=1.6, extra=f'marker-end="url(#{drawing.name}-a)"')


def missing_bars_narrow(name: str, *, title: str, columns: Sequence[Missing], language: Language) -> str:
    """Return chart E for a phone: each column's name over its bar."""
    rows = [
        (wrapped(column.column.da if language == Language.DA else column.column.en, 286, 13), column.percent)
        for column in columns
    ]
    heights = [30 + 15 * max(1, len(lines)) for lines, _ in rows]
    drawing = Drawing(name, 290, sum(heights) + 4, title, kind="narrow")
    y = 0.0
    for (lines, percent), height in zip(rows, heights, strict=True):
        for index, line in enumerate(lines):
            drawing.text(0, y + 14 + 15 * index, line, size=13, fill=INK)
        top = y + height - 24
        drawing.line(0.5, top - 1, 0.5, top + 15, stroke=GRID)
        drawing.rect(0, top, 2.4 * percent, 14, fill=MUTED)
        drawing.text(2.4 * percent + 8, top + 12, text(language, "chart.percent", value=percent), size=13)
        y += height
    return drawing.written()


def nights_strip(name: str, *, title: str, nights: Sequence[Night], language: Language) -> str:
    """Return chart F: one square a night, at most 14: tick passed, clock late, cross stopped."""
    shown = list(nights)[-14:]
    drawing = Drawing(name, 560, 70, title)
    for index, night in enumerate(shown):
        x = 2 + PITCH * index
        if night.state == "passed":
            drawing.rect(x, 8, SQUARE, SQUARE, fill="#e4f1e8", stroke=PASSED, extra='stroke-width="1.5"')
            drawing.path(f"M{x + 9} 26l6 6 11-13", stroke=PASSED, width=2.5)
        elif night.state == "late":
            drawing.rect(x, 8, SQUARE, SQUARE, stroke=WARNING, extra='stroke-width="2" stroke-dasharray="4 2"')
            drawing.path(f"M{x + 17} 16v10l7 4", stroke=WARNING, width=2.5)
        else:
            drawing.rect(x, 8, SQUARE, SQUARE, fill=STOPPED)
            drawing.path(f"M{x + 10} 18l14 14m0-14l-14 14", stroke="#fff", width=3)
        drawing.text(x + SQUARE / 2, 60, text(language, "chart.f.day", day=str(night.day.day)), anchor="middle")
    return drawing.written()
