"""Nothing reaches the outbox but what a decider signed for, asked for by another, with the DPO's statement.

Exhaustive: every sequence of acts by every kind of person is tried on the door, beside a plain rule of what opens it.
"""

from __future__ import annotations

import itertools
import json
import shutil
from datetime import UTC, datetime

import pytest

from pipelines import audit, release_door, release_rules, releases, signatures
from pipelines.errors import InputError
from pipelines.release_files import parse_manifest, read_manifest
from tests.pipelines.release_builders import PEOPLE, cheap_argon2, everybody, two_files, workspace

NOTHING = "0" * 64


@pytest.fixture(scope="module")
def cast(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        place = tmp_path_factory.mktemp("door")
        patched.setenv("UNDRING_HOME", str(place / "home"))
        cheap_argon2(patched)
        two_files(patched)
        people = everybody()
        here = workspace(place / "ws")
        made = releases.request(here, people["anna"], kind="report", receiver="Alle")
        yield here, people, made


@pytest.fixture
def outside(cast, tmp_path, monkeypatch):
    """A copy of the workspace for a test that changes it."""
    here, people, made = cast
    copied = tmp_path / "ws"
    shutil.copytree(here, copied)
    monkeypatch.setenv("UNDRING_HOME", str(here.parent / "home"))
    return copied, people, made.id


VARIANTS = [
    ("request", "", ""),
    ("statement", "none", ""),
    ("statement", "advised_against", "nej"),
    ("approve", "", ""),
    ("approve", "", "svar"),
    ("reject", "", "nej"),
    ("withdraw", "", "fejl"),
]
PERSONS = [("anna", "analyst"), ("dorte", "dpo"), ("britt", "decider"), ("rikke", "reader")]
TURNCOAT = [("skift", "analyst"), ("skift", "dpo"), ("skift", "decider")]


def signed(person, role, variant, people, manifest, previous):
    act, says, reason = variant
    one = people[person].account
    return signatures.Signed(
        act=act, study=manifest.study, release=manifest.release, manifest_sha256=manifest.sha256, previous=previous,
        by=person, name=one.name, role=role, public_key=one.public_key, at="2026-11-25T10:00:00.000Z", reason=reason,
        statement=says, dictionary_seen=0, signature="",
    )  # fmt: skip


def should_open(steps, required):
    """The plain rule: request, statements, one approval; three roles, three people; an answer against advice."""
    if len(steps) < 2 or steps[0][1][0] != "request" or steps[0][0][1] != "analyst":
        return False
    asker, (*between, last) = steps[0][0][0], steps[1:]
    (decider, role), (act, _, answer) = last
    if act != "approve" or role != "decider":
        return False
    if any(variant[0] != "statement" or person[1] != "dpo" for person, variant in between):
        return False
    advisers = {person[0] for person, _ in between}
    if asker in advisers or decider in advisers or asker == decider:
        return False
    if required and not between:
        return False
    return not (between and between[-1][1][1] == "advised_against" and not answer)


def test_of_all_ways_to_sign_only_the_right_ones_open_the_door(cast, monkeypatch):
    _, people, made = cast
    accounts = {name: one.account for name, one in people.items()}
    monkeypatch.setattr(signatures, "signed_by", lambda act, key: act.public_key == key)  # signatures: below
    moves = list(itertools.product([*PERSONS, *TURNCOAT], VARIANTS))
    tried = opened = 0

    def follow(steps, acts):
        nonlocal tried, opened
        for required in (True, False):
            why = release_rules.why_closed(made.manifest, acts, accounts, statement_required=required, demo=False)
            assert (why is None) == should_open(steps, required), (steps, why)
            tried, opened = tried + 1, opened + (why is None)
        void = bool(acts) and release_rules.state(made.manifest, acts, accounts)[0] == "void"
        if len(steps) == 4 or (void and len(steps) > 1):  # what is void stays so: one act more shows it at every first
            return
        for person, variant in moves:
            previous = acts[-1].sha256 if acts else NOTHING
            follow(
                [*steps, (person, variant)],
                [*acts, signed(*person, variant, people, made.manifest, previous)],
            )

    follow([], [])
    assert tried > 5_000
    assert opened > 10


@pytest.mark.parametrize("person", [*PEOPLE, "skift"])
@pytest.mark.parametrize("with_statement", [True, False])
def test_no_person_gets_it_out_alone_by_any_act(outside, person, with_statement):
    """Every person tries every act, in every order, on a release that Anna asked for."""
    here, people, release_id = outside
    if with_statement:
        releases.statement(here, release_id, people["dorte"], says="advised_against", reason="nej")
    acts = {
        "statement": lambda: releases.statement(here, release_id, people[person], says="none"),
        "approve": lambda: releases.approve(here, release_id, people[person], reason="svar"),
        "withdraw": lambda: releases.withdraw(here, release_id, people[person], reason="x"),
        "deliver": lambda: release_door.deliver(here, release_id, at=datetime.now(UTC)),
    }
    for name in ("deliver", "approve", "statement", "approve", "deliver", "withdraw", "approve", "deliver"):
        try:
            acts[name]()
        except InputError:
            continue
    out = list((here / "outbox").rglob("*.html")) if (here / "outbox").exists() else []
    decider = person in ("britt", "bo", "skift")
    # a decider on the DPO's statement is the one way, and withdrawing takes it back again
    found = releases.read_release(here, release_id)
    assert out == []
    assert any(act.act == "approve" for act in found.acts) == (decider and with_statement)


def test_one_changed_byte_voids_every_signature(outside):
    here, people, release_id = outside
    releases.statement(here, release_id, people["dorte"], says="none")
    folder = here / "releases" / release_id
    for path in [*sorted((folder / "files").iterdir()), folder / "manifest.json", *sorted((folder / "acts").iterdir())]:
        whole = path.read_bytes()
        for place in {0, len(whole) // 3, len(whole) // 2, len(whole) - 2}:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(InputError):
                releases.approve(here, release_id, people["britt"])
            with pytest.raises(InputError):
                release_door.deliver(here, release_id, at=datetime.now(UTC))
        path.write_bytes(whole)
    (folder / "files" / "one_more.csv").write_text("x")
    with pytest.raises(InputError):
        releases.approve(here, release_id, people["britt"])
    (folder / "files" / "one_more.csv").unlink()
    assert releases.approve(here, release_id, people["britt"]).state == "approved"


def test_a_manifest_made_anew_by_hand_is_not_what_was_signed(outside):
    here, _people, release_id = outside
    folder = here / "releases" / release_id
    body = json.loads((folder / "manifest.json").read_text())
    body["statement_required"] = 0
    from pipelines.ledger import canonical

    (folder / "manifest.json").write_bytes(canonical(body) + b"\n")
    assert not read_manifest(folder / "manifest.json").statement_required
    assert releases.read_release(here, release_id).state == "void"


def test_a_signature_forged_replayed_or_lent_does_not_hold(outside):
    here, people, release_id = outside
    made = releases.read_release(here, release_id)
    accounts = {name: one.account for name, one in people.items()}
    real = signatures.sign(
        people["dorte"], act="statement", study=made.manifest.study, release=release_id,
        manifest_sha256=made.manifest.sha256, previous=made.acts[-1].sha256, at="2026-11-25T10:00:00.000Z", reason="",
        statement="none", dictionary_seen=0,
    )  # fmt: skip
    assert release_rules.state(made.manifest, [*made.acts, real], accounts) == ("requested", "")
    from dataclasses import replace

    forged = [
        replace(real, statement="remarks"),
        replace(real, by="britt", role="decider", act="approve"),
        replace(real, at="2026-11-25T10:00:00.001Z"),
        replace(real, public_key=accounts["britt"].public_key),
        replace(real, signature=""),
        replace(real, signature=made.acts[0].signature),
    ]
    for act in forged:
        assert release_rules.state(made.manifest, [*made.acts, act], accounts)[0] == "void"
    assert release_rules.state(made.manifest, [*made.acts, real, real], accounts)[0] == "void"
    assert release_rules.state(made.manifest, [real], accounts)[0] == "void"
    closed = {name: one for name, one in accounts.items() if name != "dorte"}
    assert release_rules.state(made.manifest, [*made.acts, real], closed)[0] == "void"  # nobody we know


def test_a_swapped_signature_in_the_outbox_turns_the_verdict_red(outside):
    here, people, release_id = outside
    releases.statement(here, release_id, people["dorte"], says="none")
    releases.approve(here, release_id, people["britt"])
    assert _approved(here).passed is True
    other = releases.request(here, people["asger"], kind="report", receiver="B")
    acts = here / "outbox" / release_id / "acts"
    whole = (acts / "001-request.json").read_bytes()
    (acts / "001-request.json").write_bytes((other.folder / "acts" / "001-request.json").read_bytes())
    assert dict(_approved(here).facts)["reason"] == "signature_swapped"
    (acts / "001-request.json").write_bytes(whole)
    (here / "outbox" / release_id / "rapport.html").write_text("other")
    assert dict(_approved(here).facts)["reason"] == "not_approved"


def test_a_name_that_is_a_path_is_no_file_of_a_release(outside):
    here, _, release_id = outside
    body = json.loads((here / "releases" / release_id / "manifest.json").read_text())
    from pipelines.ledger import canonical

    for name in ("../x", "a/b", ".hidden"):
        body["files"] = {name: {"sha256": "0" * 64, "bytes": 1}}
        with pytest.raises(ValueError, match="path"):
            parse_manifest(canonical(body) + b"\n")
    for wrong in ("../U-2026-01", "U-2026-01/..", "u-2026-01", "U-2026-99"):
        with pytest.raises(InputError):
            releases.read_release(here, wrong)


def test_only_the_door_writes_to_the_outbox():
    from pathlib import Path

    root = Path(__file__).resolve().parent.parent.parent
    naming = {
        path.relative_to(root).as_posix()
        for room in ("pipelines", "flows", "portal", "reports", "analysis", "pseudonymisation")
        for path in (root / room).rglob("*.py")
        if '"outbox"' in path.read_text(encoding="utf-8") or "OUTBOX" in path.read_text(encoding="utf-8")
    }
    readers = {
        "pipelines/audit_bundle.py",
        "pipelines/audit_outputs.py",
        "pipelines/audit_releases.py",
        "pipelines/closing.py",  # names the folder in an error and a receipt
        "pipelines/retention.py",  # deletes a package's rows there when their time is out
        "portal/site.py",  # when it was last changed
    }
    told = {"flows/cli_release.py", "pipelines/documents/article30.py"}  # say where it lies, and how long
    assert naming - readers - told == {"pipelines/release_door.py"}


def _approved(here):
    return next(one for one in audit.verify(here) if one.key == "control.approved")
