from __future__ import annotations

from datetime import date

import pytest
from contract_builders import COLUMNS, column, contract, document, written

from pipelines.contracts import read_contract, read_contracts
from pipelines.errors import InputError, InputErrors
from pipelines.formats import date_format, is_boolean_format, is_date_format
from reports.catalogue import Language


def faults(folder, tree, name="besoeg.yaml"):
    with pytest.raises(InputErrors) as caught:
        read_contract(written(folder, tree, name))
    for language in Language:
        assert len(caught.value.text(language)) > 40  # every fault has words in both languages
    return [error.key for error in caught.value.errors]


def one(**fields):
    """A contract of a person and one column more."""
    return document([COLUMNS[0], {"name": "x", "physicalName": "X", **fields}])


def test_reads_a_contract_into_values_with_defaults_by_role(tmp_path):
    read = contract(tmp_path, encoding="cp1252", missing=["Uoplyst"])
    assert (read.register, read.files, read.format, read.encoding) == ("besoeg", "besoeg*.csv", "csv", "cp1252")
    assert (read.delimiter, read.decimal, read.header_row, read.max_rejected_share) == (";", ",", 1, 0.05)
    treatments = {column.name: column.treatment for column in read.properties}
    assert treatments == {
        "cpr": "pseudonym", "start": "offset", "minutter": "keep", "antal": "keep", "modtaget": "keep",
        "status": "keep", "navn": "drop",
    }  # fmt: skip
    assert read.person is not None
    assert (read.person.kind, read.person.shape, read.person.required) == ("person", "cpr", True)
    assert read.column("status").codes == ("01", "03", "90")
    assert read.column("minutter").purpose == "At se, hvad der hjælper"
    assert len(read.sha256) == 64


def test_reads_every_contract_of_a_workspace_sorted_by_register(tmp_path):
    for register in ("b", "a"):
        written(tmp_path, {**document(), "id": register}, f"{register}_x.yaml")
    assert list(read_contracts(tmp_path)) == ["a", "b"]


def test_a_changed_byte_is_another_contract(tmp_path):
    first = contract(tmp_path).sha256
    path = tmp_path / "contracts" / "besoeg.yaml"
    path.write_bytes(path.read_bytes() + b"\n")
    assert read_contract(path).sha256 != first


def test_an_unknown_role_stops(tmp_path):
    assert faults(tmp_path, one(role="unknown")) == ["contract_role_unknown"]


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "contract_role_missing"),
        ({"role": "secret"}, "contract_value"),
        ({"role": "plain", "treatment": "hide"}, "contract_value"),
        ({"role": "plain", "kind": "cat"}, "contract_value"),
        ({"role": "plain", "roll": "plain"}, "contract_property"),
        ({"role": "plain", "codes": [1, 3]}, "contract_value"),
        ({"role": "plain", "codes": ["1"], "logicalType": "integer"}, "contract_codes_type"),
        ({"role": "direct_identifier", "treatment": "keep"}, "contract_treatment"),
        ({"role": "free_text", "treatment": "keep"}, "contract_treatment"),
        ({"role": "person_identifier"}, "contract_two_persons"),
        ({"role": "linking_identifier"}, "contract_kind_missing"),
        ({"role": "plain", "logicalType": "date", "treatment": "keep"}, "contract_treatment_type"),
        ({"role": "quasi_identifier", "treatment": "age_band"}, "contract_treatment_type"),
        ({"role": "plain", "logicalType": "number", "treatment": "band"}, "contract_cuts_missing"),
        ({"role": "plain", "logicalType": "money"}, "contract_choice"),
        ({"role": "plain", "minimum": 3}, "contract_bound"),
        ({"role": "date", "logicalType": "date", "minimum": 3}, "contract_bound"),
        ({"role": "date", "logicalType": "date", "formats": ["dd-mm-yy"]}, "contract_formats"),
        ({"role": "plain", "pattern": "(?=x)"}, "contract_pattern"),
        ({"role": "date", "logicalType": "date", "not_before": "minutter"}, "contract_not_before"),
    ],
)
def test_refuses_what_the_closed_schema_does_not_know(tmp_path, fields, key):
    assert key in faults(tmp_path, one(**fields))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"apiVersion": "v2.0.0"}, "contract_version"),
        ({"id": "Besøg 1"}, "contract_id"),
        ({"version": None}, "contract_field_missing"),
        ({"schema": []}, "contract_one_schema"),
        ({"owner": "us"}, "contract_standard"),
        ({"status": ["active"]}, "contract_standard"),
    ],
)
def test_refuses_what_the_standard_does_not_know(tmp_path, change, key):
    assert key in faults(tmp_path, {**document(), **change})


def test_files_lie_in_the_inbox(tmp_path):
    for pattern in ("../besoeg.csv", "/etc/passwd", "sub/besoeg.csv"):
        assert faults(tmp_path, document(files=pattern)) == ["contract_files_outside"]


def test_names_and_headers_stand_once(tmp_path):
    assert "contract_name_twice" in faults(tmp_path, document([*COLUMNS, {**COLUMNS[1], "physicalName": "Slut"}]))
    assert "contract_header_twice" in faults(tmp_path, document([*COLUMNS, {**COLUMNS[1], "name": "slut"}]))
    assert "contract_key_column" in faults(tmp_path, document(key=["cpr", "dato"]))


def test_tells_all_faults_of_all_contracts_at_once_with_line_and_path(tmp_path):
    written(tmp_path, one(role="unknown"), "a.yaml")
    written(tmp_path, one(role="plain", roll="x"), "b.yaml")
    with pytest.raises(InputErrors) as caught:
        read_contracts(tmp_path)
    first, second = caught.value.errors
    assert (first.facts["file"], second.facts["file"]) == ("contracts/a.yaml", "contracts/b.yaml")
    assert second.facts["path"] == "schema[0].properties[1].customProperties[1].property"
    lines = (tmp_path / "contracts" / "b.yaml").read_text(encoding="utf-8").splitlines()
    assert "roll" in lines[int(second.facts["row"]) - 1]


def test_a_register_has_one_contract_and_one_register_is_the_population(tmp_path):
    written(tmp_path, document(population=True), "a.yaml")
    written(tmp_path, document(), "b.yaml")
    written(tmp_path, {**document(population=True), "id": "other"}, "c.yaml")
    with pytest.raises(InputErrors) as caught:
        read_contracts(tmp_path)
    assert [error.key for error in caught.value.errors] == ["contract_register_twice", "contract_two_populations"]


def test_a_workspace_without_contracts_is_said_so(tmp_path):
    with pytest.raises(InputError) as caught:
        read_contracts(tmp_path)
    assert caught.value.key == "contracts_missing"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"a: [1", "contract_yaml"),
        (b"- a", "contract_yaml"),
        (b"", "contract_yaml"),
        ("navn: Besøg".encode("cp1252"), "contract_encoding"),
        (b"a: &x [1]\nb: *x\n", "contract_too_clever"),
        (b"\x00\x01", "contract_yaml"),
    ],
)
def test_a_file_that_is_no_contract_is_worded(tmp_path, data, key):
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    with pytest.raises(InputErrors) as caught:
        read_contract(path)
    assert caught.value.key == key
    assert all(caught.value.text(language) for language in Language)


def test_a_key_that_stands_twice_is_found(tmp_path):
    path = written(tmp_path, document())
    path.write_text(path.read_text(encoding="utf-8") + "status: draft\n", encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        read_contract(path)
    assert caught.value.key == "contract_key_twice"


def test_bounds_may_be_dates_or_today(tmp_path):
    read = contract(
        tmp_path,
        [COLUMNS[0], {**COLUMNS[1], "minimum": date(2020, 1, 1), "maximum": "today"}],
    )
    start = read.column("start")
    assert (start.minimum, start.maximum, start.not_after_today) == (date(2020, 1, 1), None, True)


def test_the_standards_own_models_accept_what_we_write(tmp_path):
    from open_data_contract_standard.model import OpenDataContractStandard

    OpenDataContractStandard.from_file(str(written(tmp_path, document())))


def test_formats_are_written_in_plain_letters():
    assert date_format("dd-mm-yyyy hh:mm") == "%d-%m-%Y %H:%M"
    assert date_format("yyyy-mm-dd hh:mm:ss.000") == "%Y-%m-%d %H:%M:%S%.f"
    assert date_format("åååå-mm-ddTtt:mm") == "%Y-%m-%dT%H:%M"
    assert [is_date_format(text) for text in ("yyyymmdd", "%d.%m.%Y", "dd-mm-yy", "mm-yyyy", "dag")] == [
        True, True, False, True, False,
    ]  # fmt: skip
    assert [is_boolean_format(text) for text in ("Ja/Nej", "X/", "Ja", "/x", "a/b/c")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_column_builder_keeps_the_standard_apart():
    assert column(name="a", role="plain") == {"name": "a", "customProperties": [{"property": "role", "value": "plain"}]}
