"""Hiding a person among k: how well a table does it, and Mondrian, which generalises a table until it does.

An equivalence class is everybody with the same quasi-identifiers. k is the people in the smallest class, l the fewest
distinct values of a sensitive column in a class. Both count people: a citizen with five visits is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pseudonymisation.mondrian import Classes, partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What an attacker who knows every quasi-identifier has of a table. `k` and `l` are 0 for an empty one."""

    people: int
    classes: int
    k: int
    l: int  # noqa: E741  the field's own letter
    largest_share: float  # of one sensitive value in a class; 0 where nothing is sensitive
    unique: int  # people alone in their class
    mean_success: float  # chance that the attacker picks the right one, over everybody
    highest_risk: float  # the same for the worst placed: 1 / k

    def keeps(self, *, k: int, l: int, max_share: float) -> bool:  # noqa: E741
        """Return whether the table keeps its promise; an empty table does."""
        if not self.people:
            return True
        return self.k >= k and (not self.largest_share or (self.l >= l and self.largest_share <= max_share + 1e-12))


@dataclass(frozen=True, slots=True, kw_only=True)
class Generalised:
    """A table in which everybody stands among at least k, and what it cost. The rows stand in the table's own order."""

    frame: pl.DataFrame  # quasi-identifiers as text: "65-74", "{Nord, Syd}", "*"
    classes: int
    suppressed: int  # people left out
    gcp: float  # global certainty penalty: 0 nothing generalised, 1 everything
    average_class: float  # people a class
    highest_risk: float  # 1 / the smallest class; 0 for an empty table


def measure(
    frame: pl.DataFrame, *, quasi: Sequence[str], sensitive: Sequence[str] = (), person: str | None = None
) -> Risk:
    """Return k, l and the attacker's chances. Without `person` each row is one person; a missing value is a value.

    Raises: ValueError if no quasi-identifier is named, or `person` has missing values.
    """
    _asked(frame, quasi, person)
    who = pl.col(person).n_unique() if person else pl.len()
    sizes = frame.group_by(quasi).agg(who.alias("_people"))["_people"]
    fewest, share = 0, 0.0
    if frame.height and sensitive:
        fewest = min(_least_distinct(frame, quasi, column) for column in sensitive)
        share = max(_largest_share(frame, quasi, column, who) for column in sensitive)
    people = int(sizes.sum())
    smallest = min(sizes.to_list(), default=0)
    return Risk(
        people=people,
        classes=len(sizes),
        k=smallest,
        l=fewest,
        largest_share=share,
        unique=int((sizes == 1).sum()),
        mean_success=len(sizes) / people if people else 0.0,
        highest_risk=1 / smallest if smallest else 0.0,
    )


def keep_k_anonymous(frame: pl.DataFrame, *, person: str, quasi_identifiers: Sequence[str], k: int) -> pl.DataFrame:
    """Return the rows whose equivalence class holds at least `k` people.

    Shape: (rows, columns) -> (rows or fewer, same columns); order and dtypes kept.
    Units: `k` counts people, not rows. A missing quasi-identifier is a value of its own.
    Raises: ValueError if `k` < 2, no quasi-identifier is named, or `person` has missing values.
    Source: L. Sweeney (2002), k-anonymity: a model for protecting privacy, IJUFKS 10(5), 557-570.
    """
    if k < 2:
        raise ValueError(f"k = {k} protects nobody; use 2 or more")
    _asked(frame, quasi_identifiers, person)
    people = pl.col(person).n_unique().over(quasi_identifiers)
    return frame.filter(people >= k)


def keep_diverse(
    frame: pl.DataFrame,
    *,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    l: int,  # noqa: E741
    max_share: float = 0.8,
) -> pl.DataFrame:
    """Return the rows of classes with `l` values or more of each sensitive column, none with over `max_share` of rows.

    Shape: (rows, columns) -> (rows or fewer, same columns); order kept. A row is a person.
    Source: A. Machanavajjhala et al. (2007), l-diversity, ACM TKDD 1(1).
    """
    _asked(frame, quasi, None)
    kept = pl.lit(True)
    for column in sensitive:
        share = pl.len().over([*quasi, column]) / pl.len().over(quasi)
        kept = kept & (pl.col(column).n_unique().over(quasi) >= l) & (share.max().over(quasi) <= max_share)
    return frame.filter(kept)


def mondrian(
    frame: pl.DataFrame,
    *,
    quasi: Sequence[str],
    sensitive: Sequence[str] = (),
    k: int,
    l: int = 1,  # noqa: E741
    max_share: float = 0.8,
) -> Generalised:
    """Return the table with its quasi-identifiers generalised until every class keeps k, l and the share.

    A row is a person. Numbers become intervals ("65-74"), categories sets ("{Nord, Syd}"), a whole column "*"; a
    missing value stays missing or is told as "*". The same table gives the same classes, whatever its row order.
    Where not even the whole table keeps l or the share, everybody is left out.
    Raises: ValueError if `k` < 2, no quasi-identifier is named, or one is sensitive too.
    Source: K. LeFevre, D. DeWitt, R. Ramakrishnan (2006), Mondrian multidimensional k-anonymity, ICDE.
    """
    if k < 2:
        raise ValueError(f"k = {k} protects nobody; use 2 or more")
    _asked(frame, quasi, None)
    if both := set(quasi) & set(sensitive):
        raise ValueError(f"columns {sorted(both)} cannot be quasi-identifier and sensitive at once")
    found: Classes = partition(frame, quasi=quasi, sensitive=sensitive, k=k, l=l, max_share=max_share)
    kept = frame.filter(found.kept)
    told = kept.with_columns(pl.Series(name, texts, dtype=pl.String) for name, texts in found.texts.items())
    return Generalised(
        frame=told,
        classes=found.classes,
        suppressed=frame.height - kept.height,
        gcp=found.gcp,
        average_class=kept.height / found.classes if found.classes else 0.0,
        highest_risk=1 / found.smallest if found.smallest else 0.0,
    )


def _asked(frame: pl.DataFrame, quasi: Sequence[str], person: str | None) -> None:
    if not quasi:
        raise ValueError("name at least one quasi-identifier")
    if person is not None and frame[person].has_nulls():
        raise ValueError(f"column {person!r} has missing values: they would count as one person")


def _least_distinct(frame: pl.DataFrame, quasi: Sequence[str], column: str) -> int:
    values = frame.group_by(quasi).agg(pl.col(column).n_unique().alias("_values"))["_values"]
    return min(values.to_list(), default=0)


def _largest_share(frame: pl.DataFrame, quasi: Sequence[str], column: str, who: pl.Expr) -> float:
    sizes = frame.group_by(quasi).agg(who.alias("_people"))
    held = frame.with_columns(pl.col(column).alias("_value")).group_by([*quasi, "_value"]).agg(who.alias("_held"))
    joined = held.join(sizes, on=list(quasi), nulls_equal=True)
    return float(joined.select((pl.col("_held") / pl.col("_people")).max()).item())
