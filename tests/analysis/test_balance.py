"""Among all for whom a part of a finding holds, as many are expected as were observed: any law, any scale."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis import Settings, define, search

ALL = ("yes", "often", "when", "until")


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    draw = np.random.default_rng(12)
    size = 5_000
    holds = draw.random((size, 6)) < 0.4
    age = draw.uniform(50, 90, size)
    three = holds[:, 0] & holds[:, 1] & holds[:, 2]
    eta = -1.6 + holds[:, :3] @ np.array([0.3, 0.2, 0.2]) + 0.02 * (age - 70) + 1.3 * three
    time, end = draw.exponential(1 / np.exp(eta)), draw.uniform(0.5, 4.0, size)
    return pl.DataFrame({f"c{one}": holds[:, one] for one in range(6)} | {"age": age}).with_columns(
        yes=pl.Series(draw.random(size) < 1 / (1 + np.exp(-eta))),
        often=pl.Series(draw.poisson(np.exp(eta) * end)),
        when=pl.Series(time <= end),
        until=pl.Series(np.minimum(time, end)),
        end=pl.Series(end),
    )


@pytest.mark.parametrize("scale", ["ratio", "additive"])
@pytest.mark.parametrize(
    ("outcome", "kind", "follow_up"), [("yes", "yes_no", None), ("often", "count", "end"), ("when", "time", "until")]
)
def test_observed_and_expected_agree_over_the_rows_of_each_part(people, outcome, kind, follow_up, scale) -> None:
    settings = Settings(max_order=3, scale=scale, threads=2)
    definitions = define(people, exclude=(*ALL, "end", "age"), settings=settings)
    found = search(
        people, definitions, outcome=outcome, kind=kind, follow_up=follow_up, adjust=["age"], settings=settings
    ).findings
    assert found
    for finding in found:
        cells = finding.search.cells
        assert cells[-1].expected == pytest.approx(finding.search.expected)
        for part in range(finding.order):
            gaps = [cell.observed - cell.expected for cell in cells if cell.holds[part]]
            assert sum(gaps) == pytest.approx(0.0, abs=0.05)
            assert max(map(abs, gaps)) > 1.0  # row by row they do not agree: that is the finding
