"""Modulus 11 by the plain rule, number for number."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pseudonymisation.cpr import modulus_11_column

WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


@given(st.lists(st.one_of(st.none(), st.from_regex(r"[0-9]{10}", fullmatch=True)), max_size=20))
def test_a_column_is_each_number_by_the_rule(numbers):
    plain = [
        None
        if one is None
        else int(one[0]) >= 6 or sum(int(digit) * weight for digit, weight in zip(one, WEIGHTS, strict=True)) % 11 == 0
        for one in numbers
    ]
    assert modulus_11_column(pl.Series("cpr", numbers, dtype=pl.String)).to_list() == plain
