"""Two packages beside one another: no code joins them, no small group of both is seen, no count tells a change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipelines import attempts, package, package_history, run, state, tried, vault
from pipelines.context import Run
from pipelines.errors import InputError
from pipelines.key_files import StudyKey
from pipelines.study import Study
from pipelines.study_check import unprotected
from tests.pipelines.study_builders import CHARACTERISTIC, characteristic, study_text, written
from tests.pipelines.test_findings import finding

LEAST = 5
QUASI = ["age"]


def frame(ages: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"person": list(ages), "age": list(ages.values())})


def smallest_seen(before: pl.DataFrame, now: pl.DataFrame) -> int:
    """The attacker's road, by hand: who was where, and is where; groups of those in both, and of those who went."""
    was = dict(before.select("person", "age").rows())
    is_ = dict(now.select("person", "age").rows())
    groups: dict[tuple[str | None, str | None], int] = {}
    for person in {*was, *is_}:
        key = (was.get(person), is_.get(person))
        groups[key] = groups.get(key, 0) + 1
    return min(groups.values())


NIGHT = {f"p{n:03d}": ("70-74", "75-79", "80-84")[n % 3] for n in range(600)}


def changed(how: str) -> dict[str, str]:
    after = dict(NIGHT)
    if how == "one is gone":
        del after["p007"]
    elif how == "one is new":
        after["p999"] = "70-74"
    elif how == "two had a birthday":
        after["p000"] = after["p003"] = "75-79"
    elif how == "all of it":
        del after["p010"]
        after |= {"p999": "80-84", "p001": "80-84", "p002": "70-74"}
    return after


@pytest.mark.parametrize("how", ["one is gone", "one is new", "two had a birthday", "all of it", "nothing"])
def test_two_nights_of_one_receiver_show_no_small_group(how):
    before, now = frame(NIGHT), frame(changed(how))
    if how != "nothing":
        assert smallest_seen(before, now) < LEAST  # each alone is k-anonymous; beside one another they name
    earlier = [package_history.classes_of(before, QUASI)]
    kept = package_history.narrowed(now, quasi=QUASI, earlier=earlier, least=LEAST)
    assert smallest_seen(before, kept) >= LEAST
    assert kept.height >= 0.98 * now.height
    if how == "nothing":
        assert kept.equals(now)


def test_a_third_night_is_held_against_both_that_were():
    nights = [frame(NIGHT), frame(changed("one is gone")), frame(changed("all of it"))]
    given: list[pl.DataFrame] = []
    for night in nights:
        earlier = [package_history.classes_of(one, QUASI) for one in given]
        given.append(package_history.narrowed(night, quasi=QUASI, earlier=earlier, least=LEAST))
    for place, now in enumerate(given):
        assert all(smallest_seen(before, now) >= LEAST for before in given[:place])


def test_where_too_many_would_have_to_go_the_package_is_refused():
    other = {person: f"{n % 97}" for n, person in enumerate(NIGHT)}  # other classes altogether
    with pytest.raises(InputError, match="package_history"):
        package_history.narrowed(
            frame(other), quasi=QUASI, earlier=[package_history.classes_of(frame(NIGHT), QUASI)], least=LEAST
        )


PACKAGE = '\n[package]\nquasi = ["alder"]\n'
AGE = characteristic("alder", 'rule = "value"\ncolumn = "alder"', register="cpr")


def opened(work: Path, number: int, ages: dict[str, str]) -> Run:
    study = written(work, study_text(CHARACTERISTIC, AGE) + PACKAGE)
    made = Run(
        workspace=work, study=study, contracts={}, id=f"K-{number:04d}", try_leads=False,
        key=StudyKey(key_id="demo", epoch=1, secret=b"s" * 32, demo=True),
    )  # fmt: skip
    rows = pl.DataFrame(
        {"person": list(ages), "cluster": list(ages), "alder": list(ages.values()), "faldt": [True] * len(ages),
         "indlagt": [False] * len(ages), "locked": [False] * len(ages)}
    )  # fmt: skip
    made.folder.mkdir(parents=True, exist_ok=True)
    made.vault.mkdir(exist_ok=True)
    vault.write_frame(made.folder / "split.vault", rows, made.subkey("vault"))
    return made


def codes(folder: Path) -> set[str]:
    return set(pl.read_csv(folder / "data.csv", separator=";")["person"])


def test_no_code_joins_two_nights_drafts_nor_two_packages_of_one_receiver(tmp_path):
    one, other = (opened(tmp_path, number, NIGHT) for number in (1, 2))
    for recipient in (package.DRAFT, "Leverandør A/S"):
        folders = []
        for night in (one, other):
            folders.append(tmp_path / f"{recipient[:4]}-{night.id}")
            package.write_package(night, folders[-1], recipient=recipient)
        assert len(codes(folders[0])) == len(codes(folders[1])) == len(NIGHT)
        assert not codes(folders[0]) & codes(folders[1])
    again = tmp_path / "again"
    package.write_package(one, again, recipient=package.DRAFT)
    assert codes(again) == codes(tmp_path / "draf-K-0001")  # a resumed run's package is the same


def test_a_receivers_second_package_is_held_against_the_first_and_anothers_is_not(tmp_path):
    package.write_package(opened(tmp_path, 1, NIGHT), tmp_path / "a", recipient="Leverandør A/S")
    night = opened(tmp_path, 2, changed("one is gone"))
    assert package.write_package(night, tmp_path / "b", recipient=" leverandør  a/s") < len(NIGHT) - 1
    assert package.write_package(night, tmp_path / "c", recipient="en anden") == len(NIGHT) - 1


def test_no_count_beside_a_package_tells_one_persons_coming_or_going(tmp_path):
    told = []
    for number, ages in enumerate((NIGHT, changed("one is gone"), changed("one is new")), 1):
        package.write_package(opened(tmp_path, number, ages), tmp_path / f"{number}")
        told.append(json.loads((tmp_path / f"{number}" / "risk.json").read_text()))
    assert len({len(NIGHT), len(NIGHT) - 1, len(NIGHT) + 1}) == 3  # the exact counts do
    assert {one["people"] for one in told} == {600}
    assert {one["suppressed"] for one in told} == {0}
    assert len({one["average_class"] for one in told}) == 1


class Column:
    def __init__(self, name: str, role: str) -> None:
        self.name, self.role, self.told = name, role, (name,)


class Read:
    def __init__(self, **roles: str) -> None:
        self.held = [Column(name, role) for name, role in roles.items()]


def test_a_column_that_a_neighbour_may_know_by_its_contract_is_not_in_a_package_unprotected(tmp_path):
    more = characteristic("enke", 'rule = "any"\nwhere = {stand = ["E"]}\ndate = "dag"\nwindow = [-180, 0]')
    illness = characteristic("sygdom", 'rule = "value"\ncolumn = "kode"', register="cpr")
    study = written(tmp_path, study_text(CHARACTERISTIC, AGE, more, illness) + PACKAGE)
    contracts = {
        "besoeg": Read(stand="quasi_identifier", dag="date"), "cpr": Read(alder="quasi_identifier", kode="sensitive"),
    }  # fmt: skip
    assert unprotected(study, contracts) == ("enke", "sygdom")
    widened = replace(study, package=replace(study.package, quasi=("alder", "enke"), sensitive=("sygdom",)))
    assert unprotected(widened, contracts) == ()


def answered(work: Path, study: Study) -> None:
    tried.add(work, [finding("faldt", "alder", status="confirmed", p_confirm=0.01)], study)


def test_an_answer_on_a_characteristic_that_was_redefined_stands_no_more(tmp_path):
    study = written(tmp_path, study_text(CHARACTERISTIC, AGE))
    answered(tmp_path, study)
    assert len(tried.read(tmp_path).findings) == 1  # by its name alone, it stands for whatever bears the name
    assert len(tried.read(tmp_path, study).findings) == 1
    reworded = written(tmp_path, study_text(CHARACTERISTIC.replace('da = "fald"', 'da = "et fald"'), AGE))
    assert len(tried.read(tmp_path, reworded).findings) == 1
    redefined = written(tmp_path, study_text(CHARACTERISTIC.replace("[-180, 0]", "[-30, 0]"), AGE))
    assert tried.read(tmp_path, redefined).findings == ()
    another = written(tmp_path, study_text(CHARACTERISTIC, AGE, characteristic("ny", 'rule = "missing"\ncolumn = "x"')))
    assert len(tried.read(tmp_path, another).findings) == 1
    answered(tmp_path, redefined)
    assert len(tried.read(tmp_path, redefined).findings) == 1


OPTIONS: dict[str, object] = {"study": "a", "contracts": {}, "try_leads": True, "whole_account": False,
                              "by_person": True, "version": "1"}  # fmt: skip


def killed_after_paying(work: Path) -> Path:
    folder = work / "runs" / "K-0001"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(OPTIONS))
    state.write(folder / "batch-run.json", attempts.Batch(keys=("a",), level=0.01, spends=1, sha256="x"))
    return folder


def test_a_run_killed_after_it_paid_and_begun_anew_goes_on_and_keeps_its_answer(tmp_path):
    folder = killed_after_paying(tmp_path)
    run._put_aside(tmp_path)
    assert not folder.exists()  # the attack: begun anew, the answer is gone and the attempt is spent
    folder = killed_after_paying(tmp_path)
    assert run._paid_unanswered(tmp_path, OPTIONS) == "K-0001"
    for asked in ({"try_leads": False}, {"by_person": False}):
        with pytest.raises(InputError, match="attempt_unanswered"):
            run._paid_unanswered(tmp_path, {**OPTIONS, **asked})
    assert run._paid_unanswered(tmp_path, {**OPTIONS, "study": "b"}) is None  # another question
    (folder / "confirm.step.json").write_text("{}")  # the answer is kept
    assert run._paid_unanswered(tmp_path, OPTIONS) is None
