"""What the study rests on: quality, refused rows by reason, contracts, the Article 30 record, deadlines."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipelines import verdict
from pipelines.errors import InputError
from pipelines.run import last_done
from portal.asking import NOT_FOUND, Ask, Reply, file, page
from reports.values import Report

if TYPE_CHECKING:
    from pipelines.documents.write import Kind
    from reports.documents import Document

__all__ = ["HANDLERS"]

PAPERS = ("article30", "dpia")  # those that need nobody to be named
FORMS = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def quality(ask: Ask) -> Reply:
    """Show sources, what is missing, and which checks failed, as the report prints them."""
    return page(ask, "quality", report=_report(ask))


def quarantine(ask: Ask) -> Reply:
    """Show why rows were refused, rounded, by register: never a row, never a value."""
    report = _report(ask)
    total = sum(rows for source in report.sources for _, rows in source.refused_reasons)
    return page(ask, "quarantine", report=report, total=total)


def contracts(ask: Ask) -> Reply:
    """List the contracts, and whether each is as the last run read it."""
    read = ask.site.contracts()
    before = _read_by_last_run(ask)
    rows = [
        (name, one, "new" if name not in before else "same" if before[name] == one.sha256 else "changed")
        for name, one in sorted(read.items())
    ]
    return page(ask, "contracts", rows=rows, gone=sorted(before.keys() - read.keys()))


def contract(ask: Ask) -> Reply:
    """Show one contract: each column, what it is, and what happens to it."""
    found = ask.site.contracts().get(ask.path["register"])
    if found is None:
        raise NOT_FOUND
    before = _read_by_last_run(ask)
    state = "new" if found.register not in before else "same" if before[found.register] == found.sha256 else "changed"
    return page(ask, "contract", contract=found, state=state)


def record(ask: Ask) -> Reply:
    """Show the Article 30 record as the study, the contracts and the releases give it, and the papers to take away."""
    return page(ask, "record", paper=_paper(ask, "article30"), kinds=PAPERS)


def papers(ask: Ask) -> Reply:
    """Give one of the papers as a file: on the last verdict, which is not computed now."""
    kind, _, suffix = ask.path["name"].partition(".")
    if kind not in PAPERS or suffix not in FORMS:
        raise NOT_FOUND
    from pipelines.documents.write import body

    made = body(_paper(ask, kind), suffix)
    shown = suffix == "html"  # a page to read; the others are saved
    return file(made, FORMS[suffix], name=None if shown else f"{kind}.UDKAST.{suffix}")


def _paper(ask: Ask, kind: str) -> Document:
    from pipelines.documents.write import paper

    last = verdict.last(ask.site.workspace)
    controls = last.controls if last is not None else ()
    which: Kind = "dpia" if kind == "dpia" else "article30"
    return paper(ask.site.workspace, which, ask.language, now=ask.site.clock(), controls=controls)


def deadlines(ask: Ask) -> Reply:
    """Show every clock that runs: what is to be deleted, and what waits for an answer; overdue first."""
    study = ask.site.study()
    today = ask.site.clock().date()
    rows: list[tuple[str, Any]] = []
    for name, days, folder in (
        ("retention.vault", study.retention.vault_days, "vault"),
        ("portal.deadlines.quarantine", study.retention.vault_days, "quarantine"),
    ):
        oldest = _oldest(ask, folder)
        if oldest is not None:
            rows.append((ask.say(name), (oldest + timedelta(days=days)).date()))
    entries = ask.site.ledger().entries
    if entries:
        first = _moment(entries[0].at)
        rows.append((ask.say("retention.log"), (first + timedelta(days=study.retention.log_days)).date()))
    for one in ask.site.sample().unexplained:
        rows.append((ask.say("portal.deadlines.unexplained", line=one.number), one.due))
    rows.sort(key=lambda row: row[1])
    return page(ask, "deadlines", rows=[(what, when, (when - today).days) for what, when in rows])


def _moment(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)


def _oldest(ask: Ask, folder: str) -> Any:
    from datetime import UTC, datetime

    paths = [path for path in (ask.site.workspace / folder).rglob("*") if path.is_file()]
    return datetime.fromtimestamp(min(path.stat().st_mtime for path in paths), UTC) if paths else None


def _read_by_last_run(ask: Ask) -> dict[str, str]:
    """Return the contracts' hashes as the last whole run had them."""
    try:
        path = ask.site.workspace / "runs" / last_done(ask.site.workspace) / "run.json"
        told = json.loads(path.read_text(encoding="utf-8"))["contracts"]
    except (InputError, OSError, ValueError, KeyError):
        return {}
    return {str(name): str(digest) for name, digest in told.items()}


def _report(ask: Ask) -> Report:
    report = ask.site.report()
    if report is None:
        raise InputError("no_findings", file="portal")
    return report


HANDLERS = {
    ("GET", "/quality"): quality,
    ("GET", "/quarantine"): quarantine,
    ("GET", "/contracts"): contracts,
    ("GET", "/contracts/{register}"): contract,
    ("GET", "/record"): record,
    ("GET", "/record/{name}"): papers,
    ("GET", "/deadlines"): deadlines,
}
