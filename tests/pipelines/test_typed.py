"""A column of many rows is read by its distinct texts: the answers are those of its rows one by one."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch

import polars as pl
import pytest
from contract_builders import COLUMNS, contract
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.typed import typed_column

TODAY = date(2025, 1, 1)
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "",
            " ",
            "Uoplyst",
            "610150-1234",
            "'101501234",
            "101501234,0",
            "05-01-2024",
            "2024-01-05",
            "31-12-9999",
            "1.234,50",
            "12",
            "-0",
            "+7",
            "1.5",
            "9" * 25,
            "1,0",
            "Ja",
            "n",
            "01",
            "1",
            "3",
            "91",
            "x" * 30,
            "æ\u00a0",
        ]
    ),
    st.text(alphabet="0123456789+-., ", max_size=6),
)


@pytest.fixture(scope="module")
def agreed(tmp_path_factory):
    columns = [*COLUMNS, {"name": "k", "physicalName": "K", "role": "plain", "pattern": "[0-9]+", "required": True}]
    return contract(tmp_path_factory.mktemp("workspace"), columns, missing=["Uoplyst", "31-12-9999"])


@given(texts=st.lists(TEXTS, min_size=4, max_size=8), often=st.integers(4, 9), name=st.integers(0, len(COLUMNS)))
@settings(deadline=None, max_examples=150)
def test_distinct_texts_give_what_rows_one_by_one_give(agreed, texts, often, name):
    column = agreed.properties[name]
    text = pl.Series("text", texts * often, dtype=pl.String)
    with patch("pipelines.typed.FEW_ROWS", 0):
        found = typed_column(text, column, agreed, number_cells=False, today=TODAY)
    one = [
        typed_column(pl.Series("text", [cell], dtype=pl.String), column, agreed, number_cells=False, today=TODAY)
        for cell in texts
    ]
    assert found.values.to_list() == [each.values[0] for each in one] * often
    assert found.fault.to_list() == [each.fault[0] for each in one] * often
    assert found.repaired_at.to_list() == [each.repaired_at[0] for each in one] * often
