"""Attack 1: try every CPR number there is, and look for the result in the release."""

import hashlib
import hmac
from pathlib import Path

import pytest

from pseudonymisation.keys import demo_secret, derive
from pseudonymisation.pseudonyms import pseudonym

ROOT = Path(__file__).resolve().parents[2]
EVERYONE = [f"610150{serial:04d}" for serial in range(10_000)]  # day + 60: one birthday's replacement numbers, nobody's
MEMBERS = EVERYONE[::97]
SECRET = hashlib.sha256(b"a secret that is in no file").digest()
KEY = derive(SECRET, study="hjemmepleje", recipient="internal", kind="person", epoch=1)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# What an attacker can read in a repository, a package or a report: never enough to make a pseudonym.
READABLE = (
    b"",
    b"undring",
    b"hjemmepleje",
    b"internal",
    b"person",
    b"1",
    b"demo",
    b"undring/pseudonym/v1",
    b"p1-",
    b"Eksempel Kommune",
)


def bits(text):
    """The 128 bits of a pseudonym: the attacker knows the letters."""
    number = 0
    for letter in text[3:-1]:
        number = number * 32 + CROCKFORD.index(letter)
    return number.to_bytes(16, "big")


RELEASED = {bits(pseudonym(cpr, key=KEY)) for cpr in MEMBERS}


def named(released, guess):
    """The people named by an attacker who tries everyone under one way of hashing."""
    return [cpr for cpr in EVERYONE if guess(cpr.encode())[:16] in released]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512", "blake2b"])
def test_a_dictionary_breaks_every_plain_hash_and_no_pseudonym(algorithm):
    def plain(cpr):
        return hashlib.new(algorithm, cpr).digest()

    unprotected = {plain(cpr.encode())[:16] for cpr in MEMBERS}
    assert named(unprotected, plain) == MEMBERS  # the attack works
    assert named(RELEASED, plain) == []


def test_a_million_numbers_under_every_plain_hash_and_every_word_that_can_be_read(attack_row):
    million = [
        f"{61 + n % 30}{1 + n // 30 % 12:02d}5{n % 10}{n // 3600 % 278:03d}{n // 360 % 10}" for n in range(1_000_000)
    ]
    members = sorted({*million[::9_973], *MEMBERS})  # all of them are tried
    released = {bits(pseudonym(cpr, key=KEY)) for cpr in members}
    words = sorted({word for path in (ROOT / "docs").glob("*.md") for word in path.read_bytes().split()} | {*READABLE})
    tried, hits, twin = 0, 0, 0
    everyone = [cpr.encode() for cpr in {*million, *members}]
    for algorithm in ("md5", "sha1", "sha256", "blake2b"):
        made = getattr(hashlib, algorithm)
        unprotected = {made(cpr.encode()).digest()[:16] for cpr in members}
        for cpr in everyone:
            guess = made(cpr).digest()[:16]
            hits += guess in released
            twin += guess in unprotected
        tried += len(everyone)
    for word in READABLE[:4]:
        unprotected = {hmac.digest(word, cpr.encode(), "sha256")[:16] for cpr in members}
        for cpr in everyone[::4]:
            hits += hmac.digest(word, cpr, "sha256")[:16] in released
        tried += len(everyone) // 4
    for word in words:  # every word in the repository's pages, as the key, on those who are there
        for cpr in members[:20]:
            hits += hmac.digest(word, cpr.encode(), "sha256")[:16] in released
        tried += 20
    assert twin == 4 * len(members)  # the attack works
    attack_row.row(
        "1", tried=f"{tried:,} guesses: {len(everyone):,} numbers, 4 hashes, {len(words):,} words as key",
        twin=f"{len(members)} of {len(members)} named", result=f"{hits} hits", limit="0", held=hits == 0,
    )  # fmt: skip


def test_a_salt_that_travels_with_the_data_protects_nobody():
    salt = b"salt-in-the-data-dictionary"
    unprotected = {hashlib.sha256(salt + cpr.encode()).digest()[:16] for cpr in MEMBERS}
    assert named(unprotected, lambda cpr: hashlib.sha256(salt + cpr).digest()) == MEMBERS
    assert named(RELEASED, lambda cpr: hashlib.sha256(salt + cpr).digest()) == []


@pytest.mark.parametrize("word", READABLE)
def test_no_readable_word_is_the_key(word):
    unprotected = {hmac.digest(word, cpr.encode(), "sha256")[:16] for cpr in MEMBERS}
    assert named(unprotected, lambda cpr: hmac.digest(word, cpr, "sha256")) == MEMBERS
    for key in (word, hashlib.sha256(word).digest(), word.ljust(32, b"\0")[:32]):
        assert named(RELEASED, lambda cpr, key=key: hmac.digest(key, cpr, "sha256")) == []


@pytest.mark.parametrize("word", READABLE)
def test_no_readable_word_is_the_secret_that_keys_come_from(word):
    guessed = derive(hashlib.sha256(word).digest(), study="hjemmepleje", recipient="internal", kind="person", epoch=1)
    assert named(RELEASED, lambda cpr: hmac.digest(guessed, cpr, "sha256")) == []


def test_a_demos_secret_is_known_to_everybody_and_so_no_real_studys():
    known = derive(demo_secret(1), study="hjemmepleje", recipient="internal", kind="person", epoch=1)
    demo = {bits(pseudonym(cpr, key=known)) for cpr in MEMBERS}
    assert named(demo, lambda cpr: hmac.digest(known, cpr, "sha256")) == MEMBERS  # why such a key is refused
    assert named(RELEASED, lambda cpr: hmac.digest(known, cpr, "sha256")) == []


def test_with_the_key_the_attack_names_everybody():
    assert named(RELEASED, lambda cpr: hmac.digest(KEY, cpr, "sha256")) == MEMBERS


def test_an_empty_key_is_refused_not_used():
    with pytest.raises(ValueError, match="32 bytes"):
        pseudonym(EVERYONE[0], key=b"")
