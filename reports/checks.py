"""The card's back: what a finding was held against beyond its decision, a line each."""

from __future__ import annotations

from math import sqrt

from reports.numbers import decimal
from reports.values import Card, Checks, Report
from reports.wording import Speaker

Line = tuple[str, str, str]  # name, answer, plain words


def check_lines(card: Card, checks: Checks, report: Report, say: Speaker) -> list[Line]:
    """Return the lines; what could not be tried is named in the last of them."""

    def line(name: str, answer: str, words: str) -> Line:
        return say(f"robust.{name}"), say(f"report.trial.{answer}"), words

    def verdict(name: str) -> str:
        return "partly" if name in checks.failed else "passed"

    key = "robust.halves_all" if checks.same_sign == 100 else "robust.halves_text"
    halves = say(key, same=checks.same_sign, half=checks.half_size)
    lines = [line("halves", verdict("halves"), halves)]
    for name, counted in (("cuts", checks.cuts), ("years", checks.years)):
        if counted is not None:
            held, of = counted
            facts = {"held": held} if name == "cuts" else {"same": held}
            lines.append(line(name, verdict(name), say(f"robust.{name}_text", facts, of=of)))
    if checks.controls:
        seen = [words for words, absent in checks.controls if not absent]
        named = say.listed([_quoted(say.words(words), say) for words in seen or [one for one, _ in checks.controls]])
        key = "robust.control_seen" if seen else "robust.control_absent"
        lines.append(line("control", "failed" if seen else "passed", say(key, names=named)))
    lines += [_redone(name, answer, say) for name, answer in checks.redone]
    lines += _hidden(card, say)
    if checks.people_to_fall is not None:
        few = say("robust.fall_few", smallest=report.technical.smallest_group)
        enough = say("robust.fall_text", people=checks.people_to_fall)
        answer = "passed" if checks.people_to_fall else "partly"
        lines.append(line("fall", answer, enough if checks.people_to_fall else few))
    if checks.explained:
        named = say.listed([_quoted(say.words(words), say) for words in checks.explains])
        key = "robust.simpler_one" if checks.explained == 1 else "robust.simpler_text"
        lines.append(line("simpler", "passed", say(key, count=say.number(checks.explained), names=named)))
    missing = {"cuts": checks.cuts is None, "years": checks.years is None, "control": not checks.controls}
    tried = {name for name, _ in checks.redone}
    missing |= {f"redone_{name}": name not in tried for name in ("died", "gap", "care_home")}
    untried = [say(f"robust.untried_{name}") for name, gone in missing.items() if gone]
    if untried:
        lines.append(line("untried_name", "untried", say("robust.untried", names=say.listed(untried))))
    return lines


def _redone(name: str, answer: str, say: Speaker) -> Line:
    """One other outcome, or other people, that the finding was redone in; the side of a break has its date."""
    side, _, day = name.partition(" ")
    shown = "untried" if answer == "few" else "partly" if answer in ("hidden", "other", "weaker") else "passed"
    kind = "died" if name == "died" and answer != "few" else "again"
    facts = {"day": day} if day else {}
    return say(f"robust.redone_{side}", facts), say(f"report.trial.{shown}"), say(f"robust.{kind}_{answer}")


def e_value(ratio: float) -> float:
    """Return the E-value of an observed over expected; `analysis.robustness` says what it is."""
    up = max(ratio, 1 / ratio)
    return up + sqrt(up * (up - 1))


def _hidden(card: Card, say: Speaker) -> list[Line]:
    """The E-value of observed over expected, and of the end of its interval that lies nearer to 1, as printed."""
    if not card.ratio or card.ratio_low is None or card.ratio_high is None:
        return []
    near = card.ratio_low if card.ratio > 1 else card.ratio_high
    low = 1.0 if card.ratio_low <= 1 <= card.ratio_high else e_value(near)
    value = decimal(e_value(card.ratio), say.language, digits=1)
    words = say("robust.hidden_text", low=decimal(low, say.language, digits=1))
    return [(say("robust.hidden"), say("robust.hidden_value", value=value), words)]


def _quoted(label: str, say: Speaker) -> str:
    return say("robust.quote", label=label)
