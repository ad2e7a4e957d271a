"""The ledger in memory says what the ledger on disk says, also as it grows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import ledger
from portal.ledger_index import LedgerIndex

NOON = datetime(2026, 10, 30, 12, tzinfo=UTC)
ACTIONS = ("run.start", "run.end", "read", "sample")


def write(here, numbers):
    for number in numbers:
        event = ledger.Event(
            at=NOON + timedelta(hours=number), action=ACTIONS[number % 4], study="s", purpose="p", basis="b"
        )
        ledger.append(here, event, actor=("anna", "bo")[number % 2])


def test_it_reads_only_what_was_added_and_starts_over_when_a_file_was_replaced(tmp_path):
    index = LedgerIndex(tmp_path)
    index.refresh()
    assert index.page({}, page=1, size=10) == ([], 0)
    write(tmp_path, range(5))
    index.refresh()
    write(tmp_path, range(5, 80))
    index.refresh()
    index.refresh()
    assert [one.number for one in index.entries] == [line.number for line in ledger.read(tmp_path)]
    path = ledger.segments(tmp_path)[0]
    first = path.read_bytes().splitlines(keepends=True)[:2]
    path.write_bytes(b"".join(first))
    index.refresh()
    assert index.entries[0].number == 1
    assert len(index.entries) == sum(1 for path in ledger.segments(tmp_path) for _ in path.open("rb"))


def test_a_line_that_is_being_written_waits_and_one_that_is_none_is_counted(tmp_path):
    write(tmp_path, range(3))
    path = ledger.segments(tmp_path)[0]
    with path.open("ab") as file:
        file.write(b'{"broken"')
    index = LedgerIndex(tmp_path)
    index.refresh()
    assert (len(index.entries), index.unread) == (3, 0)
    with path.open("ab") as file:
        file.write(b"}\n")
    index.refresh()
    assert (len(index.entries), index.unread) == (3, 1)


@settings(deadline=None)
@given(
    action=st.sampled_from(["", *ACTIONS, "nothing"]),
    actor=st.sampled_from(["", "anna", "bo"]),
    month=st.sampled_from(["", "2026-10", "2026-11"]),
    page=st.integers(1, 9),
    size=st.integers(1, 30),
)
def test_a_filter_finds_what_a_plain_loop_finds(tmp_path_factory, action, actor, month, page, size):
    index = _index(tmp_path_factory)
    plain = [
        one
        for one in reversed(index.entries)
        if (not action or one.action == action)
        and (not actor or one.actor == actor)
        and (not month or one.at.startswith(month))
    ]
    found = index.page({"action": action, "actor": actor, "month": month}, page=page, size=size)
    assert found == (plain[(page - 1) * size : page * size], len(plain))


_KEPT = []


def _index(factory):
    if not _KEPT:
        place = factory.mktemp("index")
        write(place, range(90))
        _KEPT.append(LedgerIndex(place))
        _KEPT[0].refresh()
    return _KEPT[0]
