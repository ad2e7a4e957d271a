"""A workspace with something to release, and people who may sign, without a whole run behind them."""

from __future__ import annotations

from pathlib import Path

from pipelines import accounts, release_files
from pipelines.accounts import Signer
from pseudonymisation import keys
from tests.pipelines.study_builders import HEAD, study_text

PASSPHRASE = "en lang nok sætning"
REAL = 'controller = "Eksempel Kommune"\ndpo = "dpo@eksempel.invalid"\nlegal_basis = "GDPR art. 6(1)(e)"\n'
PEOPLE = {
    "anna": "analyst",
    "asger": "analyst",
    "britt": "decider",
    "bo": "decider",
    "dorte": "dpo",
    "rikke": "reader",
}


def cheap_argon2(monkeypatch):
    """A tenth of a millisecond in place of a second: what Argon2id costs is tested with the keys."""
    monkeypatch.setattr(keys, "MEMORY_KIB", 64)
    monkeypatch.setattr(keys, "PASSES", 1)
    monkeypatch.setattr(keys, "LANES", 1)
    monkeypatch.setattr(keys, "KDF", {"name": "argon2id", "memory_kib": 64, "passes": 1, "lanes": 1})


def everybody() -> dict[str, Signer]:
    """Make all accounts; one of them, `skift`, has been an analyst and a DPO and is now a decider."""
    for person, role in PEOPLE.items():
        accounts.add(person, name=person.capitalize(), role=role, passphrase=PASSPHRASE)
    accounts.add("skift", name="Skift", role="analyst", passphrase=PASSPHRASE)
    accounts.set_role("skift", "dpo")
    accounts.set_role("skift", "decider")
    return {person: accounts.unlock(person, PASSPHRASE, demo=False) for person in (*PEOPLE, "skift")}


def workspace(folder: Path, *, more: str = "") -> Path:
    """A workspace that has run once, as far as a release can see."""
    folder.mkdir(parents=True, exist_ok=True)
    head = HEAD.replace("demo = true\n", REAL + more)
    (folder / "study.toml").write_text(study_text(head=head), encoding="utf-8")
    return folder


def two_files(monkeypatch):
    """In place of rendering a report: two small files."""

    def write(workspace, folder, kind, *, receiver, study_passphrase):
        folder.mkdir(parents=True)
        (folder / "rapport.html").write_text("<p>110 af 640</p>")
        (folder / "fund.json").write_text('{"findings": []}')
        return "K-0001"

    monkeypatch.setattr(release_files, "write_files", write)
