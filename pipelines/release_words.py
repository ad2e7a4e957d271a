"""A release in words, for those who get it: statement and decision, and a notice when it is taken back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipelines.release_record import Release, read_releases
from pipelines.words import both
from reports import catalogue
from reports.catalogue import Language
from reports.numbers import day
from reports.values import Words

__all__ = [
    "corrected_text",
    "decision_text",
    "left_lines",
    "notice_line",
    "notice_text",
    "shown",
    "state_words",
    "waiting_lines",
]


def decision_text(found: Release, language: str) -> str:
    """Return what lies beside the files: who asked, what the DPO said, who decided, and the answer to the advice."""
    lines = [_say(language, "release.text.heading", release=found.id), *shown(found, Language(language))]
    lines.append(_say(language, "release.text.check"))
    return "\n\n".join(lines) + "\n"


def notice_text(found: Release, language: str) -> str:
    """Return the notice to the receivers of a release that was taken back."""
    act = found.withdrawal
    assert act is not None
    facts = {"release": found.id, "when": _day(act.at, language), "by": act.name, "reason": act.reason}
    return _say(language, "release.text.withdrawn", facts) + "\n"


def corrected_text(newer: Release, language: str) -> str:
    """Return the notice to the receivers of a release that another one corrects."""
    facts = {"release": newer.manifest.corrects, "newer": newer.id, "reason": newer.requested.reason or "–"}
    return _say(language, "release.text.corrected", facts) + "\n"


def notice_line(found: Release) -> Words:
    """Return the line that every later report prints of a release that was taken back or corrected."""
    act = found.withdrawal
    said = {}
    for language in ("da", "en"):
        if act is not None:
            said[language] = _say(
                language,
                "release.line.withdrawn",
                release=found.id,
                when=_day(act.at, language),
                reason=act.reason.rstrip("."),
            )
        else:
            said[language] = _say(language, "release.line.corrected", release=found.id, newer=found.corrected_by)
    return Words(da=said["da"], en=said["en"])


def waiting_lines(workspace: Path) -> tuple[Words, ...]:
    """Return what waits for the DPO: releases without a statement."""
    waits = [one for one in read_releases(workspace) if one.state == "requested" and one.statement is None]
    return tuple(both("release.line.waits", release=one.id, receiver=one.manifest.receiver) for one in waits)


def left_lines(workspace: Path) -> tuple[Words, ...]:
    """Return what has left the house: what, to whom, by whose decision, on which bytes, and how it stands today."""
    lines = []
    for one in read_releases(workspace):
        decided = one.decision
        if decided is None or not one.went_out:
            continue
        given = one.statement
        said = {}
        for language in ("da", "en"):
            statement = f"release.statement.{given.statement}" if given is not None else "release.line.no_statement"
            said[language] = _say(
                language,
                "release.line.left",
                release=one.id,
                what=_say(language, f"release.kind.{one.manifest.kind}"),
                receiver=one.manifest.receiver,
                decider=decided.name,
                when=_day(decided.at, language),
                statement=_say(language, statement),
                state=state_words(one, Language(language)),
                hash=one.manifest.sha256[:16],
            )
        lines.append(Words(da=said["da"], en=said["en"]))
    return tuple(lines)


def shown(found: Release, language: Language) -> list[str]:
    """Return a release as `release show` says it: what, to whom, which bytes, and every signed act with its words."""
    manifest = found.manifest
    what = _say(language, f"release.kind.{manifest.kind}")
    said = [
        _say(language, "release.show.what", release=found.id, what=what, receiver=manifest.receiver),
        _say(language, "release.show.purpose", purpose=manifest.purpose, basis=manifest.basis, run=manifest.run),
        _say(language, "release.show.state", state=state_words(found, language)),
        _say(language, "release.show.files", hash=manifest.sha256),
        "\n".join(f"  {digest}  {name}" for name, digest, _ in manifest.files),
    ]
    acts = []
    for act in found.acts:
        key = f"release.act.statement_{act.statement}" if act.act == "statement" else f"release.act.{act.act}"
        acts.append(
            _say(
                language,
                "release.show.act",
                when=_day(act.at, language),
                who=act.name,
                role=_say(language, f"user.role.{act.role}"),
                act=_say(language, key),
            )
            + (f"\n    »{act.reason}«" if act.reason else "")
        )
    return [*said, _say(language, "release.show.acts") + "\n" + "\n".join(f"  {one}" for one in acts)]


def state_words(found: Release, language: Language) -> str:
    """Return what a release waits for or became, in words."""
    if found.state == "void":
        return _say(language, "release.state.void", why=_say(language, f"release.why.{found.problem}"))
    if found.state == "requested":
        given = found.statement
        if given is None and found.manifest.statement_required:
            return _say(language, "release.state.needs_statement")
        if given is None:
            return _say(language, "release.state.needs_decision")
        return _say(
            language, "release.state.has_statement", statement=_say(language, f"release.statement.{given.statement}")
        )
    if found.state == "approved" and found.corrected_by:
        return _say(language, "release.state.corrected", newer=found.corrected_by)
    return _say(language, f"release.state.{found.state}")


def _day(moment: str, language: Language | str) -> str:
    return day(datetime.fromisoformat(moment).date(), Language(language))


def _say(language: Language | str, key: str, facts: dict[str, str] | None = None, **more: str) -> str:
    return catalogue.text(language, key, {**(facts or {}), **more})
