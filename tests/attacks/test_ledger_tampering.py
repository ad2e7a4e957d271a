"""Attack 12: whoever holds the disk changes what happened. A plain log is fooled; `verify` with an earlier head is not.

A twin without a chain stands for the plain log: its reader checks that every line can be read and that the times rise.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import audit, key_files, ledger, ledger_heads

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LINES = 12


def fill(workspace: Path, lines: int = LINES, *, actor: str = "ole") -> None:
    for number in range(lines):
        event = ledger.Event(
            at=NOON + timedelta(minutes=number), action="read", study="s", purpose="p", basis="b", people=number
        )
        ledger.append(workspace, event, actor=actor)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    (tmp_path / "ws").mkdir()
    fill(tmp_path / "ws", LINES - 2)
    head = ledger.checkpoint(tmp_path / "ws")
    (tmp_path / "outside.txt").write_text(head.text)  # what the DPO got by mail
    fill_more(tmp_path / "ws")
    ledger.checkpoint(tmp_path / "ws")
    return tmp_path / "ws"


def fill_more(workspace: Path) -> None:
    for number in range(LINES - 2, LINES):
        event = ledger.Event(
            at=NOON + timedelta(minutes=number), action="read", study="s", purpose="p", basis="b", people=number
        )
        ledger.append(workspace, event, actor="ole")


def segment(workspace: Path) -> Path:
    return ledger.segments(workspace)[0]


def lines_of(workspace: Path) -> list[bytes]:
    return segment(workspace).read_bytes().split(b"\n")[:-1]


def put(workspace: Path, lines: list[bytes]) -> None:
    segment(workspace).write_bytes(b"".join(line + b"\n" for line in lines))


def rechained(lines: list[bytes]) -> list[bytes]:
    """What an attacker who has read our source makes of his lines: every number and hash right again."""
    done, previous = [], ledger.FIRST
    for number, raw in enumerate(lines, 1):
        body = {**json.loads(raw), "seq": number, "prev": previous}
        body.pop("hash", None)
        body["hash"] = previous = sha256(ledger.canonical(body)).hexdigest()
        done.append(ledger.canonical(body))
    return done


def plain_log_believes(workspace: Path) -> bool:
    """The unprotected twin: a log whose reader looks at the events alone."""
    events = [json.loads(raw) for path in ledger.segments(workspace) for raw in path.read_bytes().split(b"\n")[:-1]]
    return all(one["ts"] <= other["ts"] for one, other in pairwise(events))


def found(workspace: Path, *, head: bool = True) -> bool:
    outside = workspace.parent / "outside.txt" if head else None
    return any(control.passed is False for control in audit.verify(workspace, head=outside)[:2])


def edit(lines: list[bytes]) -> list[bytes]:
    return [raw.replace(b'"people":4,', b'"people":3,') for raw in lines]


def delete(lines: list[bytes]) -> list[bytes]:
    return lines[:4] + lines[5:]


def insert(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], lines[3], *lines[4:]]


def swap(lines: list[bytes]) -> list[bytes]:
    one, other = json.loads(lines[3]), json.loads(lines[4])
    one["people"], other["people"] = other["people"], one["people"]  # the times still rise
    return [*lines[:3], ledger.canonical(one), ledger.canonical(other), *lines[5:]]


CHANGES = [edit, delete, insert, swap]


def test_an_honest_ledger_passes_with_its_earlier_head(workspace):
    chain, witness = audit.verify(workspace, head=workspace.parent / "outside.txt")[:2]
    assert (chain.passed, witness.passed) == (True, True)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_fools_a_plain_log_and_is_found(attack_row, workspace, change):
    put(workspace, change(lines_of(workspace)))
    assert plain_log_believes(workspace)
    attack_row.case("12", works=plain_log_believes(workspace), through=not found(workspace), what="ways")
    assert found(workspace, head=False)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_with_every_hash_made_anew_is_found(attack_row, workspace, change):
    put(workspace, rechained(change(lines_of(workspace))))
    assert plain_log_believes(workspace)
    assert audit.verify(workspace)[0].passed  # the chain alone is fooled ...
    attack_row.case(
        "12", works=plain_log_believes(workspace), through=not found(workspace), what="ways"
    )  # ... the heads are not


def test_a_cut_tail_is_found(attack_row, workspace):
    put(workspace, lines_of(workspace)[:-3])
    assert plain_log_believes(workspace)
    assert audit.verify(workspace)[0].passed
    attack_row.case("12", works=plain_log_believes(workspace), through=not found(workspace), what="ways")


def forget_this_machine(workspace: Path) -> None:
    """The attacker has the key folder too, or the disk is read elsewhere: only the outside head is left."""
    shutil.rmtree(workspace.parent / "home" / "heads")


def test_log_and_checkpoints_cut_together_are_found_by_the_outside_head_alone(attack_row, workspace):
    put(workspace, lines_of(workspace)[:4])
    for path in (workspace / "ledger" / "checkpoints").glob("*.checkpoint"):
        path.unlink()
    assert found(workspace, head=False)  # this machine's own copy remembers
    forget_this_machine(workspace)
    assert not found(workspace, head=False)  # chain and signatures alone are fooled
    attack_row.case("12", works=plain_log_believes(workspace), through=not found(workspace), what="ways")


def test_everything_rewritten_and_signed_with_the_attackers_own_key_is_found(
    attack_row, workspace, tmp_path, monkeypatch
):
    lines = rechained([raw.replace(b'"ole"', b'"eva"') for raw in lines_of(workspace)])
    put(workspace, lines)
    shutil.rmtree(workspace / "ledger" / "checkpoints")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("UNDRING_HOME", str(tmp_path / "attacker"))
        ledger.checkpoint(workspace)
        assert not found(workspace, head=False)  # there, all fits
    attack_row.case("12", works=plain_log_believes(workspace), through=not found(workspace), what="ways")


def test_the_tail_rewritten_and_signed_with_another_key_is_found_at_home_without_a_head(
    workspace, tmp_path, monkeypatch
):
    lines = lines_of(workspace)
    put(workspace, rechained([*lines[:-1], lines[-1].replace(b'"ole"', b'"eva"')]))
    shutil.rmtree(workspace / "ledger" / "checkpoints")
    forget_this_machine(workspace)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("UNDRING_HOME", str(tmp_path / "attacker"))
        ledger.checkpoint(workspace)
    assert dict(audit.verify(workspace)[1].facts)["reason"] == "foreign_key"


def test_everything_rewritten_with_the_stolen_key_is_found_by_the_outside_head_alone(attack_row, workspace):
    lines = lines_of(workspace)
    put(workspace, rechained([lines[0], *(raw.replace(b'"ole"', b'"eva"') for raw in lines[1:])]))
    shutil.rmtree(workspace / "ledger" / "checkpoints")
    forget_this_machine(workspace)
    ledger.checkpoint(workspace)
    assert not found(workspace, head=False)
    attack_row.case("12", works=plain_log_believes(workspace), through=not found(workspace), what="ways")


def test_everything_deleted_is_found(attack_row, workspace):
    shutil.rmtree(workspace / "ledger")
    assert not found(workspace, head=False)  # nothing is left that could speak
    attack_row.case("12", works=plain_log_believes(workspace), through=not found(workspace), what="ways")


def test_everything_deleted_and_begun_again_is_found(attack_row, workspace):
    shutil.rmtree(workspace / "ledger")
    fill(workspace, actor="eva")
    ledger.checkpoint(workspace)
    assert not found(workspace, head=False)
    attack_row.case("12", works=plain_log_believes(workspace), through=not found(workspace), what="ways")


def test_a_checkpoint_of_another_log_is_refused(workspace, tmp_path):
    (tmp_path / "other").mkdir()
    fill(tmp_path / "other", actor="eva")
    other = ledger.checkpoint(tmp_path / "other")
    (tmp_path / "other.txt").write_text(other.text)
    witness = audit.verify(workspace, head=tmp_path / "other.txt")[1]
    assert (witness.passed, dict(witness.facts)["reason"]) == (False, "other_log")
    shutil.copy(tmp_path / "other.txt", workspace / "ledger" / "checkpoints" / "00000099.checkpoint")
    assert found(workspace, head=False)


def test_a_head_with_a_swapped_signature_is_refused(workspace, tmp_path):
    outside = workspace.parent / "outside.txt"
    first, second = outside.read_text(), (workspace / "ledger/checkpoints/00000012.checkpoint").read_text()
    outside.write_text(first.partition("\n\n")[0] + "\n\n" + second.partition("\n\n")[2])
    assert found(workspace)
    outside.write_text("not a head")
    assert found(workspace)


def test_a_head_travels_through_a_mail_with_other_line_breaks(workspace):
    outside = workspace.parent / "outside.txt"
    outside.write_bytes(outside.read_text().replace("\n", "\r\n").encode())
    assert not found(workspace)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_random_tampering_is_always_found(tmp_path_factory, data):
    """Any bytes of the part that the head speaks of: changed, taken out, put in, moved; re-chained or not."""
    base = _base(tmp_path_factory)
    workspace = tmp_path_factory.mktemp("case") / "ws"
    shutil.copytree(base / "ws", workspace)
    shutil.copy(base / "outside.txt", workspace.parent / "outside.txt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDRING_HOME", str(base / "home"))
        lines = lines_of(workspace)
        place, other = (data.draw(st.integers(0, LINES - 4)) for _ in range(2))
        kind = data.draw(st.sampled_from(["bit", "bytes", "delete", "insert", "move", "field", "cut"]))
        before = list(lines)
        if kind == "bit":
            raw = bytearray(lines[place])
            raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            lines[place] = bytes(raw)
        elif kind == "bytes":
            at = data.draw(st.integers(0, len(lines[place])))
            lines[place] = lines[place][:at] + data.draw(st.binary(max_size=5)) + lines[place][at:]
        elif kind == "delete":
            del lines[place]
        elif kind == "insert":
            lines.insert(place, lines[other])
        elif kind == "move":
            lines.insert(other, lines.pop(place))
        elif kind == "field":
            body = json.loads(lines[place])
            body[data.draw(st.sampled_from(sorted(body)))] = data.draw(
                st.one_of(st.integers(0, 99), st.text(max_size=4))
            )
            lines[place] = ledger.canonical(body)
        else:
            del lines[place:]
        if kind not in ("bit", "bytes") and data.draw(st.booleans()):
            lines = rechained([raw for raw in lines if b'"v"' in raw])
        put(workspace, lines)
        assert found(workspace) == (lines != before)
        shutil.rmtree(workspace.parent)


_BASE: list[Path] = []


def _base(tmp_path_factory) -> Path:
    if not _BASE:
        base = tmp_path_factory.mktemp("base")
        (base / "ws").mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("UNDRING_HOME", str(base / "home"))
            fill(base / "ws", LINES - 2)
            (base / "outside.txt").write_text(ledger.checkpoint(base / "ws").text)
            fill_more(base / "ws")
        _BASE.append(base)
    return _BASE[0]


def test_a_signing_key_that_others_can_read_is_not_used(workspace):
    origin = ledger_heads.origin_of(workspace)
    assert ledger_heads.own_key(origin)
    for path in key_files.folder().glob("*.audit"):
        path.chmod(0o644)
    assert found(workspace)
