"""A package's rows go when their time is out; what proves that it was decided stays, and every control still passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipelines import audit, ledger, ledger_deletion, release_door, release_files, releases, retention
from pipelines.study import read_study
from pipelines.upkeep_log import log_upkeep
from tests.pipelines.release_builders import cheap_argon2, everybody, two_files, workspace


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    cheap_argon2(monkeypatch)
    two_files(monkeypatch)
    return workspace(tmp_path / "ws")


def approved(here, people, kind):
    made = releases.request(here, people["anna"], kind=kind, receiver="Leverandør")
    releases.statement(here, made.id, people["dorte"], says="none", dictionary_seen=kind == "package")
    return releases.approve(here, made.id, people["britt"])


def files(here, release):
    places = (release.folder / release_files.FILES, here / release_door.OUTBOX / release.id)
    names = [name for name, _, _ in release.manifest.files]
    return [place / name for place in places for name in names if (place / name).exists()]


def test_a_packages_rows_go_after_package_days_and_its_evidence_stays(here):
    people = everybody()
    package, report = approved(here, people, "package"), approved(here, people, "report")
    waiting = releases.request(here, people["anna"], kind="package", receiver="Andre")
    study, now = read_study(here), datetime.now(UTC)
    assert retention.overdue(here, study, now=now + timedelta(days=364)) == ()
    late = retention.overdue(here, study, now=now + timedelta(days=366))
    assert [(one.kind, one.place) for one in late] == [("released", f"releases/{package.id}/files")]
    acts = sorted((package.folder / "acts").iterdir())
    assert retention.delete(here, study, late, by_person=False) == 1

    assert files(here, package) == []
    assert len(files(here, report)) == 4
    assert len(files(here, waiting)) == 2
    assert sorted((package.folder / "acts").iterdir()) == acts
    assert (here / "outbox" / package.id / "AFGOERELSE.txt").is_file()
    again = releases.read_release(here, package.id)
    assert (again.state, again.expired, release_door.is_out(here, again)) == ("approved", True, True)
    [line] = [line.body for line in ledger.read(here) if line.body["action"] == "release.expire"]
    assert (line["code"], line["object"]["sha256"]) == ("retention.released", package.manifest.sha256)
    assert [one.key for one in audit.verify(here) if one.passed is False] == []
    assert retention.overdue(here, study, now=now + timedelta(days=366)) == ()


def test_files_that_somebody_removed_without_a_word_still_make_a_release_void(here):
    package = approved(here, everybody(), "package")
    for path in (package.folder / release_files.FILES).iterdir():
        path.unlink()
    assert releases.read_release(here, package.id).problem == "files_changed"


def test_a_changed_file_is_no_expired_one(here):
    people = everybody()
    package = approved(here, people, "package")
    study = read_study(here)
    late = retention.overdue(here, study, now=datetime.now(UTC) + timedelta(days=400))
    retention.delete(here, study, late, by_person=True)
    (package.folder / release_files.FILES / package.manifest.files[0][0]).write_text("andet")
    assert releases.read_release(here, package.id).problem == "files_changed"


def without_the_first_month(here):
    """Let the log's first month go by the study's own rule, as `undring audit expire` does."""
    later = datetime.now(UTC) + timedelta(days=70)
    told = {"study": "s", "purpose": "p", "basis": "b"}
    ledger.append(here, ledger.Event(at=later, action="read", **told), actor="anna")
    gone = ledger_deletion.delete_due(here, ledger.Event(at=later, action="log.delete", **told), actor="anna", days=30)
    assert len(gone) == 1
    assert not any(line["action"].startswith("release") for line in ledger.read(here))


def test_a_release_whose_rows_went_on_time_is_sound_when_the_log_of_that_month_is_gone(here):
    package = approved(here, everybody(), "package")
    late = retention.overdue(here, read_study(here), now=datetime.now(UTC) + timedelta(days=400))
    retention.delete(here, read_study(here), late, by_person=False)
    without_the_first_month(here)
    again = releases.read_release(here, package.id)
    assert (again.state, again.problem, again.expired) == ("approved", "", True)


def test_files_removed_without_a_word_are_no_expired_ones_when_the_log_of_that_month_is_gone(here):
    package = approved(here, everybody(), "package")
    for path in files(here, package):
        path.unlink()
    without_the_first_month(here)
    again = releases.read_release(here, package.id)
    assert (again.state, again.problem, again.expired) == ("void", "files_changed", False)


def test_a_line_of_before_there_was_an_action_of_its_own_is_still_read(here):
    people = everybody()
    old, other = approved(here, people, "package"), approved(here, people, "package")
    told = {"code": "retention.released", "object_sha256": old.manifest.sha256}
    log_upkeep(here, read_study(here), "delete", **told)
    for path in (*files(here, old), *files(here, other)):
        path.unlink()
    assert releases.read_release(here, old.id).expired
    assert releases.read_release(here, other.id).problem == "files_changed"
