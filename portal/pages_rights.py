"""What citizens asked for, and every clock that runs.

A citizen's number is typed at no page: the command asks for it without showing it, works out the effect, and decides.
"""

from __future__ import annotations

from datetime import datetime

from pipelines.clocks import clocks
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
    study, now = ask.site.study(), ask.site.clock()
    entries = ask.site.ledger().entries
    begun = datetime.fromisoformat(entries[0].at) if entries else None
    told = clocks(ask.site.workspace, study, now=now, log_begun=begun, sample=ask.site.sample())
    today = now.astimezone(HERE).date()
    said = [(ask.say.words(what), when, (when - today).days) for what, when in told.rows]
    return page(ask, "deadlines", rows=said, late=told.kept_too_long, study=study)


HANDLERS = {("GET", "/rights"): rights, ("GET", "/deadlines"): deadlines}
