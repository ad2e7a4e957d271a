"""What stands in the way of a run, all of it at once, and what a run would take: before any row is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipelines import contract_changes, key_files, legal
from pipelines.contracts import Contract, read_contracts
from pipelines.errors import InputError
from pipelines.meaning import check_answers, extraction_days
from pipelines.pseudonymise import DISTRICTS
from pipelines.study import Study, inbox_folder, is_demo, read_study
from pipelines.study_check import check_contracts
from reports import catalogue
from reports.catalogue import Language

__all__ = ["check", "check_lines", "not_carried", "several_outcomes", "would_not_fit"]


def check(workspace: Path) -> list[InputError]:
    """Return everything that stands in the way of a run, all at once: study, contracts, files, key."""
    problems: list[InputError] = []
    workspace = workspace.resolve()
    study, contracts = None, {}
    try:
        study = read_study(workspace)
    except InputError as error:
        problems += getattr(error, "errors", [error])
    try:
        contracts = read_contracts(workspace)
    except InputError as error:
        problems += getattr(error, "errors", [error])
    if study is None and not is_demo(workspace):  # it cannot be read yet, but its registers' questions can be told
        problems += check_answers(contracts, tuple(contracts))
    if study is not None:
        from pipelines.ingest import missing_files

        if contracts:
            problems += not_carried(study, contracts, workspace)
        by_road = [name for name, one in contracts.items() if any(p.treatment == "district" for p in one.properties)]
        if by_road and not (workspace / DISTRICTS).exists():
            problems.append(InputError("districts_missing", file=DISTRICTS, register=by_road[0]))
        try:
            problems += missing_files(contracts, inbox_folder(study, workspace))
            problems += would_not_fit(workspace, contracts, study)
        except InputError as error:
            problems.append(error)
        if not study.demo and not key_files.path_of(study.key).exists():  # a demo's run makes it
            problems.append(InputError("key_missing", file=key_files.path_of(study.key)))
    return problems


def would_not_fit(workspace: Path, contracts: Mapping[str, Contract], study: Study) -> list[InputError]:
    """Return why a run on the files of the study's inbox would not fit on this machine."""
    from pipelines.estimate import estimate, refusals

    inbox = inbox_folder(study, workspace)
    return refusals(estimate(workspace, contracts, inbox, study)) if inbox.is_dir() else []


def check_lines(workspace: Path, language: Language) -> list[str]:
    """Return what `check` says beside what is missing: what a run takes, and columns that nobody has use for."""
    from pipelines.estimate import estimate, estimate_lines, idle_columns
    from pipelines.guards import may_be_clients, no_of_newcomers
    from pipelines.registers_told import contract_lines

    try:
        contracts = read_contracts(workspace)
        study = read_study(workspace)
        inbox = inbox_folder(study, workspace)
    except InputError:  # said among what is missing
        return []
    idle = ", ".join(f"{register}.{column}" for register, column in idle_columns(workspace, contracts))
    told = [catalogue.text(language, "estimate.idle", columns=idle)] if idle else []
    takes = estimate_lines(estimate(workspace, contracts, inbox, study), language) if inbox.is_dir() else []
    seen = contract_lines(study, contracts, extraction_days(contracts, inbox))
    said = [one.said(language) for one in seen]
    cure = [catalogue.text(language, "arrival.cure")] if no_of_newcomers(study, contracts) else []
    if may_be_clients(study, contracts):
        cure.append(catalogue.text(language, "clients.check", register=study.population.register))
    return [*takes, *told, *said, *cure, *several_outcomes(study, language)]


def several_outcomes(study: Study, language: Language) -> list[str]:
    """Say which outcomes share alpha, where a run searches more than one."""
    names = ", ".join(one.name for one in study.searched)
    facts: dict[str, str | int] = {"outcomes": names, "count": len(study.searched), "first": study.outcome.name}
    return [catalogue.text(language, "outcomes.searched", facts)] if len(study.searched) > 1 else []


def not_carried(study: Study, contracts: Mapping[str, Contract], workspace: Path) -> list[InputError]:
    """Return what of the study its contracts do not carry: a register without one, a column used as it may not be, a
    window over a break; and, for real data, the questions about each register that nobody has answered.
    """
    missing = [name for name in study.registers if name not in contracts]
    if missing:
        return [InputError("register_without_contract", file="study.toml", register=name) for name in missing]
    try:
        inbox = inbox_folder(study, workspace)
    except InputError:  # said elsewhere
        inbox = None
    unanswered = [] if study.demo else check_answers(contracts, study.registers)
    unanswered = legal.missing(study) + legal.prose_unsigned(study, contracts) + unanswered
    unapproved = contract_changes.refusals(workspace, contracts)
    return unanswered + unapproved + check_contracts(study, contracts, extraction_days(contracts, inbox))
