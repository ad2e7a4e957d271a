"""Municipalities that have run once, made from a seed in a second: for findings that travel between them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from pipelines import ledger, log, publish, release_door, releases, split, steps, vault
from pipelines import run as runs
from pipelines.account import RunAccount
from pipelines.accounts import DEMO_PASSPHRASE, DEMO_PEOPLE, Signer, add, ensure_demo, everyone, unlock
from pipelines.recipe import write as write_recipe
from pipelines.state import write as write_state
from tests.pipelines import contract_builders
from tests.pipelines.release_builders import cheap_argon2
from tests.pipelines.study_builders import HEAD, OUTCOME, characteristic, study_text

NAMES = ("faldt", "flyttet", "hjaelp", "traet", "alene", "diabetes")
WHERE = {
    "faldt": 'where = {kode = ["A80"]}',
    "traet": 'where = {kode = ["A04"]}',
    "diabetes": 'where = {kode = ["T90"]}',
    "hjaelp": 'where = {lovgrundlag = ["SEL § 83"]}',
    "flyttet": 'where = {art = ["Ambulant"]}',
    "alene": 'where = {enhed = ["Nord"]}',
}
RULE = 'rule = "any"\ndate = "start"\nwindow = [-180, 0]\n'
COLUMNS = [
    {"name": "cpr", "physicalName": "CPR-nr.", "role": "person_identifier"},
    {"name": "start", "physicalName": "Start", "logicalType": "date", "role": "date"},
    {"name": "kode", "physicalName": "Kode", "role": "sensitive", "code_list": "icpc2"},
    {"name": "lovgrundlag", "physicalName": "Lovgrundlag", "role": "sensitive"},
    {"name": "art", "physicalName": "Art", "role": "plain", "label_da": "art", "label_en": "kind"},
    {"name": "enhed", "physicalName": "Enhed", "role": "plain"},
]
Change = Callable[[str], str]


def prepared(monkeypatch, home: Path) -> None:  # type: ignore[no-untyped-def]
    """A home of its own, keys that open at once, and reports that are not printed as PDF."""
    monkeypatch.setenv("UNDRING_HOME", str(home))
    monkeypatch.setattr(publish, "print_pages", lambda folder, pages: False)
    monkeypatch.setattr(release_door, "refuse_if_a_control_fails", lambda workspace: None)
    monkeypatch.setattr(log, "who", lambda: "proever")
    cheap_argon2(monkeypatch)


def people_of(seed: int, people: int, effect: float, pair: tuple[str, str]) -> pl.DataFrame:
    """Draw a cohort: six characteristics and age, an outcome by odds, and one pair that adds `effect` to its log."""
    random = np.random.default_rng(seed)
    has = {name: random.random(people) < 0.25 for name in NAMES}
    age = random.integers(65, 95, people)
    score = -2.2 + 0.03 * (age - 78) + 0.3 * sum(has[name] for name in NAMES) + effect * (has[pair[0]] & has[pair[1]])
    return pl.DataFrame(
        {
            "person": [f"p{number:06d}" for number in range(people)],
            "cluster": [f"h{number:06d}" for number in range(people)],
            **has,
            "alder": age,
            "indlagt": random.random(people) < 1 / (1 + np.exp(-score)),
        }
    )


def municipality(
    folder: Path,
    controller: str,
    *,
    seed: int,
    people: int = 4_000,
    effect: float = 1.2,
    pair: tuple[str, str] = ("faldt", "hjaelp"),
    lock: float = 0.0,
    change: Change = lambda text: text,
) -> Path:
    """Return a workspace as its first run left it."""
    head = HEAD.replace("demo = true\n", f'demo = true\ncontroller = "{controller}"\nlock = {lock}\n')
    head = head.replace('key = "demo"', f'key = "demo-{seed}"') + f"seed = {seed}\n"
    columns = [characteristic(name, RULE + WHERE[name]) for name in NAMES]
    age = characteristic("alder", 'rule = "value"\ncolumn = "alder"', register="cpr", kind="adjust")
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(change(study_text(*columns, age, head=head, outcome=OUTCOME)), encoding="utf-8")
    contract_builders.written(folder, contract_builders.document(COLUMNS))
    place = folder / "runs" / "K-0001"
    place.mkdir(parents=True)
    options = {"try_leads": bool(lock), "whole_account": False, "by_person": True}
    (place / "run.json").write_text(json.dumps(options), encoding="utf-8")
    run = runs.reopen_at(folder, "K-0001", passphrase=None)
    run.vault.mkdir(exist_ok=True)
    frame = people_of(seed, people, effect, pair)
    locked = split.draw_lock(frame["cluster"], key=run.subkey("split"), share=run.study.lock).alias("locked")
    vault.write_frame(place / "split.vault", frame.with_columns(locked), run.subkey("vault"))
    write_state(place / "account.json", RunAccount(people=people, outcome="indlagt"))
    for name in ("discover", "confirm", "release"):
        steps.STEPS[name](run, lambda share: None)
    publish.install(run)
    (place / "done.json").write_text("{}\n", encoding="utf-8")
    return folder


def signer(role: str) -> Signer:
    """Return one of the demo's people."""
    ensure_demo()
    person = next(name for name, has in DEMO_PEOPLE.items() if has == role)
    return unlock(person, DEMO_PASSPHRASE, demo=True)


def analyst_of(workspace: Path) -> Signer:
    """Return a municipality's own analyst: each signs with a key of their own."""
    person = f"analytiker-{workspace.name}"
    if person not in {one.id for one in everyone()}:
        add(person, name=f"DEMO {workspace.name.capitalize()}", role="analyst", passphrase=DEMO_PASSPHRASE, demo=True)
    return unlock(person, DEMO_PASSPHRASE, demo=True)


def released(workspace: Path, kind: str, finding: str, to: str) -> Path:
    """Take a draft through four eyes; return where it lies in the outbox."""
    made = releases.request(workspace, signer("analyst"), kind=kind, receiver=to, finding=finding)  # type: ignore[arg-type]
    releases.statement(workspace, made.id, signer("dpo"), says="none")
    releases.approve(workspace, made.id, signer("decider"))
    suffix = "opskrift" if kind == "recipe" else "svar"
    return next((workspace / "outbox" / made.id).glob(f"{finding}*.{suffix}.json"))


def recipe_out(workspace: Path, finding: str, to: str = "Nabo Kommune") -> Path:
    """Write a finding's recipe and release it."""
    write_recipe(workspace, finding, signer("analyst"))
    return released(workspace, "recipe", finding, to)


def completed(mapping: Path, *, basis: str = "art. 6, stk. 1, litra e (eget)") -> None:
    """Answer for every line of a mapping, as a person does who has looked."""
    text = mapping.read_text(encoding="utf-8")
    text = text.replace("seen = false", "seen = true").replace("same = false", "same = true")
    head, rest = text.split("[basis]")
    rest = rest.replace('ours = ""', f'ours = "{basis}"', 1)
    mapping.write_text(f"{head}[basis]{rest}", encoding="utf-8")


def finding_id(workspace: Path, status: str) -> str:
    """Return the first finding of a status."""
    written = json.loads((workspace / "findings.json").read_text(encoding="utf-8"))
    return next(one["id"] for one in written["findings"] if one["status"] == status)


def actions(workspace: Path) -> list[str]:
    """Return what the evidence chain tells of."""
    return [str(line["action"]) for line in ledger.evidence(workspace)]
