"""The DPO's page with its forms, the evidence to take away, and the log with filters."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from pipelines import ledger, verdict
from pipelines.dpo import RIGHTS, LedgerSummary, page_of
from pipelines.errors import InputError
from pipelines.sample_acts import judge
from portal.asking import NOT_FOUND, Ask, Reply, file, page, to
from portal.ledger_index import FILTERS, Entry
from portal.pages_overview import waiting
from portal.pages_papers import record_as_json
from portal.pages_releases import facts_of
from reports.acts import people
from reports.catalogue import Language
from reports.dpo import render_dpo
from reports.numbers import MONTHS

__all__ = ["HANDLERS"]

PAGE_LINES, NEWEST = 50, 60
SECTION = re.compile(r'<section id="(\w+)".*?</section>', re.S)
OURS = ("venter",)  # sections that the portal has its own of


def dpo(ask: Ask) -> Reply:
    """Show the verdict, what waits, the open release with its forms, the evidence, and the rest of the static page."""
    last, drawn = verdict.last(ask.site.workspace), ask.site.sample()
    html = _page(ask, last)
    head = re.search(r'<section class="verdict.*?</section>', html, re.S)
    sections = {one[1]: Markup(_bare(one[0])) for one in SECTION.finditer(html)}  # noqa: S704 - escaped when made
    open_ = [one for one in ask.site.releases() if one.state == "requested"]
    return page(
        ask,
        "dpo",
        verdict=last,
        head=Markup(_bare(head[0])) if head and last is not None else "",  # noqa: S704
        sections=[(name, section) for name, section in sections.items() if name not in OURS],
        waiting=waiting(ask),
        opened=[facts_of(ask, one) for one in open_],
        sample=drawn,
        month=_month(drawn.month, ask.language),
        folded={"kolonner": ask.say("dpo.columns.heading")},
    )


def verify(ask: Ask) -> Reply:
    """Compute the nine controls anew, because somebody asked."""
    verdict.compute(ask.site.workspace)
    return to("/dpo" if ask.may("dpo", "decider") else "/")


def sample(ask: Ask) -> Reply:
    """Write what the DPO says of the drawn lines: only those that were answered."""
    answers = {name.removeprefix("line-"): value for name, value in ask.form.items() if name.startswith("line-")}
    for number, said in answers.items():
        if not number.isdecimal() or said not in ("explained", "unexplained"):
            raise InputError("sample_line", file="sample")
    signer = ask.signer()
    for number, said in answers.items():
        judge(ask.site.workspace, int(number), "explained" if said == "explained" else "unexplained", signer.account)
    return to("/dpo")


def evidence(ask: Ask) -> Reply:
    """Give the evidence to take away: the page as a PDF, or verdict, head and releases as JSON."""
    last = verdict.last(ask.site.workspace)
    if last is None:
        raise NOT_FOUND
    name = ask.path["name"]
    if name == "bevis.json":
        told = {
            "study": ask.site.study().id,
            "at": last.at.isoformat(),
            "lines": last.lines,
            "head": last.head,
            "controls": [asdict(one) for one in last.controls],
            "signed_heads": [path.read_text(encoding="utf-8") for path in _heads(ask)],
            "record": record_as_json(ask),
            "releases": [
                {"release": one.id, "state": one.state, "manifest_sha256": one.manifest.sha256}
                for one in ask.site.releases()
            ],
        }
        return file(json.dumps(told, ensure_ascii=False, indent=1).encode(), "application/json", name=name)
    if name == "bevis.pdf":
        from reports.paper import pdf

        return file(pdf(_page(ask, last), language=ask.language), "application/pdf", name=name)
    raise NOT_FOUND


def _heads(ask: Ask) -> list[Path]:
    """Return the signed heads of the log, oldest first: what was handed outside can be held against them."""
    return sorted((ledger.folder(ask.site.workspace) / "checkpoints").glob("*.checkpoint"))


def log(ask: Ask) -> Reply:
    """Show the ledger's lines, newest first, filtered by what, who and when."""
    index, names = ask.site.ledger(), _register_names(ask)
    filters = {name: ask.query.get(name, "")[:80] for name in FILTERS}
    asked = ask.query.get("page", "1")
    number = min(int(asked), 1_000_000) if asked.isdecimal() and 0 < len(asked) < 8 else 1
    lines, total = index.page(filters, page=max(number, 1), size=PAGE_LINES)
    pages = max(1, -(-total // PAGE_LINES))
    return page(
        ask,
        "log",
        lines=lines,
        total=total,
        all=len(index.entries),
        unread=index.unread,
        number=max(number, 1),
        pages=pages,
        filters=filters,
        choices={name: index.choices(name) for name in FILTERS},
        register=lambda name: names.get(name, name),
        people=lambda count: people(100 * round(count / 100) if count else None, ask.say),
    )


def _month(month: str, language: Language) -> str:
    """Return 2026-11 as november 2026; nothing is drawn in no month."""
    year, _, number = month.partition("-")
    return f"{MONTHS[language.value][int(number) - 1]} {year}" if number else ""


def _register_names(ask: Ask) -> dict[str, str]:
    """Return what each register is called; nothing where the contracts cannot be read just now."""
    try:
        contracts = ask.site.contracts()
    except InputError:
        return {}
    danish = ask.language == Language.DA
    return {name: (one.label_da if danish else one.label_en) or name for name, one in contracts.items()}


def _page(ask: Ask, last: verdict.Verdict | None) -> str:
    """Return the static page, made anew when anything in it is another."""
    return ask.site.kept(f"dpo {ask.language.value}", lambda: _static(ask, last))


def _static(ask: Ask, last: verdict.Verdict | None) -> str:
    """Return the static page on the last verdict: what is not computed now says when it was."""
    index = ask.site.ledger()
    at = last.at if last is not None else ask.site.clock()
    asked = [place for right in RIGHTS for place in index.by.get(("action", right), ())]
    done = LedgerSummary(
        lines=last.lines if last is not None else len(index.entries),
        head=last.head if last is not None else "",
        first=datetime.fromisoformat(index.entries[0].at) if index.entries else at,
        newest=tuple(_body(entry) for entry in reversed(index.entries[-NEWEST:])),
        runs=tuple(
            _body(index.entries[place])
            for place in sorted(
                [*index.by.get(("action", "run.end"), ())[-60:], *index.by.get(("action", "run.failed"), ())[-60:]]
            )
        ),
        rights=tuple(_body(index.entries[place]) for place in sorted(asked, reverse=True)),
    )
    made = page_of(
        ask.site.workspace,
        ask.site.study(),
        ask.site.contracts(),
        controls=last.controls if last is not None else (),
        done=done,
        at=at,
    )
    return render_dpo(made, language=ask.language)


def _body(entry: Entry) -> dict[str, object]:
    return {
        "seq": entry.number,
        "ts": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "people": entry.people,
        "register": entry.register or None,
        "purpose": entry.purpose,
        "code": entry.code,
    }


def _bare(html: str) -> str:
    """Return a section without style attributes: the page's policy lets in one style sheet and nothing else."""
    return re.sub(r' style="[^"]*"', "", html)


HANDLERS = {
    ("GET", "/dpo"): dpo,
    ("POST", "/dpo/verify"): verify,
    ("POST", "/dpo/sample"): sample,
    ("GET", "/dpo/evidence/{name}"): evidence,
    ("GET", "/log"): log,
}
