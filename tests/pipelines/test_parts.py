"""A population in several records, and its people's former numbers: one row a person."""

from __future__ import annotations

import polars as pl
import pytest
from contract_builders import document, written

from pipelines import aliases
from pipelines.contracts import Contract, read_contract, read_contracts
from pipelines.errors import InputErrors
from pipelines.parts import joined, one_row_each

PERSON = {"name": "person", "physicalName": "cpr", "role": "person_identifier"}
OLD, NEW, OTHER = "6101501234", "6101502345", "6201501111"


def contract(folder, columns, name: str, **own: object) -> Contract:
    tree = {**document(columns, files=f"{name}*.csv", **own), "id": name}
    return read_contract(written(folder, tree, f"{name}.yaml"))


@pytest.mark.parametrize("population", [True, False])
def test_in_the_population_a_former_number_is_nobody_and_elsewhere_it_is_counted(tmp_path, population):
    register = contract(tmp_path, [PERSON], "cpr", population=population)
    frame, former = aliases.of_people(register, pl.DataFrame({"person": [OLD, NEW, OTHER, None]}), {OLD: NEW})
    assert former == 1
    assert frame["person"].to_list() == ([NEW, OTHER, None] if population else [OLD, NEW, OTHER, None])


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


def test_the_concepts_of_another_records_text_become_the_populations_too(tmp_path):
    note = {"name": "note", "role": "free_text", "treatment": "concepts", "concepts": {"fald": ["faldt"]}}
    contract(tmp_path, [PERSON], "cpr", population=True)
    contract(tmp_path, [PERSON, note], "noter", part_of="cpr")
    read = read_contracts(tmp_path)["cpr"]
    made = joined(
        pl.DataFrame({"person": ["a", "b"]}), pl.DataFrame({"person": ["b"], "note_fald": [True]}), read.parts
    )
    assert made.to_dicts() == [{"person": "a", "note_fald": None}, {"person": "b", "note_fald": True}]
