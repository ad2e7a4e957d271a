"""`undring replicate`: somebody else's finding, tried here on safe terms: mapped by a person, paid for, tried once.

With a lock it is tried in the locked part and costs an attempt: whoever completes the mapping has seen the searched
people's numbers, and a mapping must not be fitted to them. Without a lock it is tried in everybody: the hypothesis came
from other people, one direction, one test. Either way the ledger has it before an outcome is read, and it is tried once
on the same people: a second time the record answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from analysis.values import Condition, Direction, Discovery, Evidence, Finding
from pipelines import atomic, attempts, ledger, patterns, publish, recipe_mapping, signed_file, state
from pipelines import run as runs
from pipelines.accounts import Signer
from pipelines.answer import Answer, Counts, counts_of, rendered_answer
from pipelines.context import Run
from pipelines.contracts import read_contracts
from pipelines.errors import InputError
from pipelines.exchange_files import keep_asked, name_of, reply_file
from pipelines.exchange_told import write_pages
from pipelines.findings import Numbered, condition_key
from pipelines.log import study_event
from pipelines.meaning import carried
from pipelines.recipe import Recipe, effect_of
from pipelines.recipe import read as read_recipe
from pipelines.recipe_mapping import Mapped
from pipelines.release_acts import may
from pipelines.release_outcomes import Outcomes
from pipelines.signed_file import Sealed
from pipelines.steps import definitions, parts, read_account, settings
from pipelines.study import Study, read_study
from reports.catalogue import Language

if TYPE_CHECKING:
    from analysis.characteristics import Definitions

__all__ = ["ACTION", "Asked", "Record", "Replication", "Seen", "begin", "read_record", "replicate"]

ACTION = "hypothesis.replicate"  # without a lock; with one it is an attempt like any other
ENOUGH = 0.8
Ask = Callable[["Seen"], None]  # raises where nobody says yes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What can be seen here, before any outcome is looked at."""

    recipe: Recipe
    people: int  # who have all of it, to the nearest 10
    needed: int
    enough: bool
    locked: bool
    left: int  # attempts, with a lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """One recipe tried on these people. True numbers: 0600, never released."""

    key: str  # whose finding, on which people
    municipality: str
    finding: str
    at: str
    conditions: tuple[Condition, ...]
    outcome: str | None  # as `Finding.outcome`: None is the study's first
    direction: Direction
    part: Literal["locked", "all"]
    unmatched: tuple[str, ...]
    basis: str
    differences: str
    answered: Finding | None = None
    printed: Counts | None = None  # what the gate let through


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that was tried here of others' findings, oldest first."""

    tried: tuple[Replication, ...] = ()

    def of(self, key: str) -> Replication | None:
        return next((one for one in self.tried if one.key == key), None)

    def like(self, one: Replication) -> Replication | None:
        """Return an answered test of the same question on the same people, whoever sent it."""
        same = [
            other
            for other in self.tried
            if other.answered is not None
            and other.key.partition("/")[0] == one.key.partition("/")[0]
            and _question(other) == _question(one)
        ]
        return same[0] if same else None

    def with_(self, one: Replication) -> Record:
        return Record(tried=(*(other for other in self.tried if other.key != one.key), one))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A recipe that was read, the study that it is for, and what the record says of it."""

    sealed: Sealed[Recipe]
    content: bytes  # of the file, as it came
    study: Study
    key: str
    before: Replication | None

    @property
    def name(self) -> str:
        """What the finding is called here."""
        return name_of(self.recipe.municipality, self.recipe.study, self.recipe.finding)

    @property
    def recipe(self) -> Recipe:
        return self.sealed.told


def begin(workspace: Path, file: Path) -> Asked:
    """Read a recipe and say whether it may be tried in this study at all.

    Raises: InputError as `recipe.read`; `recipe_own`, `recipe_demo`, `replicate_kind`, `no_findings`.
    """
    sealed = read_recipe(file)
    study = carried(read_study(workspace), read_contracts(workspace))
    recipe = sealed.told
    if recipe.municipality.strip().casefold() == study.controller.strip().casefold():
        raise InputError("recipe_own", file=file)
    if recipe.demo and not study.invented:
        raise InputError("recipe_demo", file=file)
    kinds = {one.kind for one in study.searched}
    if recipe.kind not in kinds or study.scale != recipe.scale:
        facts = {"theirs": f"{recipe.kind}, {recipe.scale}", "ours": f"{', '.join(sorted(kinds))}; {study.scale}"}
        raise InputError("replicate_kind", file=file, **facts)
    runs.last_done(workspace)
    key = f"{_people_key(study)}/{_hash(recipe.municipality, recipe.study, recipe.finding)}"
    return Asked(sealed=sealed, content=file.read_bytes(), study=study, key=key, before=read_record(workspace).of(key))


def replicate(
    workspace: Path,
    asked: Asked,
    signer: Signer,
    *,
    ask: Ask,
    passphrase: str | None = None,
    language: Language = Language.DA,
    now: datetime | None = None,
) -> tuple[Answer, Path, bool]:
    """Try a recipe here; return the answer, the draft it was signed into, and whether it was tried only now.

    `ask` is shown what can be seen, before anything is paid or read. Raises: InputError as `recipe_mapping`, and
    `replicate_written` where the mapping did not exist, `replicate_nobody`, `replicate_leak`, `attempts_spent`.
    """
    may(signer, "request", None)
    workspace = workspace.resolve()
    at = now or datetime.now(UTC)
    with atomic.folder_lock(workspace):
        done = asked.before if asked.before is not None and asked.before.printed is not None else None
        fresh = False
        if done is None:
            mapped = _mapped(workspace, asked, language)
            done, fresh = _tried(workspace, asked, mapped, ask=ask, passphrase=passphrase, at=at)
        told = _answer(asked, done, at)
        keep_asked(workspace, asked.name, asked.content)
        path = reply_file(workspace, asked.name)
        signed_file.write(path, told, signer)
        write_pages(workspace, asked.name, asked.recipe, told)
    return told, path, fresh


def read_record(workspace: Path) -> Record:
    """Return what was tried here of others' findings."""
    path = _file(workspace)
    return state.read(path, Record) if path.exists() else Record()


def _mapped(workspace: Path, asked: Asked, language: Language) -> Mapped:
    if not recipe_mapping.mapping_file(workspace, asked.recipe).exists():
        contracts = read_contracts(workspace)
        path = recipe_mapping.write_mapping(workspace, asked.recipe, asked.study, contracts, language)
        raise InputError("replicate_written", file=path, path=str(path), finding=asked.recipe.finding)
    return recipe_mapping.read_mapping(workspace, asked.recipe, asked.study)


def _tried(
    workspace: Path, asked: Asked, mapped: Mapped, *, ask: Ask, passphrase: str | None, at: datetime
) -> tuple[Replication, bool]:
    from analysis.replicate import replicate as tried_in
    from analysis.replicate import with_conditions
    from analysis.settings import CannotSearch

    study, recipe = asked.study, asked.recipe
    opened = runs.reopen_at(workspace, runs.last_done(workspace), passphrase=passphrase)
    runs.refuse_other_account(opened)
    if not (opened.folder / "split.vault").exists():
        raise InputError("replicate_no_cohort", file=workspace / "vault")
    everybody = parts(opened)
    people = everybody.filter(pl.col("locked")) if study.lock else everybody
    file = recipe_mapping.mapping_file(workspace, recipe)
    names = [one.name for one in study.characteristics]
    wanted = patterns.conditions(
        patterns.parse(mapped.pattern, file=file, field="part"), dict(people.select(names).schema), file=file
    )
    planned = asked.before or Replication(
        key=asked.key, municipality=recipe.municipality, finding=recipe.finding, at=ledger.timestamp(at),
        conditions=wanted, outcome=None if mapped.outcome == study.outcome.name else mapped.outcome,
        direction=recipe.direction, part="locked" if study.lock else "all",
        unmatched=mapped.unmatched, basis=mapped.basis, differences=mapped.differences,
    )  # fmt: skip
    record = read_record(workspace)
    if (like := record.like(planned)) is not None:  # the same question from somebody else: one test is one test
        planned = replace(planned, at=like.at, answered=like.answered, printed=like.printed, part=like.part)
        state.write(_file(workspace), record.with_(planned))
        return planned, False
    made = with_conditions(definitions(opened, everybody), planned.conditions)
    found = state.read(opened.folder / "discovery.json", Discovery)
    if asked.before is None:  # else it is paid, and was killed
        _see(workspace, asked, planned, people, made, found, ask)
    state.write(_file(workspace), record.with_(planned))
    lead = _lead(recipe, planned)
    _pay(workspace, study, planned, lead, people.height, at)
    try:
        answered = tried_in(found, people, made, lead, cluster="cluster", settings=settings(opened))
    except CannotSearch as error:
        key = "replicate_leak" if error.code == "unknown_condition" else f"search_{error.code}"
        facts = {"column": found.of(planned.outcome).outcome_column, **error.facts}
        raise InputError(key, file=file, **facts) from None
    planned = replace(planned, answered=answered, printed=_printed(opened, answered, found, locked=bool(study.lock)))
    state.write(_file(workspace), record.with_(planned))
    return planned, True


def _see(
    workspace: Path,
    asked: Asked,
    planned: Replication,
    people: pl.DataFrame,
    made: Definitions,
    found: Discovery,
    ask: Ask,
) -> None:
    """Ask before anything is paid: can it be seen here? No outcome is in the frame that is looked at."""
    from analysis.visible import sight

    study, recipe = asked.study, asked.recipe
    search = found.of(planned.outcome)
    usable = made.without(found.outcome_columns).used_by(search)
    if not {one.bare for one in planned.conditions} <= set(usable.places()):
        raise InputError("replicate_leak", file=recipe_mapping.mapping_file(workspace, recipe))
    columns = [one.name for one in (*study.characteristics, *study.adjust)]
    frame = people.select(columns)
    seen = sight(frame, usable, planned.conditions, effect_of(recipe), adjust=search.adjusted_for)
    if seen.people < study.limits.smallest_group:
        raise InputError("replicate_nobody", file=workspace / "study.toml", least=study.limits.smallest_group)
    left = study.attempts - attempts.used(workspace) if study.lock else 0
    if study.lock:
        attempts.refuse_if_spent(workspace, study)
    ask(
        Seen(
            recipe=recipe,
            people=max(round(seen.people, -1), 10),
            needed=max(-(-seen.needed // 10) * 10, 10),
            enough=seen.power >= ENOUGH,
            locked=bool(study.lock),
            left=left,
        )
    )


def _pay(workspace: Path, study: Study, planned: Replication, lead: Finding, people: int, at: datetime) -> None:
    """Put the test in the ledger, once, before an outcome is read. With a lock it is an attempt of the account."""
    facts: Mapping[str, int] = {"leads": 1} if study.lock else {"people": people}
    event, actor = study_event(
        study,
        attempts.ACTION if study.lock else ACTION,
        role="analyst",
        now=at,
        object_sha256=attempts.list_hash([lead]),
        params_sha256=attempts.terms(study) if study.lock else None,
        code="replicate",
        **facts,
    )
    ledger.append_once(workspace, event, f"replicate/{planned.key}", actor=actor)


def _lead(recipe: Recipe, planned: Replication) -> Finding:
    """Return the recipe as a lead in our names: its figures are the others', rounded as they came."""
    told = recipe.figures
    evidence = Evidence(
        people=max(told.people, told.observed if recipe.kind == "yes_no" else 0),
        observed=told.observed,
        expected=float(told.expected),
        expected_low=float(told.expected_low),
        expected_high=float(told.expected_high),
        expected_crude=float(told.expected),
        ratio_low=told.observed / told.expected_high if told.expected_high else float("nan"),
        ratio_high=told.observed / told.expected_low if told.expected_low else float("nan"),
        cells=(),
        follow_up=None if told.follow_up is None else float(told.follow_up),
        happened=None if recipe.kind == "yes_no" else told.observed,
    )
    return Finding(
        conditions=planned.conditions,
        direction=planned.direction,
        status="lead",
        above_parts=len(planned.conditions) == 2,
        p_search=1.0,
        p_confirm=None,
        search=evidence,
        reading=recipe.reading if len(planned.conditions) > 2 else "pair",
        proposed=True,
        outcome=planned.outcome,
    )


def _printed(opened: Run, answered: Finding, found: Discovery, *, locked: bool) -> Counts:
    """Let through what may be printed of the group, beside all that this study ever printed, and remember it."""
    from pipelines.release import gate_answer

    gate = publish.gate_of(opened)
    seen = answered.locked
    assert seen is not None
    finding = replace(answered, status="lead")
    if not locked:  # the same people whom the search's own figures are about: held against those
        finding = replace(finding, search=seen, locked=None)
    outcomes = Outcomes.of(found, read_account(opened).within)
    figures = gate_answer(Numbered(id="answer", finding=finding), gate, alpha=found.alpha, outcomes=outcomes)
    publish.remember(opened, gate)
    return counts_of(figures)


def _answer(asked: Asked, done: Replication, at: datetime) -> Answer:
    assert done.answered is not None
    assert done.printed is not None
    return rendered_answer(
        asked.sealed, asked.study, status=done.answered.status, seen=done.answered.locked, printed=done.printed,
        part=done.part, unmatched=done.unmatched, differences=done.differences, basis=done.basis,
        conditions=done.conditions, made=f"{at:%Y-%m-%d}", tried=done.at[:10],
    )  # fmt: skip


def _question(one: Replication) -> tuple[str, str | None, str]:
    return condition_key(one.conditions), one.outcome, one.direction


def _people_key(study: Study) -> str:
    """Return which people a test is about: with a lock those of the split, for its life; else those of the index date.

    A study whose terms change is another study to the account (`attempts.terms`).
    """
    when = "" if study.lock else str(study.reference_date)
    return _hash(study.id, study.key, attempts.terms(study), when)


def _hash(*texts: str) -> str:
    return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()[:32]


def _file(workspace: Path) -> Path:
    return atomic.make_private(workspace / "vault") / "replications.json"
