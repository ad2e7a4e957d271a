from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl
import pytest
from contract_builders import COLUMNS, contract
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import InputError, InputErrors
from pipelines.pseudonymise import IdentifierLeft, assert_no_identifiers, pseudonymise_register, read_districts
from pipelines.study_check import vault_schema
from pseudonymisation import cpr, keys, pseudonyms
from reports.catalogue import Language

SECRET = b"s" * 32
DAY = date(2025, 1, 1)
FULL = [
    COLUMNS[1],
    COLUMNS[0],
    {
        "name": "foedt",
        "physicalName": "Født",
        "logicalType": "date",
        "role": "quasi_identifier",
        "treatment": "age_band",
    },
    {"name": "husstand", "physicalName": "Adresse", "role": "linking_identifier", "kind": "household"},
    {"name": "paaroerende", "physicalName": "Pårørende", "role": "linking_identifier", "kind": "person"},
    {"name": "sag", "physicalName": "Sag", "role": "linking_identifier", "kind": "case"},
    {"name": "distrikt", "physicalName": "Vejkode", "role": "quasi_identifier", "treatment": "district"},
    {"name": "minutter", "logicalType": "number", "role": "plain", "treatment": "band", "cuts": [10, 20]},
    {"name": "note", "physicalName": "Note", "role": "free_text", "treatment": "redact"},
    {"name": "status", "physicalName": "Status", "role": "plain"},
    {"name": "navn", "physicalName": "Borger", "role": "direct_identifier"},
]
ROW = {
    "start": date(2024, 12, 31), "cpr": "6101501234", "foedt": date(1950, 1, 2), "husstand": "Nygade 12 B, St.Th.",
    "paaroerende": "6101501234", "sag": "a-17", "distrikt": "123", "minutter": 12.5,
    "note": "Ring til datter på 610150-9999", "status": "Udført",
}  # fmt: skip
SCHEMA = {"start": pl.Date, "foedt": pl.Date, "minutter": pl.Float64}


def frame(*rows) -> pl.DataFrame:
    """Identified rows: ROW with other cells."""
    return pl.DataFrame([{**ROW, **row} for row in rows], schema={name: SCHEMA.get(name, pl.String) for name in ROW})


def made(agreed, register, *, study="demo", epoch=1):
    return pseudonymise_register(
        agreed, register, secret=SECRET, study=study, epoch=epoch, reference_date=DAY, districts={"0123": "Nord"}
    )


@pytest.fixture
def agreed(tmp_path):
    return contract(tmp_path, FULL)


def test_every_treatment_gives_what_the_vault_holds(agreed):
    result = made(agreed, frame({}))
    row = result.frame.row(0, named=True)
    key = keys.derive(SECRET, study="demo", recipient="internal", kind="person", epoch=1)
    assert result.frame.columns[0] == "person"
    assert row["person"] == pseudonyms.pseudonym("6101501234", key=key)
    assert row["paaroerende"] == row["person"]  # one pseudonym a person, whichever column names them
    assert (row["start"], row["foedt"], row["distrikt"], row["status"]) == (-1, 74, "Nord", "Udført")
    assert row["minutter"] == "10-<20"
    assert row["note"] == "Ring til datter på [CPR]"
    assert result.frame.schema["start"] == pl.Int32
    assert result.frame.schema["foedt"] == pl.Int16
    assert (result.people, result.dropped_columns) == (1, ("navn",))
    assert pseudonyms.check(row["husstand"])
    assert pseudonyms.check(row["sag"])


def test_one_door_written_by_two_hands_is_one_household_and_kinds_never_meet(agreed):
    rows = made(
        agreed, frame({}, {"husstand": "nygade 12b st th", "sag": " A-17 "}, {"sag": "Nygade 12 B, St.Th."})
    ).frame
    assert rows["husstand"].n_unique() == 1
    assert rows["sag"].n_unique() == 2
    assert not set(rows["husstand"]) & set(rows["sag"]) & set(rows["person"])


def test_another_study_or_epoch_gives_other_pseudonyms(agreed):
    seen = [
        set(made(agreed, frame({}), study=study, epoch=epoch).frame["person"])
        for study, epoch in (("demo", 1), ("other", 1), ("demo", 2))
    ]
    assert len(set.union(*seen)) == 3


def test_an_unknown_road_has_no_district_and_a_missing_value_stays_missing(agreed):
    row = made(agreed, frame({"distrikt": "0999", "start": None, "husstand": None, "note": None})).frame.row(
        0, named=True
    )
    assert [row[name] for name in ("distrikt", "start", "husstand", "note")] == [None] * 4


@given(
    order=st.randoms(use_true_random=False), rows=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), min_size=1)
)
@settings(deadline=None, max_examples=30)
def test_rows_come_in_the_same_order_whatever_order_they_came_in(order, rows, tmp_path_factory):
    agreed = contract(tmp_path_factory.mktemp("workspace"), FULL)
    register = frame(*({"cpr": f"610150123{who}", "start": DAY - timedelta(days)} for who, days in rows))
    shuffled = list(range(register.height))
    order.shuffle(shuffled)
    first, second = made(agreed, register).frame, made(agreed, register[shuffled]).frame
    assert first.equals(second)
    assert first.rows() == sorted(first.rows(), key=lambda row: [(value is not None, value) for value in row])


def test_a_register_without_people_has_none(tmp_path):
    dwellings = contract(tmp_path, [FULL[3], FULL[9]])
    result = made(dwellings, pl.DataFrame({"husstand": ["Nygade 1"], "status": ["Almen"]}))
    assert (result.people, result.frame.columns) == (0, ["husstand", "status"])


def test_a_needed_district_table_that_is_missing_is_said(agreed):
    with pytest.raises(InputError) as caught:
        pseudonymise_register(agreed, frame({}), secret=SECRET, study="demo", epoch=1, reference_date=DAY, districts={})
    assert caught.value.key == "districts_missing"


LEFT = [
    *cpr.spellings("6101501234"),
    "ring 610150-1234 i dag",
    "x610150 1234y",
    "skriv til karen.holm@example.dk",
]


@pytest.mark.parametrize("value", LEFT)
def test_an_identifier_left_in_a_kept_column_stops_and_only_the_column_is_named(agreed, value):
    with pytest.raises(IdentifierLeft) as caught:
        made(agreed, frame({}, {"status": value}))
    assert caught.value.facts["column"] == "status"
    for text in [str(caught.value), *(caught.value.text(language) for language in Language)]:
        assert value not in text
        assert "1234" not in text


def test_numbers_that_are_cpr_numbers_are_found_and_amounts_are_not():
    draw = random.Random(5)
    people = [
        f"{61 + draw.randrange(28)}{1 + draw.randrange(12):02d}{draw.randrange(100):02d}{draw.randrange(10_000):04d}"
        for _ in range(50)
    ]
    for kind in (pl.Int64, pl.UInt64, pl.Float64):
        with pytest.raises(IdentifierLeft):
            assert_no_identifiers(
                pl.DataFrame({"x": pl.Series([int(text) for text in people], dtype=kind)}), register="r"
            )
    amounts = [draw.randrange(1_000_000_000, 9_999_999_999) for _ in range(500)]
    assert_no_identifiers(pl.DataFrame({"x": amounts, "y": [1.5] * 500, "z": [True] * 500}), register="r")
    assert_no_identifiers(pl.DataFrame({"x": pl.Series([None], dtype=pl.Int64)}), register="r")


def test_numbers_whose_zero_a_spreadsheet_ate_are_found_in_text():
    with pytest.raises(IdentifierLeft):
        assert_no_identifiers(pl.DataFrame({"x": [f"{1}1{2}50{serial:04d}" for serial in range(20)]}), register="r")


def test_pseudonyms_and_ordinary_words_are_no_identifiers():
    everyone = pl.Series([f"{serial:06d}" for serial in range(20_000)])
    frame = pl.DataFrame(
        {
            "person": pseudonyms.pseudonym_column(everyone, key=b"k" * 32),
            "kode": ["DI509"] * 20_000,
            "uge": ["2024-W07"] * 20_000,
            "sor": ["276251000016009"] * 20_000,
            "ydelse": ["Personlig pleje, 14-17 timer"] * 20_000,
        }
    )
    assert_no_identifiers(frame, register="r")
    with pytest.raises(IdentifierLeft):  # the same letters beside a number are looked at
        assert_no_identifiers(frame.head(1).with_columns(person=pl.col("person") + " 610150-1234"), register="r")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("road;district\n0123;Nord\n", 1),
        ("vejkode;distrikt\n0123;Nord\n0124\n", 3),
        ("vejkode;distrikt\nNygade;Nord\n", 2),
        ("vejkode;distrikt\n0123;Nord\n123;Syd\n", 3),
        ("", None),
        ("vejkode;distrikt\n0123;Nord\n\n 124 ; Syd\n", None),
    ],
)
def test_the_districts_file_is_two_columns(tmp_path, text, row):
    (tmp_path / "districts.csv").write_text(text, encoding="utf-8-sig")
    if row:
        with pytest.raises(InputError) as caught:
            read_districts(tmp_path)
        assert (caught.value.key, caught.value.facts["row"]) == ("districts_unreadable", row)
    else:
        assert read_districts(tmp_path) == ({"0123": "Nord", "0124": "Syd"} if text else {})


def test_a_workspace_without_the_file_has_no_districts(tmp_path):
    assert read_districts(tmp_path) == {}


def test_of_a_text_only_the_contracts_concepts_are_kept_each_as_yes_or_no(tmp_path):
    asked = {"fald": ["fald", "faldt", "falde*"], "ensom": ["føler sig alene", "ensom*"]}
    note = {"name": "note", "physicalName": "Note", "role": "free_text", "treatment": "concepts", "concepts": asked}
    agreed = contract(tmp_path, [COLUMNS[0], note])
    texts = ["Maj Storm FALDT i dag, 610150-1234", "affaldt og faldskærm", "hun er ensomt stillet; faldet 2 gange",
             "føler sig alene på Nygade 12", "", None]  # fmt: skip
    register = pl.DataFrame({"cpr": ["6101501234"] * len(texts), "note": texts}, schema_overrides={"note": pl.String})
    kept = made(agreed, register).frame
    assert kept.columns == ["person", "note_fald", "note_ensom"]
    assert dict(vault_schema(agreed)) == dict(kept.schema)
    told = {text: made(agreed, register[place]).frame.row(0)[1:] for place, text in enumerate(texts)}
    assert list(told.values()) == [
        (True, False),
        (False, False),
        (True, True),
        (False, True),
        (False, False),
        (None, None),
    ]


@pytest.mark.parametrize(
    "concepts", [None, {}, {"Fald": ["x"]}, {"fald": []}, {"fald": ["f.*"]}, {"fald": "faldt"}, ["fald"]]
)
def test_concepts_that_are_no_list_of_words_are_refused(tmp_path, concepts):
    note = {"name": "note", "physicalName": "Note", "role": "free_text", "treatment": "concepts"}
    with pytest.raises(InputErrors):
        contract(tmp_path, [COLUMNS[0], {**note, **({"concepts": concepts} if concepts is not None else {})}])
