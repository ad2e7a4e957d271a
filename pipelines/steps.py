"""The steps of a run, in order. Each reads what the step before wrote, writes its own, and returns counts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from analysis.values import Discovery, Finding

if TYPE_CHECKING:
    from analysis import Asked, Definitions, Settings
    from analysis.confirm import LookFor
    from analysis.robustness import Look
    from pipelines.delivery_changes import Changes
    from pipelines.ingest import Ingested
    from pipelines.stage import Stage
    from pipelines.validate import Check
from pipelines import account, atomic, attempts, patterns, proposals, state, tried, vault
from pipelines.account import RegisterAccount, RunAccount
from pipelines.context import INTERNAL_EPOCH, Run, Tell
from pipelines.errors import InputError
from pipelines.findings import finding_key
from pipelines.log import log_event
from pipelines.redone import again_columns, with_either
from pipelines.release_outcomes import within
from pipelines.study import inbox_folder

Counts = dict[str, int]
YEAR = "index_year"  # the cohort's column of each person's year, where people have index dates of their own
Step = Callable[[Run, Tell], Counts]


def ingest(run: Run, tell: Tell) -> Counts:
    """Read every register by its contract; refused rows go to quarantine, the rest to an encrypted stage."""
    from pipelines import objections
    from pipelines.ingest import ingest_register
    from pipelines.validate import load

    load()  # the next step asks for it
    inbox = inbox_folder(run.study, run.workspace)
    accounts = []
    for number, contract in enumerate(run.contracts.values()):
        taken = ingest_register(
            contract,
            inbox,
            today=run.clock().date(),
            keep_rejected=partial(_keep_rejected, run, contract.register),
            sealed_in=(run.folder / "stage", run.subkey("vault")),
            only=partial(objections.without_objectors, run, contract),
            only_refused=partial(objections.refused_without_objectors, run),
        )
        accounts.append(_way_in(taken))
        content = sha256("".join(sorted(file.sha256 for file in taken.files)).encode()).hexdigest()
        log_event(
            run,
            f"ingest/{contract.register}",
            "ingest",
            register=contract.register,
            rows=taken.rows_read,
            object_sha256=content,
        )
        tell((number + 1) / len(run.contracts))
    state.write(run.folder / "account.json", RunAccount(registers=tuple(accounts)))
    return {
        "files": sum(len(a.files) for a in accounts),
        "rows": sum(a.rows for a in accounts),
        "refused": sum(a.refused for a in accounts),
    }


def validate(run: Run, tell: Tell) -> Counts:
    """Hold every staged register to the expectations of its contract; keep counts only."""
    from pipelines.validate import validate_register

    before = read_account(run)
    done = []
    known = _population(run)
    for number, one in enumerate(before.registers):
        verdict = validate_register(run.contracts[one.register], _staged(run, one.register).frames(), population=known)
        failed = tuple((check.id, check.column) for check in verdict.checks if not check.passed)
        strangers = sum(check.failed_rows for check in verdict.checks if check.id == "known_people")
        passed = len(verdict.checks) - len(failed)
        done.append(replace(one, checks_passed=passed, checks_failed=failed, strangers=strangers))
        tell((number + 1) / len(before.registers))
    state.write(run.folder / "account.json", replace(before, registers=tuple(done)))
    return {
        "checks": sum(a.checks_passed + len(a.checks_failed) for a in done),
        "failed": sum(len(a.checks_failed) for a in done),
    }


def pseudonymise(run: Run, tell: Tell) -> Counts:
    """Turn people into pseudonyms and put the registers in the vault; the identified stage is removed."""
    from pipelines import aliases, mass_days, objections
    from pipelines.delivery_checks import check_delivery
    from pipelines.parts import joined, one_row_each
    from pipelines.pseudonymise import pseudonymise_register, read_districts
    from pipelines.register_names import names_for_redaction

    before = read_account(run)
    new = run.folder / "registers"
    shutil.rmtree(new, ignore_errors=True)
    done, dropped = [], []
    districts = read_districts(run.workspace)
    names = names_for_redaction(run.contracts, inbox_folder(run.study, run.workspace), today=run.clock().date())
    newest = _newest_numbers(run, before)
    parts_of: dict[str, pl.DataFrame] = {}
    population = 0
    # A population's parts come first: their columns become its own.
    for number, one in enumerate(sorted(before.registers, key=lambda one: not run.contracts[one.register].part_of)):
        contract = run.contracts[one.register]
        moved = 0
        kept: list[pl.DataFrame] = []
        with vault.Register(new, one.register, run.subkey("vault")) as register:
            for identified in _staged(run, one.register).frames(ordered=True):
                whole, rows = aliases.of_people(contract, identified, newest)
                moved += rows
                staged = aliases.under_newest(contract, whole, newest)
                part = objections.without_objectors(run, contract, staged)  # who objected since it was staged, too
                coded = pseudonymise_register(
                    contract,
                    mass_days.treated(part, one.mass_days),
                    secret=run.key.secret,
                    study=run.study.id,
                    epoch=INTERNAL_EPOCH,
                    reference_date=run.study.reference_date,
                    districts=districts,
                    names=names,
                )
                frame = coded.frame
                for name in sorted(parts_of) if contract.population else ():
                    frame = joined(frame, parts_of[name], contract.parts)
                if contract.part_of:
                    kept.append(frame)
                register.add(frame)
        if contract.part_of:
            parts_of[one.register] = one_row_each(kept, latest=[p.name for p in contract.properties if p.arrival])
        people = register.people  # counted anew each time it is asked for
        if contract.population:
            population = people
        dropped += [(one.register, column.name) for column in contract.properties if column.dropped]
        done.append(replace(one, people=people, renumbered=moved))
        log_event(run, f"pseudonymise/{one.register}", "pseudonymise", register=one.register, people=people)
        tell((number + 1) / len(before.registers))
    checked = check_delivery(run, new)
    done = sorted(done, key=lambda one: one.register)
    done = [_checked(one, *checked[one.register]) for one in done]
    atomic.make_private(run.vault)
    atomic.swap_folder(new, run.vault / "registers")
    told = replace(before, registers=tuple(done), dropped_columns=tuple(dropped), renumbered=len(set(newest.values())))
    state.write(run.folder / "account.json", told)
    return {"people": population, "dropped": len(dropped)}


def cohort(run: Run, tell: Tell) -> Counts:
    """Join the vault's registers into one row a person: characteristics before the index date, outcomes after it."""
    from pipelines.cohort_shards import vault_cohort
    from pipelines.estimate import note_columns

    shutil.rmtree(run.folder / "stage", ignore_errors=True)  # the vault holds it now, without identities
    made = vault_cohort(run.study, run.vault / "registers", run.subkey("vault"), tell=lambda share: tell(0.8 * share))
    vault.write_frame(run.folder / "cohort.vault", made.frame, run.subkey("vault"))
    atomic.write_text(run.folder / "cohort.sql", made.sql)
    note_columns(run.study, run.folder)
    outcome = run.study.outcome.name
    state.write(
        run.folder / "account.json",
        replace(
            read_account(run),
            flow=tuple(made.flow),
            notes=(*made.notes, *([("halved", made.halvings)] if made.halvings else [])),
            levels=levels(run),
            people=made.frame.height,
            outcomes=int(made.frame[outcome].sum() or 0),
            outcome=outcome,
            within=within(made.frame, [one.name for one in run.study.searched]),
            others=tuple((one.name, int(made.frame[one.name].sum() or 0)) for one in run.study.searched[1:]),
        ),
    )
    return {"people": made.frame.height, "characteristics": len(run.study.characteristics)}


def levels(run: Run) -> tuple[tuple[str, int], ...]:
    """Return what registers that cannot be linked say of the outcome's level: how many different numbers have it."""
    from pipelines.level import how_many

    read = partial(vault.read_register, run.vault / "registers", key=run.subkey("vault"))
    return tuple((one.name, how_many(one, read(one.register), run.study.index_day)) for one in run.study.levels)


def split(run: Run, tell: Tell) -> Counts:
    """Lock a share of the people away, by household, for ever the same ones."""
    from pipelines.split import draw_lock

    frame = vault.read_frame(run.folder / "cohort.vault", run.subkey("vault"))
    locked = draw_lock(frame["cluster"], key=run.subkey("split"), share=run.study.lock).alias("locked")
    vault.write_frame(run.folder / "split.vault", frame.with_columns(locked), run.subkey("vault"))
    log_event(run, "split", "split", people=frame.height, params_sha256=attempts.terms(run.study))
    tell(1.0)
    return {"people": frame.height, "locked": int(locked.sum())}


def discover(run: Run, tell: Tell) -> Counts:
    """Search every combination in the searched people, for each outcome."""
    from analysis import Asked, CannotSearch, search_outcomes, with_proposals
    from analysis.confirm import with_locked
    from analysis.landscape import landscapes
    from pipelines.landscapes import write_landscapes

    frame = parts(run)
    file, names = run.workspace / "study.toml", [variable.name for variable in run.study.characteristics]
    people, searched = frame.select(names), frame.filter(~pl.col("locked"))
    types, look = dict(people.schema), looker(run)

    def shown(asked: Asked, some: pl.DataFrame) -> Look:
        return with_proposals(proposals.as_conditions(run.workspace, people, asked.column), look(asked, some))

    try:
        made = definitions(run, frame)
        found = search_outcomes(
            searched,
            made,
            [Asked(column=one.name, kind=one.kind, follow_up=one.follow_up) for one in run.study.searched],
            adjust=[variable.name for variable in run.study.adjust],
            cluster="cluster",
            settings=settings(run),
            progress=tell,
            look=shown,
            taken=[patterns.conditions(patterns.parse(one, file=file), types, file=file) for one in run.study.known],
        )
    except CannotSearch as error:
        facts = {"column": run.study.outcome.name, **error.facts}
        raise InputError(f"search_{error.code}", file=file, **facts) from None
    found = with_locked(found, frame.filter(pl.col("locked")))
    seen = landscapes(searched, made, found, cluster="cluster", settings=settings(run))
    write_landscapes(run.folder, seen)
    state.write(run.folder / "discovery.json", found)
    log_event(run, "analyse", "analyse", people=searched.height)
    counts = {"searched": found.searched_in_all, "tested": found.tested_in_all}
    return {**counts, "findings": len(found.all_findings)}


def confirm(run: Run, tell: Tell) -> Counts:
    """Try the leads in the locked people, once; the ledger has the list before any outcome there is read."""
    found = state.read(run.folder / "discovery.json", Discovery)
    earlier = tried.read(run.workspace, run.study)
    open_statuses = ("discovered",) if run.whole_account else ("discovered", "lead")
    leads = [
        one
        for one in found.all_findings
        if (one.status in open_statuses or (one.proposed and one.status == "lead"))
        and finding_key(one) not in earlier.keys
    ]
    if run.try_leads and leads and any(one.people_locked for one in found.each):
        answered = try_leads(run, found, leads, tell, name="run")
        tried.add(run.workspace, answered.all_findings, run.study)
    after = tried.read(run.workspace, run.study)
    state.write(run.folder / "confirmed.json", tried.with_answers(found, after))
    new = [one for one in after.findings if finding_key(one) not in earlier.keys]
    return {"tried": len(new), "confirmed": sum(one.status == "confirmed" for one in new)}


def self_test(run: Run, tell: Tell) -> Counts:
    """Take the search and its confirmation on outcomes drawn from the background: how often are they wrong?"""
    from pipelines.self_tests import test_itself

    told = test_itself(run, tell)
    return {"runs": told.placebo_runs, "false": told.placebo_discovered}


def release(run: Run, tell: Tell) -> Counts:
    """Let through what may be printed, and write report, data files and package to the run's draft."""
    from pipelines.publish import publish

    return publish(run, tell)


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "ingest": ingest,
        "validate": validate,
        "pseudonymise": pseudonymise,
        "cohort": cohort,
        "split": split,
        "discover": discover,
        "confirm": confirm,
        "self_test": self_test,
        "release": release,
    }
)


def read_account(run: Run) -> account.RunAccount:
    """Return what the run has counted so far."""
    return state.read(run.folder / "account.json", RunAccount)


def parts(run: Run) -> pl.DataFrame:
    """Return the cohort with its `locked` column."""
    return vault.read_frame(run.folder / "split.vault", run.subkey("vault"))


def definitions(run: Run, frame: pl.DataFrame) -> Definitions:
    """Return the characteristics of everybody; no outcome is looked at."""
    from analysis import define

    names = [variable.name for variable in run.study.characteristics]
    return define(frame.select(names), columns=names, settings=settings(run))


def settings(run: Run) -> Settings:
    """Return what the study decided before the search."""
    from analysis import Settings

    study = run.study
    return Settings(
        max_order=study.max_order,
        scale=study.scale,
        alpha=study.alpha,
        outcomes=len(study.searched),
        floor_people=study.limits.search_floor,
        floor_expected=study.limits.search_expected,
        seed=study.seed,
    )


def try_leads(run: Run, found: Discovery, leads: Sequence[Finding], tell: Tell, *, name: str) -> Discovery:
    """Spend attempts on these leads: the ledger has the list first; then the locked people's outcomes are read.

    The batch is written down in the run's folder, so that a run that is killed here goes on with the same one.
    """
    file = run.folder / f"batch-{name}.json"
    if file.exists():
        batch = state.read(file, attempts.Batch)
    else:
        batch = attempts.batch(
            leads,
            alpha=run.study.alpha,
            attempts=run.study.attempts,
            spent=attempts.used(run.workspace),
            whole_account=run.whole_account,
            file=run.workspace / "study.toml",
        )
        state.write(file, batch)
    log_event(
        run,
        f"attempt/{name}",
        "attempt",
        leads=batch.spends,
        object_sha256=batch.sha256,
        params_sha256=attempts.terms(run.study),
    )
    from analysis import confirm as try_in_locked

    frame = parts(run)
    locked = frame.filter(pl.col("locked"))
    return try_in_locked(
        found,
        locked,
        definitions(run, frame),
        [one for one in leads if finding_key(one) in batch.keys],
        level=batch.level,
        cluster="cluster",
        settings=settings(run),
        progress=tell,
        look=looker(run),
        answer_all=True,
    )


def looker(run: Run) -> LookFor:
    """Return what holds an outcome's findings against other cut-offs, years and the study's negative controls."""
    from analysis import looker as made

    study = run.study
    outcomes = {one.name: one for one in study.searched}

    def look(asked: Asked, people: pl.DataFrame) -> Look:
        outcome = outcomes[asked.column]
        frame = with_either(outcome, people)
        return made(
            frame, settings=settings(run), years=YEAR if YEAR in frame.columns else None,
            controls=study.negative_controls,
            again=[name for name in again_columns(study, outcome) if name in frame.columns],
            without=[study.care_home] if study.care_home is not None else [],
        )  # fmt: skip

    return look


def _checked(one: RegisterAccount, checks: Sequence[Check], changes: Changes) -> RegisterAccount:
    failed = tuple((check.id, check.column) for check in checks if not check.passed)
    return replace(
        one,
        changes=changes,
        checks_passed=one.checks_passed + len(checks) - len(failed),
        checks_failed=(*one.checks_failed, *failed),
    )


def _newest_numbers(run: Run, before: account.RunAccount) -> dict[str, str]:
    """Return the newest number of everybody who had another: of all registers that say, before any is hashed."""
    from pipelines import aliases, objections

    pairs = (
        pair
        for contract in (run.contracts[one.register] for one in before.registers)
        if (columns := aliases.columns_that_say(contract))
        for frame in _staged(run, contract.register).frames(columns)
        for pair in aliases.newest_numbers(contract, frame)
    )
    newest = aliases.keep(run, pairs)
    objections.follow(run, newest)
    return newest


def _keep_rejected(run: Run, register: str, rejected: Iterator[pl.DataFrame]) -> None:
    from pipelines import quarantine

    quarantine.keep(run.workspace, run.id, register, rejected, key=run.subkey("quarantine"))


def _way_in(taken: Ingested) -> RegisterAccount:
    rows = max(taken.rows, 1)
    return RegisterAccount(
        register=taken.register,
        files=tuple((file.name, file.sha256) for file in taken.files),
        rows=taken.rows_read,
        refused=taken.rows_rejected,
        reasons=tuple(sorted(taken.reasons.items(), key=lambda item: (-item[1], item[0]), reverse=False)),
        duplicates=taken.duplicates,
        again=taken.again,
        modulus=taken.modulus,
        places=taken.places,
        repaired=sum(taken.repaired.values()),
        mass_days=taken.mass_days,
        missing=tuple((name, gap / rows) for name, gap in taken.missing.items()),
    )


def _population(run: Run) -> pl.Series | None:
    """The identities of everybody that the population register knows: who an event may be about."""
    for contract in run.contracts.values():
        if contract.population:
            person = next((one.name for one in contract.properties if one.role == "person_identifier"), None)
            return (
                None
                if person is None
                else pl.concat(frame[person] for frame in _staged(run, contract.register).frames([person]))
            )
    return None


def _staged(run: Run, register: str) -> Stage:
    from pipelines.stage import Stage

    return Stage.of(run.folder / "stage" / register, register, run.subkey("vault"))
