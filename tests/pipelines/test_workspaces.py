from __future__ import annotations

import stat

import pytest

from pipelines import workspaces
from pipelines.errors import InputError


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    (tmp_path / "aeldre").mkdir()
    (tmp_path / "aeldre" / "study.toml").touch()


def test_a_study_is_found_where_it_was_registered(tmp_path):
    workspaces.register("aeldre", tmp_path / "aeldre")
    workspaces.register("aeldre", tmp_path / "aeldre")
    assert workspaces.find("aeldre") == tmp_path / "aeldre"
    assert list(workspaces.known()) == ["aeldre"]
    assert stat.S_IMODE((tmp_path / "home" / "workspaces.toml").stat().st_mode) == 0o600


def test_a_study_that_moved_is_found_at_its_last_place(tmp_path):
    workspaces.register("aeldre", tmp_path / "aeldre")
    (tmp_path / "aeldre").rename(tmp_path / 'ny "mappe" æ')
    with pytest.raises(InputError, match="study_unknown"):
        workspaces.find("aeldre")
    workspaces.register("aeldre", tmp_path / 'ny "mappe" æ')
    assert workspaces.find("aeldre") == tmp_path / 'ny "mappe" æ'


@pytest.mark.parametrize("study", ["../a", "", "a b", "a/b", "æ"])
def test_an_id_that_could_be_a_path_or_a_sentence_is_refused(study, tmp_path):
    with pytest.raises(InputError, match="study_id"):
        workspaces.register(study, tmp_path / "aeldre")


def test_a_broken_list_is_said_not_guessed_at(tmp_path):
    workspaces.register("aeldre", tmp_path / "aeldre")
    (tmp_path / "home" / "workspaces.toml").write_text("[work")
    with pytest.raises(InputError, match="workspaces_list"):
        workspaces.find("aeldre")


def test_the_nearest_workspace_is_upward(tmp_path):
    deep = tmp_path / "aeldre" / "runs" / "K-0001"
    deep.mkdir(parents=True)
    assert workspaces.nearest_workspace(deep) == tmp_path / "aeldre"
    with pytest.raises(InputError, match="no_workspace"):
        workspaces.nearest_workspace(tmp_path)
