"""A package's rows go when their time is out; what proves that it was decided stays, and every control still passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipelines import audit, ledger, release_door, release_files, releases, retention
from pipelines.study import read_study
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
    [line] = [line.body for line in ledger.read(here) if line.body["action"] == "delete"]
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
