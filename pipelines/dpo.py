"""The DPO's page: what was done to whose data and why, from the ledger, the contracts and the controls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines import atomic, audit, ledger, self_tests, state, verdict
from pipelines.clocks import clocks
from pipelines.context import Run
from pipelines.contracts import Contract
from pipelines.release_words import left_lines, waiting_lines
from pipelines.study import Study
from reports.catalogue import Language
from reports.dpo import render_dpo
from reports.numbers import HERE
from reports.values import Act, Case, Control, DpoPage, Night, Report, SelfTested, Treatment, Words

NEWEST, NIGHTS, ROUND_PEOPLE = 50, 14, 100
RIGHTS = ("person.access", "person.object", "person.erase")


def write_page(run: Run, path: Path) -> None:
    """Write the page in Danish, and beside it in English, as one static file each."""
    page = dpo_page(run)
    atomic.write_text(path, render_dpo(page, language=Language.DA))
    atomic.write_text(path.with_name("dpo.en.html"), render_dpo(page, language=Language.EN))


def dpo_page(run: Run) -> DpoPage:
    """Return what the DPO sees: no citizen, no pseudonym, no value."""
    lines = list(ledger.read(run.workspace))
    controls = tuple(
        Control(key=one.key, passed=one.passed, facts=tuple((name, str(fact)) for name, fact in one.facts))
        for one in audit.verify(run.workspace)
    )
    verdict.note(run.workspace, controls, now=run.clock())
    done = LedgerSummary(
        lines=len(lines),
        head=lines[-1].hash if lines else ledger.FIRST,
        first=_moment(lines[0].body) if lines else run.clock(),
        newest=tuple(line.body for line in reversed(lines[-NEWEST:])),
        runs=tuple(line.body for line in lines if line.body["action"] in ("run.end", "run.failed")),
        rights=tuple(line.body for line in reversed(lines) if line.body["action"] in RIGHTS),
    )
    return page_of(run.workspace, run.study, run.contracts, controls=controls, done=done, at=run.clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSummary:
    """What the page needs of the ledger."""

    lines: int
    head: str
    first: datetime
    newest: tuple[dict[str, Any], ...]  # the last lines, newest first
    runs: tuple[dict[str, Any], ...]  # how runs ended, oldest first
    rights: tuple[dict[str, Any], ...] = ()  # what citizens asked for, newest first


def page_of(
    workspace: Path,
    study: Study,
    contracts: Mapping[str, Contract],
    *,
    controls: tuple[Control, ...],
    done: LedgerSummary,
    at: datetime,
) -> DpoPage:
    """Return the page from what is known: the controls as they were computed, and the ledger as it was read."""
    return DpoPage(
        title=study.title,
        controller=study.controller,
        made=at,
        demo=study.invented,
        controls=controls,
        ledger_lines=done.lines,
        ledger_head=done.head,
        first_line=done.first,
        waiting=waiting_lines(workspace),
        nights=_nights(done.runs, at),
        acts=tuple(_act(body) for body in done.newest),
        treatments=tuple(
            Treatment(
                register=contract.register,
                column=one.header,
                role=one.role,
                treatment=one.treatment,
                purpose=one.purpose,
            )
            for contract in contracts.values()
            for one in contract.properties
        ),
        left_the_house=left_lines(workspace),
        package=_risk(workspace / "draft" / "package" / "risk.json"),
        legal_basis=study.legal_basis,
        purpose=study.purpose,
        self_test=_self_test(workspace),
        seen=_seen(workspace),
        deadlines=clocks(workspace, study, now=at, log_begun=done.first if done.lines else None).rows,
        cases=tuple(_case(line) for line in done.rights),
        register_names=tuple(
            (one.register, Words(da=one.label_da or one.register, en=one.label_en or one.register))
            for one in contracts.values()
        ),
    )


def _seen(workspace: Path) -> tuple[Words, ...]:
    """What the last report says of the registers; () before there is one, or where an older version wrote it."""
    written = sorted((workspace / "runs").glob("K-*/report.json"))
    try:
        return state.read(written[-1], Report).seen if written else ()
    except (OSError, ValueError):
        return ()


def _self_test(workspace: Path) -> SelfTested | None:
    told = self_tests.told_of(workspace)
    if not told.placebo_runs:
        return None
    return SelfTested(**{name: value for name, value in self_tests.printed(told).items() if name != "planted_by"})


def _act(body: dict[str, Any]) -> Act:
    people = body.get("people")
    return Act(
        at=_moment(body),
        actor=str(body["actor"]),
        action=str(body["action"]),
        register=body.get("register"),
        people=ROUND_PEOPLE * round(int(people) / ROUND_PEOPLE) if people else None,
        purpose=str(body.get("purpose", "")),
        about=str(body.get("code") or "") if str(body["action"]).startswith("release") else "",
    )


def _case(body: dict[str, Any]) -> Case:
    code = str(body.get("code") or "")
    return Case(
        line=int(body["seq"]),
        at=_moment(body),
        right=str(body["action"]).removeprefix("person."),
        decision=code if code in ("granted", "refused") else "",
        actor=str(body["actor"]),
    )


def _nights(lines: Sequence[dict[str, Any]], now: datetime) -> tuple[Night, ...]:
    """The last 14 days that had a run: passed, or stopped."""
    states: dict[Any, Any] = {}
    for line in lines:
        day = _moment(line).astimezone(HERE).date()
        if line["action"] == "run.end":
            states[day] = "passed"
        elif line["action"] == "run.failed":
            states[day] = "stopped"
    first = now.astimezone(HERE).date() - timedelta(days=NIGHTS - 1)
    return tuple(Night(day=day, state=states[day]) for day in sorted(states) if day >= first)


def _moment(body: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(body["ts"]).replace("Z", "+00:00"))


def _risk(file: Path) -> tuple[tuple[str, str], ...]:
    if not file.exists():
        return ()
    return tuple((name, str(value)) for name, value in json.loads(file.read_text(encoding="utf-8")).items())
