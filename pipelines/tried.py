"""What was tried in the locked people, and what came of it: a lead is tried once a split, the answer kept for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.values import Discovery, Finding
from pipelines import atomic, state
from pipelines.findings import finding_key
from pipelines.study import Study, Variable

WORDS = {"label", "definition"}
ORDER = {"confirmed": 0, "replicated": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Every finding that was tried in this split, as it stood then. True numbers: 0600, never released."""

    findings: tuple[Finding, ...] = ()
    meant: dict[str, str] = field(default_factory=dict)  # condition key: what its columns meant when it was tried

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(finding_key(one) for one in self.findings)


def read(workspace: Path, study: Study | None = None) -> Tried:
    """Return what a workspace has tried. With a study: only what its columns mean today what they meant then.

    An answer on a characteristic that was redefined since is another question's: it stays paid, and stands no more.
    """
    path = _file(workspace)
    found = state.read(path, Tried) if path.exists() else Tried()
    if study is None:
        return found
    stands = tuple(one for one in found.findings if found.meant.get(finding_key(one)) in (None, meaning(study, one)))
    return replace(found, findings=stands)


def meaning(study: Study, finding: Finding) -> str:
    """Return what a finding's columns mean, as a hash: the rules that make them, without their words."""
    names = {condition.column for condition in finding.conditions}
    names |= {other.column for condition in finding.conditions for other in condition.also}
    rules = [
        [str(getattr(one, name)) for name in sorted(set(Variable.__slots__) - WORDS)]
        for one in sorted(study.characteristics, key=lambda one: one.name)
        if one.name in names
    ]
    return hashlib.sha256(json.dumps(rules).encode()).hexdigest()


def add(workspace: Path, findings: Sequence[Finding], study: Study | None = None) -> None:
    """Keep the answers of a batch; one that stands already stays as it was."""
    before = read(workspace, study)
    new = [one for one in findings if one.p_confirm is not None and finding_key(one) not in before.keys]
    if new:
        atomic.make_private(_file(workspace).parent)
        keys = [finding_key(one) for one in new]
        meant = dict(zip(keys, (meaning(study, one) for one in new), strict=True)) if study is not None else {}
        state.write(_file(workspace), Tried(findings=(*before.findings, *new), meant={**before.meant, **meant}))


def with_answers(found: Discovery, tried: Tried) -> Discovery:
    """Return a search's findings with the answers that earlier attempts gave them, confirmed ones first.

    A finding that was tried earlier and is not in this search stays in the list with the numbers it had.
    """
    answers = {finding_key(one): one for one in tried.findings}
    merged = []
    for one in found.all_findings:
        answer = answers.pop(finding_key(one), None)
        merged.append(
            one
            if answer is None
            else replace(
                one, status=answer.status, p_confirm=answer.p_confirm, locked=answer.locked, unfit=answer.unfit
            )
        )
    searched = {one.label for one in found.each}
    merged += [one for one in answers.values() if one.outcome in searched]
    merged.sort(key=lambda one: (ORDER.get(one.status, 1), one.p_search, finding_key(one)))
    return found.with_findings(merged, tried=len(tried.findings))


def _file(workspace: Path) -> Path:
    return workspace / "vault" / "tried.json"
