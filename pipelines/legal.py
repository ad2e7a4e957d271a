"""What somebody must have decided before real data are used: recorded and asked, never judged (GDPR art. 5(2), 30, 35).

`[legal]` in study.toml. `undring check` says what is missing and what follows from what was chosen; whether the choice
is right is for the controller, and Undring never says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.errors import InputError
from reports import catalogue
from reports.catalogue import Language

if TYPE_CHECKING:
    from pipelines.contracts import Contract
    from pipelines.study import Study
    from pipelines.study_toml import Table

__all__ = ["BASES", "Legal", "Receiver", "consequences", "consequences_of", "missing", "prose_unsigned", "read_legal"]

Basis = Literal["research", "operation"]
BASES: tuple[Basis, ...] = ("research", "operation")
RIGHTS = ("apply", "do_not_apply", "voluntary")
ROLES = ("processor", "controller", "joint")
PLAIN_PROCESSOR = (
    1  # of the questions train, publish, keep and paid by itself, how many a processor may answer with yes
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody who is to have a package, and the four answers that tell what they are."""

    name: str
    role: str
    trains: bool | None  # a product of their own on it
    publishes: bool | None
    keeps: bool | None  # anything, after it is done
    paid_by: str  # "municipality", or who else
    decided_otherwise_by: str  # who decided that they are a processor all the same

    @property
    def own_interests(self) -> int:
        """How many of the four answers speak of an aim of their own."""
        others = bool(self.paid_by) and self.paid_by != "municipality"
        return sum(answer is True for answer in (self.trains, self.publishes, self.keeps)) + others


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """That a column's text is kept as redacted prose, not as concepts: who decided it, when and why."""

    register: str
    column: str
    decided_by: str
    decided_on: date | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal:
    """What was decided, by whom and when. Empty where nobody has answered."""

    basis: Mapping[str, str]  # by register
    decided_by: str = ""
    decided_on: date | None = None
    journal: str = ""
    importance: str = ""  # why it is of essential importance to society: where a register rests on § 10
    dpia_on: date | None = None
    dpia_journal: str = ""
    dpo_advice: str = ""
    dpo_advice_on: date | None = None
    information: str = ""  # how citizens were told, or which exemption and why
    rights: str = ""
    receivers: tuple[Receiver, ...] = ()
    prose: tuple[Prose, ...] = ()
    staff_informed: date | None = None
    archive: str = ""
    councils: str = ""
    contact: str = ""  # the controller's address and telephone, for the Article 30 record
    third_countries: str = ""  # transfers out of the EU and EEA with their safeguards, or that there are none
    log_period_said: bool = False  # log_days stands in study.toml: nobody fell into the default

    @property
    def statistics_only(self) -> bool:
        """Whether a register is here for statistics and science alone (databeskyttelsesloven § 10)."""
        return "research" in self.basis.values()


def read_legal(top: Table) -> Legal:
    """Return the section; what stands empty is an open question, what has a wrong type is noted."""
    table = top.table("legal")
    basis, dpia = table.table("basis"), table.table("dpia")
    made = Legal(
        basis={name: _choice(basis, name, BASES) for name in basis.values},
        decided_by=_text(table, "decided_by"),
        decided_on=_day(table, "decided_on"),
        journal=_text(table, "journal"),
        importance=_text(table, "importance"),
        information=_text(table, "information"),
        staff_informed=_day(table, "staff_informed"),
        archive=_text(table, "archive"),
        councils=_text(table, "councils"),
        contact=_text(table, "contact"),
        third_countries=_text(table, "third_countries"),
        dpia_on=_day(dpia, "made_on"),
        dpia_journal=_text(dpia, "journal"),
        dpo_advice=_text(dpia, "advice"),
        dpo_advice_on=_day(dpia, "advice_on"),
        rights=_choice(table, "rights", RIGHTS),
        receivers=tuple(_receiver(one) for one in table.tables("recipient")),
        prose=tuple(_prose(one) for one in table.tables("prose")),
        log_period_said="log_days" in top.table("retention").values,
    )
    basis.done()
    dpia.done()
    table.done()
    return made


def missing(study: Study) -> list[InputError]:
    """Return the open questions of a study of real data, each with what is to be answered; none for a demo."""
    if study.demo:
        return []
    legal = study.legal
    read = sorted({*study.registers, *(level.register for level in study.levels)})
    open_ = [f"basis.{name}" for name in read if not legal.basis.get(name)]
    fields = {
        "decided_by": legal.decided_by,
        "decided_on": legal.decided_on,
        "journal": legal.journal,
        "importance": legal.importance or not legal.statistics_only,
        "dpia.made_on": legal.dpia_on,
        "dpia.journal": legal.dpia_journal,
        "dpia.advice": legal.dpo_advice,
        "dpia.advice_on": legal.dpo_advice_on,
        "information": legal.information,
        "rights": legal.rights,
        "staff_informed": legal.staff_informed,
        "archive": legal.archive,
        "councils": legal.councils,
        "log_days": legal.log_period_said,
    }
    open_ += [name for name, answer in fields.items() if not answer]
    if study.package is not None and not legal.receivers:
        open_.append("recipient")
    for number, one in enumerate(legal.receivers, 1):
        answers = (one.name, one.role, one.paid_by)
        if not all(answers) or None in (one.trains, one.publishes, one.keeps):
            open_.append(f"recipient.{number}")
        elif one.role == "processor" and one.own_interests > PLAIN_PROCESSOR and not one.decided_otherwise_by:
            open_.append(f"recipient.{number}.decided_otherwise_by")
    file = Path("study.toml")
    return [InputError(_key(name), file=file, field=_place(name)) for name in open_]


def prose_unsigned(study: Study, contracts: Mapping[str, Contract]) -> list[InputError]:
    """Return the columns of real data whose text is kept as prose without anybody's name under it."""
    signed = {
        (one.register, one.column)
        for one in study.legal.prose
        if one.decided_by.strip() and one.decided_on is not None and one.reason.strip()
    }
    return [
        InputError("legal_prose", file=Path("study.toml"), register=register, column=one.name)
        for register, contract in contracts.items()
        for one in contract.properties
        if one.treatment == "redact" and not study.demo and (register, one.name) not in signed
    ]


def consequences(study: Study, language: Language) -> list[str]:
    """Return what follows from what was chosen, a line each, and that Undring does not say whether it is right."""
    legal = study.legal
    lines = []
    for basis in BASES:
        registers = sorted(name for name, chosen in legal.basis.items() if chosen == basis)
        if registers:
            listed = ", ".join(registers)
            lines.append(catalogue.text(language, f"legal.{basis}.head", registers=listed))
            lines += [
                "  " + catalogue.text(language, f"legal.{basis}.{part}")
                for part in ("condition", "afterwards", "rights", "handing_on", "night")
            ]
    if set(legal.basis.values()) == set(BASES):
        lines.append(catalogue.text(language, "legal.mixed"))
    if legal.rights:
        lines.append(catalogue.text(language, f"legal.chosen_rights.{legal.rights}"))
    for one in legal.receivers:
        key = "own_aim" if one.own_interests > PLAIN_PROCESSOR else "plain"
        lines.append(catalogue.text(language, f"legal.receiver.{key}", name=one.name, own=one.own_interests))
    if lines:
        days = study.retention.log_days
        lines += [catalogue.text(language, "legal.log", days=days), catalogue.text(language, "legal.not_judged")]
    return lines


def consequences_of(workspace: Path, language: Language) -> list[str]:
    """Return the consequences of a workspace's study; none where it cannot be read: `check` says why."""
    from pipelines.study import read_study

    try:
        return consequences(read_study(workspace), language)
    except InputError:
        return []


def _prose(table: Table) -> Prose:
    made = Prose(
        register=_text(table, "register"),
        column=_text(table, "column"),
        decided_by=_text(table, "decided_by"),
        decided_on=_day(table, "decided_on"),
        reason=_text(table, "reason"),
    )
    table.done()
    return made


def _receiver(table: Table) -> Receiver:
    made = Receiver(
        name=_text(table, "name"),
        role=_choice(table, "role", ROLES),
        trains=_yes_no(table, "trains"),
        publishes=_yes_no(table, "publishes"),
        keeps=_yes_no(table, "keeps"),
        paid_by=_text(table, "paid_by"),
        decided_otherwise_by=_text(table, "decided_otherwise_by"),
    )
    table.done()
    return made


def _key(name: str) -> str:
    if name.startswith("basis."):
        return "legal_basis_of"
    if name.startswith("recipient."):
        return "legal_receiver_own" if name.endswith("otherwise_by") else "legal_receiver"
    return "legal_" + name.replace(".", "_")


def _place(name: str) -> str:
    return "retention.log_days" if name == "log_days" else f"legal.{name}"


def _empty(table: Table, name: str) -> bool:
    """Whether a key is not there, or stands as the empty text of an open question."""
    table.known.append(name)
    return bool(table.values.get(name, "") == "")


def _text(table: Table, name: str) -> str:
    return "" if _empty(table, name) else table.text(name).strip()


def _day(table: Table, name: str) -> date | None:
    return None if _empty(table, name) else table.maybe_day(name)


def _choice(table: Table, name: str, choices: tuple[str, ...]) -> str:
    return "" if _empty(table, name) else table.choice(name, choices)


def _yes_no(table: Table, name: str) -> bool | None:
    return None if _empty(table, name) else table.flag(name)
