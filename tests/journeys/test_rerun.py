"""`undring rerun`: the same numbers from the same record, the reason where they are others, and the lock left alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analysis.values import Discovery
from pipelines import attempts, ledger, rerun, state, steps
from pipelines.context import Run
from tests.attacks.test_whole_way_account import opened, spent
from tests.journeys.conftest import Demo, undring
from tests.pipelines.study_builders import study_text, written
from tests.pipelines.test_findings import finding


@pytest.fixture(scope="module")
def work(demo: Demo, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("again") / "kommune"
    shutil.copytree(demo.workspace, place)
    return place


def files(work: Path) -> dict[str, bytes]:
    return {
        path.relative_to(work).as_posix(): path.read_bytes()
        for path in sorted(work.rglob("*"))
        if path.is_file() and not path.relative_to(work).as_posix().startswith("ledger/")
    }


def test_an_unchanged_run_gives_every_number_again_and_a_changed_file_is_named(demo: Demo, work: Path) -> None:
    before, used, lines = files(work), attempts.used(work), len(list(ledger.read(work)))
    done = undring("rerun", "K-0001", "--workspace", str(work), "--language", "en", home=demo.home, cwd=work)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "numbers are the same" in done.stdout
    assert files(work) == before  # nothing is left behind, no output is touched
    assert attempts.used(work) == used
    new = list(ledger.read(work))[lines:]
    assert [(line["action"], line["code"], line["run"]) for line in new] == [("verify", "rerun", "K-0001")]

    planned = work / "inbox" / "GOP_forloeb.csv"
    rows = planned.read_bytes().splitlines(keepends=True)
    planned.write_bytes(b"".join(rows[:-40]))
    with (work / "study.toml").open("a", encoding="utf-8") as file:
        file.write("# en bemærkning\n")
    done = undring("rerun", "K-0001", "--workspace", str(work), "--language", "en", home=demo.home, cwd=work)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "GOP_forloeb.csv" in done.stdout
    assert "account.registers.genoptraening.rows" in done.stdout
    assert "study.toml has changed" in done.stdout
    assert not list(work.glob(".rerun-*"))


def test_the_placebos_and_the_landscape_are_among_the_numbers_held_against(demo: Demo) -> None:
    told = rerun._told(demo.workspace / "runs" / "K-0001")
    assert told["self_test.placebo_runs"] >= 1
    assert any(name.startswith("self_test.planted.") for name in told)
    assert any(name.startswith("landscape.") for name in told)


def test_a_run_that_is_not_there_is_refused_with_those_that_are(demo: Demo, work: Path) -> None:
    done = undring("rerun", "K-0099", "--workspace", str(work), home=demo.home, cwd=work)
    assert done.returncode == 2
    assert "K-0001" in done.stderr


def test_names_alone_tell_what_differs_and_the_last_digit_of_a_sum_does_not() -> None:
    before = {"a": 1, "b": 0.1 + 0.2, "c": "x", "gone": 4, "n": float("nan")}
    after = {"a": 2, "b": 0.3, "c": "x", "new": 4, "n": float("nan")}
    assert rerun.differing(before, after) == ("a", "gone", "new")


@pytest.mark.parametrize(
    ("differing", "reasons", "lock", "code"),
    [((), (), "none", 0), ((), (("version", "0"),), "same_batches", 0), ((), (("study", "s"),), "closed", 3),
     (("a",), (("input", "f"),), "closed", 3), (("a",), (), "none", 1), ((), (), "closed", 1)],
)  # fmt: skip
def test_what_is_explained_ends_with_3_and_what_is_not_with_1(differing, reasons, lock, code) -> None:
    made = rerun.Rerun(run="K-0001", compared=3, differing=differing, reasons=reasons, lock=lock)
    assert made.exit_code == code


@pytest.mark.parametrize("paid", [True, False])
@pytest.mark.parametrize("changed", [True, False])
def test_the_lock_is_opened_for_the_batch_that_was_paid_for_and_for_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paid: bool, changed: bool
) -> None:
    """With a changed study, or a batch written by hand, a rerun would be a free look at the locked people."""
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    study = written(tmp_path / "work", study_text())
    before, after = opened(tmp_path / "work", study), opened(tmp_path / "scratch", study)
    lead = finding("a", "b")
    batch = attempts.batch([lead], alpha=0.05, attempts=20, spent=0, whole_account=False, file=tmp_path)
    for run in (before, after):
        run.folder.mkdir(parents=True, exist_ok=True)
        for name in ("discovery.json", "confirmed.json"):
            state.write(run.folder / name, found_with(lead))
    state.write(before.folder / "batch-run.json", batch)
    if paid:
        event = ledger.Event(at=before.clock(), action="attempt", study=study.id, purpose="p", basis="b", leads=1,
                             object_sha256=batch.sha256, params_sha256=attempts.terms(study))  # fmt: skip
        ledger.append(before.workspace, event, actor="analyst")
    else:
        spent(before.workspace, study, 1)  # another attempt was paid for
    looked: list[int] = []

    def try_leads(run: Run, found: Discovery, leads, tell, *, name: str) -> Discovery:
        assert run.workspace == after.workspace  # its attempt is told to the scratch ledger
        looked.append(len(leads))
        return found

    monkeypatch.setattr(steps, "try_leads", try_leads)
    used = attempts.used(before.workspace)
    lock = rerun._answers(before, after, {}, {}, closed=changed)
    assert (lock, looked) == (("same_batches", [1]) if paid and not changed else ("closed", []))
    assert attempts.used(before.workspace) == used


def found_with(lead) -> Discovery:
    from tests.pipelines.test_findings import discovery

    return discovery(lead)
