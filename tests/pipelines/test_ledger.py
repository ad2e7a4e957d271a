from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import audit, ledger, ledger_heads
from pipelines.errors import InputError
from pipelines.ledger_tree import Tree, leaf_hash

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def event(number: int = 0, **given) -> ledger.Event:
    facts = {"at": NOON + timedelta(seconds=number), "action": "ingest", "study": "s", "purpose": "p", "basis": "b"}
    return ledger.Event(**{**facts, "people": number, **given})


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "ws").mkdir()
    return tmp_path / "ws"


def chain(workspace):
    return audit.verify(workspace)[0]


def test_a_line_holds_the_event_is_chained_and_is_private(workspace):
    first = ledger.append(workspace, event(1, run="K-0001", rows=5, object_sha256="ab"), actor="ole")
    second = ledger.append(workspace, event(2), actor="ole")
    assert (first["prev"], second["prev"]) == (ledger.FIRST, first.hash)
    assert first["object"] == {"sha256": "ab", "rows": 5}
    assert (first["seq"], second["seq"], first["register"]) == (1, 2, None)
    assert [line.raw for line in ledger.read(workspace)] == [first.raw, second.raw]
    assert chain(workspace).passed
    for path in ledger.segments(workspace):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_hash_is_that_of_a_plain_road(workspace):
    line = json.loads(ledger.append(workspace, event(purpose="Æbler \u2028 og \n pærer"), actor="ole").raw)
    claimed = line.pop("hash")
    plain = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sha256(plain.encode()).hexdigest() == claimed


def test_months_have_their_own_file_and_one_chain(workspace):
    for day in (30, 31, 61, 62):
        ledger.append(workspace, event(at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)), actor="ole")
    assert [path.name for path in ledger.segments(workspace)] == ["2026-01.jsonl", "2026-02.jsonl", "2026-03.jsonl"]
    assert chain(workspace).passed


def test_a_clock_that_goes_backwards_is_noted_and_opens_no_older_file(workspace):
    ledger.append(workspace, event(), actor="ole")
    line = ledger.append(workspace, event(at=NOON - timedelta(days=40)), actor="ole")
    assert (line["clock_back_s"], line.segment) == (40 * 86_400, "2026-11")
    assert chain(workspace).passed
    assert dict(chain(workspace).facts)["clock_back"] == "1"


def test_a_resumed_run_tells_each_thing_once(workspace):
    first = ledger.append_once(workspace, event(), "K-0001/ingest/cpr", actor="ole")
    ledger.append_once(workspace, event(), "K-0001/ingest/cpr2", actor="ole")
    again = ledger.append_once(workspace, event(9), "K-0001/ingest/cpr", actor="ole")
    assert again == first
    assert len(list(ledger.read(workspace))) == 2


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_line_cut_anywhere_by_a_power_cut_is_moved_aside_and_said(tmp_path_factory, data):
    workspace = tmp_path_factory.mktemp("ws")
    for number in range(3):
        ledger.append_once(workspace, event(number), f"r/{number}", actor="ole")
    path = ledger.segments(workspace)[0]
    whole = path.read_bytes()
    last = whole[:-1].rfind(b"\n") + 1
    path.write_bytes(whole[: data.draw(st.integers(last, len(whole) - 1))])
    whole_but_for_the_break = path.read_bytes() == whole[:-1]
    nothing_of_it = path.read_bytes() == whole[:last]
    for number in range(4):  # the run is resumed, and tells all its events again
        ledger.append_once(workspace, event(number), f"r/{number}", actor="ole")
    lines = list(ledger.read(workspace))
    assert [line["once"] for line in lines if line["action"] == "ingest"] == ["r/0", "r/1", "r/2", "r/3"]
    repaired = [line for line in lines if line["action"] == "ledger.repaired"]
    assert len(repaired) == (0 if whole_but_for_the_break or nothing_of_it else 1)
    assert audit.verify(workspace)[0].passed


def test_a_cut_line_is_reported_until_it_is_repaired(workspace):
    for number in range(3):
        ledger.append(workspace, event(number), actor="ole")
    path = ledger.segments(workspace)[0]
    path.write_bytes(path.read_bytes()[:-20])
    assert dict(chain(workspace).facts)["reason"] == "cut_line"
    ledger.append(workspace, event(3), actor="ole")
    assert chain(workspace).passed


def test_a_power_cut_during_the_repair_loses_nothing(workspace, monkeypatch):
    for number in range(2):
        ledger.append(workspace, event(number), actor="ole")
    path = ledger.segments(workspace)[0]
    path.write_bytes(path.read_bytes()[:-20])
    monkeypatch.setattr(ledger, "_write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        ledger.append(workspace, event(2), actor="ole")
    monkeypatch.undo()
    monkeypatch.setenv("UNDRING_HOME", str(workspace.parent / "home"))
    ledger.append(workspace, event(2), actor="ole")
    assert [line["action"] for line in ledger.read(workspace)] == ["ingest", "ledger.repaired", "ingest"]


def test_a_full_disk_leaves_the_ledger_as_it_was(workspace):
    ledger.append(workspace, event(), actor="ole")
    path = ledger.segments(workspace)[0]
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, limits[1]))  # room for a piece of a line
    try:
        with pytest.raises(InputError, match="disk_full"):
            ledger.append(workspace, event(1), actor="ole")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    ledger.append(workspace, event(1), actor="ole")
    assert chain(workspace).passed


def _writer(workspace, name, events):
    for number in range(events):
        ledger.append(workspace, event(number), actor=name)


def test_two_processes_writing_at_once_lose_and_double_nothing(workspace):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_writer, args=(workspace, name, 60)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    lines = list(ledger.read(workspace))
    for name in ("a", "b"):
        assert [line["people"] for line in lines if line["actor"] == name] == list(range(60))
    assert chain(workspace).passed


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines import ledger
for number in range(400):
    event = ledger.Event(at=datetime.now(UTC), action="ingest", study="s", purpose="p", basis="b", people=number)
    ledger.append_once(Path(sys.argv[1]), event, f"r/{number}", actor="ole")
    print(number, flush=True)
"""


def test_a_writer_killed_again_and_again_loses_and_doubles_nothing(workspace):
    told = -1
    for stop in (3, 40, 41, 90, None):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(workspace)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for line in writer.stdout:
                told = max(told, int(line))
                if stop is not None and int(line) == stop:
                    writer.kill()  # kill -9
                    break
    events = [line["people"] for line in ledger.read(workspace) if line["action"] == "ingest"]
    assert told == 399
    assert events == list(range(400))
    assert chain(workspace).passed


def test_a_ledger_that_was_changed_is_not_written_on(workspace):
    ledger.append(workspace, event(), actor="ole")
    path = ledger.segments(workspace)[0]
    path.write_bytes(path.read_bytes().replace(b'"ole"', b'"eva"'))
    with pytest.raises(InputError, match="ledger_damaged"):
        ledger.append(workspace, event(), actor="ole")


def test_an_event_holds_no_cpr_number_no_unknown_action_and_a_time_zone(workspace):
    for wrong in ("610150-1234", "6101501234", "x 610150 1234."):
        with pytest.raises(ValueError, match="CPR"):
            ledger.append(workspace, event(code=wrong), actor="ole")
    with pytest.raises(ValueError, match="ACTIONS"):
        event(action="looked")
    with pytest.raises(ValueError, match="zone"):
        event(at=datetime(2026, 1, 1))


@pytest.mark.parametrize("value", [1.5, None, True, 2**60, ["a"]])
def test_only_strings_and_whole_numbers_have_a_canonical_form(value):
    with pytest.raises(ValueError, match="strings and whole numbers"):
        ledger.canonical({"a": value})


def _plain_root(leaves):
    """RFC 6962's definition, word by word: the other road."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + _plain_root(leaves[:split]) + _plain_root(leaves[split:])).digest()


@settings(deadline=None)
@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_head_is_rfc_6962s_at_every_size(lines):
    tree = Tree()
    for size, line in enumerate(lines):
        assert tree.root() == _plain_root([leaf_hash(one) for one in lines[:size]])
        tree.add(leaf_hash(line))


def test_the_head_of_known_leaves_is_the_known_one():
    """Certificate Transparency's own test vector: eight leaves."""
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf_hash(bytes.fromhex(leaf)))
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_a_checkpoint_is_a_signed_note_that_its_public_key_opens(workspace):
    for number in range(5):
        ledger.append(workspace, event(number), actor="ole")
    head = ledger.checkpoint(workspace)
    path = workspace / "ledger" / "checkpoints" / "00000005.checkpoint"
    body, _, signature = path.read_text().partition("\n\n")
    assert body.split("\n")[:2] == [head.origin, "5"]
    assert signature.startswith(f"— {head.origin} ")
    assert ledger_heads.parse_head(path) == head
    assert ledger_heads.signed_by(head, ledger_heads.vkeys(workspace)) == ledger_heads.own_key(head.origin)
    assert ledger.checkpoint(workspace) == head  # nothing new: the same again
    assert stat.S_IMODE(next((workspace.parent / "home" / "keys").iterdir()).stat().st_mode) == 0o600


def test_every_closed_month_gets_a_signed_head_of_its_own(workspace):
    for month in (1, 1, 2, 3):
        ledger.append(workspace, event(at=datetime(2026, month, 5, tzinfo=UTC)), actor="ole")
    ledger.checkpoint(workspace)
    assert [head.size for head in ledger_heads.checkpoints(workspace)] == [2, 3, 4]


def test_a_changed_ledger_is_not_signed_over(workspace, tmp_path):
    for number in range(4):
        ledger.append(workspace, event(number), actor="ole")
    ledger.checkpoint(workspace)
    path = ledger.segments(workspace)[0]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    with pytest.raises(InputError, match="ledger_changed"):
        ledger.checkpoint(workspace)


def test_a_log_on_another_machine_is_signed_with_that_machines_key(workspace, tmp_path, monkeypatch):
    ledger.append(workspace, event(1), actor="ole")
    ledger.checkpoint(workspace)
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "another"))
    ledger.append(workspace, event(2), actor="ole")
    ledger.checkpoint(workspace)
    assert len(ledger_heads.vkeys(workspace)) == 2
    assert dict(audit.verify(workspace)[1].facts)["reason"] == "no_head"


def test_an_empty_ledger_is_nothing_to_judge_and_nothing_to_sign(workspace):
    assert chain(workspace).passed is None
    with pytest.raises(InputError, match="ledger_empty"):
        ledger.checkpoint(workspace)


def test_the_last_lines_are_shown_newest_first(workspace):
    for number in range(5):
        ledger.append(workspace, event(number, at=NOON + timedelta(days=10 * number)), actor="ole")
    assert [line["people"] for line in audit.show(workspace, 3)] == [4, 3, 2]
    assert len(audit.show(workspace, 99)) == 5


def test_a_sample_is_of_what_people_did_and_anyone_can_draw_it_again(workspace):
    for number in range(40):
        ledger.append(workspace, event(number, role="analyst" if number % 2 else "system"), actor="ole")
    ledger.append(workspace, event(at=NOON + timedelta(days=30)), actor="ole")
    drawn = audit.sample(workspace, 5)
    assert len(drawn) == 5
    assert {line["role"] for line in drawn} == {"analyst"}
    assert drawn == audit.sample(workspace, 5, month="2026-11")
    ledger.append(workspace, event(at=NOON + timedelta(days=31)), actor="ole")
    assert drawn == audit.sample(workspace, 5)  # what came after the month closed changes nothing


def test_reading_says_where_a_broken_line_is(workspace):
    for number in range(3):
        ledger.append(workspace, event(number), actor="ole")
    path = ledger.segments(workspace)[0]
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], b"{}", *lines[2:]]))
    with pytest.raises(InputError) as caught:
        list(ledger.read(workspace))
    assert caught.value.facts == {"file": path.name, "row": 2}
    assert os.path.sep not in str(caught.value)


@pytest.mark.parametrize("name", ["7145538092ade09f", "ade7145538092f09", "f" * 6 + "7145538092"])
def test_a_logs_name_may_have_ten_figures_in_a_row_and_a_cpr_number_may_not_stand_in_anything_shorter(name):
    ledger.body_of(event(facts={"first": name}), actor="eva")
    for text in (name[:15], f"x {name[1:]}", "714553-8092", "7145538092"):
        if ledger.CPR_SHAPED.search(text):
            with pytest.raises(ValueError, match="CPR"):
                ledger.body_of(event(facts={"first": text}), actor="eva")
