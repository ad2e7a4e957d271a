"""A citizen's access, objection and erasure: the effect is computed first, a person of the controller's decides.

GDPR art. 15, 17, 21; FIELD C5: no automatic effect. What was computed, decided and why stands in a receipt and
in the ledger, under a code of the log's own. Where the study says that the rights do not apply, nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import polars as pl

from pipelines import atomic, ledger, objections, persons, receipts
from pipelines.accounts import Signer
from pipelines.context import Run
from pipelines.errors import InputError
from pipelines.ledger import Line
from pipelines.log import study_event
from pipelines.persons import Person
from pipelines.release_rules import State
from reports import catalogue
from reports.catalogue import Language

__all__ = ["Decision", "Effect", "Right", "access", "decide", "effect", "effect_lines"]

Right = Literal["access", "object", "erase"]
Decision = Literal["granted", "refused"]
PAPERS = (".html", ".docx", ".json")  # the answer as a paper; any other name is plain text


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a decision would change, before anybody takes it."""

    rows: Mapping[str, int]  # in the vault, by register
    in_runs: int  # rows that earlier runs keep of their people
    quarantined: int
    packages: tuple[str, ...]  # released ones that may hold the person: their receivers must be told
    waiting: tuple[str, ...]  # asked for and not decided on: they may hold the person too
    objected_before: bool


def effect(run: Run, person: Person) -> Effect:
    """Return what is held of somebody, and where it went. Raises: InputError `rights_exempt`."""
    _applies(run)
    return _effect(run, person, persons.rows_of(run, person))


def _effect(run: Run, person: Person, rows: Mapping[str, pl.DataFrame]) -> Effect:
    before = objections.listed(run)["code"].to_list()
    return Effect(
        rows={name: frame.height for name, frame in rows.items()},
        in_runs=persons.in_runs(run, person),
        quarantined=sum(int(hits.sum()) for _, _, hits in persons.quarantined(run, person)),
        packages=_packages(run, "approved"),
        waiting=_packages(run, "requested"),
        objected_before=objections.code_of(run, person) in before,
    )


def effect_lines(found: Effect, right: Right, language: Language) -> list[str]:
    """Return the effect in words; for the case worker's eyes."""
    lines = [catalogue.text(language, "rights.held", register=name, rows=rows) for name, rows in found.rows.items()]
    lines = lines or [catalogue.text(language, "rights.nothing")]
    if found.in_runs:
        lines.append(catalogue.text(language, "rights.in_runs", rows=found.in_runs))
    if found.quarantined:
        lines.append(catalogue.text(language, "rights.quarantined", rows=found.quarantined))
    if found.objected_before:
        lines.append(catalogue.text(language, "rights.before"))
    lines += [catalogue.text(language, "rights.package", release=name) for name in found.packages]
    lines += [catalogue.text(language, "rights.waiting", release=name) for name in found.waiting]
    return [*lines, catalogue.text(language, f"rights.effect.{right}")]


def decide(
    run: Run, person: Person, right: Right, signer: Signer, *, decision: Decision, reason: str, journal: str = ""
) -> Path:
    """Carry out what the case worker decided, and return the receipt: no number in it.

    Granted: objection puts the person on the list from the next ingest on; erasure removes the rows here as well.
    Raises: InputError `rights_role` for a DPO or a reader, `reason_missing`, `rights_exempt`.
    """
    found = effect(run, person)
    if signer.account.role not in ("analyst", "decider"):
        raise InputError("rights_role", file="accounts.json")
    if not reason.strip():
        raise InputError("reason_missing", file=f"person {right}")
    now = run.clock()
    code = persons.audit_code(run, person)
    if decision == "granted" and right in ("object", "erase"):
        objections.add(run, person, today=now.date())
        persons.without_refused(run, person)  # nobody is to mend the rows of who is left out
    if decision == "granted" and right == "erase":
        persons.without(run, person)
    facts = {
        "act": f"person.{right}",
        "study": run.study.id,
        "subject": code,
        "decision": decision,
        "reason": reason.strip(),
        "journal": journal.strip(),
        "at": ledger.timestamp(now),
        "registers": dict(found.rows),
        "packages_to_tell": {str(number): name for number, name in enumerate(found.packages, 1)},
    }
    path, digest = receipts.write(run.workspace, f"person-{right}-{now:%Y%m%d-%H%M%S}", facts, [signer])
    _told(run, right, code, decision, digest, signer, now)
    return path


def access(run: Run, person: Person, out: Path, signer: Signer, language: Language) -> Path:
    """Write what is held of somebody, and what the log says was done with it, to a file of 0600; return it.

    A name that ends with .html, .docx or .json makes it a paper, else it is plain text.
    Every run that read a register with the person in it counts (C-579/21: the log is a part of the answer). Staff are
    told by role, not by name.
    """
    _applies(run)
    rows = persons.rows_of(run, person)
    found, code = _effect(run, person, rows), persons.audit_code(run, person)
    about = [line for line in ledger.read(run.workspace) if _concerns(line, found, code)]
    if out.suffix in PAPERS:
        atomic.write_bytes(out, _paper(run, rows, found, about, language, out.suffix))
    else:
        atomic.write_text(out, _plain(run, rows, about, language))
    _told(run, "access", code, "granted", "", signer, run.clock())
    return out


def _concerns(line: Line, found: Effect, code: str) -> bool:
    """Return whether a line of the log tells of something that was done with the person's data."""
    whole = line["action"] in ("analyse", "package", "report", "release.approve") and bool(found.rows)
    return line["register"] in found.rows or line["subject"] == code or whole


def _plain(run: Run, rows: Mapping[str, pl.DataFrame], about: Sequence[Line], language: Language) -> str:
    lines = [catalogue.text(language, "rights.answer.head", study=run.study.id, purpose=_purpose(run, language))]
    for name, frame in rows.items():
        lines += ["", catalogue.text(language, "rights.answer.register", register=name), "\t".join(frame.columns[1:])]
        lines += ["\t".join("" if cell is None else str(cell) for cell in row[1:]) for row in frame.rows()]
    lines += ["", catalogue.text(language, "rights.answer.log")]
    for line in about:
        told = (line["ts"], line["action"], line["register"] or "", line["role"], line["purpose"], line["basis"])
        lines.append("\t".join(str(part) for part in told))
    return "\n".join([*lines, ""])


def _paper(
    run: Run, rows: Mapping[str, pl.DataFrame], found: Effect, about: Sequence[Line], language: Language, suffix: str
) -> bytes:
    """Return the answer as a paper with the law's own questions (art. 15(1)(a)-(h)) and the copy of art. 15(3)."""
    from pipelines.documents import access as answer
    from pipelines.documents.facts import gather
    from pipelines.documents.write import body, made

    facts = gather(run.workspace, language, now=run.clock(), controls=(), contracts=run.contracts)
    written = answer.parts(facts, rows, found.quarantined, found.packages, about)
    return body(made(facts, "access", written, personal=True), suffix.removeprefix("."))


def _told(run: Run, right: Right, code: str, decision: str, digest: str, signer: Signer, now: datetime) -> None:
    event, _ = study_event(
        run.study, f"person.{right}", role=signer.account.role, now=now, subject=code, code=decision,
        object_sha256=digest or None,
    )  # fmt: skip
    ledger.append(run.workspace, event, actor=signer.account.id)


def _applies(run: Run) -> None:
    if run.study.legal.rights == "do_not_apply":
        raise InputError("rights_exempt", file="study.toml")


def _packages(run: Run, state: State) -> tuple[str, ...]:
    from pipelines.release_record import read_releases

    found = read_releases(run.workspace)
    return tuple(one.id for one in found if one.manifest.kind == "package" and one.state == state)


def _purpose(run: Run, language: Language) -> str:
    return run.study.purpose.said(language)
