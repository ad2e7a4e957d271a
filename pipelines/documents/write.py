"""From sections to a whole paper, and to its three files; nothing that looks like a person gets into one."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from pipelines import atomic, audit_text
from pipelines.documents import annexes, article30, breach, dpia
from pipelines.documents.facts import Facts, gather, moment
from pipelines.errors import InputError
from reports.catalogue import Language
from reports.documents import Document, Part, document_docx, document_html, document_json
from reports.values import Control

__all__ = ["KINDS", "SUFFIXES", "Kind", "body", "made", "paper", "write"]

Kind = Literal["article30", "dpia", "annexes", "breach"]
KINDS: Final[tuple[Kind, ...]] = ("article30", "dpia", "annexes", "breach")
SUFFIXES = ("html", "docx", "json")
FOLDER = "documents"
NAMES = {
    Language.DA: {"article30": "fortegnelse", "dpia": "konsekvensanalyse", "annexes": "databehandleraftale-bilag",
                  "breach": "brud"},
    Language.EN: {"article30": "article30", "dpia": "dpia", "annexes": "annexes", "breach": "breach"},
}  # fmt: skip
LAWS = {"article30": "GDPR art. 30(1)", "dpia": "GDPR art. 35(7)", "annexes": "GDPR art. 28(3)",
        "breach": "GDPR art. 33(3)", "access": "GDPR art. 15"}  # fmt: skip


def paper(
    workspace: Path,
    kind: Kind,
    language: Language,
    *,
    recipient: str = "",
    known_at: str = "",
    days: int = 30,
    now: datetime | None = None,
    controls: tuple[Control, ...] | None = None,
) -> Document:
    """Return one paper on a workspace. Raises: InputError for a recipient or a time that will not do."""
    at = now or datetime.now(UTC)
    known = breach.known_at(known_at, now=at) if kind == "breach" else at
    if kind == "annexes":
        controls = ()  # of what is given to a processor none is told
    facts = gather(workspace, language, now=at, controls=controls)
    if kind == "article30":
        written = article30.parts(facts)
    elif kind == "dpia":
        written = dpia.parts(facts)
    elif kind == "annexes":
        written = annexes.parts(facts, annexes.processor(facts, recipient))
    else:
        written = breach.parts(facts, known, days=days)
    done = made(facts, kind, written)
    _refuse_somebody(workspace, done)
    return done


def made(facts: Facts, kind: str, written: tuple[Part, ...], *, personal: bool = False) -> Document:
    """Return a paper from its sections."""
    say = facts.say
    return Document(
        kind=kind,
        language=say.language,
        title=say(f"document.title.{kind}"),
        subject=facts.words(facts.study.title),
        controller=facts.study.controller,
        law=LAWS[kind],
        lead=say(f"document.lead.{kind}"),
        made=facts.at,
        made_words=moment(facts.at, say.language),
        demo=facts.demo,
        parts=written,
        personal=personal,
        danish=frozenset() if say.language == Language.DA else _danish(facts),
    )


def _danish(facts: Facts) -> frozenset[str]:
    """Return what study and contracts have in Danish alone."""
    legal = facts.study.legal
    said = [getattr(legal, one.name) for one in fields(legal)]
    said += [facts.study.legal_basis]
    for contract in facts.contracts.values():
        said += [contract.purpose, contract.legal_basis, *(one.purpose for one in contract.properties)]
    return frozenset(one.strip() for one in said if isinstance(one, str) and " " in one.strip())


def body(done: Document, suffix: str) -> bytes:
    """Return a paper as the bytes of one of its files. Raises: InputError `document_suffix`."""
    if suffix == "docx":
        return document_docx(done)
    if suffix in ("html", "json"):
        return (document_html(done) if suffix == "html" else document_json(done)).encode("utf-8")
    raise InputError("document_suffix", file=f".{suffix}"[:8])


def write(workspace: Path, done: Document, out: Path | None = None) -> tuple[Path, ...]:
    """Write a paper's three files, each 0600, and return where they are."""
    folder = atomic.make_private(out or workspace / FOLDER)
    ending = "UDKAST" if done.language == Language.DA else "UDKAST.en"
    places = tuple(folder / f"{NAMES[done.language][done.kind]}.{ending}.{suffix}" for suffix in SUFFIXES)
    for place, suffix in zip(places, SUFFIXES, strict=True):
        atomic.write_bytes(place, body(done, suffix))
    return places


def _refuse_somebody(workspace: Path, done: Document) -> None:
    """Raise InputError `names_somebody` where something like a CPR number, or an address unknown, got in."""
    known = audit_text.addresses(tomllib.loads((workspace / "study.toml").read_text(encoding="utf-8")))
    for part in done.parts:
        alone = replace(done, parts=(part,))
        if any(audit_text.traces(alone.all_text(), known=known)):
            raise InputError("names_somebody", file="study.toml, contracts/", field=part.heading)
