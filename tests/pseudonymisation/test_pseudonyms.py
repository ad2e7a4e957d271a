import hashlib
import hmac

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymisation.pseudonyms import check, pseudonym, pseudonym_column

KEY = b"k" * 32
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def plain_pseudonym(text, key):
    """The slow road: one large number, divided by 32 until it is gone."""
    number = int.from_bytes(hmac.new(key, text.encode(), hashlib.sha256).digest()[:16], "big")
    last, letters = (CROCKFORD + "*~$=U")[number % 37], ""
    for _ in range(26):
        number, digit = divmod(number, 32)
        letters = CROCKFORD[digit] + letters
    return f"p1-{letters}{last}"


@settings(deadline=None)
@given(text=st.text(), key=st.binary(min_size=32, max_size=32))
def test_a_pseudonym_is_the_first_half_of_an_hmac_in_crockfords_letters(text, key):
    made = pseudonym(text, key=key)
    assert made == plain_pseudonym(text, key)
    assert len(made) == 30
    assert check(made)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.from_regex(r"\A6[0-9]0[1-9]50[0-9]{4}\Z")), max_size=30))
def test_a_column_is_made_as_its_values_one_by_one_and_null_stays_null(values):
    column = pseudonym_column(pl.Series("cpr", values, dtype=pl.String), key=KEY)
    assert column.name == "cpr"
    assert column.to_list() == [None if value is None else pseudonym(value, key=KEY) for value in values]


@pytest.mark.parametrize("key", [b"", b"k" * 31, b"k" * 33])
def test_a_key_of_another_length_is_refused(key):
    with pytest.raises(ValueError, match="32 bytes"):
        pseudonym("6101501234", key=key)


def test_one_wrong_character_or_two_swapped_are_seen():
    made = pseudonym("6101501234", key=KEY)
    for place in range(3, 29):
        for letter in CROCKFORD:
            assert check(made[:place] + letter + made[place + 1 :]) == (letter == made[place])
    for place in range(3, 28):
        swapped = made[:place] + made[place + 1] + made[place] + made[place + 2 :]
        assert check(swapped) == (made[place] == made[place + 1])


@pytest.mark.parametrize("text", ["", "p1-", "6101501234", "p2-" + "0" * 27, "p1-" + "Z" * 26 + "0", "p1-" + "é" * 27])
def test_other_texts_are_no_pseudonyms(text):
    assert not check(text)
