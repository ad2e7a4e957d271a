"""What citizens asked for, and every clock that runs.

A citizen's number is typed at no page: the command asks for it without showing it, works out the effect, and decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pipelines import retention
from portal.asking import Ask, Reply, page
from reports.numbers import HERE

__all__ = ["HANDLERS"]

RIGHTS = ("access", "object", "erase")


def rights(ask: Ask) -> Reply:
    """Show which requests were decided, by whom; the citizen has a code of the log's own, and it is not shown."""
    index = ask.site.ledger()
    places = sorted(place for right in RIGHTS for place in index.by.get(("action", f"person.{right}"), ()))
    rows = [(index.entries[place], index.entries[place].action.removeprefix("person.")) for place in reversed(places)]
    return page(ask, "rights", rows=rows, rights=RIGHTS, exempt=ask.site.study().legal.rights == "do_not_apply")


def deadlines(ask: Ask) -> Reply:
    """Show every clock that runs: what is to be deleted, and what waits for an answer; overdue first."""
    study = ask.site.study()
    now = ask.site.clock()
    late = retention.overdue(ask.site.workspace, study, now=now)
    rows = [(_named(ask, one), one.due.date()) for one in late]
    first: dict[str, retention.Kept] = {}
    for one in sorted(retention.kept(ask.site.workspace, study), key=lambda one: one.due):
        if one not in late:
            first.setdefault(one.kind, one)
    rows += [(_named(ask, one), one.due.date()) for one in first.values()]
    entries = ask.site.ledger().entries
    if entries and not any(one.kind == "log" for one in late):
        begun = datetime.fromisoformat(entries[0].at)
        rows.append((ask.say("retention.log"), (begun + timedelta(days=study.retention.log_days)).date()))
    for line in ask.site.sample().unexplained:
        rows.append((ask.say("portal.deadlines.unexplained", line=line.number), line.due))
    rows += [(ask.say("portal.deadlines.breach"), one.due.date()) for one in ask.site.breaches() if not one.ended]
    rows.sort(key=lambda row: row[1])
    today = now.astimezone(HERE).date()
    return page(
        ask, "deadlines", rows=[(what, when, (when - today).days) for what, when in rows], late=bool(late), study=study
    )


def _named(ask: Ask, one: retention.Kept) -> str:
    if one.kind == "vault":
        return ask.say("retention.vault")
    name = one.release.id if one.release is not None else one.place.rpartition("/")[2]
    return ask.say(f"portal.deadlines.{one.kind}", name=name)


HANDLERS = {("GET", "/rights"): rights, ("GET", "/deadlines"): deadlines}
