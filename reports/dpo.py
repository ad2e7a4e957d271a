"""The DPO's page as one static HTML file, with commands where the portal has buttons (REPORT.md section 3)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from itertools import groupby

from markupsafe import Markup

from reports import catalogue, diagrams
from reports.acts import folded
from reports.catalogue import Language
from reports.html import basis, environment
from reports.numbers import HERE, day, decimal, moment, whole
from reports.values import Control, DpoPage
from reports.wording import Speaker, capital

HIDDEN = {"head"}  # facts that stand elsewhere on the page


def render_dpo(page: DpoPage, *, language: Language | str = Language.DA) -> str:
    """Return the page a DPO reads after a run: the verdict first. No citizen, no pseudonym, no value."""
    say = Speaker(Language(language))
    failed = [control for control in page.controls if control.passed is False]
    facts = {
        "page": page,
        "say": say,
        "rich": say.rich,
        "words": say.words,
        "language": say.language.value,
        "day": lambda value: day(value, say.language),
        "moment": lambda value: moment(value, say.language),
        "shown": lambda value: whole(value, say.language),
        "failed": failed,
        "verdict": _verdict(page, failed, say),
        "controls": [_control(control, say) for control in page.controls],
        "head": " ".join(page.ledger_head[start : start + 4] for start in range(0, 12, 4)),
        "nights": _nights(page, say),
        "acts": folded(page.acts, lambda name: _register(page, name, say), say),
        "one_purpose": _one_purpose(page, say).rstrip("."),
        "basis": basis(page.legal_basis),
        "named": lambda group, name: _named(group, name, say),
        "package": [(_named("package", name, say), _figure(name, value, say)) for name, value in page.package],
        "columns": [(name, list(group)) for name, group in groupby(page.treatments, key=lambda one: one.register)],
        "registers": sorted({treatment.register for treatment in page.treatments}),
        "register": lambda name: _register(page, name, say),
        "register_list": ", ".join(
            _register(page, name, say) for name in sorted({treatment.register for treatment in page.treatments})
        ),
        "today": page.made.astimezone(HERE).date(),
        "here": HERE,
    }
    return environment().get_template("dpo.html.j2").render(facts)


def _register(page: DpoPage, name: str | None, say: Speaker) -> str:
    """Return what a register is called, or its name in the contracts where it is called nothing."""
    called = dict(page.register_names)
    return say.words(called[name]) if name in called else name or ""


def _verdict(page: DpoPage, failed: list[Control], say: Speaker) -> str:
    applicable = [control for control in page.controls if control.passed is not None]
    if failed:
        names = say.listed([_control(control, say)["name"] for control in failed])
        return say(
            "dpo.verdict.failed" if len(failed) > 1 else "dpo.verdict.failed_one", count=len(failed), names=names
        )
    if len(applicable) < len(page.controls):
        return say("dpo.verdict.some", passed=len(applicable), controls=len(page.controls))
    return say("dpo.verdict.passed", passed=len(applicable), controls=len(page.controls))


def _control(control: Control, say: Speaker) -> Mapping[str, str]:
    """Return a control's name and what was seen: the message of its reason where it has one, then the other facts."""
    name = control.key.rsplit(".", 1)[-1]
    state = {True: "passed", False: "failed", None: "waits"}[control.passed]
    facts = dict(control.facts)
    seen = [say(key) for key in (f"dpo.control.{name}.{state}",) if catalogue.has(key)]
    reason = f"control.reason.{facts.pop('reason', '')}"
    if catalogue.has(reason):
        with contextlib.suppress(KeyError):
            seen = [_stopped(say(reason, facts)), *(seen if state == "failed" else [])]
    told = [f"{_named('fact', fact, say)}: {_shown(value, say)}" for fact, value in facts.items() if fact not in HIDDEN]
    if told:
        seen.append(capital("; ".join(told)) + ".")
    title = f"{control.key}.name"
    return {"name": say(title) if catalogue.has(title) else name, "state": state, "seen": " ".join(seen)}


def _stopped(words: str) -> str:
    """Return a sentence with its full stop: some end in a command."""
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _shown(value: str, say: Speaker) -> str:
    return whole(int(value), say.language) if value.isdecimal() and len(value) < 10 else value


def _named(group: str, name: str, say: Speaker) -> str:
    """Return the word for a code (a role, a treatment, an action); the code itself where there is none."""
    keys = (f"control.{group}.{name}", f"dpo.{group}.{name}")  # a control's facts have the ledger's own words
    return next((say(key) for key in keys if catalogue.has(key)), name)


def _figure(name: str, value: str, say: Speaker) -> str:
    try:
        number = float(value)
    except ValueError:
        if name == "status":
            return say("dpo.package.status_known")
        return value.strip("[]").replace("'", "")  # a list of columns
    if name == "highest_risk" and number > 0:
        return say("dpo.one_in", people=int(1 / number + 1e-9))
    digits = 3 if name.startswith("membership") else 2
    return whole(int(number), say.language) if number.is_integer() else decimal(number, say.language, digits=digits)


def _one_purpose(page: DpoPage, say: Speaker) -> str:
    """The purpose that every act shown was for, so that it is said once; empty where there are several."""
    purposes = {act.purpose for act in page.acts}
    if len(purposes) != 1:
        return ""
    purpose = purposes.pop()
    return say.words(page.purpose) if purpose == page.purpose.da else purpose  # the ledger has it in Danish


def _nights(page: DpoPage, say: Speaker) -> Markup | None:
    shown = page.nights[-14:]
    if not shown:
        return None
    rows = [
        say(f"chart.f.{night.state}", day=day(night.day, say.language)) for night in shown if night.state != "passed"
    ]
    title = say(
        "chart.f.title",
        first=day(shown[0].day, say.language),
        last=day(shown[-1].day, say.language),
        passed=sum(night.state == "passed" for night in shown),
        nights=len(shown),
        rows=" ".join(rows),
    )
    return Markup(diagrams.nights_strip("f1", title=title, nights=shown, language=say.language))  # noqa: S704
