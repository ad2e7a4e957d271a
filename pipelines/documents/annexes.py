"""Annexes A-C to Datatilsynet's standard contractual clauses (art. 28), for one processor that the study names."""

from __future__ import annotations

from pipelines.documents.facts import CONTRACTS, STUDY, Drafted, Facts
from pipelines.errors import InputError
from pipelines.legal import PLAIN_PROCESSOR, Receiver
from reports.documents import Part

__all__ = ["SECTIONS", "parts", "processor"]

SECTIONS = ("A.1", "A.2", "A.3", "A.4", "A.5", "B.1", "B.2", *(f"C.{number}" for number in range(1, 9)))
WHERE = f"{STUDY} [[legal.recipient]]"


def processor(facts: Facts, name: str) -> Receiver:
    """Return the receiver of that name. Raises: InputError where the study names none, or it is no processor."""
    receivers = facts.study.legal.receivers
    found = next((one for one in receivers if one.name.casefold() == name.strip().casefold()), None)
    if found is None:
        known = ", ".join(one.name for one in receivers) or "–"
        raise InputError("annexes_recipient", file=STUDY, known=known)
    if found.role and found.role != "processor":
        raise InputError("annexes_no_processor", file=STUDY, role=facts.say(f"document.role.{found.role}"))
    return found


def parts(facts: Facts, receiver: Receiver) -> tuple[Part, ...]:
    """Return the annexes' sections, numbered as Datatilsynet numbers them."""
    made = {name: Drafted(facts, name, f"{name} {facts.say('document.annex.' + name.replace('.', ''))}")
            for name in SECTIONS}  # fmt: skip
    study, say = facts.study, facts.say
    made["A.1"].answer("processor", receiver.name, WHERE)
    made["A.1"].answer("purpose", facts.words(study.purpose), f"{STUDY} purpose")
    made["A.1"].ask("processor_details")
    if receiver.own_interests > PLAIN_PROCESSOR:
        made["A.1"].answer("decided_otherwise", receiver.decided_otherwise_by, f"{WHERE} decided_otherwise_by")
    made["A.2"].say("annex_nature")
    _answers(made["A.2"], receiver)
    columns = facts.package_columns()
    made["A.3"].answer("columns", columns, f"{STUDY} [package], {CONTRACTS}")
    made["A.3"].say("annex_status")
    made["A.3"].ask("sensitive_kinds")
    made["A.4"].answer("population", facts.population, f"{STUDY} [population]")
    made["A.5"].answer("package_days", say("document.days", days=study.retention.package_days),
                       f"{STUDY} [retention] package_days")  # fmt: skip
    made["B.1"].ask("subprocessors")
    made["B.2"].ask("subprocessor_notice")
    made["C.1"].say("annex_instruction", purpose=facts.words(study.purpose).rstrip("."))
    made["C.1"].say("annex_no_reidentify")
    limits = study.limits
    made["C.2"].say("annex_given", k=limits.package_k, l=limits.package_l)
    for name in ("sealed", "access", "log", "breach"):
        made["C.2"].say(f"annex_security_{name}")
    made["C.2"].ask("processor_security")
    made["C.3"].say("annex_assist")
    made["C.4"].say("annex_erase", days=study.retention.package_days)
    if receiver.keeps:
        made["C.4"].ask("keeps")
    made["C.5"].ask("location")
    abroad = study.legal.third_countries
    made["C.6"].answer("third_countries", abroad, f"{STUDY} [legal] third_countries")
    made["C.7"].ask("audits")
    made["C.8"].ask("sub_audits")
    return tuple(made[name].done() for name in SECTIONS)


def _answers(part: Drafted, receiver: Receiver) -> None:
    say = part.facts.say
    for name in ("trains", "publishes", "keeps"):
        answer = getattr(receiver, name)
        part.answer(name, "" if answer is None else say(f"document.{'yes' if answer else 'no'}"), f"{WHERE} {name}")
    paid = say("document.municipality") if receiver.paid_by == "municipality" else receiver.paid_by
    part.answer("paid_by", paid, f"{WHERE} paid_by")
