"""The first page: what waits for the one who looks, the last run, the last verdict."""

from __future__ import annotations

from pipelines import release_rules, verdict
from portal.asking import Ask, Reply, page
from portal.run_states import run_states

__all__ = ["HANDLERS"]


def overview(ask: Ask) -> Reply:
    """Show where things stand."""
    runs = run_states(ask.site.workspace)
    report = ask.site.report()
    return page(
        ask,
        "overview",
        runs=runs[:1],
        verdict=verdict.last(ask.site.workspace),
        waiting=waiting(ask),
        cards=len(report.cards) if report is not None else 0,
        report=report,
    )


def waiting(ask: Ask) -> list[tuple[str, str]]:
    """Return what waits for this visitor: where it is done, and what it is."""
    found = []
    study = ask.site.study()
    for one in ask.site.releases() if not ask.may("reader") else ():
        if one.state == "returned" and ask.person.id == one.requested.by and not _answered(ask, one.id):
            found.append((f"/releases/{one.id}", ask.say("portal.waiting.returned", release=one.id)))
        if one.state != "requested":
            continue
        facts = {"release": one.id, "receiver": one.manifest.receiver}
        if ask.may("dpo") and one.statement is None:
            found.append((f"/releases/{one.id}", ask.say("portal.waiting.statement", facts)))
        required = release_rules.statement_required(one.manifest, study)
        if ask.may("decider") and (one.statement is not None or not required):
            found.append((f"/releases/{one.id}", ask.say("portal.waiting.decision", facts)))
    if ask.may("dpo", "decider"):
        now = ask.site.clock()
        for breach in (one for one in ask.site.breaches() if not one.ended):
            found.insert(0, ("/breach", clock_words(ask, breach.hours_left(now))))
    if ask.may("dpo"):
        left = sum(not one.judged for one in ask.site.sample().lines)
        if left:
            found.append(("/dpo#stikproeve", ask.say("portal.waiting.sample", lines=left)))
    return found


def clock_words(ask: Ask, hours: int) -> str:
    """Say how much is left of a breach's 72 hours."""
    return ask.say("portal.waiting.breach" if hours >= 0 else "portal.waiting.breach_over", hours=abs(hours))


def _answered(ask: Ask, release_id: str) -> bool:
    return any(one.manifest.follows == release_id for one in ask.site.releases())


HANDLERS = {("GET", "/"): overview}
