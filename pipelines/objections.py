"""Who is to be left out from the next ingest on: a list of keyed codes in a domain of its own, sealed in the vault.

The list is a processing of its own, with an end date of its own. Its codes are under the study's key with the recipient
"objection" and epoch 0: no rotation forgets anybody, and no code of it is a code anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from pipelines import atomic, vault
from pipelines.context import Run
from pipelines.contracts import Contract
from pipelines.persons import OBJECTION, Person
from pipelines.pseudonymise import normal
from pseudonymisation import cpr, pseudonyms

__all__ = ["add", "code_of", "follow", "listed", "refused_without_objectors", "without_objectors"]

FILE = "objections.vault"
SCHEMA = {"code": pl.String, "since": pl.Date, "until": pl.Date}


def listed(run: Run) -> pl.DataFrame:
    """Return the list: code, since, until."""
    path = run.vault / FILE
    return vault.read_frame(path, run.subkey("vault")) if path.exists() else pl.DataFrame(schema=SCHEMA)


def code_of(run: Run, person: Person) -> str:
    """Return a person's code on the list."""
    return pseudonyms.pseudonym(person.number, key=run.subkey("person", recipient=OBJECTION, epoch=0))


def add(run: Run, person: Person, *, today: date) -> None:
    """Put somebody on the list for as long as the vault is kept; twice is once."""
    code = code_of(run, person)
    before = listed(run).filter(pl.col("code") != code, pl.col("until") >= today)
    until = today + timedelta(days=run.study.retention.vault_days)
    new = pl.DataFrame({"code": [code], "since": [today], "until": [until]}, schema=SCHEMA)
    atomic.make_private(run.vault)
    vault.write_frame(run.vault / FILE, pl.concat([before, new]).sort("code"), run.subkey("vault"))


def follow(run: Run, newest: Mapping[str, str]) -> None:
    """Put whoever is on the list under one number on it under the others too, for as long."""
    rows = {row["code"]: row for row in listed(run).iter_rows(named=True)}
    if not rows or not newest:
        return
    key, new = run.subkey("person", recipient=OBJECTION, epoch=0), []
    groups: dict[str, set[str]] = {}
    for former, number in newest.items():
        groups.setdefault(number, {number}).add(former)
    for numbers in groups.values():
        codes = {pseudonyms.pseudonym(number, key=key) for number in numbers}
        held = next((rows[code] for code in sorted(codes) if code in rows), None)
        new += [{**held, "code": code} for code in sorted(codes - set(rows))] if held is not None else []
    if new:
        whole = pl.concat([listed(run), pl.DataFrame(new, schema=SCHEMA)]).sort("code")
        vault.write_frame(run.vault / FILE, whole, run.subkey("vault"))


def without_objectors(run: Run, contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a register's rows but those of people on the list. How many went is told nowhere: it could be one."""
    column, today = contract.person, run.clock().date()
    known = listed(run).filter(pl.col("until") >= today)
    if column is None or column.shape != "cpr" or not known.height:
        return frame
    key = run.subkey("person", recipient=OBJECTION, epoch=0)
    theirs = pseudonyms.pseudonym_column(normal(frame[column.name], column), key=key)
    return frame.filter(~theirs.is_in(known["code"].to_list()).fill_null(False))


def refused_without_objectors(run: Run, refused: pl.DataFrame) -> pl.DataFrame:
    """Return refused rows but those that name somebody on the list, in any cell and any writing: none reach quarantine.

    A number that is broken names nobody, and its row is kept as any other.
    """
    today = run.clock().date()
    known = listed(run).filter(pl.col("until") >= today)["code"].to_list()
    if not known or refused.is_empty():
        return refused
    key = run.subkey("person", recipient=OBJECTION, epoch=0)
    texts = [name for name in refused.columns if name.startswith("text.")]
    theirs = pl.repeat(False, refused.height, dtype=pl.Boolean, eager=True)
    for name in texts:
        cells = refused[name].cast(pl.String)
        whole = cpr.normalise_column(cells)
        theirs |= pseudonyms.pseudonym_column(whole, key=key).is_in(known).fill_null(False)
        # Where the cell is no number as a whole, one may stand among its words.
        rest = cells.filter(whole.is_null() & cells.str.contains(r"[0-9].*[0-9].*[0-9]").fill_null(False)).unique()
        named = [text for text in rest.to_list() if _names_one(text, key, known)]
        theirs |= cells.is_in(named).fill_null(False)
    return refused.filter(~theirs)


def _names_one(text: str, key: bytes, known: Sequence[str]) -> bool:
    found = (cpr.normalise(text[start:end]) for start, end in cpr.find(text))
    return any(number is not None and pseudonyms.pseudonym(number, key=key) in known for number in found)
