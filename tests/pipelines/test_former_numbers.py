"""A person who got a new number is one person: under every register's old number too, and with their objection."""

from __future__ import annotations

import polars as pl
import pytest
from contract_builders import document, written
from hypothesis import given
from hypothesis import strategies as st

from pipelines import objections
from pipelines.contracts import Contract, read_contract, read_contracts
from pipelines.errors import InputErrors
from pipelines.former_numbers import FormerNumbers
from pipelines.parts import joined, one_row_each

PERSON = {"name": "person", "physicalName": "cpr", "role": "person_identifier"}
FORMER = {"name": "gammelt", "role": "linking_identifier", "kind": "person"}
OLD, NEW, NEWER, OTHER = "6101501234", "6101502345", "6101503456", "6201501111"


def contract(folder, columns, name: str = "besoeg", **own: object) -> Contract:
    tree = {**document(columns, files=f"{name}*.csv", **own), "id": name}
    return read_contract(written(folder, tree, f"{name}.yaml"))


@pytest.fixture
def visits(tmp_path) -> Contract:
    return contract(tmp_path, [PERSON, {"name": "kode", "role": "plain"}])


def rows(*people: str | None) -> pl.DataFrame:
    return pl.DataFrame({"person": list(people), "kode": "a"}, schema={"person": pl.String, "kode": pl.String})


@pytest.fixture(autouse=True)
def nobody_objects(monkeypatch):
    monkeypatch.setattr(objections, "without_objectors", lambda run, contract, frame: frame)


def test_rows_under_a_former_number_are_the_persons_who_has_another_now(visits):
    numbers = FormerNumbers([(OLD, NEW), (NEW, NEWER)])
    frame, moved = numbers.moved(None, visits, rows(OTHER, OLD, None, NEW, NEWER))
    assert moved == 2
    assert sorted(frame["person"].to_list(), key=str) == sorted([OTHER, None, NEWER, NEWER, NEWER], key=str)
    assert numbers.people == 1


def test_a_register_of_former_numbers_is_read_by_its_contract(tmp_path):
    register = contract(tmp_path, [PERSON, FORMER], "numre", renumbers="gammelt")
    frame = pl.DataFrame({"person": [NEW, NEWER], "gammelt": [OLD, "610150-9999"]})
    numbers = FormerNumbers.of(register, [frame])
    assert numbers.people == 2
    assert numbers.moved(None, register, frame.select("person").with_columns(kode=pl.lit("a")))[1] == 0


def test_in_the_population_a_former_number_is_nobody(tmp_path):
    home = contract(tmp_path, [PERSON, {"name": "kode", "role": "plain"}], "cpr", population=True)
    frame, moved = FormerNumbers([(OLD, NEW)]).moved(None, home, rows(OLD, NEW, OTHER))
    assert (frame["person"].to_list(), moved) == ([NEW, OTHER], 1)


def test_who_objected_is_left_out_under_the_former_number_too(visits, monkeypatch):
    objected = lambda run, contract, frame: frame.filter(pl.col("person") != NEW)  # noqa: E731
    monkeypatch.setattr(objections, "without_objectors", objected)
    frame, _ = FormerNumbers([(OLD, NEW)]).moved(None, visits, rows(OLD, OTHER))
    assert frame["person"].to_list() == [OTHER]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20), st.lists(st.integers(0, 12)))
def test_nobody_is_left_under_a_number_that_was_changed_and_no_row_is_lost(pairs, people):
    numbers = FormerNumbers((f"{old:010d}", f"{new:010d}") for old, new in pairs)
    column = type("Column", (), {"name": "person", "shape": "cpr"})()
    register = type("Register", (), {"person": column, "population": False})()
    frame = rows(*(f"{one:010d}" for one in people))
    moved, changed = numbers.moved(None, register, frame)
    assert moved.height == frame.height
    again, still = numbers.moved(None, register, moved)
    assert still == 0  # also where numbers lead in a ring
    assert again.equals(moved)
    assert changed <= frame.height


def test_columns_of_another_record_become_the_populations_own(tmp_path):
    status = {"name": "status", "role": "plain", "time": "historic"}
    home = {"name": "husstand", "role": "linking_identifier", "kind": "household"}
    contract(tmp_path, [PERSON, status], "cpr", population=True)
    contract(tmp_path, [PERSON, home], "adresse", part_of="cpr")
    read = read_contracts(tmp_path)["cpr"]
    assert [column.name for column in read.held] == ["person", "status", "husstand"]
    people = pl.DataFrame({"person": ["a", "b", "c"], "status": ["01", "01", "90"]})
    part = pl.DataFrame({"person": ["b", "b", "a", "a"], "husstand": ["h1", "h1", "h2", "h3"]})
    made = joined(people, one_row_each([part]), read.parts)
    assert made["husstand"].to_list() == [None, "h1", None]  # two addresses of one person: nobody knows which
    assert made["person"].to_list() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("own", "columns", "key"),
    [
        ({"part_of": "mangler"}, [PERSON], "contract_part_of"),
        ({"part_of": "cpr"}, [PERSON, {"name": "status", "role": "plain", "time": "event"}], "contract_part_twice"),
        ({"renumbers": "findes_ikke"}, [PERSON], "contract_renumbers"),
        ({"unlinked": True}, [PERSON], "contract_unlinked"),
    ],
)
def test_contracts_that_do_not_fit_together_are_refused(tmp_path, own, columns, key):
    status = {"name": "status", "role": "plain", "time": "historic"}
    contract(tmp_path, [PERSON, status], "cpr", population=True)
    written(tmp_path, {**document(columns, files="x*.csv", **own), "id": "andet"}, "andet.yaml")
    with pytest.raises(InputErrors) as caught:
        read_contracts(tmp_path)
    assert key in {error.key for error in caught.value.errors}
