"""A run, from inbox to report: the steps in order, resumed where one was killed, moved in whole at the end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import (
    atomic,
    attempts,
    contract_changes,
    key_files,
    ledger,
    ledger_deletion,
    ledger_heads,
    proposals,
    state,
    tried,
    witness,
    workspaces,
)
from pipelines.alarm import clear_alarm
from pipelines.context import Run, Tell
from pipelines.contracts import read_contracts
from pipelines.dpo import write_page
from pipelines.errors import InputError, InputErrors
from pipelines.key_files import StudyKey
from pipelines.log import log_event, study_event
from pipelines.meaning import carried
from pipelines.progress import Progress
from pipelines.quarantine_decisions import with_released
from pipelines.steps import STEPS, Counts, read_account
from pipelines.study import read_study
from pipelines.workspace_check import not_carried, would_not_fit
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.answer import Answer
    from pipelines.signed_file import Sealed

DONE = "done.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """Where a run's outputs are, and what a person should know of it."""

    run_id: str
    report: Path
    dpo: Path
    package: Path | None
    lines: list[str] = field(default_factory=list)
    exit_code: int = 0


def step_names() -> tuple[str, ...]:
    """Return the names of a run's steps, in order."""
    return tuple(STEPS)


def run(
    workspace: Path,
    *,
    passphrase: str | None = None,
    confirm: bool = False,
    resume: bool = False,
    language: Language = Language.DA,
    progress: Progress | None = None,
) -> RunResult:
    """Take the whole way of a workspace and return where the outputs are.

    `confirm` opens the lock for the run's leads. `resume` goes on with the last run that was interrupted; without it
    an interrupted run is put aside, and a new one begins. Raises: InputError for what the user can mend: then nothing
    of this run is kept but the encrypted quarantine and the ledger's lines.
    """
    workspace = workspace.resolve()
    with atomic.folder_lock(workspace):
        restore(workspace)
        begun = begin(workspace, passphrase=passphrase, confirm=confirm, resume=resume)
        shown = progress or Progress.none()
        for number, name in enumerate(STEPS):
            with shown.step(name, number + 1, len(STEPS)) as line:
                line.result(**take(begun, name, line.update))
        return finish(begun, language)


def restore(workspace: Path) -> None:
    """Put back what a run that was killed while it moved its outputs in had moved away."""
    atomic.restore_folder(workspace / "draft")
    atomic.restore_folder(workspace / "vault" / "registers")


def begin(
    workspace: Path,
    *,
    passphrase: str | None = None,
    confirm: bool = False,
    resume: bool = False,
    by_person: bool = True,
) -> Run:
    """Open study, contracts and key, and return the run that the steps belong to: a new one, or the interrupted one.

    `by_person`: somebody asked for it, and the ledger says so; the night's runs are nobody's.
    """
    study = read_study(workspace)
    contracts = read_contracts(workspace)
    wrong = not_carried(study, contracts, workspace) or would_not_fit(workspace, contracts, study)
    if wrong:
        raise InputErrors(wrong)
    study = carried(study, contracts)
    contracts = with_released(contracts, workspace)
    key = _open_key(workspace, study.key, study.id, demo=study.demo, passphrase=passphrase)
    options = {
        "study": study.sha256,
        "contracts": {name: contract.sha256 for name, contract in contracts.items()},
        "released": [sorted(contract.released) for contract in contracts.values()],
        "try_leads": confirm,
        "whole_account": study.demo and confirm,
        "by_person": by_person,
        "proposals": proposals.fingerprint(workspace),
        "version": version("undring"),
        "format": state.FORMAT,
    }
    identity = _interrupted(workspace, options) if resume else _paid_unanswered(workspace, options)
    if confirm and study.lock and identity is None:
        attempts.refuse_if_spent(workspace, study)
    made = Run(
        workspace=workspace,
        study=study,
        contracts=contracts,
        key=key,
        id=identity or _next_id(workspace),
        try_leads=confirm,
        whole_account=bool(options["whole_account"]),
        by_person=bool(options["by_person"]),
    )
    if identity is None:
        _put_aside(workspace)
        atomic.make_private(made.folder)
        atomic.write_bytes(made.folder / "run.json", json.dumps(options, sort_keys=True, indent=1).encode())
    log_event(made, "start", "run.start")  # a line that a power cut left unfinished is mended first
    with _failing(made, "start"):
        refuse_other_account(made)
        contract_changes.note_first(workspace, study, contracts)
    return made


def take(run: Run, name: str, tell: Tell | None = None) -> Counts:
    """Take one step of a run, unless it was taken before the run was interrupted; return its counts.

    A step's marker is written when all that it writes is written, so a run killed anywhere takes the step again.
    """
    marker = run.folder / f"{name}.step.json"
    if marker.exists():
        counts: Counts = json.loads(marker.read_text(encoding="utf-8"))
        return counts
    with _failing(run, name):
        counts = STEPS[name](run, tell or _silent)
    atomic.write_bytes(marker, json.dumps(counts).encode())
    return counts


def finish(run: Run, language: Language) -> RunResult:
    """Move the run's outputs in, whole, and say where they are."""
    from pipelines.papers import REPORTS
    from pipelines.publish import last_lines

    if not (run.folder / DONE).exists():
        install_outputs(run)
        log_event(run, "end", "run.end", people=read_account(run).people)
        write_evidence(run)
        clear_alarm(run.workspace)
        atomic.write_bytes(run.folder / DONE, b"{}\n")
    draft = run.workspace / "draft"
    package = draft / "package"
    alone = hand_out_head(run, language)
    return RunResult(
        run_id=run.id,
        report=draft / f"{REPORTS[language]}.html",
        dpo=draft / "dpo.html",
        package=package if package.is_dir() else None,
        lines=[*last_lines(run, language), *alone],
        exit_code=3 if alone else 0,
    )


def demo(
    folder: Path,
    *,
    people: int = 20_000,
    seed: int = 1,
    null: bool = False,
    language: Language = Language.DA,
    progress: Progress | None = None,
) -> RunResult:
    """Make a synthetic municipality and take the whole way. Its key is made from its seed and hides nothing.

    Refuses a folder that holds something other than an earlier demo.
    """
    from pipelines.demo import make_municipality
    from pipelines.study import read_study as read

    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / "truth.json").exists():
        raise InputError("demo_folder", file=folder)
    shown = progress or Progress.none()
    shutil.rmtree(folder, ignore_errors=True)
    with shown.step("municipality", 0, len(STEPS)) as line:
        make_municipality(folder, people=people, seed=seed, null=null)
        line.result(people=people)
    study = read(folder)
    make_demo_key(study.key, study.id, seed=seed)
    workspaces.register(study.id, folder)
    return run(folder, confirm=True, language=language, progress=progress)


def make_demo_key(key_id: str, study: str, *, seed: int) -> None:
    """Write a demo's key file, in place of an older demo's of the same name."""
    from pseudonymisation import keys

    path = key_files.path_of(key_id)
    if path.exists():
        # raises unless it is a demo's: a real key is never replaced
        opened = key_files.open_key(key_id, key_files.DEMO_PASSPHRASE, allow_demo=True, study=study)
        if not opened.demo:
            raise InputError("key_exists", file=path)
        path.unlink()
    key_files.create(
        key_id, study=study, passphrase=key_files.DEMO_PASSPHRASE, secret=keys.demo_secret(seed), demo=True
    )


def confirm(
    workspace: Path, finding_id: str, *, passphrase: str | None = None, language: Language = Language.DA
) -> str:
    """Spend one attempt on one lead of the last run, write the draft anew, and return what came of it, in words.

    Raises: InputError where there is no such lead, it was tried before, or the account is empty.
    """
    from analysis.values import Discovery
    from pipelines import findings, steps
    from pipelines.unfit_told import unfit_sentence

    workspace = workspace.resolve()
    with atomic.folder_lock(workspace):
        study = read_study(workspace)
        if not study.lock:
            raise InputError("no_lock", file=workspace / "study.toml")
        entry = findings.entry(workspace, finding_id)
        if entry["p_confirm"] is not None:
            status = catalogue.text(language, f"status.{entry['status']}")
            raise InputError("finding_tried", file=workspace / "findings.json", finding=finding_id, status=status)
        last = last_done(workspace)
        if not (workspace / "runs" / last / f"batch-{finding_id}.json").exists():  # else it is paid, and was killed
            attempts.refuse_if_spent(workspace, study)
        begun = reopen_at(workspace, last, passphrase=passphrase)
        refuse_other_account(begun)
        found = state.read(begun.folder / "discovery.json", Discovery)
        key = entry["key"]
        lead = next((one for one in found.all_findings if findings.finding_key(one) == key), None)
        if lead is None:
            raise InputError("finding_unknown", file=workspace / "findings.json", finding=finding_id)
        answered = steps.try_leads(begun, found, [lead], _silent, name=finding_id)
        tried.add(workspace, answered.all_findings, study)
        after = tried.with_answers(found, tried.read(workspace, study))
        state.write(begun.folder / "confirmed.json", after)
        steps.release(begun, _silent)
        install_outputs(begun)
        write_evidence(begun)
        answer = next(one for one in after.all_findings if findings.finding_key(one) == key)
    left = study.attempts - attempts.used(workspace)
    words = catalogue.text(language, f"status.{answer.status}")
    done = catalogue.text(
        language, "confirm.done", finding=finding_id, status=words, left=left, attempts=study.attempts
    )
    return f"{done} {unfit_sentence(answer.unfit, language)}" if answer.unfit else done


def add_answer(workspace: Path, found: Sealed[Answer], file: Path, *, passphrase: str | None = None) -> None:
    """Take in another municipality's answer to a finding, and write the draft anew: the ladder may have a new step."""
    from pipelines import answers, steps

    workspace = workspace.resolve()
    with atomic.folder_lock(workspace):
        begun = reopen_at(workspace, last_done(workspace), passphrase=passphrase)
        answers.take_in(workspace, found, file)
        steps.release(begun, _silent)
        install_outputs(begun)
        write_evidence(begun)


def run_step(study_id: str, run_id: str, name: str) -> Counts:
    """Take one step of a study's run by ids alone: what a flow's task calls. Returns counts."""
    return take(reopen(study_id, run_id), name)


def reopen(study_id: str, run_id: str) -> Run:
    """Return a run that was begun, by its ids; the passphrase comes from where an unattended run has it."""
    return reopen_at(workspaces.find(study_id), run_id, passphrase=None)


def reopen_at(workspace: Path, run_id: str, *, passphrase: str | None) -> Run:
    """Return a run that was begun, by its folder."""
    contracts = with_released(read_contracts(workspace), workspace)
    study = carried(read_study(workspace), contracts)
    options = json.loads((workspace / "runs" / run_id / "run.json").read_text(encoding="utf-8"))
    return Run(
        workspace=workspace,
        study=study,
        contracts=contracts,
        key=_open_key(workspace, study.key, study.id, demo=study.demo, passphrase=passphrase),
        id=run_id,
        try_leads=bool(options["try_leads"]),
        whole_account=bool(options["whole_account"]),
        by_person=bool(options["by_person"]),
    )


def opened(workspace: Path, *, passphrase: str | None = None) -> Run:
    """Return a study opened with its key, outside any run: for what concerns one person."""
    workspace = workspace.resolve()
    study = read_study(workspace)
    return Run(
        workspace=workspace,
        study=study,
        contracts=read_contracts(workspace),
        key=_open_key(workspace, study.key, study.id, demo=study.demo, passphrase=passphrase),
        id="-",
        try_leads=False,
    )


def install_outputs(run: Run) -> None:
    """Move a run's draft and findings in, whole; what older runs left of people is removed."""
    from pipelines.publish import install

    install(run)
    for path in _runs(run.workspace):
        if path != run.folder:
            for sealed in path.glob("*.vault"):
                sealed.unlink()


def write_evidence(run: Run) -> None:
    """Sign the ledger's head, and write the DPO's page on what now lies in the workspace."""
    delete_due_months(run)
    ledger_heads.checkpoint(run.workspace)
    write_page(run, run.workspace / "draft" / "dpo.html")


def hand_out_head(run: Run, language: Language) -> list[str]:
    """Lay the ledger's head in the study's witness folder; where it is not there, say so: a person must mount it."""
    if not run.study.witness_folder:
        return []
    try:
        witness.hand_out(ledger_heads.checkpoint(run.workspace), run.workspace / run.study.witness_folder)
    except InputError as error:
        return [error.text(language)]
    return []


def delete_due_months(run: Run) -> None:
    """Delete the log's months that are past the study's period: the evidence stays."""
    event, actor = study_event(run.study, "log.delete", role="system", now=run.clock())
    ledger_deletion.delete_due(run.workspace, event, actor=actor, days=run.study.retention.log_days)


def refuse_other_account(run: Run) -> None:
    """Refuse before anything is read or spent where the account is not the one that was kept until now.

    Other terms than those the attempts were spent on; a ledger that does not go on from what was signed; or answers
    from the locked part that no attempt in the ledger has paid for.
    """
    attempts.refuse_if_changed(run.workspace, run.study)
    ledger_heads.checkpoint(run.workspace)
    if tried.read(run.workspace).findings and not attempts.used(run.workspace):
        raise InputError("ledger_changed", file=ledger.folder(run.workspace))


def last_done(workspace: Path) -> str:
    """Return the last run that is whole. Raises: InputError `no_findings`."""
    done = [path.name for path in _runs(workspace) if (path / DONE).exists()]
    if not done:
        raise InputError("no_findings", file=workspace / "findings.json")
    return done[-1]


def _open_key(workspace: Path, key_id: str, study: str, *, demo: bool, passphrase: str | None) -> StudyKey:
    if demo:
        if not key_files.path_of(key_id).exists():
            make_demo_key(key_id, study, seed=read_study(workspace).seed)
        passphrase = key_files.DEMO_PASSPHRASE
    elif passphrase is None:
        passphrase = key_files.read_passphrase(study)
    return key_files.open_key(key_id, passphrase, allow_demo=demo, study=study)


def quarantine_key(workspace: Path, passphrase: str) -> bytes:
    """Return the key that a workspace's quarantine is sealed with. Raises: InputError of the key file."""
    from pseudonymisation import keys

    study = read_study(workspace)
    opened = _open_key(workspace, study.key, study.id, demo=study.demo, passphrase=passphrase)
    return keys.derive(opened.secret, study=study.id, recipient="internal", kind="quarantine", epoch=0)


@contextmanager
def _failing(run: Run, name: str) -> Iterator[None]:
    """Note a failed step in the ledger; bad input leaves nothing of this run but quarantine and ledger."""
    try:
        yield
    except InputError as error:
        log_event(run, f"{name}/failed", "run.failed", outcome="failed", code=error.key)
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic in polars is no Exception
        log_event(run, f"{name}/failed", "run.failed", outcome="failed", code=type(error).__name__)
        raise


def _silent(share: float) -> None:
    """Progress that nobody looks at."""


def _runs(workspace: Path) -> list[Path]:
    return sorted(path for path in (workspace / "runs").glob("K-[0-9]*") if path.is_dir())


def _next_id(workspace: Path) -> str:
    """The next number: after every run folder, and after every run that the ledger knows (a failed one's is gone)."""
    known = [path.name for path in _runs(workspace)]
    known += [
        str(line.body["run"]) for line in ledger.evidence(workspace) if str(line.body.get("run", "")).startswith("K-")
    ]
    numbers = [int(name[2:].split("-")[0]) for name in known]
    return f"K-{max(numbers, default=0) + 1:04d}"


def _interrupted(workspace: Path, options: dict[str, object]) -> str | None:
    """The last run, if it was interrupted and nothing it was given has changed since."""
    runs = _runs(workspace)
    if not runs or (runs[-1] / DONE).exists() or not (runs[-1] / "run.json").exists():
        return None
    before = json.loads((runs[-1] / "run.json").read_text(encoding="utf-8"))
    if before.get("format") != state.FORMAT:
        raise InputError("resume_older", file="study.toml", run=runs[-1].name)
    if before != json.loads(json.dumps(options)):
        raise InputError("resume_changed", file="study.toml", run=runs[-1].name)
    return runs[-1].name


def _paid_unanswered(workspace: Path, options: dict[str, object]) -> str | None:
    """The last run, if it was killed after it had paid for attempts and before it kept the answers: it goes on.

    Begun anew it would be removed, and its answers with it. Raises: InputError `attempt_unanswered` where only the
    way of asking differs; with another study or contracts the question is another, and the old run is put aside.
    """
    runs = _runs(workspace)
    if not runs or (runs[-1] / DONE).exists() or not any(runs[-1].glob("batch-*.json")):
        return None
    if (runs[-1] / "confirm.step.json").exists() or not (runs[-1] / "run.json").exists():
        return None
    before = json.loads((runs[-1] / "run.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(options))
    if before == now:
        return runs[-1].name
    asked = ("try_leads", "whole_account", "by_person")
    if {**before, **{name: now[name] for name in asked}} == now:
        raise InputError("attempt_unanswered", file="study.toml", run=runs[-1].name)
    return None


def _put_aside(workspace: Path) -> None:
    """Remove what an interrupted run left: its encrypted steps serve nobody any more."""
    for path in _runs(workspace):
        if not (path / DONE).exists():
            shutil.rmtree(path, ignore_errors=True)
