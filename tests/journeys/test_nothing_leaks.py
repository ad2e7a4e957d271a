"""Promise 1: after `pseudonymise`, no CPR number, name, address or phone number in any file the run left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.demo import truth_identities
from pseudonymisation.cpr import spellings
from tests.journeys.conftest import PEOPLE, SEED, Demo

TOKEN = re.compile(rb"[0-9A-Za-z\xc2-\xf4\x80-\xbf]+")


@pytest.fixture(scope="module")
def identities():  # type: ignore[no-untyped-def]
    return truth_identities(people=PEOPLE, seed=SEED)


def _files(demo: Demo) -> list[Path]:
    left_out = {demo.workspace / "inbox"}
    places = [demo.workspace, demo.home]
    return [
        path
        for place in places
        for path in place.rglob("*")
        if path.is_file() and not any(folder in path.parents for folder in left_out)
    ]


def _hits(data: bytes, wanted: set[bytes], lengths: set[int]) -> set[bytes]:
    """Which of the wanted texts stand in the data, whole: one pass over the data's runs of words."""
    words = TOKEN.findall(data)
    found = set()
    for size in lengths:
        for start in range(len(words) - size + 1):
            text = b" ".join(words[start : start + size])
            if text in wanted:
                found.add(text)
    return found


def _plain(text: str) -> bytes:
    return b" ".join(TOKEN.findall(text.encode()))


def _wanted(identities) -> tuple[set[bytes], set[int]]:  # type: ignore[no-untyped-def]
    texts = [_plain(one) for cpr in identities.cprs for one in spellings(cpr)]
    texts += [_plain(one) for one in (*identities.names, *identities.addresses, *identities.phones)]
    wanted = {text for text in texts if len(text) >= 6}
    return wanted, {text.count(b" ") + 1 for text in wanted}


def _in_inbox(demo: Demo, wanted: set[bytes], lengths: set[int]) -> int:
    found: set[bytes] = set()
    for path in (demo.workspace / "inbox").glob("*.csv"):
        found |= _hits(path.read_bytes().decode("cp1252", "replace").encode(), wanted, lengths)
    return len(found)


def test_the_grep_finds_people_where_they_are(demo: Demo, identities) -> None:  # type: ignore[no-untyped-def]
    wanted, lengths = _wanted(identities)
    assert _in_inbox(demo, wanted, lengths) > PEOPLE  # the attack works on the inbox


def test_no_file_that_the_run_left_names_anybody(attack_row, demo: Demo, identities) -> None:  # type: ignore[no-untyped-def]
    wanted, lengths = _wanted(identities)
    leaks = {}
    for path in _files(demo):
        found = _hits(path.read_bytes(), wanted, lengths) | _hits(str(path.name).encode(), wanted, lengths)
        if found:
            leaks[path.relative_to(path.anchor)] = len(found)
    attack_row.row(
        "9", tried=f"{len(wanted):,} texts of {PEOPLE:,} people in {len(_files(demo))} files",
        twin=f"{_in_inbox(demo, wanted, lengths):,} found in the inbox", result=f"{len(leaks)} files name somebody",
        limit="0", held=leaks == {},
    )  # fmt: skip


def test_what_was_said_on_the_way_names_nobody(demo: Demo, identities) -> None:  # type: ignore[no-untyped-def]
    wanted, lengths = _wanted(identities)
    assert _hits((demo.stdout + demo.stderr).encode(), wanted, lengths) == set()


def test_no_key_lies_in_the_workspace(demo: Demo) -> None:
    assert not list(demo.workspace.rglob("*.key.json"))
    assert list((demo.home / "keys").glob("*.key.json"))
