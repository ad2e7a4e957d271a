"""The report on paper: the same HTML as a tagged PDF (PDF/UA-1) by WeasyPrint, which may fetch nothing."""

from __future__ import annotations

from typing import Any, NoReturn

from reports.catalogue import Language


class PdfUnavailable(Exception):  # noqa: N818 - what it is, not that it is an error: the report goes on without
    """WeasyPrint, or the system's pango it draws with, is missing: HTML is made, PDF is not."""


def pdf(html: str, *, language: Language | str = Language.DA) -> bytes:
    """Return the HTML as a PDF/UA-1 document: tagged, with language, title and the figures' alternatives.

    Raises: PdfUnavailable where WeasyPrint cannot load the system's libraries; ValueError where the HTML says another
    language than the caller: a reader aloud would speak it wrongly.
    """
    if f'<html lang="{Language(language).value}"' not in html[:400]:
        raise ValueError("the page's language is not the one named")
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        raise PdfUnavailable(type(error).__name__) from None

    class Nothing(URLFetcher):  # type: ignore[misc]
        """Refuses every address: a report fetches nothing, not even a file of its own."""

        def fetch(self, url: str, headers: Any = None) -> NoReturn:
            raise ValueError("a report fetches nothing")

    document = weasyprint.HTML(string=html, url_fetcher=Nothing(), base_url=None)
    written: bytes | None = document.write_pdf(pdf_variant="pdf/ua-1", custom_metadata=False, pdf_tags=True)
    if written is None:  # pragma: no cover - write_pdf returns bytes when given no target
        raise PdfUnavailable("nothing written")
    return written
