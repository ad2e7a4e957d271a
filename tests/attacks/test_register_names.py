"""A citizen whose name no list has, or is a common word: the municipality's register has it, her own record first."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts import Contract, read_contracts
from pipelines.pseudonymise import pseudonymise_register
from pipelines.register_names import NOBODY, names_for_redaction
from pseudonymisation.free_text import Own, Redactor, own_record, redact, redact_column

DEMO = Path(__file__).resolve().parents[2] / "pipelines" / "demo"
TODAY = date(2026, 11, 25)
# Number (day + 60: nobody), name, address. Words too: a month, a storm, to live, a forest, a poem's dew.
PEOPLE = [
    ("6101401230", "Maj Storm", "Nygade 12, 2. tv"),
    ("6202411231", "Bo Skov", "Haven 3"),
    ("6303421232", "Xhemile Berisha", "Haven 3"),
    ("6404431233", "Pia de Neergaard", "Store Vibevej 4"),
]
OWN = [  # each with a note in her own record, and what must not be left of it
    (0, "maj klager over smerter i dag, og storm er urolig", ("maj", "storm")),
    (0, "bor stadig på nygade, storms søn kom", ("nygade", "storm")),
    (1, "bo er ked af det. skov svarer ikke. hjem til haven", ("bo", "skov", "haven")),
    (1, "xhemile kom hjem, bo sov", ("xhemile", "bo")),  # who lives with him
    (3, "pia faldt ved store vibevej", ("pia", "vibevej")),
]
OTHERS = "vejet i maj, efter storm kan hun bo i skov"  # words, in somebody else's record


def registers() -> tuple[Contract, Contract]:
    """A population in one file, of the demo's columns, and a register of notes about its people."""
    contracts = read_contracts(DEMO)
    cpr = next(one for one in contracts.values() if one.population)
    person = cpr.person
    assert person is not None
    name = replace(
        person, name="navn", header="NAVN", role="direct_identifier", treatment="drop", kind="", shape="text"
    )
    known = (person, name, contracts["cpr_adresse"].column("husstand"))
    cpr = replace(
        cpr, properties=known, parts=(), key=(), files="cpr_udtraek_*.csv", format="csv", delimiter=";", end_record=""
    )
    note = replace(person, name="notat", header="NOTAT", role="free_text", treatment="redact", kind="", shape="text")
    return cpr, replace(cpr, register="noter", population=False, properties=(person, note))


@pytest.fixture
def inbox(tmp_path):
    """The population's file, as it is delivered, with these four people in it."""
    cpr, _ = registers()
    with (tmp_path / "cpr_udtraek_2025.csv").open("w", encoding=cpr.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=cpr.delimiter)
        writer.writerow([one.header for one in cpr.properties])
        places = {"person": 0, "navn": 1, "husstand": 2}
        writer.writerows([[who[places[one.name]] for one in cpr.properties] for who in PEOPLE])
    return tmp_path


def in_two_records(folder: Path) -> tuple[Contract, Contract, Contract]:
    """The same people, as the CPR extract has them: the number in one record, name and address in another."""
    whole, notes = registers()
    person, name, home = whole.properties
    cpr = replace(whole, properties=(person,), files="cpr_numre_*.csv")
    part = replace(
        whole, register="cpr_navne", population=False, part_of=cpr.register, properties=(person, name, home),
        files="cpr_navne_*.csv",
    )  # fmt: skip
    rows = {"cpr_numre_2025.csv": [(who[0],) for who in PEOPLE], "cpr_navne_2025.csv": PEOPLE}
    for contract, (file, lines) in zip((cpr, part), rows.items(), strict=True):
        with (folder / file).open("w", encoding=contract.encoding, newline="") as stream:
            writer = csv.writer(stream, delimiter=contract.delimiter)
            writer.writerow([one.header for one in contract.properties])
            writer.writerows(lines)
    return cpr, part, notes


def vault_of(rows, names):
    _, notes = registers()
    frame = pl.DataFrame({"person": [PEOPLE[who][0] for who, _ in rows], "notat": [text for _, text in rows]})
    made = pseudonymise_register(
        notes, frame, secret=b"s" * 32, study="s", epoch=1, reference_date=None, districts={}, names=names
    )
    return made.frame["notat"].to_list()


def left(texts: list[str]) -> int:
    """How many of the words that name somebody still stand in some text."""
    words = {word for *_, words in OWN for word in words}
    return sum(bool(re.search(rf"\b{word}s?\b", text.lower())) for text in texts for word in words)


def test_a_name_that_is_a_common_word_is_gone_from_her_own_record_and_the_word_stays_in_others(inbox, attack_row):
    cpr, notes = registers()
    names = names_for_redaction({"cpr": cpr, "noter": notes}, inbox, today=TODAY)
    asked = [(who, text) for who, text, _ in OWN]
    listed = [redact(text, names=names.names, addresses=names.addresses) for _, text in asked]
    assert left(listed) >= 5  # the attack works: a list of all names must leave ordinary words
    ours = vault_of(asked, names)
    assert vault_of([(2, OTHERS)], NOBODY) == [OTHERS]
    others = vault_of([(3, OTHERS)], names)[0]
    attack_row.row(
        "11",
        tried=f"{len(OWN)} notes with names that are common words, in small letters, in the own record",
        twin=f"{left(listed)} left by a list of everybody's names",
        result=f"{left(ours)} left; the words stay in others' records: {'yes' if others == OTHERS else 'no'}",
        limit="0",
        held=left(ours) == 0 and others == OTHERS,
    )


def test_a_name_that_stands_in_another_record_of_the_population_is_gone_too(tmp_path, attack_row):
    cpr, part, notes = in_two_records(tmp_path)
    asked = [(who, text) for who, text, _ in OWN]
    alone = names_for_redaction({"cpr": cpr, "noter": notes}, tmp_path, today=TODAY)
    both = names_for_redaction({"cpr": cpr, "cpr_navne": part, "noter": notes}, tmp_path, today=TODAY)
    twin, ours = left(vault_of(asked, alone)), left(vault_of(asked, both))
    assert twin >= 5  # the attack works on who reads the population's own record only
    attack_row.row(
        "11",
        tried=f"{len(OWN)} notes, where name and address stand in a part of the population",
        twin=f"{twin} names left when the population's own record is read alone",
        result=f"{ours} left",
        limit="0",
        held=ours == 0,
    )
    assert both.names == {name for _, name, _ in PEOPLE}


def test_name_in_one_record_and_address_in_another_make_one_household(tmp_path):
    cpr, part, notes = in_two_records(tmp_path)
    person, name, home = part.properties
    rows = [(who[0], who[2]) for who in PEOPLE]
    with (tmp_path / "cpr_adresser_2025.csv").open("w", encoding=part.encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=part.delimiter)
        writer.writerow([person.header, home.header])
        writer.writerows(rows)
    named = replace(part, properties=(person, name, replace(home, optional=True, role="plain", treatment="drop")))
    homes = replace(part, register="cpr_adresser", properties=(person, home), files="cpr_adresser_*.csv")
    registers = {"cpr": cpr, "cpr_navne": named, "cpr_adresser": homes, "noter": notes}
    names = names_for_redaction(registers, tmp_path, today=TODAY)
    assert vault_of([(1, "xhemile kom hjem, bo sov")], names) == ["[NAVN] kom hjem, [NAVN] sov"]


def test_the_registers_own_names_reach_the_redactor_of_this_run_and_nothing_else_does(inbox):
    cpr, notes = registers()
    assert {one.name for one in cpr.properties if one.role == "direct_identifier"} & {"navn"}
    assert next(one for one in cpr.properties if one.name == "navn").dropped  # at ingest
    names = names_for_redaction({"cpr": cpr, "noter": notes}, inbox, today=TODAY)
    assert {"Xhemile Berisha", "Bo Skov"} <= names.names
    assert "Store Vibevej" in names.addresses
    assert "Haven" not in names.addresses  # a word: only in the record of those who live there
    assert not {"Berisha", "6101401230", "Haven"} & set(repr(names).replace("'", " ").split())
    note = "snakket med xhemile om det"
    assert "xhemile" in redact(note)  # no list of ours has her
    assert redact(note, names=names.names) == "snakket med [NAVN] om det"


def test_where_nothing_is_redacted_no_name_is_read(tmp_path):
    cpr, _ = registers()
    assert names_for_redaction({"cpr": cpr}, tmp_path / "no such inbox", today=TODAY) is NOBODY


SOME = ("hun", "er", "i", "god", "bedring", "sov", "maj", "storm", "Maj", "BO", "bo's", "skovs", "nygade", "12", "dag.")
WORDS = st.lists(st.sampled_from(SOME), max_size=12).map(" ".join)
RECORDS = [own_record(names={"Maj Storm"}, addresses={"Nygade 12"}), own_record(names={"Bo Skov"})]


@given(WORDS, st.sampled_from(RECORDS))
def test_nothing_of_ones_own_is_left_and_all_that_is_found_without_it_is_found_with_it(text, own):
    redactor = Redactor()
    with_own, without = redactor.traces(text, own=own), redactor.traces(text)
    kept = text
    for trace in reversed(with_own):
        kept = kept[: trace.start] + "¤" + kept[trace.end :]
    assert not re.search(rf"\b(?:{'|'.join(own.names)})(?:'?s)?\b", kept.lower())
    covered = {place for trace in with_own for place in range(trace.start, trace.end)}
    assert all(set(range(trace.start, trace.end)) <= covered for trace in without)
    column = redact_column(pl.Series("t", [text, text]), own=[own, None]).texts.to_list()
    assert column == [redact_with(redactor, text, own), redactor.text(text)]


def redact_with(redactor: Redactor, text: str, own: Own) -> str:
    made = text
    for trace in reversed(redactor.traces(text, own=own)):
        made = f"{made[: trace.start]}[{trace.type}]{made[trace.end :]}"
    return made
