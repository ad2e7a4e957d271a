"""Answers that came back to a finding: whose they are, which of them count, and what the ladder says of it.

`fund/svar/` holds each as it came. One counts only where the ledger says that somebody here took it in, having heard
its key's mark from the municipality itself; each municipality counts once, by its newest answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from analysis.values import Finding
from pipelines import answer, atomic, ledger, signed_file
from pipelines.answer import Answer
from pipelines.errors import InputError
from pipelines.findings import Numbered
from pipelines.log import study_event
from pipelines.release_record import read_releases
from pipelines.signed_file import Sealed
from pipelines.study import Study, read_study

__all__ = ["ACTION", "Standing", "known_key", "received", "standing", "take_in", "with_standing"]

ACTION = "hypothesis.answer"
FOLDER = "svar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the other municipalities said of a finding, each counted once."""

    answers: tuple[Answer, ...]  # the newest of each

    @property
    def asked(self) -> int:
        return len(self.answers)

    @property
    def found(self) -> int:
        return sum(one.verdict == "found_again" for one in self.answers)


def received(workspace: Path, file: Path) -> Sealed[Answer]:
    """Read an answer and say whether it may be taken in here.

    Raises: InputError as `answer.read`; `answer_other` (of no finding or recipe of ours that went out),
    `answer_own`, `answer_demo`, `answer_again` for one that is here already.
    """
    study = read_study(workspace)
    found = answer.read(file)
    told = found.told
    if told.municipality.strip().casefold() == study.controller.strip().casefold():
        raise InputError("answer_own", file=file)
    if told.demo and not study.invented:
        raise InputError("answer_demo", file=file)
    name = f"{told.finding}.opskrift.json"
    out = [one for one in read_releases(workspace) if one.manifest.kind == "recipe" and one.went_out]
    if not any((name, told.recipe_sha256) == (path, digest) for one in out for path, digest, _ in one.manifest.files):
        raise InputError("answer_other", file=file)
    if any(one.sha256 == found.sha256 for one in _kept(workspace)):
        raise InputError("answer_again", file=file)
    return found


def known_key(workspace: Path, found: Sealed[Answer]) -> bool:
    """Return whether an earlier answer of the same municipality bore this key."""
    whose = _whose(found)
    return any(_whose(one) == whose and one.public_key == found.public_key for one in _kept(workspace))


def take_in(workspace: Path, found: Sealed[Answer], file: Path, *, now: datetime | None = None) -> Path:
    """Keep an answer for good, the ledger first.

    Raises: InputError `answer_key`: a key that two municipalities sign with is one pair of eyes. (A municipality may
    have several: each is heard read aloud.)
    """
    for one in _kept(workspace):
        if _whose(one) != _whose(found) and one.public_key == found.public_key:
            raise InputError("answer_key", file=file, mark=signed_file.fingerprint(one.public_key))
    event, actor = study_event(
        read_study(workspace), ACTION, role="analyst", now=now or datetime.now(UTC), object_sha256=found.sha256,
        params_sha256=sha256(found.public_key.encode()).hexdigest(), code=found.told.verdict,
    )  # fmt: skip
    ledger.append_once(workspace, event, f"answer/{found.sha256}", actor=actor)
    folder = atomic.make_private(workspace / "fund" / FOLDER)
    path = folder / f"{found.told.finding}.{found.sha256[:8]}.svar.json"
    atomic.write_bytes(path, file.read_bytes())
    return path


def standing(workspace: Path, finding_id: str) -> Standing:
    """Return what came back to a finding."""
    return _standing(_kept(workspace), finding_id)


def _standing(kept: Sequence[Sealed[Answer]], finding_id: str) -> Standing:
    newest = {_whose(one): one.told for one in kept if one.told.finding == finding_id}
    return Standing(answers=tuple(newest[name] for name in sorted(newest)))


def with_standing(
    workspace: Path, items: Sequence[Numbered], study: Study, *, locked: bool
) -> tuple[tuple[Numbered, ...], dict[str, tuple[int, int]]]:
    """Return the findings with the step that others' answers give them, and how many found each of how many asked.

    Only what would be a card by itself climbs: nobody else's people make a lead of ours true.
    """
    own = ("confirmed",) if locked and study.publish_from == "confirmed" else ("discovered", "confirmed")
    counted: dict[str, tuple[int, int]] = {}
    raised = []
    kept = _kept(workspace)
    for item in items:
        told = _standing(kept, item.id)
        finding: Finding = item.finding
        if told.asked and finding.status in own:
            counted[item.id] = told.found, told.asked
            status: Literal["replicated"] = "replicated"
            finding = replace(finding, status=status) if told.found else finding
        raised.append(replace(item, finding=finding))
    return tuple(raised), counted


def _kept(workspace: Path) -> list[Sealed[Answer]]:
    """Return the answers that the ledger knows of, in the order in which they were taken in. Others are passed over."""
    by_hash = {}
    for path in sorted((workspace / "fund" / FOLDER).glob("*.svar.json")):
        by_hash[sha256(path.read_bytes()).hexdigest()] = path
    if not by_hash:
        return []
    lines = [line for line in ledger.evidence(workspace) if line["action"] == ACTION]
    order = [str(line["object"]["sha256"]) for line in lines if isinstance(line["object"], dict)]
    return [answer.read(by_hash[one]) for one in dict.fromkeys(order) if one in by_hash]


def _whose(one: Sealed[Answer]) -> str:
    return one.told.municipality.strip().casefold()
