"""What was tried in the locked people, and what came of it: a lead is tried once a split, the answer kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.values import Discovery, Finding
from pipelines import atomic, state
from pipelines.findings import condition_key

ORDER = {"confirmed": 0, "replicated": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Every finding that was tried in this split, as it stood then. True numbers: 0600, never released."""

    findings: tuple[Finding, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(condition_key(one.conditions) for one in self.findings)


def read(workspace: Path) -> Tried:
    """Return what a workspace has tried."""
    path = _file(workspace)
    return state.read(path, Tried) if path.exists() else Tried()


def add(workspace: Path, findings: Sequence[Finding]) -> None:
    """Keep the answers of a batch; one that stands already stays as it was."""
    before = read(workspace)
    new = [one for one in findings if one.p_confirm is not None and condition_key(one.conditions) not in before.keys]
    if new:
        atomic.make_private(_file(workspace).parent)
        state.write(_file(workspace), Tried(findings=(*before.findings, *new)))


def with_answers(found: Discovery, tried: Tried) -> Discovery:
    """Return a search's findings with the answers that earlier attempts gave them, confirmed ones first.

    A finding that was tried earlier and is not in this search stays in the list with the numbers it had.
    """
    answers = {condition_key(one.conditions): one for one in tried.findings}
    merged = []
    for one in found.findings:
        answer = answers.pop(condition_key(one.conditions), None)
        merged.append(
            one
            if answer is None
            else replace(one, status=answer.status, p_confirm=answer.p_confirm, locked=answer.locked)
        )
    merged += answers.values()
    merged.sort(key=lambda one: (ORDER.get(one.status, 1), one.p_search, condition_key(one.conditions)))
    return replace(found, findings=tuple(merged), tried=len(tried.findings))


def _file(workspace: Path) -> Path:
    return workspace / "vault" / "tried.json"
