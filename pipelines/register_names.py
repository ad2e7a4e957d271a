"""The municipality's own names, for the free text of this run alone: read once more, and kept in memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.contracts import Contract

__all__ = ["names_for_redaction"]

DIRECT = "direct_identifier"


def names_for_redaction(contracts: Mapping[str, Contract], inbox: Path, *, today: date) -> frozenset[str]:
    """Return the names that the population's register holds, where some contract's free text is to be redacted.

    Its direct identifiers are dropped at ingest: here they are read once more, and go no further than the redactor.
    """
    from pipelines.ingest import ingest_register

    if not any(column.treatment == "redact" for contract in contracts.values() for column in contract.properties):
        return frozenset()
    found: set[str] = set()
    for contract in contracts.values():
        direct = [column.name for column in contract.properties if column.role == DIRECT]
        if not contract.population or not direct:
            continue
        kept = [replace(one, treatment="keep") if one.role == DIRECT else one for one in contract.properties]
        frame = ingest_register(replace(contract, properties=tuple(kept)), inbox, today=today).frame
        for name in direct:
            values = frame[name].drop_nulls().unique().cast(pl.String).to_list()
            found.update(
                value for value in values if value and not any(sign.isdigit() or sign == "@" for sign in value)
            )
    return frozenset(found)
