"""A little SVG: what our charts are written with. Fonts and colours are attributes, for the PDF's sake."""

from __future__ import annotations

from html import escape

INK, MUTED, OBSERVED, UNEXPLAINED, UNEXPLAINED_TEXT = "#1b1f24", "#46515c", "#00558a", "#b34700", "#8f3900"
PASSED, WARNING, STOPPED, GRID, TINT, OTHERS = "#1c6637", "#7a5200", "#a4161a", "#c6ced6", "#f2f5f7", "#dde4ea"
FONT = "Segoe UI, Noto Sans, Liberation Sans, Arial, sans-serif"
SMALL = 12  # the smallest text; REPORT.md allows 11.5


class Drawing:
    """Collects marks, then writes one `<svg>` whose `<title>` says all of it in words."""

    def __init__(self, name: str, width: float, height: float, title: str, *, kind: str = "") -> None:
        """`kind`: a class of the page's style sheet, where the drawing is for some screens only."""
        self.name, self.width, self.height, self.title, self.kind = name, width, height, title, kind
        self._marks: list[str] = []

    def add(self, mark: str) -> None:
        self._marks.append(mark)

    def line(self, x1: float, y1: float, x2: float, y2: float, *, stroke: str = INK, width: float = 1) -> None:
        self.add(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"/>'
        )

    def rect(
        self, x: float, y: float, width: float, height: float, *, fill: str = "#fff", stroke: str = "", extra: str = ""
    ) -> None:
        edge = f' stroke="{stroke}"' if stroke else ""
        self.add(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{edge}'
            f"{' ' + extra if extra else ''}/>"
        )

    def circle(self, x: float, y: float, radius: float, *, fill: str) -> None:
        self.add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}"/>')

    def path(self, d: str, *, fill: str = "none", stroke: str = "", width: float = 1, extra: str = "") -> None:
        edge = f' stroke="{stroke}" stroke-width="{width}"' if stroke else ""
        self.add(f'<path d="{d}" fill="{fill}"{edge}{" " + extra if extra else ""}/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = SMALL,
        anchor: str = "start",
        fill: str = MUTED,
        weight: int = 400,
    ) -> None:
        self.add(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
            f'font-weight="{weight}">{escape(words, quote=False)}</text>'
        )

    def written(self) -> str:
        kind = f' class="{self.kind}"' if self.kind else ""
        return (
            f'<svg{kind} xmlns="http://www.w3.org/2000/svg" font-family="{FONT}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" '
            f'width="{self.width:g}" height="{self.height:g}" role="img" aria-labelledby="{self.name}">'
            f'<title id="{self.name}">{escape(self.title, quote=False)}</title>{"".join(self._marks)}</svg>'
        )


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a text is in Arial's measures: enough to place and wrap a label."""
    units = 0.0
    for character in words:
        if character in "ijl|.,:;'!I()ft r":
            units += 0.3
        elif character in "mwMW%æÆ@":
            units += 0.86
        elif character.isupper():
            units += 0.69
        else:
            units += 0.555
    return units * size * (1.06 if bold else 1.0)


def wrapped(words: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Return the text in lines that fit a width; a single word that does not fit is broken."""
    lines: list[str] = []
    line = ""
    for word in words.split():
        while text_width(word, size, bold=bold) > width:
            cut = max(1, int(len(word) * width / text_width(word, size, bold=bold)) - 1)
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:cut])
            word = word[cut:]
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size, bold=bold) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line or not lines else lines
