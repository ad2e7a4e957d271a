"""What the papers are written from: the study, its contracts, its releases, the controls, and words for them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines import audit, state
from pipelines.contracts import Contract, Property, read_contracts
from pipelines.errors import InputError
from pipelines.release_record import Release, read_releases
from pipelines.run import last_done
from pipelines.study import Study, read_study
from pipelines.study_check import unprotected
from reports import numbers
from reports.catalogue import Language, has
from reports.documents import Field, Part, Table
from reports.numbers import HERE
from reports.values import Control, Report, Words
from reports.wording import Speaker

__all__ = ["HERE", "PEOPLE_KINDS", "Drafted", "Facts", "gather", "moment"]

PEOPLE_KINDS = ("person", "household", "staff", "clinic", "employer")  # linking identifiers that stand for people
STUDY, CONTRACTS, RELEASES, LEDGER = "study.toml", "contracts/", "releases/", "ledger/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that is known when a paper is written."""

    workspace: Path
    study: Study
    contracts: Mapping[str, Contract]
    releases: tuple[Release, ...]
    controls: tuple[Control, ...]
    at: datetime
    say: Speaker
    report: Report | None  # the last run's released numbers
    risk: Mapping[str, Any]  # the draft package's risk.json; empty where there is none

    def words(self, words: Words) -> str:
        return self.say.words(words).strip()

    @property
    def demo(self) -> bool:
        return self.study.invented

    def register(self, name: str) -> str:
        """Return a register's name as people read it."""
        one = self.contracts.get(name)
        return name if one is None else (one.label_da if self.danish else one.label_en) or name

    def column(self, one: Property) -> str:
        return (one.label_da if self.danish else one.label_en) or one.name

    @property
    def danish(self) -> bool:
        return self.say.language == Language.DA

    @property
    def people(self) -> str:
        """Return about how many people the last run was about; released, rounded to a hundred."""
        return self.say("document.about_people", people=self.report.people) if self.report is not None else ""

    @property
    def population(self) -> str:
        """Return who the study is about."""
        one = self.study.population
        return self.words(one.definition) or self.words(one.label)

    def kinds(self, contract: Contract) -> list[tuple[str, str]]:
        """Return what a register holds, by kind of information: the kind, and its columns."""
        found: dict[str, list[str]] = {}
        for one in contract.properties:
            if one.role == "linking_identifier" and one.kind in PEOPLE_KINDS:
                continue  # tells of somebody else: a row of its own
            name = f"{self.column(one)} ({self.treated(one)})" if one.dropped else self.column(one)
            found.setdefault(one.role, []).append(name)
        return [(self.say(f"dpo.role.{role}"), ", ".join(names)) for role, names in found.items()]

    def others(self) -> list[tuple[str, str, str]]:
        """Return the people beside the population: kind, register, columns."""
        found: dict[tuple[str, str], list[str]] = {}
        for name, contract in self.contracts.items():
            for one in contract.properties:
                if one.role == "linking_identifier" and one.kind in PEOPLE_KINDS:
                    found.setdefault((one.kind, name), []).append(f"{self.column(one)} ({self.treated(one)})")
        return [(kind, name, ", ".join(columns)) for (kind, name), columns in found.items()]

    def treated(self, one: Property) -> str:
        return self.say(f"dpo.treatment.{one.treatment}")

    def columns_by_treatment(self) -> list[tuple[str, int]]:
        """Return how many columns get which treatment."""
        found: dict[str, int] = {}
        for contract in self.contracts.values():
            for one in contract.properties:
                found[one.treatment] = found.get(one.treatment, 0) + 1
        return [(self.say(f"dpo.treatment.{name}"), count) for name, count in found.items()]

    def package_columns(self, release: Release | None = None) -> str:
        """Return the labels of a package's columns: a release's own dictionary, or what the study would give."""
        if release is not None:
            return ", ".join(self._dictionary(release.folder / "files" / "dataordbog.csv"))
        if self.study.package is None:
            return ""
        hidden = unprotected(self.study, self.contracts)
        named = [*self.study.package.quasi, *self.study.package.sensitive]
        names = [*named, *(one.name for one in (*self.study.characteristics, *self.study.outcomes))]
        labels = {one.name: self.words(one.label) for one in self.study.variables}
        kept = [name for name in dict.fromkeys(names) if name not in hidden or name in named]
        return ", ".join([self.say("document.code"), *(labels.get(name, "") or name for name in kept)])

    def _dictionary(self, file: Path) -> list[str]:
        if not file.exists():
            return []
        rows = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
        return [str(row["dansk" if self.danish else "engelsk"]).strip() for row in rows]

    def state_of(self, name: str) -> str:
        """Return how a control came out, in words."""
        one = next((control for control in self.controls if control.key == f"control.{name}"), None)
        if one is None:
            return ""
        return self.say(f"control.state.{ {True: 'passed', False: 'failed', None: 'none'}[one.passed] }")

    def act(self, action: str) -> str:
        """Return what a ledger line says was done, in words; an action of another version by its own name."""
        key = f"dpo.action.{action}"
        return self.say(key) if has(key) else action

    def role(self, role: str) -> str:
        """Return as what somebody did it, in words: staff stand in no paper by name."""
        return self.say("document.machine" if role == "system" else f"user.role.{role}")

    def failed(self) -> list[str]:
        return [self.say(f"{one.key}.name") for one in self.controls if one.passed is False]


def gather(
    workspace: Path,
    language: Language,
    *,
    now: datetime | None = None,
    controls: tuple[Control, ...] | None = None,
    contracts: Mapping[str, Contract] | None = None,
) -> Facts:
    """Return what the papers are written from; the nine controls are computed now unless they are given."""
    study = read_study(workspace)
    risk = workspace / "draft" / "package" / "risk.json"
    return Facts(
        workspace=workspace,
        study=study,
        contracts=read_contracts(workspace) if contracts is None else contracts,
        releases=tuple(read_releases(workspace)),
        controls=audit.verify(workspace, now=now) if controls is None else controls,
        at=now or datetime.now(UTC),
        say=Speaker(language),
        report=_report(workspace),
        risk=json.loads(risk.read_text(encoding="utf-8")) if risk.exists() else {},
    )


@dataclass(slots=True)
class Drafted:
    """One section while it is written: an answer that is missing becomes an open question by itself."""

    facts: Facts
    key: str
    heading: str
    text: list[str] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def say(self, name: str, **told: str | int) -> None:
        """Add a paragraph of the catalogue."""
        self.text.append(self.facts.say(f"document.{name}", told))

    def answer(self, name: str, answer: str, source: str, *, asked: bool = True) -> None:
        """Add one answer; where it is empty and must be there, the question is open."""
        label = self.facts.say(f"document.field.{name}")
        self.fields.append(Field(label=label, answer=answer.strip(), source=source))
        if asked and not answer.strip():
            own = f"document.ask.{name}"
            self.questions.append(self.facts.say(own) if has(own) else self.facts.say("document.ask_of", what=label))

    def ask(self, name: str, **told: str | int) -> None:
        """Add a question that only a person can answer."""
        self.questions.append(self.facts.say(f"document.ask.{name}", told))

    def table(self, name: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], source: str) -> None:
        """Add a table, unless it would be empty."""
        if rows:
            say = self.facts.say
            head = tuple(say(f"document.head.{column}") for column in columns)
            caption = say(f"document.table.{name}")
            self.tables.append(Table(head=head, rows=tuple(rows), caption=caption, source=source))

    def done(self) -> Part:
        return Part(
            key=self.key,
            heading=self.heading,
            text=tuple(self.text),
            fields=tuple(self.fields),
            tables=tuple(self.tables),
            questions=tuple(self.questions),
        )


def moment(at: datetime, language: Language) -> str:
    """Return a time as the clock on the wall in Denmark shows it, with its name: summer and winter time differ."""
    name = at.astimezone(HERE).tzname() or "DK"
    return f"{numbers.moment(at, language)} ({name})"


def _report(workspace: Path) -> Report | None:
    try:
        path = workspace / "runs" / last_done(workspace) / "report.json"
        return state.read(path, Report) if path.exists() else None
    except (InputError, ValueError):
        return None
