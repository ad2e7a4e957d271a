"""The committee paper and the text to citizens, from the last run's released numbers."""

from __future__ import annotations

from pathlib import Path

from pipelines import atomic, state
from pipelines.errors import InputError
from reports.catalogue import Language
from reports.values import Report

DRAFT = ".UDKAST"
REPORTS = {Language.DA: f"rapport{DRAFT}", Language.EN: f"report{DRAFT}.en"}  # .html and .pdf
NAMES = {
    Language.DA: {"committee": "sagsfremstilling.UDKAST.docx", "citizens": "borgertekst.UDKAST.docx"},
    Language.EN: {"committee": "committee-paper.UDKAST.en.docx", "citizens": "citizens.UDKAST.en.docx"},
}


def report_file(workspace: Path, language: Language) -> Path:
    """Return the draft report. Raises: InputError `no_findings` where no run has written one."""
    file = workspace / "draft" / f"{REPORTS[language]}.html"
    if not file.exists():
        raise InputError("no_findings", file=workspace / "findings.json")
    return file


def write_papers(workspace: Path, language: Language) -> dict[str, Path]:
    """Write both papers beside the draft, as .docx, and return where they are.

    They are made of the report as it was let through, and hold no number that it does not.
    """
    from reports.committee import citizen_text, committee_paper

    draft = report_file(workspace, language).parent
    runs = sorted((workspace / "runs").glob("K-[0-9]*/report.json"))
    if not runs:
        raise InputError("no_findings", file=workspace / "findings.json")
    report = state.read(runs[-1], Report)
    made = {"committee": committee_paper(report, language), "citizens": citizen_text(report, language)}
    places = {}
    for name, content in made.items():
        places[name] = draft / NAMES[language][name]
        atomic.write_bytes(places[name], content)
    return places
