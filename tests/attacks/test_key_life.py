"""A key's life under attack: ids of two epochs, a split that must not move, a destruction that one alone wants."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from pipelines import accounts, audit, key_files, key_life, ledger, receipts, split
from pipelines.context import INTERNAL_EPOCH, Run
from pipelines.errors import InputError
from pipelines.study import Study
from pseudonymisation import keys, pseudonyms
from tests.pipelines.study_builders import HEAD, study_text, written

PEOPLE = pl.Series("person", [f"610150{number:04d}" for number in range(400)])  # day + 60: nobody's own
OLD, NEW = "fire tilfaeldige gamle ord", "fire tilfaeldige nye ord"


@pytest.fixture
def work(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(keys, "_stretched", lambda passphrase, salt: sha256(passphrase.encode() + salt).digest())
    return tmp_path / "ws"


@pytest.fixture
def study(work) -> Study:
    made = written(work, study_text(head=HEAD))
    key_files.create("demo", study=made.id, passphrase=OLD, secret=b"s" * 32, demo=True)
    return made


def opened(work: Path, study: Study, passphrase: str) -> Run:
    key = key_files.open_key(study.key, passphrase, allow_demo=True, study=study.id)
    return Run(workspace=work, study=study, contracts={}, key=key, id="K-0001", try_leads=False)


def ids(run: Run, recipient: str) -> set[str]:
    return set(pseudonyms.pseudonym_column(PEOPLE, key=run.subkey("person", recipient=recipient)))


def locked(run: Run, *, epoch: int) -> list[bool]:
    internal = keys.derive(run.key.secret, study="proeve", recipient="internal", kind="household", epoch=epoch)
    homes = pseudonyms.pseudonym_column(PEOPLE, key=internal)
    return split.draw_lock(homes, key=run.subkey("split"), share=0.3).to_list()


def test_a_receivers_ids_of_two_epochs_share_none_and_the_split_stands(work, study):
    before = opened(work, study, OLD)
    assert key_life.rotate(work, study, passphrase=OLD, new_passphrase=NEW) == 2
    after = opened(work, study, NEW)
    assert ids(before, "vendor") & ids(before, "vendor") == ids(before, "vendor")  # in one epoch, they join
    assert not ids(before, "vendor") & ids(after, "vendor")
    # the twin whose own ids follow the rotation moves people over the lock: the searched would be "never seen"
    assert locked(before, epoch=1) != locked(after, epoch=2)
    assert locked(before, epoch=INTERNAL_EPOCH) == locked(after, epoch=INTERNAL_EPOCH)
    for kind in ("vault", "quarantine", "rounding", "split"):  # what was sealed and rounded yesterday still is
        assert before.subkey(kind) == after.subkey(kind)


def test_after_a_rotation_the_old_passphrase_opens_nothing(work, study):
    key_life.rotate(work, study, passphrase=OLD, new_passphrase=NEW)
    with pytest.raises(InputError, match="key_passphrase"):
        opened(work, study, OLD)
    with pytest.raises(InputError, match="key_passphrase"):
        key_life.rotate(work, study, passphrase=OLD, new_passphrase=OLD)
    assert key_life.state(study).epoch == 2
    assert [(line["action"], line["facts"]) for line in ledger.read(work)] == [("key.rotate", {"epoch": 2})]
    assert len(list(key_files.folder().glob("*.key.json"))) == 1  # no old one is left beside it


def test_an_epoch_written_into_the_file_by_hand_opens_nothing(work, study):
    path = key_files.path_of(study.key)
    document = json.loads(path.read_text())
    path.write_bytes(key_files._written({**document, "epoch": 2}))
    with pytest.raises(InputError, match="key_passphrase"):
        opened(work, study, OLD)


def person(person_id: str, role: accounts.Role) -> accounts.Signer:
    accounts.add(person_id, name=person_id, role=role, passphrase=f"{person_id} har fire ord")
    return accounts.unlock(person_id, f"{person_id} har fire ord", demo=True)


def test_a_key_is_destroyed_by_two_and_leaves_a_receipt_that_both_signed(work, study):
    secret_file = key_files.path_of(study.key)
    twin = secret_file.with_name("twin.hardlink")
    twin.hardlink_to(secret_file)  # sees what becomes of the bytes on the disk
    ann, bo = person("ann", "analyst"), person("bo", "decider")
    path = key_life.destroy(work, study, (ann, bo), reason="slut")
    assert not secret_file.exists()
    assert b"wrapped" not in twin.read_bytes()  # overwritten, not only unlinked
    told = receipts.verified(path.read_bytes())
    assert told is not None
    assert "ikke data anonyme" in told["words"]["da"]["does_not"]
    assert "not make data anonymous" in told["words"]["en"]["does_not"]
    assert [one["id"] for one in told["people"].values()] == ["ann", "bo"]
    lines = list(ledger.read(work))
    assert [(line["actor"], line["action"], line["code"]) for line in lines] == [
        ("ann", "key.destroy", "request"), ("bo", "key.destroy", "approve"),
    ]  # fmt: skip
    assert lines[0]["object"]["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert audit.verify(work)[0].passed
    with pytest.raises(InputError, match="key_missing"):
        opened(work, study, OLD)
    for changed in (b"slut", b"ann", b"proeve"):
        assert receipts.verified(path.read_bytes().replace(changed, changed[:-1] + b"x")) is None


def test_one_person_cannot_destroy_a_key_nor_two_who_decide_nothing(work, study):
    ann, bo, dpo = person("ann", "analyst"), person("bo", "decider"), person("dora", "dpo")
    reader = person("rie", "reader")
    for pair, error in (
        ((bo, bo), "two_people"),
        ((ann, ann), "two_people"),
        ((bo, ann), "two_people_role"),
        ((ann, dpo), "two_people_role"),
        ((dpo, bo), "two_people_role"),
        ((reader, bo), "two_people_role"),
    ):
        with pytest.raises(InputError) as refused:
            key_life.destroy(work, study, pair, reason="slut")
        assert refused.value.key == error
    with pytest.raises(InputError, match="reason_missing"):
        key_life.destroy(work, study, (ann, bo), reason=" ")
    assert key_life.state(study).epoch == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_state_is_told_only_of_a_key_that_is_closed(work, study, mode):
    key_files.path_of(study.key).chmod(mode)
    with pytest.raises(InputError, match="key_readable_by_others"):
        key_life.state(study)


def test_a_byte_flipped_anywhere_in_the_file_is_no_state_and_opens_nothing(work, study):
    path = key_files.path_of(study.key)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(InputError):
            opened(work, study, OLD)
