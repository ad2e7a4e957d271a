"""The examples: public data that nobody here made, each a whole workspace."""

import os
from pathlib import Path

import pytest

from pipelines.cohort import build_cohort
from pipelines.contracts import read_contracts
from pipelines.meaning import carried
from pipelines.study import inbox_folder, read_study
from pipelines.study_check import check_contracts

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/study.toml"))
FILES = {
    "nafld": "nafld/person.csv.gz",
    "diabetes130": "diabetes130.parquet",
    "danish_diabetes": "danish_diabetes.csv.gz",
    "nhanes": "nhanes.csv.gz",
}
KNOWN = {
    "nafld": (17_549, 13_815, 1_233),
    "diabetes130": (71_518, 69_973, 6_277),
    "danish_diabetes": (10_000, 5_850, 670),
    "nhanes": (6_779, 4_654, 1_187),
}


def test_there_are_four_examples():
    assert sorted(FILES) == NAMES == sorted(KNOWN)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_reads_and_its_study_fits_its_contracts(name):
    workspace = EXAMPLES / name
    assert check_contracts(read_study(workspace), read_contracts(workspace)) == []
    assert (workspace / "ACCOUNT.md").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_gives_the_people_and_outcomes_that_its_account_tells(name):
    from pipelines.ingest import ingest_register
    from pipelines.pseudonymise import pseudonymise_register

    data = os.environ.get("UNDRING_DATA")
    if not data or not (Path(data) / FILES[name]).exists():
        pytest.skip(
            f"NO DATA: {FILES[name]} is in no UNDRING_DATA; `make data` fetches nafld and danish_diabetes, "
            "examples/README.md tells of the others"
        )
    workspace = EXAMPLES / name
    contracts = read_contracts(workspace)
    study = carried(read_study(workspace), contracts)
    frames = {}
    for register, contract in contracts.items():
        taken = ingest_register(contract, inbox_folder(study, workspace))
        assert taken.rows_rejected == 0
        frames[register] = pseudonymise_register(
            contract,
            taken.frame,
            secret=b"k" * 32,
            study=study.id,
            epoch=0,
            districts={},
            reference_date=study.reference_date,
        ).frame
    made = build_cohort(study, frames.__getitem__)
    outcomes = int(made.frame[study.outcomes[0].name].sum())
    assert (dict(made.flow)["all"], made.frame.height, outcomes) == KNOWN[name]
