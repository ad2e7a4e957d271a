from __future__ import annotations

import stat
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines import vault
from pipelines.errors import InputError

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
VISITS = pl.DataFrame(
    {
        "person": sorted([f"p1-{number:02d}AAAAAAAAAAAAAAAAAAAAAAAA0" for number in range(50)] * 3),
        "minutes": [float(number) for number in range(150)],
        "day": [date(2024, 1, 1)] * 149 + [None],
        "alone": [True, False, None] * 50,
    }
)


def test_a_frame_comes_back_as_it_was_and_lies_sealed(tmp_path):
    path = tmp_path / "stage" / "visits.vault"
    vault.write_frame(path, VISITS, KEY)
    assert_frame_equal(vault.read_frame(path, KEY), VISITS)
    assert vault.read_frame(path, KEY, columns=["alone"]).columns == ["alone"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"PAR1" not in path.read_bytes()


def test_another_key_a_missing_file_and_a_swapped_file_are_refused(tmp_path):
    for name in ("a.vault", "b.vault"):
        vault.write_frame(tmp_path / name, VISITS, KEY)
    with pytest.raises(InputError, match="vault_damaged"):
        vault.read_frame(tmp_path / "a.vault", OTHER_KEY)
    with pytest.raises(InputError, match="vault_missing"):
        vault.read_frame(tmp_path / "c.vault", KEY)
    (tmp_path / "a.vault").rename(tmp_path / "b.vault")
    with pytest.raises(InputError, match="vault_damaged"):
        vault.read_frame(tmp_path / "b.vault", KEY)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_flipped_bit_anywhere_is_found(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("vault") / "a.vault"
    vault.write_frame(path, VISITS.head(3), KEY)
    whole = bytearray(path.read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(bytes(whole))
    with pytest.raises(InputError, match="vault_damaged"):
        vault.read_frame(path, KEY)


@settings(deadline=None, max_examples=20)
@given(length=st.integers(0, 40))
def test_a_cut_file_is_found(tmp_path_factory, length):
    path = tmp_path_factory.mktemp("vault") / "a.vault"
    vault.write_frame(path, VISITS.head(3), KEY)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(InputError, match="vault_damaged"):
        vault.read_frame(path, KEY)


def test_a_register_holds_each_person_in_one_shard_and_keeps_their_rows_in_order(tmp_path):
    vault.write_register(tmp_path, "visits", VISITS, KEY, shards=8)
    back = vault.read_register(tmp_path, "visits", KEY)
    assert_frame_equal(back.sort("person", maintain_order=True), VISITS)
    shards = [vault._frame(vault.opened(path, KEY, name=f"visits/{path.name}"), None) for path in _shards(tmp_path)]
    assert len(shards) == 8
    assert sum(shard["person"].n_unique() for shard in shards) == VISITS["person"].n_unique()
    assert vault.registers(tmp_path) == ("visits",)


def test_every_shard_can_be_read_wherever_a_part_without_rows_came(tmp_path):
    few = VISITS.head(6)  # of two people
    for parts in ([few.clear(), few], [few, few.clear()], [few.clear(), few.clear(), few]):
        with vault.Register(tmp_path, "visits", KEY, shards=8) as new:
            for part in parts:
                new.add(part)
        count, columns = vault.shards(tmp_path, "visits", KEY)
        assert (count, columns) == (8, tuple(VISITS.columns))
        found = [vault.read_shard(tmp_path, "visits", number, KEY) for number in range(count)]
        assert_frame_equal(pl.concat(found).sort("minutes"), few)


def test_a_register_without_people_or_without_rows_is_kept_too(tmp_path):
    dwellings = pl.DataFrame({"household": ["p1-a", "p1-b"], "rooms": [2, 3]})
    vault.write_register(tmp_path, "dwellings", dwellings, KEY)
    vault.write_register(tmp_path, "nobody", VISITS.clear(), KEY)
    assert_frame_equal(vault.read_register(tmp_path, "dwellings", KEY), dwellings)
    assert vault.read_register(tmp_path, "nobody", KEY).schema == VISITS.schema


def test_a_register_is_replaced_whole_and_a_failure_leaves_the_old(tmp_path, monkeypatch):
    vault.write_register(tmp_path, "visits", VISITS, KEY)
    calls = []

    def failing(path, data, **_):
        calls.append(path)
        if len(calls) == 3:
            raise OSError(5, "disk")
        path.write_bytes(data)

    monkeypatch.setattr(vault.atomic, "write_bytes", failing)
    with pytest.raises(OSError, match="disk"):
        vault.write_register(tmp_path, "visits", VISITS.head(10), KEY)
    monkeypatch.undo()
    assert vault.read_register(tmp_path, "visits", KEY).height == 150
    assert [entry.name for entry in tmp_path.iterdir()] == ["visits"]


def test_a_shard_of_another_night_and_a_missing_shard_are_found(tmp_path):
    vault.write_register(tmp_path / "old", "visits", VISITS.head(60), KEY)
    vault.write_register(tmp_path / "new", "visits", VISITS, KEY)
    old, new = _shards(tmp_path / "old")[0], _shards(tmp_path / "new")[0]
    new.write_bytes(old.read_bytes())  # sealed under the same key and name
    with pytest.raises(InputError, match="vault_damaged"):
        vault.read_register(tmp_path / "new", "visits", KEY)
    new.unlink()
    with pytest.raises(InputError, match="vault_missing"):
        vault.read_register(tmp_path / "new", "visits", KEY)


def _shards(folder):
    return sorted((folder / "visits").glob("0*.vault"))
