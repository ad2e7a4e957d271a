"""A draft notice of a breach, GDPR art. 33(3)(a)-(d), with the 72-hour clock and the ledger's lines that may matter."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from pipelines import ledger
from pipelines.breaches import HOURS, deadline, hours_left, known_at
from pipelines.documents import article30
from pipelines.documents.facts import LEDGER, STUDY, Drafted, Facts, moment
from pipelines.ledger import Line
from reports.documents import Part

__all__ = ["HOURS", "RELEVANT", "deadline", "known_at", "parts"]

SHOWN = 40
# What says who had data in their hands, or what left: by the action's first word.
RELEVANT = ("ingest", "pseudonymise", "package", "report", "release", "person", "reid", "key", "delete", "log", "run",
            "attempt", "study", "config")  # fmt: skip


def parts(facts: Facts, known: datetime, *, days: int) -> tuple[Part, ...]:
    """Return the draft's sections; the ledger is looked through from so many days before it was known."""
    return (_clock(facts, known), _nature(facts), _contact(facts), _consequences(facts), _taken(facts),
            _people(facts), _lines(facts, known, days))  # fmt: skip


def _begun(facts: Facts, key: str) -> Drafted:
    return Drafted(facts, key, facts.say(f"document.breach.{key}"))


def _clock(facts: Facts, known: datetime) -> Part:
    part, language = _begun(facts, "clock"), facts.say.language
    due = deadline(known)
    part.answer("known_at", moment(known, language), "--known-at")
    part.answer("due", moment(due, language), "GDPR art. 33(1)")
    left = hours_left(due, facts.at)
    over = left < 0
    part.answer("left", facts.say("document.breach_over" if over else "document.breach_left", hours=abs(left)),
                moment(facts.at, language))  # fmt: skip
    if over:
        part.ask("delay")
    part.say("breach_clock")
    return part.done()


def _nature(facts: Facts) -> Part:
    part = _begun(facts, "a")
    part.ask("nature")
    part.answer("population", facts.population, f"{STUDY} [population]")
    part.answer("people_most", facts.people, "runs/RUN/report.json")
    rows = article30.data_of(facts)
    part.table("categories", ("who", "register", "data", "kept"), rows, "contracts/")
    counts: dict[str, int] = {}
    for line in ledger.read(facts.workspace):
        if line["action"] == "ingest" and line["rows"] is not None:
            counts[str(line["register"])] = int(line["rows"])  # the newest reading stands
    held = [(facts.register(name), facts.say("document.about_rows", rows=_hundreds(rows)))
            for name, rows in sorted(counts.items())]  # fmt: skip
    part.table("records", ("register", "records"), held, LEDGER)
    part.ask("how_many")
    return part.done()


def _contact(facts: Facts) -> Part:
    part = _begun(facts, "b")
    part.answer("dpo", facts.study.dpo, f"{STUDY} dpo")
    part.answer("controller", facts.study.controller, f"{STUDY} controller")
    part.answer("contact", facts.study.legal.contact, f"{STUDY} [legal] contact")
    return part.done()


def _consequences(facts: Facts) -> Part:
    part = _begun(facts, "c")
    part.say("breach_coded")
    part.answer("key_state", facts.state_of("key"), "undring audit verify (key)")
    part.ask("consequences")
    return part.done()


def _taken(facts: Facts) -> Part:
    part = _begun(facts, "d")
    for name in facts.failed():
        part.ask("failed", control=name)
    out = [one for one in facts.releases if one.state == "approved"]
    rows = [(one.id, one.manifest.receiver, facts.say(f"release.kind.{one.manifest.kind}")) for one in out]
    part.table("out", ("release", "recipient", "what"), rows, "releases/")
    part.say("breach_can")
    part.ask("measures_taken")
    return part.done()


def _people(facts: Facts) -> Part:
    part = _begun(facts, "people")
    part.ask("high_risk")
    part.ask("documented")
    return part.done()


def _lines(facts: Facts, known: datetime, days: int) -> Part:
    part, language = _begun(facts, "lines"), facts.say.language
    first = known.astimezone(UTC) - timedelta(days=days)
    found = [line for line in ledger.read(facts.workspace)
             if str(line["action"]).partition(".")[0] in RELEVANT and _at(line) >= first]  # fmt: skip
    part.say("breach_lines", days=days, lines=len(found), shown=min(len(found), SHOWN))
    counts = Counter(str(line["action"]) for line in found)
    acts = [(facts.act(name), str(count)) for name, count in sorted(counts.items())]
    part.table("acts", ("act", "times"), acts, LEDGER)
    rows = [(str(line.number), moment(_at(line), language), facts.act(str(line["action"])),
             facts.role(str(line["role"])), str(line["register"] or line["run"] or "–"))
            for line in reversed(found[-SHOWN:])]  # fmt: skip
    part.table("lines", ("number", "when", "act", "role", "about"), rows, "undring audit show")
    return part.done()


def _at(line: Line) -> datetime:
    return datetime.fromisoformat(str(line["ts"])).astimezone(UTC)


def _hundreds(rows: int) -> int:
    return 100 * max(round(rows / 100), 1) if rows else 0
