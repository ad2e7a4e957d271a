from __future__ import annotations

import os
import pickle
import stat
from hashlib import sha256

import pytest

from pipelines import key_files
from pipelines.errors import InputError
from pseudonymisation import keys
from pseudonymisation.keys import demo_secret


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def cheap(monkeypatch):
    """Stand in for Argon2id, which costs a second a guess; the tests without this one pay it."""
    monkeypatch.setattr(keys, "_stretched", lambda passphrase, salt: sha256(passphrase.encode() + salt).digest())


def test_a_key_opens_with_its_passphrase_and_lies_in_a_private_place(home):
    path = key_files.create("aeldre", study="s", passphrase="fire tilfældige ord", secret=b"k" * 32)
    assert key_files.open_key("aeldre", "fire tilfældige ord", allow_demo=False, study="s").secret == b"k" * 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"k" * 8 not in path.read_bytes()


def test_two_keys_are_never_the_same_and_one_is_never_written_over(cheap):
    key_files.create("a", study="s", passphrase="p")
    key_files.create("b", study="s", passphrase="p")
    with pytest.raises(InputError, match="key_exists"):
        key_files.create("a", study="s", passphrase="p")
    first, second = (key_files.open_key(name, "p", allow_demo=False) for name in "ab")
    assert first.secret != second.secret


def test_a_key_shows_no_secret_and_cannot_be_pickled():
    key = key_files.StudyKey(key_id="a", epoch=1, secret=b"s3cr3t" * 6, demo=False)
    assert "s3cr3t" not in f"{key} {key!r}"
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_demo_key_opens_no_real_study_and_a_real_key_no_demo(cheap):
    key_files.create("demo", study="demo", passphrase="demo", secret=demo_secret(1), demo=True)
    key_files.create("real", study="s", passphrase="p")
    assert key_files.open_key("demo", "demo", allow_demo=True).secret == demo_secret(1)
    with pytest.raises(InputError, match="key_is_demo"):
        key_files.open_key("demo", "demo", allow_demo=False)
    with pytest.raises(InputError, match="key_is_real"):
        key_files.open_key("real", "p", allow_demo=True)
    with pytest.raises(InputError, match="key_other_study"):
        key_files.open_key("real", "p", allow_demo=False, study="another")


def test_the_passphrase_comes_from_a_descriptor_or_a_systemd_credential(tmp_path, monkeypatch):
    reading, writing = os.pipe()
    os.write(writing, "fra en fil æ\n".encode())
    os.close(writing)
    assert key_files.read_passphrase("s", fd=reading) == "fra en fil æ"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "undring-s").write_text("fra systemd\n")
    assert key_files.read_passphrase("s", prompt=False) == "fra systemd"


def test_the_passphrase_never_comes_from_the_environment_or_from_nowhere(monkeypatch):
    monkeypatch.setenv("UNDRING_PASSPHRASE", "hemmelig")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(InputError, match="passphrase_missing"):
        key_files.read_passphrase("s", prompt=False)
    with pytest.raises(InputError, match="passphrase_missing"):
        key_files.read_passphrase("s", fd=987)


def test_a_new_passphrase_is_asked_for_twice_and_is_not_short(monkeypatch):
    answers = iter(["fire tilfældige ord", "fire tilfældige ord", "kort", "fire tilfældige ord", "fire andre ord"])
    monkeypatch.setattr(key_files, "_ask", lambda _: next(answers))
    assert key_files.new_passphrase("s") == "fire tilfældige ord"
    for key in ("passphrase_short", "passphrase_differs"):
        with pytest.raises(InputError, match=key):
            key_files.new_passphrase("s")
