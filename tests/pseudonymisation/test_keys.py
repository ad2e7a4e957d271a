import copy
import hashlib
import hmac
import json

import pytest

from pseudonymisation import keys

SECRET = keys.demo_secret(1)
HEADER = {"kid": "demo", "project": "demo", "epoch": 1, "created": "2026-11-24", "expires": "2028-11-24", "demo": True}
SALT, NONCE = b"s" * 16, b"n" * 12


@pytest.fixture(scope="module")
def document():
    return keys.wrap(SECRET, "blåbærgrød", header=HEADER, salt=SALT, nonce=NONCE)


def plain_hkdf(secret, info):
    """RFC 5869 in four lines: no salt is a salt of zeros; 32 bytes are one block."""
    extracted = hmac.digest(b"\0" * 32, secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


def test_a_derived_key_is_hkdf_over_fields_with_their_lengths():
    info = b"undring/pseudonym/v1" + b"\0\x04demo" + b"\0\x08internal" + b"\0\x06person" + b"\0\x011"
    assert keys.derive(SECRET, study="demo", recipient="internal", kind="person", epoch=1) == plain_hkdf(SECRET, info)


def test_a_field_counts_bytes_not_letters():
    info = b"undring/pseudonym/v1" + b"\0\x05" + "børn".encode() + b"\0\0" + b"\0\x01k" + b"\0\x01e"
    assert keys.derive(SECRET, study="børn", recipient="", kind="k", epoch="e") == plain_hkdf(SECRET, info)


def test_fields_never_run_into_one_another():
    one = keys.derive(SECRET, study="ab", recipient="c", kind="d", epoch="e")
    assert one != keys.derive(SECRET, study="a", recipient="bc", kind="d", epoch="e")


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        keys.derive(b"", study="demo", recipient="internal", kind="person", epoch=1)


def test_a_wrapped_secret_comes_back_with_the_passphrase_also_through_json(document):
    assert document["kdf"] == {
        "name": "argon2id",
        "memory_kib": 262_144,
        "passes": 3,
        "lanes": 4,
        "salt": document["kdf"]["salt"],
    }
    assert SECRET.hex() not in json.dumps(document)
    assert keys.unwrap(json.loads(json.dumps(document)), "blåbærgrød") == SECRET
    assert keys.unwrap(document, "bla\u030abærgrød") == SECRET  # å typed as a and a ring


@pytest.mark.parametrize("passphrase", ["", "blåbærgrøD"])
def test_a_wrong_passphrase_is_refused(document, passphrase):
    with pytest.raises(keys.KeyDocumentError):
        keys.unwrap(document, passphrase)


@pytest.mark.parametrize("field", ["kid", "epoch", "demo", "expires", "nonce", "wrapped"])
def test_a_changed_field_is_refused(document, field):
    changed = copy.deepcopy(document)
    value = changed[field]
    changed[field] = ("B" if value[0] != "B" else "C") + value[1:] if isinstance(value, str) else value + 1
    with pytest.raises(keys.KeyDocumentError):
        keys.unwrap(changed, "blåbærgrød")


@pytest.mark.parametrize(
    "change",
    [{"kdf": None}, {"kdf": {"name": "argon2id", "memory_kib": 8, "passes": 1, "lanes": 1, "salt": "cw=="}},
     {"wrapped": "!"}, {"fmt": "undring/key/0"}, {"aead": "none"}, {"nonce": 3}],
)  # fmt: skip
def test_a_document_of_another_form_is_refused_before_any_stretching(document, change):
    with pytest.raises(keys.KeyDocumentError):
        keys.unwrap({**document, **change}, "blåbærgrød")
    with pytest.raises(keys.KeyDocumentError):
        keys.unwrap({}, "blåbærgrød")


def test_the_header_may_not_set_our_own_fields():
    with pytest.raises(ValueError, match="kdf"):
        keys.wrap(SECRET, "x", header={"kdf": {}}, salt=SALT, nonce=NONCE)


def test_a_demo_secret_is_the_same_for_a_seed_and_another_for_the_next():
    assert keys.demo_secret(1) == SECRET != keys.demo_secret(2)
    assert len(SECRET) == 32
