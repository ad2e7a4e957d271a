"""Who is to be left out from the next ingest on: a list of keyed codes in a domain of its own, sealed in the vault.

The list is a processing of its own, with an end date of its own. Its codes are under the study's key with the recipient
"objection" and epoch 0: no rotation forgets anybody, and no code of it is a code anywhere else.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from pipelines import atomic, vault
from pipelines.context import Run
from pipelines.contracts import Contract
from pipelines.persons import OBJECTION, Person
from pipelines.pseudonymise import normal
from pseudonymisation import pseudonyms

__all__ = ["add", "code_of", "listed", "without_objectors"]

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


def without_objectors(run: Run, contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a register's rows but those of people on the list. How many went is told nowhere: it could be one."""
    column, today = contract.person, run.clock().date()
    known = listed(run).filter(pl.col("until") >= today)
    if column is None or column.shape != "cpr" or not known.height:
        return frame
    key = run.subkey("person", recipient=OBJECTION, epoch=0)
    theirs = pseudonyms.pseudonym_column(normal(frame[column.name], column), key=key)
    return frame.filter(~theirs.is_in(known["code"].to_list()).fill_null(False))
