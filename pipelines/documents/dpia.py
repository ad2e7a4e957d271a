"""A draft of the impact assessment, GDPR art. 35(7)(a)-(d), with the risks as they were measured, never as believed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pipelines.documents import article30
from pipelines.documents.facts import CONTRACTS, STUDY, Drafted, Facts
from reports.documents import Part
from reports.numbers import day, decimal

__all__ = ["ATTACKS", "attacks", "parts"]

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = "tests/attacks/"
RISK = "draft/package/risk.json"


def parts(facts: Facts) -> tuple[Part, ...]:
    """Return the draft's sections."""
    people, measures, erasure = (
        replace(make(facts), key=key, heading=facts.say(f"document.dpia.{key}"))
        for key, make in (
            ("people", article30.people),
            ("measures", article30.measures),
            ("erasure", article30.erasure),
        )
    )
    return (_description(facts), people, _necessity(facts), _risks(facts), measures, erasure, _heard(facts),
            _conclusion(facts))  # fmt: skip


def attacks(root: Path = ROOT) -> int:
    """Return how many attack tests lie beside the program; 0 where it was installed without them."""
    folder = root / ATTACKS
    return sum(len(re.findall(r"^def test_", path.read_text(encoding="utf-8"), re.M))
               for path in sorted(folder.glob("test_*.py")))  # fmt: skip


def _begun(facts: Facts, key: str) -> Drafted:
    return Drafted(facts, key, facts.say(f"document.dpia.{key}"))


def _description(facts: Facts) -> Part:
    part, study = _begun(facts, "description"), facts.study
    part.answer("purpose", facts.words(study.purpose), f"{STUDY} purpose")
    part.answer("controller", study.controller, f"{STUDY} controller")
    part.answer("population", facts.population, f"{STUDY} [population]")
    part.answer("people", facts.people, "runs/RUN/report.json", asked=False)
    part.answer("registers", ", ".join(facts.register(name) for name in facts.contracts), CONTRACTS)
    part.answer("outcome", ", ".join(facts.words(one.label) for one in study.outcomes), f"{STUDY} [[outcome]]")
    part.answer("characteristics", facts.say("document.count", count=len(study.characteristics)),
                f"{STUDY} [[characteristic]]")  # fmt: skip
    part.answer("recipients", ", ".join(one.name for one in study.legal.receivers)
                or facts.say("document.none_recorded"), f"{STUDY} [[legal.recipient]]")  # fmt: skip
    part.say("dpia_way")
    return part.done()


def _necessity(facts: Facts) -> Part:
    part, study, legal = _begun(facts, "necessity"), facts.study, facts.study.legal
    part.answer("basis", study.legal_basis, f"{STUDY} legal_basis")
    for name in facts.contracts:
        chosen = legal.basis.get(name, "")
        if chosen:
            part.answer("basis_of", f"{facts.register(name)}: {facts.say(f'document.basis.{chosen}')}",
                        f"{STUDY} [legal.basis]")  # fmt: skip
        else:
            part.ask("basis", register=facts.register(name))
    dropped = [one for contract in facts.contracts.values() for one in contract.properties if one.dropped]
    every = sum(len(contract.properties) for contract in facts.contracts.values())
    part.answer("minimised", facts.say("document.minimised", dropped=len(dropped), every=every), CONTRACTS)
    if legal.statistics_only:
        part.answer("importance", legal.importance, f"{STUDY} [legal] importance")
    part.answer("information", legal.information, f"{STUDY} [legal] information")
    rights = facts.say(f"legal.chosen_rights.{legal.rights}") if legal.rights else ""
    part.answer("rights", rights, f"{STUDY} [legal] rights")
    part.ask("necessity")
    return part.done()


def _risks(facts: Facts) -> Part:
    part, limits, risk, say = _begun(facts, "risks"), facts.study.limits, facts.risk, facts.say
    part.say("dpia_measured")
    rows: list[tuple[str, ...]] = []

    def row(name: str, measured: str, source: str) -> None:
        rows.append((say(f"document.risk.{name}"), measured or say("document.not_measured"), source,
                     say("document.to_judge")))  # fmt: skip

    alone = (
        say(
            "document.risk_k",
            k=int(risk["k"]),
            least=limits.package_k,
            highest=decimal(100 * float(risk["highest_risk"]), say.language, digits=1),
        )
        if risk
        else ""
    )
    row("alone", alone, RISK)  # fmt: skip
    same = (
        say(
            "document.risk_l",
            l=int(risk["l"]),
            least=limits.package_l,
            largest=decimal(100 * float(risk["largest_share"]), say.language, digits=0),
        )
        if risk
        else ""
    )
    row("same", same if risk and facts.study.package and facts.study.package.sensitive else "", RISK)  # fmt: skip
    for name, control in (("small", "groups"), ("compare", "comparing"), ("identifiers", "identifiers"),
                          ("key", "key"), ("log", "logs"), ("kept", "retention"), ("proof", "chain")):  # fmt: skip
        row(name, facts.state_of(control), f"undring audit verify ({control})")
    texts = [one for contract in facts.contracts.values() for one in contract.properties if one.role == "free_text"]
    redacted = sum(one.treatment == "redact" for one in texts)
    row("text", say("document.risk_text", texts=len(texts), redacted=redacted), CONTRACTS)
    if redacted:
        part.ask("recall", columns=redacted)
    report = facts.report
    wrong = (
        say("document.risk_false", runs=report.placebo_runs, false=report.placebo_false)
        if (report is not None and report.placebo_runs)
        else ""
    )
    row("wrong", wrong, "runs/RUN/report.json")  # fmt: skip
    tried = attacks()
    row("attacked", say("document.risk_attacks", attacks=tried) if tried else "", f"{ATTACKS}, docs/privacy.md")
    part.table("risks", ("risk", "measured", "source", "judged"), rows, "")
    if facts.study.package is not None and not risk:
        part.ask("no_package_measured")
    part.ask("likelihood")
    part.ask("group_harm")
    return part.done()


def _heard(facts: Facts) -> Part:
    part, legal = _begun(facts, "heard"), facts.study.legal
    made = day(legal.dpia_on, facts.say.language) if legal.dpia_on is not None else ""
    advised = day(legal.dpo_advice_on, facts.say.language) if legal.dpo_advice_on is not None else ""
    part.answer("dpo", facts.study.dpo, f"{STUDY} dpo")
    part.answer("dpia_made", ", ".join(filter(None, (made, legal.dpia_journal))), f"{STUDY} [legal.dpia]")
    part.answer("advice", legal.dpo_advice, f"{STUDY} [legal.dpia] advice")
    part.answer("advice_on", advised, f"{STUDY} [legal.dpia] advice_on")
    part.answer("councils", legal.councils, f"{STUDY} [legal] councils")
    return part.done()


def _conclusion(facts: Facts) -> Part:
    part = _begun(facts, "conclusion")
    for name in ("residual", "prior_consultation", "review"):
        part.ask(name)
    return part.done()
