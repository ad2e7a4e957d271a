"""The DPO's page: what was done to whose data and why, from the ledger, the contracts and the controls."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines import atomic, audit, ledger
from pipelines.context import Run
from pipelines.words import both
from reports.catalogue import Language
from reports.dpo import render_dpo
from reports.values import Act, Control, DpoPage, Night, Treatment

NEWEST, NIGHTS, ROUND_PEOPLE = 50, 14, 100


def write_page(run: Run, path: Path) -> None:
    """Write the page in Danish, and beside it in English, as one static file each."""
    page = dpo_page(run)
    atomic.write_text(path, render_dpo(page, language=Language.DA))
    atomic.write_text(path.with_name("dpo.en.html"), render_dpo(page, language=Language.EN))


def dpo_page(run: Run) -> DpoPage:
    """Return what the DPO sees: no citizen, no pseudonym, no value."""
    study = run.study
    lines = list(ledger.read(run.workspace))
    controls = tuple(
        Control(key=one.key, passed=one.passed, facts=tuple((name, str(fact)) for name, fact in one.facts))
        for one in audit.verify(run.workspace)
    )
    return DpoPage(
        title=study.title,
        controller=study.controller,
        made=run.clock(),
        demo=study.demo and study.invented,
        controls=controls,
        ledger_lines=len(lines),
        ledger_head=lines[-1].hash if lines else ledger.FIRST,
        first_line=_moment(lines[0].body) if lines else run.clock(),
        waiting=(),
        nights=_nights(lines, run.clock()),
        acts=tuple(_act(line.body) for line in reversed(lines[-NEWEST:])),
        treatments=tuple(
            Treatment(
                register=contract.register,
                column=one.header,
                role=one.role,
                treatment=one.treatment,
                purpose=one.purpose,
            )
            for contract in run.contracts.values()
            for one in contract.properties
        ),
        left_the_house=(),
        package=_risk(run.workspace / "draft" / "package" / "risk.json"),
        legal_basis=study.legal_basis,
        purpose=study.purpose,
        retention=(
            (both("retention.vault"), (run.clock() + timedelta(days=study.retention.vault_days)).date()),
            (both("retention.log"), (run.clock() + timedelta(days=study.retention.log_days)).date()),
        ),
    )


def _act(body: dict[str, Any]) -> Act:
    people = body.get("people")
    return Act(
        at=_moment(body),
        actor=str(body["actor"]),
        action=str(body["action"]),
        register=body.get("register"),
        people=ROUND_PEOPLE * round(int(people) / ROUND_PEOPLE) if people else None,
        purpose=str(body.get("purpose", "")),
    )


def _nights(lines: list[ledger.Line], now: datetime) -> tuple[Night, ...]:
    """The last 14 days that had a run: passed, or stopped."""
    states: dict[Any, Any] = {}
    for line in lines:
        day = _moment(line.body).date()
        if line.body["action"] == "run.end":
            states[day] = "passed"
        elif line.body["action"] == "run.failed":
            states[day] = "stopped"
    first = now.date() - timedelta(days=NIGHTS - 1)
    return tuple(Night(day=day, state=states[day]) for day in sorted(states) if day >= first)


def _moment(body: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(body["ts"]).replace("Z", "+00:00"))


def _risk(file: Path) -> tuple[tuple[str, str], ...]:
    if not file.exists():
        return ()
    return tuple((name, str(value)) for name, value in json.loads(file.read_text(encoding="utf-8")).items())
