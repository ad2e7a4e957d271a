"""A citizen whose name no list has, in a note without a capital or a cue: the municipality's register has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from pipelines import ingest
from pipelines.contracts import Contract, read_contracts
from pipelines.register_names import names_for_redaction
from pseudonymisation import free_text

DEMO = Path(__file__).resolve().parents[2] / "pipelines" / "demo"
NOTE = "snakket med xhemile om det"  # small letters, as notes are typed


def population(*, redacts: bool) -> Contract:
    contract = next(one for one in read_contracts(DEMO).values() if one.population)
    properties = list(contract.properties)
    if redacts:
        place = next(n for n, one in enumerate(properties) if one.treatment == "keep" and one.logical_type == "string")
        properties[place] = replace(properties[place], treatment="redact", role="free_text")
    return replace(contract, properties=tuple(properties))


def test_the_registers_own_names_reach_the_redactor_of_this_run_and_nothing_else_does(monkeypatch, tmp_path):
    seen = []

    def read(contract, *_, **__):
        kept = [one.name for one in contract.properties if not one.dropped]
        seen.append(set(kept))
        direct = [one.name for one in contract.properties if one.role == "direct_identifier"]
        values = ["Xhemile Berisha", "Nygade 12, 2. tv", "x@e.invalid", None]
        return type("Read", (), {"frame": pl.DataFrame(dict.fromkeys(direct, values))})()

    monkeypatch.setattr(ingest, "ingest_register", read)
    contract = population(redacts=True)
    direct = {one.name for one in contract.properties if one.role == "direct_identifier"}
    assert direct
    assert not any(one.name in direct and not one.dropped for one in contract.properties)  # dropped at ingest
    names = names_for_redaction({"cpr": contract}, tmp_path, today=date(2026, 11, 25))
    assert names == {"Xhemile Berisha"}
    assert direct <= seen[0]
    assert "xhemile" in free_text.redact(NOTE)  # no list of ours has her
    assert free_text.redact(NOTE, names=names) == "snakket med [NAVN] om det"


def test_where_nothing_is_redacted_no_name_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr(ingest, "ingest_register", lambda *_, **__: 1 / 0)
    assert names_for_redaction({"cpr": population(redacts=False)}, tmp_path, today=date(2026, 11, 25)) == frozenset()
