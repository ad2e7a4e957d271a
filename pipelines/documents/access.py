"""The answer to a citizen who asks (GDPR art. 15): the law's questions, their rows, and what the log says of them.

The only paper with anybody's data in it; it is written to one file of 0600 and looked through by nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.documents import article30
from pipelines.documents.facts import STUDY, Drafted, Facts, moment
from pipelines.ledger import Line
from pipelines.ledger_lines import moment as moment_of
from reports.documents import Field, Part, Table
from reports.numbers import whole

__all__ = ["parts"]


def parts(
    facts: Facts, rows: Mapping[str, pl.DataFrame], quarantined: int, packages: Sequence[str], lines: Sequence[Line]
) -> tuple[Part, ...]:
    """Return art. 15(1)(a)-(h), the copy of art. 15(3), and the log's lines about the person."""
    study, say = facts.study, facts.say
    made = {key: Drafted(facts, key, say(f"document.access.{key}")) for key in "abcdefgh"}
    made["a"].answer("purpose", facts.words(study.purpose), f"{STUDY} purpose")
    made["a"].answer("basis", study.legal_basis, f"{STUDY} legal_basis")
    for name in rows:
        kinds = "; ".join(f"{kind}: {columns}" for kind, columns in facts.kinds(facts.contracts[name]))
        made["b"].fields.append(_field(facts.register(name), kinds))
    if not rows:
        made["b"].say("access_nothing")
    told = [(name, one.manifest.receiver) for name in packages for one in facts.releases if one.id == name]
    made["c"].table("out", ("release", "recipient"), told, "releases/")
    made["c"].say("access_recipients" if told else "access_no_recipients")
    kept = article30.erasure(facts)
    made["d"].tables += kept.tables[:1]
    for key in "ef":
        made[key].say(f"access_{key}")
    made["e"].answer("rights", say(f"legal.chosen_rights.{study.legal.rights}") if study.legal.rights else "",
                     f"{STUDY} [legal] rights")  # fmt: skip
    made["f"].answer("dpo", study.dpo, f"{STUDY} dpo")
    made["g"].say("access_source", registers=", ".join(facts.register(name) for name in rows) or "–")
    made["h"].say("access_h")
    return (*(one.done() for one in made.values()), _copy(facts, rows, quarantined), _log(facts, lines))


def _field(label: str, answer: str) -> Field:
    return Field(label=label, answer=answer, source="contracts/")


def _copy(facts: Facts, rows: Mapping[str, pl.DataFrame], quarantined: int) -> Part:
    part = Drafted(facts, "copy", facts.say("document.access.copy"))
    part.say("access_copy")
    for name, frame in rows.items():
        contract = facts.contracts[name]
        labels = {one.name: facts.column(one) for one in contract.properties}
        # one line a cell: a register has more columns than a page is wide
        cells = [
            (whole(number, facts.say.language), labels.get(column, column), "" if cell is None else str(cell))
            for number, row in enumerate(frame.rows(), 1)
            for column, cell in list(zip(frame.columns, row, strict=True))[1:]
        ]
        head = tuple(facts.say(f"document.head.{column}") for column in ("row", "column", "value"))
        if cells:
            part.tables.append(Table(head=head, rows=tuple(cells), caption=facts.register(name)))
    if quarantined:
        part.text.append(facts.say("rights.quarantined", rows=quarantined))
    return part.done()


def _log(facts: Facts, lines: Sequence[Line]) -> Part:
    part = Drafted(facts, "log", facts.say("document.access.log"))
    part.say("access_log")
    told = []
    for line in lines:
        told.append((moment(moment_of(str(line["ts"])), facts.say.language), facts.act(str(line["action"])),
                     str(line["register"] or ""), facts.role(str(line["role"])), str(line["purpose"] or ""),
                     str(line["basis"] or "")))  # fmt: skip
    part.table("log", ("when", "act", "register", "role", "purpose", "law"), told, "")
    return part.done()
