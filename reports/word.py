"""A Word file that says which language it is in: a screen reader reads Danish as Danish, and spelling is checked so."""

from __future__ import annotations

from typing import Any

from reports.numbers import Language

__all__ = ["speaks", "speaks_danish"]

TAGS = {Language.DA: "da-DK", Language.EN: "en-GB"}


def speaks(paper: Any, language: Language) -> None:
    """Set the language of a python-docx document's styles and of what the file says of itself."""
    from docx.oxml.ns import qn

    paper.core_properties.language = TAGS[language]
    for tag in paper.styles.element.iter(qn("w:lang")):
        tag.set(qn("w:val"), TAGS[language])


def speaks_danish(run: Any) -> None:
    """Say of a few words in another paper that they are Danish."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    tag = OxmlElement("w:lang")
    tag.set(qn("w:val"), TAGS[Language.DA])
    run._r.get_or_add_rPr().append(tag)
