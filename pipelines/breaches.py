"""Breaches of personal data: when the municipality knew, and the 72 hours from then (GDPR art. 33(1) and (5)).

There is no file of them: what is open follows from the ledger alone. A line says when it was known, another that the
clock was stopped and why. What happened is told in the notice, never here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from pipelines import accounts, ledger
from pipelines.accounts import Account
from pipelines.errors import InputError
from pipelines.log import study_event
from pipelines.study import read_study
from reports.numbers import HERE

__all__ = ["ENDINGS", "HOURS", "ROLES", "Breach", "Ending", "breaches", "deadline", "end", "known_at", "start"]

Ending = Literal["notified", "no_risk", "no_breach"]
ENDINGS: Final[tuple[Ending, ...]] = ("notified", "no_risk", "no_breach")
ROLES = ("dpo", "decider")
HOURS = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One breach, as the ledger tells it."""

    number: int  # of the evidence line that says it was known
    known: datetime
    due: datetime
    ended: str = ""  # one of ENDINGS; empty while the clock runs
    ended_at: datetime | None = None

    def hours_left(self, now: datetime) -> int:
        """Return whole hours until it must be notified; below 0 when they are over."""
        return hours_left(self.due, now)

    @property
    def late(self) -> bool:
        """Whether it was notified after the 72 hours: then the notice says why (art. 33(1))."""
        return self.ended == "notified" and self.ended_at is not None and self.ended_at > self.due


def hours_left(due: datetime, now: datetime) -> int:
    """Return whole hours that pass until then; below 0 when it is over, by an hour begun."""
    return int((due.astimezone(UTC) - now.astimezone(UTC)).total_seconds() // 3600)


def breaches(workspace: Path) -> tuple[Breach, ...]:
    """Return every breach that was told of, newest first."""
    ended = {}
    known = []
    for line in ledger.evidence(workspace):
        facts = line["facts"] if isinstance(line["facts"], dict) else {}
        if line["action"] == "breach.known":
            known.append((line.number, datetime.fromisoformat(str(facts["known_at"])).astimezone(HERE)))
        elif line["action"] == "breach.closed":
            ended[int(facts["breach"])] = (str(line["code"]), datetime.fromisoformat(str(line["ts"])).astimezone(HERE))
    return tuple(
        Breach(number=number, known=when, due=deadline(when), ended=how, ended_at=at)
        for number, when in reversed(known)
        for how, at in [ended.get(number, ("", None))]
    )


def start(workspace: Path, text: str, account: Account, *, now: datetime | None = None) -> Breach:
    """Say when the municipality knew: the clock runs from then.

    Raises: InputError `breach_time`, `breach_future`, `breach_role`, `breach_known` for one that is told of already.
    """
    at = now or datetime.now(UTC)
    _may(workspace, account)
    known = known_at(text, now=at)
    if any(one.known == known and not one.ended for one in breaches(workspace)):
        raise InputError("breach_known", file="ledger")
    _tell(workspace, "breach.known", account, at, facts={"known_at": known.isoformat(timespec="minutes")})
    return breaches(workspace)[0]


def end(workspace: Path, number: int, how: str, account: Account, *, now: datetime | None = None) -> Breach:
    """Stop the clock: notified, or not to be, because no risk is likely or it was none. Raises: InputError."""
    _may(workspace, account)
    if how not in ENDINGS:
        raise InputError("breach_ending", file="ledger")
    if not any(one.number == number and not one.ended for one in breaches(workspace)):
        raise InputError("breach_not_open", file="ledger")
    _tell(workspace, "breach.closed", account, now or datetime.now(UTC), facts={"breach": number}, code=how)
    return next(one for one in breaches(workspace) if one.number == number)


def known_at(text: str, *, now: datetime) -> datetime:
    """Return when somebody knew, as a time on Denmark's clock, from 2026-11-25 14:00.

    Where the clock shows a time twice, the first one is meant: the clock then runs out earlier, never later.
    Raises: InputError `breach_time` for what is no time, or was skipped in spring; `breach_future`.
    """
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError("breach_time", file="--known-at") from None
    if read.tzinfo is None:
        read = read.replace(tzinfo=HERE)  # fold=0: the first of two
        if read.astimezone(UTC).astimezone(HERE).replace(tzinfo=None) != read.replace(tzinfo=None):
            raise InputError("breach_time", file="--known-at")
    if read.astimezone(UTC) > now.astimezone(UTC):
        raise InputError("breach_future", file="--known-at")
    return read.astimezone(HERE)


def deadline(known: datetime) -> datetime:
    """Return the end of 72 hours that pass, whatever the clock does; weekends count (Regulation 1182/71 art. 3)."""
    return (known.astimezone(UTC) + timedelta(hours=HOURS)).astimezone(HERE)


def _may(workspace: Path, account: Account) -> None:
    accounts.usable(account, demo=read_study(workspace).demo)
    if account.role not in ROLES:
        raise InputError("breach_role", file="ledger")


def _tell(
    workspace: Path,
    action: str,
    account: Account,
    at: datetime,
    *,
    facts: dict[str, str | int],
    code: str | None = None,
) -> None:
    event, _ = study_event(read_study(workspace), action, role=account.role, now=at, facts=facts, code=code)
    ledger.append(workspace, event, actor=account.id)
