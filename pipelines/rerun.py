"""`undring rerun RUN`: a run computed once more from its record, beside the workspace, and held against it.

Nothing is spent and nothing new is learnt. The steps write their ledger lines and attempts into a scratch folder,
which is removed; the real ledger gets one line, that somebody looked. The locked part is read only where study,
contracts, inputs and the search itself are the record's, and then for exactly the batches that the ledger says were
paid for: with anything changed, another look at the locked people would be an attempt. The test of itself reads
nobody's outcome there, and is always taken again.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from analysis.values import Discovery, Finding, SelfTest
from pipelines import atomic, attempts, ledger, objections, proposals, self_tests, state, steps
from pipelines import run as runs
from pipelines.account import RunAccount
from pipelines.context import Run
from pipelines.errors import InputError
from pipelines.findings import finding_key
from pipelines.landscapes import read_landscapes
from pipelines.log import study_event
from pipelines.progress import Progress
from pipelines.pseudonymise import DISTRICTS
from pipelines.study import inbox_folder

__all__ = ["Rerun", "differing", "rerun"]

TAKEN = ("ingest", "validate", "pseudonymise", "cohort", "split", "discover", "self_test")
SCRATCH = ".rerun-"
ANSWER = ("status", "p_confirm", "locked", "unfit")  # what an attempt says of a finding
CLOSE = 1e-9  # relative: the last digits of a sum may differ between two machines
# What hangs on the deliveries and runs before this one, which are not all kept: not held against the record.
LEFT_OUT = ("changes", "checks_passed", "checks_failed", "places")
Lock = Literal["none", "same_batches", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """What came of it: names and counts, never a value."""

    run: str
    compared: int
    differing: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]  # catalogue word, and of what
    lock: Lock

    @property
    def exit_code(self) -> int:
        """0: all agree. 3: not all, or not all was recomputed, and it is known why. 1: it is not known why."""
        if not self.differing and self.lock != "closed":
            return 0
        return 3 if self.reasons else 1


def rerun(workspace: Path, run_id: str, *, passphrase: str | None = None, progress: Progress | None = None) -> Rerun:
    """Compute a whole run once more and say what differs from its record.

    Raises: InputError `rerun_unknown` for a run that is not there or did not end, and what the files themselves raise.
    """
    workspace = workspace.resolve()
    folder = {path.name: path for path in (workspace / "runs").glob("K-[0-9]*")}.get(run_id)
    if folder is None or not (folder / runs.DONE).exists():
        done = [path.parent.name for path in sorted((workspace / "runs").glob(f"K-[0-9]*/{runs.DONE}"))]
        raise InputError("rerun_unknown", file="runs/", runs=", ".join(done[-5:]) or "–")
    with atomic.folder_lock(workspace):
        recorded = runs.reopen_at(workspace, run_id, passphrase=passphrase)
        options = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        begun = _begun_at(recorded)
        event, actor = study_event(recorded.study, "verify", role="analyst", run=run_id, code="rerun")
        ledger.append(workspace, event, actor=actor)
        with _scratch(workspace) as place:
            again = _again(recorded, place, begun)
            shown = progress or Progress.none()
            for number, name in enumerate(TAKEN):
                with shown.step(name, number + 1, len(TAKEN)) as line:
                    line.result(**steps.STEPS[name](again, line.update))
            reasons = _reasons(recorded, options, again, begun)
            before, after = _told(folder), _told(again.folder)
            lock = _answers(recorded, again, before, after, closed=bool(reasons) or bool(differing(before, after)))
    return Rerun(
        run=run_id,
        compared=len(before),
        differing=differing(before, after),
        reasons=tuple(reasons),
        lock=lock,
    )


def differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of the numbers that are not the same, and of those that stand on one side only."""
    return tuple(sorted(name for name in before.keys() | after.keys() if not _same(before, after, name)))


def _same(before: dict[str, Any], after: dict[str, Any], name: str) -> bool:
    if name not in before or name not in after:
        return False
    one, other = before[name], after[name]
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=CLOSE) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def _begun_at(recorded: Run) -> datetime | None:
    """Return when the run began, by the ledger: what `today` was to it. None where the log is gone."""
    found = [line for line in ledger.read(recorded.workspace)
             if line["action"] == "run.start" and line["run"] == recorded.id]  # fmt: skip
    return datetime.fromisoformat(str(found[0]["ts"])).astimezone(UTC) if found else None


@contextmanager
def _scratch(workspace: Path) -> Iterator[Path]:
    """Give a private folder in the workspace, removed whatever happens; what a kill left of an earlier one goes too."""
    for left in workspace.glob(f"{SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=workspace))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _again(recorded: Run, place: Path, begun: datetime | None) -> Run:
    """Return the run as it is taken again: the same study, contracts, key and day; another folder and ledger."""
    for name in (DISTRICTS, f"vault/{objections.FILE}", "vault/proposed.json"):
        source = recorded.workspace / name
        if source.exists():
            atomic.make_private((place / name).parent)
            shutil.copyfile(source, place / name)
    inbox = inbox_folder(recorded.study, recorded.workspace).resolve()
    study = replace(recorded.study, inbox=str(inbox))
    made = replace(recorded, workspace=place, study=study, try_leads=False)
    atomic.make_private(made.folder)
    return replace(made, clock=lambda: begun) if begun is not None else made


def _reasons(recorded: Run, options: dict[str, Any], again: Run, begun: datetime | None) -> list[tuple[str, str]]:
    """Return what is not as it was when the run was taken."""
    found = []
    if options["version"] != version("undring"):
        found.append(("version", str(options["version"])))
    if options["study"] != recorded.study.sha256:
        found.append(("study", "study.toml"))
    now = {name: contract.sha256 for name, contract in recorded.contracts.items()}
    names = sorted(name for name in now.keys() | options["contracts"].keys()
                   if now.get(name) != options["contracts"].get(name))  # fmt: skip
    if names:
        found.append(("contracts", ", ".join(names)))
    if options["released"] != [sorted(map(list, one.released)) for one in recorded.contracts.values()]:
        found.append(("released", "quarantine/"))
    if options["proposals"] != proposals.fingerprint(recorded.workspace):
        found.append(("proposals", "undring propose"))
    found += [("input", name) for name in _changed_files(recorded, again)]
    since = begun.isoformat() if begun is not None else ""
    acts = {line["action"] for line in ledger.read(recorded.workspace) if str(line["ts"])[:19] >= since[:19]}
    if acts & {"person.object", "person.erase"}:
        found.append(("rights", "undring person"))
    if begun is None:
        found.append(("today", "ledger/"))
    return found


def _changed_files(recorded: Run, again: Run) -> list[str]:
    def files(run: Run) -> dict[str, str]:
        told = state.read(run.folder / "account.json", RunAccount)
        return {f"{one.register}: {name}": digest for one in told.registers for name, digest in one.files}

    before, after = files(recorded), files(again)
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _told(folder: Path) -> dict[str, Any]:
    """Return every number that the steps wrote, by name: all but what the locked part answered."""
    account = asdict(state.read(folder / "account.json", RunAccount))
    for one in account["registers"]:
        for name in LEFT_OUT:
            one.pop(name)
    account["registers"] = {one["register"]: one for one in account["registers"]}
    found = state.read(folder / "discovery.json", Discovery)
    told = dict(_flat("account", account))
    search = asdict(found.with_findings((), tried=0))
    told.update(_flat("search", search))
    for one in found.all_findings:
        told.update(_flat(f"finding {finding_key(one)}", asdict(one)))
    for one, seen in zip(found.each, read_landscapes(folder, len(found.each)), strict=True):
        if seen.bins:  # a run of an earlier version has none
            told.update(_flat(f"landscape {one.label}" if one.label else "landscape", asdict(seen)))
    if (folder / self_tests.FILE).exists():
        told.update(_flat("self_test", asdict(state.read(folder / self_tests.FILE, SelfTest))))
    return told


def _answers(recorded: Run, again: Run, before: dict[str, Any], after: dict[str, Any], *, closed: bool) -> Lock:
    """Repeat the batches that the ledger paid for, and nothing else; add what they said to both sides."""
    batches = sorted(recorded.folder.glob("batch-*.json"))
    if not batches:
        return "none"
    evidence = ledger.evidence(recorded.workspace)
    paid = {str((line["object"] or {}).get("sha256")) for line in evidence if line["action"] == attempts.ACTION}
    found = state.read(again.folder / "discovery.json", Discovery)
    lists = [state.read(path, attempts.Batch) for path in batches]
    leads = [[one for one in found.all_findings if finding_key(one) in batch.keys] for batch in lists]
    if closed or any(attempts.list_hash(some) not in paid for some in leads):
        return "closed"
    answered = state.read(recorded.folder / "confirmed.json", Discovery)
    for path, some in zip(batches, leads, strict=True):
        shutil.copyfile(path, again.folder / path.name)
        name = path.stem.removeprefix("batch-")
        new = steps.try_leads(again, found, some, lambda share: None, name=name)
        keys = {finding_key(one) for one in some}
        _add(after, new.all_findings, keys)
        _add(before, answered.all_findings, keys)
    return "same_batches"


def _add(told: dict[str, Any], findings: Sequence[Finding], keys: set[str]) -> None:
    for one in findings:
        if finding_key(one) in keys and one.p_confirm is not None:
            answer = {name: value for name, value in asdict(one).items() if name in ANSWER}
            told.update(_flat(f"answer {finding_key(one)}", answer))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(f"{name}.{key}", part)
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _flat(f"{name}.{number}", part)
    else:
        yield name, value
