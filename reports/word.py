"""How our Word files look and what they say of themselves: A4, one font, page numbers, tables that fit the page.

The language is set, so that a screen reader reads Danish as Danish and spelling is checked so.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from reports.numbers import Language

__all__ = ["column_widths", "laid_out", "speaks", "speaks_danish", "word_table"]

TAGS = {Language.DA: "da-DK", Language.EN: "en-GB"}
FONT = "Arial"  # on every machine, itself or its twin
WIDTH_CM, MARGIN_CM = 21.0, 2.0
NARROWEST_CM, EDGES_CM, STEP_CM = 1.6, 0.35, 0.5  # of a column
LETTER_CM = 0.17  # a letter in 9 points
MOST_ROWS = 60  # looked at for the widths
TALL = 900  # letters in a cell: a row taller than that may go on on the next page
THEMES = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")


def speaks(paper: Any, language: Language) -> None:
    """Set the language of a python-docx document's styles and of what the file says of itself."""
    from docx.oxml.ns import qn

    paper.core_properties.language = TAGS[language]
    for tag in paper.styles.element.iter(qn("w:lang")):
        tag.set(qn("w:val"), TAGS[language])


def speaks_danish(run: Any) -> None:
    """Say of a few words in another paper that they are Danish."""
    tag = _made("w:lang", val=TAGS[Language.DA])
    run._r.get_or_add_rPr().append(tag)


def laid_out(paper: Any, *, page: str) -> None:
    """Give a python-docx document its page, its font, and page numbers; `page` is "Side {page} af {pages}"."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    for fonts in paper.styles.element.iter(qn("w:rFonts")):
        for theme in THEMES:
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{kind}"), FONT)
    paper.styles["Normal"].font.size = Pt(10.5)
    paper.styles["Title"].font.size = Pt(20)
    for name, above in (("Heading 1", 14), ("Heading 2", 10)):
        paper.styles[name].paragraph_format.space_before = Pt(above)
        paper.styles[name].paragraph_format.space_after = Pt(3)
    for section in paper.sections:
        section.page_width, section.page_height = Cm(WIDTH_CM), Cm(29.7)
        section.left_margin = section.right_margin = Cm(MARGIN_CM)
        section.top_margin = section.bottom_margin = Cm(2.2)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        before, _, rest = page.partition("{page}")
        between, _, after = rest.partition("{pages}")
        foot.add_run(before)
        _field(foot, "PAGE")
        foot.add_run(between)
        _field(foot, "NUMPAGES")
        foot.add_run(after)


def word_table(paper: Any, head: Sequence[str], rows: Sequence[Sequence[str]], danish: frozenset[str]) -> None:
    """Add a table as wide as the page: a column's width follows its words; a row stands on one page where it can."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    table = paper.add_table(rows=1, cols=len(head))
    table.style = "Table Grid"
    table.autofit = False
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.addprevious(_padding())  # Word wants them in this order
    for cell, words in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
        cell._tc.get_or_add_tcPr().append(_made("w:shd", val="clear", color="auto", fill="F2F5F7"))
    # told as a heading row: repeated on each page, and read out
    table.rows[0]._tr.get_or_add_trPr().append(_made("w:tblHeader", val="true"))
    for row in rows:
        made = table.add_row()
        if max(map(len, row)) < TALL:
            made._tr.get_or_add_trPr().append(_made("w:cantSplit", val="true"))
        for cell, words in zip(made.cells, row, strict=True):
            run = cell.paragraphs[0].add_run(words)
            if words in danish:
                speaks_danish(run)
    widths = column_widths(head, rows)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(9)
    after = paper.add_paragraph().paragraph_format
    after.space_after, after.line_spacing = Pt(0), Pt(6)


def column_widths(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """Return each column's width in cm: all of the page together, none below its longest word, the table as low as it
    can be.

    What is left over goes to the columns step by step, each to the one that saves most lines.
    """
    room = WIDTH_CM - 2 * MARGIN_CM
    columns = list(zip(head, *rows, strict=True))
    longest = [max(len(word) for cell in column for word in (cell.split() or [""])) for column in columns]
    widths = [min(max(NARROWEST_CM, LETTER_CM * letters + EDGES_CM), room / 2) for letters in longest]
    if sum(widths) >= room:
        return [room * one / sum(widths) for one in widths]
    looked_at = [[len(cell) for cell in row] for row in rows[:MOST_ROWS]]
    while sum(widths) < room - 1e-9:
        step = min(STEP_CM, room - sum(widths))
        height = _lines(looked_at, widths)
        saved = [
            height - _lines(looked_at, [*widths[:at], widths[at] + step, *widths[at + 1 :]])
            for at in range(len(widths))
        ]
        widths[saved.index(max(saved))] += step
    return widths


def _lines(letters: Sequence[Sequence[int]], widths: Sequence[float]) -> float:
    """Return about how many lines a table takes: a row as many as its tallest cell. Parts of lines count a little."""
    total = 0.0
    for row in letters:
        needed = [count * LETTER_CM / (width - EDGES_CM) for count, width in zip(row, widths, strict=True)]
        total += ceil(max(needed)) + 0.1 * sum(needed)
    return total


def _padding() -> Any:
    from docx.oxml import OxmlElement

    made = OxmlElement("w:tblCellMar")
    for side, twips in (("top", "30"), ("left", "85"), ("bottom", "30"), ("right", "85")):
        made.append(_made(f"w:{side}", w=twips, type="dxa"))
    return made


def _field(paragraph: Any, name: str) -> None:
    """Add what Word counts itself: a page's number, or how many there are."""
    run = paragraph.add_run()
    begin, text, end = (_made("w:fldChar", fldCharType=kind) for kind in ("begin", "separate", "end"))
    asked = _made("w:instrText")
    asked.text = name
    shown = _made("w:t")
    shown.text = "1"
    for part in (begin, asked, text, shown, end):
        run._r.append(part)


def _made(tag: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made
