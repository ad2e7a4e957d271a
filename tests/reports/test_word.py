"""How a Word file is laid out: A4, one font, page numbers, and tables that keep to the page and to whole words."""

from __future__ import annotations

from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from reports.committee import citizen_text, committee_paper
from reports.word import EDGES_CM, LETTER_CM, MARGIN_CM, WIDTH_CM, column_widths, laid_out, word_table
from tests.reports import builders

WORDS = st.text(alphabet="abcdefgh ", max_size=300)
ROOM = WIDTH_CM - 2 * MARGIN_CM


@given(data=st.data(), columns=st.integers(1, 7))
def test_a_tables_columns_fill_the_page_and_none_breaks_a_word_where_there_is_room(data, columns):
    row = st.lists(WORDS, min_size=columns, max_size=columns)
    head, rows = data.draw(row), data.draw(st.lists(row, max_size=12))
    widths = column_widths(head, rows)
    assert sum(widths) == pytest.approx(ROOM)
    longest = [
        max(len(word) for cell in column for word in [*cell.split(), ""]) for column in zip(head, *rows, strict=True)
    ]
    wanted = [LETTER_CM * letters + EDGES_CM for letters in longest]
    if sum(max(one, 1.6) for one in wanted) < ROOM and max(wanted) < ROOM / 2:
        assert all(width >= one - 1e-9 for width, one in zip(widths, wanted, strict=True))


def test_the_column_that_says_most_gets_most():
    widths = column_widths(["Hvad", "Svar", "Kilde"], [["kort", "et langt svar " * 30, "study.toml"]] * 5)
    assert widths[1] > 2 * max(widths[0], widths[2])


def made():
    paper = Document()
    laid_out(paper, page="Side {page} af {pages}")
    word_table(paper, ["a", "b"], [["kort", "x " * 50], ["langt", "y " * 900]], frozenset())
    held = BytesIO()
    paper.save(held)
    return Document(BytesIO(held.getvalue()))


def test_a_table_repeats_its_heading_keeps_rows_whole_and_is_as_word_wants_it():
    table = made().tables[0]
    marks = [[mark.tag for mark in row._tr.trPr] for row in table.rows if row._tr.trPr is not None]
    assert marks == [[qn("w:tblHeader")], [qn("w:cantSplit")]]  # a row taller than a page may go on
    order = [part.tag for part in table._tbl.tblPr]
    assert order.index(qn("w:tblLayout")) < order.index(qn("w:tblCellMar")) < order.index(qn("w:tblLook"))
    assert sum(cell.width.cm for cell in table.rows[1].cells) == pytest.approx(ROOM, abs=0.01)


@pytest.mark.parametrize("make", [committee_paper, citizen_text])
def test_a_paper_is_a4_in_one_font_with_its_pages_numbered(make):
    paper = Document(BytesIO(make(builders.example_report(), "da")))
    section = paper.sections[0]
    assert (section.page_width.mm, section.page_height.mm) == (pytest.approx(210, abs=0.1), pytest.approx(297, abs=0.1))
    foot = section.footer.paragraphs[0]
    assert foot.text.replace("1", "N") == "Side N af N"
    assert [one.text for one in foot._p.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]
    fonts = list(paper.styles.element.iter(qn("w:rFonts")))
    assert {tag.get(qn("w:ascii")) for tag in fonts} == {"Arial"}
    assert not any("Theme" in name or "theme" in name for tag in fonts for name in tag.attrib)
