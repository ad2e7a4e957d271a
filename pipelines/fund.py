"""The words that people write for a finding: `fund/*.yaml`, a file a finding, by its id or by its conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from pipelines.audit_text import people_named
from pipelines.doubts import proposed_objection
from pipelines.errors import InputError
from pipelines.findings import Numbered
from pipelines.shown import names_somebody
from pipelines.words import ColumnWords
from reports.values import CardNotes, Said, Words

# A count of one to nine people in words that people write: the limits hold for these too.
PEOPLE = r"(?:borgere?|personer?|mennesker?|patienter?|citizens?|people|persons?|patients?)"
SAID = {
    "kendt": ("rolle", "dato", "svar"),
    "laest": ("rolle", "dato"),
    "afproevet": ("rolle", "dato", "resultat"),
    "ja": ("rolle", "dato"),
}
FEW = re.compile(rf"(?<![\d.,])[1-9] (?:\w+ )?{PEOPLE}\b", re.IGNORECASE)
FIELDS = (
    *("betingelser", "udfald", "indvending", "undren", "afproevning", "ejer"),
    *("pris", "kendt", "laest", "proeves_igen", "afproevet", "ja"),
)


def notes_of(
    workspace: Path,
    items: Sequence[Numbered],
    words: Mapping[str, ColumnWords] = MappingProxyType({}),
    *,
    first: str = "",
) -> dict[str, CardNotes]:
    """Return what people wrote, by finding id; where nobody has written an objection, the tool proposes one.

    `fund/F-2026-014.yaml` belongs to that finding; a file with `betingelser: [columns]` to the finding of just these
    columns, so that words can be written before a search gives the finding its id; `udfald: name` keeps it to one
    outcome of a study that searches several (`first`: the name of the run's first). Raises: InputError for a file that
    is not understood, or that names somebody.
    """
    by_name = {file.stem: _read(file) for file in sorted((workspace / "fund").glob("*.yaml"))}
    by_columns = {
        (frozenset(str(one) for one in written["betingelser"]), written.get("udfald")): written
        for written in by_name.values()
        if "betingelser" in written
    }
    notes = {}
    for item in items:
        columns = frozenset(condition.column for condition in item.finding.conditions)
        of_any = by_columns.get((columns, None), {})
        written = by_name.get(item.id, by_columns.get((columns, item.finding.outcome or first), of_any))
        notes[item.id] = _notes(written, proposed_objection(item.finding, words))
    return notes


def read_words(file: Path) -> Any:
    """Return what a file of people's own words holds, `{}` where it is empty.

    Raises: InputError `fund_names_somebody`, `fund_few` or `fund_not_read`; none quotes what stands there.
    """
    text = file.read_text(encoding="utf-8")
    if names_somebody(text):
        raise InputError("fund_names_somebody", file=file)
    if FEW.search(text):
        raise InputError("fund_few", file=file)
    try:
        written = yaml.safe_load(text) or {}
    except yaml.YAMLError:  # it quotes the line
        raise InputError("fund_not_read", file=file) from None
    if names_somebody(json.dumps(written, ensure_ascii=False, default=str)):  # in letters that only YAML reads
        raise InputError("fund_names_somebody", file=file)
    return written


def _read(file: Path) -> dict[str, Any]:
    written = read_words(file)
    if not isinstance(written, dict):
        raise InputError("fund_not_read", file=file)
    for name in written:
        if name not in FIELDS:
            raise InputError("fund_field", file=file, fields=", ".join(FIELDS))
    for name, parts in SAID.items():
        for one in _listed(written.get(name)):
            if not _said_well(one, parts):
                raise InputError("fund_said", file=file, field=name, parts=", ".join(parts))
    again = written.get("proeves_igen")
    if again is not None and type(again) is not date:
        raise InputError("fund_day", file=file, field="proeves_igen")
    return written


def _said_well(one: Any, parts: Sequence[str]) -> bool:
    """Return whether somebody's answer has its role, its day and its words, and the role is not a person's name."""
    if not isinstance(one, dict) or set(one) != set(parts) or type(one["dato"]) is not date:
        return False
    return bool(str(one["rolle"]).strip()) and not people_named(str(one["rolle"]).title())


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _said(value: Any) -> tuple[Said, ...]:
    return tuple(
        Said(
            role=str(one["rolle"]),
            on=one["dato"],
            words=next((words_of(one[name]) for name in ("svar", "resultat") if name in one), None),
        )
        for one in _listed(value)
    )


def _notes(written: dict[str, Any], proposed: Words) -> CardNotes:
    return CardNotes(
        objection=words_of(written["indvending"]) if written.get("indvending") else proposed,
        questions=tuple(words_of(one) for one in written.get("undren") or ()),
        smallest_test=words_of(written["afproevning"]) if written.get("afproevning") else None,
        owner=written.get("ejer") or None,
        cost=words_of(written["pris"]) if written.get("pris") else None,
        known=next(iter(_said(written.get("kendt"))), None),
        read_by=_said(written.get("laest")),
        again=written.get("proeves_igen"),
        yes=next(iter(_said(written.get("ja"))), None),
        practice=next(iter(_said(written.get("afproevet"))), None),
    )


def words_of(value: Any) -> Words:
    """Return what somebody wrote in Danish, and in English where they did."""
    if isinstance(value, dict):
        return Words(da=str(value["da"]), en=str(value.get("en", value["da"])))
    return Words(da=str(value), en=str(value))
