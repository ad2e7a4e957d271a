"""The Article 30 record: GDPR art. 30(1)(a)-(g) in Datatilsynet's order, each answer with where it stands."""

from __future__ import annotations

from datetime import date

from pipelines.documents.facts import CONTRACTS, LEDGER, RELEASES, STUDY, Drafted, Facts
from pipelines.legal import Receiver
from pipelines.release_record import Release
from pipelines.release_words import state_words
from reports.documents import Part
from reports.numbers import day

__all__ = ["LETTERS", "data_of", "erasure", "measures", "parts", "people", "recipients"]

LETTERS = ("a", "b", "c", "d", "e", "f", "g")


def parts(facts: Facts) -> tuple[Part, ...]:
    """Return the record's seven sections."""
    makers = (_who, _why, people, recipients, _abroad, erasure, measures)
    return tuple(make(facts) for make in makers)


def _begun(facts: Facts, letter: str) -> Drafted:
    return Drafted(facts, letter, facts.say(f"document.article30.{letter}"))


def _who(facts: Facts) -> Part:
    part, study = _begun(facts, "a"), facts.study
    part.answer("controller", study.controller, f"{STUDY} controller")
    part.answer("contact", study.legal.contact, f"{STUDY} [legal] contact")
    part.answer("dpo", study.dpo, f"{STUDY} dpo")
    joint = ", ".join(one.name for one in study.legal.receivers if one.role == "joint")
    none = facts.say("document.none_recorded")
    part.answer("joint", joint or none, f"{STUDY} [[legal.recipient]] role")
    if joint:
        part.ask("joint_arrangement", names=joint)
    return part.done()


def _why(facts: Facts) -> Part:
    part, study, legal = _begun(facts, "b"), facts.study, facts.study.legal
    part.answer("purpose", facts.words(study.purpose), f"{STUDY} purpose")
    part.answer("basis", study.legal_basis, f"{STUDY} legal_basis")
    part.answer("decided", ", ".join(filter(None, (legal.decided_by, _day(facts, legal.decided_on), legal.journal))),
                f"{STUDY} [legal] decided_by, decided_on, journal")  # fmt: skip
    if legal.statistics_only:
        part.answer("importance", legal.importance, f"{STUDY} [legal] importance")
    rows = []
    for name, contract in facts.contracts.items():
        basis = legal.basis.get(name, "")
        chosen = facts.say(f"document.basis.{basis}") if basis else facts.say("document.unanswered")
        if not basis:
            part.ask("basis", register=facts.register(name))
        if not contract.purpose:
            part.ask("register_purpose", register=facts.register(name))
        rows.append((facts.register(name), contract.purpose or "–", chosen, contract.legal_basis or "–"))
    part.table("purposes", ("register", "purpose", "basis", "law"), rows, f"{CONTRACTS}, {STUDY} [legal.basis]")
    return part.done()


def people(facts: Facts) -> Part:
    """Return who the record is about, and which kinds of information are tied to each of them."""
    part = _begun(facts, "c")
    part.answer("population", facts.population, f"{STUDY} [population]")
    part.answer("people", facts.people, "runs/RUN/report.json", asked=False)
    rows, untold = data_of(facts), []
    part.table("categories", ("who", "register", "data", "kept"), rows, f"{CONTRACTS} (role, treatment)")
    for name, contract in facts.contracts.items():
        if not any(one.role == "sensitive" for one in contract.properties):
            untold.append(facts.register(name))
    if untold:
        part.ask("sensitive", registers=", ".join(untold))
    return part.done()


def data_of(facts: Facts) -> list[tuple[str, ...]]:
    """Return category of person, register, kinds of information and erasure, a row each."""
    keep, study = facts.study.retention, facts.study
    days = facts.say("document.days", days=keep.vault_days)
    rows: list[tuple[str, ...]] = []
    label = facts.words(study.population.label) or facts.say("document.citizens")
    for name, contract in facts.contracts.items():
        kinds = "; ".join(f"{kind}: {columns}" for kind, columns in facts.kinds(contract))
        who = label if contract.person is not None else facts.say("document.nobody")
        rows.append((who, facts.register(name), kinds, days))
    for kind, register, columns in facts.others():
        rows.append((facts.say(f"document.kind.{kind}"), facts.register(register), columns, days))
    log = facts.say("document.days", days=keep.log_days)
    rows.append((facts.say("document.users"), facts.say("document.log"), facts.say("document.log_data"), log))
    if (facts.workspace / "vault" / "objections.vault").exists():
        rows.append((facts.say("document.objectors"), facts.say("document.objection_list"),
                     facts.say("document.objection_data"), facts.say("document.to_decide")))  # fmt: skip
    return rows


def recipients(facts: Facts) -> Part:
    """Return who has or will have what: those that the study names, and those that something went to."""
    part = _begun(facts, "d")
    population = facts.words(facts.study.population.label) or facts.say("document.citizens")
    named = {one.name.casefold(): one for one in facts.study.legal.receivers}
    rows, reached = [], set()
    for release in facts.releases:
        if release.state not in ("approved", "withdrawn", "requested"):
            continue
        receiver = release.manifest.receiver
        reached.add(receiver.casefold())
        known = named.get(receiver.casefold())
        if release.manifest.kind == "package" and known is None:
            part.ask("undeclared", receiver=receiver, release=release.id)
        rows.append((receiver, _role(facts, known), _data(facts, release, population), _left(facts, release)))
    for key, one in named.items():
        if key not in reached:
            data = facts.package_columns()
            data = f"{population}: {data}" if data else facts.say("document.no_package")
            rows.append((one.name, _role(facts, one), data, facts.say("document.nothing_sent")))
    part.table("recipients", ("recipient", "role", "data", "sent"), rows, f"{STUDY} [[legal.recipient]], {RELEASES}")
    if not rows:
        part.say("no_recipients")
    return part.done()


def _role(facts: Facts, known: Receiver | None) -> str:
    return facts.say(f"document.role.{known.role}") if known is not None and known.role else "–"


def _data(facts: Facts, release: Release, population: str) -> str:
    if release.manifest.kind == "report":
        return facts.say("document.figures", smallest=facts.study.limits.smallest_group)
    columns = facts.package_columns(release)
    return f"{population}: {columns}" if columns else population


def _left(facts: Facts, release: Release) -> str:
    state = state_words(release, facts.say.language)  # also of one that still waits for somebody
    return f"{release.id}, {facts.say('release.kind.' + release.manifest.kind)}, {state}"


def _abroad(facts: Facts) -> Part:
    part = _begun(facts, "e")
    part.answer("third_countries", facts.study.legal.third_countries, f"{STUDY} [legal] third_countries")
    part.say("nothing_leaves_by_itself")
    return part.done()


def erasure(facts: Facts) -> Part:
    """Return when each kind of thing is to be erased."""
    part, keep, legal = _begun(facts, "f"), facts.study.retention, facts.study.legal
    rows = [
        (facts.say(f"document.erase.{name}"), facts.say("document.days", days=getattr(keep, f"{name}_days")))
        for name in ("vault", "quarantine", "run", "package", "log")
    ]
    rows += [(facts.say(f"document.erase.{name}"), facts.say(f"document.erase.{name}_when"))
             for name in ("evidence", "outbox", "key")]  # fmt: skip
    part.table("erasure", ("thing", "kept"), rows, f"{STUDY} [retention]")
    if not legal.log_period_said and not facts.study.demo:
        part.ask("log_days")
    part.answer("archive", legal.archive, f"{STUDY} [legal] archive")
    return part.done()


def measures(facts: Facts) -> Part:
    """Return the measures in force: what was computed says so, what was only promised is not told as a fact."""
    part, study = _begun(facts, "g"), facts.study
    limits = study.limits
    rows = [(facts.say("document.measure.treated"),
             "; ".join(f"{words}: {count}" for words, count in facts.columns_by_treatment()), CONTRACTS)]  # fmt: skip
    rows += [
        (facts.say("document.measure.sealed"), facts.say("document.measure.sealed_how"), "vault/, quarantine/"),
        (facts.say("document.measure.limits"), facts.say(
            "document.measure.limits_how", smallest=limits.smallest_group, difference=limits.smallest_difference,
            k=limits.package_k, l=limits.package_l), f"{STUDY} [limits]"),
        (facts.say("document.measure.eyes"), facts.say(
            f"document.measure.eyes_{'statement' if study.statement_required else 'two'}"),
            f"{STUDY} statement_required"),
    ]  # fmt: skip
    rows += [(facts.say(f"{one.key}.name"), facts.state_of(one.key.removeprefix("control.")), "undring audit verify")
             for one in facts.controls]  # fmt: skip
    part.table("measures", ("measure", "seen", "source"), rows, LEDGER)
    part.answer("staff", _day(facts, study.legal.staff_informed), f"{STUDY} [legal] staff_informed")
    part.answer("witness", facts.say("document.witness_kept") if study.witness_folder else "",
                f"{STUDY} witness_folder")  # fmt: skip
    for name in facts.failed():
        part.ask("failed", control=name)
    return part.done()


def _day(facts: Facts, when: date | None) -> str:
    return day(when, facts.say.language) if when is not None else ""
