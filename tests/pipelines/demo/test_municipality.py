"""The municipality that does not exist: nobody's numbers, files as the contracts say, and what was planted is there."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from pipelines import aliases, mass_days
from pipelines.cohort import build_cohort
from pipelines.contracts import read_contracts
from pipelines.demo import draw, make_municipality, truth_identities
from pipelines.demo.identities import cpr_numbers
from pipelines.demo.people_registers import WIDTHS
from pipelines.demo.world import PLANTED, World
from pipelines.ingest import ingest_register
from pipelines.meaning import carried
from pipelines.parts import joined, one_row_each
from pipelines.pseudonymise import pseudonymise_register
from pipelines.study import read_study
from pseudonymisation import keys, pseudonyms
from pseudonymisation.aliases import resolved

PEOPLE, SEED = 3_000, 5
CPR = "D251001.L431101"
START = pl.date(2025, 10, 1)
SECRET = b"s" * 32
TEN_DIGITS = re.compile(r"(?<!\d)(\d{6})[- ]?(\d{4})(?!\d)")
SMALL = {"cpr_beskyttelse", "cpr_numre"}  # registers of a handful of people
NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("municipality")
    make_municipality(folder, people=PEOPLE, seed=SEED)
    return folder


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file of the workspace as text, cell by cell."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".xlsx":
            sheets = pl.read_excel(path, sheet_id=0, engine="calamine", infer_schema_length=0, has_header=False)
            yield path.name, "\n".join(str(cell) for sheet in sheets.values() for row in sheet.rows() for cell in row)
        elif path.suffix == ".parquet":
            yield path.name, "\n".join(str(cell) for row in pl.read_parquet(path).rows() for cell in row)
        elif path.name == CPR:
            yield path.name, "\n".join(cell for _, cells in records(path) for cell in cells.values())
        else:
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            in_1252 = path.name.startswith(("cpr_", "indsatser", "GOP")) and path.suffix == ".csv"
            other = "utf-16" if path.name.startswith("ssik") else "utf-8-sig"
            yield path.name, content.decode("cp1252" if in_1252 else other)


def records(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The CPR extract's lines, cut by hand: record type, and its cells."""
    for line in path.read_text("iso-8859-1").splitlines():
        cells, at = {}, 3
        for name, width in WIDTHS.get(line[:3], {}).items():
            cells[name], at = line[at : at + width].strip(), at + width
        yield line[:3], cells


def hashes(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_arguments_give_the_same_bytes_and_another_seed_gives_others(tmp_path):
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        make_municipality(tmp_path / name, people=400, seed=seed)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "again")
    other = hashes(tmp_path / "other")
    same = {name for name, digest in hashes(tmp_path / "one").items() if other.get(name) == digest}
    assert not {name for name in same if name.startswith("inbox")}


def test_no_file_holds_a_number_that_a_living_person_could_have(workspace):
    seen = 0
    for name, text in texts(workspace):
        for found in TEN_DIGITS.finditer(text):
            day, month = int(found[1][:2]), int(found[1][2:4])
            if 1 <= month <= 12:
                assert not 1 <= day <= 31, name
                seen += 61 <= day <= 91
        for found in NINE_DIGITS.finditer(text):  # what an eaten zero would be put back into
            assert not 1 <= int(found[0][1:3]) <= 12, name
    assert seen > 10 * PEOPLE


def test_numbers_are_of_the_replacement_form_unique_and_of_the_right_century_and_sex():
    rng = np.random.default_rng(8)
    born = np.datetime64("1921-01-01") + rng.integers(0, 365 * 84, 30_000)
    born[:1_500] = np.datetime64("1946-05-11")  # many of one birthday
    female = rng.random(30_000) < 0.5
    numbers = cpr_numbers(born, female, rng).tolist()
    assert len(set(numbers)) == len(numbers)
    for number, day, woman in zip(numbers, born.tolist(), female.tolist(), strict=True):
        assert (int(number[:2]) - 60, int(number[2:4])) == (day.day, day.month)
        seventh, year = int(number[6]), int(number[4:6])
        if seventh <= 3 or (seventh in (4, 9) and year >= 37):
            century = 1900
        else:
            century = 2000 if seventh in (4, 9) or year <= 57 else 1800
        assert century + year == day.year
        assert int(number[9]) % 2 == (0 if woman else 1)


def test_every_file_belongs_to_one_contract_and_has_the_headers_it_names(workspace):
    contracts = read_contracts(workspace)
    for path in (workspace / "inbox").iterdir():
        assert [name for name, contract in contracts.items() if fnmatch(path.name, contract.files)], path.name
    for contract in contracts.values():
        ingested = ingest_register(contract, workspace / "inbox")  # an unknown or a missing column raises
        assert ingested.frame.height > 0
        assert all(column.purpose and contract.legal_basis for column in contract.properties)


def test_rows_that_break_a_contract_are_there_but_far_below_its_limit(workspace):
    for contract in read_contracts(workspace).values():
        ingested = ingest_register(contract, workspace / "inbox")
        assert ingested.rows_rejected > 0 or contract.register in SMALL, contract.register
        assert ingested.duplicates > 0 or contract.register in {"sygedagpenge", *SMALL}, contract.register
        assert ingested.rows_rejected / ingested.rows_read < 0.4 * contract.max_rejected_share, contract.register


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_smallest_municipality_the_command_makes_can_be_read(tmp_path, seed):
    """A dozen rows in a file, and one of them broken, is more than a contract bears: then none is."""
    make_municipality(tmp_path, people=500, seed=seed)
    for contract in read_contracts(tmp_path).values():
        ingested = ingest_register(contract, tmp_path / "inbox")
        assert ingested.rows_rejected / ingested.rows_read < 0.6 * contract.max_rejected_share, contract.register


def test_the_files_are_messy_in_the_ways_the_field_is(workspace):
    whole = dict(texts(workspace))
    assert ";1.0" in whole["indsatser_udtraek.csv"] or re.search(r";1\.\d{3},\d\d;", whole["indsatser_udtraek.csv"])
    assert "31-12-9999" in whole["indsatser_udtraek.csv"]
    assert re.search(r"tlf\. 95\d{6}", whole["indsatser_udtraek.csv"])
    assert re.search(r"^\d{6}-\d{4};", whole["cpr_haendelser_20251001.csv"], re.M)
    assert re.search(r"^\d{10};", whole["cpr_haendelser_20251001.csv"], re.M)
    assert (workspace / "inbox" / "ssik_2025.txt").read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    lines = (workspace / "inbox" / CPR).read_text("iso-8859-1").splitlines()
    assert lines[0].startswith("00020251001")
    assert lines[-1] == f"999{len(lines) - 2:08d}"
    assert {line[:3] for line in lines[1:-1]} == {"001", "003", "004", "008", "022", "023", "024"}
    first = next((workspace / "inbox").glob("levering_*.csv.gz"))
    assert gzip.decompress(first.read_bytes()).startswith(b"\xef\xbb\xbf")


def cohort_of(workspace: Path) -> pl.DataFrame:
    study, contracts = read_study(workspace), read_contracts(workspace)
    districts = dict(pl.read_csv(workspace / "districts.csv", separator=";", infer_schema=False).iter_rows())

    taken = {name: ingest_register(contract, workspace / "inbox") for name, contract in contracts.items()}
    newest = resolved(aliases.newest_numbers(contracts["cpr_numre"], taken["cpr_numre"].frame))

    def read(register: str) -> pl.DataFrame:
        contract = contracts[register]
        frame, _ = aliases.of_people(contract, taken[register].frame, newest)
        frame = aliases.under_newest(contract, frame, newest)
        made = pseudonymise_register(
            contract,
            mass_days.treated(frame, taken[register].mass_days),
            secret=SECRET,
            study=study.id,
            epoch=1,
            reference_date=study.reference_date,
            districts=districts,
        ).frame
        for part in ("cpr_adresse", "cpr_beskyttelse") if contract.population else ():
            made = joined(made, one_row_each([read(part)]), contract.parts)
        return made

    return build_cohort(carried(study, contracts), read).frame


def test_the_cohort_from_the_files_is_the_truth_person_by_person(workspace):
    residents, world = draw(people=PEOPLE, seed=SEED)
    key = keys.derive(SECRET, study="demo", recipient="internal", kind="person", epoch=1)
    person = pseudonyms.pseudonym_column(pl.Series("person", residents.cpr[:PEOPLE]), key=key)
    truth = pl.DataFrame({"person": person, **world.has, "akut_indlagt_90d": world.admitted})
    cohort = cohort_of(workspace)
    both = cohort.join(truth, on="person", suffix=" truth")
    assert both.height == cohort.height == PEOPLE  # those with a new number are one person each
    compared = [name.removesuffix(" truth") for name in both.columns if name.endswith(" truth")]
    assert len(compared) >= 45
    for name in compared:
        known = both.filter(pl.col(name).is_not_null())
        assert known.height >= 0.97 * PEOPLE, name
        assert (known[name] == known[f"{name} truth"]).all(), name
    home, household = residents.care_home[:PEOPLE], residents.household[:PEOPLE]
    assert cohort["cluster"].n_unique() == len(set(household.tolist()))
    assert cohort.group_by("cluster").len()["len"].max() == np.bincount(home[home >= 0]).max()


def test_planted_characteristics_can_be_read_from_the_files_without_our_ingest(workspace):
    """The plain road: filter the text of the files by hand, for the columns of two planted interactions."""
    residents, world = draw(people=PEOPLE, seed=SEED)
    inbox = workspace / "inbox"
    start, now = START, dict(zip(residents.former_cpr.tolist(), residents.cpr.tolist(), strict=True))

    def table(name: str) -> pl.DataFrame:
        content = (inbox / name).read_bytes().decode("cp1252").encode()
        return pl.read_csv(content, separator=";", infer_schema=False, truncate_ragged_lines=True)

    def people(rows: pl.DataFrame, number: str) -> set[str]:
        numbers = rows[number].str.replace("-", "").to_list()
        return {now.get(one, one) for one in numbers} & set(residents.cpr[:PEOPLE].tolist())

    day = pl.col("Ikrafttrædelse").str.to_date("%d-%m-%Y", strict=False)
    grants = table("indsatser_udtraek.csv").filter(
        (day < start)
        & (day >= start.dt.offset_by("-180d"))
        & (day != pl.date(2025, 7, 1))
        & (pl.col("Status") == "Bevilget")
    )
    new_care = people(grants.filter(pl.col("Indsats") == "Personlig hygiejne"), "CPR-nr.")
    left = pl.DataFrame([cells for kind, cells in records(inbox / CPR) if kind == "023"])
    day = pl.col("FRAFLYDTO").str.slice(0, 8).str.to_date("%Y%m%d", strict=False)
    same_house = pl.col("VEJKOD").str.starts_with("9")  # a code that no road has: the day the roads got theirs
    moves = left.filter((day < start) & (day >= start.dt.offset_by("-180d")) & ~same_house)
    advis = pl.read_parquet(inbox / "advis.parquet").with_columns(day=pl.col("modtaget_tid").dt.date())
    after = advis.filter((pl.col("day") > start) & (pl.col("day") <= start.dt.offset_by("90d")))
    numbers = residents.cpr[:PEOPLE]
    assert new_care == set(numbers[world.has["ny_hjemmepleje"]].tolist())
    assert people(moves, "PNR") == set(numbers[world.has["flyttet_180d"]].tolist())
    assert people(after.filter(pl.col("haendelse") == "akut indlagt"), "cpr") == set(numbers[world.admitted].tolist())


def log_likelihood(columns: list[np.ndarray], outcome: np.ndarray) -> float:
    """Of the logistic model with these columns, fitted by Newton's method with halved steps."""
    x, y = np.column_stack([np.ones(len(outcome)), *columns]).astype(float), outcome.astype(float)

    def value(b: np.ndarray) -> float:
        return float((y * (x @ b) - np.logaddexp(0, x @ b)).sum())

    b = np.zeros(x.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(x @ b)))
        information = (x * (chance * (1 - chance))[:, None]).T @ x + 1e-6 * np.eye(len(b))
        move, step = np.linalg.solve(information, x.T @ (y - chance)), 1.0
        while value(b + step * move) < value(b) - 1e-9 and step > 1e-4:
            step /= 2
        gain = value(b + step * move) - value(b)
        b = b + step * move
        if gain < 1e-7:
            break
    return value(b)


def roots(world: World, age: np.ndarray, female: np.ndarray, share: float) -> list[float]:
    """Likelihood-ratio roots of the six terms, each alone added to all main effects, in a share of the people."""
    who = np.random.default_rng(1).random(len(age)) < share
    years = (age[who] - 77) / 10
    shown = [held[who] for held in world.has.values() if held.mean() > 0.01]
    background = [years, years**2, years**3, female[who], *shown]
    without = log_likelihood(background, world.admitted[who])
    out = []
    for term in PLANTED:
        extra = np.logical_and.reduce([world.has[column][who] for column in term.columns])
        out.append(float(np.sqrt(2 * max(0.0, log_likelihood([*background, extra], world.admitted[who]) - without))))
    return out


def test_four_of_the_six_planted_interactions_stand_out_at_the_default_size():
    residents, world = draw(people=20_000, seed=1)
    z = roots(world, residents.age[:20_000], residents.female[:20_000], 0.7)
    assert sum(root > 6 for root in z) >= 4, z
    assert 0.08 <= world.admitted.mean() <= 0.10
    for term in PLANTED:
        cells = np.zeros(len(world.admitted), dtype=int)
        for column in term.columns:
            cells = 2 * cells + world.has[column]
        expected = 0.7 * np.bincount(cells, weights=world.chance, minlength=2 ** len(term.columns))
        assert expected.min() >= 5, term


def test_null_plants_nothing_and_leaves_everything_else():
    residents, world = draw(people=8_000, seed=2, null=True)
    assert world.planted == ()
    z = roots(world, residents.age[:8_000], residents.female[:8_000], 1.0)
    assert max(z) < norm.isf(0.0005 / 6), z
    assert 0.075 <= world.admitted.mean() <= 0.105
    _, planted = draw(people=8_000, seed=2)
    assert all((world.has[name] == planted.has[name]).all() for name in world.has)  # who has what is the same


def test_a_naive_analysis_would_report_the_decoys():
    residents, world = draw(people=20_000, seed=1)
    has, outcome = world.has, world.admitted
    everyone = outcome.mean()
    pairs = (("flyttet_180d", "ny_rengoering"), ("dagcenter", "oejendryp"), ("flyttet_180d", "hukommelse"))
    for pair in pairs:
        both = has[pair[0]] & has[pair[1]]
        assert both.sum() >= 50
        assert outcome[both].mean() > 1.5 * everyone
    visited, age = has["fhb_besoeg"], residents.age[:20_000]
    assert outcome[visited].mean() > 1.2 * outcome[~visited].mean()  # more, it seems
    for low, high in ((75, 80), (80, 85), (85, 110)):  # fewer, at every age
        at = (age >= low) & (age < high)
        assert outcome[visited & at].mean() < outcome[~visited & at].mean()
    home = residents.care_home[:20_000]
    shares = [outcome[home == one].mean() for one in range(home.max() + 1)]
    assert np.std(shares) > 1.4 * np.sqrt(np.mean(shares) * (1 - np.mean(shares)) / 42)  # alike within a home


def test_a_visit_status_after_the_index_date_gives_the_outcome_away(workspace):
    residents, world = draw(people=PEOPLE, seed=SEED)
    files = sorted((workspace / "inbox").glob("levering_*.csv.gz"))
    visits = pl.concat([pl.read_csv(file, separator=";", infer_schema=False) for file in files])
    day = pl.col("Planlagt start").str.to_date("%d-%m-%Y %H:%M", strict=False)
    leak = visits.filter((day > START) & (pl.col("Status") == "Aflyst indlagt"))
    numbers = leak["CPR"].str.replace("-", "").to_numpy().astype(str)
    told = np.isin(residents.cpr[:PEOPLE], numbers)
    assert told.sum() > 20
    assert world.admitted[told].mean() > 0.7 > 0.2 > world.admitted[~told].mean()


def test_the_truth_names_columns_of_the_study_and_nobody(workspace):
    truth = json.loads((workspace / "truth.json").read_text("utf-8"))
    known = {variable.name for variable in read_study(workspace).variables}
    assert len(truth["planted"]) == 6
    assert {term["order"] for term in truth["planted"]} == {2, 3}
    assert {term["direction"] for term in truth["planted"]} == {"more", "fewer"}
    assert {one["column"] for term in truth["planted"] for one in term["conditions"]} <= known
    kinds = {"shadow", "confounded pair", "simpson reversal", "leak", "household alike", "explained by care home"}
    assert kinds == {decoy["kind"] for decoy in truth["decoys"]}
    text = json.dumps(truth, ensure_ascii=False)
    who = truth_identities(people=PEOPLE, seed=SEED)
    assert not any(trace in text for trace in (*who.cprs, *who.names, *who.addresses, *who.phones))


def test_the_identities_are_all_that_the_inbox_holds(workspace):
    who = truth_identities(people=PEOPLE, seed=SEED)
    known = set(who.cprs)
    whole = dict(texts(workspace / "inbox"))
    for name, text in whole.items():
        found = {a + b for a, b in TEN_DIGITS.findall(text) if 61 <= int(a[:2]) <= 91 and 1 <= int(a[2:4]) <= 12}
        assert found <= known, name
    assert set(re.findall(r"(?<!\d)95\d{6}(?!\d)", whole["indsatser_udtraek.csv"])) <= set(who.phones)
    cut = list(records(workspace / "inbox" / CPR))
    assert {cells["ADRNVN"] for kind, cells in cut if kind == "008"} <= set(who.names)
    assert {cells["STANDARDADR"] for kind, cells in cut if kind == "003"} <= set(who.addresses)


def test_the_study_asks_between_45_and_70_things_and_each_has_words_for_a_title(workspace):
    study = read_study(workspace)
    assert 45 <= len(study.characteristics) <= 70
    for characteristic in study.characteristics:
        assert characteristic.clause is not None
        assert characteristic.clause_not is not None
        assert characteristic.definition is not None
        assert not re.search(r"\d", characteristic.clause.da + characteristic.clause_not.da)
        assert characteristic.clause_not.da.startswith(("ikke ", "tidligere ikke", "ikke")), characteristic.name
