"""A delivery beside the last one: rows, missing values and how codes are spread. Counts and distances leave, no code.

The profile that the next delivery is held against lies sealed in the vault: its codes are the register's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from pipelines.contracts import Contract
from pipelines.validate import Fact

__all__ = ["EMPTY", "comparable", "drift", "last_month", "profile"]

MOST_CODES = 200  # a column of more is no list of codes
ROWS = (0.5, 2.0)  # of a full delivery, beside the last one
MISSING, CODES = 0.10, 0.15  # share of rows, and total variation
MONTH = 30  # days
SCHEMA = {"column": pl.String, "kind": pl.String, "value": pl.String, "rows": pl.Int64}
EMPTY = pl.DataFrame(schema={"register": pl.String, **SCHEMA})


def profile(contract: Contract, parts: Iterable[pl.DataFrame], *, reference: str) -> pl.DataFrame:
    """Return a register's profile from its pseudonymised shards: rows, missing and codes by column, months by date."""
    found = [_rows("", "reference", [(reference, 1)]), _rows("", "contract", [(contract.sha256, 1)])]
    for part in parts:
        found += _of_part(contract, part)
    whole = pl.concat(found).group_by("column", "kind", "value", maintain_order=True).agg(pl.col("rows").sum())
    many = pl.col("kind").eq("code") & (pl.len().over("column", "kind") > MOST_CODES)
    return whole.filter(~many).select(*SCHEMA)


def _of_part(contract: Contract, part: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield _rows("", "rows", [("", part.height)])
    for column in contract.properties:
        if column.dropped or column.role == "person_identifier":
            continue
        if column.treatment == "concepts":
            continue  # one column a concept: nothing of the text is here
        values = part[column.name]
        yield _rows(column.name, "missing", [("", values.null_count())])
        if values.dtype == pl.String and column.treatment != "pseudonym":
            counted = values.drop_nulls().alias("value").value_counts(name="rows")
            if counted.height <= MOST_CODES:
                yield _rows(column.name, "code", list(counted.iter_rows()))
        if column.treatment == "offset":
            months = (values.drop_nulls() // MONTH).alias("value").value_counts(name="rows")
            yield _rows(column.name, "month", [(str(month), rows) for month, rows in months.iter_rows()])


def drift(before: pl.DataFrame, now: pl.DataFrame, *, full: bool) -> Iterator[Fact]:
    """Return how far a delivery lies from the last, and how far it may; nothing where there was none."""
    rows_before, rows = _total(before, "rows"), _total(now, "rows")
    if not rows_before or not rows:
        return
    if full:
        yield _fact("drift_rows", "", rows / rows_before, low=ROWS[0], high=ROWS[1])
    for column in now.filter(pl.col("kind") == "missing")["column"].to_list():
        shares = [
            _total(one.filter(pl.col("column") == column), "missing") / height
            for one, height in ((before, rows_before), (now, rows))
        ]
        if column in before["column"].to_list():
            moved = abs(shares[1] - shares[0])
            yield _fact("drift_missing", column, moved, high=MISSING)
    for column in now.filter(pl.col("kind") == "code")["column"].unique().sort().to_list():
        codes = [one.filter((pl.col("column") == column) & (pl.col("kind") == "code")) for one in (before, now)]
        if codes[0].height:
            yield _fact("drift_codes", column, _distance(*codes), high=CODES)


def comparable(before: pl.DataFrame, now: pl.DataFrame) -> bool:
    """Whether two deliveries' rows can be held against each other: one contract, days counted from one date."""
    said = [
        one.filter(pl.col("kind").is_in(["reference", "contract"])).select("kind", "value").sort("kind")
        for one in (before, now)
    ]
    return said[0].height == 2 and said[0].equals(said[1])


def last_month(profile: pl.DataFrame, column: str | None) -> int | None:
    """Return the last month of 30 days in which a delivery has rows, by a dated column."""
    months = profile.filter((pl.col("kind") == "month") & (pl.col("column") == (column or "")))
    return None if months.is_empty() else int(str(months["value"].cast(pl.Int64).max()))


def _fact(name: str, column: str, number: float, *, low: float | None = None, high: float) -> Fact:
    within = (low is None or number >= low) and number <= high
    return Fact(id=name, column=column, number=number, low=low, high=high, failed_rows=0 if within else 1)


def _distance(before: pl.DataFrame, now: pl.DataFrame) -> float:
    """Total variation: the share of rows that would have to change code."""
    shares = [one.select("value", (pl.col("rows") / pl.col("rows").sum()).alias("share")) for one in (before, now)]
    both = shares[0].join(shares[1], on="value", how="full", coalesce=True, suffix="_now")
    return float((both["share"].fill_null(0) - both["share_now"].fill_null(0)).abs().sum() / 2)


def _total(profile: pl.DataFrame, kind: str) -> int:
    return int(profile.filter(pl.col("kind") == kind)["rows"].sum())


def _rows(column: str, kind: str, values: list[tuple[str, int]]) -> pl.DataFrame:
    table = [(column, kind, str(value), rows) for value, rows in values]
    return pl.DataFrame(table, schema=SCHEMA, orient="row")
