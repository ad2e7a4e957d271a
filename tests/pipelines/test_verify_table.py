"""The unadjusted expected count is what the printed table gives on the scale that decided, as far as rounding tells."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.evidence import crude
from analysis.families import Family
from analysis.readings import Cells
from pipelines.gate import Gate
from pipelines.verify import verify
from pipelines.verify_table import PrintedRow, adjusted_from, expected_from
from reports import catalogue
from reports.catalogue import Language
from reports.values import row_order
from tests.pipelines.test_verify import workspace
from tests.reports import builders

KINDS = st.sampled_from(["yes_no", "count"])
SCALES = st.sampled_from(["ratio", "additive"])


def cells(people: list[int], observed: list[int], order: int) -> Cells:
    ones = np.array([code.bit_count() for code in range(2**order)])
    nothing = np.zeros(2**order)
    return Cells(
        code=np.zeros(0, dtype=np.int64), people=np.array(people), observed=np.array(observed), expected=nothing,
        weight=nothing, signs=(-1.0) ** (order - ones),
    )  # fmt: skip


@given(
    order=st.sampled_from([2, 3]), kind=KINDS, scale=SCALES, key=st.binary(min_size=32, max_size=32),
    draw=st.randoms(use_true_random=False),
)  # fmt: skip
def test_the_printed_table_always_leaves_room_for_what_the_true_one_gives(order, kind, scale, key, draw):
    people = [draw.randrange(60, 3_000) for _ in range(2**order)]
    observed = [draw.randrange(10, size - 10) for size in people]
    true = crude(cells(people, observed, order), Family(kind, scale), None)
    gate = Gate(key=key, smallest_group=10, smallest_difference=5)
    rows = []
    for code, (size, count) in enumerate(zip(people, observed, strict=True)):
        cell = gate.cell(f"searched|[]|{code}", people=size, observed=count)
        if cell.people is None or cell.observed is None:
            return
        rows.append(PrintedRow(cell.people, cell.observed, code.bit_count()))
    printed = gate.expected("x", "crude", true, observed=observed[-1], printed=rows[-1].count)
    ends = expected_from(rows, order=order, kind=kind, scale=scale)
    assert ends is not None
    assert ends[0] <= printed <= ends[1]


@given(order=st.sampled_from([2, 3, 4]), key=st.binary(min_size=32, max_size=32), draw=st.randoms())
def test_the_other_rows_always_leave_room_for_the_printed_expected_count(order, key, draw):
    holds = sorted(product((False, True), repeat=order), key=row_order)
    observed = [draw.randrange(40, 900) for _ in holds]
    gap = draw.uniform(-30, 30)  # the whole contrast: among all for whom a part holds it adds up to nothing
    wanted = [
        count - gap * (-1) ** (order - sum(one)) for count, one in zip(observed, holds, strict=True)
    ]  # fmt: skip
    gate = Gate(key=key, smallest_group=10, smallest_difference=5)
    cells = [gate.cell(f"searched|[]|{place}", people=3_000, observed=count) for place, count in enumerate(observed)]
    seen = [one.observed or 0 for one in cells]
    printed = [
        gate.expected(f"{place}", "mean", mean, observed=count, printed=told) or 0
        for place, (mean, count, told) in enumerate(zip(wanted, observed, seen, strict=True))
    ]
    ends = adjusted_from(seen, printed, order=order)
    assert len(ends) == order
    assert all(low <= printed[-1] <= high for low, high in ends)


def test_the_other_scale_is_told_apart():
    """Risks of 5, 15, 20 and 35 %: 30 % are expected where risks add, 45.6 % where odds multiply."""
    rows = [PrintedRow(10_000, count, parts) for count, parts in ((500, 0), (1_500, 1), (2_000, 1), (3_500, 2))]
    added, multiplied = (expected_from(rows, order=2, kind="yes_no", scale=scale) for scale in ("additive", "ratio"))
    assert added is not None
    assert multiplied is not None
    assert added[0] < 3_000 < added[1] < multiplied[0] < 4_560 < multiplied[1]


@pytest.mark.parametrize("language", [Language.DA, Language.EN])
def test_a_printed_count_that_the_table_cannot_give_is_named(tmp_path, language):
    said = catalogue.text(language, "report.back.rounded_crude", crude="\ue000").partition("\ue000")[0]

    def more(page: str) -> str:
        return re.sub(rf"({re.escape(said)})(\d+)", lambda found: found[1] + str(int(found[2]) + 90), page)

    card = builders.example_report().cards[0].id
    for folder, change, agrees in (("a", lambda page: page, True), ("b", more, False)):
        what = catalogue.text(language, "several_scales.by_table")
        (mine,) = [one for one in verify(workspace(tmp_path / folder, change), card, language) if one.what == what]
        assert mine.agrees is agrees
