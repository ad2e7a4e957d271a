"""Accounts: a person's key opens with their own passphrase, for what they are, and for nothing else."""

from __future__ import annotations

import json
import os
import pickle

import pytest

from pipelines import accounts, workspaces
from pipelines.errors import InputError
from tests.pipelines.release_builders import PASSPHRASE, cheap_argon2


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    cheap_argon2(monkeypatch)
    return tmp_path / "home"


def refused(key, call, *arguments, **named):
    with pytest.raises(InputError) as error:
        call(*arguments, **named)
    assert error.value.key == key
    return error.value


def test_an_account_is_made_closed_to_others_and_opens_with_its_passphrase(home):
    made = accounts.add("mette", name="Mette Holm", role="dpo", passphrase=PASSPHRASE)
    file = workspaces.home() / "accounts.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert PASSPHRASE not in file.read_text()
    signer = accounts.unlock("mette", PASSPHRASE, demo=False)
    assert signer.account == made == accounts.find("mette")
    assert signer.secret.hex() not in repr(signer)
    with pytest.raises(TypeError):
        pickle.dumps(signer)


def test_a_wrong_passphrase_and_an_unknown_person_say_the_same():
    accounts.add("mette", name="Mette", role="dpo", passphrase=PASSPHRASE)
    wrong = refused("user_passphrase", accounts.unlock, "mette", PASSPHRASE + "x", demo=False)
    unknown = refused("user_passphrase", accounts.unlock, "nobody", PASSPHRASE, demo=False)
    assert wrong.facts == unknown.facts


def test_a_closed_account_signs_nothing_and_its_key_is_still_known():
    accounts.add("mette", name="Mette", role="dpo", passphrase=PASSPHRASE)
    accounts.disable("mette")
    refused("user_disabled", accounts.unlock, "mette", PASSPHRASE, demo=False)
    assert accounts.find("mette").public_key


def test_a_demo_account_acts_in_a_demo_only():
    people = accounts.ensure_demo()
    assert all(one.name.startswith("DEMO ") and one.demo for one in people)
    assert accounts.ensure_demo() == people
    accounts.unlock("demo-dpo", "demo", demo=True)
    refused("user_demo", accounts.unlock, "demo-dpo", "demo", demo=False)


def test_every_role_a_person_had_is_kept():
    accounts.add("mette", name="Mette", role="analyst", passphrase=PASSPHRASE)
    changed = accounts.set_role("mette", "decider")
    assert [role for _, role in changed.roles] == ["analyst", "decider"]


@pytest.mark.parametrize("person", ["", "M", "Mette", "../x", "a b", "-x", "x" * 40])
def test_an_id_that_could_be_a_path_or_a_number_is_refused(person):
    refused("user_id", accounts.add, person, name="x", role="dpo", passphrase=PASSPHRASE)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x@y.invalid", "n" * 61, "6101" + "501234"])
def test_a_name_that_could_not_be_shown_is_refused(name):
    refused("user_name", accounts.add, "mette", name=name, role="dpo", passphrase=PASSPHRASE)


def test_a_short_passphrase_is_refused():
    refused("passphrase_short", accounts.add, "mette", name="Mette", role="dpo", passphrase="kort")


def test_one_key_is_one_person():
    accounts.add("mette", name="Mette", role="dpo", passphrase=PASSPHRASE)
    document = accounts.public_document("mette").replace(b'"mette"', b'"anden"')
    refused("user_key_taken", accounts.add_public, document, role="decider")
    refused("user_exists", accounts.add, "mette", name="Mette", role="dpo", passphrase=PASSPHRASE)


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"format": "undring/person/1"}', b"\xff"])
def test_a_public_key_file_that_is_none_is_refused(document):
    refused("user_document", accounts.add_public, document, role="dpo")


def test_a_file_that_others_may_write_is_refused():
    accounts.add("mette", name="Mette", role="dpo", passphrase=PASSPHRASE)
    os.chmod(workspaces.home() / "accounts.json", 0o660)
    refused("accounts_open", accounts.everyone)


def test_a_key_moved_to_another_name_or_swapped_does_not_open():
    accounts.add("mette", name="Mette", role="dpo", passphrase=PASSPHRASE)
    accounts.add("bo", name="Bo", role="decider", passphrase=PASSPHRASE + "2")
    file = workspaces.home() / "accounts.json"
    document = json.loads(file.read_text())
    document["people"]["bo"]["key"] = document["people"]["mette"]["key"]
    file.write_text(json.dumps(document))
    refused("user_passphrase", accounts.unlock, "bo", PASSPHRASE, demo=False)
    document["people"]["mette"]["public_key"] = document["people"]["bo"]["public_key"]
    file.write_text(json.dumps(document))
    refused("accounts_damaged", accounts.unlock, "mette", PASSPHRASE, demo=False)


@pytest.mark.parametrize("text", ["", "[]", '{"format": "undring/accounts/1"}', '{"people": []}', "\x00"])
def test_a_damaged_file_is_told(text):
    accounts.add("mette", name="Mette", role="dpo", passphrase=PASSPHRASE)
    (workspaces.home() / "accounts.json").write_text(text)
    refused("accounts_damaged", accounts.everyone)
