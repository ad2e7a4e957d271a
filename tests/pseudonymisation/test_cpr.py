"""CPR numbers here have 60 added to the day, or are computed: none can be a living person's."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymisation import cpr

NUMBER = "6101501234"
LOST_ZERO = "".join(["0", "101501234"])  # computed: a day below 10 is what loses its zero


WRITINGS = [
    "6101501234",
    "610150-1234",
    "610150–1234",
    "610150\u00a01234",
    " 610150 1234 ",
    "61.01.50-1234",
    "61-01-50-1234",
    "61/01/50 1234",
    "61 01 50 1234",
    "'6101501234",
    "6lOl5Ol234",
    "6I0150-I234",
    "610150 - 1234",
    "6101501234.0",
    "\ufeff610150-1234",
]


@pytest.mark.parametrize("text", WRITINGS)
def test_every_writing_gives_the_same_ten_digits(text):
    assert cpr.normalise(text) == NUMBER


@pytest.mark.parametrize(
    "text", ["", "610150-123", "61015012345", "Uoplyst", "1,01E+09", "6101501234x", "-", "610150A123"]
)
def test_what_has_not_ten_digits_is_no_number(text):
    assert cpr.normalise(text) is None


def test_nine_bare_digits_get_their_zero_back_only_on_request_and_never_with_a_hyphen():
    assert cpr.normalise("101501234") == LOST_ZERO
    assert cpr.normalise("101501234", zero_pad=False) is None
    assert cpr.normalise("10150-1234") is None


ALPHABET = st.text(st.sampled_from("01234567890OolI|-–. '\u00a0/x\t"), max_size=14)


@settings(deadline=None)
@given(texts=st.lists(st.one_of(st.none(), ALPHABET, st.sampled_from(WRITINGS)), max_size=20), zero_pad=st.booleans())
def test_a_column_is_normalised_as_its_values_one_by_one(texts, zero_pad):
    column = cpr.normalise_column(pl.Series("cpr", texts, dtype=pl.String), zero_pad=zero_pad)
    assert column.name == "cpr"
    assert column.to_list() == [None if t is None else cpr.normalise(t, zero_pad=zero_pad) for t in texts]


def test_a_column_of_whole_numbers_is_read_too():
    assert cpr.normalise_column(pl.Series("cpr", [101501234, 6101501234, None])).to_list() == [LOST_ZERO, NUMBER, None]


@pytest.mark.parametrize(
    ("seventh", "year", "born"),
    [
        ("0", "00", 1900), ("3", "99", 1999), ("4", "36", 2036), ("4", "37", 1937), ("9", "36", 2036),
        ("9", "99", 1999), ("5", "57", 2057), ("5", "58", 1858), ("8", "00", 2000), ("8", "99", 1899),
    ],
)  # fmt: skip
def test_the_seventh_digit_tells_the_century(seventh, year, born):
    assert cpr.birth_date(f"6101{year}{seventh}234") == date(born, 1, 1)


def test_plausible_means_a_real_day_and_nothing_of_modulus_11():
    assert all(
        cpr.is_plausible(f"610150{serial:04d}") for serial in range(0, 4_000, 7)
    )  # about 9 in 10 fail modulus 11
    assert cpr.is_plausible("8902001234") is False  # 29 February 1900 was no day
    assert cpr.is_plausible("8902004234")  # 2000 had one
    for text in ("6001501234", "9201501234", "6100501234", "6113501234", "610150123", "610150123x"):
        assert not cpr.is_plausible(text)


def test_a_number_without_added_days_is_read_as_the_same_birthday():
    plain = f"{int(NUMBER[:2]) - 60:02d}{NUMBER[2:]}"
    assert cpr.birth_date(plain) == cpr.birth_date(NUMBER) == date(1950, 1, 1)


@settings(deadline=None)
@given(
    st.lists(
        st.from_regex(r"\A[0-9]{10}\Z") | st.none() | st.just("12345") | st.from_regex(r"\A[67][0-9]0[1-9][0-9]{6}\Z")
    )
)
def test_columns_agree_with_values(values):
    column = pl.Series("c", values, dtype=pl.String)
    assert cpr.birth_date_column(column).to_list() == [None if v is None else cpr.birth_date(v) for v in values]
    assert cpr.plausible_column(column).to_list() == [None if v is None else cpr.is_plausible(v) for v in values]


def test_the_last_digit_tells_the_sex():
    assert cpr.sex("6101501234") == "F"
    assert cpr.sex("6101501235") == "M"


def test_every_spelling_is_one_that_is_found_in_a_text_and_normalised_back():
    spelled = cpr.spellings(NUMBER)
    assert spelled[0] == NUMBER
    assert len(set(spelled)) == len(spelled) > 40
    for text in spelled:
        assert cpr.normalise(text) == NUMBER
        assert cpr.find(f"ring til{text}i dag") == ((8, 8 + len(text)),)
    assert "101501234" in cpr.spellings(LOST_ZERO)


@pytest.mark.parametrize("text", ["610150-4LJ1", "6101500ABC", "610150 0LK2"])
def test_electronic_replacement_numbers_are_found(text):
    assert cpr.find(text) == ((0, len(text)),)


@pytest.mark.parametrize(
    "text",
    [
        "ordre 9912345678",
        "konto 1234 0005123456",
        "tlf. 20 30 40 50",
        "01-01-2024 kl. 12",
        "vægt 71,5 kg, BT 141/82",
        "illoo lilo",
    ],
)
def test_hard_negatives_are_left_alone(text):
    assert cpr.find(text) == ()


def test_ten_other_digits_are_told_apart_for_a_person_to_look_at():
    text = f"ordre 9912345678 og {NUMBER}"
    assert cpr.find_any_ten(text) == ((6, 16),)
