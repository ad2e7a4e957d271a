"""What a finding was held against, with its true numbers: for the analyst's eyes, in the terminal, never on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.values import Discovery, Robustness
from pipelines import state
from pipelines.findings import finding_key
from pipelines.run import last_done
from pipelines.study import read_study
from pipelines.words import known_words, part, study_words
from reports import catalogue
from reports.catalogue import Language
from reports.numbers import decimal
from reports.values import Words
from reports.wording import Speaker

__all__ = ["robustness_lines"]


def robustness_lines(workspace: Path, key: str, language: Language) -> list[str]:
    """Return a line a check of one finding, by its `findings.finding_key`; none where nothing was looked at."""
    path = workspace / "runs" / last_done(workspace) / "confirmed.json"
    if not path.exists():
        return []
    found = state.read(path, Discovery)
    finding = next((one for one in found.all_findings if finding_key(one) == key), None)
    told = None if finding is None else finding.shown.robustness
    if finding is None or told is None:
        return []
    searched = finding.search.robustness
    study = read_study(workspace)
    columns = study_words(study)
    outcomes = {one.name: one.label for one in study.outcomes}

    def say(key: str, **facts: str | int) -> str:
        return catalogue.text(language, f"robust_told.{key}", facts)

    pick = Speaker(language).words
    lines = [say("heading_locked" if finding.locked is not None else "heading"), *_halves(told, say, language)]
    for cut in told.cuts:
        label = pick(part(cut.condition, columns).label)
        lines.append(say("cut", condition=label, size=decimal(cut.size, language)))
    for year in told.years:
        expected = decimal(year.expected, language, digits=1)
        lines.append(say("year", year=year.year, people=year.people, observed=year.observed, expected=expected))
    for one in told.controls:
        label = pick(outcomes.get(one.name) or Words(da=one.name, en=one.name))
        ratio, p = decimal(one.ratio, language), decimal(one.p, language, digits=4)
        lines.append(say("control", name=label, ratio=ratio, p=p))
    if searched is not None and searched.explained:
        names = "; ".join(pick(known_words(lead, columns)) for lead in searched.explains)
        lines.append(say("explains", count=searched.explained, names=names))
    lines.append(say("fall", people=told.people_to_fall))
    return lines


def _halves(told: Robustness, say: Any, language: Language) -> list[str]:
    if not told.resamples:
        return []
    same, half = (decimal(100 * share, language, digits=1) for share in (told.same_sign, told.half_size))
    return [say("halves", resamples=told.resamples, same=same, half=half)]
