"""Attack 13: a key that others can read, reach or change is not opened."""

from __future__ import annotations

import json
import os
import random
from hashlib import sha256

import pytest

from pipelines import key_files
from pipelines.errors import InputError
from pseudonymisation import keys

SECRET = b"k" * 32


@pytest.fixture
def cheap(monkeypatch):
    """Stand in for Argon2id, which costs a second a guess; the tests without this one pay it."""
    monkeypatch.setattr(keys, "_stretched", lambda passphrase, salt: sha256(passphrase.encode() + salt).digest())


@pytest.fixture
def key(tmp_path, monkeypatch, cheap):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    return key_files.create("k", study="s", passphrase="rigtig", secret=SECRET)


def opened():
    return key_files.open_key("k", "rigtig", allow_demo=False)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o700 | 0o001])
def test_a_key_file_open_to_others_is_refused(attack_row, key, mode):
    works = opened().secret == SECRET  # the road is open when nothing is wrong
    key.chmod(mode)
    with pytest.raises(InputError, match="key_readable_by_others"):
        opened()
    attack_row.case("13", works=works, through=False, what="wrong modes, links, places and passphrases")


def test_a_key_folder_open_to_others_is_refused(key):
    key.parent.chmod(0o750)
    with pytest.raises(InputError, match="key_readable_by_others"):
        opened()


def test_a_link_to_a_key_is_refused(attack_row, key, tmp_path):
    works = opened().secret == SECRET
    key.rename(tmp_path / "elsewhere.json")
    key.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(InputError, match="key_symlink"):
        opened()
    attack_row.case("13", works=works, through=False)


def test_a_link_to_the_key_folder_is_refused(attack_row, key, tmp_path):
    works = opened().secret == SECRET
    key.parent.rename(tmp_path / "elsewhere")
    key.parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="key_symlink"):
        opened()
    attack_row.case("13", works=works, through=False)


@pytest.mark.parametrize(("mark", "wrong"), [("study.toml", "key_in_workspace"), (".git", "key_in_git")])
def test_a_key_beside_data_or_in_a_git_tree_is_refused_and_none_is_made_there(attack_row, key, tmp_path, mark, wrong):
    works = opened().secret == SECRET
    (tmp_path / mark).touch()
    with pytest.raises(InputError, match=wrong):
        opened()
    with pytest.raises(InputError, match=wrong):
        key_files.create("other", study="s", passphrase="p")
    attack_row.case("13", works=works, through=False)


def test_a_wrong_passphrase_is_refused_and_is_not_told_from_a_changed_file(attack_row, key):
    works = opened().secret == SECRET
    with pytest.raises(InputError, match="key_passphrase"):
        key_files.open_key("k", "forkert", allow_demo=False)
    attack_row.case("13", works=works, through=False)


def test_a_flipped_byte_anywhere_in_a_key_file_is_refused(attack_row, key):
    whole = key.read_bytes()
    assert opened().secret == SECRET
    accepted = 0
    refusals = set()
    for place in range(len(whole)):
        for bit in (0, 4):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            key.write_bytes(bytes(changed))
            try:
                opened()
                accepted += 1
            except InputError as error:
                refusals.add(error.key)
    attack_row.row(
        "13",
        tried=f"{2 * len(whole)} flipped bits",
        twin="opened where nothing is flipped",
        result=f"{accepted} opened",
        limit="0",
        held=accepted == 0,
    )
    # Changes are refused at both doors: the shape of the file, and the seal behind the passphrase.
    assert {"key_damaged", "key_passphrase"} <= refusals <= {"key_damaged", "key_passphrase", "key_is_demo"}


def test_the_real_seal_refuses_flipped_bytes_too(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    path = key_files.create("k", study="s", passphrase="rigtig", secret=SECRET)
    whole = path.read_bytes()
    wrapped = whole.index(b'"wrapped": "') + 12
    for place in random.Random(1).sample(range(wrapped, wrapped + 60), 1):
        path.write_bytes(whole[:place] + (b"A" if whole[place : place + 1] != b"A" else b"B") + whole[place + 1 :])
        with pytest.raises(InputError, match="key_passphrase"):
            opened()


def test_a_demo_key_cannot_be_made_to_look_real(tmp_path, monkeypatch, cheap):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    path = key_files.create("k", study="s", passphrase="rigtig", secret=SECRET, demo=True)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "demo": 0}, indent=2, sort_keys=True) + "\n")
    with pytest.raises(InputError, match="key_passphrase"):
        opened()


@pytest.mark.parametrize("name", ["../k", "", "k/../k", "k\x00", ".k"])
def test_a_key_id_is_never_a_path(key, name):
    with pytest.raises(InputError, match="key_id"):
        key_files.open_key(name, "rigtig", allow_demo=False)


def test_something_that_is_no_file_does_not_hang_the_night(key):
    key.unlink()
    os.mkfifo(key, 0o600)
    with pytest.raises(InputError, match="key_unreadable"):
        opened()
