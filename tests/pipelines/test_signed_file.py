"""A file from another house is whole, of its kind and as it was signed, or it is refused without a word of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import signed_file
from pipelines.errors import InputError
from tests.pipelines.release_builders import cheap_argon2, everybody

SCHEMA = "undring/recipe/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    schema: str
    words: str
    people: int | None


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A signed file, and who signed it."""
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("signed")
        patch.setenv("UNDRING_HOME", str(place / "home"))
        cheap_argon2(patch)
        anna = everybody()["anna"]
        signed_file.write(place / "note.json", Note(schema=SCHEMA, words="flyttet for nylig, æøå", people=120), anna)
        yield place / "note.json", anna


def refused(path, data: bytes) -> str:
    other = path.with_name("other.json")
    other.write_bytes(data)
    with pytest.raises(InputError) as error:
        signed_file.read(other, Note, SCHEMA)
    return error.value.key


def test_what_was_signed_is_read_back(signed):
    path, anna = signed
    found = signed_file.read(path, Note, SCHEMA)
    assert found.told == Note(schema=SCHEMA, words="flyttet for nylig, æøå", people=120)
    assert (found.name, found.public_key) == ("Anna", anna.account.public_key)


@given(data=st.data())
def test_any_byte_that_is_another_refuses_the_file(signed, data):
    whole = signed[0].read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != whole[place]))
    assert refused(signed[0], whole[:place] + bytes([byte]) + whole[place + 1 :]).startswith("exchange_")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda whole: b"\x00\xff", "exchange_not_json"),
        (lambda whole: b"[1, 2]", "exchange_not_json"),
        (lambda whole: b'{"schema": "undring/recipe/1", "words": "\\ud800"}', "exchange_not_json"),
        (lambda whole: b"{}", "exchange_schema"),
        (lambda whole: whole.replace(b"recipe/1", b"recipe/2"), "exchange_schema"),
        (lambda whole: whole.replace(b"120", b"130"), "exchange_changed"),
        (lambda whole: whole.replace(b"\n", b"\r\n"), "exchange_changed"),
        (lambda whole: json.dumps(json.loads(whole)).encode(), "exchange_changed"),
        (lambda whole: whole.replace(b'"people": 120,', b'"people": 120,\n "people": 120,'), "exchange_changed"),
    ],
)
def test_each_way_of_being_wrong_has_its_name(signed, change, key):
    assert refused(signed[0], change(signed[0].read_bytes())) == key


def test_a_forger_who_keeps_the_words_needs_the_key(signed):
    """He signs with a key of his own: the file holds together, and its mark is another."""
    path, anna = signed
    honest = signed_file.read(path, Note, SCHEMA)
    stranger = replace(anna, account=replace(anna.account, public_key="A" * 43 + "="))
    forged = path.with_name("forged.json")
    signed_file.write(forged, honest.told, stranger)
    with pytest.raises(InputError, match="exchange_changed"):
        signed_file.read(forged, Note, SCHEMA)
    assert signed_file.fingerprint(stranger.account.public_key) != signed_file.fingerprint(anna.account.public_key)


def test_a_signature_on_one_kind_of_file_is_none_on_another(signed):
    path, anna = signed
    other = path.with_name("kind.json")
    signed_file.write(other, Note(schema="undring/answer/1", words="x", people=1), anna)
    moved = other.read_bytes().replace(b"undring/answer/1", b"undring/recipe/1")
    assert refused(path, moved) == "exchange_changed"


@pytest.mark.parametrize("words", ["6101" + "50-1234", "skriv til anna@eksempel.dk"])
def test_a_file_that_names_somebody_is_neither_written_nor_read(signed, words):
    path, anna = signed
    with pytest.raises(InputError, match="exchange_somebody"):
        signed_file.write(path.with_name("named.json"), Note(schema=SCHEMA, words=words, people=1), anna)
    assert not path.with_name("named.json").exists()


@pytest.mark.parametrize("words", ["\x1b[31mred", "a\u202eb", "x" * 3_000])
def test_words_that_a_terminal_would_obey_are_refused(signed, words):
    path, anna = signed
    signed_file.write(path.with_name("odd.json"), Note(schema=SCHEMA, words=words, people=1), anna)
    assert refused(path, path.with_name("odd.json").read_bytes()) == "exchange_schema"


def test_a_field_too_many_is_another_version(signed):
    @dataclass(frozen=True, slots=True, kw_only=True)
    class More:
        schema: str
        words: str
        people: int | None
        also: str

    path, anna = signed
    signed_file.write(path.with_name("more.json"), More(schema=SCHEMA, words="x", people=1, also="y"), anna)
    assert refused(path, path.with_name("more.json").read_bytes()) == "exchange_schema"


def test_another_files_hash_is_nobodys_number_and_a_number_beside_it_is_somebodys(signed, tmp_path):
    _path, anna = signed
    digest = "a" * 20 + "6101501234" + "b" * 34  # ten digits in a row: one hash in thirteen has such
    note = Note(schema=SCHEMA, words=digest, people=1)
    signed_file.write(tmp_path / "hash.json", note, anna)
    assert signed_file.read(tmp_path / "hash.json", Note, SCHEMA).told == note
    for words in ("6101501234", f"{digest} 610150-1234", digest[:-1], f"x{digest}"):
        with pytest.raises(InputError, match="exchange_somebody"):
            signed_file.write(tmp_path / "number.json", replace(note, words=words), anna)
