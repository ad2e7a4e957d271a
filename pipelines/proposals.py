"""An analyst's own lead, written down before the lock is opened: the ledger has its hash and the time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines import atomic, attempts, ledger, patterns, state
from pipelines.errors import InputError
from pipelines.log import study_event
from pipelines.shown import names_somebody
from pipelines.study import Study, read_study

if TYPE_CHECKING:
    import polars as pl

    from analysis.proposed import Proposal

ACTION = "hypothesis.add"
LONGEST = 500  # letters of a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """One lead as it was written."""

    pattern: str
    outcome: str
    because: str
    direction: Literal["more", "fewer"] | None
    at: str  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """All of a workspace's, oldest first."""

    proposed: tuple[Proposed, ...] = ()


def propose(
    workspace: Path,
    pattern: str,
    *,
    outcome: str,
    because: str,
    direction: Literal["more", "fewer"] | None = None,
    now: datetime | None = None,
) -> Proposed:
    """Write a lead down, in the ledger first; the next run reads it, and `--confirm` tries it with the others.

    Raises: InputError where the study has no locked part, the lock was opened before, the lead is not understood or
    names no characteristic, the outcome is not the study's, or the reason is empty or names somebody.
    """
    study = read_study(workspace)
    file = workspace / "study.toml"
    if not study.lock:
        raise InputError("no_lock", file=file)
    if attempts.used(workspace):
        raise InputError("propose_after_lock", file=file)
    searched = [one.name for one in study.searched]
    if outcome not in searched:
        raise InputError("propose_outcome", file=file, outcome=", ".join(searched))
    if not because.strip() or len(because) > LONGEST:
        raise InputError("propose_because", file=file, most=LONGEST)
    if names_somebody(because) or names_somebody(pattern):
        raise InputError("fund_names_somebody", file=file)
    _checked(pattern, study, file)
    made = Proposed(
        pattern=" & ".join(part.strip() for part in pattern.split("&")),
        outcome=outcome,
        because=because.strip(),
        direction=direction,
        at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
    )
    before = read(workspace)
    if any((one.pattern, one.outcome) == (made.pattern, made.outcome) for one in before.proposed):
        raise InputError("propose_twice", file=file)
    text = json.dumps([made.pattern, made.outcome, made.because, made.direction], ensure_ascii=False)
    event, actor = study_event(
        study, ACTION, role="analyst", now=now, object_sha256=hashlib.sha256(text.encode()).hexdigest()
    )
    ledger.append(workspace, event, actor=actor)
    atomic.make_private(_file(workspace).parent)
    state.write(_file(workspace), Proposals(proposed=(*before.proposed, made)))
    return made


def read(workspace: Path) -> Proposals:
    """Return what was proposed in a workspace."""
    path = _file(workspace)
    return state.read(path, Proposals) if path.exists() else Proposals()


def fingerprint(workspace: Path) -> str:
    """Return a hash of all proposals: a run that is resumed must be given the same ones."""
    path = _file(workspace)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def as_conditions(workspace: Path, frame: pl.DataFrame, outcome: str) -> tuple[Proposal, ...]:
    """Return the proposals for one outcome as conditions on the cohort."""
    columns = dict(frame.schema)
    file = workspace / "study.toml"
    return tuple(
        (patterns.conditions(patterns.parse(one.pattern, file=file), columns, file=file), one.direction)
        for one in read(workspace).proposed
        if one.outcome == outcome
    )


def _checked(pattern: str, study: Study, file: Path) -> None:
    """Refuse what no characteristic of the study can be, before anything is written."""
    parts = patterns.parse(pattern, file=file, field="propose")
    kinds = {one.name: one.yes_no for one in study.characteristics}
    for part in parts:
        if part.column not in kinds:
            raise InputError("pattern_column", file=file, field="propose", part=part.column)
        positive = part.operator == "==" and part.value.lower() in (*patterns.YES, *patterns.UNKNOWN)
        if kinds[part.column] and not positive:  # "no" is no characteristic: it is what the others have
            raise InputError("pattern_value", file=file, field="propose", part=part.column)


def _file(workspace: Path) -> Path:
    return workspace / "vault" / "proposed.json"
