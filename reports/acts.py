"""What was done, folded: one run's sixteen registers read in one line, so that ten minutes a week are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from reports.values import Act
from reports.wording import Speaker

__all__ = ["Done", "folded"]

TOGETHER = timedelta(minutes=30)  # the same act again within so long is one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One line of the page: an act, or the same act of the same person on several registers, one after the other."""

    at: datetime  # the latest
    actor: str
    action: str
    purpose: str
    data: str


def folded(acts: Sequence[Act], register: Callable[[str | None], str], say: Speaker) -> tuple[Done, ...]:
    """Return the acts in their order, those that go together as one. `register`: what a register is called."""
    return tuple(
        Done(
            at=group[0].at, actor=group[0].actor, action=group[0].action, purpose=group[0].purpose,
            data=_one(group[0], register, say) if len(group) == 1 else _several(group, register, say),
        )
        for group in _groups(acts)
    )  # fmt: skip


def _groups(acts: Sequence[Act]) -> Iterator[list[Act]]:
    if not acts:
        return
    group = [acts[0]]
    for before, act in pairwise(acts):
        same = _kind(act) == _kind(before)
        if same and bool(act.register) == bool(before.register) and abs(before.at - act.at) <= TOGETHER:
            group.append(act)
        else:
            yield group
            group = [act]
    yield group


def _kind(act: Act) -> tuple[str, ...]:
    return act.actor, act.action, act.purpose, act.about


def _one(act: Act, register: Callable[[str | None], str], say: Speaker) -> str:
    return ", ".join(one for one in (act.about, register(act.register), people(act.people, say)) if one)


def _several(group: Sequence[Act], register: Callable[[str | None], str], say: Speaker) -> str:
    known = [act.people for act in group if act.people is not None]
    most = max(known, default=None)
    names = list(dict.fromkeys(register(act.register) for act in group if act.register))
    if not names:
        times = say("dpo.acts.times", times=len(group))
        return f"{group[0].about}, {times}" if group[0].about else times
    told = say("dpo.acts.registers", count=len(names), names=", ".join(names)) if len(names) > 1 else names[0]
    return told + ("" if not most else ". " + say("dpo.acts.most", people=most))


def people(count: int | None, say: Speaker) -> str:
    """Return about how many, in hundreds; a few that round to none are told as few."""
    if count is None:
        return ""
    return say("dpo.acts.people", people=count) if count else say("dpo.acts.people_few")
