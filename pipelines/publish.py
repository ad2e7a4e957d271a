"""The last step: what may be printed becomes report, data files, DPO page and package, and is moved in whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis.values import Discovery
from pipelines import answers, atomic, attempts, findings, self_tests, state, vault
from pipelines.context import Run, Tell
from pipelines.fund import notes_of
from pipelines.gate import Gate, Published
from pipelines.ingest import bad_row_lines
from pipelines.landscapes import read_landscapes
from pipelines.learning import read_learning
from pipelines.log import log_event
from pipelines.meaning import extraction_days
from pipelines.papers import DRAFT
from pipelines.printing import print_pages, write_pages
from pipelines.registers_told import seen
from pipelines.release import Gated, gate_findings, rounded_reasons
from pipelines.release_landscape import gate_landscapes, with_landscapes
from pipelines.release_record import notices
from pipelines.release_seen import seen_words
from pipelines.steps import Counts, read_account
from pipelines.study import Outcome, inbox_folder
from pipelines.unfit_told import unfit_lines
from pipelines.words import both, known_words, meant, study_words
from reports import catalogue
from reports.catalogue import Language
from reports.values import (
    AlsoSearched,
    LeftOutColumn,
    Missing,
    Report,
    Source,
    Technical,
    Words,
)
from reports.values import Outcome as OutcomeWords

PACKAGES = (
    "polars",
    "duckdb",
    "numpy",
    "scipy",
    "numba",
    "scikit-learn",
    "great-expectations",
    "cryptography",
    "weasyprint",
)


def publish(run: Run, tell: Tell) -> Counts:
    """Write the run's draft: report in both languages as HTML and PDF, data files, package; return counts."""
    found = state.read(run.folder / "confirmed.json", Discovery)
    items = findings.numbered(
        found.all_findings, prefix=f"F-{run.clock().year}-", known=findings.known_ids(run.workspace)
    )
    gate = gate_of(run)
    items, elsewhere = answers.with_standing(run.workspace, items, run.study, locked=bool(found.people_locked))
    gated = gate_findings(
        found,
        items,
        gate=gate,
        publish_from=run.study.publish_from if found.people_locked else "discovered",
        columns=study_words(run.study),
        notes=notes_of(run.workspace, items, study_words(run.study), first=found.outcome_column),
        objection=both("objection.shared_cause"),
        service_objection=both("objection.service"),
        outcomes={one.name: one.label for one in run.study.outcomes},
        within=read_account(run).within,
        elsewhere=elsewhere,
        care_home=run.study.care_home,
    )
    landscapes = read_landscapes(run.folder, len(found.each))
    pictures = gate_landscapes(landscapes, found, items, gated, gate=gate, columns=study_words(run.study))
    report = _report(run, found, gated, gate)
    told = seen(
        run.study, run.contracts, read_account(run), found, gate=gate, outcomes=report.outcomes,
        extracted=extraction_days(run.contracts, inbox_folder(run.study, run.workspace)),
    )  # fmt: skip
    report = with_landscapes(replace(report, seen=told, held_back=gate.held_back), pictures)
    tell(0.2)
    draft = run.folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    atomic.make_private(draft)
    pages = write_pages(draft, report, mark=DRAFT)
    tell(0.4)
    printed = print_pages(draft, pages)
    tell(0.8)
    package = _package(run, draft)
    state.write(run.folder / "report.json", report)
    findings.write_json(run.folder / "findings.json", findings.as_json(found, items, rounded=False))
    _remember(run, gate)
    printed_sha256 = hashlib.sha256((draft / "fund.json").read_bytes()).hexdigest()
    log_event(run, "report", "report", people=found.people, object_sha256=printed_sha256)
    tell(1.0)
    return {"cards": len(report.cards), "held_back": gate.held_back, "pdf": int(printed), "package": package}


def gate_of(run: Run) -> Gate:
    """Return the gate that everything of a study is printed through: its limits, and what it printed before."""
    return Gate(
        key=run.subkey("rounding"),
        smallest_group=run.study.limits.smallest_group,
        smallest_difference=run.study.limits.smallest_difference,
        published=_published(run),
    )


def remember(run: Run, gate: Gate) -> None:
    """Keep for good what a gate let through outside a run: the next figures are held against it."""
    _remember(run, gate)
    install(run)


def install(run: Run) -> None:
    """Move the run's outputs to where people look for them; until then yesterday's stand."""
    findings_file = run.folder / "findings.json"
    if findings_file.exists():
        findings_file.replace(run.workspace / "findings.json")
    held = run.folder / "published.vault"
    if held.exists():  # sealed anew: a sealed file's place is part of what is sealed
        key = run.subkey("vault")
        vault.write_frame(run.vault / "published.vault", vault.read_frame(held, key), key)
    if (run.folder / "draft").is_dir():
        atomic.swap_folder(run.folder / "draft", run.workspace / "draft")


def last_lines(run: Run, language: Language) -> list[str]:
    """Return what a person should know when a run is done: refused rows by place, findings that could not be shown."""
    from pipelines.cohort_told import note_lines
    from pipelines.delivery_told import delivery_lines

    account = read_account(run)
    written = state.read(run.folder / "report.json", Report).seen
    told = [f"  {one.said(language)}" for one in written]
    return [
        *([f"{catalogue.text(language, 'registers.heading')}:", *told] if told else []),
        *bad_row_lines(language, account.registers),
        *delivery_lines(run, language),
        *note_lines(account.notes, language, gate_of(run)),
        *_unfit(run, language),
    ]


def _unfit(run: Run, language: Language) -> list[str]:
    """Say which leads of this run's batch could not be weighed in the locked part, and why."""
    batch = run.folder / "batch-run.json"
    if not batch.exists():
        return []
    tried = state.read(batch, attempts.Batch).keys
    found = state.read(run.folder / "confirmed.json", Discovery)
    labels = {one.name: one.label for one in run.study.outcomes}
    lines = unfit_lines(found, labels.__getitem__, language, of=lambda one: findings.finding_key(one) in tried)
    return [f"  {line}" for line in lines]


def _report(run: Run, found: Discovery, gated: Gated, gate: Gate) -> Report:
    study, account = run.study, read_account(run)
    outcome = study.outcome
    labels = {one.name: one.label for one in study.variables}
    return Report(
        title=study.title,
        controller=study.controller,
        dpo_contact=study.dpo,
        made=run.clock().date(),
        draft=True,
        demo=study.invented,
        own_eyes=False,
        population=study.population.label,
        population_definition=study.population.definition,
        index_date=study.reference_date,
        period=meant(outcome),
        people=gate.total("people", found.people),
        people_searched=gate.total("people_searched", found.people_searched),
        people_locked=gate.total("people_locked", found.people_locked),
        lock_share=study.lock if found.people_locked else 0.0,
        publish_from=study.publish_from if found.people_locked else "discovered",
        outcome=_words(outcome, run),
        outcomes=gate.total("outcomes", account.outcomes),
        adjusted_for=tuple(labels.get(name, Words(da=name, en=name)) for name in found.adjusted_for),
        not_adjusted_for=study.not_adjusted_for,
        cards=gated.cards,
        fallen=gated.fallen,
        funnel=gated.funnel,
        sources=tuple(_source(run, one, gate) for one in account.registers),
        missing=_missing(run, account, gate),
        left_out=tuple(
            LeftOutColumn(column=labels.get(one.column, Words(da=one.column, en=one.column)), reason=one.reason)
            for one in found.left_out
        )
        + _left_out_of_others(run, found, labels),
        cohort_flow=tuple(
            (both(f"flow.{reason}"), gate.total(f"flow|{reason}", people)) for reason, people in account.flow
        ),
        held_back=gate.held_back,
        legal_basis=study.legal_basis,
        purpose=study.purpose,
        technical=Technical(
            run_id=run.id,
            version=version("undring"),
            alpha=study.alpha,
            lock_share=study.lock,
            attempts=study.attempts,
            attempts_used=attempts.used(run.workspace),
            max_order=study.max_order,
            smallest_group=study.limits.smallest_group,
            smallest_difference=study.limits.smallest_difference,
            search_floor=study.limits.search_floor,
            study_sha256=study.sha256,
            packages=tuple((name, version(name)) for name in PACKAGES),
        ),
        outcome_column=found.outcome_column,
        outcome_positive=found.outcome_positive,
        kind=found.kind,
        scale=found.scale,
        unit=outcome.unit if found.follow_up_column is not None else None,
        dispersion=round(found.dispersion, 1),
        lessons=read_learning(run.workspace),
        known=tuple(known_words(one, study_words(study)) for one in found.known),
        **self_tests.printed(self_tests.answer_of(run)),
        withdrawn=notices(run.workspace),
        changed_contracts=_changed_contracts(run),
        others=tuple(_other(one, found, gate, dict(account.others), run) for one in study.searched[1:]),
    )


def _changed_contracts(run: Run) -> tuple[Words, ...] | None:
    """Return the registers whose contract is not as in the run before, or None for the first run."""
    from pipelines.run import DONE

    done = [path.parent / "run.json" for path in (run.workspace / "runs").glob(f"K-[0-9]*/{DONE}")]
    before = sorted(path for path in done if path.parent.name < run.id and path.exists())
    if not before:
        return None
    then = json.loads(before[-1].read_text(encoding="utf-8"))["contracts"]
    now = {name: contract.sha256 for name, contract in run.contracts.items()}
    changed = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return tuple(_register_name(run, name) for name in changed)


def _register_name(run: Run, register: str) -> Words:
    contract = run.contracts.get(register)
    if contract is None:
        return Words(da=register, en=register)
    return Words(da=contract.label_da or register, en=contract.label_en or register)


def _words(outcome: Outcome, run: Run) -> OutcomeWords:
    return OutcomeWords(
        label=outcome.label,
        more=outcome.more,
        fewer=outcome.fewer,
        past=outcome.past,
        definition=meant(outcome),
        seen=seen_words(outcome, run.contracts),
    )


def _other(outcome: Outcome, found: Discovery, gate: Gate, counts: Mapping[str, int], run: Run) -> AlsoSearched:
    """Return what the report says of an outcome beside the first."""
    mine = found.of(outcome.name)
    return AlsoSearched(
        column=outcome.name,
        positive=mine.outcome_positive,
        words=_words(outcome, run),
        period=meant(outcome),
        outcomes=gate.total(f"outcomes {outcome.name}", counts[outcome.name]),
        kind=mine.kind,
        unit=outcome.unit if mine.follow_up_column is not None else None,
        dispersion=round(mine.dispersion, 1),
    )


def _left_out_of_others(run: Run, found: Discovery, labels: Mapping[str, Words]) -> tuple[LeftOutColumn, ...]:
    """Return the columns that give another outcome than the first away, each with its outcome."""
    left = []
    for search in found.others:
        for name in search.leaked:
            label, of = labels.get(name, Words(da=name, en=name)), labels[search.outcome_column]
            words = both("outcomes.leaked", column=label, outcome=of)
            left.append(LeftOutColumn(column=words, reason="gives_outcome_away"))
    return tuple(left)


def _source(run: Run, one: Any, gate: Gate) -> Source:
    name = _register_name(run, one.register)
    reasons = [(reason, both(f"row.{reason}"), rows) for reason, rows in one.reasons]
    return Source(
        name=name,
        files=len(one.files),
        rows=gate.total(f"{one.register}|rows", one.rows),
        refused=gate.total(f"{one.register}|refused", one.refused),
        refused_reasons=rounded_reasons(reasons, gate, one.register),
        duplicates=gate.total(f"{one.register}|duplicates", one.duplicates),
        checks_passed=one.checks_passed,
        checks_failed=tuple(_failed(run, one.register, check, column) for check, column in one.checks_failed),
    )


def _failed(run: Run, register: str, check: str, column: str) -> Words:
    rule, name = both(f"check.expectation.{check}"), _column_label(run, register, column)
    return both("check.failed", column=name, rule=rule)


def _missing(run: Run, account: Any, gate: Gate) -> tuple[Missing, ...]:
    shares = [
        (printed, one.register, column)
        for one in account.registers
        for column, share in one.missing
        if _kept(run, one.register, column)
        for printed in [gate.share(f"{one.register}|{column}", share, of=one.rows - one.refused - one.duplicates)]
        if printed is not None and printed >= 0.01
    ]
    worst = sorted(shares, key=lambda entry: (-entry[0], entry[1], entry[2]))[:12]
    return tuple(
        Missing(column=_column_label(run, register, column), percent=round(100 * share))
        for share, register, column in worst
    )


def _kept(run: Run, register: str, column: str) -> bool:
    return all(one.treatment != "drop" for one in run.contracts[register].properties if one.name == column)


def _column_label(run: Run, register: str, column: str) -> Words:
    contract = run.contracts[register]
    for one in contract.properties:
        if one.name == column:
            return Words(
                da=f"{contract.label_da or register}: {one.label_da or column}",
                en=f"{contract.label_en or register}: {one.label_en or column}",
            )
    return Words(da=column, en=column)


def _package(run: Run, draft: Path) -> int:
    if run.study.package is None:
        return 0
    from pipelines.package import write_package

    return write_package(run, draft / "package")


def _published(run: Run) -> dict[str, Published]:
    path = run.vault / "published.vault"
    if not path.exists():
        return {}
    frame = vault.read_frame(path, run.subkey("vault"))
    return {row["cell"]: Published(printed=row["printed"], true=row["true"]) for row in frame.iter_rows(named=True)}


def _remember(run: Run, gate: Gate) -> None:
    import polars as pl

    known = {**gate.published, **gate.now}
    rows = [(cell, known[cell].printed, float(known[cell].true)) for cell in sorted(known)]
    frame = pl.DataFrame(rows, schema={"cell": pl.String, "printed": pl.Int64, "true": pl.Float64}, orient="row")
    vault.write_frame(run.folder / "published.vault", frame, run.subkey("vault"))
